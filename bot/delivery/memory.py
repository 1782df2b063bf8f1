"""What this process remembers of events by itself, so that nobody waits for a disk and nothing is answered twice. Bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.dialogue.session import Sessions

if TYPE_CHECKING:
    from bot.contracts.events import InboundEvent, Sent

MOST = 10_000


class Memory:
    """Events of this process.

    `accepted` wait in the inbox and were not taken from it yet; `finishing` are answered, which could not be kept yet; both by
    the id of the inbox. `known` are ids and twins of events that were kept or answered, `talks` their conversations. `sessions`
    are the talks while nothing can be kept, `unkept` counts what was answered without being kept and `again` what came again.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self.accepted: dict[str, InboundEvent] = {}
        self.finishing: dict[str, Sent] = {}
        self.known: dict[str, None] = {}
        self.talks: dict[str, None] = {}
        self.sessions = Sessions(most)
        self.unkept = 0
        self.again = 0

    def accept(self, id_: str, event: InboundEvent) -> None:
        """Remember an event that is on its way into the inbox."""
        self.accepted[id_] = event
        shorten(self.accepted, self._most)
        self.talks[event.conversation] = None
        shorten(self.talks, self._most)

    def answered(self, id_: str, finish: Sent) -> None:
        """Remember that an event was answered and is to be finished."""
        self.finishing[id_] = finish
        shorten(self.finishing, self._most)

    def know(self, *keys: str) -> None:
        """Remember keys of an event (empty ones are none)."""
        self.known |= dict.fromkeys(filter(None, keys))
        shorten(self.known, self._most)

    def unknow(self, *keys: str) -> None:
        """Forget keys of an event that was neither kept nor answered."""
        for key in keys:
            self.known.pop(key, None)

    def knows(self, *keys: str) -> bool:
        """Whether one of the keys has come before."""
        return any(key in self.known for key in keys)


def shorten(held: dict[str, Any], most: int) -> None:
    """Forget what has been held longest, down to so many."""
    while len(held) > most:
        held.pop(next(iter(held)))
