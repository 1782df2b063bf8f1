"""What follows from an event: a message, what is remembered, what is kept, who else hears of it; and what became of the message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.contracts.addresses import Address, Recipient  # noqa: TC001 - read at run time where messages are kept
from bot.dialogue.reply import Reply  # noqa: TC001 - as above
from bot.dialogue.turn import NO_KEY, HashedKey, Rating, RawKey, Share

if TYPE_CHECKING:
    from bot.contracts.errors import Refusal
    from bot.contracts.questions import Question, State
    from bot.dialogue.session import Session
    from bot.dialogue.turn import Context


@dataclass(frozen=True, slots=True)
class Message:
    """A reply on its way; `turn` is what a rating of it names.

    `under` is the platform's key of the message that it is written beneath, `edits` of the one whose place it takes, `source` of the
    one that it answers. `question` is the hand-off that it is about; `purpose` says what it is for there: the first `post` at the
    desk, the `answer` of a person, or neither. `share` is what is shared by it, and `sharer` who hears how that went. `id` is what it
    is found by on its platform, 16 characters, the same whenever it is sent again. `once` names what is done once it has arrived, and
    never again.
    """

    address: Address
    reply: Reply
    turn: str = ""
    under: str = ""
    edits: str = ""
    source: str = ""
    question: str = ""
    purpose: Literal["", "post", "answer"] = ""
    share: Share | None = None
    sharer: Recipient | None = None
    id: str = ""
    once: RawKey = NO_KEY


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that is no reply to the event that caused it, but an event of its own: it waits, is tried again, keeps order.

    `id` is the same whenever the same cause makes it. It goes after so many seconds of `delay`, and can be withdrawn until then.
    """

    id: str
    conversation: HashedKey
    person: HashedKey
    message: Message
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """What the journal keeps of a turn; `milliseconds` is what deciding took, `scope`, `choice` and `confidence` are in [0, 1].

    `said` and `act` are the names of what was done and decided, `text` is masked, `knowledge` is the version of what answered.
    """

    id: str
    context: Context
    platform: str
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
    """The answer to a question at the desk, kept for the editor."""

    question: Question


@dataclass(frozen=True, slots=True)
class NoticeWithdrawn:
    """A notice that is not to go after all; if it is on its way already, nothing of the outcome holds."""

    notice: str


@dataclass(frozen=True, slots=True)
class DoneOnce:
    """Something that is not to be done again."""

    key: RawKey


@dataclass(frozen=True, slots=True)
class PersonErased:
    """All that is kept of a person, to be erased."""

    person: HashedKey


Change = Rating | Share | QuestionOpened | QuestionChanged | QuestionReminded | DraftKept | NoticeWithdrawn | DoneOnce | PersonErased


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that follows from an event; it is kept as a whole or not at all.

    `message` answers the event itself; `session` and `turn` are None where there is nothing to remember. What `needs_store` must be
    kept before any of it may be done: while nothing can be kept, it has to wait.
    """

    message: Message | None = None
    session: Session | None = None
    turn: TurnRecord | None = None
    changes: tuple[Change, ...] = ()
    notices: tuple[Notice, ...] = ()
    needs_store: bool = False


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of a message.

    `post` is the platform's key of one that `arrived`, empty where it has none; `unsure` left, but nobody knows; `again` may be sent
    after `pause` seconds; `never` will not arrive, for a `reason`; `nothing` was to be sent.
    """

    status: Literal["arrived", "unsure", "again", "never", "nothing"]
    post: str = ""
    reason: Refusal = ""
    pause: float = 0.0
    message: Message | None = None
