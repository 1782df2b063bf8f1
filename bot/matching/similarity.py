"""The phrasing that a message is most like: for the "because people ask it like …" of `why`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from bot.matching.text import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence


def nearest_phrasing(text: str, phrasings: Sequence[str]) -> tuple[str, float] | None:
    """The phrasing most like the text and how alike they are (0 to 1), or None without phrasings.

    `token_sort_ratio` rather than `WRatio`: the latter gives 85.5 to any two texts that share a word once their lengths
    differ by half, so that everything is like everything.
    """
    if not phrasings:
        return None
    phrasing, likeness, _ = process.extractOne(text, phrasings, scorer=fuzz.token_sort_ratio, processor=normalise)
    return phrasing, likeness / 100
