"""What a message asks, part by part: "what does a PM do and how much do they earn?" asks two things."""

from __future__ import annotations

from bot.language import questions
from bot.matching.text import sentences, words

FEWEST_WORDS = 3
"""Words that a part needs to be a question of its own."""
MOST_PARTS = 6


def asked_parts(text: str) -> tuple[str, ...]:
    """The parts of a raw message that could be questions of their own, in order; empty if it is all of one piece."""
    parts = [part for sentence in sentences(text) for part in questions.JOINS.split(sentence)]
    whole = tuple(part.strip() for part in parts if len(words(part)) >= FEWEST_WORDS)
    return whole[:MOST_PARTS] if len(whole) > 1 else ()
