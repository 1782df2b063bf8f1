"""Which facets a message names, and where."""

from __future__ import annotations

import pytest

from bot.knowledge.entry import Facet
from bot.matching.facets import FacetFinder, Mention

ROLE = Facet(
    "role",
    {"pm": ("product manager", "product"), "engineer": ("engineer", "software engineer", "R&D engineer"), "manager": ("manager",)},
    (("lawyer", "legal counsel"), ("cook",)),
)
LEVEL = Facet("level", {"l5": ("Level 5", "senior"), "l6": ("Level 6",)}, ())


@pytest.fixture
def finder() -> FacetFinder:
    return FacetFinder([ROLE, LEVEL])


def found(finder: FacetFinder, text: str) -> list[tuple[str, int, int]]:
    return [(mention.mark, mention.begin, mention.end) for mention in finder.find(text.split())]


def test_the_longest_form_wins_and_what_is_inside_it_is_not_named(finder: FacetFinder) -> None:
    assert found(finder, "a product manager") == [("role=pm", 1, 3)]
    assert found(finder, "a product or a manager") == [("role=pm", 1, 2), ("role=manager", 4, 5)]
    assert found(finder, "software engineer") == [("role=engineer", 0, 2)]


def test_mentions_come_in_order_with_their_places(finder: FacetFinder) -> None:
    assert finder.find(["senior", "engineer", "to", "l6"]) == (
        Mention("level", "l5", covered=True, begin=0, end=1),
        Mention("role", "engineer", covered=True, begin=1, end=2),
        Mention("level", "l6", covered=True, begin=3, end=4),
    )


def test_a_value_that_is_not_covered_keeps_its_name_and_shares_a_mark(finder: FacetFinder) -> None:
    counsel, cook = finder.find(["legal", "counsel", "or", "cook"])
    assert (counsel.value, counsel.covered, counsel.mark) == ("lawyer", False, "role=other")
    assert (cook.value, cook.covered, cook.mark) == ("cook", False, "role=other")


def test_forms_are_read_as_messages_are(finder: FacetFinder) -> None:
    assert found(finder, "rd engineer at l5") == [("role=engineer", 0, 2), ("level=l5", 3, 4)]


@pytest.mark.parametrize("text", ["", "nothing here", "software", "legal", "products"])
def test_what_is_not_named_whole_is_not_found(finder: FacetFinder, text: str) -> None:
    assert found(finder, text) == []


def test_without_facets_nothing_is_found() -> None:
    assert FacetFinder([]).find(["product", "manager"]) == ()


def test_the_id_of_a_value_names_it_and_wordless_forms_are_passed_over() -> None:
    finder = FacetFinder([Facet("role", {"pm": ("", "?!")}, ())])
    assert found(finder, "pm") == [("role=pm", 0, 1)]
