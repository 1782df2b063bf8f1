"""A question on its way to a person and back: what can happen to it, and what follows for the asker and the desk.

Knows no platform: the desk is a room somewhere, the asker is an address somewhere, and both only hear replies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

State = Literal["open", "claimed", "answered", "declined", "withdrawn", "failed"]
WAITING: frozenset[State] = frozenset({"open", "claimed"})
"""States in which somebody still waits for an answer."""
MOST_WAITING = 3
"""Questions of one person that may wait at the desk at once."""
DESK = "desk:"
"""What the targets of the desk's choices begin with; the move, a colon and the hand-off's id follow."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that was passed on to the desk, with consent.

    `text` is masked as all that is kept. `address` is where the answer goes, in the words of `platform`; `desk` is where it was
    passed to, in the words of `desk_platform`, and `post` the message about it there. `answer` is what was answered last. The
    asker, the texts and the address are empty once the asker was forgotten.
    """

    id: str
    person: str
    conversation: str
    platform: str
    address: Mapping[str, str]
    text: str
    desk_platform: str
    desk: Mapping[str, str]
    state: State = "open"
    at: float = 0.0
    answer: str = ""
    post: str = ""

    def moved(self, state: State, *, answer: str = "") -> Question:
        """The question in another state."""
        return replace(self, state=state, answer=answer or self.answer)


def target(move: Literal["claim", "decline", "keep"], id_: str) -> str:
    """The target of a choice of the desk."""
    return f"{DESK}{move}:{id_}"


def read_target(text: str) -> tuple[str, str]:
    """The move and the hand-off's id of a target of the desk; empty strings if it is none."""
    move, _, id_ = text.removeprefix(DESK).partition(":") if text.startswith(DESK) else ("", "", "")
    return move, id_
