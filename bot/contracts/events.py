"""What comes in and what follows: an event of a platform, and the messages and changes that answer it. Data only."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read at run time where messages are kept
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bot.dialogue.reply import Reply  # noqa: TC001 - read at run time where messages are kept

if TYPE_CHECKING:
    from bot.contracts.questions import Question, State
    from bot.dialogue.session import Session
    from bot.dialogue.turn import UserAct


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """Something that a platform delivered, as it came.

    `id` is the platform's, unique with the platform's name in front; `twin` a second key that joins two deliveries of one
    message. `conversation` and `person` are the platform's keys (`slack:T1/C1/17.3`); they are kept as hashes only. `payload`
    is what the channel reads later; it must be JSON. `places` are the names that an operator may have for where it happened,
    the narrowest first.
    """

    id: str
    platform: str
    conversation: str
    person: str
    payload: Mapping[str, Any]
    twin: str = ""
    places: tuple[str, ...] = ()


def id_of(event: InboundEvent) -> str:
    """The id of an event among those of all platforms."""
    return f"{event.platform}:{event.id}"


@dataclass(frozen=True, slots=True)
class DeskReply:
    """Something that was written at the desk in reply to the message `post` about a question, or about the question `id`.

    `otherwise` is what it is if no question was ever posted there.
    """

    text: str
    post: str = ""
    id: str = ""
    otherwise: UserAct | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """An event read: what was done, where the reply goes, in which room it was done and what the person is called there.

    `source` is the platform's key of the message that asks; with `edited` its words have changed, and its answer changes with
    them. `overheard` was not said to the bot, only where it talks. `into` is the address of the room that is shared
    into.
    """

    act: UserAct | DeskReply
    address: Mapping[str, str]
    room: str = ""
    name: str = ""
    source: str = ""
    edited: bool = False
    overheard: bool = False
    into: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """An entry on its way into a `room`: what is kept of it once it is there, and where the sharer hears of it.

    `back` is in the words of `platform`.
    """

    entry: str
    room: str
    person: str
    conversation: str
    back: Mapping[str, str]
    platform: str


@dataclass(frozen=True, slots=True)
class Message:
    """A reply on its way: `address` is in the words of the platform, `turn` what a rating of it names.

    `question` is the hand-off that it is about. `told` says what it is for there: the first `post` at the desk, the `answer`
    of a person, or neither. `source` is the platform's key of the message that it answers, `card` what is shared by it.
    """

    platform: str
    address: Mapping[str, str]
    reply: Reply
    turn: str = ""
    question: str = ""
    told: Literal["", "post", "answer"] = ""
    source: str = ""
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a message: `post` is the platform's key of it, empty where there was none or it has no key.

    `question` and `source` are those of the message; `uncertain` tells that it left and nobody knows whether it arrived.
    """

    post: str = ""
    question: str = ""
    source: str = ""
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that is no reply to the event that caused it, but an event of its own: it waits, is tried again, keeps order.

    `id` is the same whenever the same cause makes it; `conversation` and `person` are hashes.
    """

    id: str
    conversation: str
    person: str
    message: Message


@dataclass(frozen=True, slots=True)
class LeasedEvent:
    """An event taken from the inbox to be worked on.

    `conversation` and `person` are hashes. An event without `payload` was decided already, in a run that ended too early or as
    the notice that it is: then `message` is what is left to send, if anything is.
    """

    seq: int
    id: str
    platform: str
    conversation: str
    person: str
    received: float
    payload: Mapping[str, Any] | None = None
    message: Message | None = None
    session: Session | None = None


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """What the journal keeps of a turn; `milliseconds` is what deciding took, `scope`, `choice` and `confidence` are in [0, 1].

    `at` is in seconds since the epoch, `knowledge` the version of what answered.
    """

    id: str
    conversation: str
    person: str
    platform: str
    at: float
    said: str
    act: str
    text: str = ""
    entries: tuple[str, ...] = ()
    scope: float = 0.0
    choice: float = 0.0
    confidence: float = 0.0
    milliseconds: float = 0.0
    knowledge: str = ""


@dataclass(frozen=True, slots=True)
class RatingGiven:
    """A rating of a turn by a person; a later one takes its place."""

    turn: str
    person: str
    up: bool
    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class Shared:
    """An entry shared into a room (as the platform names it) by a person (a hash)."""

    id: str
    entry: str
    person: str
    room: str
    at: float


@dataclass(frozen=True, slots=True)
class QuestionOpened:
    """A question passed on to the desk."""

    question: Question


@dataclass(frozen=True, slots=True)
class QuestionChanged:
    """A question that went on from the state `before`; if it is in another state by now, nothing of the outcome holds."""

    question: Question
    before: State


@dataclass(frozen=True, slots=True)
class QuestionReminded:
    """The desk was reminded of a question."""

    question: str


@dataclass(frozen=True, slots=True)
class DraftKept:
    """An answer of the desk kept for the editor; `person` is who asked."""

    id: str
    person: str
    question: str
    answer: str
    at: float


@dataclass(frozen=True, slots=True)
class PersonErased:
    """All that is kept of a person, to be erased."""

    person: str


Change = RatingGiven | Shared | QuestionOpened | QuestionChanged | QuestionReminded | DraftKept | PersonErased


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that follows from an event; it is kept as a whole or not at all.

    `message` answers the event itself; `session` and `turn` are None where there is nothing to remember.
    """

    message: Message | None = None
    session: Session | None = None
    turn: TurnRecord | None = None
    changes: tuple[Change, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Depth:
    """How many events wait, since when the oldest of them does (seconds since the epoch, 0 if none), and how many were set aside."""

    waiting: int
    oldest: float
    aside: int


@dataclass(frozen=True, slots=True)
class Desk:
    """The room where people answer what the bot cannot."""

    platform: str
    room: str
    address: Mapping[str, str]
