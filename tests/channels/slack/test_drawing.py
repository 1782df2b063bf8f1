"""Whatever a reply says, Slack takes it; nobody's words are mark-up; and whatever is drawn to be pressed comes back as its act."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback.blockkit import check_message, check_view
from loopback.running_slack import buttons, labels
from loopback.slack_people import carried, to_press

from bot.channels.slack import addresses, drawing, limits, pressed, views
from bot.channels.slack.addresses import SlackAddress
from bot.channels.slack.blocks import escaped
from bot.channels.slack.reader import Reader
from bot.contracts.ports import PastQuestion
from bot.dialogue import wording
from bot.dialogue.reply import Choice, Reply, Table
from bot.dialogue.targets import DeskTarget, EntryTarget, NoneOfThese, PersonTarget, TeamTarget, TopicTarget, written
from bot.dialogue.turn import Rating, Selection, Share
from bot.language.english.wording import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.assembly import Bot

Json = dict[str, Any]
NASTY = [
    "<!channel>",
    "<@U0BOB>",
    "<https://x.example|click>",
    "&lt;!here&gt;",
    "*b* _i_ ~s~ `c`",
    "\u202eabc",
    "😀" * 50,
    "a\n\n- b",
    "",
    " ",
    "x" * 40_000,
]
texts = st.one_of(st.text(max_size=60), st.sampled_from(NASTY), st.text(min_size=1, max_size=5).map(lambda piece: piece * 3000))
ids = st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True)
keys = st.from_regex(r"[A-Z0-9.]{1,20}", fullmatch=True)
choices = st.builds(Choice, st.one_of(ids.map(EntryTarget), ids.map(TopicTarget)), texts)
tables = st.integers(1, 8).flatmap(
    lambda width: st.builds(
        Table,
        st.tuples(*[texts] * width),
        st.lists(st.tuples(texts, st.tuples(*[texts] * width)), max_size=5).map(tuple),
    )
)
replies = st.builds(
    Reply,
    act=st.sampled_from(["answer", "clarify", "out_of_scope", "fallback", "social", "handoff"]),
    text=texts,
    table=st.none() | tables,
    sources=st.lists(texts, max_size=3).map(tuple),
    choices=st.lists(choices, max_size=4).map(tuple),
    follow_ups=st.lists(choices, max_size=100).map(tuple),
    offers_person=st.booleans(),
    notes=st.lists(texts, max_size=12).map(tuple),
    quote=texts,
    entries=st.lists(ids, max_size=2).map(tuple),
).map(lambda reply: replace(reply, more=bool(reply.entries)))
frames = st.builds(
    drawing.Frame,
    turn=st.sampled_from(["", "0123456789abcdef"]),
    echo=texts,
    sharer=st.sampled_from(["", "U0ALICE"]),
    desk=st.booleans(),
    team=st.booleans(),
    alone=st.booleans(),
    thread=st.sampled_from(["", "1700000000.000100"]),
)


def words(key: str, **values: str) -> str:
    return TEXTS[key][0].format_map(values)


def pieces(held: object) -> Iterator[Json]:
    """Every object within a message or view."""
    if isinstance(held, dict):
        yield held
        for value in held.values():
            yield from pieces(value)
    elif isinstance(held, list):
        for value in held:
            yield from pieces(value)


def wrong(problems: list) -> list:
    return [problem for problem in problems if problem.severity == "error"]


def size(held: object) -> int:
    return sum(len(value) for piece in pieces(held) for value in piece.values() if isinstance(value, str))


@settings(max_examples=150, deadline=None)
@given(replies, frames)
def test_every_reply_draws_within_all_limits_and_nobodys_words_are_mark_up(reply: Reply, frame: drawing.Frame) -> None:
    message = drawing.message(reply, words, frame)
    assert wrong(check_message(message)) == []
    assert 0 < len(message["text"]) <= limits.TEXT
    assert len(message["blocks"]) <= limits.BLOCKS
    assert size(message["blocks"]) <= limits.ALL
    assert len(buttons(message)) <= limits.BUTTONS
    assert {piece["type"] for piece in pieces(message["blocks"]) if "text" in piece and isinstance(piece["text"], str)} <= {
        "text",
        "link",
        "plain_text",
        "raw_text",
    }
    allowed = message["text"].replace(f"<@{frame.sharer}>", "", 1) if frame.sharer else message["text"]
    assert not re.search("[<>]", allowed)


@settings(max_examples=80, deadline=None)
@given(replies, st.lists(st.builds(PastQuestion, texts, st.one_of(st.just(""), ids)), max_size=5), st.booleans())
def test_every_reply_draws_as_a_home_page(reply: Reply, lately: list[PastQuestion], flag: bool) -> None:  # noqa: FBT001 - drawn
    for view in (views.page(reply, words, back=flag), views.home(reply, reply.choices[: limits.POPULAR], lately, words, desk=flag)):
        assert wrong(check_view(view)) == []
        assert not [piece for piece in pieces(view) if piece.get("type") in {"mrkdwn", "table", "context_actions", "feedback_buttons"}]


@settings(max_examples=40, deadline=None)
@given(ids, st.builds(SlackAddress, channel=keys, user=keys, thread=keys, private=st.booleans()))
def test_every_modal_is_one_that_slack_takes(entry: str, back: SlackAddress) -> None:
    assert wrong(check_view(views.share(entry, back, words))) == []
    assert wrong(check_view(views.ask(words))) == []


def press(message: Json, element: Json, part: Json, *, alone: bool, thread: str = "") -> Json:
    container = {"type": "message", "message_ts": "1700000000.000200", "channel_id": "C0GENERAL", "is_ephemeral": alone}
    return {
        "type": "block_actions",
        "team": {"id": "T0FAKE"},
        "user": {"id": "U0ALICE"},
        "trigger_id": "1.2.3",
        "token": "secret",
        "container": {**container, **({"thread_ts": thread} if thread else {})},
        "channel": {"id": "C0GENERAL"},
        "response_url": "https://hooks.example/1",
        "actions": [{"type": element["type"], "action_id": element["action_id"], **carried(element, part)}],
        **({} if alone else {"message": message}),
    }


@settings(max_examples=40, deadline=None)
@given(replies, frames)
def test_everything_that_is_drawn_to_be_pressed_comes_back_as_its_act(reply: Reply, frame: drawing.Frame) -> None:
    message = drawing.message(reply, words, frame)
    offered = {choice.target for choice in (reply.choices or reply.follow_ups)} | {
        PersonTarget(),
        *(target for entry in reply.entries for target in (EntryTarget(entry, "more"), TeamTarget(entry))),
    }
    for _, element, part in to_press(message):
        body = press(message, element, part, alone=frame.alone)
        event = Reader().event("press", body)
        if event is None:
            assert pressed.read_pressed(body) == pressed.Pressed(pressed.SHARE, reply.entries[0])
            continue
        heard = Reader().read(event.payload)
        match heard.act:
            case Selection(target):
                assert target in offered
            case Rating(up=up, turn=turn):
                assert (up, turn) == (part == element["positive_button"], frame.turn)
            case Share(entry):
                assert (entry, addresses.unpacked(heard.share_into.place).thread) == (reply.entries[0], frame.thread)
            case _:
                pytest.fail(f"{part} is {heard.act}")


def test_every_answer_of_the_knowledge_draws_without_being_cut(shipped: Bot) -> None:
    for entry in shipped.base.entries.values():
        for target in (EntryTarget(entry.id), *([EntryTarget(entry.id, "more")] if entry.more else [])):
            reply = shipped.conversations.respond(Selection(target), written(target)).reply
            message = drawing.message(
                reply, lambda key, **values: wording.line(shipped.base, key, values=values), drawing.Frame("0" * 16, desk=True)
            )
            assert check_message(message) == []
            assert "…" not in message["text"].replace(words("button_share"), "") or "…" in reply.plain_body
            assert escaped(reply.plain_text) in message["text"]


def test_styles_links_and_bullets_of_an_answer() -> None:
    block = drawing.body(Reply("answer", "Is **bold** and _soft_, see [it](https://x.example):\n- one"))[0]
    assert block["elements"][0]["elements"] == [
        {"type": "text", "text": "Is "},
        {"type": "text", "text": "bold", "style": {"bold": True}},
        {"type": "text", "text": " and "},
        {"type": "text", "text": "soft", "style": {"italic": True}},
        {"type": "text", "text": ", see "},
        {"type": "link", "url": "https://x.example", "text": "it"},
        {"type": "text", "text": ":\n• one"},
    ]


def choose(*labels: str) -> tuple[Choice, ...]:
    return tuple(Choice(EntryTarget(f"e{number}"), label) for number, label in enumerate(labels))


TURN = "0123456789abcdef"
ANSWER = Reply("answer", "Yes.", sources=("Pay",), follow_ups=choose("Why?", "How?", "When?"), more=True, entries=("a",))


def test_an_answer_has_its_source_with_a_menu_then_where_it_leads_on_then_its_thumbs() -> None:
    source, onward, rate = drawing.message(ANSWER, words, drawing.Frame(TURN, desk=True, team=True))["blocks"][1:]
    assert (source["type"], source["text"]) == ("section", {"type": "plain_text", "text": "Source: Pay", "emoji": True})
    assert (source["accessory"]["type"], source["accessory"]["action_id"]) == ("overflow", "menu")
    assert labels({"blocks": [source]}) == ["More", "Share…", "Share with the team", "Ask a person"]
    assert (onward["type"], buttons({"blocks": [onward]})) == ("actions", ["Why?", "How?", "When?"])
    assert (rate["type"], rate["elements"][0]["action_id"], labels({"blocks": [rate]})) == ("context_actions", "rate", ["👍", "👎"])


@pytest.mark.parametrize(
    ("reply", "frame", "menu"),
    [
        (ANSWER, drawing.Frame(TURN), ["More", "Share…"]),
        (replace(ANSWER, more=False), drawing.Frame(TURN), ["Share…"]),
        (ANSWER, drawing.Frame(TURN, desk=True, alone=True), ["More", "Share here", "Ask a person"]),
        (ANSWER, drawing.Frame(TURN, team=True, alone=True, thread="1.2"), ["More", "Share in the thread", "Share with the team"]),
        (ANSWER, drawing.Frame(TURN, desk=True, sharer="U0ALICE"), ["More", "Ask a person"]),
        (replace(ANSWER, more=False), drawing.Frame(TURN, sharer="U0ALICE"), []),
    ],
    ids=str,
)
def test_the_menu_of_an_answer_has_what_applies(reply: Reply, frame: drawing.Frame, menu: list[str]) -> None:
    (source,) = [block for block in drawing.message(reply, words, frame)["blocks"] if block["type"] == "section"]
    assert labels({"blocks": [source]}) == menu


def test_without_a_source_the_menu_stands_alone_and_says_nothing() -> None:
    blocks = drawing.message(replace(ANSWER, sources=()), words, drawing.Frame(TURN))["blocks"]
    assert [block["type"] for block in blocks] == ["rich_text", "actions", "actions", "context_actions"]
    assert [element["type"] for element in blocks[2]["elements"]] == ["overflow"]


def test_topics_are_one_menu_and_a_person_stays_a_button() -> None:
    topics = tuple(Choice(TopicTarget(f"t{number}"), f"Topic {number}") for number in range(30))
    message = drawing.message(Reply("fallback", "What?", follow_ups=topics), words, drawing.Frame(TURN, desk=True))
    select, person = message["blocks"][-1]["elements"]
    assert (select["type"], select["action_id"], select["placeholder"]["text"]) == ("static_select", "pick:topics", "Pick a topic")
    assert [option["value"] for option in select["options"]] == [f"topic:t{number}" for number in range(30)]
    assert (person["text"]["text"], buttons(message)) == ("Ask a person", ["Ask a person"])
    greeting = drawing.message(Reply("social", "Hello!", "greeting", follow_ups=(*choose("A?", "B?"), *topics)), words, drawing.Frame(TURN))
    assert ([block["type"] for block in greeting["blocks"]], buttons(greeting)) == (["rich_text", "actions", "actions"], ["A?", "B?"])


@pytest.mark.parametrize(("entries", "shown", "in_menu"), [(5, 5, 0), (6, 4, 6), (25, 4, 25)])
def test_of_many_entries_four_stand_open_and_all_are_in_a_menu(entries: int, shown: int, in_menu: int) -> None:
    listed = choose(*(f"Entry {number}" for number in range(entries)))
    message = drawing.message(Reply("social", "Which?", "help", follow_ups=listed), words, drawing.Frame(TURN))
    selects = [element for _, element, _ in to_press(message) if element["type"] == "static_select"]
    assert (len(buttons(message)), len(selects)) == (shown, in_menu)
    assert {select["placeholder"]["text"] for select in selects} <= {"More questions"}


def test_a_question_back_has_its_choices_none_of_them_and_no_more() -> None:
    choices = (*choose("A", "B", "C"), Choice(NoneOfThese(), "None of these"))
    reply = Reply("clarify", "Which?", choices=choices)
    assert labels(drawing.message(reply, words, drawing.Frame(TURN, desk=True))) == ["A", "B", "C", "None of these"]
    offering = drawing.message(replace(reply, offers_person=True), words, drawing.Frame(TURN, desk=True))
    assert buttons(offering) == ["A", "B", "C", "None of these", "Ask a person"]


def test_to_answer_stands_out_at_the_desk_where_it_comes_first() -> None:
    answer, take_back = Choice(DeskTarget("answer", "q1"), "Answer"), Choice(DeskTarget("take_back", "q1"), "Take it back")
    for offers, styles in (((answer, take_back), ["primary", None]), ((take_back, answer), [None, None])):
        message = drawing.message(Reply("handoff", "A question:", follow_ups=offers), words, drawing.Frame())
        assert [element.get("style") for _, element, _ in to_press(message)] == styles


def test_signs_have_words_for_those_who_cannot_see_them() -> None:
    message = drawing.message(Reply("answer", "Yes.", entries=("a",)), words, drawing.Frame("0123456789abcdef"))
    spoken = {part["text"]["text"]: part.get("accessibility_label") for _, _, part in to_press(message)}
    assert spoken == {"Share…": None, "👍": "This answer helped", "👎": "This answer did not help"}


def test_the_text_tells_all_for_notifications_and_screen_readers() -> None:
    reply = Reply(
        "clarify",
        "Which?",
        table=Table(("A", "B"), (("Pay", ("1", "2")),)),
        sources=("Pay",),
        choices=(Choice(EntryTarget("a"), "This"), Choice(EntryTarget("b"), "That")),
    )
    assert drawing.message(reply, words, drawing.Frame())["text"] == "Which?\nPay: A 1; B 2\nSource: Pay\nThis · That"
    assert drawing.message(ANSWER, words, drawing.Frame())["text"] == "Yes.\nSource: Pay\nNext: Why? · How? · When?"


@pytest.mark.parametrize(
    ("text", "longest", "kept"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a &amp; b", 5, "a…"), ("see <https://x|y> z", 12, "see…"), ("", 0, "")],
)
def test_a_text_is_cut_without_tearing_what_belongs_together(text: str, longest: int, kept: str) -> None:
    assert limits.fitted(text, longest) == kept
