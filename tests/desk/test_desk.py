"""The desk's side of a hand-off: who hears what, where, and in which words, whatever the desk does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

import pytest
from loopback.asked import (
    ANN,
    ANSWERED,
    ASKED,
    ERASED,
    HERE,
    OVER,
    Q1,
    ROOM,
    WORDS,
    Kept,
    at_desk,
    by_dora,
    only,
    pressed,
    replied,
    said,
    told_asker,
    told_desk,
)

from bot.contracts.events import DeskReply, DeskTalk
from bot.contracts.outcomes import DraftKept, Message, Outcome, PersonErased, QuestionChanged, QuestionOpened, QuestionReminded
from bot.desk.desk import MOST_WAITING, Desk
from bot.dialogue.reply import Reply
from bot.dialogue.targets import DeskMove, DeskTarget
from bot.dialogue.turn import Context, HashedKey, Selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.assembly import Bot
    from bot.contracts.questions import Question, State


def passed(desk: Desk, name: str, text: str = ASKED.text, kept: Sequence[Question] = ()) -> Outcome | None:
    context = Context(ANN.conversation, ANN.person, "telegram:e0", ASKED.at)
    return desk.passed(text, name, ANN, context, Kept(*kept))


@pytest.mark.parametrize(("name", "who"), [("Ann", "Asked by Ann."), ("{name}", "Asked by {name}."), ("", "Asked without a name.")])
def test_a_question_passed_on_is_posted_with_what_can_be_done_about_it(desk: Desk, name: str, who: str) -> None:
    outcome = passed(desk, name)
    assert outcome is not None
    assert outcome.changes == (QuestionOpened(replace(ASKED, post="")),)
    notice = only(outcome)
    assert (notice.id, notice.conversation, notice.person) == (f"post:{Q1}", f"desk:{Q1}", "ann")
    message = notice.message
    assert (message.address, message.under, message.question, message.purpose) == (ROOM.address, "", Q1, "post")
    assert (message.reply.quote, message.reply.notes) == ("Do you bake for weddings?", (who,))
    offers = [(choice.target, choice.label) for choice in message.reply.follow_ups]
    assert offers == [
        (DeskTarget("answer", Q1), "Answer"),
        (DeskTarget("claim", Q1), "I take it"),
        (DeskTarget("decline", Q1), "Nobody can answer this"),
    ]


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


def test_an_answer_is_kept_as_a_draft(desk: Desk) -> None:
    outcome = pressed(desk, "keep", ANSWERED)
    assert said(outcome).startswith("Kept as a draft")
    assert outcome.changes == (DraftKept(ANSWERED),)
    assert outcome.notices == ()


def talked(desk: Desk, question: Question, *, post: str = "slack:99", room: str = ROOM.key) -> Outcome:
    return desk.talked(DeskTalk(post), at_desk(DeskTalk(post), room), Kept(question))


@pytest.mark.parametrize("state", ["open", "claimed"])
def test_talk_beneath_a_question_that_waits_stays_which_is_said_once_with_how_to_answer(desk: Desk, state: State) -> None:
    outcome = talked(desk, ASKED.changed(state))
    notice = only(outcome)
    assert (outcome.message, outcome.changes) == (None, ())
    assert (notice.id, notice.message.address, notice.message.question) == (f"stays:{Q1}", HERE, Q1)
    assert notice.message.reply.text.startswith("What is said here stays here.")
    assert [choice.target for choice in notice.message.reply.follow_ups] == [DeskTarget("answer", Q1)]


def test_of_all_other_talk_nothing_follows(desk: Desk) -> None:
    assert [talked(desk, question) for question in (ANSWERED, ERASED, ASKED.changed("declined"))] == [Outcome()] * 3
    assert talked(desk, ASKED, post="slack:98") == talked(desk, ASKED, room="slack:D2") == Outcome()
    assert desk.talked(DeskTalk("slack:99"), replace(at_desk(DeskTalk("slack:99")), address=None), Kept(ASKED)) == Outcome()


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
    message = Message(ANN.address, Reply("handoff", "…", quote="We do."), question=question.id, purpose=purpose)
    return desk.undelivered(message, cause, Kept(question))


def test_a_desk_that_cannot_be_reached_is_told_to_whoever_asked(desk: Desk) -> None:
    outcome = undelivered(desk, ASKED, "post")
    assert outcome.changes == (QuestionChanged(ASKED.changed("failed"), "open"),)
    told = told_asker(outcome)
    assert told.reply.text.startswith("The desk cannot be reached")
    assert told.reply.quote == ASKED.text


def test_an_answer_that_cannot_arrive_is_told_to_the_desk(desk: Desk) -> None:
    outcome = undelivered(desk, replace(ANSWERED, answer="In June only."), "answer", ANSWERED.notice)
    told = told_desk(outcome)
    assert told.reply.text.startswith("Whoever asked cannot be reached any more")
    assert told.reply.quote == "We do."  # also if another answer was given meanwhile
    assert outcome.changes == ()


def test_the_same_cause_gives_notices_of_the_same_id_and_another_one_does_not(desk: Desk) -> None:
    again = [
        (only(replied(desk, ASKED)).id, only(replied(desk, ANSWERED)).id),
        (only(pressed(desk, "claim", ASKED)).id, only(pressed(desk, "claim", ASKED)).id),
        (only(pressed(desk, "decline", ASKED)).id, only(pressed(desk, "decline", ASKED.changed("claimed"))).id),
        (only(passed(desk, "")).id, only(passed(desk, "Ann")).id),
        (only(desk.reminders([ASKED])[0]).id, only(desk.reminders([ASKED.changed("claimed")])[0]).id),
        (only(undelivered(desk, ANSWERED, "answer")).id, only(undelivered(desk, ANSWERED, "answer")).id),
    ]
    assert all(one == other for one, other in again)
    assert len({one for one, _ in again}) == len(again)
    assert only(replied(desk, ASKED, event="slack:e2")).id != again[0][0]
    assert only(undelivered(desk, ANSWERED, "answer", "e2")).id != again[-1][0]


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
    assert [pressed(desk, move, ASKED) for move in get_args(DeskMove)] == [Outcome()] * 6


def test_a_question_is_kept_and_posted_masked(desk: Desk) -> None:
    outcome = passed(desk, "", "Can you write to ann@example.org?")
    assert outcome is not None
    assert outcome.changes == (QuestionOpened(replace(ASKED, text="Can you write to [e-mail]?", post="")),)
    assert only(outcome).message.reply.quote == "Can you write to [e-mail]?"


def test_what_is_said_or_pressed_elsewhere_leads_to_nothing(desk: Desk) -> None:
    assert replied(desk, ASKED, room="slack:D2") == Outcome()
    assert [pressed(desk, move, ASKED, room="slack:D2") for move in get_args(DeskMove)] == [Outcome()] * 6


def test_an_answer_is_about_the_question_that_it_names_or_whose_post_it_is_beneath(desk: Desk) -> None:
    by_id = replied(desk, ASKED, act=DeskReply(WORDS, question=Q1))
    assert by_id == replied(desk, ASKED)
    assert by_id is not None
    assert by_id.changes != ()
    for unknown in (DeskReply(WORDS, question="gone"), DeskReply(WORDS)):
        outcome = replied(desk, replace(ASKED, post="slack:100"), act=unknown)
        assert said(outcome).startswith("I do not know this question any more")
    assert replied(desk, ASKED, act=DeskReply("Lunch?", "slack:98")) == Outcome()


@pytest.mark.parametrize("edited", [False, True])
def test_an_answer_without_words_is_told_so_and_goes_to_nobody(desk: Desk, *, edited: bool) -> None:
    act = DeskReply(" \n", ASKED.post)
    outcome = desk.replied(act, replace(at_desk(act), edited=edited, source="slack:50"), by_dora("slack:e2"), Kept(ANSWERED))
    assert said(outcome).startswith("I can pass on words only")
    assert outcome == Outcome(outcome.message if outcome else None)


def test_what_is_said_beneath_something_else_is_what_it_would_be_otherwise(desk: Desk) -> None:
    otherwise = Selection(DeskTarget("claim", Q1))
    assert replied(desk, ASKED, act=DeskReply("Lunch?", "slack:98", otherwise=otherwise)) is None
    about_it = replied(desk, ASKED, act=DeskReply(WORDS, ASKED.post, otherwise=otherwise))
    assert about_it == replied(desk, ASKED)
    edit = DeskReply("Lunch!", "slack:98", otherwise=otherwise)
    assert desk.replied(edit, replace(at_desk(edit), edited=True), by_dora("slack:e2"), Kept(ASKED)) == Outcome()


@pytest.mark.parametrize("move", ["claim", "decline", "answer", "change", "keep", "take_back"])
def test_a_word_to_the_desk_about_a_question_can_be_replied_to_with_an_answer(desk: Desk, move: DeskMove) -> None:
    told = pressed(desk, move, ASKED).message
    assert told is not None
    assert told.question == Q1
    assert told.reply.text.startswith("Reply to this message") == (move in {"answer", "change"})


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
