"""Which words there are, and which are written in more than one way."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

SHORTEST = 4
"""Letters that a word of the list has at least."""
JOINS_LETTERS = re.compile(r"\b(a)\s?/\s?(b)\b|\b(r)\s?(?:&|and|n)\s?(d)\b|\b(q)\s?&\s?(a)\b")
"""Anywhere in it stands a word of two letters, the groups: "an a/b test", "r and d", "q&a"; but not "a or b"."""


@cache
def real_words() -> frozenset[str]:
    """Lower-case words of four letters or more (Debian's wamerican; see NOTICE beside this)."""
    return frozenset(Path(__file__).with_name("words.txt").read_text("ascii").split())
