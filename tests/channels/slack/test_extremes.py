"""The utmost that a reply and an editor's wording can be, drawn: nothing is refused, nothing is lost for nothing, nothing is parsed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback.blockkit import check_message, check_view

from bot.channels.slack import addresses, desk_window, drawing, limits, views
from bot.channels.slack.addresses import Look, SlackAddress
from bot.channels.slack.blocks import table_lines
from bot.channels.slack.presses import back_of
from bot.channels.slack.reader import Reader
from bot.contracts.addresses import Address
from bot.contracts.ports import PastQuestion
from bot.contracts.questions import Question
from bot.dialogue.reply import Choice, Reply, Table
from bot.dialogue.targets import DeskTarget, EntryTarget, TopicTarget
from bot.dialogue.turn import Share
from bot.language.english.wording import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.channels.slack.drawing import Words

Json = dict[str, Any]
ENTRY = "pm-or-researcher"
QUESTION = Question("q1", None, "<!here> why? " * 400, Address("slack", {"channel": "C0DESK"}))
NASTY = [
    "<!channel>", "<@U0BOB>", "less < more " + "and more " * 700, "&" * 4000, "<" * 5000, "\x00\x01\x7f\u2028", "\u202e\u202dabc", "😀" * 3000,
    "**a** _b_ " * 700, "[x](https://a.example/" + "p" * 2900 + ") ", "[x](y) " * 900, "", " ", "\n\n", "x" * 40_000, "{name}{0}{",
]  # fmt: skip
texts = st.one_of(st.text(max_size=40), st.sampled_from(NASTY), st.lists(st.sampled_from(NASTY), max_size=3).map("".join))
choices = st.builds(Choice, st.one_of(texts.map(EntryTarget), texts.map(TopicTarget)), texts)


def spoken(said: dict[str, str]) -> Words:
    """The usual wording, but for what is said otherwise."""
    return lambda key, **values: said[key] if key in said else TEXTS[key][0].format_map(values)


def table_of(width: int) -> st.SearchStrategy[Table]:
    cells = st.tuples(*[texts] * width)
    return st.builds(Table, cells, st.lists(st.tuples(texts, cells), max_size=40).map(tuple))


replies = st.builds(
    Reply,
    act=st.sampled_from(["answer", "clarify", "out_of_scope", "fallback", "social", "handoff"]),
    text=texts,
    table=st.none() | st.integers(0, 12).flatmap(table_of),
    sources=st.lists(texts, max_size=3).map(tuple),
    choices=st.lists(choices, max_size=100).map(tuple),
    follow_ups=st.lists(choices, max_size=100).map(tuple),
    more=st.booleans(),
    offers_person=st.booleans(),
    notes=st.lists(texts, max_size=14).map(tuple),
    quote=texts,
    entries=st.lists(texts, max_size=2).map(tuple),
)
frames = st.builds(
    drawing.Frame,
    turn=texts,
    echo=texts,
    sharer=st.sampled_from(["", "U0ALICE", "W0GRID"]),
    desk=st.booleans(),
    team=st.booleans(),
    alone=st.booleans(),
    thread=st.sampled_from(["", "1700000000.000100"]),
)
wordings = st.dictionaries(st.sampled_from([key for key in TEXTS if not key.startswith("fallback")]), texts).map(spoken)
drawn = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


WORDS = spoken({})


def pieces(held: object) -> Iterator[Json]:
    if isinstance(held, dict):
        yield held
        held = [*held.values()]
    for value in held if isinstance(held, list) else ():
        yield from pieces(value)


def size(held: object) -> int:
    """All characters of what a message or view holds, also those of types and ids."""
    return sum(len(value) for piece in pieces(held) for value in piece.values() if isinstance(value, str))


def errors(problems: list[Any]) -> list[Any]:
    return [problem for problem in problems if problem.severity == "error"]


def whole(blocks: list[Json]) -> None:
    """What Slack refuses and the rules of the loopback do not know; and no text that Slack parses."""
    for piece in pieces(blocks):
        kind = str(piece.get("type"))
        assert kind not in {"mrkdwn", "markdown"}
        if kind in {"text", "link", "plain_text", "raw_text"}:
            assert piece["text"]
            assert piece.get("url", "-")
        if kind.startswith("rich_text") or kind in {"actions", "context"}:
            assert piece["elements"]
        if kind == "table":
            assert {len(row) for row in piece["rows"]} == {len(piece["column_settings"])}
            assert len(piece["column_settings"]) <= 20


@drawn
@given(replies, frames, wordings)
def test_no_reply_is_too_much_in_any_wording(reply: Reply, frame: drawing.Frame, words: Words) -> None:
    message = drawing.message(reply, words, frame)
    assert errors(check_message(message)) == []
    whole(message["blocks"])
    assert size(message["blocks"]) <= limits.ALL
    text = message["text"].replace(f"<@{frame.sharer}>", "") if frame.sharer else message["text"]
    assert 0 < len(message["text"]) <= limits.TEXT
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", text)


@drawn
@given(replies, st.lists(st.builds(PastQuestion, texts, texts), max_size=10), st.booleans(), wordings)
def test_no_home_page_is_too_much_in_any_wording(reply: Reply, lately: list[PastQuestion], flag: bool, words: Words) -> None:  # noqa: FBT001 - drawn
    for view in (views.page(reply, words, back=flag), views.home(reply, reply.choices[: limits.POPULAR], lately, words, desk=flag)):
        assert errors(check_view(view)) == []
        whole(view["blocks"])


@drawn
@given(wordings)
def test_no_window_is_too_much_in_any_wording(words: Words) -> None:
    answer = desk_window.window(DeskTarget("answer", "q1"), QUESTION, {"container": {"channel_id": "C0DESK", "message_ts": "1.2"}}, words)
    for view in (views.ask(words), views.share(ENTRY, SlackAddress(channel="C0GENERAL"), words), answer):
        assert errors(check_view(view)) == []
        whole(view["blocks"])


def first(message: Json) -> str:
    """What the first block of a message says."""
    said: str = "".join(piece["text"] for piece in message["blocks"][0]["elements"][0]["elements"])
    return said


@pytest.mark.parametrize(
    "text",
    [
        "Pay is < 5 " + "and so on " * 600,
        "**bold** _soft_ " * 500,
        "[a](https://a.example/" + "p" * 4000 + ") " + "and so on " * 300,
        "[a](https://a.example) " * 300,
    ],
    ids=["sign", "styles", "address", "links"],
)
def test_an_answer_that_is_too_long_is_cut_at_its_end_and_stays(text: str) -> None:
    message = drawing.message(Reply("answer", text, entries=(ENTRY,)), WORDS, drawing.Frame("0123456789abcdef"))
    assert len(message["text"]) > limits.TEXT - 10
    assert limits.PARAGRAPH - 10 < len(first(message)) <= limits.PARAGRAPH
    assert first(message).endswith("…")
    assert message["blocks"][-1]["type"] == "context_actions"


def test_a_quote_with_a_sign_in_it_is_cut_at_its_end_only() -> None:
    message = drawing.message(Reply("handoff", "Asked:", quote="pay < 5 " + "and so on " * 600), WORDS, drawing.Frame())
    (quoted,) = [piece for piece in pieces(message["blocks"]) if piece.get("type") == "rich_text_quote"]
    assert len(quoted["elements"][0]["text"]) > limits.PARAGRAPH - 10


def test_a_table_that_is_too_big_leaves_room_for_what_can_be_done_next() -> None:
    table = Table(("A", "B", "C"), tuple((f"row {number}", ("x" * 290,) * 3) for number in range(30)))
    message = drawing.message(Reply("answer", "See:", table=table, entries=(ENTRY,)), WORDS, drawing.Frame("0123456789abcdef"))
    assert [block["type"] for block in message["blocks"]] == ["rich_text", "rich_text", "actions", "context_actions"]
    assert "row 1: A x" in message["text"]


def test_a_table_without_rows_told_in_lines_is_a_blank_line() -> None:
    assert table_lines(Table(("A",), ()))["elements"][0]["elements"] == [{"type": "text", "text": " "}]


def test_an_answer_with_more_to_say_and_no_entry_offers_no_more() -> None:
    reply = Reply("answer", "Yes.", more=True)
    assert [block["type"] for block in drawing.message(reply, WORDS, drawing.Frame())["blocks"]] == ["rich_text"]
    assert errors(check_view(views.page(reply, WORDS))) == []


def test_the_sharer_is_named_by_id_and_nobody_else_is() -> None:
    reply = Reply("answer", "Ask <@U0BOB> {name} & co", quote="<!here>", entries=(ENTRY,))
    message = drawing.message(reply, spoken({"shared_by": "<!channel> by {name}"}), drawing.Frame(sharer="U0ALICE"))
    assert message["text"].splitlines() == [
        "&lt;!channel&gt; by <@U0ALICE>",
        "Ask &lt;@U0BOB&gt; {name} &amp; co",
        "“&lt;!here&gt;”",
    ]
    assert [piece["user_id"] for piece in pieces(message["blocks"]) if piece.get("type") == "user"] == ["U0ALICE"]


@pytest.mark.parametrize(
    ("container", "back"),
    [
        ({"channel_id": "C0GENERAL", "message_ts": "1.2"}, SlackAddress(channel="C0GENERAL", user="U0ALICE", private=True)),
        ({"channel_id": "C0GENERAL", "thread_ts": "1.1"}, SlackAddress(channel="C0GENERAL", user="U0ALICE", private=True, thread="1.1")),
        ({"type": "view"}, SlackAddress(channel="U0ALICE", user="U0ALICE")),
    ],
)
def test_an_entry_goes_through_the_window_to_share_and_the_sharer_hears_of_it_where_they_were(container: Json, back: SlackAddress) -> None:
    view = views.share(ENTRY, back_of({"container": container, "user": {"id": "U0ALICE"}}), WORDS)
    values = {views.WHERE: {"value": {"selected_conversation": "C0OTHER"}}, views.REMARK: {"value": {"value": None}}}
    body = {"team": {"id": "T1"}, "user": {"id": "U0ALICE"}, "view": {**view, "id": "V1", "state": {"values": values}}}
    event = Reader().event("submission", body)
    assert event is not None
    heard = Reader().read(event.payload)
    assert heard is not None
    assert heard.address is not None
    assert heard.share_into is not None
    assert (heard.act, addresses.unpacked(heard.address.place)) == (Share(ENTRY), back)
    into = SlackAddress(channel="C0OTHER", user="U0ALICE", look=Look(sharer="U0ALICE"))
    assert (heard.room, addresses.unpacked(heard.share_into.place)) == ("slack:T1/C0OTHER", into)
