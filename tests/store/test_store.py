"""The inbox, on both databases: what came is kept, given out in order, by one at a time, until it is done."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from loopback.standin import PLATFORM, event

from bot.contracts.addresses import Address
from bot.contracts.events import InboundEvent, LeasedEvent, Receipt
from bot.contracts.outcomes import Message, Outcome, SendResult, TurnRecord
from bot.dialogue.reply import Reply
from bot.dialogue.session import Session
from bot.dialogue.turn import Context, turn_id
from bot.store import admin, writer
from bot.store.database import sqlite_url
from bot.store.inbox import LEASE
from bot.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import sqlalchemy as sa

    Rows = Callable[[str], list[sa.Row]]

MESSAGE = Message(Address(PLATFORM, {"room": "here"}), Reply("answer", "Nine to five."))
LEFT = "UPDATE inbox SET lease = 1"


def put(store: Store, *events: InboundEvent) -> list[bool]:
    return [asyncio.run(store.put(event)).new for event in events]


def take(store: Store, most: int = 32, *, fresh: bool = True, but: Sequence[int] = ()) -> list[LeasedEvent]:
    return list(asyncio.run(store.take(most, fresh=fresh, but=but)))


def finish(store: Store, *events: LeasedEvent) -> None:
    for taken in events:
        asyncio.run(store.finish(taken, SendResult("nothing")))


def ids(events: Sequence[LeasedEvent]) -> list[str]:
    return [taken.context.event.removeprefix(f"{PLATFORM}:") for taken in events]


def turn_of(taken: LeasedEvent) -> TurnRecord:
    return TurnRecord(turn_id(taken.context.event), taken.context, PLATFORM, "utterance", "answer", "when?")


def three_conversations() -> list[InboundEvent]:
    return [event(id_, conversation=id_[0]) for id_ in ("a1", "a2", "b1", "b2", "c1")]


def test_an_event_is_new_once_by_its_id_and_by_its_twin(store: Store, rows: Rows) -> None:
    mention = event("1", twin="T1/C1/17.3")
    assert put(store, mention, mention) == [True, False]
    assert put(store, event("2", twin="T1/C1/17.3"), event("2")) == [False, False]
    assert put(store, event("3"), event("4", twin="T1/C1/17.4"), replace(mention, platform="other", twin="")) == [True, True, True]
    assert [row.id for row in rows("SELECT id FROM inbox ORDER BY seq")] == ["standin:1", "standin:3", "standin:4", "other:1"]


def test_an_event_that_is_done_is_not_new_again(store: Store) -> None:
    put(store, event("1"))
    finish(store, *take(store))
    assert put(store, event("1")) == [False]
    assert take(store) == []


def test_the_same_event_from_many_sides_at_once_is_new_once(store: Store) -> None:
    async def many() -> list[bool]:
        return [receipt.new for receipt in await asyncio.gather(*(store.put(event(f"{n % 3}", twin=f"twin {n % 3}")) for n in range(60)))]

    assert sum(asyncio.run(many())) == 3


def test_an_event_is_given_as_it_came(open_store: Callable[..., Store]) -> None:
    store = open_store(clock=lambda: 17.5)
    put(store, event("1", "wie spät? 🕘", room="there"))
    (taken,) = take(store)
    context = Context(store.keys.hashed("talk"), store.keys.hashed("standin:ann"), "standin:1", 17.5)
    assert taken == LeasedEvent(taken.seq, PLATFORM, context, {"text": "wie spät? 🕘", "room": "there"})


def test_the_oldest_of_each_conversation_is_given_in_order_and_no_second_while_one_is_leased(store: Store) -> None:
    put(store, *three_conversations())
    first = take(store)
    assert ids(first) == ["a1", "b1", "c1"]
    assert take(store) == []
    finish(store, first[1])
    assert ids(take(store)) == ["b2"]
    finish(store, first[0], first[2])
    assert ids(take(store)) == ["a2"]
    assert take(store) == []


def test_no_more_are_given_than_asked_for_and_none_that_is_worked_on(store: Store, rows: Rows) -> None:
    put(store, *three_conversations())
    first = take(store, 2)
    assert ids(first) == ["a1", "b1"]
    rows(LEFT)
    assert ids(take(store, but=[taken.seq for taken in first])) == ["c1"]
    assert take(store, 0) == []


@pytest.mark.parametrize("platforms", [[], ["other"], ["other", PLATFORM]])
def test_only_events_of_its_platforms_are_given_to_a_store(open_store: Callable[..., Store], platforms: list[str]) -> None:
    store = open_store(platforms=platforms)
    put(store, event("1"), event("2", conversation="elsewhere", person="", platform="third"))
    assert ids(take(store)) == (["1"] if PLATFORM in platforms else [])


def test_what_waited_before_the_start_is_given_apart_from_what_came_since(open_store: Callable[..., Store]) -> None:
    put(open_store(), event("a1", conversation="a"), event("b1", conversation="b"))
    store = open_store()
    put(store, event("a2", conversation="a"), event("c1", conversation="c"))
    assert ids(take(store)) == ["c1"]
    waited = take(store, fresh=False)
    assert ids(waited) == ["a1", "b1"]
    finish(store, waited[0])
    assert ids(take(store)) == ["a2"]


def test_an_event_put_back_holds_its_conversation_until_it_is_due(store: Store, rows: Rows) -> None:
    put(store, *three_conversations())
    a1, *others = take(store)
    finish(store, *others)
    asyncio.run(store.put_back(a1, 60))
    assert ids(take(store)) == ["b2"]
    rows("UPDATE inbox SET due = due - 60")
    assert ids(take(store)) == ["a1"]
    asyncio.run(store.put_back(a1, 0))
    assert ids(take(store)) == ["a1"]


def test_three_tries_set_an_event_aside_and_free_its_conversation(store: Store) -> None:
    put(store, event("1"), event("2"))
    for last in (False, False, True):
        (taken,) = take(store)
        assert taken.context.event == "standin:1"
        assert asyncio.run(store.fail(taken, "ValueError " + "x" * 300, 0)) is last
    assert ids(take(store)) == ["2"]
    (aside,) = store.read(admin.set_aside)
    assert (aside.seq, aside.platform, aside.fault) == (taken.seq, PLATFORM, ("ValueError " + "x" * 300)[:128])


def test_a_try_that_went_wrong_holds_its_conversation_until_the_next(store: Store) -> None:
    put(store, event("1"), event("2"))
    (taken,) = take(store)
    assert not asyncio.run(store.fail(taken, "ValueError", 60))
    assert take(store) == []
    finish(store, taken)
    assert not asyncio.run(store.fail(taken, "ValueError", 0))
    assert ids(take(store)) == ["2"]


@pytest.mark.parametrize("column", ["payload", "message"])
def test_an_event_that_cannot_be_opened_is_set_aside(store: Store, rows: Rows, column: str) -> None:
    put(store, event("1"), event("2"))
    if column == "message":
        asyncio.run(store.decide(take(store)[0], Outcome(MESSAGE)))
        rows(LEFT)
    rows(f"UPDATE inbox SET {column} = substr({column}, 2) WHERE id = 'standin:1'")  # noqa: S608
    assert take(store) == []
    assert ids(take(store)) == ["2"]
    assert [aside.fault for aside in store.read(admin.set_aside)] == ["cannot be read"]


def test_leases_are_void_for_a_store_that_works_alone_and_hold_beside_others_until_they_run_out(
    open_store: Callable[..., Store], rows: Rows
) -> None:
    put(store := open_store(), event("1"))
    take(store)
    beside = open_store(alone=False)
    assert take(beside, fresh=False) == []
    rows(LEFT)
    assert ids(take(beside, fresh=False)) == ["1"]
    assert ids(take(open_store(alone=True), fresh=False)) == ["1"]


def test_a_lease_lasts_ten_seconds_from_when_it_is_renewed(open_store: Callable[..., Store], rows: Rows) -> None:
    put(store := open_store(alone=False), event("1"), event("2", conversation="other"))
    first, _ = take(store)
    rows(LEFT)
    asyncio.run(store.renew([first.seq]))
    asyncio.run(store.renew([]))
    assert ids(take(open_store(alone=False), fresh=False)) == ["2"]
    assert all(LEASE - 2 < row.lease - time.time() <= LEASE + 0.5 for row in rows("SELECT lease FROM inbox"))


def test_an_event_tried_again_waits_while_a_later_one_of_its_conversation_is_worked_on(store: Store, rows: Rows) -> None:
    put(store, event("1"), event("2"))
    rows("UPDATE inbox SET aside = (1 = 1) WHERE id = 'standin:1'")
    (later,) = take(store)
    assert later.context.event == "standin:2"
    assert store.write(lambda connection: admin.retry(connection, [later.seq - 1])) == 1
    assert take(store) == []
    finish(store, later)
    assert ids(take(store)) == ["1"]


def test_two_stores_share_the_events_of_one_database_and_keep_each_conversation_in_order(
    open_store: Callable[..., Store], rows: Rows
) -> None:
    stores = [open_store(alone=False), open_store(alone=False)]
    done: dict[str, list[int]] = defaultdict(list)
    by: list[int] = []
    at_work: set[str] = set()

    async def conversation(name: int) -> None:
        for number in range(10):
            receipt = await stores[(name + number) % 2].put(event(f"{name}/{number}", conversation=str(name), number=number), lease=True)
            assert receipt == Receipt(new=True)  # who works beside others gets no lease with it

    async def work(which: int) -> None:
        while len(by) < 200:
            for taken in await stores[which].take(3, fresh=True):
                assert taken.payload
                assert taken.context.conversation not in at_work
                at_work.add(taken.context.conversation)
                await stores[which].decide(taken, Outcome(MESSAGE, turn=turn_of(taken)))
                by.append(which)
                done[taken.context.conversation].append(taken.payload["number"])
                at_work.remove(taken.context.conversation)
                await stores[which].finish(taken, SendResult("nothing"))

    async def all_at_once() -> None:
        await asyncio.gather(*(conversation(name) for name in range(20)), *(work(number % 2) for number in range(6)))

    asyncio.run(asyncio.wait_for(all_at_once(), 30))
    assert list(done.values()) == [list(range(10))] * 20
    assert {0, 1} == {*by}
    assert rows("SELECT * FROM inbox") == []
    assert rows("SELECT count(*) FROM turns")[0][0] == 200


def test_what_is_put_has_reached_the_disk_and_what_is_decided_where_the_server_is_apart(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    durability, asked = writer.durability, []

    def watched(connection: sa.Connection, *, durable: bool) -> AbstractContextManager[None]:
        asked.append(durable)
        return durability(connection, durable=durable)

    monkeypatch.setattr(writer, "durability", watched)
    put(store, event("1"))
    (taken,) = take(store)
    asyncio.run(store.decide(taken, Outcome(MESSAGE)))
    finish(store, taken)
    assert asked == [True, False, url.startswith("postgresql"), False]


@pytest.mark.parametrize("lease", [False, True])
def test_what_was_put_outlives_a_killed_process(tmp_path: Path, *, lease: bool) -> None:
    program = f"""
import asyncio, os, signal
from bot.contracts.events import InboundEvent
from bot.dialogue.turn import Utterance
from bot.store.store import Store
store = Store({sqlite_url(tmp_path)!r}, lambda _: "a secret of the tests", platforms=["standin"])
said = {{"id": "1", "platform": "standin", "conversation": "talk", "person": "ann", "payload": {{"text": "when?"}}}}
event = InboundEvent(**said, act=Utterance("when?"), address=None)
assert asyncio.run(store.put(event, lease={lease})).new
{"" if lease else "asyncio.run(store.take(1, fresh=True))"}
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, cwd=tmp_path)
    assert done.returncode == -signal.SIGKILL
    store = Store(sqlite_url(tmp_path), lambda _: "a secret of the tests", platforms=[PLATFORM])
    assert ids(take(store, fresh=False)) == ["1"]
    store.close()


def leased(store: Store, event_: InboundEvent) -> LeasedEvent | None:
    receipt = asyncio.run(store.put(event_, lease=True))
    assert receipt.new
    return receipt.leased


def test_an_event_leased_as_it_is_kept_is_the_one_that_would_have_been_taken(store: Store, url: str, rows: Rows) -> None:
    put(store, event("1"))
    (before,) = take(store)
    asyncio.run(store.decide(before, Outcome(MESSAGE, Session(at=5.0, question="when?"), turn_of(before))))
    finish(store, before)
    got = leased(store, event("2", "wie spät? 🕘", room="there"))
    if url.startswith("postgresql"):
        assert got is None  # several processes may work on it: it is taken
        assert ids(take(store)) == ["2"]
        return
    assert got is not None
    assert (got.payload, got.session) == ({"text": "wie spät? 🕘", "room": "there"}, Session(at=5.0, question="when?"))
    assert take(store) == []
    assert all(LEASE - 2 < row.lease - time.time() <= LEASE + 0.5 for row in rows("SELECT lease FROM inbox"))
    rows(LEFT)
    assert take(store) == [got]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_no_event_is_leased_as_it_is_kept_while_another_of_its_conversation_waits(store: Store) -> None:
    first = leased(store, event("a1", conversation="a"))
    assert first is not None
    assert leased(store, event("a2", conversation="a")) is None
    assert leased(store, event("b1", conversation="b")) is not None
    assert asyncio.run(store.put(event("a1", conversation="a"), lease=True)) == Receipt(new=False)
    asyncio.run(store.put_back(first, 60))
    assert leased(store, event("a3", conversation="a")) is None
    finish(store, first)
    assert ids(take(store)) == ["a2"]


@pytest.mark.parametrize("how", [{"alone": False}, {"platforms": ["other"]}])
def test_who_does_not_work_alone_or_not_on_that_platform_gets_no_lease_as_it_is_kept(
    open_store: Callable[..., Store], how: dict[str, object]
) -> None:
    assert leased(open_store(**how), event("1")) is None
    assert ids(take(open_store(alone=False), fresh=False)) == ["1"]


def test_what_was_set_aside_does_not_keep_an_event_from_being_leased_as_it_is_kept(store: Store, url: str, rows: Rows) -> None:
    put(store, event("1"))
    rows("UPDATE inbox SET aside = (1 = 1)")
    got = leased(store, event("2"))
    assert (got is not None) == url.startswith("sqlite")
