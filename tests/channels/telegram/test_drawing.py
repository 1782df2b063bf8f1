"""Whatever a reply says, Telegram takes it; nobody's words are mark-up; and whatever is drawn to be pressed comes back as its act."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from loopback.telegram_rules import START, check_inline_answer, markup_of
from loopback.telegram_text import parse_html

from bot.channels.telegram import drawing, inline, keys, limits
from bot.channels.telegram.reader import Reader
from bot.dialogue import wording
from bot.dialogue.reply import Choice, Reply, Table
from bot.dialogue.targets import EntryTarget, NoneOfThese, PersonTarget, ReasonTarget, TeamTarget, TopicTarget, read_target, written
from bot.dialogue.turn import Rating, Selection
from bot.language.english.wording import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.assembly import Bot

Json = dict[str, Any]
ME = {"id": 7, "username": "careerbot"}
TURN = "0123456789abcdef"
NASTY = [
    "<b>bold</b> </pre> <a href='x'>",
    "&lt;b&gt; &amp; &#60; &nbsp",
    "I <3 you & <you",
    "**b** _i_ " * 400,
    "[it](https://x.example/?a=1&b='2'\"3\") " * 300,
    f"[it](https://x.example/{'y' * 40_000})",
    "**[a](https://x.example)** _**b**_",
    "\u202eabc שלום مرحبا",
    "\x00\x01\x1f\x7f\r",
    "\u200b\u2060\u200f",
    "\u2800",
    "😀👨‍👩‍👧" * 50,
    "a\n\n- b",
    "",
    " \n ",
    "x" * 40_000,
    "&" * 40_000,
    "<" * 5000,
]
texts = st.one_of(st.text(max_size=60), st.sampled_from(NASTY), st.text(min_size=1, max_size=5).map(lambda piece: piece * 3000))
ids = st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True)
targets = st.one_of(
    ids.map(EntryTarget), ids.map(TopicTarget), st.just(NoneOfThese()), st.just(ReasonTarget(TURN, "wrong")), texts.map(read_target)
)
choices = st.builds(Choice, targets, texts)
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
    kind=st.sampled_from([None, "help"]),
    table=st.none() | tables,
    sources=st.lists(texts, max_size=3).map(tuple),
    choices=st.lists(choices, max_size=100).map(tuple),
    follow_ups=st.lists(choices, max_size=100).map(tuple),
    offers_person=st.booleans(),
    notes=st.lists(texts, max_size=12).map(tuple),
    quote=texts,
    entries=st.lists(ids, max_size=2).map(tuple),
    detail=texts,
).map(lambda reply: replace(reply, more=bool(reply.entries)))
frames = st.builds(
    drawing.Frame, st.sampled_from(["", TURN]), st.booleans(), st.booleans(), st.booleans(), st.booleans()
)  # turn, desk, inline, team, elsewhere
FULLEST = Reply(
    "answer", "x" * 5000, table=Table(("a",), (("r", ("y" * 5000,)),)), notes=("n" * 999,) * 3, quote="q" * 5000, detail="d" * 5000
)


def words(key: str, **values: str) -> str:
    return TEXTS[key][0].format_map(values)


def buttons(keyboard: list[list[Json]]) -> Iterator[Json]:
    for row in keyboard:
        yield from row


def takes(said: str) -> str:
    """The message that Telegram makes of HTML; it refuses none of it."""
    shown, entities = parse_html(said)
    assert 1 <= len(shown) <= 4096
    assert not limits.blank(shown)
    assert len(said.encode()) <= 32_768
    assert len(entities) <= 100
    return shown


@settings(max_examples=200, deadline=None)
@given(replies)
@example(FULLEST)
@example(replace(FULLEST, table=None, quote="", detail="", sources=("s" * 999,)))
@example(Reply("answer", " ", notes=("", " ", "\u200b", "seen by nobody")))
@example(Reply("answer", "", quote=" ", detail="\u200b"))
def test_every_reply_draws_to_html_that_telegram_parses_and_that_is_not_too_long(reply: Reply) -> None:
    takes(drawing.text(reply, words))
    assert len(drawing.plain(reply, words)) <= 4096


@settings(max_examples=150, deadline=None)
@given(replies, frames)
def test_every_keyboard_is_one_that_telegram_takes(reply: Reply, frame: drawing.Frame) -> None:
    rows = drawing.keyboard(reply, words, frame)
    markup_of({"reply_markup": {"inline_keyboard": rows}})
    assert all(rows)
    for button in buttons(rows):
        assert 1 <= len(button["text"]) <= limits.BUTTON
        assert not limits.blank(button["text"])
        assert 1 <= len(button.get("callback_data", "x").encode()) <= 64


@settings(max_examples=100, deadline=None)
@given(st.lists(texts, max_size=4), texts)
def test_nobodys_words_are_mark_up(notes: list[str], quote: str) -> None:
    _, entities = parse_html(drawing.text(Reply("handoff", "Asked:", quote=quote, notes=tuple(notes)), words))
    assert {entity["type"] for entity in entities} <= {"blockquote", "italic"}
    assert len(entities) <= 4


def pressed(button: Json, *, shared: bool, kind: str) -> Json:
    sender = {"id": 5, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": 3, "chat": {"id": 5 if kind == "private" else -100, "type": kind}, "from": {"id": 7, "is_bot": True}}
    where = {"inline_message_id": "AAA"} if shared else {"message": message}
    return {"update_id": 9, "callback_query": {"id": "1", "from": sender, "data": button["callback_data"], **where}}


@settings(max_examples=120, deadline=None)
@given(replies, frames, st.sampled_from(["private", "group", "supergroup"]))
def test_everything_that_is_drawn_to_be_pressed_comes_back_as_its_act(reply: Reply, frame: drawing.Frame, kind: str) -> None:
    own = {target for entry in reply.entries for target in (EntryTarget(entry, "full"), TeamTarget(entry))}
    offered = {choice.target for choice in (reply.choices or reply.follow_ups)} | {PersonTarget(), TopicTarget()} | own
    for button in buttons(drawing.keyboard(reply, words, frame)):
        if "callback_data" not in button:
            assert button["switch_inline_query_chosen_chat"]["query"] == f"#{reply.entries[0]}"
            continue
        event = Reader().event(pressed(button, shared=frame.elsewhere, kind=kind), ME)
        assert event is not None
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
@given(replies, replies, frames)
def test_a_rated_message_loses_its_thumbs_and_then_its_reasons(reply: Reply, reasons: Reply, frame: drawing.Frame) -> None:
    before = drawing.keyboard(replace(reply, choices=(), follow_ups=()), words, frame)
    thumbless = [row for row in before if row[0]["text"] != words("button_up")]
    asks = replace(reasons, follow_ups=tuple(Choice(ReasonTarget(TURN, f"{at}"), "Because") for at in range(3)))
    asking = drawing.rated(json.dumps(before), asks)
    assert asking[: len(thumbless)] == thumbless
    assert len(asking) == len(thumbless) + 3
    assert drawing.rated(json.dumps(asking), replace(reasons, follow_ups=())) == thumbless


@pytest.mark.parametrize("markup", ["", "[]", "null", "7", "{}", "{", '[7, "a", [7, null]]', '[[{"callback_data": "v9:u:x"}]]'])
def test_a_keyboard_that_is_none_breaks_nothing(markup: str) -> None:
    assert not any("text" in button for button in buttons(drawing.rated(markup, Reply("social", ""))))


def test_every_answer_of_the_knowledge_draws_without_being_cut(shipped: Bot) -> None:
    for entry in shipped.base.entries.values():
        for target in (EntryTarget(entry.id), *([EntryTarget(entry.id, "full")] if entry.more else [])):
            reply = shipped.conversations.respond(Selection(target), written(target)).reply
            shown = takes(drawing.text(reply, lambda key, **values: wording.line(shipped.base, key, values=values)))
            assert "…" not in shown or "…" in reply.plain_body
            assert reply.plain_detail in shown
            assert all(source in shown for source in reply.sources)
            assert all(span.text in shown for span in reply.spans)


def test_styles_links_and_what_stands_around_an_answer() -> None:
    reply = Reply(
        "answer",
        "Is **bold & _so_**, see [it](https://x.example/?a=1&b=2):\n- one",
        table=Table(("A", "B"), (("Pay", ("1", "2")),)),
        detail="More.",
        quote="<3",
        notes=("Note.",),
        sources=("One", "Two"),
    )
    assert drawing.text(reply, words).split("\n\n") == [
        'Is <b>bold &amp; so</b>, see <a href="https://x.example/?a=1&amp;b=2">it</a>:\n• one',
        "<pre>Pay\n  A: 1\n  B: 2</pre>",
        "<blockquote expandable>More.</blockquote>",
        "<blockquote>&lt;3</blockquote>",
        "<i>Note.</i>",
        "<i>Source: One · Two</i>",
    ]


def test_a_long_answer_leaves_room_for_each_part_around_it() -> None:
    shown = takes(drawing.text(replace(FULLEST, sources=("Source",)), words))
    assert all(piece in shown for piece in ("xxx", "yyy", "ddd", "qqq", "nnn", "Source"))


@pytest.mark.parametrize(
    ("text", "longest", "kept"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a bcd", 3, "a…"), ("", 0, ""), ("ab", 1, "…")]
)
def test_a_text_is_cut_with_an_ellipsis(text: str, longest: int, kept: str) -> None:
    assert limits.fitted(text, longest) == kept


@settings(deadline=None)
@given(st.sampled_from(["pick", "show", "up", "down"]), st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80))
def test_what_a_button_carries_is_read_again_or_does_not_fit(action: keys.Action, key: str) -> None:
    packed = keys.data(action, key)
    assert (packed == "") == (len(key) > 64 - len("v1:p:"))
    assert not packed or keys.read_data(packed) == (action, key)


@pytest.mark.parametrize("text", ["", "v1", "v1:", "v1::x", "v1:z:x", "v1:pp:x", "v0:p:x", "V1:p:x", "p:x", "x", "v1:reason:x"])
def test_what_no_button_of_ours_carries_is_nothing(text: str) -> None:
    assert keys.read_data(text) == (None, "")


@given(ids)
def test_a_link_to_an_entry_that_an_operator_wrote_is_read(entry: str) -> None:
    assert keys.read_link(f"q_{entry}") == ("entry", entry)


@given(st.text(max_size=200))
def test_a_link_with_a_question_carries_its_beginning(query: str) -> None:
    payload = keys.query_link(query)
    assert bool(payload) == bool(query.strip())
    if payload:
        kind, said = keys.read_link(payload)
        assert START.match(payload)
        assert (kind, query.strip().startswith(said), bool(said)) == ("query", True, True)


def test_a_question_that_is_too_long_for_a_link_is_cut_between_words() -> None:
    assert keys.read_link(keys.query_link("when do promotions happen and who decides about them")) == (
        "query",
        "when do promotions happen and who decides",
    )


@pytest.mark.parametrize(
    "payload", ["", "q_", "a_", "x", "ask", "q_a b", "q_reason:x", "a_€", "a_a", "a_" + urlsafe_b64encode(b"\xff\xfe").decode()]
)
def test_a_payload_that_is_none_of_ours_is_nothing(payload: str) -> None:
    assert keys.read_link(payload) == ("", "")


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(ids, replies, max_size=22), texts)
def test_inline_results_are_ones_that_telegram_takes(found: dict[str, Reply], query: str) -> None:
    answer = inline.answer(query, list(found.items()), words)
    check_inline_answer({**answer, "inline_query_id": "1"})
    assert len(answer["results"]) == min(len(found), limits.RESULTS)
    assert bool(found) != bool("button" in answer)
    for result, entry in zip(answer["results"], found, strict=False):
        takes(result["input_message_content"]["message_text"])
        assert not limits.blank(result["title"])
        assert len(result["title"]) <= limits.TITLE
        assert result["id"].partition(":")[0] == entry


def test_an_inline_result_has_another_id_when_anything_of_it_has_changed() -> None:
    card = Reply("answer", "Pay\nIt is good.", entries=("pay",), follow_ups=(Choice(EntryTarget("b"), "B"),))
    variants = [
        card,
        replace(card, text="Pay\nIt is bad."),
        replace(card, follow_ups=(Choice(EntryTarget("c"), "C"),)),
        replace(card, more=True),
    ]
    made = [inline.answer("pay", [("pay", variant)], words)["results"][0]["id"] for variant in variants]
    assert len(set(made)) == len(variants)
    assert made[0] == inline.answer("other", [("pay", card)], words)["results"][0]["id"]


@pytest.mark.parametrize(("query", "payload"), [("", "ask"), ("  ", "ask"), ("pay", "a_cGF5"), ("é" * 300, None)])
def test_where_nothing_is_found_the_question_goes_on_in_private(query: str, payload: str | None) -> None:
    answer = inline.answer(query, [], words)
    check_inline_answer(answer)
    assert answer["button"]["start_parameter"] == (payload or answer["button"]["start_parameter"])
