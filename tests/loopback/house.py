"""The bot at work between Ann, who asks in the room "here", and Dora, who sits at the desk. Both speak over the stand-in."""

from __future__ import annotations

import asyncio
import time
from itertools import count
from typing import TYPE_CHECKING, Any

from bot.delivery.gateway import EventGateway
from bot.dialogue.targets import ConsentTarget, DeskMove, DeskTarget, written
from bot.serve.supervisor import Supervisor
from loopback.standin import PLATFORM, StandIn, event

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import sqlalchemy as sa

    from bot.contracts.outcomes import Message
    from bot.delivery.handler import EventHandler
    from bot.store.store import Store

    Rows = Callable[[str], list[sa.Row[Any]]]

QUESTION = "are you hiring"
TAPS_NAMED = written(ConsentTarget("named"))


class Closing(StandIn):
    """Goes wrong in the room that is `closed`, and gives no keys in the one that is `keyless`."""

    closed: tuple[str, Exception] | None = None
    keyless: str = ""

    async def send(self, message: Message) -> str:
        room = message.address.place["room"]
        if self.closed and room == self.closed[0]:
            raise self.closed[1]
        key = await super().send(message)
        return "" if room == self.keyless else key


class House:
    """The bot at work, over one store after the other if a test wants that. The clock of the gateway goes `later`."""

    gateway: EventGateway

    def __init__(self, store: Store, handler: EventHandler, rows: Rows) -> None:
        self.store, self.handler, self.rows = store, handler, rows
        self.channel = Closing()
        self.later = 0.0
        self.numbers = count()

    def run(self, main: Callable[[], Awaitable[None]], *, grace: float = 10.0) -> None:
        """Run `main` while the bot works; what is in hand at its end has so many seconds of `grace`."""

        async def running() -> None:
            self.gateway = EventGateway(self.store, self.handler, {PLATFORM: self.channel}, clock=lambda: time.time() + self.later)
            async with self.gateway.working(Supervisor(), grace):
                await main()

        asyncio.run(running())

    async def ann(self, *texts: str, conversation: str = "talk", **more: str) -> Message:
        """What Ann hears at last, once she has said or tapped something."""
        for text in texts or ("",):
            await self.gateway.accept(event(f"ann{next(self.numbers)}", text, conversation=conversation, **more))
            await self.gateway.settled()
        return self.channel.to("here")[-1]

    async def dora(self, text: str = "", *, post: str = "", **more: object) -> str:
        """What is said at the desk, once Dora has replied to a post there or pressed something."""
        of_dora = {"conversation": "desk", "person": "standin:dora", "desk": True, "post": post}
        await self.gateway.accept(event(f"dora{next(self.numbers)}", text, **of_dora, **more))
        await self.gateway.settled()
        return self.desk[-1].reply.text

    async def ten_seconds_later(self) -> None:
        """What waits is due now."""
        self.rows("UPDATE inbox SET due = 0")
        self.gateway.worker.wake()
        await self.gateway.settled()

    async def passed_on(self, **more: str) -> tuple[str, str]:
        """The id of a question that was passed on, and the key of the desk's post about it."""
        await self.ann("do you deliver to my house", QUESTION, "yes", **more)
        await self.ann(target=TAPS_NAMED, **more)
        post = self.desk[-1]
        return post.question, self.key(post)

    def key(self, message: Message) -> str:
        """The key of a message that was sent."""
        return f"{PLATFORM}:{self.channel.sent.index(message) + 1}"

    @property
    def desk(self) -> list[Message]:
        return self.channel.to("desk")

    @property
    def heard(self) -> list[str]:
        """What Ann has heard about her questions, unasked."""
        return [message.reply.text for message in self.channel.to("here") if message.reply.kind == "notice"]


def press(move: DeskMove, question: str) -> str:
    return written(DeskTarget(move, question))


def button(message: Message, move: DeskMove) -> str:
    """What the button of a message carries that makes a move."""
    targets = (choice.target for choice in message.reply.follow_ups)
    return next(written(target) for target in targets if isinstance(target, DeskTarget) and target.move == move)
