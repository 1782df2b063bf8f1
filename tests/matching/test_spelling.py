"""Typing errors are corrected towards the knowledge, and nothing else is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.matching import spelling
from bot.matching.spelling import Speller

if TYPE_CHECKING:
    from collections.abc import Sequence

COUNTS = {
    "salary": 40,
    "interview": 30,
    "resume": 20,
    "bonus": 12,
    "compensation": 9,
    "manager": 8,
    "how": 50,
    "long": 30,
    "much": 20,
    "once": 1,
    "to": 3,
    "form": 6,
}


@pytest.fixture
def speller() -> Speller:
    return Speller(COUNTS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("salry", "salary"),
        ("sallary", "salary"),
        ("saalry", "salary"),
        ("salaty", "salary"),
        ("interveiw", "interview"),
        ("intervw", "intervw"),
        ("compnsatoin", "compensation"),
        ("comprnsatio", "compensation"),
        ("mnager", "manager"),
    ],
)
def test_one_error_is_forgiven_and_two_in_a_long_word(speller: Speller, typed: str, meant: str) -> None:
    assert speller.meant(typed) == (meant,)


def test_two_errors_in_a_short_word_are_not_forgiven(speller: Speller) -> None:
    assert speller.meant("bnuss") == ("bnuss",)


@pytest.mark.parametrize("word", ["celery", "bonds", "menage", "from", "forms"])
def test_a_real_english_word_is_left_alone(speller: Speller, word: str) -> None:
    assert speller.meant(word) == (word,)


@pytest.mark.parametrize("word", ["salary", "once", "sal4ry", "450k", "12345", "hw", "sal", "", "salàry", "зарплата", "zzzqqq", "s" * 500])
def test_what_is_known_or_short_or_no_plain_word_or_unknown_stays(speller: Speller, word: str) -> None:
    assert speller.meant(word) == (word,)


@pytest.mark.parametrize(
    ("typed", "meant"), [("howlong", ("how", "long")), ("howmuch", ("how", "much")), ("salarybonus", ("salary", "bonus"))]
)
def test_run_together_words_are_split(speller: Speller, typed: str, meant: Sequence[str]) -> None:
    assert speller.meant(typed) == meant


def test_a_rare_half_splits_nothing(speller: Speller) -> None:
    assert speller.meant("onceinterview") == ("onceinterview",)


def test_no_word_is_corrected_to_one_that_occurs_in_a_single_text(speller: Speller) -> None:
    assert speller.meant("oncce") == ("oncce",)


def test_of_two_near_words_the_one_with_the_same_first_letter_wins_then_the_commoner() -> None:
    assert Speller({"zalaryx": 90, "salaryy": 2}).meant("salaryx") == ("salaryy",)
    assert Speller({"qwertya": 2, "qwertyb": 9}).meant("qwertyc") == ("qwertyb",)


@pytest.mark.parametrize("word", ["salry", "howlong"])
def test_a_speller_without_words_changes_nothing(word: str) -> None:
    assert Speller({}).meant(word) == (word,)


def test_the_memory_starts_afresh_when_it_is_full(monkeypatch: pytest.MonkeyPatch, speller: Speller) -> None:
    monkeypatch.setattr(spelling, "REMEMBERED", 10)
    for a in "qxz":
        for b in "abcdefghijklmnopqrstuvwxyz":
            speller.meant(f"{a}{b}vvk")
            assert len(speller._memory) <= 10
    assert speller.meant("salry") == speller.meant("salry") == ("salary",)
