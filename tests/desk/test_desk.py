"""The desk's side of a hand-off: who hears what, where, and in which words, whatever the desk does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.contracts.events import DeskReply, Heard, LeasedEvent
from bot.contracts.outcomes import DraftKept, Outcome, PersonErased, QuestionChanged, QuestionOpened, QuestionReminded
from bot.contracts.questions import DESK, Question
from bot.desk.desk import DeskSteps
from bot.dialogue.turn import Selection

if TYPE_CHECKING:
    from bot.assembly import Bot
    from bot.contracts.outcomes import Message, Notice
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
ERASED = replace(ASKED, person="", conversation="", address={}, text="", state="withdrawn")
HERE = {"channel": "D1", "thread": "99"}
OVER = "That question is closed; nothing was passed on."
WORDS = "We do. Write to **Dora** at dora@example.org, or 0170 1234567."


@pytest.fixture
def side(bakery: Bot) -> DeskSteps:
    return DeskSteps(bakery.base)


def replied(side: DeskSteps, question: Question, text: str = WORDS, event: str = "slack:e1") -> Outcome:
    return side.replied(DeskReply(text, question.post), question, Heard(DeskReply(text), HERE, "slack:D1", "Dora"), _taken(event))


def pressed(side: DeskSteps, move: str, question: Question, event: str = "slack:e1") -> Outcome:
    press = f"{DESK}{move}:{question.id}"
    return side.pressed(press, question, Heard(Selection(press), HERE, "slack:D1", "Dora"), _taken(event))


def _taken(event: str) -> LeasedEvent:
    return LeasedEvent(1, event, "slack", "desk talk", "dora", 60.0, {})


def said(outcome: Outcome) -> str:
    """What the desk hears at once, where it did something."""
    assert outcome.message is not None
    assert (outcome.message.platform, outcome.message.address, outcome.message.reply.act) == ("slack", HERE, "handoff")
    return outcome.message.reply.text


def told_asker(outcome: Outcome) -> Message:
    """The one message that goes to whoever asked, where they are."""
    notice = _only(outcome)
    assert (notice.conversation, notice.person) == ("talk", "ann")
    assert (notice.message.platform, notice.message.address, notice.message.question) == ("telegram", {"chat": "7"}, "q1")
    return notice.message


def told_desk(outcome: Outcome) -> Message:
    """The one message that goes to the desk, beneath its message about the question."""
    notice = _only(outcome)
    assert notice.conversation == "desk:q1"
    assert (notice.message.platform, notice.message.question) == ("slack", "q1")
    assert notice.message.address == {"channel": "D1", "post": "slack:99"}
    return notice.message


def _only(outcome: Outcome) -> Notice:
    assert len(outcome.notices) == 1
    assert (outcome.session, outcome.turn) == (None, None)
    return outcome.notices[0]


@pytest.mark.parametrize(("name", "who"), [("Ann", "Asked by Ann."), ("{name}", "Asked by {name}."), ("", "Asked without a name.")])
def test_a_question_passed_on_is_posted_with_what_can_be_done_about_it(side: DeskSteps, name: str, who: str) -> None:
    fresh = replace(ASKED, post="")
    outcome = side.passed(fresh, name)
    assert outcome.changes == (QuestionOpened(fresh),)
    notice = _only(outcome)
    assert (notice.id, notice.conversation, notice.person) == ("post:q1", "desk:q1", "ann")
    message = notice.message
    assert (message.platform, message.address, message.question, message.told) == ("slack", {"channel": "D1"}, "q1", "post")
    assert (message.reply.quote, message.reply.notes) == ("Do you bake for weddings?", (who,))
    offers = [(choice.target, choice.label) for choice in message.reply.follow_ups]
    assert offers == [("desk:claim:q1", "I take it"), ("desk:decline:q1", "Nobody can answer this")]


def test_a_question_claimed_is_told_to_whoever_asked(side: DeskSteps) -> None:
    outcome = pressed(side, "claim", ASKED)
    assert said(outcome).startswith("Taken.")
    assert outcome.changes == (QuestionChanged(replace(ASKED, state="claimed"), "open"),)
    told = told_asker(outcome)
    assert (told.reply.text, told.reply.quote) == ("Somebody at the desk is looking at your question.", ASKED.text)
    assert told.told == ""


def test_a_question_is_claimed_once(side: DeskSteps) -> None:
    outcome = pressed(side, "claim", ASKED.moved("claimed"))
    assert said(outcome) == "Somebody has taken this one already."
    assert (outcome.changes, outcome.notices) == ((), ())


@pytest.mark.parametrize("state", ["open", "claimed"])
def test_a_question_declined_is_told_to_whoever_asked(side: DeskSteps, state: State) -> None:
    outcome = pressed(side, "decline", ASKED.moved(state))
    assert said(outcome).startswith("Declined.")
    assert outcome.changes == (QuestionChanged(ASKED.moved("declined"), state),)
    told = told_asker(outcome)
    assert told.reply.text.startswith("The people at the desk cannot answer this one")
    assert told.reply.quote == ASKED.text


@pytest.mark.parametrize("state", ["open", "claimed", "answered"])
def test_an_answer_goes_back_word_for_word_and_is_kept_masked(side: DeskSteps, state: State) -> None:
    outcome = replied(side, ASKED.moved(state))
    assert outcome.changes == (QuestionChanged(ASKED.moved("answered", answer="We do. Write to **Dora** at [e-mail], or [phone]."), state),)
    told = told_asker(outcome)
    assert (told.told, told.reply.act, told.reply.text) == ("answer", "handoff", "An answer from the desk:")
    assert (told.reply.quote, told.reply.notes) == (WORDS, ("You had asked: Do you bake for weddings?",))
    assert said(outcome) == "Passed on to whoever asked."
    assert outcome.message is not None
    assert [(choice.target, choice.label) for choice in outcome.message.reply.follow_ups] == [("desk:keep:q1", "Keep as draft")]


def test_a_question_answered_again_keeps_the_last_answer(side: DeskSteps) -> None:
    outcome = replied(side, ASKED.moved("answered", answer="We do."), "In June only.")
    assert outcome.changes == (QuestionChanged(ASKED.moved("answered", answer="In June only."), "answered"),)
    assert told_asker(outcome).reply.quote == "In June only."


def test_an_answer_is_kept_as_a_draft(side: DeskSteps) -> None:
    outcome = pressed(side, "keep", ASKED.moved("answered", answer="We do."))
    assert said(outcome).startswith("Kept as a draft")
    assert outcome.changes == (DraftKept("q1", "ann", "Do you bake for weddings?", "We do.", 60.0),)
    assert outcome.notices == ()


@pytest.mark.parametrize(
    "question",
    [ERASED, ASKED.moved("withdrawn"), ASKED.moved("failed"), ASKED.moved("declined"), replace(ASKED, person="")],
)
def test_no_answer_reaches_a_question_that_is_closed(side: DeskSteps, question: Question) -> None:
    outcome = replied(side, question)
    assert said(outcome) == OVER
    assert (outcome.changes, outcome.notices) == ((), ())


@pytest.mark.parametrize("move", ["claim", "decline"])
@pytest.mark.parametrize("question", [ERASED, *(ASKED.moved(state) for state in ("answered", "declined", "withdrawn", "failed"))])
def test_a_closed_question_can_be_neither_claimed_nor_declined(side: DeskSteps, question: Question, move: str) -> None:
    outcome = pressed(side, move, question)
    assert said(outcome) == OVER
    assert (outcome.changes, outcome.notices) == ((), ())


@pytest.mark.parametrize("move", ["keep", "never-heard-of", ""])
@pytest.mark.parametrize("question", [ASKED, ERASED, ASKED.moved("failed")])
def test_there_is_no_draft_without_an_answer_and_no_move_without_a_name(side: DeskSteps, question: Question, move: str) -> None:
    outcome = pressed(side, move, question)
    assert said(outcome) == OVER
    assert (outcome.changes, outcome.notices) == ((), ())


def test_a_person_forgotten_is_erased_and_the_desk_hears_of_each_question_that_waits(side: DeskSteps) -> None:
    second = replace(ASKED.moved("claimed"), id="q2", post="slack:100")
    outcome = side.forgotten("ann", [ASKED, second])
    assert outcome.changes == (PersonErased("ann"),)
    assert [notice.id for notice in outcome.notices] == ["withdrawn:q1", "withdrawn:q2"]
    assert [notice.message.address for notice in outcome.notices] == [{"channel": "D1", "post": f"slack:{post}"} for post in (99, 100)]
    for notice in outcome.notices:
        assert notice.message.reply.plain_body == "This question was withdrawn, and its words are erased. Nothing needs to be done."
        assert notice.person == ""


def test_a_person_forgotten_of_whom_nothing_waits_is_only_erased(side: DeskSteps) -> None:
    assert side.forgotten("ann", []) == Outcome(changes=(PersonErased("ann"),))


def test_a_reminder_says_the_question_again_beneath_it(side: DeskSteps) -> None:
    outcome = side.reminder(ASKED)
    assert outcome.changes == (QuestionReminded("q1"),)
    told = told_desk(outcome)
    assert (told.reply.text, told.reply.quote, told.told) == ("This question still waits for an answer:", ASKED.text, "")
    assert outcome.notices[0].person == "ann"


def test_a_desk_that_cannot_be_reached_is_told_to_whoever_asked(side: DeskSteps) -> None:
    outcome = side.unreachable(ASKED)
    assert outcome.changes == (QuestionChanged(ASKED.moved("failed"), "open"),)
    told = told_asker(outcome)
    assert told.reply.text.startswith("The desk cannot be reached")
    assert told.reply.quote == ASKED.text


def test_an_answer_that_cannot_arrive_is_told_to_the_desk(side: DeskSteps) -> None:
    outcome = side.undelivered(ASKED.moved("answered", answer="We do."), "answer:slack:e1")
    told = told_desk(outcome)
    assert told.reply.text.startswith("Whoever asked cannot be reached any more")
    assert told.reply.quote == "We do."
    assert outcome.changes == ()


def test_the_same_cause_gives_notices_of_the_same_id_and_another_one_does_not(side: DeskSteps) -> None:
    answered = ASKED.moved("answered", answer="We do.")
    again = [
        (_only(replied(side, ASKED)).id, _only(replied(side, answered)).id),
        (_only(pressed(side, "claim", ASKED, "slack:e1")).id, _only(pressed(side, "claim", ASKED, "slack:e2")).id),
        (_only(pressed(side, "decline", ASKED, "slack:e1")).id, _only(pressed(side, "decline", ASKED, "slack:e2")).id),
        (_only(side.passed(ASKED, "")).id, _only(side.passed(ASKED, "Ann")).id),
        (_only(side.reminder(ASKED)).id, _only(side.reminder(ASKED.moved("claimed"))).id),
        (_only(side.undelivered(answered, "e1")).id, _only(side.undelivered(answered, "e1")).id),
    ]
    assert all(one == other for one, other in again)
    assert len({one for one, _ in again}) == len(again)
    assert _only(replied(side, ASKED, event="slack:e2")).id != again[0][0]
    assert _only(side.undelivered(answered, "e2")).id != again[-1][0]
