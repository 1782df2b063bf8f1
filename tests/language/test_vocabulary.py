"""The list of real words that no correction touches."""

from __future__ import annotations

from bot.language import vocabulary


def test_real_words_are_lower_case_and_not_too_short() -> None:
    assert len(vocabulary.real_words()) > 10_000
    assert all(word.isalpha() and word.islower() and len(word) >= vocabulary.SHORTEST for word in vocabulary.real_words())
