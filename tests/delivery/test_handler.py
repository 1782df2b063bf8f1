"""All that follows from an event, from outside: something is heard, and an outcome comes out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from loopback.standin import DESK, PLATFORM

from bot.contracts.events import (
    Desk,
    DeskReply,
    Heard,
    LeasedEvent,
    Message,
    Outcome,
    PersonErased,
    QuestionChanged,
    QuestionOpened,
    QuestionReminded,
    RatingGiven,
    TurnRecord,
)
from bot.contracts.questions import WAITING, Question
from bot.delivery.handler import EventHandler
from bot.dialogue.assistant import Assistant
from bot.dialogue.consent import NAMED
from bot.dialogue.reply import Reply
from bot.dialogue.session import IDLE, Session, Sessions
from bot.dialogue.turn import Command, Rating, Selection, UserAct, Utterance, turn_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.assembly import Bot

BREAD, WISH = "how much is a loaf of bread", "talk to a human"
HERE, TURN = {"room": "here"}, turn_id("standin:1")
ASKED = Question("q1", "ann", "talk", PLATFORM, HERE, "weddings?", PLATFORM, DESK.address, post="post1")


class Office:
    """A clerk at work, with a journal in memory. One talk's session goes from event to event; these are a second apart."""

    def __init__(self, assistant: Assistant, desk: Desk | None, session: Session | None = None) -> None:
        self.clerk, self.session, self.events = EventHandler(assistant, self, desk), session, 0
        self.questions: dict[str, Question] = {}

    def hear(self, *acts: str | UserAct | DeskReply, room: str = "standin:here") -> Outcome:
        for act in acts:
            self.events += 1
            outcome = self.clerk.attend(heard(act, room), self.taken())
            self.session = outcome.session
            self.questions |= {
                change.question.id: change.question for change in outcome.changes if isinstance(change, QuestionOpened | QuestionChanged)
            }
        return outcome

    def taken(self) -> LeasedEvent:
        return LeasedEvent(self.events, f"standin:{self.events}", PLATFORM, "talk", "ann", 1000.0 + self.events, {}, session=self.session)

    def question(self, id_: str) -> Question | None:
        return self.questions.get(id_)

    def question_of_post(self, post: str) -> Question | None:
        return next((question for question in self.questions.values() if post and question.post == post), None)

    def waiting(self, person: str) -> Sequence[Question]:
        return [question for question in self.questions.values() if question.state in WAITING and question.person == person]

    def overdue(self, before: float) -> Sequence[Question]:
        return [question for question in self.questions.values() if question.state in WAITING and question.at < before]


def heard(act: str | UserAct | DeskReply, room: str = "standin:here") -> Heard:
    return Heard(Utterance(conversation="", text=act) if isinstance(act, str) else act, HERE, room, "Ann")


def tap(target: str) -> Selection:
    return Selection(conversation="", target=target)


AT_DESK = [DeskReply("We do.", "post1"), DeskReply("We do.", id="q1"), tap("desk:claim:q1"), tap("desk:decline:q1")]


def answer(outcome: Outcome) -> str:
    assert outcome.message is not None
    return outcome.message.reply.plain_text


@pytest.fixture
def office(bakery: Bot) -> Office:
    return Office(Assistant(bakery.base, bakery.matcher, Sessions(), desk=True), DESK)


def test_a_question_gives_a_message_a_session_and_a_record_with_masked_text(office: Office, bakery: Bot) -> None:
    text, kept = f"{BREAD} ann@example.org", f"{BREAD} [e-mail]"
    outcome, found = office.hear(text), bakery.matcher.rank(text)
    assert outcome.message is not None
    assert (outcome.message.platform, outcome.message.address, outcome.message.turn) == (PLATFORM, HERE, TURN)
    assert outcome.message.reply.text == "A loaf is 4 euros."
    assert outcome.session is not None
    assert (outcome.session.question, outcome.session.turn) == (kept, TURN)
    assert outcome.turn is not None
    assert 0 < outcome.turn.milliseconds < 1000
    about = {"scope": found.scope, "choice": found.choice, "confidence": found.confidence, "knowledge": bakery.base.version}
    record = TurnRecord(TURN, "talk", "ann", PLATFORM, 1001.0, "utterance", "answer", kept, ("bread-price",), **about)
    assert replace(outcome.turn, milliseconds=0.0) == record
    assert (outcome.changes, outcome.notices) == ((), ())


@pytest.mark.parametrize(
    ("act", "said", "name"),
    [
        ("is cake dearer than bread", "utterance", "compare"),
        ("do you deliver to my house", "utterance", "out_of_scope"),
        (WISH, "utterance", "handoff"),
        (tap("cake-price"), "selection", "answer"),
        (Command(conversation="", name="privacy"), "command", "acknowledge"),
    ],
)
def test_a_record_tells_what_was_done_and_what_was_decided(office: Office, act: str | UserAct, said: str, name: str) -> None:
    record = office.hear(act).turn
    assert record is not None
    assert (record.said, record.act, record.text) == (said, name, act if isinstance(act, str) else "")


def test_a_talk_goes_on_until_it_has_been_idle_too_long(office: Office) -> None:
    assert answer(office.hear(BREAD, "2")) == "Cake, by far."
    late = replace(office.taken(), received=1002.5 + IDLE)
    assert answer(office.clerk.attend(heard("more"), late)).startswith("Tell me first")


@pytest.mark.parametrize(
    ("acts", "up", "reason"),
    [
        ([Rating(conversation="", up=True, turn=TURN)], True, ""),
        ([Rating(conversation="", up=False)], False, ""),
        ([Rating(conversation="", up=False, turn=TURN, reason="ann@example.org says so")], False, "[e-mail] says so"),
        (["👍"], True, ""),
        (["👎", "1"], False, "wrong"),
        (["👎", "Out of date"], False, "old"),
        ([tap(f"reason:{TURN}:unclear")], False, "unclear"),
    ],
)
def test_a_rating_is_kept_with_the_turn_it_is_about(office: Office, acts: list[str | UserAct], up: bool, reason: str) -> None:  # noqa: FBT001
    outcome = office.hear(BREAD, *acts)
    assert outcome.changes == (RatingGiven(TURN, "ann", up, reason, 1001.0 + len(acts)),)


@pytest.mark.parametrize("act", ["👍", "👎", Rating(conversation="", up=True), tap("reason::wrong")])
def test_where_nothing_was_answered_nothing_is_rated(office: Office, act: str | UserAct) -> None:
    outcome = office.hear("hello", act)
    assert outcome.changes == ()
    assert answer(outcome).startswith("There is no answer here to rate")


@pytest.mark.parametrize("act", ["forget me", Command(conversation="", name="forget")])
def test_who_is_forgotten_leaves_a_record_of_nobody_and_withdraws_what_waits(office: Office, act: str | UserAct) -> None:
    office.questions = {"q1": ASKED, "q2": replace(ASKED, id="q2", state="answered"), "q3": replace(ASKED, id="q3", person="bob")}
    outcome = office.hear(BREAD, act)
    assert answer(outcome).startswith("Done.")
    assert (outcome.changes, outcome.session) == ((PersonErased("ann"),), None)
    assert [(notice.id, notice.message.address["post"]) for notice in outcome.notices] == [("withdrawn:q1", "post1")]
    assert outcome.turn is not None
    assert (outcome.turn.act, outcome.turn.person, outcome.turn.conversation, outcome.turn.text) == ("forget", "", "", "")


@pytest.mark.parametrize(("agreement", "who"), [("with my name", "by Ann"), (tap(NAMED), "by Ann"), ("yes", "without a name")])
def test_a_question_passed_on_is_opened_and_posted_at_the_desk(office: Office, agreement: str | UserAct, who: str) -> None:
    outcome = office.hear(BREAD, WISH, agreement)
    question = Question(turn_id("standin:3"), "ann", "talk", PLATFORM, HERE, BREAD, PLATFORM, DESK.address, at=1003.0)
    assert outcome.changes == (QuestionOpened(question),)
    assert [(notice.id, notice.message.told) for notice in outcome.notices] == [(f"post:{question.id}", "post")]
    assert outcome.notices[0].message.reply.notes == (f"Asked {who}.",)


def test_the_desk_sees_a_question_as_it_was_shown_for_consent(office: Office) -> None:
    shown, posted = office.hear(WISH, "Can you write to ann@example.org?").message, office.hear("yes").notices[0].message
    assert shown is not None
    assert shown.reply.quote == posted.reply.quote == "Can you write to [e-mail]?"


def test_a_fourth_question_waits_until_others_are_answered(office: Office) -> None:
    for _ in range(3):
        assert office.hear(BREAD, WISH, "yes").changes
    fourth = office.hear(BREAD, WISH, "yes")
    assert answer(fourth).startswith("Three of your questions wait at the desk already.")
    assert (fourth.changes, fourth.notices) == ((), ())
    office.questions = {id_: question.moved("answered", answer="4 euros.") for id_, question in office.questions.items()}
    assert office.hear(BREAD, WISH, "yes").changes


@pytest.mark.parametrize("agreement", ["yes", tap(NAMED)])
def test_a_consent_that_comes_when_the_desk_is_gone_is_told_so(bakery: Bot, agreement: str | UserAct) -> None:
    outcome = Office(bakery.assistant, None, Session(1000.0, handing="consent", to_desk=BREAD)).hear(agreement)
    assert "Nobody stands by" in answer(outcome)
    assert (outcome.changes, outcome.notices) == ((), ())


@pytest.mark.parametrize("act", AT_DESK)
def test_what_the_desk_does_is_done_there_and_only_there(office: Office, bakery: Bot, act: UserAct | DeskReply) -> None:
    office.questions["q1"] = ASKED
    assert office.hear(act, room="standin:elsewhere") == office.hear(act, room="") == Outcome()
    assert EventHandler(bakery.assistant, office).attend(heard(act, DESK.room), office.taken()) == Outcome()
    outcome = office.hear(act, room=DESK.room)
    assert isinstance(outcome.changes[0], QuestionChanged)
    assert [notice.message.address for notice in outcome.notices] == [HERE]


@pytest.mark.parametrize("act", [DeskReply("We do.", id="gone"), DeskReply("We do."), tap("desk:claim:gone"), tap("desk:")])
def test_a_question_that_is_not_known_any_more_is_told_so_at_the_desk(office: Office, act: UserAct | DeskReply) -> None:
    outcome = office.hear(act, room=DESK.room)
    assert answer(outcome).startswith("I do not know this question any more")
    assert outcome == Outcome(outcome.message)
    assert office.hear(DeskReply("Lunch?", "a post about no question"), room=DESK.room) == Outcome()


@pytest.mark.parametrize("act", [BREAD, "hello", "", tap("hours"), Command(conversation="", name="privacy")])
def test_without_memory_a_question_is_answered_all_the_same(office: Office, act: str | UserAct) -> None:
    outcome = office.clerk.attend(heard(act), office.taken())
    assert office.clerk.without_memory(heard(act), office.taken()) == (outcome.message, outcome.session, True)


@pytest.mark.parametrize("act", [WISH, "yes", "forget me", Rating(conversation="", up=True, turn=TURN), tap(NAMED), *AT_DESK])
def test_without_memory_what_has_to_be_kept_waits(office: Office, act: str | UserAct | DeskReply) -> None:
    office.session = Session(1000.0, handing="consent", to_desk=BREAD)
    message, _, complete = office.clerk.without_memory(heard(act), office.taken())
    assert message.reply.text.startswith("I cannot keep or pass on anything right now")
    assert not complete


@pytest.mark.parametrize(("told", "notices"), [("post", ["unreachable:q1"]), ("answer", ["undelivered:e1"]), ("", [])])
def test_what_can_never_arrive_is_told_to_the_other_side(office: Office, told: str, notices: list[str]) -> None:
    message = Message(PLATFORM, HERE, Reply("handoff", "…"), question="q1", told=told)
    office.questions["q1"] = ASKED
    assert [notice.id for notice in office.clerk.undelivered(message, "e1").notices] == notices
    for about in ("gone", ""):
        assert office.clerk.undelivered(replace(message, question=about), "e1") == Outcome()
    office.questions["q1"] = replace(ASKED, person="")
    assert office.clerk.undelivered(message, "e1") == Outcome()


def test_each_question_that_waits_too_long_is_reminded_of(office: Office) -> None:
    office.questions = {id_: replace(ASKED, id=id_, at=at) for id_, at in (("q1", 10.0), ("q2", 20.0), ("q3", 30.0))}
    outcomes = list(office.clerk.reminders(25.0))
    assert [outcome.changes for outcome in outcomes] == [(QuestionReminded("q1"),), (QuestionReminded("q2"),)]
    assert [notice.id for outcome in outcomes for notice in outcome.notices] == ["remind:q1", "remind:q2"]


def test_who_waits_for_an_answer_that_cannot_be_given_hears_of_it(office: Office) -> None:
    notice = office.clerk.broken(HERE, office.taken())
    assert (notice.id, notice.conversation, notice.person, notice.message.address) == ("broken:standin:0", "talk", "ann", HERE)
    assert notice.message.reply.text.startswith("Something went wrong on my side")


@pytest.mark.parametrize("act", [BREAD, "2", "yes", "forget me", WISH, tap(NAMED), "👎", "do you deliver to my house", *AT_DESK])
def test_the_same_event_and_session_give_the_same_outcome_twice(office: Office, act: str | UserAct | DeskReply) -> None:
    office.questions["q1"] = ASKED
    office.hear(BREAD, WISH)
    first, second = (office.clerk.attend(heard(act, DESK.room), office.taken()) for _ in range(2))
    timeless = [replace(one, turn=replace(one.turn, milliseconds=0.0) if one.turn else None) for one in (first, second)]
    assert timeless[0] == timeless[1] != Outcome()
