"""What comes in: an event as a platform delivered it and its reader understood it, and the same leased from the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.dialogue.turn import NO_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.contracts.addresses import Address
    from bot.contracts.outcomes import Message
    from bot.dialogue.session import Session
    from bot.dialogue.turn import Context, RawKey, UserAct


@dataclass(frozen=True, slots=True)
class DeskReply:
    """An answer that was written at the desk, to the message `post` about a question or to the `question` with an id.

    If other words were given to one of its answers, `answer` is the one, where a button has told. `otherwise` is what it is if no
    question was ever posted there.
    """

    text: str
    post: str = ""
    question: str = ""
    answer: str = ""
    otherwise: UserAct | None = None


@dataclass(frozen=True, slots=True)
class DeskTalk:
    """Something said at the desk beneath the message `post` about a question, and no answer: it never leaves the desk."""

    post: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundEvent:
    """Something that a platform delivered, as it came and as it was read.

    `id` is the platform's, `twin` a second key that joins two deliveries of one message. `payload` is what the same reader makes the
    same of later; it must be JSON. `act` is what was done. `address` is where the reply goes; None where nothing can be said. `room` is
    where it was done, `places` are the names that an operator may have for that, the narrowest first; `name` is what the person is
    called there.

    `source` is the platform's key of the message that asks; with `edited` its words have changed, and its answer changes with them.
    `overheard` was not said to the bot, only where it takes part. The answer takes the place of the message `edits`, if that is set.
    `share_into` is the room that is shared into, and `once` names what is shared by this press: it is shared once, however often
    somebody presses.
    """

    id: str
    platform: str
    conversation: RawKey
    person: RawKey
    payload: Mapping[str, Any]
    act: UserAct | DeskReply | DeskTalk
    address: Address | None
    twin: RawKey = NO_KEY
    room: RawKey = NO_KEY
    places: tuple[str, ...] = ()
    name: str = ""
    source: str = ""
    edited: bool = False
    overheard: bool = False
    edits: str = ""
    share_into: Address | None = None
    once: RawKey = NO_KEY

    @property
    def key(self) -> str:
        """The id of the event among those of all platforms."""
        return f"{self.platform}:{self.id}"


@dataclass(frozen=True, slots=True)
class LeasedEvent:
    """An event taken from the inbox to be worked on, by its number `seq`; `context.event` is the key of the inbound event.

    One without `payload` was decided already, in a run that ended too early or as the notice that it is: then `message` is what is
    left to send, if anything is. One that was `interrupted` was decided and worked on before by somebody who ended without a word: its
    message may have gone.
    """

    seq: int
    platform: str
    context: Context
    payload: Mapping[str, Any] | None = None
    message: Message | None = None
    session: Session | None = None
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an event brought to the inbox: whether it is `new`, and the lease on it if it may be worked on at once."""

    new: bool
    leased: LeasedEvent | None = None


@dataclass(frozen=True, slots=True)
class Depth:
    """How many events wait, since when the oldest of them does (seconds since the epoch, 0 if none), and how many were set aside."""

    waiting: int
    oldest: float
    aside: int
