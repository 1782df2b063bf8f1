"""How much of somebody is answered in a minute: a token bucket each, full at first, and full again within a minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cachetools import LRUCache

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE = 60.0
MOST = 10_000
"""Buckets held at once; those used longest ago are forgotten, and so full again."""


@dataclass(slots=True)
class _Bucket:
    """What is left of a minute's messages, when that was so, and whether whoever emptied it has heard that."""

    left: float
    at: float
    heard: bool = False


class RateLimiter:
    """Lets `rate` messages a minute through for each key, all if it is 0. `clock` gives seconds that only grow."""

    def __init__(self, rate: int, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: LRUCache[str, _Bucket] = LRUCache(MOST)

    def admits(self, key: str) -> bool:
        """Whether one more message goes through; it counts then. An empty key is nobody's, and not limited."""
        if not (key and self._rate):
            return True
        bucket = self._filled(key)
        if bucket.left < 1:
            return False
        bucket.left -= 1
        return True

    def to_tell(self, key: str) -> bool:
        """Whether it is still to be said that the limit is reached: once, and again only after half of the bucket was full."""
        bucket = self._buckets.get(key)
        if bucket is None or bucket.heard:
            return False
        bucket.heard = True
        return True

    def _filled(self, key: str) -> _Bucket:
        """The bucket of a key with what has run into it since it was last used."""
        now = self._clock()
        bucket = self._buckets.setdefault(key, _Bucket(float(self._rate), now))
        bucket.left = min(float(self._rate), bucket.left + (now - bucket.at) * self._rate / MINUTE)
        bucket.at = now
        bucket.heard = bucket.heard and bucket.left < self._rate / 2
        return bucket
