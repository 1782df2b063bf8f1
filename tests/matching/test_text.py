"""One spelling for what two people write differently and mean alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.text import LONGEST, normalise, sentences, symbols, without_opening, words


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("How MUCH is it?", "how much is it?"),
        ("Ｈｏｗ ｍｕｃｈ", "how much"),
        ("STRASSE straße", "strasse strasse"),
        ("ﬁne", "fine"),
        ("  a \t cake\n please  ", "a cake please"),
        ("ca\u200bke \ufeffnow", "cake now"),
        ("\u200fcake\u202e \u2066please\u2069", "cake please"),
        ("what\u2019s up", "whats up"),
        ("\u201ccake\u201d", '"cake"'),
        ("part\u2011time \u2013 or not", "part-time - or not"),
        ("café résumé", "cafe resume"),
        ("cafe\u0301", "cafe"),
        ("рhоnе", "phone"),
        ("ѕаlаrу", "salary"),
        ("привет мир", "привет мир"),
        ("Привет, where is my саke", "привет, where is my cake"),
        ("\u4f60\u597d", "\u4f60\u597d"),
        ("a\ud800b\udfff", "ab"),
        ("", ""),
        ("\u200b\u200f", ""),
    ],
)
def test_case_width_marks_and_look_alikes_make_no_difference(raw: str, expected: str) -> None:
    assert normalise(raw) == expected


@pytest.mark.parametrize(
    "raw", ["$450,000", "450,000", "450000", "450k", "450K", "450 k", "450 grand", "450 thousand", "€ 450'000", "£450k"]
)
def test_money_has_one_spelling(raw: str) -> None:
    assert normalise(raw) == "450k"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("18%", "18 percent"),
        ("18 %", "18 percent"),
        ("18％", "18 percent"),
        ("$1,200,000", "1200000"),
        ("the year 2000", "the year 2000"),
        ("1,2,3", "1,2,3"),
    ],
)
def test_numbers_and_percentages_have_one_spelling(raw: str, expected: str) -> None:
    assert normalise(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("A/B test", "ab test"),
        ("a / b", "ab"),
        ("R&D", "rd"),
        ("r and d", "rd"),
        ("R n D", "rd"),
        ("Q&A", "qa"),
        ("cats and dogs", "cats and dogs"),
    ],
)
def test_letters_joined_by_signs_are_one_word(raw: str, expected: str) -> None:
    assert normalise(raw) == expected


@pytest.mark.parametrize("raw", ["Level 5", "level5", "lvl 5", "Level-5", "L5", "l 5", "L-5", "Ｌ５"])
def test_a_level_has_one_spelling(raw: str) -> None:
    assert normalise(raw) == "l5"


@pytest.mark.parametrize("raw", ["level 10", "levels 5", "sol 55"])
def test_what_is_no_level_stays(raw: str) -> None:
    assert normalise(raw) == raw


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("<@U123> how much", "how much"),
        ("<#C1|shop> how much", "how much"),
        ("@careerbot how much", "how much"),
        ("see https://example.org/a?b=c please", "see please"),
        ("see <https://example.org> please", "see please"),
        ("www.example.org cake", "cake"),
        ("ask @Ann\u00a0Lee, how much?", "ask how much?"),
        ("@Ann\u00a0Maria\u00a0(sales) how much?", "how much?"),
        ("@jean-luc's cake", "cake"),
        ("the ladder (https://wiki.example/ladder), please", "the ladder , please"),
        ("the ladder (https://wiki.example/a_(b))?", "the ladder ?"),
        ("how much?\n📎 the plan.pdf (https://x.example/F1)\nnow", "how much? now"),
        ("(https://x.example)", ""),
        ("@Ann\u00a0Lee", ""),
    ],
)
def test_mentions_and_links_are_not_read(raw: str, expected: str) -> None:
    assert normalise(raw) == expected


def test_only_the_beginning_of_an_endless_message_is_read() -> None:
    assert normalise("x" * 100_000) == "x" * LONGEST
    assert normalise("y" * LONGEST + " cake") == "y" * LONGEST
    assert symbols("x" * LONGEST + "🎂") == ""


@given(st.text(st.characters()))
def test_any_text_can_be_normalised_and_grows_little(text: str) -> None:
    found = normalise(text)
    assert len(found) <= 20 * len(text)
    assert found == " ".join(found.split())
    assert found == found.casefold()


@given(st.lists(st.from_regex(r"[A-Za-z0-9]{1,8}|\$[1-9][0-9]{0,2},000|[0-9]{1,3}%|Level [0-9]|A/B|R&D|caf\u00e9|привет", fullmatch=True)))
def test_a_normalised_text_of_common_words_is_normal(parts: list[str]) -> None:
    once = normalise(" ".join(parts))
    assert normalise(once) == once


def test_every_character_by_itself_is_normal_once_normalised() -> None:
    odd = [c for c in map(chr, range(0x30000)) if normalise(normalise(c)) != normalise(c)]
    assert odd == []


@pytest.mark.parametrize(
    ("normal", "expected"),
    [
        ("how much is it?", ["how", "much", "is", "it"]),
        ("a_b-c", ["a", "b", "c"]),
        ("450k, l5", ["450k", "l5"]),
        ("?!", []),
        ("привет", ["привет"]),
    ],
)
def test_words_are_runs_of_letters_and_digits(normal: str, expected: list[str]) -> None:
    assert words(normal) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("One cake.", ["One cake."]),
        ("Hi! How much? Thanks.", ["Hi!", "How much?", "Thanks."]),
        ("first\n\n second", ["first", "second"]),
        ("hello - how much", ["hello", "how much"]),
        ("one; two", ["one", "two"]),
        ("4.50 euros", ["4.50 euros"]),
        ("ok ... \n ?!", ["ok ..."]),
        ("", []),
    ],
)
def test_sentences_are_those_that_hold_a_word(raw: str, expected: list[str]) -> None:
    assert sentences(raw) == expected


@pytest.mark.parametrize(("raw", "expected"), [("👋", "👋"), ("👍🏽", "👍"), ("❤️ thanks", "❤"), ("a b", ""), ("", "")])
def test_symbols_come_without_what_modifies_them(raw: str, expected: str) -> None:
    assert symbols(raw) == expected


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("sorry, this may be a silly question but why is rye dark", "why is rye dark"),
        ("quick question: who earns more", "who earns more"),
        ("just wondering if pms code", "pms code"),
        ("stupid question, but what is an ablation", "but what is an ablation"),
        ("quick question", "quick question"),
        ("a question of style", "a question of style"),
        ("could you tell me who earns more", "who earns more"),
    ],
)
def test_the_courtesy_in_front_of_a_question_is_left_out(text: str, left: str) -> None:
    assert without_opening(normalise(text)) == left
