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
    was answered last, `notice` the id of the notice that brings it to the asker, `source` the platform's key of what somebody wrote at
    the desk for it, where that is a message, and `reached` that of the message in which the asker has it, once they do.
    """

    id: str
    asker: Recipient | None
    text: str
    desk: Address
    state: State = "open"
    at: float = 0.0
    answer: str = ""
    post: str = ""
    notice: str = ""
    source: str = ""
    reached: str = ""

    def changed(self, state: State) -> Question:
        """The question in another state."""
        return replace(self, state=state)

    def answered(self, answer: str, *, notice: str, source: str, reached: str = "") -> Question:
        """The question with an answer, which goes by a notice; into the message that has `reached` the asker before, if one has."""
        return replace(self, state="answered", answer=answer, notice=notice, source=source, reached=reached)

    def taken_back(self) -> Question:
        """The question without its answer: somebody at the desk is to write another one."""
        return replace(self, state="claimed", answer="")
