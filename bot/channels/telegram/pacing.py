"""How fast the bot may speak: about one message a second in a chat, 20 a minute in a group, and about 20 a second over all.

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this. Who would be too fast gets a time of their own and waits
alone; if many had to wait for the same moment, most of them would come in vain, again and again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cachetools import LRUCache

if TYPE_CHECKING:
    from collections.abc import Callable

CHAT, SECOND = 1, 1.2
"""Messages of a chat within so many seconds."""
GROUP, MINUTE = 20, 60.0
APART, AT_ONCE = 0.05, 3
"""Seconds between two messages over all, and how many may go at once after a silence; Telegram says about 30 a second."""
KEPT = 10.0
"""Seconds after which a time that was given and not used is void."""
MOST = 10_000
"""Chats that are remembered."""


class Pace:
    """Gives times to send at. `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent: LRUCache[str, list[float]] = LRUCache(MOST)
        self._given: LRUCache[str, float] = LRUCache(MOST)
        self._next = 0.0

    def wait(self, chat: str) -> float:
        """Seconds until a chat may be written to; 0 counts as written to now. Whoever comes back then is let through."""
        now = self._clock()
        given = self._given.get(chat)
        if given is not None and now < given:
            return given - now
        if given is not None and now - given <= KEPT:
            return self._goes(chat, now)
        free = max(self._free(chat, now), self._next - (AT_ONCE - 1) * APART)
        self._next = max(self._next, now) + APART
        if free <= now:
            return self._goes(chat, now)
        self._given[chat] = free
        return free - now

    def _goes(self, chat: str, now: float) -> float:
        """0, and the chat counts as written to."""
        self._given.pop(chat, None)
        self._sent[chat] = [*(at for at in self._sent.pop(chat, ()) if now - at < MINUTE), now]
        return 0.0

    def _free(self, chat: str, now: float) -> float:
        """When a chat itself may be written to."""
        sent = self._sent.get(chat, [])
        limits = [(CHAT, SECOND), *([(GROUP, MINUTE)] if chat.startswith("-") else [])]
        return max((sent[-most] + within for most, within in limits if len(sent) >= most), default=now)
