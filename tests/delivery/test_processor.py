"""What one message costs: how often the store is asked for it, in which order messages of a conversation go, and how many at once."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from loopback.standin import PLATFORM, StandIn, event, turns, turns_of, until

from bot.assembly import gateway_of
from bot.delivery.worker import SLOTS
from bot.serve.supervisor import Supervisor
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

    from bot.assembly import Bot
    from bot.contracts.events import InboundEvent, LeasedEvent, Receipt
    from bot.contracts.outcomes import Message
    from bot.delivery.gateway import EventGateway
    from bot.store.store import Store

    Rows = Callable[[str], list[sa.Row[Any]]]
    Start = Callable[[StandIn], tuple[EventGateway, Store]]

STEPS = ("put", "take", "decide", "finish", "put_back", "fail", "keep")
"""What the store is asked for while an event goes through."""
BY_ITSELF = ["put", "decide", "finish"]
"""A message on a database that this process has for itself: leased as it is kept."""
BESIDE_OTHERS = ["put", "take", "decide", "finish"]
"""The same on one that it shares."""


@pytest.fixture
def start(bakery: Bot, open_store: Callable[[], Store], monkeypatch: pytest.MonkeyPatch) -> Start:
    """Start the bot over the database of this test, as often as it wants; it looks into the inbox only when it is told to."""
    monkeypatch.setattr("bot.delivery.worker.POLL", 60.0)

    def started(channel: StandIn) -> tuple[EventGateway, Store]:
        store = open_store()
        return gateway_of(Settings(), bakery, store, {PLATFORM: channel}, None), store

    return started


def asked_of(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that a store is asked for from now on."""
    asked: list[str] = []

    async def counted(step: str, real: Callable[..., Any], *args: Any, **more: Any) -> Any:  # noqa: ANN401 - what it gets
        asked.append(step)
        return await real(*args, **more)

    for step in STEPS:
        monkeypatch.setattr(store, step, partial(counted, step, getattr(store, step)))
    return asked


def test_the_store_is_asked_three_times_for_a_message_and_four_times_where_others_work_beside(
    start: Start, url: str, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = StandIn()

    async def main() -> None:
        gateway, store = start(channel)
        asked = asked_of(store, monkeypatch)
        async with gateway.working(Supervisor()):
            await gateway.settled()
            for number in range(3):
                asked.clear()
                await gateway.accept(event(f"{number}"))
                await gateway.settled()
                assert asked == (BY_ITSELF if url.startswith("sqlite") else BESIDE_OTHERS)
                assert rows("SELECT * FROM inbox") == []

    asyncio.run(main())
    assert turns_of(channel.sent) == turns("0", "1", "2")


def test_what_comes_again_is_neither_leased_nor_looked_for(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = StandIn()

    async def main() -> None:
        first, store = start(channel)
        async with first.working(Supervisor()):
            await first.accept(event("1"))
            await first.settled()
        store.close()
        gateway, store = start(channel)
        asked = asked_of(store, monkeypatch)
        async with gateway.working(Supervisor()):
            await gateway.settled()
            asked.clear()
            await gateway.accept(event("1"))
            assert asked == ["put"]
            await gateway.accept(event("1"))  # known by now without asking the store
            await gateway.settled()
            assert asked == ["put"]

    asyncio.run(main())
    assert turns_of(channel.sent) == turns("1")


class Held(StandIn):
    """Sends nothing to the room "held" before it is let `go`."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def send(self, message: Message) -> str:
        if message.address.place["room"] == "held":
            await self.go.wait()
        return await super().send(message)


def test_a_second_event_of_a_conversation_waits_for_the_first_and_holds_up_no_other(
    start: Start, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        channel = Held()
        gateway, store = start(channel)
        asked = asked_of(store, monkeypatch)
        async with gateway.working(Supervisor()):
            await gateway.settled()
            for id_ in ("1", "2", "3"):
                await gateway.accept(event(id_, conversation="held", room="held"))
            await gateway.accept(event("other", conversation="other", room="free"))
            await until(lambda: turns_of(channel.sent) == turns("other"))
            await until(lambda: asked.count("finish") == 1)
            assert asked.count("decide") == 2  # of the first one and the other
            assert len(rows("SELECT * FROM inbox WHERE payload IS NULL")) == 1
            assert len(rows("SELECT * FROM inbox")) == 3
            channel.go.set()
            await gateway.settled()
        assert turns_of(channel.sent) == turns("other", "1", "2", "3")
        assert rows("SELECT * FROM inbox") == []

    asyncio.run(main())


class Watched(StandIn):
    """Counts how many events the worker has in hand at most."""

    gateway: EventGateway
    most_in_hand: int = 0

    async def send(self, message: Message) -> str:
        self.most_in_hand = max(self.most_in_hand, len(self.gateway.worker._running))
        return await super().send(message)


def many(of: str, count: int) -> list[InboundEvent]:
    """Events of as many conversations."""
    return [event(f"{of}{number}", conversation=f"{of}{number}") for number in range(count)]


def test_no_more_are_worked_on_than_there_are_slots_however_many_come_at_once(start: Start, rows: Rows) -> None:
    channel = Watched(round_trip=0.01)

    async def main() -> None:
        channel.gateway, _ = start(channel)
        async with channel.gateway.working(Supervisor()):
            for of in ("a", "b", "c"):
                await asyncio.gather(*map(channel.gateway.accept, many(of, 4 * SLOTS)))
            await channel.gateway.settled()

    asyncio.run(main())
    assert len({*turns_of(channel.sent)}) == len(channel.sent) == 12 * SLOTS
    assert rows("SELECT * FROM inbox") == []
    assert channel.most_in_hand == SLOTS
    assert channel.most_at_work <= SLOTS


def test_slots_that_are_about_to_be_filled_from_the_inbox_are_given_to_nobody_else(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Watched(round_trip=0.01)

    async def main() -> None:
        channel.gateway, store = start(channel)
        take, taking, brought = store.take, asyncio.Event(), asyncio.Event()

        async def slow_take(most: int, *, fresh: bool, but: Sequence[int] = ()) -> Sequence[LeasedEvent]:
            taken = await take(most, fresh=fresh, but=but)
            taking.set()
            await brought.wait()
            return taken

        monkeypatch.setattr(store, "take", slow_take)
        await asyncio.gather(*map(channel.gateway.accept, many("before", SLOTS)))
        async with channel.gateway.working(Supervisor()):
            await asyncio.wait_for(taking.wait(), 5)
            await asyncio.gather(*map(channel.gateway.accept, many("meanwhile", SLOTS)))
            brought.set()
            await until(lambda: len(channel.sent) == 2 * SLOTS)

    asyncio.run(main())
    assert len({*turns_of(channel.sent)}) == len(channel.sent)
    assert channel.most_in_hand <= SLOTS
    assert channel.most_at_work <= SLOTS


def test_what_is_leased_as_it_is_kept_while_the_worker_stops_is_answered_after_the_next_start(
    start: Start, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = StandIn()

    async def stopped() -> None:
        gateway, store = start(channel)
        put, kept, stopped = store.put, asyncio.Event(), asyncio.Event()

        async def slow_put(came: InboundEvent, *, lease: bool = False) -> Receipt:
            receipt = await put(came, lease=lease)
            kept.set()
            await stopped.wait()
            return receipt

        monkeypatch.setattr(store, "put", slow_put)
        async with gateway.working(Supervisor()):
            accepting = asyncio.create_task(gateway.accept(event("1")))
            await asyncio.wait_for(kept.wait(), 5)
        stopped.set()
        await asyncio.wait_for(accepting, 5)
        await asyncio.sleep(0.05)
        store.close()

    async def again() -> None:
        gateway, _ = start(channel)
        async with gateway.working(Supervisor()):
            await gateway.settled()
            await gateway.accept(event("1"))
            await gateway.settled()

    asyncio.run(stopped())
    assert channel.sent == []
    assert len(rows("SELECT * FROM inbox WHERE payload IS NOT NULL")) == 1
    asyncio.run(again())
    assert turns_of(channel.sent) == turns("1")
    assert rows("SELECT * FROM inbox") == []


def test_once_the_worker_has_stopped_or_before_it_works_nothing_is_leased_as_it_is_kept(start: Start, rows: Rows) -> None:
    async def main() -> None:
        gateway, _ = start(StandIn())
        await gateway.accept(event("before", conversation="before"))
        assert rows("SELECT * FROM inbox WHERE lease > 0") == []
        async with gateway.working(Supervisor()):
            await gateway.settled()
        await gateway.accept(event("after", conversation="after"))
        assert [(row.id, row.lease) for row in rows("SELECT id, lease FROM inbox")] == [(f"{PLATFORM}:after", 0.0)]

    asyncio.run(main())
