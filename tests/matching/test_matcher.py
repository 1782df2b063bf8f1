"""From a message to ranked entries, on the small knowledge of the bakery."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assembly import Bot, assemble
from bot.matching.candidate import Match
from bot.matching.matcher import KEPT, Matcher
from bot.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

SLACK = 1e-6
"""What half and single floats may add to one."""


def candidates(match: Match) -> list[float]:
    return [candidate.probability for group in (match.entries, match.subjects, match.social) for candidate in group]


def within(number: float) -> bool:
    return 0 <= number <= 1 + SLACK


def sound(match: Match) -> bool:
    return all(map(within, [*candidates(match), match.scope, match.choice, match.confidence, match.known]))


def test_every_phrasing_ranks_its_entry_first_and_surely(bakery: Bot) -> None:
    for entry in bakery.base.entries.values():
        for phrasing in (entry.question, entry.title, *entry.phrasings):
            match = bakery.matcher.rank(phrasing)
            assert match.entries[0].id == entry.id, phrasing
            assert match.confidence > 0.9
            assert match.scope > 0.9
            assert match.choice > 0.9
            assert sound(match)


def test_every_phrasing_of_a_subject_and_of_small_talk_ranks_it_first_and_no_entry_surely(bakery: Bot) -> None:
    for subject in bakery.base.subjects.values():
        for phrasing in subject.phrasings:
            match = bakery.matcher.rank(phrasing)
            assert match.subjects[0].id == subject.id
            assert match.scope < 0.1
            assert match.confidence < 0.1
    for social in bakery.base.social.values():
        for phrasing in social.phrasings:
            match = bakery.matcher.rank(phrasing)
            assert match.social[0].id == social.id
            assert match.confidence < 0.1


def test_case_signs_and_synonyms_make_no_difference(bakery: Bot) -> None:
    plain = bakery.matcher.rank("what does a loaf cost")
    for text in ("What does a LOAF cost?!", "  what does a lo\u200baf cost", "@baker what does a loaf price"):
        assert bakery.matcher.rank(text) == plain


def test_a_typing_error_is_corrected_and_reported(bakery: Bot) -> None:
    match = bakery.matcher.rank("how expensve is your rye bread")
    assert match.corrections == (("expensve", "expensive"),)
    assert match.words == ("how", "expensive", "is", "your", "rye", "bread")
    assert match.entries[0].id == "bread-price"
    assert match.confidence == pytest.approx(bakery.matcher.rank("how expensive is your rye bread").confidence)
    assert bakery.matcher.rank("how expensive is your rye bread").corrections == ()


@pytest.mark.parametrize(
    "text", ["how much is a cake", "how much is your cake then", "what does the cake cost", "a gateau costs how many euros"]
)
def test_an_entry_about_another_value_of_a_facet_is_held_down(bakery: Bot, text: str) -> None:
    match = bakery.matcher.rank(text)
    assert match.entries[0].id == "cake-price"
    assert {mention.value for mention in match.mentions} == {"cake"}
    assert next((c.probability for c in match.entries if c.id == "bread-price"), 0.0) < 0.05


def test_a_value_that_is_not_covered_holds_down_all_that_is_about_another(bakery: Bot) -> None:
    match = bakery.matcher.rank("how much is a pizza")
    assert [(mention.value, mention.covered) for mention in match.mentions] == [("pizza", False)]
    assert match.entries[0].id not in {"bread-price", "cake-price"}
    assert match.confidence < 0.3


def test_naming_both_values_holds_down_neither(bakery: Bot) -> None:
    match = bakery.matcher.rank("bread or cake, what costs more")
    assert match.entries[0].id == "prices"
    assert {mention.value for mention in match.mentions} == {"bread", "cake"}


@pytest.mark.parametrize("text", ["", "   ", "?!", "\u200b", "\ud800", "@baker", "🥐", "https://example.org"])
def test_a_message_in_which_nothing_can_be_read_gives_an_empty_match(bakery: Bot, text: str) -> None:
    match = bakery.matcher.rank(text)
    assert match == Match.nothing()
    assert match.empty


def test_an_emoji_is_small_talk_where_it_is_a_phrasing(small: Path, tmp_path: Path) -> None:
    social = small.with_name("social.yaml")
    social.write_text(social.read_text("utf-8").replace("[thanks, ", "[👍, thanks, "), "utf-8")
    matcher = assemble(Settings(faq=small, data_dir=tmp_path / "data")).matcher
    for text in ("👍", "👍🏽👍", "🥐 👍!"):
        match = matcher.rank(text)
        assert [(c.id, c.probability) for c in match.social] == [("thanks", 1.0)]
        assert match.entries == ()
        assert not match.empty
    assert matcher.rank("🥐").empty


def test_a_boost_of_nothing_excludes_an_entry_and_a_large_one_lifts_it(bakery: Bot) -> None:
    text = "cost of the loaf"
    first = bakery.matcher.rank(text).entries[0]
    excluded = bakery.matcher.rank(text, boosts={first.id: 0.0})
    assert excluded.entries[0].id != first.id
    assert next((c.probability for c in excluded.entries if c.id == first.id), 0.0) == 0
    lifted = bakery.matcher.rank(text, boosts={"sorts": 1000.0})
    assert lifted.entries[0].id == "sorts"
    assert sound(excluded)
    assert sound(lifted)


def test_no_boosts_change_nothing_and_those_of_unknown_ids_no_order(bakery: Bot) -> None:
    plain = bakery.matcher.rank("cost of the loaf")
    assert bakery.matcher.rank("cost of the loaf", boosts={}) == plain
    boosted = bakery.matcher.rank("cost of the loaf", boosts={"nobody": 5.0})
    assert [c.id for c in boosted.entries] == [c.id for c in plain.entries]


def test_other_wordings_lend_their_candidates_and_the_first_is_the_message(bakery: Bot) -> None:
    alone = bakery.matcher.rank("and on sundays")
    helped = bakery.matcher.rank("and on sundays", "opening hours")
    probability = {c.id: c.probability for c in alone.entries}
    assert helped.entries[0].id == "hours"
    assert helped.entries[0].probability > probability["hours"]
    assert helped.words == alone.words
    assert bakery.matcher.rank("and on sundays", "", "?") == alone
    assert bakery.matcher.rank("", "opening hours").entries[0].id == "hours"


def test_candidates_come_likeliest_first_and_few(bakery: Bot) -> None:
    match = bakery.matcher.rank("cake")
    for group in (match.entries, match.subjects, match.social):
        numbers = [candidate.probability for candidate in group]
        assert numbers == sorted(numbers, reverse=True)
        assert len(numbers) <= KEPT
    assert {c.id for c in match.entries} <= set(bakery.base.entries)
    assert {c.id for c in match.subjects} <= set(bakery.base.subjects)
    assert {c.id for c in match.social} <= set(bakery.base.social)


def test_unknown_words_are_known_little_and_answered_with_little_confidence(bakery: Bot) -> None:
    match = bakery.matcher.rank("zxqw vvkk jjqq")
    assert match.known < 0.2
    assert match.confidence < 0.2
    assert bakery.matcher.rank("price of bread").known > 0.9


def test_the_same_message_gives_the_same_match(bakery: Bot) -> None:
    assert bakery.matcher.rank("is the gateau dear") == bakery.matcher.rank("is the gateau dear")


def test_an_endless_message_is_ranked(bakery: Bot) -> None:
    assert sound(bakery.matcher.rank("price of bread " * 20_000))


@given(
    text=st.text(st.characters())
    | st.lists(
        st.sampled_from(
            ["how", "much", "is", "a", "cake", "bread", "pizza", "open", "deliver", "hello", "sushi", "450k", "zzz", "👋", "@x"]
        )
    ).map(" ".join)
)
@settings(max_examples=50, deadline=None)
def test_all_numbers_of_any_message_are_shares(bakery: Bot, text: str) -> None:
    assert sound(bakery.matcher.rank(text))


def test_a_matcher_is_built_from_knowledge_and_model_alone(bakery: Bot) -> None:
    again = Matcher(bakery.base, bakery.matcher._model)
    assert again.rank("cake") == bakery.matcher.rank("cake")
