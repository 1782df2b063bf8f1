"""The desk's side of a hand-off: who hears what, where, and in which words, whatever the desk does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

import pytest

from bot.contracts.addresses import Address, Recipient, Room
from bot.contracts.events import DeskReply, InboundEvent
from bot.contracts.outcomes import DraftKept, Message, Outcome, PersonErased, QuestionChanged, QuestionOpened, QuestionReminded
from bot.contracts.questions import WAITING, Question
from bot.delivery.empty_journal import EmptyJournal
from bot.desk.desk import MOST_WAITING, Desk
from bot.dialogue.reply import Reply
from bot.dialogue.targets import DeskMove, DeskTarget
from bot.dialogue.turn import Context, HashedKey, RawKey, Selection, turn_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.assembly import Bot
    from bot.contracts.outcomes import Notice
    from bot.contracts.questions import State

HERE = Address("slack", {"channel": "D1", "thread": "99"})
ROOM = Room(RawKey("slack:D1"), Address("slack", {"channel": "D1"}))
ANN = Recipient(Address("telegram", {"chat": "7"}), HashedKey("talk"), HashedKey("ann"))
ASKED = Question(
    id=turn_id("telegram:e0"),
    asker=ANN,
    text="Do you bake for weddings?",
    desk=ROOM.address,
    at=50.0,
    post="slack:99",
)
Q1 = ASKED.id
ERASED = replace(ASKED, asker=None, text="", state="withdrawn")
OVER = "That question is closed; nothing was passed on."
WORDS = "We do. Write to **Dora** at dora@example.org, or 0170 1234567."


class Kept(EmptyJournal):
    """A journal that holds these questions."""

    def __init__(self, *questions: Question) -> None:
        self.questions = questions

    def question(self, id_: str) -> Question | None:
        return next((question for question in self.questions if question.id == id_), None)

    def question_of_post(self, post: str) -> Question | None:
        return next((question for question in self.questions if question.post == post), None)

    def waiting(self, person: HashedKey) -> Sequence[Question]:
        return [question for question in self.questions if question.state in WAITING and question.asker and question.asker.person == person]


@pytest.fixture
def desk(bakery: Bot) -> Desk:
    return Desk(bakery.base, ROOM)


def passed(desk: Desk, name: str, text: str = ASKED.text, kept: Sequence[Question] = ()) -> Outcome | None:
    context = Context(ANN.conversation, ANN.person, "telegram:e0", ASKED.at)
    return desk.passed(text, name, ANN, context, Kept(*kept))


def replied(
    desk: Desk, question: Question, text: str = WORDS, event: str = "slack:e1", *, room: str = ROOM.key, act: DeskReply | None = None
) -> Outcome | None:
    act = act or DeskReply(text, question.post)
    return desk.replied(act, at_desk(act, room), Context(HashedKey("desk talk"), HashedKey("dora"), event, 60.0), Kept(question))


def pressed(desk: Desk, move: DeskMove, question: Question, *, room: str = ROOM.key, id_: str = Q1) -> Outcome:
    target = DeskTarget(move, id_)
    return desk.pressed(target, at_desk(Selection(target), room), Kept(question))


def at_desk(act: DeskReply | Selection, room: str = ROOM.key) -> InboundEvent:
    """Something that Dora did."""
    return InboundEvent(
        id="e1", platform="slack", conversation=RawKey("c"), person=RawKey("d"), payload={}, act=act, address=HERE, room=RawKey(room), name="Dora"
    )  # fmt: skip


def said(outcome: Outcome | None) -> str:
    """What the desk hears at once, where it did something."""
    assert outcome is not None
    assert outcome.message is not None
    assert (outcome.message.address, outcome.message.reply.act) == (HERE, "handoff")
    return outcome.message.reply.text


def told_asker(outcome: Outcome | None) -> Message:
    """The one message that goes to whoever asked, where they are."""
    notice = _only(outcome)
    assert (notice.conversation, notice.person) == ("talk", "ann")
    assert (notice.message.address, notice.message.question) == (ANN.address, Q1)
    return notice.message


def told_desk(outcome: Outcome) -> Message:
    """The one message that goes to the desk, beneath its message about the question."""
    notice = _only(outcome)
    assert notice.conversation == f"desk:{Q1}"
    assert (notice.message.address, notice.message.under, notice.message.question) == (ROOM.address, "slack:99", Q1)
    return notice.message


def _only(outcome: Outcome | None) -> Notice:
    assert outcome is not None
    assert len(outcome.notices) == 1
    assert (outcome.session, outcome.turn) == (None, None)
    return outcome.notices[0]


@pytest.mark.parametrize(("name", "who"), [("Ann", "Asked by Ann."), ("{name}", "Asked by {name}."), ("", "Asked without a name.")])
def test_a_question_passed_on_is_posted_with_what_can_be_done_about_it(desk: Desk, name: str, who: str) -> None:
    outcome = passed(desk, name)
    assert outcome is not None
    assert outcome.changes == (QuestionOpened(replace(ASKED, post="")),)
    notice = _only(outcome)
    assert (notice.id, notice.conversation, notice.person) == (f"post:{Q1}", f"desk:{Q1}", "ann")
    message = notice.message
    assert (message.address, message.under, message.question, message.purpose) == (ROOM.address, "", Q1, "post")
    assert (message.reply.quote, message.reply.notes) == ("Do you bake for weddings?", (who,))
    offers = [(choice.target, choice.label) for choice in message.reply.follow_ups]
    assert offers == [(DeskTarget("claim", Q1), "I take it"), (DeskTarget("decline", Q1), "Nobody can answer this")]


def test_a_question_claimed_is_told_to_whoever_asked(desk: Desk) -> None:
    outcome = pressed(desk, "claim", ASKED)
    assert said(outcome).startswith("Taken.")
    assert outcome.changes == (QuestionChanged(replace(ASKED, state="claimed"), "open"),)
    told = told_asker(outcome)
    assert (told.reply.text, told.reply.quote) == ("Somebody at the desk is looking at your question.", ASKED.text)
    assert told.purpose == ""


def test_a_question_is_claimed_once(desk: Desk) -> None:
    outcome = pressed(desk, "claim", ASKED.changed("claimed"))
    assert said(outcome) == "Somebody has taken this one already."
    assert (outcome.changes, outcome.notices) == ((), ())


@pytest.mark.parametrize("state", ["open", "claimed"])
def test_a_question_declined_is_told_to_whoever_asked(desk: Desk, state: State) -> None:
    outcome = pressed(desk, "decline", ASKED.changed(state))
    assert said(outcome).startswith("Declined.")
    assert outcome.changes == (QuestionChanged(ASKED.changed("declined"), state),)
    told = told_asker(outcome)
    assert told.reply.text.startswith("The people at the desk cannot answer this one")
    assert told.reply.quote == ASKED.text


@pytest.mark.parametrize("state", ["open", "claimed", "answered"])
def test_an_answer_goes_back_word_for_word_and_is_kept_masked(desk: Desk, state: State) -> None:
    outcome = replied(desk, ASKED.changed(state))
    assert outcome is not None
    assert outcome.changes == (
        QuestionChanged(ASKED.changed("answered", answer="We do. Write to **Dora** at [e-mail], or [phone]."), state),
    )
    told = told_asker(outcome)
    assert (told.purpose, told.reply.act, told.reply.text) == ("answer", "handoff", "An answer from the desk:")
    assert (told.reply.quote, told.reply.notes) == (WORDS, ("You had asked: Do you bake for weddings?",))
    assert said(outcome) == "Passed on to whoever asked."
    assert outcome.message is not None
    assert [(choice.target, choice.label) for choice in outcome.message.reply.follow_ups] == [(DeskTarget("keep", Q1), "Keep as draft")]


def test_a_question_answered_again_keeps_the_last_answer(desk: Desk) -> None:
    outcome = replied(desk, ASKED.changed("answered", answer="We do."), "In June only.")
    assert outcome is not None
    assert outcome.changes == (QuestionChanged(ASKED.changed("answered", answer="In June only."), "answered"),)
    assert told_asker(outcome).reply.quote == "In June only."


def test_an_answer_is_kept_as_a_draft(desk: Desk) -> None:
    answered = ASKED.changed("answered", answer="We do.")
    outcome = pressed(desk, "keep", answered)
    assert said(outcome).startswith("Kept as a draft")
    assert outcome.changes == (DraftKept(answered),)
    assert outcome.notices == ()


@pytest.mark.parametrize(
    "question",
    [ERASED, ASKED.changed("withdrawn"), ASKED.changed("failed"), ASKED.changed("declined"), replace(ASKED, asker=None)],
)
def test_no_answer_reaches_a_question_that_is_closed(desk: Desk, question: Question) -> None:
    outcome = replied(desk, question)
    assert said(outcome) == OVER
    assert outcome is not None
    assert (outcome.changes, outcome.notices) == ((), ())


@pytest.mark.parametrize("move", ["claim", "decline"])
@pytest.mark.parametrize("question", [ERASED, *(ASKED.changed(state) for state in ("answered", "declined", "withdrawn", "failed"))])
def test_a_closed_question_can_be_neither_claimed_nor_declined(desk: Desk, question: Question, move: DeskMove) -> None:
    outcome = pressed(desk, move, question)
    assert said(outcome) == OVER
    assert (outcome.changes, outcome.notices) == ((), ())


@pytest.mark.parametrize("question", [ASKED, ERASED, ASKED.changed("failed")])
def test_there_is_no_draft_without_an_answer(desk: Desk, question: Question) -> None:
    outcome = pressed(desk, "keep", question)
    assert said(outcome) == OVER
    assert (outcome.changes, outcome.notices) == ((), ())


def test_a_person_forgotten_is_erased_and_the_desk_hears_of_each_question_that_waits(desk: Desk) -> None:
    second = replace(ASKED.changed("claimed"), id="q2", post="slack:100")
    outcome = desk.forgotten(ANN.person, [ASKED, second])
    assert outcome.changes == (PersonErased(ANN.person),)
    assert [notice.id for notice in outcome.notices] == [f"withdrawn:{Q1}", "withdrawn:q2"]
    assert [(notice.message.address, notice.message.under) for notice in outcome.notices] == [
        (ROOM.address, f"slack:{post}") for post in (99, 100)
    ]
    for notice in outcome.notices:
        assert notice.message.reply.plain_body == "This question was withdrawn, and its words are erased. Nothing needs to be done."
        assert notice.person == ""


def test_a_person_forgotten_of_whom_nothing_waits_is_only_erased(desk: Desk) -> None:
    assert desk.forgotten(ANN.person, []) == Outcome(changes=(PersonErased(ANN.person),))


def test_a_reminder_says_the_question_again_beneath_it(desk: Desk) -> None:
    (outcome,) = desk.reminders([ASKED])
    assert outcome.changes == (QuestionReminded(Q1),)
    told = told_desk(outcome)
    assert (told.reply.text, told.reply.quote, told.purpose) == ("This question still waits for an answer:", ASKED.text, "")
    assert outcome.notices[0].person == "ann"


def undelivered(desk: Desk, question: Question, purpose: Literal["", "post", "answer"], cause: str = "e1") -> Outcome:
    message = Message(ANN.address, Reply("handoff", "…"), question=question.id, purpose=purpose)
    return desk.undelivered(message, cause, Kept(question))


def test_a_desk_that_cannot_be_reached_is_told_to_whoever_asked(desk: Desk) -> None:
    outcome = undelivered(desk, ASKED, "post")
    assert outcome.changes == (QuestionChanged(ASKED.changed("failed"), "open"),)
    told = told_asker(outcome)
    assert told.reply.text.startswith("The desk cannot be reached")
    assert told.reply.quote == ASKED.text


def test_an_answer_that_cannot_arrive_is_told_to_the_desk(desk: Desk) -> None:
    outcome = undelivered(desk, ASKED.changed("answered", answer="We do."), "answer", "answer:slack:e1")
    told = told_desk(outcome)
    assert told.reply.text.startswith("Whoever asked cannot be reached any more")
    assert told.reply.quote == "We do."
    assert outcome.changes == ()


def test_the_same_cause_gives_notices_of_the_same_id_and_another_one_does_not(desk: Desk) -> None:
    answered = ASKED.changed("answered", answer="We do.")
    again = [
        (_only(replied(desk, ASKED)).id, _only(replied(desk, answered)).id),
        (_only(pressed(desk, "claim", ASKED)).id, _only(pressed(desk, "claim", ASKED)).id),
        (_only(pressed(desk, "decline", ASKED)).id, _only(pressed(desk, "decline", ASKED.changed("claimed"))).id),
        (_only(passed(desk, "")).id, _only(passed(desk, "Ann")).id),
        (_only(desk.reminders([ASKED])[0]).id, _only(desk.reminders([ASKED.changed("claimed")])[0]).id),
        (_only(undelivered(desk, answered, "answer")).id, _only(undelivered(desk, answered, "answer")).id),
    ]
    assert all(one == other for one, other in again)
    assert len({one for one, _ in again}) == len(again)
    assert _only(replied(desk, ASKED, event="slack:e2")).id != again[0][0]
    assert _only(undelivered(desk, answered, "answer", "e2")).id != again[-1][0]


@pytest.mark.parametrize("question", [replace(ASKED, asker=None), replace(ASKED, id="another")])
@pytest.mark.parametrize("purpose", ["post", "answer"])
def test_what_cannot_arrive_about_a_question_that_is_forgotten_or_gone_is_told_to_nobody(
    desk: Desk, question: Question, purpose: Literal["post", "answer"]
) -> None:
    message = Message(ANN.address, Reply("handoff", "…"), question=Q1, purpose=purpose)
    assert desk.undelivered(message, "e1", Kept(question)) == Outcome()
    assert desk.undelivered(replace(message, question=""), "e1", Kept(ASKED)) == Outcome()
    assert undelivered(desk, ASKED, "") == Outcome()


def test_a_person_has_so_many_questions_waiting_at_the_desk_and_no_more(desk: Desk) -> None:
    waiting = [replace(ASKED, id=f"q{number}") for number in range(MOST_WAITING)]
    assert passed(desk, "", kept=waiting) is None
    assert passed(desk, "", kept=waiting[1:]) is not None
    bob = replace(ANN, person=HashedKey("bob"))
    assert passed(desk, "", kept=[*waiting[1:], replace(waiting[0], asker=bob), waiting[0].changed("answered")]) is not None


def test_where_nobody_stands_by_nothing_is_passed_on_and_nothing_is_at_the_desk(bakery: Bot) -> None:
    desk = Desk(bakery.base, None)
    assert passed(desk, "Ann") is None
    assert not desk.is_at(at_desk(DeskReply(WORDS)))
    assert replied(desk, ASKED) == Outcome()
    assert [pressed(desk, move, ASKED) for move in get_args(DeskMove)] == [Outcome()] * 3


def test_a_question_is_kept_and_posted_masked(desk: Desk) -> None:
    outcome = passed(desk, "", "Can you write to ann@example.org?")
    assert outcome is not None
    assert outcome.changes == (QuestionOpened(replace(ASKED, text="Can you write to [e-mail]?", post="")),)
    assert _only(outcome).message.reply.quote == "Can you write to [e-mail]?"


def test_what_is_said_or_pressed_elsewhere_leads_to_nothing(desk: Desk) -> None:
    assert replied(desk, ASKED, room="slack:D2") == Outcome()
    assert [pressed(desk, move, ASKED, room="slack:D2") for move in get_args(DeskMove)] == [Outcome()] * 3


def test_an_answer_is_about_the_question_that_it_names_or_whose_post_it_is_beneath(desk: Desk) -> None:
    by_id = replied(desk, ASKED, act=DeskReply(WORDS, question=Q1))
    assert by_id == replied(desk, ASKED)
    assert by_id is not None
    assert by_id.changes != ()
    for unknown in (DeskReply(WORDS, question="gone"), DeskReply(WORDS)):
        outcome = replied(desk, replace(ASKED, post="slack:100"), act=unknown)
        assert said(outcome).startswith("I do not know this question any more")
    assert replied(desk, ASKED, act=DeskReply("Lunch?", "slack:98")) == Outcome()
    assert replied(desk, ASKED, " ") == Outcome()


def test_what_is_said_beneath_something_else_is_what_it_would_be_otherwise(desk: Desk) -> None:
    otherwise = Selection(DeskTarget("claim", Q1))
    assert replied(desk, ASKED, act=DeskReply("Lunch?", "slack:98", otherwise=otherwise)) is None
    about_it = replied(desk, ASKED, act=DeskReply(WORDS, ASKED.post, otherwise=otherwise))
    assert about_it == replied(desk, ASKED)


def test_a_press_about_a_question_that_is_not_known_any_more_is_told_so(desk: Desk) -> None:
    for move in get_args(DeskMove):
        assert said(pressed(desk, move, ASKED, id_="gone")).startswith("I do not know this question any more")


def test_the_word_after_a_press_takes_the_place_of_the_buttons_where_the_platform_says_so(desk: Desk) -> None:
    target = DeskTarget("claim", Q1)
    event = replace(at_desk(Selection(target)), edits="slack:99")
    message = desk.pressed(target, event, Kept(ASKED)).message
    assert message is not None
    assert message.edits == "slack:99"
    unanswerable = desk.pressed(target, replace(event, address=None), Kept(ASKED))
    assert unanswerable.message is None
    assert unanswerable.changes == (QuestionChanged(ASKED.changed("claimed"), "open"),)
