"""What the rooms need of one another: where events wait, what is kept, platforms, the gateway, whoever observes and whoever supervises.

The store implements `Inbox` and `Journal`, each platform a `Channel`, delivery the `Gateway`, telemetry the `Observer`, serve the
`Supervisor`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from bot.contracts.events import Depth, InboundEvent, LeasedEvent, Receipt
    from bot.contracts.outcomes import Message, Outcome, SendResult, TurnRecord
    from bot.contracts.questions import Question
    from bot.dialogue.reply import Reply
    from bot.dialogue.targets import Target
    from bot.dialogue.turn import Context, HashedKey, RawKey, UserAct

Accepted = Literal["new", "again", "turned_away"]
"""An event at the gateway is new, or came before, or is left: whoever caused it has heard already that they are turned away."""


@dataclass(frozen=True, slots=True)
class PastQuestion:
    """Something that a person asked before, and the entry that answered it; empty if none did."""

    text: str
    entry: str


class Journal(Protocol):
    """What has been kept. Each may raise `StoreError`; each blocks."""

    def question(self, id_: str) -> Question | None:
        """The question at the desk with an id."""

    def question_of_post(self, post: str) -> Question | None:
        """The question that a message of the desk is about."""

    def waiting(self, person: HashedKey) -> Sequence[Question]:
        """The questions of a person that wait for an answer, oldest first."""

    def overdue(self, before: float) -> Sequence[Question]:
        """The questions that have waited since before a time, of which the desk was not reminded yet."""

    def answer_to(self, source: str) -> str:
        """The platform's key of the message that answers the message with the key `source`; empty if there is none any more."""

    def greeted(self, person: HashedKey) -> bool:
        """Whether a person was greeted before."""

    def popular(self, most: int) -> Sequence[str]:
        """The entries that were answered most often, the most popular first."""

    def asked_lately(self, person: RawKey) -> Sequence[PastQuestion]:
        """What a person asked lately, newest first."""

    def takes_part(self, conversation: RawKey) -> bool:
        """Whether a session is kept of a conversation."""

    def waits(self, notice: str) -> bool:
        """Whether a notice is yet to go, and nobody has begun to send it."""

    def done_once(self, key: RawKey) -> bool:
        """Whether something was done that is not to be done again."""

    def depth(self) -> Depth:
        """How much waits."""


class Inbox(Protocol):
    """Where events wait. Each may raise `StoreError`, but `hashed`."""

    def hashed(self, key: RawKey) -> HashedKey:
        """What stands for a key in all that is kept."""

    async def put(self, event: InboundEvent, *, lease: bool = False) -> Receipt:
        """Keep an event. With `lease` it is leased at once where nothing else of its conversation waits, if the database can do that."""

    async def take(self, most: int, *, fresh: bool, but: Sequence[int] = ()) -> Sequence[LeasedEvent]:
        """The oldest events of conversations in which none is worked on, at most so many, none of `but`; they are leased.

        `fresh` ones have come since this inbox was opened, the others waited before.
        """

    async def decide(self, leased: LeasedEvent, outcome: Outcome) -> bool:
        """Keep all that follows from an event; False if the event is gone: another process has done it, or nobody is to.

        Raises `OvertakenError` where it must be decided again.
        """

    async def finish(self, leased: LeasedEvent, result: SendResult) -> None:
        """Mark an event as done; `result` is what its message has become."""

    async def put_back(self, leased: LeasedEvent, seconds: float, *, unsure: bool = False) -> None:
        """Let an event wait for so long; its conversation waits with it. If `unsure`, it comes back as interrupted."""

    async def fail(self, leased: LeasedEvent, fault: str, seconds: float) -> bool:
        """Count a try that went wrong, for another one so much later; True if that was the last and the event is set aside."""

    async def renew(self, seqs: Sequence[int]) -> None:
        """Go on leasing the events with these numbers."""

    async def keep(self, outcome: Outcome, context: Context) -> None:
        """Keep what follows from no event in the inbox, such as a reminder, or a session of the context's conversation."""

    async def tidy(self, retention_days: int) -> None:
        """Drop what is kept long enough: texts after so many days."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Something that waits to be fetched: its number, when it was put there (seconds since the epoch), and what it says."""

    number: int
    at: float
    content: bytes


class Mailbox(Protocol):
    """Where messages lie for those who fetch them. Each may raise `StoreError`."""

    async def post(self, conversation: RawKey, person: RawKey, content: bytes, turn: str = "") -> int:
        """Keep a message to a person, and one that is the reply to a `turn` once; return its number, which grows.

        0 where nothing is kept, because the person of that turn was forgotten.
        """

    def fetch(self, conversation: RawKey, after: int) -> Sequence[Letter]:
        """The messages of a conversation after a number, oldest first. Blocks."""

    def answer(self, turn: str) -> Letter | None:
        """The message that is the reply to a turn, if it lies there. Blocks."""


class Store(Inbox, Journal, Mailbox, Protocol):
    """All of it over one database."""

    @property
    def alive(self) -> bool:
        """Whether it can ever keep anything again; one that is only away is alive."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a platform or a caller calls the bot over HTTP: a method, a path as Starlette writes it, and what answers."""

    method: str
    path: str
    answer: Callable[[Request], Awaitable[Response]]


class Channel(Protocol):
    """A platform. `platform` is its name."""

    platform: str

    def read(self, payload: Mapping[str, Any]) -> InboundEvent | None:
        """The event that a kept payload is, or None if there is nothing to answer. Does no I/O."""

    def send(self, message: Message) -> Awaitable[str]:
        """Send a message and return the platform's key of it; raises `SendError`."""

    def find(self, message: Message, since: float) -> Awaitable[str | None]:
        """The platform's key of a message that may have arrived since a time in seconds; empty if it has not.

        None where that cannot be told. Never raises `SendError`.
        """

    def beneath(self, post: str) -> RawKey:
        """The conversation of those who reply beneath a message; no key where each of them has one of their own."""


class Gateway(Protocol):
    """Where channels bring events, and where they look things up that leave no trace."""

    async def accept(self, event: InboundEvent) -> Accepted:
        """Return once an event is safe (kept, or already answered); the channel acknowledges it then.

        Raises `StoreError` if it is neither; it must come again then.
        """

    def admits(self, places: tuple[str, ...], person: RawKey) -> bool:
        """Whether the bot is to answer somebody in a place, which has the names of an `InboundEvent`'s."""

    async def look(self, act: UserAct) -> Reply:
        """The reply to an act by itself, for a page that is drawn and drawn again; nothing is remembered of it."""

    async def search(self, text: str, most: int) -> Sequence[tuple[str, Reply]]:
        """Entries that a few words may be looking for, with the cards that show them; nothing is remembered of it."""

    async def asked_lately(self, person: RawKey) -> Sequence[PastQuestion]:
        """What a person asked lately, newest first; nothing where that cannot be told now."""

    async def takes_part(self, conversation: RawKey) -> bool:
        """Whether the bot takes part in a conversation, as far as can be told now."""

    def leads(self, target: Target) -> bool:
        """Whether a target still leads somewhere: its entry or topic is in the knowledge."""

    async def question(self, id_: str) -> Question | None:
        """The question at the desk with an id; None where that cannot be told now."""

    async def settled(self) -> None:
        """Return once nothing waits or is worked on."""


class Supervisor(Protocol):
    """Whoever owns the tasks that run as long as the process does, and ends the process in order when one of them dies."""

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> Task[None]:
        """Begin some work; whoever began it cancels it when it is to end. `name` says what it does, in a word or two."""


class Observer(Protocol):
    """Whoever counts what happens. Never raises, never waits; hears no words of anybody."""

    def turned(self, turn: TurnRecord, waited: float) -> None:
        """A turn was decided, so many seconds after its event had come."""

    def acknowledged(self, platform: str, seconds: float) -> None:
        """An event was safe, so many seconds after the channel had heard of it."""

    def called(self, platform: str, method: str, result: str) -> None:
        """A platform was called: `ok`, `cancelled`, or what a `Channel` may raise, in small letters."""

    def sent(self, platform: str, status: str) -> None:
        """A message has the status of a `SendResult`."""

    def counted(self, what: str, platform: str) -> None:
        """Something happened once more.

        An event came `again`, was answered `unkept`, `set_aside`, turned away, or some were `held_back` by the platform. A message was
        `sent_again`, because nobody knew whether it had arrived.
        """


class NullObserver:
    """Counts nothing."""

    def turned(self, turn: TurnRecord, waited: float) -> None:
        """Nothing."""

    def acknowledged(self, platform: str, seconds: float) -> None:
        """Nothing."""

    def called(self, platform: str, method: str, result: str) -> None:
        """Nothing."""

    def sent(self, platform: str, status: str) -> None:
        """Nothing."""

    def counted(self, what: str, platform: str) -> None:
        """Nothing."""


UNOBSERVED: Final[Observer] = NullObserver()


class Words(Protocol):
    """The editor's wording, for labels that channels draw by themselves."""

    def __call__(self, key: str, **values: str) -> str:
        """A line of it, its gaps filled."""
