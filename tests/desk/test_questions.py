"""A question on its way to a person: how it goes from state to state."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from bot.contracts.addresses import Address, Recipient
from bot.contracts.questions import WAITING, Question, State
from bot.dialogue.turn import HashedKey

ASKED = Question(
    id="q1",
    asker=Recipient(Address("telegram", {"chat": "7"}), HashedKey("talk"), HashedKey("ann")),
    text="Do you bake for weddings?",
    desk=Address("slack", {"channel": "D1"}),
    at=50.0,
    post="slack:99",
)


@pytest.mark.parametrize("state", get_args(State))
def test_a_question_changed_is_the_same_question_in_another_state(state: State) -> None:
    assert ASKED.changed(state) == replace(ASKED, state=state)
    assert ASKED.state == "open"


def test_an_answer_is_kept_until_another_one_takes_its_place() -> None:
    answered = ASKED.answered("We do.", notice="answer:1", source="slack:50", reached="telegram:7/8")
    assert (answered.state, answered.answer) == ("answered", "We do.")
    assert answered.changed("withdrawn").answer == "We do."
    again = answered.answered("In June only.", notice="answer:2", source="slack:51")
    assert (again.answer, again.notice, again.source, again.reached) == ("In June only.", "answer:2", "slack:51", "")


def test_an_answer_taken_back_leaves_a_question_that_somebody_has_taken() -> None:
    answered = ASKED.answered("We do.", notice="answer:1", source="slack:50")
    assert answered.taken_back() == replace(answered, state="claimed", answer="")


def test_somebody_waits_only_while_a_question_is_open_or_claimed() -> None:
    assert {"open", "claimed"} == WAITING
