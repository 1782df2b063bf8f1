"""What this process remembers of events by itself, so that nobody waits for a disk and nothing is answered twice. Bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachetools import LRUCache, TTLCache

from bot.dialogue.session import IDLE

if TYPE_CHECKING:
    from bot.contracts.events import InboundEvent
    from bot.contracts.outcomes import SendResult
    from bot.dialogue.session import Session
    from bot.dialogue.turn import HashedKey, RawKey

MOST = 10_000


class Memory:
    """Events of this process, by their keys.

    `accepted` wait in the inbox, as far as is known, and were not taken from it yet; `finishing` are answered, which could not be
    kept yet. `sessions` are the conversations as they stood last, for when the store is away.
    """

    def __init__(self, most: int = MOST) -> None:
        self.accepted: LRUCache[str, InboundEvent] = LRUCache(most)
        self.finishing: LRUCache[str, SendResult] = LRUCache(most)
        self.sessions: TTLCache[HashedKey, Session] = TTLCache(most, IDLE)
        self._known: LRUCache[str, RawKey] = LRUCache(2 * most)
        self._conversations: LRUCache[RawKey, None] = LRUCache(most)

    def know(self, event: InboundEvent) -> None:
        """Know an event from now on, and that the bot takes part in its conversation."""
        self._known[event.key] = event.conversation
        if event.twin:
            self._known[event.twin] = event.conversation
        self._conversations[event.conversation] = None

    def unknow(self, event: InboundEvent) -> None:
        """Forget an event again: it is to come once more."""
        self._known.pop(event.key, None)
        self._known.pop(event.twin, None)

    def knows(self, event: InboundEvent) -> bool:
        """Whether an event has come before, or the other delivery of the same message."""
        return self.knows_itself(event) or (bool(event.twin) and event.twin in self._known)

    def knows_itself(self, event: InboundEvent) -> bool:
        """Whether this very delivery has come before."""
        return event.key in self._known

    def takes_part(self, conversation: RawKey) -> bool:
        """Whether the bot has heard of a conversation since it runs."""
        return conversation in self._conversations
