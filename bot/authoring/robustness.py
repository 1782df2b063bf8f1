"""The held-out questions as hurried people type them: with typing errors, in capitals, in another order, with "hey" in front."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.knowledge.schema import HeldOutModel, QuestionModel

_LONG_ENOUGH = 4


def disturbed(tests: HeldOutModel) -> dict[str, HeldOutModel]:
    """For each way to disturb a question, the covered questions disturbed in that way; the same each time."""
    ways: dict[str, Callable[[str, random.Random], str]] = {
        "one typo": lambda text, chance: _typos(text, chance, 1),
        "two typos": lambda text, chance: _typos(text, chance, 2),
        "capitals": lambda text, _: text.upper(),
        "other order": _reordered,
        "hey in front": lambda text, _: f"hey, quick question: {text}",
    }
    covered = [question for question in tests.questions if not isinstance(question.expect, str)]
    return {
        name: tests.model_copy(update={"questions": [_changed(q, way) for q in covered], "conversations": []}) for name, way in ways.items()
    }


def _changed(question: QuestionModel, way: Callable[[str, random.Random], str]) -> QuestionModel:
    return question.model_copy(update={"ask": way(question.ask, random.Random(question.ask))})  # noqa: S311 - no secret


def _typos(text: str, chance: random.Random, count: int) -> str:
    """The text with `count` of its longer words misspelt: two letters swapped, one left out, or one doubled."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) > _LONG_ENOUGH and word.isalpha()]
    for i in chance.sample(long, min(count, len(long))):
        word, at = words[i], chance.randrange(1, len(words[i]) - 1)
        words[i] = chance.choice(
            [word[:at] + word[at + 1] + word[at] + word[at + 2 :], word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]]
        )
    return " ".join(words)


def _reordered(text: str, chance: random.Random) -> str:
    """The text with its halves changed about."""
    words = text.split(" ")
    at = chance.randrange(1, len(words)) if len(words) > 1 else 0
    return " ".join([*words[at:], *words[:at]])
