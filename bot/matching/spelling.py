"""Typing errors: an unknown word becomes the nearest word that the knowledge uses, unless it is a word of its own.

A word is looked up once and remembered. Real words of the language are left alone: on public intent data, snapping them too cost
more than it gave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.language import vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORTEST = vocabulary.SHORTEST
"""Letters from which on a word may be corrected: a shorter one might be real, and no list tells."""
LONG = 8
"""Letters from which on two errors are forgiven instead of one."""
REMEMBERED = 20_000
"""Corrections that are kept; then the memory starts afresh."""
_COMMON = 5
"""Texts of the knowledge in which both halves of a run-together word must occur."""


class Speller:
    """Corrects words towards a vocabulary; `counts` says in how many texts each known word occurs."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        targets = [word for word, n in counts.items() if n > 1 and len(word) >= SHORTEST and word.isalpha()]
        self._by_length: dict[int, list[str]] = {}
        for word in targets:
            self._by_length.setdefault(len(word), []).append(word)
        self._memory: dict[str, tuple[str, ...]] = {}

    def meant(self, word: str) -> tuple[str, ...]:
        """What a single word was probably meant to be: itself, a known word, or two known words."""
        if word in self._counts or len(word) < SHORTEST or not word.isalpha() or not word.isascii():
            return (word,)
        found = self._memory.get(word)
        if found is None:
            if len(self._memory) >= REMEMBERED:
                self._memory.clear()
            found = self._memory[word] = self._look_up(word)
        return found

    def _look_up(self, word: str) -> tuple[str, ...]:
        if word in vocabulary.real_words() or len(word) > 2 * LONG + SHORTEST:
            return (word,)
        return self._nearest(word) or self._split(word) or (word,)

    def _nearest(self, word: str) -> tuple[str, ...]:
        errors = 2 if len(word) >= LONG else 1
        near = [w for n in range(len(word) - errors, len(word) + errors + 1) for w in self._by_length.get(n, ())]
        found = process.extract(word, near, scorer=OSA.distance, score_cutoff=errors, limit=8)
        if not found:
            return ()
        best, _, _ = min(found, key=lambda f: (f[1], f[0][0] != word[0], -self._counts[f[0]]))
        return (best,)

    def _split(self, word: str) -> tuple[str, ...]:
        halves = ((word[:i], word[i:]) for i in range(2, len(word) - 1))
        likely = [h for h in halves if min(self._counts.get(part, 0) for part in h) >= _COMMON and max(map(len, h)) >= SHORTEST]
        return max(likely, key=lambda h: min(self._counts[part] for part in h), default=())
