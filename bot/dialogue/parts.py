"""What a message asks, part by part: "what does a PM do and how much do they earn?" asks two things."""

from __future__ import annotations

import re

from bot.matching.text import sentences, words

FEWEST_WORDS = 3
"""Words that a part needs to be a question of its own."""
MOST_PARTS = 6
_ASKING = r"(?:what|who|whom|whose|how|why|when|where|which|do|does|did|is|are|can|could|should|will|would|whats|hows)"
_JOINT = re.compile(rf"[,;]?\s+(?:and|also|plus|and also|or)\s+(?={_ASKING}\b)|\?\s+(?=\S)", re.IGNORECASE)


def asked_parts(text: str) -> tuple[str, ...]:
    """The parts of a raw message that could be questions of their own, in order; empty if it is all of one piece."""
    parts = [part for sentence in sentences(text) for part in _JOINT.split(sentence)]
    whole = tuple(part.strip() for part in parts if len(words(part)) >= FEWEST_WORDS)
    return whole[:MOST_PARTS] if len(whole) > 1 else ()
