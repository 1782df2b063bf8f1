"""A row that cannot be opened (another secret, a spoiled file) is passed over: all others are read as ever."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from loopback.standin import DESK, PLATFORM, event

from bot.contracts.addresses import Address, Recipient
from bot.contracts.outcomes import Message, Outcome, QuestionOpened, SendResult
from bot.contracts.questions import Question
from bot.dialogue.reply import Reply
from bot.dialogue.turn import Context, HashedKey
from bot.store.crypto import Keys

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from bot.store.store import Store

    Rows = Callable[[str], list[sa.Row]]

HERE = Address(PLATFORM, {"room": "here"})
ANN = HashedKey("ann")
QUESTION = Question("good", Recipient(HERE, HashedKey("talk"), ANN), "why?", DESK.address, at=2.0)
SPOILED = {
    "spoiled": b"nonsense of some length, whatever",
    "empty": b"",
    "sealed with another secret": Keys("another secret").sealed(b"{}"),
    "no mapping": Keys("a secret of the tests").sealed(b"7"),
    "no JSON": Keys("a secret of the tests").sealed(b"\xff"),
}
spoiled = pytest.mark.parametrize("data", SPOILED.values(), ids=SPOILED)


def spoil(rows: Rows, url: str, table: str, column: str, data: bytes, where: str) -> None:
    literal = f"X'{data.hex()}'" if url.startswith("sqlite") else f"'\\x{data.hex()}'::bytea"
    rows(f"UPDATE {table} SET {column} = {literal} WHERE {where}")  # noqa: S608


@pytest.fixture
def asked(store: Store) -> Store:
    """A store with two questions at the desk, the one with the id `bad` first."""
    opened = (QUESTION, replace(QUESTION, id="bad", at=1.0))
    asyncio.run(store.keep(Outcome(changes=tuple(map(QuestionOpened, opened))), Context(ANN)))
    return store


@pytest.mark.parametrize(
    ("column", "data"),
    [
        pytest.param(column, data, id=f"{column} {name}")
        for column in ("address", "desk", "source", "reached")
        for name, data in SPOILED.items()
        if (data or column == "desk") and not (name == "no mapping" and column in {"source", "reached"})  # dropped in time; a text
    ],
)
def test_a_question_that_cannot_be_read_hides_no_other(
    asked: Store, rows: Rows, url: str, column: str, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(rows, url, "questions", column, data, "id = 'bad'")
    rows("UPDATE questions SET post = 'standin:' || id")
    for _ in range(2):
        assert asked.overdue(9.0) == asked.waiting(ANN) == [replace(QUESTION, post="standin:good")]
    assert asked.question("bad") is asked.question_of_post("standin:bad") is None
    assert asked.question("good") == replace(QUESTION, post="standin:good")
    assert asked.unreadable == {"bad"}
    assert [(record.name, record.getMessage()) for record in caplog.records] == [("careerbot.store", "The question bad cannot be read.")]


def test_a_question_that_is_asked_for_by_its_id_is_logged_too(asked: Store, rows: Rows, url: str, caplog: pytest.LogCaptureFixture) -> None:
    spoil(rows, url, "questions", "desk", b"x", "id = 'bad'")
    assert asked.question("bad") is None
    assert caplog.messages == ["The question bad cannot be read."]
    assert asked.unreadable == {"bad"}


def test_what_cannot_be_read_is_dropped_in_time_like_all_else(asked: Store, rows: Rows, url: str) -> None:
    spoil(rows, url, "questions", "desk", b"x", "id = 'bad'")
    spoil(rows, url, "questions", "address", b"x", "id = 'bad'")
    rows("INSERT INTO sessions (conversation, person, at, state) VALUES ('talk', 'ann', 1, 'nonsense')")
    asyncio.run(asked.tidy(90))
    assert [(row.id, row.state, row.text) for row in rows("SELECT * FROM questions ORDER BY id")] == [
        ("bad", "failed", ""),
        ("good", "failed", ""),
    ]
    assert rows("SELECT * FROM sessions") == []


@pytest.mark.parametrize("fault", ["spoiled", "sealed with another secret", "no JSON"])
def test_where_an_answer_is_that_cannot_be_read_is_not_known_any_more(
    store: Store, rows: Rows, url: str, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.run(store.put(event("1")))
    (taken,) = asyncio.run(store.take(1, fresh=True))
    asyncio.run(store.finish(taken, SendResult("arrived", "standin:7", message=Message(HERE, Reply("answer", "Yes."), source="standin:6"))))
    assert store.answer_to("standin:6") == "standin:7"
    spoil(rows, url, "answers", "post", SPOILED[fault], "true")
    assert store.answer_to("standin:6") == ""
    assert caplog.messages == [f"Where the message {store.keys.hashed('standin:6')} was answered cannot be read."]
    assert "standin" not in caplog.text


@spoiled
def test_an_event_that_cannot_be_read_is_set_aside_and_the_next_is_taken(store: Store, rows: Rows, url: str, data: bytes) -> None:
    for id_ in "123":
        asyncio.run(store.put(event(id_, conversation=id_)))
    spoil(rows, url, "inbox", "payload", data, "id = 'standin:1'")
    spoil(rows, url, "inbox", "message", data, "id = 'standin:2'")
    rows("INSERT INTO sessions (conversation, person, at, state) SELECT conversation, person, 1, 'nonsense' FROM inbox")
    (taken,) = asyncio.run(store.take(9, fresh=True))
    assert (taken.context.event, taken.session) == ("standin:3", None)
    assert [(row.id, row.fault) for row in rows("SELECT id, fault FROM inbox WHERE aside ORDER BY id")] == [
        ("standin:1", "cannot be read"),
        ("standin:2", "cannot be read"),
    ]
