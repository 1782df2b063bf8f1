"""What is answered while nothing can be kept: bounded memories, so that nothing is answered twice and nobody waits for a disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.dialogue.session import Sessions

if TYPE_CHECKING:
    from bot.dialogue.events import Event

MOST = 10_000


class Memory:
    """Events of this process.

    `accepted` were kept in the inbox and not yet taken from it, by their id there. `answered` are ids and twins of those that
    were answered without being kept, or before that could be kept. `sessions` are the talks meanwhile.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self.accepted: dict[str, Event] = {}
        self.answered: dict[str, None] = {}
        self.sessions = Sessions(most)

    def accept(self, id_: str, event: Event) -> None:
        """Remember an event that waits in the inbox."""
        self.accepted[id_] = event
        self._shorten(self.accepted)

    def answer(self, *keys: str) -> None:
        """Remember keys of an event that was answered (empty ones are none)."""
        self.answered |= dict.fromkeys(filter(None, keys))
        self._shorten(self.answered)

    def forget(self, *keys: str) -> None:
        """Forget keys of an event."""
        for key in keys:
            self.answered.pop(key, None)

    def _shorten(self, held: dict[str, Any]) -> None:
        while len(held) > self._most:
            held.pop(next(iter(held)))
