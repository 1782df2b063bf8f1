"""What becomes of a reply that cannot be sent, and of an event that cannot be answered."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
from loopback.standin import PLATFORM, StandIn, event, turns, turns_of, until

from bot.contracts.addresses import Address
from bot.contracts.errors import Later, Refused, Unreachable, Unsure
from bot.contracts.outcomes import Message, SendResult
from bot.delivery.gateway import EventGateway
from bot.delivery.handler import EventHandler
from bot.delivery.sending import send
from bot.dialogue.assistant import Assistant
from bot.dialogue.reply import Reply
from bot.serve.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    import sqlalchemy as sa

    from bot.assembly import Bot
    from bot.contracts.events import InboundEvent
    from bot.store.store import Store

    Rows = Callable[[str], list[sa.Row[Any]]]
    Start = Callable[..., EventGateway]

HOUR = 3600.0
BROKEN = "Something went wrong on my side, so I have no answer to that; sorry. Please ask again, or in other words."
CAKE = "how much is a cake"
SPOILS = "what spoils it"


@pytest.fixture
def start(bakery: Bot, store: Store, monkeypatch: pytest.MonkeyPatch) -> Start:
    monkeypatch.setattr("bot.delivery.worker.POLL", 0.02)
    monkeypatch.setattr("bot.delivery.sending.LONGEST_PAUSE", 0.02)

    def started(channel: StandIn, clock: Callable[[], float] = time.time) -> EventGateway:
        handler = EventHandler(Assistant(bakery.base, bakery.matcher))
        return EventGateway(store, handler, {PLATFORM: channel}, clock=clock)

    return started


def work(gateway: EventGateway, main: Callable[[], Awaitable[None]]) -> None:
    """Run `main` while the bot works."""

    async def working() -> None:
        async with gateway.working(Supervisor()):
            await main()

    asyncio.run(working())


class Down(StandIn):
    """Takes nothing while it is `down`."""

    down: bool = True
    tries: int = 0

    async def send(self, message: Message) -> str:
        self.tries += 1
        if self.down:
            raise Unreachable
        return await super().send(message)


class Misreading(StandIn):
    """Stumbles over some words as often as it is told to."""

    stumbles: int = 0

    def read(self, payload: Mapping[str, Any]) -> InboundEvent | None:
        if payload.get("text") == SPOILS and self.stumbles:
            self.stumbles -= 1
            raise ValueError(payload["text"])
        return super().read(payload)


@pytest.mark.parametrize("fault", [Later(0.01), Unreachable("nobody there")])
def test_what_could_not_be_sent_is_sent_once_later(start: Start, rows: Rows, fault: Exception) -> None:
    channel = StandIn()
    channel.faults.extend([fault, fault])
    gateway = start(channel)

    async def main() -> None:
        await gateway.accept(event("1"))
        await until(lambda: not rows("SELECT * FROM inbox"))

    work(gateway, main)
    assert turns_of(channel.sent) == turns("1")
    assert not channel.faults
    assert len(rows("SELECT * FROM turns WHERE NOT uncertain")) == 1


def test_a_conversation_keeps_its_order_while_one_waits_and_others_go_on(start: Start) -> None:
    channel = StandIn()
    channel.faults.append(Later(0.3))
    gateway = start(channel)

    async def main() -> None:
        await gateway.accept(event("a1", conversation="a"))
        await until(lambda: not channel.faults)
        for id_ in ("a2", "b1", "a3", "b2"):
            await gateway.accept(event(id_, conversation=id_[0]))
        await until(lambda: len(channel.sent) == 5)

    work(gateway, main)
    assert turns_of(channel.sent) == turns("b1", "b2", "a1", "a2", "a3")


def test_what_is_refused_is_given_up_and_the_conversation_goes_on(start: Start, rows: Rows) -> None:
    channel = StandIn()
    channel.faults.append(Refused("The bot was blocked."))
    gateway = start(channel)

    async def main() -> None:
        await gateway.accept(event("1"))
        await gateway.accept(event("2", "more"))
        await gateway.settled()

    work(gateway, main)
    assert turns_of(channel.sent) == turns("2")
    assert channel.said[0].startswith("On Sundays")
    assert rows("SELECT * FROM inbox") == []
    assert len(rows("SELECT * FROM turns")) == 2


def test_a_platform_out_of_reach_for_over_an_hour_is_given_up(start: Start, rows: Rows) -> None:
    channel, later = Down(), [0.0]
    gateway = start(channel, lambda: time.time() + later[0])

    async def main() -> None:
        await gateway.accept(event("1"))
        await until(lambda: channel.tries >= 3)
        later[0] = HOUR - 60
        tried = channel.tries
        await until(lambda: channel.tries >= tried + 2)
        assert len(rows("SELECT * FROM inbox")) == 1
        later[0] = HOUR + 60
        await until(lambda: not rows("SELECT * FROM inbox"))
        channel.down = False
        await gateway.accept(event("2", CAKE))
        await until(lambda: len(channel.sent) == 1)

    work(gateway, main)
    assert turns_of(channel.sent) == turns("2")
    assert len(rows("SELECT * FROM turns")) == 2


@pytest.mark.parametrize("fault", [Later(0.01), Unreachable("not up yet")])
def test_what_waited_for_hours_to_be_tried_at_all_is_not_given_up_at_the_first_try(start: Start, fault: Exception) -> None:
    channel = StandIn()
    channel.faults.append(fault)
    hours_later = start(channel, lambda: time.time() + 3 * HOUR)

    async def main() -> None:
        await hours_later.accept(event("1"))
        await until(lambda: not channel.faults)
        await until(lambda: turns_of(channel.sent) == turns("1"), 1.0)

    work(hours_later, main)


def test_pauses_grow_up_to_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.sending.LONGEST_PAUSE", 60.0)
    message = Message(Address(PLATFORM, {"room": "here"}), Reply("answer", "Rye."))

    def result(fault: Exception | None, attempts: int = 0) -> SendResult:
        channel = StandIn()
        channel.faults.append(fault)
        return asyncio.run(send(channel, message, attempts))

    assert [result(Unreachable(), attempts).pause for attempts in (0, 1, 5, 6, 99)] == [1.0, 2.0, 32.0, 60.0, 60.0]
    assert result(Later(7.5), 9) == SendResult("again", pause=7.5, message=message)
    assert result(Refused("It was archived.", "archived")) == SendResult("never", reason="archived", message=message)
    assert [result(Refused()), result(Unsure())] == [SendResult("never", message=message), SendResult("unsure", message=message)]
    monkeypatch.setattr("bot.delivery.sending.LOOK_AFTER", 2.0)
    assert [result(Unsure(), attempts).pause for attempts in (0, 1, 4, 5)] == [2.0, 4.0, 32.0, 60.0]
    assert result(None) == SendResult("arrived", f"{PLATFORM}:1", message=message)
    with pytest.raises(ValueError, match="else"):
        result(ValueError("something else"))


def _goes_wrong_in_reading(channel: Misreading, _gateway: EventGateway, _monkeypatch: pytest.MonkeyPatch) -> None:
    channel.stumbles = 3


def _goes_wrong_in_deciding(_channel: Misreading, gateway: EventGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = gateway.processor.handler.handle

    def handled(came: InboundEvent, *rest: Any) -> Any:  # noqa: ANN401 - it passes on what it gets
        if getattr(came.act, "text", "") == SPOILS:
            raise ValueError(SPOILS)
        return handle(came, *rest)

    monkeypatch.setattr(gateway.processor.handler, "handle", handled)


def _goes_wrong_in_sending(channel: Misreading, _gateway: EventGateway, _monkeypatch: pytest.MonkeyPatch) -> None:
    channel.faults.extend([ValueError(SPOILS)] * 3)


@pytest.mark.parametrize("goes_wrong", [_goes_wrong_in_reading, _goes_wrong_in_deciding, _goes_wrong_in_sending])
def test_what_goes_wrong_three_times_is_set_aside_the_asker_is_told_once_and_the_conversation_goes_on(
    start: Start, rows: Rows, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, goes_wrong: Callable[..., None]
) -> None:
    caplog.set_level(logging.DEBUG, "careerbot")
    channel = Misreading()
    gateway = start(channel)
    goes_wrong(channel, gateway, monkeypatch)

    async def main() -> None:
        await gateway.accept(event("1", SPOILS, room="kitchen"))
        await gateway.accept(event("2", CAKE, room="kitchen"))
        await until(lambda: len(channel.sent) == 2)
        await gateway.accept(event("1", SPOILS, room="kitchen"))
        await gateway.settled()

    work(gateway, main)
    (aside,) = rows("SELECT * FROM inbox")
    assert (bool(aside.aside), aside.tries, aside.fault) == (True, 3, "ValueError")
    assert sorted(message.reply.text for message in channel.to("kitchen")) == ["A cake is 20 euros.", BROKEN]
    assert "ValueError" in caplog.text
    assert SPOILS not in caplog.text


def test_what_goes_wrong_twice_is_answered_at_the_third_try(start: Start, rows: Rows) -> None:
    channel = Misreading()
    channel.stumbles = 1
    channel.faults.append(ValueError("not now"))
    gateway = start(channel)

    async def main() -> None:
        await gateway.accept(event("1", SPOILS))
        await until(lambda: not rows("SELECT * FROM inbox"))

    work(gateway, main)
    assert turns_of(channel.sent) == turns("1")
