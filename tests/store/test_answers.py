"""What the journal tells of answers and people, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from loopback.standin import PLATFORM, event

from bot.contracts.addresses import Address
from bot.contracts.outcomes import Message, Outcome, PersonErased, SendResult, TurnRecord
from bot.contracts.ports import PastQuestion
from bot.dialogue.reply import Reply
from bot.dialogue.session import Session
from bot.dialogue.turn import HashedKey, RawKey, turn_id

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from bot.contracts.events import LeasedEvent
    from bot.store.store import Store

    Rows = Callable[[str], list[sa.Row]]


def arrived(post: str = "", source: str = "") -> SendResult:
    """A message that answers the one with the key `source`, and is now at `post`."""
    return SendResult("arrived", post, message=Message(Address(PLATFORM, {}), Reply("answer", "Nine to five."), source=source))


def erase(store: Store, leased: LeasedEvent) -> None:
    asyncio.run(store.keep(Outcome(changes=(PersonErased(leased.context.person),)), leased.context))


def done(store: Store, id_: str, result: SendResult = SendResult("nothing"), **turn: object) -> LeasedEvent:  # noqa: B008 - it is frozen
    """An event of Ann's, decided and done."""
    asyncio.run(store.put(event(id_)))
    (taken,) = asyncio.run(store.take(1, fresh=True))
    context = replace(taken.context, at=float(id_))
    record = TurnRecord(turn_id(context.event), context, PLATFORM, "utterance", "answer", f"question {id_}")
    asyncio.run(store.decide(taken, Outcome(session=Session(at=1.0), turn=replace(record, **turn))))
    asyncio.run(store.finish(taken, result))
    return taken


def test_the_answer_to_a_message_is_found_and_neither_key_can_be_read(store: Store, rows: Rows) -> None:
    done(store, "1", arrived("slack:C1/17.3", "slack:C1/17.1"))
    assert store.answer_to("slack:C1/17.1") == "slack:C1/17.3"
    assert store.answer_to("slack:C1/17.2") == ""
    (row,) = rows("SELECT * FROM answers")
    assert "17." not in f"{row.source}{bytes(row.post)!r}"


def test_an_answer_without_a_key_or_a_source_is_not_kept(store: Store, rows: Rows) -> None:
    done(store, "1", arrived("slack:C1/17.3"))
    done(store, "2", arrived(source="slack:C1/17.1"))
    assert rows("SELECT * FROM answers") == []


def test_an_answer_that_is_edited_stays_the_answer(store: Store) -> None:
    for id_ in "12":
        done(store, id_, arrived("slack:C1/17.3", "slack:C1/17.1"))
    assert store.answer_to("slack:C1/17.1") == "slack:C1/17.3"


def test_answers_go_with_the_person_and_after_a_day(store: Store, rows: Rows) -> None:
    taken = done(store, "1", arrived("slack:C1/17.3", "slack:C1/17.1"))
    erase(store, taken)
    assert rows("SELECT * FROM answers") == []
    done(store, "2", arrived("slack:C1/17.3", "slack:C1/17.1"))
    asyncio.run(store.tidy(90))
    assert len(rows("SELECT * FROM answers")) == 1
    rows("UPDATE answers SET at = at - 90000")
    asyncio.run(store.tidy(90))
    assert rows("SELECT * FROM answers") == []


def test_what_was_asked_lately_is_told_once_each_newest_first(store: Store) -> None:
    for id_, text in (("1", "one?"), ("2", "two?"), ("3", "One?")):
        done(store, id_, text=text, entries=("hours", "sorts") if id_ != "2" else (), act="answer" if id_ != "2" else "fallback")
    done(store, "4", text="thanks", act="social")
    done(store, "5", text="", act="answer")
    done(store, "6", said="selection", entries=("hours",))
    assert store.asked_lately(RawKey("standin:ann")) == [PastQuestion("One?", "hours"), PastQuestion("two?", "")]
    assert store.asked_lately(RawKey("standin:bea")) == []


def test_no_more_than_five_questions_are_told(store: Store) -> None:
    for id_ in "12345678":
        done(store, id_)
    assert [question.text for question in store.asked_lately(RawKey("standin:ann"))] == [f"question {id_}" for id_ in "87654"]


def test_what_is_asked_most_comes_first(store: Store) -> None:
    for id_, entries in (("1", ("sorts",)), ("2", ("hours",)), ("3", ("hours",)), ("4", ()), ("5", ("hours", "sorts"))):
        done(store, id_, entries=entries)
    done(store, "6", entries=("sorts",), act="clarify")
    assert store.popular(5) == ["hours", "sorts"]
    assert store.popular(1) == ["hours"]


def test_who_was_greeted_is_known_until_they_are_forgotten(store: Store) -> None:
    taken = done(store, "1")
    assert not store.greeted(taken.context.person)
    done(store, "2", said="occasion", act="greeting", text="")
    assert store.greeted(taken.context.person)
    assert not store.greeted(HashedKey(""))
    erase(store, taken)
    assert not store.greeted(taken.context.person)


def test_a_conversation_in_which_the_bot_takes_part_is_known(store: Store) -> None:
    assert not store.takes_part(RawKey("talk"))
    done(store, "1")
    assert store.takes_part(RawKey("talk"))
    assert not store.takes_part(RawKey("another"))
