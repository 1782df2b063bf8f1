"""What can be pressed in Telegram: few buttons, all of which Telegram takes, and each comes back as its act."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback.telegram_rules import markup_of

from bot.channels.telegram import keyboards, keys, limits
from bot.channels.telegram.keyboards import Frame
from bot.channels.telegram.reader import Reader
from bot.dialogue import wording
from bot.dialogue.reply import Choice, Reply
from bot.dialogue.targets import DeskTarget, EntryTarget, NoneOfThese, PersonTarget, ReasonTarget, TeamTarget, TopicTarget, written
from bot.dialogue.turn import Browse, Command, Occasion, Rating, Selection, Utterance
from bot.language.english.wording import TEXTS

if TYPE_CHECKING:
    from bot.assembly import Bot

Json = dict[str, Any]
ME = {"id": 7, "username": "careerbot"}
TURN = "0123456789abcdef"
ALL = Frame(TURN, desk=True, inline=True, team=True)
labels = st.one_of(st.text(max_size=30), st.sampled_from(["", " \n ", "\u2800", "😀" * 50, "x" * 400, "\x00\x01"]))
ids = st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True)
targets = st.one_of(ids.map(EntryTarget), ids.map(TopicTarget), st.just(NoneOfThese()), st.just(ReasonTarget(TURN, "wrong")))
choices = st.lists(st.builds(Choice, targets, labels), max_size=12).map(tuple)
replies = st.builds(
    Reply,
    act=st.sampled_from(["answer", "clarify", "out_of_scope", "fallback", "social", "handoff"]),
    text=st.sampled_from(["Said.", TEXTS["topics"][0]]),
    kind=st.sampled_from([None, "help"]),
    choices=choices,
    follow_ups=choices,
    offers_person=st.booleans(),
    entries=st.lists(ids, max_size=2).map(tuple),
).map(lambda reply: replace(reply, more=bool(reply.entries)))
frames = st.builds(Frame, st.sampled_from(["", TURN]), st.booleans(), st.booleans(), st.booleans())


def words(key: str, **values: str) -> str:
    return TEXTS[key][0].format_map(values)


def shown(rows: list[list[Json]]) -> list[list[str]]:
    return [[button["text"] for button in row] for row in rows]


def flat(rows: list[list[Json]]) -> list[Json]:
    return [button for row in rows for button in row]


def picks(*names: str) -> tuple[Choice, ...]:
    return tuple(Choice(EntryTarget(name), name.capitalize()) for name in names)


def topics(*names: str) -> tuple[Choice, ...]:
    return tuple(Choice(TopicTarget(name), name.capitalize()) for name in names)


def menu_of(rows: list[list[Json]]) -> str:
    """The key of the button that unfolds."""
    return next(key for button in flat(rows) for action, key in [keys.read_data(button.get("callback_data", ""))] if action == "menu")


@settings(max_examples=120, deadline=None)
@given(replies, frames)
def test_every_keyboard_is_one_that_telegram_takes(reply: Reply, frame: Frame) -> None:
    rows = keyboards.keyboard(reply, words, frame)
    unfolded = [keyboards.unfolded(rows, menu_of(rows), words)] if "⋯" in str(shown(rows)) else []
    for drawn in (rows, *unfolded, keyboards.links(reply, words, "career_bot")):
        markup_of({"reply_markup": {"inline_keyboard": drawn}})
        assert all(drawn)
        for button in flat(drawn):
            assert 1 <= len(button["text"]) <= limits.BUTTON
            assert not limits.blank(button["text"])
            assert 1 <= len(button.get("callback_data", "x").encode()) <= 64


def test_an_answer_has_three_follow_ups_and_one_row_for_all_else() -> None:
    answer = Reply("answer", "Good.", follow_ups=picks("a", "b", "c", "d"), more=True, entries=("pay",))
    rows = keyboards.keyboard(answer, words, ALL)
    assert shown(rows) == [["A"], ["B"], ["C"], ["👍", "👎", "⋯"]]
    unfolded = keyboards.unfolded(rows, menu_of(rows), words)
    assert shown(unfolded) == [["A"], ["B"], ["C"], ["👍", "👎", "‹"], ["More", "Share…"], ["Share with the team", "Ask a person"]]
    assert keyboards.folded(unfolded, menu_of(rows), words) == rows
    assert keyboards.unfolded(unfolded, menu_of(rows), words) == unfolded


@pytest.mark.parametrize(
    ("frame", "more", "tools"),
    [
        (Frame(TURN), False, None),
        (Frame(TURN), True, ["More"]),
        (Frame(TURN, desk=True), False, ["Ask a person"]),
        (Frame(TURN, inline=True, team=True), False, ["Share…", "Share with the team"]),
        (Frame("", desk=True, team=True), True, ["More", "Share with the team", "Ask a person"]),
    ],
)
def test_only_what_can_be_done_unfolds_and_only_a_turn_is_rated(frame: Frame, more: bool, tools: list[str] | None) -> None:  # noqa: FBT001 - a table
    rows = keyboards.keyboard(Reply("answer", "Good.", more=more, entries=("pay",)), words, frame)
    row = [*(["👍", "👎"] if frame.turn else []), *(["⋯"] if tools else [])]
    assert shown(rows) == [row]
    if tools:
        unfolded = shown(keyboards.unfolded(rows, menu_of(rows), words))
        assert [label for row in unfolded[1:] for label in row] == tools


@settings(max_examples=60, deadline=None)
@given(replies, frames)
def test_no_reply_but_a_menu_or_a_question_back_has_more_than_six_buttons(reply: Reply, frame: Frame) -> None:
    reply = replace(reply, choices=(), kind=None)
    assert len(flat(keyboards.keyboard(reply, words, frame))) <= keyboards.MOST


def test_what_is_not_understood_offers_little_and_one_button_for_all_topics() -> None:
    many = topics("a", "b", "c", "d", "e", "f", "g", "h")
    prompts = picks("p", "q", "r", "s")
    assert shown(keyboards.keyboard(Reply("fallback", "Eh?", follow_ups=many), words, ALL)) == [["All topics"], ["Ask a person"]]
    greeting = Reply("social", "Hello!", "greeting", follow_ups=(*prompts, *many))
    assert shown(keyboards.keyboard(greeting, words, ALL)) == [["P"], ["Q"], ["R"], ["S"], ["All topics"]]
    helping = Reply("social", "Ask.", "help", follow_ups=many, offers_person=True)
    assert shown(keyboards.keyboard(helping, words, ALL)) == [["All topics"], ["Ask a person"]]
    crowded = Reply("fallback", "Eh?", follow_ups=(*prompts, *picks("t", "u"), *many))
    assert shown(keyboards.keyboard(crowded, words, ALL)) == [["P"], ["Q"], ["R"], ["S"], ["All topics"], ["Ask a person"]]


def test_the_menu_of_topics_lists_them_all_and_that_of_a_topic_leads_back() -> None:
    listing = Reply("social", TEXTS["topics"][0], "help", follow_ups=topics("a", "b", "c"))
    assert shown(keyboards.keyboard(listing, words, ALL)) == [["A", "B"], ["C"]]
    topic = Reply("social", "A: what?", "help", follow_ups=picks("p", "q"))
    assert shown(keyboards.keyboard(topic, words, ALL)) == [["P"], ["Q"], ["All topics"]]


@pytest.mark.parametrize("act", [Command("help"), Occasion("start"), Browse(), Utterance("xyzzy plugh"), Utterance("hi")])
def test_what_the_knowledge_says_without_an_answer_is_calm(shipped: Bot, act: Any) -> None:  # noqa: ANN401 - what people do
    reply = shipped.conversations.respond(act, f"calm {act}").reply
    said = shown(keyboards.keyboard(reply, lambda key, **values: wording.line(shipped.base, key, values=values), ALL))
    whole = isinstance(act, Browse)
    assert sum(map(len, said)) == len(shipped.base.topics) if whole else sum(map(len, said)) <= keyboards.MOST


def test_the_desk_has_a_button_for_each_move_but_to_answer() -> None:
    moves = [(DeskTarget(move, "1"), move) for move in ("answer", "claim", "decline", "keep", "take_back")]
    post = Reply("handoff", "A question:", follow_ups=tuple(Choice(target, label) for target, label in moves))
    assert shown(keyboards.keyboard(post, words, ALL)) == [["claim"], ["decline"], ["keep"], ["take_back"]]


def pressed(button: Json, kind: str) -> Json:
    sender = {"id": 5, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": 3, "chat": {"id": 5 if kind == "private" else -100, "type": kind}, "from": {"id": 7, "is_bot": True}}
    return {"update_id": 9, "callback_query": {"id": "1", "from": sender, "data": button["callback_data"], "message": message}}


@settings(max_examples=100, deadline=None)
@given(replies, frames, st.sampled_from(["private", "group", "supergroup"]))
def test_everything_that_is_drawn_to_be_pressed_comes_back_as_its_act(reply: Reply, frame: Frame, kind: str) -> None:
    own = {target for entry in reply.entries for target in (EntryTarget(entry, "full"), TeamTarget(entry))}
    offered = {choice.target for choice in (reply.choices or reply.follow_ups)} | {PersonTarget(), TopicTarget()} | own
    drawn = keyboards.keyboard(reply, words, frame)
    drawn = keyboards.unfolded(drawn, menu_of(drawn), words) if "⋯" in str(shown(drawn)) else drawn
    for button in flat(drawn):
        if "callback_data" not in button:
            assert button["switch_inline_query_chosen_chat"]["query"] == f"#{reply.entries[0]}"
            continue
        event = Reader().event(pressed(button, kind), ME)
        if event is None:
            assert button["text"] == "‹" or (kind != "private" and "reason:" in button["callback_data"])
            continue
        heard = Reader().read(json.loads(json.dumps(event.payload)))
        match heard.act:
            case Selection(target):
                assert target in offered
                assert keys.read_data(button["callback_data"])[1] == written(target)
            case Rating(up=up, turn=turn):
                assert (up, turn) == (button["text"] == words("button_up"), frame.turn)
            case _:
                pytest.fail(f"{button} is {heard.act}")


@settings(max_examples=60, deadline=None)
@given(replies, frames)
def test_a_rated_message_loses_its_thumbs_and_then_its_reasons(reply: Reply, frame: Frame) -> None:
    before = keyboards.keyboard(replace(reply, choices=(), follow_ups=()), words, frame)
    kept = [[button for button in row if button["text"] not in "👍👎"] for row in before]
    thumbless = [row for row in kept if row]
    asks = Reply("social", "Why?", follow_ups=tuple(Choice(ReasonTarget(TURN, f"{at}"), "Because") for at in range(3)))
    asking = keyboards.rated(json.dumps(before), asks)
    assert asking[: len(thumbless)] == thumbless
    assert shown(asking[len(thumbless) :]) == [["Because", "Because"], ["Because"]]
    assert keyboards.rated(json.dumps(asking), replace(asks, follow_ups=())) == thumbless


@pytest.mark.parametrize("markup", ["", "[]", "null", "7", "{}", "{", '[7, "a", [7, null]]', '[[{"callback_data": "v9:u:x"}]]'])
def test_a_keyboard_that_is_none_breaks_nothing(markup: str) -> None:
    assert not any("text" in button for button in flat(keyboards.rated(markup, Reply("social", ""))))


def test_a_card_that_stands_in_somebodys_name_only_leads_to_the_bot() -> None:
    offers = (*picks("a-b"), Choice(TopicTarget("t"), "T"), *picks("x" * 63, "c d"))
    card = Reply("answer", "Pay", follow_ups=offers, more=True, entries=("pay",))
    assert keyboards.links(card, words, "career_bot") == [
        [{"text": "A-b", "url": "https://t.me/career_bot?start=q_a-b"}],
        [{"text": "More", "url": "https://t.me/career_bot?start=f_pay"}],
    ]
    assert keyboards.links(card, words, "") == []
