"""Notices that wait, can be withdrawn until they are begun, and what is kept of messages about a question, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from loopback.standin import DESK, PLATFORM, event

from bot.contracts.addresses import Address, Recipient
from bot.contracts.errors import OvertakenError
from bot.contracts.outcomes import Change, Message, Notice, NoticeWithdrawn, Outcome, PersonErased, QuestionOpened, SendResult
from bot.contracts.questions import Question
from bot.dialogue.reply import Reply
from bot.dialogue.turn import Context, HashedKey
from bot.store.retention import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

    from bot.contracts.events import LeasedEvent
    from bot.store.store import Store

    Rows = Callable[[str], list[sa.Row]]

HERE = Address(PLATFORM, {"room": "here"})
QUESTION = Question("q", Recipient(HERE, HashedKey("talk"), HashedKey("ann")), "why?", DESK.address, at=1.0)
ANSWER = Message(HERE, Reply("handoff", "An answer:", quote="so"), question="q", purpose="answer")
ANSWERED = QUESTION.answered("so", notice="answer:1", source="standin:5")


def keep(store: Store, *changes: Change, notices: Sequence[Notice] = ()) -> None:
    asyncio.run(store.keep(Outcome(changes=changes, notices=tuple(notices)), Context(HashedKey(""))))


def notice(id_: str = "answer:1", message: Message = ANSWER, delay: float = 0.0, person: str = "ann") -> Notice:
    return Notice(id_, HashedKey(f"of {id_}"), HashedKey(person), message, delay)


def take(store: Store) -> list[LeasedEvent]:
    return list(asyncio.run(store.take(9, fresh=True)))


def finish(store: Store, taken: LeasedEvent, post: str, message: Message | None = None) -> None:
    asyncio.run(store.finish(taken, SendResult("arrived", post, message=message or taken.message)))


def withdrawn(store: Store) -> bool:
    """Whether the notice could be withdrawn, which is as it was said to be."""
    waits = store.waits("answer:1")
    try:
        keep(store, NoticeWithdrawn("answer:1"))
    except OvertakenError:
        assert not waits
        return False
    assert waits
    return True


def test_a_notice_goes_after_its_delay_and_can_be_withdrawn_until_then(store: Store, rows: Rows) -> None:
    keep(store, notices=[notice(delay=10.0)])
    assert take(store) == []
    rows("UPDATE inbox SET due = due - 9")
    assert take(store) == []
    assert withdrawn(store)
    assert (rows("SELECT * FROM inbox"), withdrawn(store)) == ([], False)
    keep(store, notices=[notice()])  # its cause makes it once
    assert rows("SELECT * FROM inbox") == []


def test_a_notice_that_may_have_gone_cannot_be_withdrawn_and_one_that_surely_has_not_can(
    open_store: Callable[..., Store], rows: Rows
) -> None:
    store, beside = open_store(), open_store(alone=False)
    keep(store, notices=[notice()])
    (taken,) = take(store)
    assert not withdrawn(beside)
    asyncio.run(store.put_back(taken, 60, unsure=True))
    assert not withdrawn(beside)
    rows("UPDATE inbox SET due = 0")
    (again,) = take(store)
    assert (taken.interrupted, again.interrupted) == (False, True)
    asyncio.run(store.put_back(again, 60))
    assert store.waits("answer:1")
    for _ in range(3):
        asyncio.run(store.fail(again, "ValueError", 0))
    assert len(rows("SELECT * FROM inbox WHERE aside")) == 1
    assert withdrawn(beside)


def test_what_was_taken_by_somebody_who_ended_without_a_word_cannot_be_withdrawn(open_store: Callable[..., Store], rows: Rows) -> None:
    store = open_store()
    keep(store, notices=[notice()])
    take(store)
    rows("UPDATE inbox SET lease = 1")
    store = open_store()
    assert not withdrawn(store)
    assert [taken.interrupted for taken in asyncio.run(store.take(9, fresh=False))] == [True]


def test_where_an_answer_has_reached_is_kept_sealed_and_only_of_the_last_one(store: Store, rows: Rows) -> None:
    second = replace(ANSWERED, notice="answer:2")
    keep(store, QuestionOpened(QUESTION), notices=[notice(), notice("answer:2")])
    rows("UPDATE questions SET notice = 'answer:2', state = 'answered', answer = 'so'")
    earlier, later = take(store)
    finish(store, earlier, "standin:70")
    assert store.question("q") == replace(second, source="")
    finish(store, later, "standin:71")
    assert store.question("q") == replace(second, source="", reached="standin:71")
    assert b"standin:7" not in bytes(rows("SELECT reached FROM questions")[0].reached)


def test_a_question_is_found_by_any_message_to_the_desk_about_it_for_as_long_as_texts_are_kept(
    open_store: Callable[..., Store], rows: Rows
) -> None:
    now = [100 * DAY]
    store = open_store(clock=lambda: now[0])
    keep(store, QuestionOpened(replace(QUESTION, at=now[0])), notices=[notice("remind:q", replace(ANSWER, purpose="")), notice()])
    reminder, answer = take(store)
    finish(store, reminder, "standin:8")
    finish(store, answer, "standin:9")
    asyncio.run(store.put(event("1")))
    (reply,) = take(store)
    finish(store, reply, "standin:10", Message(DESK.address, Reply("handoff", "This goes …"), question="q", source="answer:1"))
    assert [question.id if question else "" for question in map(store.question_of_post, ("standin:8", "standin:9", "standin:10"))] == [
        "q",
        "",
        "q",
    ]
    assert store.answer_to("answer:1") == "standin:10"
    assert "standin" not in str([tuple(row) for row in rows("SELECT * FROM posts")])
    now[0] += 89 * DAY
    asyncio.run(store.tidy(90))
    assert len(rows("SELECT * FROM posts")) == 2
    now[0] += 2 * DAY
    asyncio.run(store.tidy(90))
    assert rows("SELECT * FROM posts") == []


@pytest.mark.parametrize("forgotten", [True, False])
def test_source_and_place_of_an_answer_go_with_the_asker_and_in_time(
    open_store: Callable[..., Store], rows: Rows, *, forgotten: bool
) -> None:
    store = open_store(clock=lambda: 100 * DAY)
    keep(store, QuestionOpened(QUESTION))
    rows("UPDATE questions SET state = 'answered', notice = 'answer:1', source = address, reached = address")
    if forgotten:
        keep(store, PersonErased(HashedKey("ann")))
    else:
        asyncio.run(store.tidy(90))
    ((source, reached),) = rows("SELECT source, reached FROM questions")
    assert (source, reached) == (None, None)
    left = store.question("q")
    assert left is not None
    assert (left.asker, left.state) == (None, "answered")


def test_an_answer_that_waits_goes_with_the_asker_though_they_asked_to_be_forgotten_before_it_was_written(store: Store, rows: Rows) -> None:
    ann = store.keys.hashed("standin:ann")
    asyncio.run(store.put(event("forget")))
    asyncio.run(store.put(event("later", conversation="elsewhere")))
    keep(store, notices=[notice(person=ann, delay=10.0), notice("answer:2", person="bob")])
    (forget, *_) = take(store)
    asyncio.run(store.decide(forget, Outcome(changes=(PersonErased(ann),))))
    assert [row.id for row in rows("SELECT id FROM inbox ORDER BY seq")] == ["standin:forget", "standin:later", "answer:2"]
