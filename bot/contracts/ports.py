"""What the dialogue and its delivery need from outside: where events wait, what is kept, platforms.

The store implements `Inbox` and `Journal`, each platform a `Channel`, delivery the `Gateway`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

    from bot.contracts.events import Depth, Heard, InboundEvent, LeasedEvent, Message, Outcome, Sent, TurnRecord
    from bot.contracts.questions import Question
    from bot.dialogue.reply import Choice, Reply
    from bot.dialogue.turn import UserAct


class StoreError(Exception):
    """The store cannot keep or give anything now; the text says why in one sentence."""


class OvertakenError(Exception):
    """What an outcome was decided on has changed meanwhile; it must be decided again."""


class Journal(Protocol):
    """What has been kept of questions at the desk. Each may raise `StoreError`; each blocks."""

    def question(self, id_: str) -> Question | None:
        """The question with an id."""

    def question_of_post(self, post: str) -> Question | None:
        """The question that a message of the desk is about."""

    def waiting(self, person: str) -> Sequence[Question]:
        """The questions of a person that wait for an answer, oldest first."""

    def answer_to(self, source: str) -> str:
        """The platform's key of the message that answers the message with the key `source`; empty if there is none any more."""

    def popular(self, most: int) -> Sequence[str]:
        """The entries that were answered most often, the most popular first."""

    def greeted(self, person: str) -> bool:
        """Whether a person (a hash) was greeted before."""

    def lately(self, person: str) -> Sequence[Choice]:
        """What a person (in the words of the platform) asked lately, newest first, and what answered it."""

    def talks(self, conversation: str) -> bool:
        """Whether a talk is remembered in a conversation (in the words of the platform)."""

    def depth(self) -> Depth:
        """How much waits."""

    def overdue(self, before: float) -> Sequence[Question]:
        """The questions that have waited since before a time, of which the desk was not reminded yet."""


class Inbox(Protocol):
    """Where events wait. Each may raise `StoreError`."""

    async def put(self, event: InboundEvent) -> bool:
        """Whether the event is new; once this returns, it is kept."""

    async def take(self, most: int, *, fresh: bool, but: Sequence[int] = ()) -> Sequence[LeasedEvent]:
        """The oldest events of conversations in which none is worked on, at most so many, none of `but`; they are leased.

        `fresh` ones have come since this inbox was opened, the others waited before.
        """

    async def decide(self, taken: LeasedEvent, outcome: Outcome) -> bool:
        """Keep all that follows from an event; False if the event is gone: another process has done it, or nobody is to.

        Raises `OvertakenError` where it must be decided again.
        """

    async def finish(self, taken: LeasedEvent, sent: Sent) -> None:
        """Mark an event as done; `sent` is what its message has become."""

    async def put_back(self, taken: LeasedEvent, seconds: float) -> None:
        """Let an event wait for so long; its conversation waits with it."""

    async def fail(self, taken: LeasedEvent, fault: str, seconds: float) -> bool:
        """Count a try that went wrong, for another one so much later; True if that was the last and the event is set aside."""

    async def renew(self, taken: Sequence[int]) -> None:
        """Go on leasing events that are being worked on."""

    async def keep(self, outcome: Outcome) -> None:
        """Keep what follows from no event, such as a reminder."""

    async def tidy(self, retention_days: int) -> None:
        """Drop what is kept long enough: texts after so many days."""


Refusal = Literal["", "outside", "archived", "restricted", "external", "gone"]


class Refused(Exception):  # noqa: N818 - it names what happened
    """A message that will never arrive. The text is one plain sentence, `why` names the cause where it is known.

    `outside`: the bot is not in that room; `archived`; `restricted`: not everybody may write there; `external`: people from
    outside read it; `gone`: it does not exist, or blocks the bot.
    """

    def __init__(self, text: str = "", why: Refusal = "") -> None:
        super().__init__(text)
        self.why: Refusal = why


class Later(Exception):  # noqa: N818
    """A message that may go to its room after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds:g} s")
        self.seconds = seconds


class Unreachable(Exception):  # noqa: N818
    """The platform did not take a message; it may be sent again."""


class Unsure(Exception):  # noqa: N818
    """A message left and nobody knows whether it arrived; it must not be sent again."""


class Channel(Protocol):
    """A platform. `platform` is its name."""

    platform: str

    def read(self, payload: Mapping[str, Any]) -> Heard | None:
        """What an event says, or None if there is nothing to answer. Does no I/O."""

    def send(self, message: Message) -> Awaitable[str]:
        """Send a message and return the platform's key of it; raises `Refused`, `Later`, `Unreachable` or `Unsure`."""


class Gateway(Protocol):
    """Where channels bring events, and where they look things up that leave no trace."""

    async def accept(self, event: InboundEvent) -> None:
        """Return once an event is safe (kept, or already answered); the channel acknowledges it then.

        Raises `StoreError` if it is neither; it must come again then.
        """

    def admits(self, places: tuple[str, ...], person: str) -> bool:
        """Whether the bot is to answer somebody in a place, which has the names of an `InboundEvent`'s."""

    async def look(self, act: UserAct) -> Reply:
        """The reply to an act by itself, for a page that is drawn and drawn again; nothing is remembered of it."""

    async def search(self, text: str, most: int) -> Sequence[tuple[str, Reply]]:
        """Entries that a few words may be looking for, with the cards that show them; nothing is remembered of it."""

    async def lately(self, person: str) -> Sequence[Choice]:
        """What a person (in the words of the platform) asked lately, newest first; the target is what answered, if anything did."""

    async def talks(self, conversation: str) -> bool:
        """Whether the bot takes part in a conversation (in the words of the platform)."""

    async def settled(self) -> None:
        """Return once nothing waits or is worked on."""


class Observer(Protocol):
    """Whoever counts what happens. Never raises, never waits; is told no words of anybody."""

    def turned(self, turn: TurnRecord, waited: float) -> None:
        """A turn was decided, so many seconds after its event had come."""

    def acknowledged(self, platform: str, seconds: float) -> None:
        """An event was safe, so many seconds after the channel had heard of it."""

    def called(self, platform: str, method: str, result: str) -> None:
        """A platform was called: `ok`, or what a `Channel` may raise, in small letters."""

    def sent(self, platform: str, fate: str) -> None:
        """A message has `arrived`, will `never`, is to be sent `again`, or nobody knows (`unsure`)."""

    def counted(self, what: str, platform: str) -> None:
        """Something happened once more: an event came `again`, was answered `unkept`, `set_aside`, or was turned away."""


class NullObserver:
    """Counts nothing."""

    def turned(self, turn: TurnRecord, waited: float) -> None:
        """Nothing."""

    def acknowledged(self, platform: str, seconds: float) -> None:
        """Nothing."""

    def called(self, platform: str, method: str, result: str) -> None:
        """Nothing."""

    def sent(self, platform: str, fate: str) -> None:
        """Nothing."""

    def counted(self, what: str, platform: str) -> None:
        """Nothing."""


UNOBSERVED: Final[Observer] = NullObserver()


class Words(Protocol):
    """The editor's wording, for labels that channels draw by themselves."""

    def __call__(self, key: str, **values: str) -> str:
        """A line of it, its gaps filled."""


class ChannelError(Exception):
    """A platform cannot be used; the text says why and what to do, in one sentence. What is not `lasting` may pass by itself."""

    def __init__(self, text: str, *, lasting: bool = True) -> None:
        super().__init__(text)
        self.lasting = lasting
