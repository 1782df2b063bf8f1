"""Whatever a reply says, Slack takes it; nobody's words are mark-up; and whatever is drawn to be pressed comes back as its act."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback.blockkit import check_message, check_view

from bot.channels.slack import addresses, drawing, limits, views
from bot.channels.slack.addresses import SlackAddress
from bot.channels.slack.blocks import escaped
from bot.channels.slack.reader import Reader
from bot.contracts.ports import PastQuestion
from bot.dialogue import wording
from bot.dialogue.reply import Choice, Reply, Table
from bot.dialogue.targets import EntryTarget, PersonTarget, TopicTarget, written
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
def test_every_reply_draws_as_a_home_page(reply: Reply, lately: list[PastQuestion], top: bool) -> None:  # noqa: FBT001 - drawn
    view = views.home(reply, lately, words, top=top)
    assert wrong(check_view(view)) == []
    assert not [piece for piece in pieces(view) if piece.get("type") in {"mrkdwn", "table"}]


@settings(max_examples=40, deadline=None)
@given(ids, st.builds(SlackAddress, channel=keys, user=keys, thread=keys, private=st.booleans()))
def test_every_modal_is_one_that_slack_takes(entry: str, back: SlackAddress) -> None:
    assert wrong(check_view(views.share(entry, back, words))) == []
    assert wrong(check_view(views.ask(words))) == []


def pressed(message: Json, button: Json, *, alone: bool, thread: str = "") -> Json:
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
        "actions": [{"type": "button", "action_id": button["action_id"], "value": button["value"]}],
        **({} if alone else {"message": message}),
    }


@settings(max_examples=80, deadline=None)
@given(replies, frames)
def test_everything_that_is_drawn_to_be_pressed_comes_back_as_its_act(reply: Reply, frame: drawing.Frame) -> None:
    message = drawing.message(reply, words, frame)
    offered = {choice.target for choice in (reply.choices or reply.follow_ups)} | {
        PersonTarget(),
        *(EntryTarget(entry, "more") for entry in reply.entries),
    }
    for button in (element for block in message["blocks"] if block["type"] == "actions" for element in block["elements"]):
        if button["action_id"] == drawing.SHARE:
            assert button["value"] == reply.entries[0]
            continue
        event = Reader().event("press", pressed(message, button, alone=frame.alone))
        assert event is not None
        heard = Reader().read(event.payload)
        match heard.act:
            case Selection(target):
                assert target in offered
            case Rating(up=up, turn=turn):
                assert (up, turn) == (button["action_id"] == drawing.UP, frame.turn)
            case Share(entry):
                assert (entry, addresses.unpacked(heard.share_into.place).thread) == (reply.entries[0], frame.thread)
            case _:
                pytest.fail(f"{button} is {heard.act}")


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
    block = drawing.body(Reply("answer", "Is **bold** and _soft_, see [it](https://x.example):\n- one"), words)[0]
    assert block["elements"][0]["elements"] == [
        {"type": "text", "text": "Is "},
        {"type": "text", "text": "bold", "style": {"bold": True}},
        {"type": "text", "text": " and "},
        {"type": "text", "text": "soft", "style": {"italic": True}},
        {"type": "text", "text": ", see "},
        {"type": "link", "url": "https://x.example", "text": "it"},
        {"type": "text", "text": ":\n• one"},
    ]


def test_signs_have_words_for_those_who_cannot_see_them() -> None:
    message = drawing.message(Reply("answer", "Yes.", entries=("a",)), words, drawing.Frame("0123456789abcdef"))
    spoken = {
        piece["text"]["text"]: piece.get("accessibility_label") for piece in pieces(message["blocks"]) if piece.get("type") == "button"
    }
    assert spoken == {"👍": "This answer helped", "👎": "This answer did not help", "Share…": None}


def test_the_text_tells_all_for_notifications_and_screen_readers() -> None:
    reply = Reply(
        "clarify",
        "Which?",
        table=Table(("A", "B"), (("Pay", ("1", "2")),)),
        sources=("Pay",),
        choices=(Choice(EntryTarget("a"), "This"), Choice(EntryTarget("b"), "That")),
    )
    assert drawing.message(reply, words, drawing.Frame())["text"] == "Which?\nPay: A 1; B 2\nThis · That\nSource: Pay"


@pytest.mark.parametrize(
    ("text", "longest", "kept"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a &amp; b", 5, "a…"), ("see <https://x|y> z", 12, "see…"), ("", 0, "")],
)
def test_a_text_is_cut_without_tearing_what_belongs_together(text: str, longest: int, kept: str) -> None:
    assert limits.fitted(text, longest) == kept
