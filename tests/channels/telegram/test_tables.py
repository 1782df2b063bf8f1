"""A comparison is read on a phone: aligned where it is narrow, and never wider than its screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.tables import TALL, WIDE, table
from bot.dialogue.reply import Table

if TYPE_CHECKING:
    from bot.assembly import Bot

ROLES = ("AI PM", "AI Researcher")
words = st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=14)
cells = st.lists(words, min_size=1, max_size=8).map(" ".join)


def test_what_is_narrow_is_a_grid() -> None:
    assert table(Table(("Bread", "Cake"), (("Price", ("4 €", "20 €")), ("Slices", ("18", "8"))))).split("\n") == [
        "        Bread  Cake",
        "Price   4 €    20 €",
        "Slices  18     8",
    ]


def test_two_columns_that_are_wider_stand_side_by_side_under_their_label() -> None:
    rows = (("Judged on", ("user outcomes", "novelty, rigor, publications")), ("Owns", ("product outcomes", "models")))
    assert table(Table(ROLES, rows)).split("\n") == [
        "AI PM             AI Researcher",
        "",
        "Judged on",
        "user outcomes     novelty, rigor,",
        "                  publications",
        "",
        "Owns",
        "product outcomes  models",
    ]


def test_a_wide_cell_lets_each_column_have_a_line() -> None:
    rows = (("Bonus", ("10–15% of the total", "larger pool, tied to publications and retention")),)
    assert table(Table(ROLES, rows)).split("\n") == [
        "Bonus",
        "  AI PM: 10–15% of the total",
        "  AI Researcher: larger pool, tied",
        "    to publications and retention",
    ]


@given(
    st.integers(1, 3).flatmap(
        lambda n: st.builds(Table, st.tuples(*[words] * n), st.lists(st.tuples(cells, st.tuples(*[cells] * n)), max_size=4).map(tuple))
    )
)
def test_no_line_is_wider_than_a_phone_and_no_word_is_lost(shown: Table) -> None:
    lines = table(shown).split("\n")
    assert max(map(len, lines)) <= WIDE
    said = " ".join(lines)
    assert all(word in said for label, row in shown.rows for text in (label, *row) for word in text.split())


def test_all_comparisons_of_the_knowledge_fit_a_phone(shipped: Bot) -> None:
    for entry in shipped.base.entries.values():
        if entry.kind == "compare":
            rows = tuple((row.label, tuple(row.cells[column] for column in entry.columns)) for row in entry.rows)
            drawn = table(Table(tuple(entry.columns.values()), rows))
            assert max(map(len, drawn.split("\n"))) <= WIDE
            assert len(drawn.split("\n")) <= (TALL + 2) * (len(rows) + 1)
