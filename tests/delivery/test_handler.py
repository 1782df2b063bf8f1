"""All that follows from an event, from outside: something is heard, and an outcome comes out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from loopback.standin import DESK, PLATFORM

from bot.contracts.addresses import Address, Recipient, Room
from bot.contracts.events import Depth, DeskReply, InboundEvent, LeasedEvent
from bot.contracts.outcomes import (
    Message,
    Outcome,
    PersonErased,
    QuestionChanged,
    QuestionOpened,
    QuestionReminded,
    TurnRecord,
)
from bot.contracts.questions import WAITING, Question
from bot.delivery.empty_journal import EMPTY_JOURNAL, EmptyJournal
from bot.delivery.handler import EventHandler
from bot.dialogue.assistant import Assistant
from bot.dialogue.reply import Reply
from bot.dialogue.session import IDLE, Session
from bot.dialogue.targets import ConsentTarget, DeskTarget, ReasonTarget, Target, TeamTarget, read_target
from bot.dialogue.turn import (
    NO_KEY,
    Browse,
    Command,
    Context,
    HashedKey,
    Occasion,
    Rating,
    RawKey,
    Selection,
    Share,
    UserAct,
    Utterance,
    turn_id,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.assembly import Bot
    from bot.contracts.ports import Journal

BREAD, WISH = "how much is a loaf of bread", "talk to a human"
HERE, TURN = Address(PLATFORM, {"room": "here"}), turn_id("standin:1")
TEAM = Room(RawKey("other:team"), Address("other", {"room": "team"}))
ANN = Recipient(HERE, HashedKey("talk"), HashedKey("ann"))
ASKED = Question("q1", ANN, "weddings?", DESK.address, post="post1")


class Office(EmptyJournal):
    """A handler at work, and its journal in memory. One conversation's session goes from event to event; these are a second apart."""

    def __init__(self, assistant: Assistant, desk: Room | None, session: Session | None = None) -> None:
        self.handler, self.session, self.events = EventHandler(assistant, desk), session, 0
        self.questions: dict[str, Question] = {}

    def hear(self, *acts: str | UserAct | DeskReply, room: str = "standin:here", **more: object) -> Outcome:
        for act in acts:
            self.events += 1
            outcome = self.handler.handle(heard(act, room, **more), self.leased(), self)
            self.session = outcome.session
            self.questions |= {
                change.question.id: change.question for change in outcome.changes if isinstance(change, QuestionOpened | QuestionChanged)
            }
        return outcome

    def unkept(self, act: str | UserAct | DeskReply, room: str = "standin:here", **more: object) -> Outcome:
        """What follows while nothing can be kept or looked up."""
        return self.handler.handle(heard(act, room, **more), self.leased(), EMPTY_JOURNAL)

    def leased(self) -> LeasedEvent:
        context = Context(HashedKey("talk"), HashedKey("ann"), f"standin:{self.events}", 1000.0 + self.events)
        return LeasedEvent(self.events, PLATFORM, context, {}, session=self.session)

    def question(self, id_: str) -> Question | None:
        return self.questions.get(id_)

    def question_of_post(self, post: str) -> Question | None:
        return next((question for question in self.questions.values() if post and question.post == post), None)

    def waiting(self, person: HashedKey) -> Sequence[Question]:
        questions = self.questions.values()
        return [question for question in questions if question.state in WAITING and question.asker and question.asker.person == person]


def heard(act: str | UserAct | DeskReply, room: str = "standin:here", **more: object) -> InboundEvent:
    said = Utterance(act) if isinstance(act, str) else act
    base = InboundEvent(
        id="id", platform=PLATFORM, conversation=RawKey("c"), person=RawKey("p"), payload={}, act=said, address=HERE, room=RawKey(room), name="Ann"
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def tap(target: Target | str) -> Selection:
    return Selection(read_target(target) if isinstance(target, str) else target)


NAMED = ConsentTarget("named")
NOTHING_KEPT = Outcome(needs_store=True)
"""Nothing follows, as far as the journal tells."""
AT_DESK = [
    DeskReply("We do.", "post1"),
    DeskReply("We do.", question="q1"),
    tap(DeskTarget("claim", "q1")),
    tap(DeskTarget("decline", "q1")),
]


def timeless(outcome: Outcome) -> Outcome:
    """The outcome, however long deciding took."""
    return replace(outcome, turn=replace(outcome.turn, milliseconds=0.0) if outcome.turn else None)


def answer(outcome: Outcome) -> str:
    assert outcome.message is not None
    return outcome.message.reply.plain_text


@pytest.fixture
def office(bakery: Bot) -> Office:
    return Office(Assistant(bakery.base, bakery.matcher, desk=True), DESK)


def test_a_question_gives_a_message_a_session_and_a_record_with_masked_text(office: Office, bakery: Bot) -> None:
    text, kept = f"{BREAD} ann@example.org", f"{BREAD} [e-mail]"
    outcome, found = office.hear(text), bakery.matcher.rank(text)
    assert outcome.message is not None
    assert (outcome.message.address, outcome.message.turn) == (HERE, TURN)
    assert outcome.message.reply.text == "A loaf is 4 euros."
    assert outcome.session is not None
    assert (outcome.session.question, outcome.session.turn) == (kept, TURN)
    assert outcome.turn is not None
    assert 0 < outcome.turn.milliseconds < 1000
    about = {"scope": found.scope, "choice": found.choice, "confidence": found.confidence, "knowledge": bakery.base.version}
    context = Context(HashedKey("talk"), HashedKey("ann"), "standin:1", 1001.0)
    record = TurnRecord(TURN, context, PLATFORM, "utterance", "answer", kept, ("bread-price",), **about)
    assert replace(outcome.turn, milliseconds=0.0) == record
    assert (outcome.changes, outcome.notices) == ((), ())


@pytest.mark.parametrize(
    ("act", "said", "name"),
    [
        ("is cake dearer than bread", "utterance", "compare"),
        ("do you deliver to my house", "utterance", "out_of_scope"),
        (WISH, "utterance", "handoff"),
        (tap("cake-price"), "selection", "answer"),
        (Command("privacy"), "command", "acknowledge"),
    ],
)
def test_a_record_tells_what_was_done_and_what_was_decided(office: Office, act: str | UserAct, said: str, name: str) -> None:
    record = office.hear(act).turn
    assert record is not None
    assert (record.said, record.act, record.text) == (said, name, act if isinstance(act, str) else "")


def test_a_conversation_goes_on_until_it_has_been_idle_too_long(office: Office) -> None:
    assert answer(office.hear(BREAD, "2")) == "Cake, by far."
    leased = office.leased()
    late = replace(leased, context=replace(leased.context, at=1002.5 + IDLE))
    assert answer(office.handler.handle(heard("more"), late, office)).startswith("Tell me first")


@pytest.mark.parametrize(
    ("acts", "up", "reason"),
    [
        ([Rating(up=True, turn=TURN)], True, ""),
        ([Rating(up=False)], False, ""),
        ([Rating(up=False, turn=TURN, reason="ann@example.org says so")], False, "[e-mail] says so"),
        (["👍"], True, ""),
        (["👎", "1"], False, "wrong"),
        (["👎", "Out of date"], False, "old"),
        ([tap(ReasonTarget(TURN, "unclear"))], False, "unclear"),
    ],
)
def test_a_rating_is_kept_with_the_turn_it_is_about(office: Office, acts: list[str | UserAct], up: bool, reason: str) -> None:  # noqa: FBT001
    outcome = office.hear(BREAD, *acts)
    assert outcome.changes == (Rating(up, TURN, reason),)
    assert outcome.turn is not None
    assert (outcome.turn.context.person, outcome.turn.context.at) == ("ann", 1001.0 + len(acts))


@pytest.mark.parametrize("act", ["👎", Rating(up=False)])
def test_a_rating_after_a_refusal_is_kept_with_the_refusal(office: Office, act: str | UserAct) -> None:
    assert office.hear(BREAD, "do you deliver to my house", act).changes == (Rating(up=False, turn=turn_id("standin:2")),)


@pytest.mark.parametrize("act", ["👍", "👎", Rating(up=True), tap("reason::wrong")])
def test_where_nothing_was_answered_nothing_is_rated(office: Office, act: str | UserAct) -> None:
    outcome = office.hear("hello", act)
    assert outcome.changes == ()
    assert answer(outcome).startswith("There is no answer here to rate")


@pytest.mark.parametrize("act", ["forget me", Command("forget")])
def test_who_is_forgotten_leaves_a_record_of_nobody_and_withdraws_what_waits(office: Office, act: str | UserAct) -> None:
    office.questions = {
        "q1": ASKED,
        "q2": replace(ASKED, id="q2", state="answered"),
        "q3": replace(ASKED, id="q3", asker=replace(ANN, person=HashedKey("bob"))),
    }
    outcome = office.hear(BREAD, act)
    assert answer(outcome).startswith("Done.")
    assert (outcome.changes, outcome.session) == ((PersonErased(HashedKey("ann")),), None)
    assert [(notice.id, notice.message.under) for notice in outcome.notices] == [("withdrawn:q1", "post1")]
    assert outcome.turn is not None
    context = outcome.turn.context
    assert (outcome.turn.act, context.person, context.conversation, outcome.turn.text) == ("forget", "", "", "")


@pytest.mark.parametrize(("agreement", "who"), [("with my name", "by Ann"), (tap(NAMED), "by Ann"), ("yes", "without a name")])
def test_a_question_passed_on_is_opened_and_posted_at_the_desk(office: Office, agreement: str | UserAct, who: str) -> None:
    outcome = office.hear(BREAD, WISH, agreement)
    question = Question(turn_id("standin:3"), ANN, BREAD, DESK.address, at=1003.0)
    assert outcome.changes == (QuestionOpened(question),)
    assert [(notice.id, notice.message.purpose) for notice in outcome.notices] == [(f"post:{question.id}", "post")]
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
    office.questions = {id_: question.changed("answered") for id_, question in office.questions.items()}
    assert office.hear(BREAD, WISH, "yes").changes


@pytest.mark.parametrize("agreement", ["yes", tap(NAMED)])
def test_a_consent_that_comes_when_the_desk_is_gone_is_told_so(bakery: Bot, agreement: str | UserAct) -> None:
    outcome = Office(bakery.assistant, None, Session(1000.0, handing="consent", to_desk=BREAD)).hear(agreement)
    assert "Nobody stands by" in answer(outcome)
    assert (outcome.changes, outcome.notices) == ((), ())


@pytest.mark.parametrize("act", AT_DESK)
def test_what_the_desk_does_is_done_there_and_only_there(office: Office, bakery: Bot, act: UserAct | DeskReply) -> None:
    office.questions["q1"] = ASKED
    assert office.hear(act, room="standin:elsewhere") == office.hear(act, room="") == NOTHING_KEPT
    assert EventHandler(bakery.assistant).handle(heard(act, DESK.key), office.leased(), office) == NOTHING_KEPT
    outcome = office.hear(act, room=DESK.key)
    assert isinstance(outcome.changes[0], QuestionChanged)
    assert [notice.message.address for notice in outcome.notices] == [HERE]


@pytest.mark.parametrize("act", [DeskReply("We do.", question="gone"), DeskReply("We do."), tap("desk:claim:gone"), tap("desk:claim:")])
def test_a_question_that_is_not_known_any_more_is_told_so_at_the_desk(office: Office, act: UserAct | DeskReply) -> None:
    outcome = office.hear(act, room=DESK.key)
    assert answer(outcome).startswith("I do not know this question any more")
    assert outcome == Outcome(outcome.message, needs_store=True)
    assert office.hear(DeskReply("Lunch?", "a post about no question"), room=DESK.key) == NOTHING_KEPT


@pytest.mark.parametrize("act", [BREAD, "hello", "", tap("hours"), Command("privacy")])
def test_without_the_store_a_question_is_answered_all_the_same(office: Office, act: str | UserAct) -> None:
    unkept = office.unkept(act)
    assert timeless(unkept) == timeless(office.handler.handle(heard(act), office.leased(), office))
    assert unkept.message is not None
    assert unkept.session is not None
    assert not unkept.needs_store


@pytest.mark.parametrize("act", [WISH, "yes", "forget me", Rating(up=True, turn=TURN), tap(NAMED), *AT_DESK])
def test_without_the_store_what_has_to_be_kept_waits(office: Office, act: str | UserAct | DeskReply) -> None:
    office.session = Session(1000.0, handing="consent", to_desk=BREAD)
    assert office.unkept(act).needs_store
    assert office.unkept(act, room=DESK.key).needs_store


def test_who_waits_because_nothing_can_be_kept_hears_so(office: Office) -> None:
    message = office.handler.no_memory(HERE)
    assert message == Message(HERE, message.reply)
    assert message.reply.text.startswith("I cannot keep or pass on anything right now")


@pytest.mark.parametrize(("purpose", "notices"), [("post", ["unreachable:q1"]), ("answer", ["undelivered:e1"]), ("", [])])
def test_what_can_never_arrive_is_told_to_the_other_side(office: Office, purpose: str, notices: list[str]) -> None:
    message = Message(HERE, Reply("handoff", "…"), question="q1", purpose=purpose)  # type: ignore[arg-type]
    office.questions["q1"] = ASKED
    assert [notice.id for notice in office.handler.undelivered(message, "e1", office).notices] == notices
    for about in ("gone", ""):
        assert office.handler.undelivered(replace(message, question=about), "e1", office) == Outcome()
    office.questions["q1"] = replace(ASKED, asker=None)
    assert office.handler.undelivered(message, "e1", office) == Outcome()


def test_each_question_that_waits_too_long_is_reminded_of(office: Office) -> None:
    outcomes = office.handler.desk.reminders(replace(ASKED, id=id_) for id_ in ("q1", "q2"))
    assert [outcome.changes for outcome in outcomes] == [(QuestionReminded("q1"),), (QuestionReminded("q2"),)]
    assert [notice.id for outcome in outcomes for notice in outcome.notices] == ["remind:q1", "remind:q2"]


def test_who_waits_for_an_answer_that_cannot_be_given_hears_of_it(office: Office) -> None:
    outcome = office.handler.broken(HERE, office.leased().context)
    (notice,) = outcome.notices
    assert outcome == Outcome(notices=(notice,))
    assert (notice.id, notice.conversation, notice.person, notice.message.address) == ("broken:standin:0", "talk", "ann", HERE)
    assert notice.message.reply.text.startswith("Something went wrong on my side")


@pytest.mark.parametrize("act", [BREAD, "2", "yes", "forget me", WISH, tap(NAMED), "👎", "do you deliver to my house", *AT_DESK])
def test_the_same_event_and_session_give_the_same_outcome_twice(office: Office, act: str | UserAct | DeskReply) -> None:
    office.questions["q1"] = ASKED
    office.hear(BREAD, WISH)
    first, second = (timeless(office.handler.handle(heard(act, DESK.key), office.leased(), office)) for _ in range(2))
    assert first == second
    assert first not in (Outcome(), NOTHING_KEPT)


# What has to be kept to be done, and what can be done while the store is away

HANDING = Session(1000.0, handing="consent", to_desk=BREAD)
HANDING_NEXT = Session(1000.0, handing="question")
ASKED_BREAD = Session(1000.0, last=("bread-price",), question=BREAD, turn=TURN)
ROOM = Address(PLATFORM, {"room": "there"})


@pytest.mark.parametrize(
    ("act", "session"),
    [
        (Rating(up=True, turn=TURN), None),
        (Rating(up=False, turn=TURN, reason="wrong"), None),
        ("👍", ASKED_BREAD),
        ("👎", ASKED_BREAD),
        (tap(ReasonTarget(TURN, "unclear")), None),
        ("forget me", None),
        (Command("forget"), None),
        (WISH, None),
        (WISH, ASKED_BREAD),
        (Command("person"), ASKED_BREAD),
        (tap("person"), ASKED_BREAD),
        (BREAD, HANDING_NEXT),
        ("yes", HANDING),
        ("with my name", HANDING),
        (tap(NAMED), HANDING),
        (tap(ConsentTarget("anonymous")), HANDING),
        (tap(ConsentTarget("other")), HANDING),
    ],
)
def test_what_is_about_a_person_or_an_answer_needs_the_store(office: Office, act: str | UserAct, session: Session | None) -> None:
    office.session = session
    outcome = office.unkept(act)
    assert outcome.needs_store
    assert outcome.message is not None


@pytest.mark.parametrize("act", [*AT_DESK, DeskReply("Lunch?", "a post"), DeskReply(BREAD, "a post", otherwise=Utterance(BREAD))])
@pytest.mark.parametrize("room", [DESK.key, "standin:elsewhere"])
def test_what_is_said_or_pressed_at_the_desk_needs_the_store(office: Office, act: UserAct | DeskReply, room: str) -> None:
    assert office.unkept(act, room=room).needs_store


@pytest.mark.parametrize("act", [Share("hours"), Share("hours", "Look!")])
def test_what_is_shared_into_a_room_needs_the_store(office: Office, act: UserAct) -> None:
    outcome = office.unkept(act, share_into=ROOM)
    assert outcome.needs_store
    assert outcome.message is not None
    assert (outcome.message.address, outcome.message.sharer) == (ROOM, ANN)
    assert outcome.message.share == Share("hours", room=RawKey("standin:here"))


def test_what_is_shared_with_the_team_needs_the_store(bakery: Bot) -> None:
    handler = EventHandler(Assistant(bakery.base, bakery.matcher), None, TEAM)
    office = Office(bakery.assistant, None)
    outcome = handler.handle(heard(tap(TeamTarget("hours"))), office.leased(), EMPTY_JOURNAL)
    assert outcome.needs_store
    assert outcome.message is not None
    assert (outcome.message.address, outcome.message.sharer) == (TEAM.address, ANN)
    assert outcome.message.share == Share("hours", room=TEAM.key)
    assert outcome.message.reply.notes[-1].endswith("Ann")


def test_the_status_for_an_admin_needs_the_store_and_is_help_for_all_others(bakery: Bot) -> None:
    office = Office(bakery.assistant, None)
    office.depth = lambda: Depth(3, 1.0, 2)  # type: ignore[method-assign]
    told: list[Outcome] = []
    for admin in ("ann", "bob"):
        handler = EventHandler(bakery.assistant, admins=frozenset({HashedKey(admin)}))
        told += [handler.handle(heard(Command("status")), office.leased(), journal) for journal in (office, EMPTY_JOURNAL)]
    assert [outcome.needs_store for outcome in told] == [True, True, False, False]
    assert told[0].turn is None
    assert "3" in answer(told[0])
    assert timeless(told[2]) == timeless(told[3])
    assert told[2].turn is not None


@pytest.mark.parametrize("post", ["", "standin:7"])
def test_words_that_were_edited_need_the_store(office: Office, post: str) -> None:
    office.answer_to = lambda source: post if source == "standin:6" else ""  # type: ignore[method-assign]
    assert office.unkept(BREAD, source="standin:6", edited=True) == NOTHING_KEPT
    outcome = office.hear(BREAD, source="standin:6", edited=True)
    if post:
        assert outcome.message is not None
        assert (outcome.message.edits, outcome.message.source) == (post, "standin:6")
    else:
        assert outcome == NOTHING_KEPT


def test_a_greeting_needs_the_store_that_knows_who_was_greeted(office: Office) -> None:
    assert office.unkept(Occasion("greeting")) == NOTHING_KEPT
    assert office.hear(Occasion("greeting")) == NOTHING_KEPT
    office.greeted = lambda person: person != "ann"  # type: ignore[method-assign]
    outcome = office.hear(Occasion("greeting"))
    assert outcome.turn is not None
    assert outcome.turn.act == "greeting"
    assert outcome.message is not None


@pytest.mark.parametrize(
    ("act", "session"),
    [
        (BREAD, None),
        ("is cake dearer than bread", None),
        ("do you deliver to my house", None),
        ("hello", None),
        ("topics", None),
        ("more", ASKED_BREAD),
        ("no", HANDING),
        (tap("none-of-these"), HANDING),
        (tap("hours"), None),
        (tap("full:hours"), None),
        (tap("topic:"), None),
        (tap("none-of-these"), None),
        (tap("an entry that is gone"), None),
        (tap(TeamTarget("hours")), None),
        (Browse(), None),
        (Browse("no topic"), None),
        (Rating(up=True), None),
        (Command("help"), None),
        (Command("privacy"), None),
        (Command("status"), None),
        (Share("hours"), None),
        *(
            (Occasion(name), None)
            for name in ("start", "joined", "joined_group", "guest", "no_sharing", "not_here", "too_fast", "too_many")
        ),
    ],
)
def test_what_only_asks_or_looks_around_does_not_need_the_store(office: Office, act: str | UserAct, session: Session | None) -> None:
    office.session = session
    outcome = office.unkept(act)
    assert not outcome.needs_store
    assert outcome.message is not None
    assert outcome.message.address == HERE
    assert outcome.session is not None
    assert outcome.turn is not None
    assert (outcome.changes, outcome.notices) == ((), ())


@pytest.mark.parametrize("act", [WISH, tap("person"), Command("person"), tap(NAMED), tap(ConsentTarget("other"))])
def test_where_nobody_stands_by_asking_for_a_person_does_not_need_the_store(bakery: Bot, act: str | UserAct) -> None:
    outcome = Office(bakery.assistant, None).unkept(act)
    assert "Nobody stands by" in answer(outcome)
    assert not outcome.needs_store


@pytest.mark.parametrize("journal", ["kept", "empty"])
@pytest.mark.parametrize("text", ["hello", "thanks a lot", "who has eaten my sandwich", "bread is great", "asdf qwer"])
def test_of_chatter_that_was_overheard_nothing_follows(office: Office, text: str, journal: str) -> None:
    of: Journal = office if journal == "kept" else EMPTY_JOURNAL
    assert office.handler.handle(heard(text, overheard=True), office.leased(), of) == Outcome()


def test_a_question_that_was_overheard_is_answered_without_the_store(office: Office) -> None:
    outcome = office.unkept(f"{BREAD}?", overheard=True)
    assert answer(outcome) == "A loaf is 4 euros."
    assert not outcome.needs_store


def test_what_the_platform_has_shared_by_itself_only_counts_and_does_not_need_the_store(office: Office) -> None:
    outcome = office.unkept(Share("hours", "not kept"), address=None)
    assert outcome == Outcome(changes=(Share("hours", room=RawKey("standin:here")),))
    assert office.unkept(Share("hours"), address=None, room=NO_KEY) == Outcome(changes=(Share("hours"),))
