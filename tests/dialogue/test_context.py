"""Messages that lean on the last answer: how they are asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.dialogue.context import depends, leaning, names_only, turned
from bot.dialogue.session import Session
from bot.matching.facets import FacetFinder

if TYPE_CHECKING:
    from bot.assembly import Bot

AFTER_BREAD = Session(last=("bread-price",), question="how much is a loaf", about={"product": "bread"}, shown=frozenset({"bread-price"}))


@pytest.fixture
def facets(bakery: Bot) -> FacetFinder:
    return FacetFinder(bakery.base.facets)


@pytest.mark.parametrize("said", ["and for cake", "what about the price", "does it keep", "so what then", "is that dear"])
def test_what_leads_on_or_points_back_depends(said: str) -> None:
    assert depends(said)


@pytest.mark.parametrize("said", ["when are you open", "how much is a cake", "and " + "word " * 20])
def test_what_explains_itself_does_not_depend(said: str) -> None:
    assert not depends(said)


@pytest.mark.parametrize(
    ("said", "only"), [("and for cake", True), ("the loaf", True), ("loaves", True), ("is cake dear", False), ("and", False), ("", False)]
)
def test_a_message_may_do_nothing_but_name_facets(facets: FacetFinder, said: str, only: bool) -> None:  # noqa: FBT001
    assert names_only(said, facets) is only


def test_another_product_is_put_into_the_last_question(bakery: Bot, facets: FacetFinder) -> None:
    query = turned("and for cake", AFTER_BREAD, bakery.base, facets)
    assert query is not None
    assert "cake" in query.text
    assert "bread" not in query.text
    assert query.boosts["bread-price"] == 0
    assert query.boosts["cake-price"] > 1


def test_a_correction_rules_the_last_answer_out(bakery: Bot, facets: FacetFinder) -> None:
    query = turned("no, i meant the opening hours", AFTER_BREAD, bakery.base, facets)
    assert query is not None
    assert query.text.startswith("the opening hours") or query.text.startswith("opening hours")
    assert query.boosts == {"bread-price": 0.0}


def test_a_change_of_subject_forgets_the_last_answer(bakery: Bot, facets: FacetFinder) -> None:
    query = turned("different question: when are you open", AFTER_BREAD, bakery.base, facets)
    assert query is not None
    assert (query.text, query.others, dict(query.boosts)) == ("when are you open", (), {})


@pytest.mark.parametrize("said", ["and for cake", "no, i meant cake", "what about it"])
def test_nothing_leans_on_an_answer_that_was_never_given(bakery: Bot, facets: FacetFinder, said: str) -> None:
    assert turned(said, Session(), bakery.base, facets) is None
    assert leaning(said, Session(), bakery.base, facets) is None


def test_nothing_leans_on_an_answer_that_is_gone(bakery: Bot, facets: FacetFinder) -> None:
    assert leaning("what about it", Session(last=("gone",)), bakery.base, facets) is None


def test_what_the_last_answer_leads_to_becomes_likelier(bakery: Bot, facets: FacetFinder) -> None:
    query = leaning("and what about it", AFTER_BREAD, bakery.base, facets)
    assert query is not None
    assert query.boosts["prices"] > query.boosts.get("hours", 1.0)
