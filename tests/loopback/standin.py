"""A platform that is none: what tests and benchmarks put in the place of Slack and Telegram."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.contracts.addresses import Address, Room
from bot.contracts.events import DeskReply, DeskTalk, InboundEvent
from bot.dialogue.targets import read_target
from bot.dialogue.turn import NO_KEY, Command, RawKey, Selection, UserAct, Utterance, turn_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.contracts.outcomes import Message

PLATFORM = "standin"
DESK = Room(RawKey("standin:desk"), Address(PLATFORM, {"room": "desk"}))


@dataclass
class StandIn:
    """Sends nowhere: `sent` are the messages, `faults` what the next sends raise (None: that one goes well).

    `found` is what every search for a message finds, `looked_for` the ids of those that were searched.
    """

    platform: str = PLATFORM
    sent: list[Message] = field(default_factory=list)
    faults: deque[Exception | None] = field(default_factory=deque)
    round_trip: float = 0.0
    found: str | None = None
    looked_for: list[str] = field(default_factory=list)
    at_work: int = 0
    most_at_work: int = 0

    def read(self, payload: Mapping[str, Any]) -> InboundEvent | None:
        """`text` or `target` or `command`; at the `desk`, a reply to a `post`, or `talk` beneath it. What was said may have a `source`,
        and may be `edited`. The rest of an event is not read again.
        """
        act = _act(payload)
        return None if act is None else _event(payload, act)

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
            return message.edits or f"{PLATFORM}:{len(self.sent)}"
        finally:
            self.at_work -= 1

    async def find(self, message: Message, since: float) -> str | None:  # noqa: ARG002 - as all channels
        self.looked_for.append(message.id)
        return self.found

    def beneath(self, post: str) -> RawKey:
        return RawKey(f"beneath {post}")

    @property
    def said(self) -> list[str]:
        """What was said, message by message, without marks."""
        return [message.reply.plain_body for message in self.sent]

    def to(self, room: str) -> list[Message]:
        """What was sent to a room."""
        return [message for message in self.sent if message.address.place.get("room") == room]


def event(
    id_: str,
    text: str = "when are you open",
    *,
    conversation: str = "talk",
    person: str = "standin:ann",
    twin: str = "",
    platform: str = PLATFORM,
    **more: object,
) -> InboundEvent:
    """An event of the stand-in; one that says nothing where `more` is `joined`."""
    payload: dict[str, Any] = more if more.keys() & {"target", "command", "joined"} else {"text": text, **more}
    return _event(payload, _act(payload) or Utterance(""), id_, conversation, person, twin, platform)


def _act(payload: Mapping[str, Any]) -> UserAct | DeskReply | DeskTalk | None:
    if "target" in payload:
        return Selection(read_target(payload["target"]))
    if payload.get("talk"):
        return DeskTalk(payload["post"])
    if payload.get("desk"):
        return DeskReply(payload["text"], payload["post"])
    if "command" in payload:
        return Command(payload["command"])
    return Utterance(payload["text"]) if "text" in payload else None


def _event(
    payload: Mapping[str, Any],
    act: UserAct | DeskReply | DeskTalk,
    id_: str = "",
    conversation: str = "",
    person: str = "",
    twin: str = "",
    platform: str = PLATFORM,
) -> InboundEvent:
    at_desk = bool(payload.get("desk"))
    return InboundEvent(
        id=id_,
        platform=platform,
        conversation=RawKey(conversation),
        person=RawKey(person),
        payload=payload,
        act=act,
        address=DESK.address if at_desk else Address(platform, {"room": payload.get("room", "here")}),
        twin=RawKey(twin) if twin else NO_KEY,
        room=DESK.key if at_desk else RawKey("standin:here"),
        name="Dora" if at_desk else "Ann",
        source=payload.get("source", ""),
        edited=bool(payload.get("edited")),
    )


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
