"""Whatever a reply says, Telegram takes it, and nobody's words are mark-up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from loopback.telegram_rules import check_inline_answer
from loopback.telegram_text import parse_html

from bot.channels.telegram import drawing, inline, limits
from bot.dialogue import wording
from bot.dialogue.reply import Choice, Reply, Table
from bot.dialogue.targets import DeskTarget, EntryTarget, NoneOfThese, ReasonTarget, TopicTarget, read_target, written
from bot.dialogue.turn import Selection
from bot.language.english.wording import TEXTS

if TYPE_CHECKING:
    from bot.assembly import Bot

BOT = "career_bot"
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
FULLEST = Reply(
    "answer", "x" * 5000, table=Table(("a",), (("r", ("y" * 5000,)),)), notes=("n" * 999,) * 3, quote="q" * 5000, detail="d" * 5000
)


def words(key: str, **values: str) -> str:
    return TEXTS[key][0].format_map(values)


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


@settings(max_examples=100, deadline=None)
@given(st.lists(texts, max_size=4), texts)
def test_nobodys_words_are_mark_up(notes: list[str], quote: str) -> None:
    _, entities = parse_html(drawing.text(Reply("handoff", "Asked:", quote=quote, notes=tuple(notes)), words))
    assert {entity["type"] for entity in entities} <= {"blockquote", "italic"}
    assert len(entities) <= 4


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
        "<pre>     A  B\nPay  1  2</pre>",
        "<blockquote expandable>More.</blockquote>",
        "<blockquote>&lt;3</blockquote>",
        "<i>Note.</i>",
        "<i>Source: One · Two</i>",
    ]


def test_the_desk_is_told_to_answer_by_a_reply_and_only_where_it_is_asked_to() -> None:
    claim, answer = Choice(DeskTarget("claim", "1"), "I take it"), Choice(DeskTarget("answer", "1"), "Answer")
    post = Reply("handoff", "A question for you:", quote="when?", notes=("Asked by Ann.",), follow_ups=(answer, claim))
    assert drawing.text(post, words).split("\n\n")[1:] == [
        "<blockquote>when?</blockquote>",
        "<i>Asked by Ann.</i>",
        f"<i>{words('desk_by_reply')}</i>",
    ]
    assert words("desk_by_reply") in drawing.plain(post, words)
    assert words("desk_by_reply") not in drawing.text(replace(post, follow_ups=(claim,)), words)


def test_a_long_answer_leaves_room_for_each_part_around_it() -> None:
    shown = takes(drawing.text(replace(FULLEST, sources=("Source",)), words))
    assert all(piece in shown for piece in ("xxx", "yyy", "ddd", "qqq", "nnn", "Source"))


@pytest.mark.parametrize(
    ("text", "longest", "kept"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a bcd", 3, "a…"), ("", 0, ""), ("ab", 1, "…")]
)
def test_a_text_is_cut_with_an_ellipsis(text: str, longest: int, kept: str) -> None:
    assert limits.fitted(text, longest) == kept


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(ids, replies, max_size=22), texts)
def test_inline_results_are_ones_that_telegram_takes(found: dict[str, Reply], query: str) -> None:
    answer = inline.answer(query, list(found.items()), words, BOT)
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
    made = [inline.answer("pay", [("pay", variant)], words, BOT)["results"][0]["id"] for variant in variants]
    assert len(set(made)) == len(variants)
    assert made[0] == inline.answer("other", [("pay", card)], words, BOT)["results"][0]["id"]


@pytest.mark.parametrize(("query", "payload"), [("", "ask"), ("  ", "ask"), ("pay", "a_cGF5"), ("é" * 300, None)])
def test_where_nothing_is_found_the_question_goes_on_in_private(query: str, payload: str | None) -> None:
    answer = inline.answer(query, [], words, BOT)
    check_inline_answer(answer)
    assert answer["button"]["start_parameter"] == (payload or answer["button"]["start_parameter"])
