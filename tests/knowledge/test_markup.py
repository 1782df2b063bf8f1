"""The little Markdown of answers: as plain text, what is wrong with it, and cut short."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.markup import plain, problem, shortened, spans

if TYPE_CHECKING:
    from bot.assembly import Bot


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from **7 to 18** daily", "from 7 to 18 daily"),
        ("_well_ and *well*", "well and well"),
        ("**a** and **b**", "a and b"),
        ("**very _much_ so**", "very much so"),
        ("see [the map](https://example.org/map)", "see the map (https://example.org/map)"),
        ("sorts:\n- rye\n* white", "sorts:\n• rye\n• white"),
        ("- **Rye**: dark", "• Rye: dark"),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        ("part-time - or not", "part-time - or not"),
        ("  bare  ", "bare"),
        ("", ""),
    ],
)
def test_plain_text_is_without_marks(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>x</b>", "HTML is not allowed"),
        ("a<br/>b", "HTML is not allowed"),
        ("# Title", "Headings are not allowed"),
        ("text\n### Title", "Headings are not allowed"),
        ("[x](javascript:alert)", "The link to 'javascript:alert' does not begin with"),
        ("[x](ftp://a.b)", "The link to 'ftp://a.b' does not begin with"),
        ("[x](https://a.b) [y](/c)", "The link to '/c' does not begin with"),
        ("**open", r"A \*\* is not closed"),
    ],
)
def test_what_cannot_be_shown_everywhere_is_told(text: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        raise ValueError(problem(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "**bold** _it_",
        "[x](https://a.b)",
        "[x](http://a.b)",
        "[x](mailto:a@b.c)",
        "- a\n- b",
        "a < b and c > d",
        "#1 of all",
        "C# is fine",
    ],
)
def test_what_can_be_shown_has_no_problem(text: str) -> None:
    assert problem(text) is None


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("short", 10, "short"),
        ("exactly ten", 11, "exactly ten"),
        ("a  text\nof lines", 99, "a text of lines"),
        ("one two three", 9, "one two…"),
        ("one, two three", 6, "one…"),
        ("one - two three", 7, "one…"),
        ("unbreakable", 5, "unbr…"),
    ],
)
def test_a_long_text_is_cut_between_words(text: str, longest: int, expected: str) -> None:
    assert shortened(text, longest) == expected


@given(st.text(), st.integers(1, 80))
def test_a_shortened_text_is_never_longer_than_allowed(text: str, longest: int) -> None:
    assert len(shortened(text, longest)) <= longest


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("plain", [("plain", "", "")]),
        ("a **b** c", [("a ", "", ""), ("b", "strong", ""), (" c", "", "")]),
        ("*a* and _b_", [("a", "light", ""), (" and ", "", ""), ("b", "light", "")]),
        ("see [the map](https://example.org/a_b_c)", [("see ", "", ""), ("the map", "link", "https://example.org/a_b_c")]),
        ("- one\n- **two**", [("• one\n• ", "", ""), ("two", "strong", "")]),
        ("**bold with *light* in it**", [("bold with light in it", "strong", "")]),
        ("2 * 3 * 4 and snake_case_name", [("2 * 3 * 4 and snake_case_name", "", "")]),
        ("", []),
    ],
)
def test_a_text_in_pieces(text: str, pieces: list[tuple[str, str, str]]) -> None:
    assert [(span.text, span.style, span.address) for span in spans(text)] == pieces


def test_pieces_together_say_what_the_plain_text_says(shipped: Bot) -> None:
    for entry in shipped.base.entries.values():
        assert "".join(span.text for span in spans(entry.answer)) == plain(entry.answer)
