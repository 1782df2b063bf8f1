"""What the dialogue and its delivery need from outside: where events wait, what is kept, platforms.

The store implements `Inbox` and `Journal`, each platform a `Channel`, delivery the `Door`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

    from bot.dialogue.events import Event, Heard, Message, Outcome, Taken
    from bot.dialogue.handoff import Question


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

    def overdue(self, before: float) -> Sequence[Question]:
        """The questions that have waited since before a time, of which the desk was not reminded yet."""


class Inbox(Protocol):
    """Where events wait. Each may raise `StoreError`."""

    async def put(self, event: Event) -> bool:
        """Whether the event is new; once this returns, it is kept."""

    async def take(self, most: int, *, fresh: bool, but: Sequence[int] = ()) -> Sequence[Taken]:
        """The oldest events of conversations in which none is worked on, at most so many, none of `but`; they are leased.

        `fresh` ones have come since this inbox was opened, the others waited before.
        """

    async def decide(self, taken: Taken, outcome: Outcome) -> bool:
        """Keep all that follows from an event; False if the event is gone: another process has done it, or nobody is to.

        Raises `OvertakenError` where it must be decided again.
        """

    async def finish(self, taken: Taken, posts: Mapping[str, str], *, uncertain: bool = False) -> None:
        """Mark an event as done; `posts` maps questions to the desk's new messages about them."""

    async def put_back(self, taken: Taken, seconds: float) -> None:
        """Let an event wait for so long; its conversation waits with it."""

    async def fail(self, taken: Taken, fault: str, seconds: float) -> bool:
        """Count a try that went wrong, for another one so much later; True if that was the last and the event is set aside."""

    async def renew(self, taken: Sequence[int]) -> None:
        """Go on leasing events that are being worked on."""

    async def keep(self, outcome: Outcome) -> None:
        """Keep what follows from no event, such as a reminder."""

    async def tidy(self, retention_days: int) -> None:
        """Drop what is kept long enough: texts after so many days."""


class Refused(Exception):  # noqa: N818 - it names what happened
    """A message that will never arrive: the address is gone, closed or has blocked the bot. The text is one plain sentence."""


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


class Door(Protocol):
    """Where channels bring events."""

    async def accept(self, event: Event) -> None:
        """Return once an event is safe (kept, or already answered); the channel acknowledges it then.

        Raises `StoreError` if it is neither; it must come again then.
        """

    async def settled(self) -> None:
        """Return once nothing waits or is worked on."""
