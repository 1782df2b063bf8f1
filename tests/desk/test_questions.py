"""A question on its way to a person: what its buttons carry, and how it goes from state to state."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.questions import DESK, WAITING, Question, read_target, target

if TYPE_CHECKING:
    from bot.contracts.questions import State

ASKED = Question(
    id="q1",
    person="ann",
    conversation="talk",
    platform="telegram",
    address={"chat": "7"},
    text="Do you bake for weddings?",
    desk_platform="slack",
    desk={"channel": "D1"},
    at=50.0,
    post="slack:99",
)


@pytest.mark.parametrize("move", ["claim", "decline", "keep"])
def test_a_target_of_the_desk_is_read_as_it_was_made(move: Literal["claim", "decline", "keep"]) -> None:
    assert target(move, "q1") == f"{DESK}{move}:q1"
    assert read_target(target(move, "q1")) == (move, "q1")


@given(st.sampled_from(["claim", "decline", "keep"]), st.text())
def test_any_id_comes_back_from_its_target(move: Literal["claim", "decline", "keep"], id_: str) -> None:
    assert read_target(target(move, id_)) == (move, id_)


@pytest.mark.parametrize("text", ["", "claim:q1", "handoff:named", "none-of-these", "topic:desk:claim:q1", "Desk:claim:q1"])
def test_what_is_no_target_of_the_desk_has_neither_move_nor_id(text: str) -> None:
    assert read_target(text) == ("", "")


@pytest.mark.parametrize(
    ("text", "read"), [("desk:", ("", "")), ("desk:claim", ("claim", "")), ("desk:claim:", ("claim", "")), ("desk::q1", ("", "q1"))]
)
def test_half_a_target_gives_what_there_is(text: str, read: tuple[str, str]) -> None:
    assert read_target(text) == read


@pytest.mark.parametrize("state", ["open", "claimed", "answered", "declined", "withdrawn", "failed"])
def test_a_question_moved_is_the_same_question_in_another_state(state: State) -> None:
    assert ASKED.moved(state) == replace(ASKED, state=state)
    assert ASKED.state == "open"


def test_an_answer_is_kept_until_another_one_takes_its_place() -> None:
    answered = ASKED.moved("answered", answer="We do.")
    assert (answered.state, answered.answer) == ("answered", "We do.")
    assert answered.moved("withdrawn").answer == "We do."
    assert answered.moved("answered", answer="In June only.").answer == "In June only."


def test_somebody_waits_only_while_a_question_is_open_or_claimed() -> None:
    assert {"open", "claimed"} == WAITING
