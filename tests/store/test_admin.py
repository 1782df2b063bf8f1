"""What an operator and an editor ask of the store, and do to it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from loopback.standin import PLATFORM, event

from bot.contracts.addresses import Address, Recipient
from bot.contracts.events import Depth
from bot.contracts.outcomes import DraftKept, Outcome, TurnRecord
from bot.contracts.questions import Question
from bot.dialogue.turn import Context, HashedKey
from bot.store import admin
from bot.store.admin import Draft, SetAside

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from bot.contracts.events import LeasedEvent
    from bot.store.store import Store

    Rows = Callable[[str], list[sa.Row]]


def put(store: Store, *ids: str) -> None:
    for id_ in ids:
        asyncio.run(store.put(event(id_, conversation=id_)))


def take(store: Store) -> list[LeasedEvent]:
    return list(asyncio.run(store.take(32, fresh=True)))


def spoiled(store: Store, *ids: str) -> list[int]:
    """The numbers of events that were tried three times."""
    put(store, *ids)
    for _ in range(3):
        taken = take(store)
        for one in taken:
            asyncio.run(store.fail(one, "ValueError", 0))
    return [one.seq for one in taken]


def test_what_waits_is_counted_with_when_the_oldest_came(open_store: Callable[..., Store]) -> None:
    clock = [100.0]
    store = open_store(clock=lambda: clock[0])
    assert store.depth() == Depth(0, 0.0, 0)
    spoiled(store, "1")
    assert store.depth() == Depth(0, 0.0, 1)
    for clock[0] in (300.0, 200.0):
        put(store, f"at {clock[0]}")
    take(store)
    assert store.depth() == Depth(2, 200.0, 1)


def test_what_was_set_aside_is_listed_oldest_first_without_what_it_says(open_store: Callable[..., Store]) -> None:
    store = open_store(clock=lambda: 100.0)
    assert store.read(admin.set_aside) == []
    first, second = spoiled(store, "1", "2")
    put(store, "3")
    assert store.read(admin.set_aside) == [SetAside(first, PLATFORM, 100.0, "ValueError"), SetAside(second, PLATFORM, 100.0, "ValueError")]


def test_what_is_tried_again_has_three_tries_and_is_due_at_once(store: Store, rows: Rows) -> None:
    first, second, third = spoiled(store, "1", "2", "3")
    rows("UPDATE inbox SET due = due + 60")
    put(store, "4")
    (waiting,) = take(store)
    assert store.write(partial(admin.retry, seqs=[first, third, waiting.seq, 99])) == 2
    assert [aside.seq for aside in store.read(admin.set_aside)] == [second]
    for last in (False, False, True):
        taken = take(store)
        assert [(one.seq, one.payload) for one in taken] == [(first, {"text": "when are you open"}), (third, {"text": "when are you open"})]
        assert [asyncio.run(store.fail(one, "KeyError", 0)) for one in taken] == [last, last]
    assert [aside.fault for aside in store.read(admin.set_aside)] == ["KeyError", "ValueError", "KeyError"]


def test_only_what_was_set_aside_is_dropped(store: Store) -> None:
    first, second = spoiled(store, "1", "2")
    put(store, "3")
    (waiting,) = take(store)
    assert store.write(partial(admin.drop, seqs=[first, waiting.seq, 99])) == 1
    assert [aside.seq for aside in store.read(admin.set_aside)] == [second]
    assert store.depth().waiting == 1
    assert store.write(partial(admin.drop, seqs=[])) == store.write(partial(admin.retry, seqs=[])) == 0


def test_drafts_are_listed_oldest_first_and_dropped_by_name(store: Store) -> None:
    for at, id_, person, text, answer in (
        (2.0, "b", "ann", "why?", "so"),
        (3.0, "a", "ann", "who?", "me"),
        (1.0, "c", "bob", "when?", "now"),
    ):
        asker = Recipient(Address(PLATFORM, {}), HashedKey("talk"), HashedKey(person))
        question = Question(id_, asker, text, Address(PLATFORM, {}), "answered", answer=answer)
        asyncio.run(store.keep(Outcome(changes=(DraftKept(question),)), Context(HashedKey("talk at the desk"), at=at)))
    assert store.read(admin.kept_drafts) == [Draft("c", "when?", "now"), Draft("b", "why?", "so"), Draft("a", "who?", "me")]
    assert store.write(partial(admin.drop_drafts, ids=["a", "c", "unknown"]), scrub=True) == 2
    assert store.read(admin.kept_drafts) == [Draft("b", "why?", "so")]
    assert store.write(partial(admin.drop_drafts, ids=[])) == 0


def test_turns_are_counted_by_person(store: Store) -> None:
    for number, person in enumerate(("ann", "bob", "ann")):
        put(store, str(number))
        (taken,) = take(store)
        context = Context(HashedKey("talk"), HashedKey(person), at=1.0)
        turn = TurnRecord(str(number), context, PLATFORM, "utterance", "answer")
        asyncio.run(store.decide(taken, Outcome(turn=turn)))
    assert [store.read(partial(admin.turns_of, person=person)) for person in ("ann", "bob", "eve")] == [2, 1, 0]
