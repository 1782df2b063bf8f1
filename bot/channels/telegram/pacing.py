"""How fast the bot may speak: about one message a second in a chat, 20 a minute in a group, and about 20 a second over all.

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this. Who would be too fast waits alone.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CHAT, SECOND = 1, 1.2
"""Messages of a chat within so many seconds."""
GROUP, MINUTE = 20, 60.0
ALL, WITHIN = 6, 0.3
"""Messages over all chats within so many seconds; Telegram says about 30 a second, and calls overtake one another on the way."""
MOST = 10_000
"""Chats that are remembered."""


class Pace:
    """Counts what is sent. `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._chats: dict[str, list[float]] = {}
        self._all: list[float] = []

    def wait(self, chat: str) -> float:
        """Seconds until a chat may be written to; 0 counts as written to now."""
        now = self._clock()
        self._all = [at for at in self._all if now - at < WITHIN]
        sent = [at for at in self._chats.get(chat, ()) if now - at < MINUTE]
        wait = max(self._too_many(self._all, ALL, WITHIN, now), self._too_many(sent, CHAT, SECOND, now))
        if chat.startswith("-"):
            wait = max(wait, self._too_many(sent, GROUP, MINUTE, now))
        if not wait:
            self._all.append(now)
            sent.append(now)
        self._chats.pop(chat, None)
        self._chats[chat] = sent
        while len(self._chats) > MOST:
            self._chats.pop(next(iter(self._chats)))
        return wait

    @staticmethod
    def _too_many(sent: list[float], most: int, within: float, now: float) -> float:
        """Seconds until fewer than `most` were sent within so many seconds."""
        recent = [at for at in sent if now - at < within]
        return max(0.0, recent[-most] + within - now) if len(recent) >= most else 0.0
