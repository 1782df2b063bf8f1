"""A platform that is none: what tests and benchmarks put in the place of Slack and Telegram."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.contracts.addresses import Desk
from bot.contracts.events import DeskReply, Heard, InboundEvent
from bot.dialogue.turn import Command, Selection, Utterance, turn_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.contracts.outcomes import Message

PLATFORM = "standin"
DESK = Desk(PLATFORM, "standin:desk", {"room": "desk"})


@dataclass
class StandIn:
    """Sends nowhere: `sent` are the messages, `faults` what the next sends raise (None: that one goes well)."""

    platform: str = PLATFORM
    sent: list[Message] = field(default_factory=list)
    faults: deque[Exception | None] = field(default_factory=deque)
    round_trip: float = 0.0
    at_work: int = 0
    most_at_work: int = 0

    def read(self, payload: Mapping[str, Any]) -> Heard | None:
        """`text` or `target` or `command`; at the `desk`, a reply to a `post`."""
        if payload.get("desk"):
            act = (
                Selection(conversation="", target=payload["target"]) if "target" in payload else DeskReply(payload["text"], payload["post"])
            )
            return Heard(act, DESK.address, DESK.room, "Dora")
        address = {"room": payload.get("room", "here")}
        if "target" in payload:
            return Heard(Selection(conversation="", target=payload["target"]), address, "standin:here", "Ann")
        if "command" in payload:
            return Heard(Command(conversation="", name=payload["command"]), address, "standin:here", "Ann")
        return Heard(Utterance(conversation="", text=payload["text"]), address, "standin:here", "Ann") if "text" in payload else None

    async def send(self, message: Message) -> str:
        """Take a round trip, then go wrong as planned or keep the message."""
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            await asyncio.sleep(self.round_trip)
            fault = self.faults.popleft() if self.faults else None
            if fault is not None:
                raise fault
            self.sent.append(message)
            return f"{PLATFORM}:{len(self.sent)}"
        finally:
            self.at_work -= 1

    @property
    def said(self) -> list[str]:
        """What was said, message by message, without marks."""
        return [message.reply.plain_body for message in self.sent]

    def to(self, room: str) -> list[Message]:
        """What was sent to a room."""
        return [message for message in self.sent if message.address.get("room") == room]


def event(
    id_: str, text: str = "when are you open", *, talk: str = "talk", person: str = "standin:ann", twin: str = "", **more: object
) -> InboundEvent:
    """An event of the stand-in."""
    payload: dict[str, object] = more if more.keys() & {"target", "command"} else {"text": text, **more}
    return InboundEvent(id_, PLATFORM, talk, person, payload, twin)


async def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    """Return once something holds that tells nobody."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.005)


def turns_of(messages: list[Message]) -> list[str]:
    """The turns that messages belong to."""
    return [message.turn for message in messages]


def turns(*ids: str) -> list[str]:
    """The turns of events of the stand-in."""
    return [turn_id(f"{PLATFORM}:{id_}") for id_ in ids]
