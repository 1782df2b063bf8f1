"""An answer of the desk: given, changed, taken back and arrived, and what the asker and the desk hear of each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from loopback.asked import A1, ANN, ANSWERED, ASKED, OVER, Q1, ROOM, WORDS, Kept, at_desk, by_dora, only, replied, said, told_asker

from bot.contracts.events import DeskReply
from bot.contracts.outcomes import Message, NoticeWithdrawn, Outcome, QuestionChanged
from bot.desk import answering
from bot.dialogue.reply import Reply
from bot.dialogue.targets import DeskTarget
from bot.dialogue.turn import Selection, turn_id

if TYPE_CHECKING:
    from bot.contracts.questions import Question, State
    from bot.desk.desk import Desk

TOO_LATE = "Too late to take it back: it has gone to whoever asked. You can write them another answer."


@pytest.mark.parametrize("state", ["open", "claimed", "answered"])
def test_an_answer_waits_a_moment_goes_back_word_for_word_and_is_kept_masked(
    desk: Desk, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "TAKE_BACK_WITHIN", 10.0)
    outcome = replied(desk, ASKED.changed(state))
    assert outcome is not None
    masked = "We do. Write to **Dora** at [e-mail], or [phone]."
    assert outcome.changes == (QuestionChanged(ASKED.answered(masked, notice=f"answer:{A1}", source=""), state),)
    assert (outcome.notices[0].id, outcome.notices[0].delay) == (f"answer:{A1}", 10.0)
    told = told_asker(outcome)
    assert (told.purpose, told.reply.act, told.reply.text, told.edits) == ("answer", "handoff", "An answer from the desk:", "")
    assert (told.reply.quote, told.reply.notes) == (WORDS, ("You had asked: Do you bake for weddings?",))
    assert said(outcome) == "This goes to whoever asked in 10 seconds:"
    assert outcome.message is not None
    assert (outcome.message.reply.quote, outcome.message.source, outcome.message.question) == (WORDS, f"answer:{A1}", Q1)
    assert [(choice.target, choice.label) for choice in outcome.message.reply.follow_ups] == [
        (DeskTarget("take_back", Q1, A1), "Take it back"),
        (DeskTarget("change", Q1, A1), "Change it"),
        (DeskTarget("keep", Q1), "Keep as draft"),
    ]


def test_a_question_answered_again_keeps_the_last_answer(desk: Desk) -> None:
    outcome = replied(desk, replace(ANSWERED, reached="telegram:7/8"), "In June only.", "slack:e2")
    assert outcome is not None
    second = ASKED.answered("In June only.", notice=f"answer:{turn_id('slack:e2')}", source="")
    assert outcome.changes == (QuestionChanged(second, "answered"),)
    assert (told_asker(outcome).reply.quote, told_asker(outcome).edits) == ("In June only.", "")


def changed(desk: Desk, journal: Kept, *, source: str = "slack:50", act: DeskReply | None = None) -> Outcome:
    """What follows when Dora has other words in what she wrote."""
    act = act or DeskReply("In June only.", "slack:99")
    outcome = desk.replied(act, replace(at_desk(act), source=source, edited=True), by_dora("slack:e2"), journal)
    assert outcome is not None
    return outcome


def edited_at_desk(outcome: Outcome) -> str:
    """The key of the message at the desk whose place is taken by the word about an answer."""
    assert outcome.message is not None
    return outcome.message.edits


@pytest.mark.parametrize(
    ("reached", "yet", "text", "word", "delay"),
    [
        ("", True, "An answer from the desk:", "This goes to whoever asked in 10 seconds:", 10.0),
        ("telegram:7/8", False, "An answer from the desk, corrected:", "Whoever asked now reads this instead:", 0.0),
        ("telegram:7/8", True, "An answer from the desk, corrected:", "Whoever asked now reads this instead:", 0.0),
        ("", False, "An answer from the desk, corrected:", "Whoever asked now reads this instead:", 0.0),
    ],
    ids=["waits", "arrived", "arrived, and a change of it waits", "arrived without a key"],
)
def test_an_answer_in_other_words_takes_the_place_of_the_one_that_waits_or_has_arrived(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, reached: str, text: str, word: str, delay: float, *, yet: bool
) -> None:
    monkeypatch.setattr(answering, "TAKE_BACK_WITHIN", 10.0)
    before, notice = replace(ANSWERED, reached=reached), ANSWERED.notice
    outcome = changed(desk, Kept(before, yet=[notice] if yet else [], confirmed={notice: "slack:51"}))
    after = ASKED.answered("In June only.", notice=f"answer:{turn_id('slack:e2')}", source="slack:50", reached=reached)
    assert outcome.changes == (*([NoticeWithdrawn(notice)] if yet else []), QuestionChanged(after, "answered"))
    told = told_asker(outcome)
    assert (told.reply.text, told.reply.quote, told.edits) == (text, "In June only.", reached)
    assert outcome.notices[0].delay == delay
    assert (said(outcome), edited_at_desk(outcome)) == (word, "slack:51")


def test_only_the_last_answer_can_be_changed_by_its_message_or_by_its_button(desk: Desk) -> None:
    last, another = (DeskReply("In June only.", question=Q1, answer=answer) for answer in (A1, "another"))
    for outcome in (changed(desk, Kept(ANSWERED), source="slack:49"), changed(desk, Kept(ANSWERED), act=another)):
        assert said(outcome) == "Only the last answer can be changed, so nothing went to whoever asked."
        assert (outcome.changes, outcome.notices) == ((), ())
    assert changed(desk, Kept(ANSWERED), source="", act=last).notices != ()


def test_an_edit_that_changes_no_word_changes_nothing(desk: Desk) -> None:
    assert changed(desk, Kept(ANSWERED), act=DeskReply(ANSWERED.answer, "slack:99")) == Outcome()


def test_other_words_after_an_answer_was_taken_back_are_a_new_answer(desk: Desk) -> None:
    outcome = changed(desk, Kept(ANSWERED.taken_back()))
    assert said(outcome) == "This goes to whoever asked in 10 seconds:"
    assert told_asker(outcome).reply.text == "An answer from the desk:"


def taken_back(desk: Desk, journal: Kept, answer: str = A1) -> Outcome:
    target = DeskTarget("take_back", Q1, answer)
    return desk.pressed(target, at_desk(Selection(target)), journal)


@pytest.mark.parametrize("answer", [A1, ""])
def test_an_answer_that_waits_is_taken_back_and_its_confirmation_says_so(desk: Desk, answer: str) -> None:
    outcome = taken_back(desk, Kept(ANSWERED, yet=[ANSWERED.notice], confirmed={ANSWERED.notice: "slack:51"}), answer)
    assert (said(outcome), edited_at_desk(outcome)) == ("Taken back; nothing was passed on.", "slack:51")
    assert outcome.message is not None
    assert [choice.target for choice in outcome.message.reply.follow_ups] == [DeskTarget("answer", Q1)]
    claimed = replace(ANSWERED, state="claimed", answer="")
    assert outcome.changes == (NoticeWithdrawn(ANSWERED.notice), QuestionChanged(claimed, "answered"))
    assert outcome.notices == ()


def test_of_two_answers_the_one_is_taken_back_whose_confirmation_was_pressed(desk: Desk) -> None:
    second = ANSWERED.answered("In June only.", notice="answer:second", source="slack:52")
    journal = Kept(second, yet=[ANSWERED.notice, "answer:second"], confirmed={ANSWERED.notice: "slack:51", "answer:second": "slack:53"})
    first = taken_back(desk, journal)
    assert (said(first), edited_at_desk(first)) == ("Taken back; nothing was passed on.", "slack:51")
    assert first.changes == (NoticeWithdrawn(ANSWERED.notice),)
    journal.yet = ["answer:second"]
    assert said(taken_back(desk, journal)) == TOO_LATE


@pytest.mark.parametrize(
    ("question", "yet", "word"),
    [
        (ANSWERED, False, TOO_LATE),
        (replace(ANSWERED, reached="telegram:7/8"), True, TOO_LATE),
        (ANSWERED.taken_back(), False, "Taken back; nothing was passed on."),
        (replace(ANSWERED, asker=None, answer=""), False, OVER),
        (ANSWERED.changed("declined"), False, OVER),
    ],
    ids=["has gone", "has arrived, and a change of it waits", "was taken back before", "nobody's any more", "closed"],
)
def test_where_nothing_can_be_taken_back_the_desk_hears_why(desk: Desk, question: Question, word: str, *, yet: bool) -> None:
    outcome = taken_back(desk, Kept(question, yet=[ANSWERED.notice] if yet else []))
    assert said(outcome) == word
    assert (outcome.changes, outcome.notices) == ((), ())


@pytest.mark.parametrize("last", [True, False])
def test_once_an_answer_has_arrived_its_confirmation_says_so(desk: Desk, *, last: bool) -> None:
    answer = Message(ANN.address, Reply("handoff", "…", quote=WORDS), question=Q1, purpose="answer")
    question = ANSWERED if last else replace(ANSWERED, notice="answer:second")
    outcome = desk.delivered(answer, ANSWERED.notice, Kept(question, confirmed={ANSWERED.notice: "slack:51"}))
    notice = only(outcome)
    assert (notice.id, notice.conversation, notice.person) == (f"confirmed:{ANSWERED.notice}", f"desk:{Q1}", "ann")
    told = notice.message
    assert (told.address, told.edits, told.reply.text, told.reply.quote) == (ROOM.address, "slack:51", "Whoever asked has got this:", WORDS)
    offers = [DeskTarget("change", Q1, A1), DeskTarget("keep", Q1)] if last else []
    assert [choice.target for choice in told.reply.follow_ups] == offers
    assert desk.delivered(replace(answer, purpose=""), ANSWERED.notice, Kept(ANSWERED)) == Outcome()
    assert desk.delivered(answer, ANSWERED.notice, Kept(ANSWERED)) == Outcome()
    assert desk.delivered(answer, ANSWERED.notice, Kept(confirmed={ANSWERED.notice: "slack:51"})) == Outcome()
