"""From an event that came to a reply that went, on both databases: all of it, once, in order, over restarts and crashes."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from loopback.standin import PLATFORM, StandIn, event, turns, turns_of, until

from bot.assembly import gateway_of
from bot.contracts.addresses import Address
from bot.contracts.errors import StoreError
from bot.contracts.ports import NullObserver
from bot.contracts.questions import Question
from bot.delivery.worker import SLOTS
from bot.dialogue.targets import EntryTarget
from bot.serve.supervisor import Supervisor
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

    from bot.assembly import Bot
    from bot.contracts.events import InboundEvent, LeasedEvent
    from bot.contracts.outcomes import Message
    from bot.delivery.gateway import EventGateway
    from bot.store.store import Store

    Rows = Callable[[str], list[sa.Row[Any]]]
    Start = Callable[[StandIn], tuple[EventGateway, Store]]
    Bring = Callable[..., EventGateway]

LEASES_RUN_OUT = "UPDATE inbox SET lease = 1 WHERE lease > 0"
OPEN = "We are open from 7 to 18, Monday to Saturday."
CAKE = "how much is a cake"
QUESTION = Question("q1", None, "weddings?", Address(PLATFORM, {"room": "desk"}))


class NoStore:
    """Holds questions of the desk and nothing else; what is called "down" cannot be read."""

    def __init__(self, *questions: Question) -> None:
        self._questions = {question.id: question for question in questions}

    def question(self, id_: str) -> Question | None:
        if id_ == "down":
            raise StoreError
        return self._questions.get(id_)


class Counting(NullObserver):
    """Counts what is counted."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def counted(self, what: str, platform: str) -> None:
        assert platform == PLATFORM
        self.counts[what] += 1


@pytest.fixture
def observer() -> Counting:
    return Counting()


@pytest.fixture
def start(bakery: Bot, open_store: Callable[[], Store], observer: Counting, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Start the bot over the database of this test, as often as it wants."""
    monkeypatch.setattr("bot.delivery.worker.POLL", 0.02)

    def started(channel: StandIn) -> tuple[EventGateway, Store]:
        store = open_store()
        return gateway_of(Settings(), bakery, store, {PLATFORM: channel}, None, observer=observer), store

    return started


@pytest.fixture
def bring(start: Start) -> Bring:
    """Bring events to the bot (the `first` ones before it works), and stop it once it has settled."""

    def brought(channel: StandIn, *events: InboundEvent, first: Sequence[InboundEvent] = ()) -> EventGateway:
        async def main() -> EventGateway:
            gateway, store = start(channel)
            for one in first:
                await gateway.accept(one)
            async with gateway.working(Supervisor()):
                for one in events:
                    await gateway.accept(one)
                await gateway.settled()
            store.close()
            return gateway

        return asyncio.run(main())

    return brought


def test_an_event_gets_one_reply_leaves_the_inbox_and_is_kept_as_a_turn(bring: Bring, rows: Rows) -> None:
    bring(channel := StandIn(), event("1", room="kitchen"), event("2", joined="says nothing"))
    assert [(message.address, message.reply.plain_text) for message in channel.sent] == [(Address(PLATFORM, {"room": "kitchen"}), OPEN)]
    assert rows("SELECT * FROM inbox") == []
    (turn,) = rows("SELECT * FROM turns")
    assert (turn.id, turn.platform, turn.said, turn.act, turn.entries) == (*turns("1"), PLATFORM, "utterance", "answer", "hours")
    assert (turn.text, bool(turn.uncertain)) == ("when are you open", False)
    assert "talk" not in turn.conversation
    assert "ann" not in turn.person


@pytest.mark.parametrize("at_once", [True, False])
def test_a_second_delivery_and_a_twin_get_no_second_reply(start: Start, rows: Rows, observer: Counting, *, at_once: bool) -> None:
    channel = StandIn()
    deliveries = [event("mention", twin="C1 17.3"), event("mention", twin="C1 17.3"), event("message", twin="C1 17.3"), event("other")]

    async def main() -> None:
        gateway, _ = start(channel)
        async with gateway.working(Supervisor()):
            for together in [deliveries] if at_once else [[one] for one in deliveries]:
                await asyncio.gather(*map(gateway.accept, together))
                await gateway.settled()

    asyncio.run(main())
    assert turns_of(channel.sent) == turns("mention", "other")
    assert observer.counts == {"again": 2}
    assert len(rows("SELECT * FROM turns")) == 2


def test_a_second_delivery_is_recognised_and_a_conversation_goes_on_after_a_restart(bring: Bring) -> None:
    bring(channel := StandIn(), event("1", twin="twin"))
    bring(channel, event("1"), event("one", twin="twin"), event("2", "more"))
    assert turns_of(channel.sent) == turns("1", "2")
    assert channel.said[0] == OPEN
    assert channel.said[1].startswith("On Sundays we bake only for ourselves.")


def test_what_is_asked_right_after_forget_me_is_answered(bring: Bring) -> None:
    bring(channel := StandIn(), first=[event("1", "forget me"), event("2", CAKE)])
    assert turns_of(channel.sent) == turns("1", "2")


def test_conversations_go_side_by_side_and_each_keeps_its_order(start: Start) -> None:
    class Uneven(StandIn):
        """The first message to a room takes longest: whoever overtakes, overtakes it."""

        async def send(self, message: Message) -> str:
            self.round_trip = 0.002 if self.to(message.address.place["room"]) else 0.04
            return await super().send(message)

    channel = Uneven()
    rooms = [f"room{number}" for number in range(SLOTS + 8)]

    async def main() -> None:
        gateway, _ = start(channel)
        async with gateway.working(Supervisor()):
            for number in range(3):
                await asyncio.gather(*(gateway.accept(event(f"{room}.{number}", CAKE, conversation=room, room=room)) for room in rooms))
            await gateway.settled()

    asyncio.run(main())
    for room in rooms:
        assert turns_of(channel.to(room)) == turns(*(f"{room}.{number}" for number in range(3)))
    assert 1 < channel.most_at_work <= SLOTS


class Dying(StandIn):
    """Goes down with the process as soon as a message has left."""

    async def send(self, message: Message) -> str:
        await super().send(message)
        await asyncio.Event().wait()
        return ""


@pytest.mark.parametrize(("left", "found", "sent"), [(False, "", True), (True, "standin:1", False), (True, None, True)])
def test_what_was_decided_before_a_crash_is_looked_for_and_not_decided_again(
    start: Start, observer: Counting, rows: Rows, monkeypatch: pytest.MonkeyPatch, *, left: bool, found: str | None, sent: bool
) -> None:
    channel, dying = StandIn(found=found), Dying() if left else StandIn(round_trip=60)

    async def crash() -> None:
        gateway, store = start(dying)
        async with gateway.working(Supervisor(), grace=0.0):
            await gateway.accept(event("1"))
            await until(lambda: bool(dying.sent) if left else dying.at_work == 1)
        store.close()

    async def again() -> None:
        gateway, _ = start(channel)
        monkeypatch.setattr(gateway.processor.handler, "handle", lambda *_: pytest.fail("decided again"))
        async with gateway.working(Supervisor()):
            await gateway.settled()

    asyncio.run(crash())
    assert len(rows("SELECT * FROM inbox WHERE payload IS NULL AND message IS NOT NULL")) == 1
    rows(LEASES_RUN_OUT)
    asyncio.run(again())
    assert turns_of(channel.sent) == (turns("1") if sent else [])
    assert (channel.looked_for, dying.looked_for) == (turns("1"), [])
    assert observer.counts["sent_again"] == (found is None)  # the second time: only the platform could have told
    assert [bool(turn.uncertain) for turn in rows("SELECT * FROM turns")] == [False]
    assert rows("SELECT * FROM inbox") == []


def test_what_was_taken_before_a_crash_is_answered_at_the_next_start(start: Start, bring: Bring, rows: Rows) -> None:
    async def crash() -> None:
        gateway, store = start(StandIn())
        for id_ in ("1", "2"):
            await gateway.accept(event(id_))
        assert [taken.context.event for taken in await store.take(9, fresh=True)] == [f"{PLATFORM}:1"]
        store.close()

    asyncio.run(crash())
    assert rows("SELECT * FROM turns") == []
    rows(LEASES_RUN_OUT)
    bring(channel := StandIn())
    assert turns_of(channel.sent) == turns("1", "2")
    assert channel.looked_for == []  # nothing is sent before it is kept what was decided
    assert rows("SELECT * FROM inbox") == []


def test_settled_returns_when_all_is_done_and_not_before(start: Start, rows: Rows) -> None:
    channel = StandIn(round_trip=0.02)

    async def main() -> None:
        gateway, _ = start(channel)
        async with gateway.working(Supervisor()):
            for number in range(1, 4):
                await asyncio.gather(*(gateway.accept(event(f"{number}.{name % 20}", conversation=f"{name % 20}")) for name in range(40)))
                await gateway.settled()
                assert (len(channel.sent), channel.at_work) == (20 * number, 0)
                assert rows("SELECT * FROM inbox") == []
            await asyncio.wait_for(gateway.settled(), 0.1)

    asyncio.run(main())


def test_what_waited_from_before_the_start_keeps_no_new_conversation_waiting(start: Start) -> None:
    channel = StandIn(round_trip=0.05)

    async def main() -> None:
        before, store = start(StandIn())
        await asyncio.gather(*(before.accept(event(f"old{number}", conversation=f"old{number}")) for number in range(300)))
        store.close()
        gateway, _ = start(channel)
        async with gateway.working(Supervisor()):
            await until(lambda: channel.at_work > 0)
            await gateway.accept(event("new", CAKE, conversation="new"))
            await until(lambda: turns("new")[0] in turns_of(channel.sent))
            assert len(channel.sent) <= 2 * SLOTS
            await gateway.settled()

    asyncio.run(main())
    assert sorted(turns_of(channel.sent)) == sorted(turns("new", *(f"old{number}" for number in range(300))))


def test_a_stop_finishes_what_is_in_hand_and_leaves_the_rest_to_the_next_start(start: Start, bring: Bring, rows: Rows) -> None:
    channel = StandIn(round_trip=0.03)
    ids = [str(number) for number in range(100)]

    async def main() -> None:
        gateway, store = start(channel)
        async with gateway.working(Supervisor()):
            await asyncio.gather(*(gateway.accept(event(id_, conversation=id_)) for id_ in ids))
            await until(lambda: channel.at_work > 0)
        assert channel.at_work == 0
        store.close()

    asyncio.run(main())
    assert 0 < len(channel.sent) <= 2 * SLOTS
    assert len(rows("SELECT * FROM inbox")) == len(ids) - len(channel.sent)
    bring(channel)
    assert sorted(turns_of(channel.sent)) == sorted(turns(*ids))


def test_once_it_has_stopped_nothing_goes_on(start: Start, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = StandIn(round_trip=0.02)

    async def main() -> None:
        gateway, store = start(channel)
        take, taking = store.take, asyncio.Event()

        async def slow_take(most: int, *, fresh: bool, but: Sequence[int] = ()) -> Sequence[LeasedEvent]:
            if taken := await take(most, fresh=fresh, but=but):
                taking.set()
                await asyncio.sleep(0.02)
            return taken

        monkeypatch.setattr(store, "take", slow_take)
        async with gateway.working(Supervisor()):
            await gateway.accept(event("1"))
            await asyncio.wait_for(taking.wait(), 5)
        sent = len(channel.sent)
        await asyncio.sleep(0.1)
        assert (len(channel.sent), channel.at_work) == (sent, 0)
        assert len(rows("SELECT * FROM inbox")) == 1 - sent

    asyncio.run(main())


def test_a_channel_learns_whether_a_button_still_leads_somewhere(bakery: Bot) -> None:
    gateway = gateway_of(Settings(), bakery, NoStore(), {}, None)
    assert gateway.leads(EntryTarget("hours", "more"))
    assert not gateway.leads(EntryTarget("gone"))


def test_a_channel_reads_a_question_of_the_desk_and_gets_none_where_there_is_none_or_nothing_can_be_read(bakery: Bot) -> None:
    gateway = gateway_of(Settings(), bakery, NoStore(QUESTION), {}, None)
    asked = [asyncio.run(gateway.question(id_)) for id_ in ("q1", "q2", "down")]
    assert asked == [QUESTION, None, None]
