"""A question that was passed on to the desk: its states, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bot.contracts.addresses import Address, Recipient

State = Literal["open", "claimed", "answered", "declined", "withdrawn", "failed"]
WAITING: frozenset[State] = frozenset({"open", "claimed"})
"""States in which somebody still waits for an answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that was passed on to the desk, with consent.

    `asker` is who asked, and where the answer goes; None once they were forgotten, and the texts are empty then. `text` is masked as
    all that is kept. `desk` is where it was passed to, and `post` the platform's key of the message about it there. `answer` is what
    was answered last, `source` the platform's key of the message in which somebody at the desk wrote that (or the id of its event), and
    `reached` that of the message which brought it to the asker, once it has.
    """

    id: str
    asker: Recipient | None
    text: str
    desk: Address
    state: State = "open"
    at: float = 0.0
    answer: str = ""
    post: str = ""
    source: str = ""
    reached: str = ""

    def changed(self, state: State, *, answer: str = "") -> Question:
        """The question in another state."""
        return replace(self, state=state, answer=answer or self.answer)
