"""How decisions are said in the words of the editor."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from bot.dialogue.session import Session
from bot.dialogue.targets import EntryTarget, NoneOfThese
from bot.dialogue.turn import Acknowledge, Answer, Clarify, Compare, Fallback, Listing, OutOfScope
from bot.dialogue.wording import compose, follow_ups, line
from bot.knowledge.loader import load
from bot.language.english.wording import TEXTS

if TYPE_CHECKING:
    from pathlib import Path

    from bot.assembly import Bot

FACET = "out_of_scope_facet"


def test_a_question_back_ends_with_the_choice_that_refuses(bakery: Bot) -> None:
    reply = compose(Clarify(("hours", "sorts"), 0.4), bakery.base, Session())
    assert [(choice.target, choice.label) for choice in reply.choices] == [
        (EntryTarget("hours"), "Opening hours"),
        (EntryTarget("sorts"), "What do you bake?"),
        (NoneOfThese(), "None of these"),
    ]


@pytest.mark.parametrize(
    ("choices", "confidence", "key"),
    [
        (("hours", "sorts"), 0.6, "clarify_sure"),
        (("hours", "sorts"), 0.5, "clarify_sure"),
        (("hours", "sorts"), 0.49, "clarify"),
        (("hours", "sorts"), 0.25, "clarify"),
        (("hours", "sorts"), 0.24, "clarify_unsure"),
        (("hours", "sorts"), 0.0, "clarify_sure"),
        (("hours",), 0.6, "clarify_one"),
    ],
)
def test_a_question_back_says_how_sure_it_is(bakery: Bot, choices: tuple[str, ...], confidence: float, key: str) -> None:
    lines = [compose(Clarify(choices, confidence), bakery.base, Session(line=number)).text for number in range(10)]
    assert set(lines) == set(TEXTS[key])
    assert all(line != following for line, following in pairwise(lines))


def test_no_two_lines_that_ask_back_or_refuse_are_the_same() -> None:
    keys = ("fallback", "clarify_one", "clarify_sure", "clarify", "clarify_unsure", "out_of_scope", "out_of_scope_facet")
    lines = [line for key in keys for line in TEXTS[key]]
    assert len(set(lines)) == len(lines)
    assert min(len(TEXTS[key]) for key in keys) >= 3


def test_a_question_of_the_editor_takes_the_place_of_the_usual_one(bakery: Bot) -> None:
    assert compose(Clarify(("hours",), 0.0, "Which bread?"), bakery.base, Session()).text == "Which bread?"


@pytest.mark.parametrize(
    ("act", "key"), [(Fallback(0.0), "fallback"), (OutOfScope("", "", (), 0.9), "out_of_scope"), (OutOfScope("", "pizza", (), 0.9), FACET)]
)
def test_lines_that_refuse_take_turns(bakery: Bot, act: Fallback | OutOfScope, key: str) -> None:
    said = [compose(act, bakery.base, Session(line=number)).text for number in range(len(TEXTS[key]) + 1)]
    assert said == [line.format(what="pizza") for line in (*TEXTS[key], TEXTS[key][0])]


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (OutOfScope("delivery", "", (), 0.9), "We have no word on delivery."),
        (OutOfScope("", "pizza", (), 0.9), "I have nothing on pizza, so I would rather not guess."),
        (OutOfScope("", "{pizza}", (), 0.9), "I have nothing on {pizza}, so I would rather not guess."),
        (OutOfScope("", "", (), 0.9), "That is not covered here, so I would rather not guess."),
        (Listing("visit"), "Visit us: what would you like to know?"),
        (Acknowledge("not_a_choice", {"number": "7"}), "There is no choice 7 here. Pick one of these, or ask in your own words."),
    ],
)
def test_gaps_are_filled(bakery: Bot, act: OutOfScope | Listing | Acknowledge, text: str) -> None:
    assert compose(act, bakery.base, Session()).text == text


def test_nearest_entries_that_are_gone_are_left_out(bakery: Bot) -> None:
    reply = compose(OutOfScope("jobs", "", ("gone", "hours"), 0.9), bakery.base, Session())
    assert [choice.target for choice in reply.follow_ups] == [EntryTarget("hours")]


def test_the_rest_of_an_answer_does_not_promise_more(bakery: Bot) -> None:
    assert compose(Answer(("hours",), 1.0), bakery.base, Session()).more
    assert not compose(Answer(("hours",), 1.0, "more"), bakery.base, Session()).more


def test_two_parts_name_each_source_once(bakery: Bot) -> None:
    reply = compose(Answer(("bread-price", "cake-price"), 0.9), bakery.base, Session())
    assert reply.text == "A loaf is 4 euros.\n\nA cake is 20 euros."
    assert reply.sources == ("Prices",)


def test_a_comparison_fills_figures_into_its_cells(bakery: Bot) -> None:
    reply = compose(Compare("prices", 1.0), bakery.base, Session())
    assert reply.table is not None
    assert reply.table.rows == (("Price", ("4 euros", "20 euros")),)


def test_follow_ups_go_on_with_what_follow_ups_lead_to(bakery: Bot) -> None:
    hours = bakery.base.entries["hours"]
    assert [c.target for c in follow_ups([hours], bakery.base, Session())] == [*map(EntryTarget, ("bread-price", "sorts", "cake-price"))]
    shown = Session(shown=frozenset({"bread-price", "cake-price"}))
    assert [c.target for c in follow_ups([hours], bakery.base, shown)] == [EntryTarget("sorts"), EntryTarget("prices")]


def test_an_editor_changes_the_wording(small: Path) -> None:
    small.write_text(small.read_text("utf-8") + "texts:\n  fallback: [Eh?, What?]\n", "utf-8")
    base = load(small)
    assert [line(base, "fallback", turn) for turn in range(3)] == ["Eh?", "What?", "Eh?"]


ASKED_BACK = {"clarify_one": (("hours",), 0.6), "clarify_sure": (("hours", "sorts"), 0.6), "clarify_unsure": (("hours", "sorts"), 0.1)}


@pytest.mark.parametrize("own", [*ASKED_BACK, ""])
def test_the_question_of_an_editor_stands_for_those_that_they_did_not_write(small: Path, own: str) -> None:
    theirs = f"  {own}: [Surely?]\n" if own else ""
    small.write_text(f"{small.read_text('utf-8')}texts:\n  clarify: [Which?, What?]\n{theirs}", "utf-8")
    base = load(small)
    for key, (choices, confidence) in ASKED_BACK.items():
        said = [compose(Clarify(choices, confidence), base, Session(line=number)).text for number in range(2)]
        assert said == (["Surely?", "Surely?"] if key == own else ["Which?", "What?"])


def test_a_line_of_the_editor_for_one_of_the_questions_back_changes_that_one_alone(small: Path) -> None:
    small.write_text(small.read_text("utf-8") + "texts:\n  clarify_unsure: [No idea.]\n", "utf-8")
    base = load(small)
    assert base.texts["clarify_unsure"] == ("No idea.",)
    assert base.texts["clarify"] == TEXTS["clarify"]
