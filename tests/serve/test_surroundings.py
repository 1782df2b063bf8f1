"""What happens around questions: a greeting, an answer shared, a question edited, something overheard. Decided, not yet sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from loopback.standin import DESK, PLATFORM

from bot.contracts.events import DeskReply, Heard, LeasedEvent
from bot.contracts.outcomes import Card, Message, Outcome, Shared
from bot.delivery.handler import EventHandler
from bot.dialogue.assistant import Assistant
from bot.dialogue.session import Session, Sessions
from bot.dialogue.turn import MORE, Browse, Command, Occasion, Selection, Share, UserAct, Utterance, turn_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.assembly import Bot
    from bot.contracts.questions import Question

HERE, THERE = {"room": "here"}, {"room": "there"}
TOPICS = ["topic:visit", "topic:bread"]


class Shelf:
    """A journal with one answer and one person greeted on it."""

    answers = {"standin:asked": "standin:77"}  # noqa: RUF012 - never changed
    greeted_people = ("bea",)

    def question(self, _id: str) -> Question | None:
        return None

    question_of_post = question

    def waiting(self, _person: str) -> Sequence[Question]:
        return ()

    def answer_to(self, source: str) -> str:
        return self.answers.get(source, "")

    def greeted(self, person: str) -> bool:
        return person in self.greeted_people


@pytest.fixture
def clerk(bakery: Bot) -> EventHandler:
    return EventHandler(Assistant(bakery.base, bakery.matcher, Sessions(), desk=True), Shelf(), DESK)


def taken(person: str = "ann", session: Session | None = None) -> LeasedEvent:
    return LeasedEvent(1, "standin:1", PLATFORM, "talk", person, 1000.0, {}, session=session)


def attend(clerk: EventHandler, act: UserAct | str, *, person: str = "ann", session: Session | None = None, **how: object) -> Outcome:
    done = Utterance(act) if isinstance(act, str) else act
    return clerk.attend(replace(Heard(done, HERE, "standin:here", "Ann"), **how), taken(person, session))


def said(outcome: Outcome) -> str:
    assert outcome.message is not None
    return outcome.message.reply.plain_text


def test_a_greeting_offers_questions_and_topics_and_is_said_once(clerk: EventHandler) -> None:
    greeting = Occasion("greeting")
    outcome = attend(clerk, greeting)
    assert said(outcome).startswith("Hello! I answer questions about “The bakery”")
    assert [choice.target for choice in outcome.message.reply.follow_ups] == ["hours", "bread-price", *TOPICS]
    assert outcome.message.reply.follow_ups[0].label == "When are you open?"
    assert (outcome.turn.said, outcome.turn.act) == ("occasion", "greeting")
    assert attend(clerk, greeting, person="bea") == Outcome()


def test_the_editor_chooses_what_a_greeting_offers(bakery: Bot) -> None:
    base = replace(bakery.base, prompts=(bakery.base.entries["sorts"],))
    chosen = EventHandler(Assistant(base, bakery.matcher, Sessions()), Shelf())
    offered = chosen.shown(Occasion("greeting")).follow_ups
    assert [choice.target for choice in offered] == ["sorts", *TOPICS]


@pytest.mark.parametrize(
    ("name", "begins"), [("joined", "Hello! Mention me"), ("guest", "I am here for members"), ("no_sharing", "Sharing is for members")]
)
def test_an_occasion_calls_for_a_line(clerk: EventHandler, name: str, begins: str) -> None:
    assert said(attend(clerk, Occasion(name))).startswith(begins)


def test_help_lists_the_topics_and_a_number_picks_one(clerk: EventHandler) -> None:
    helped = attend(clerk, Command("help"))
    assert [choice.target for choice in helped.message.reply.follow_ups] == TOPICS
    assert said(attend(clerk, "2", session=helped.session)).startswith("Bread and cake:")


def test_the_rest_of_an_answer_is_told_by_its_id_without_a_talk(clerk: EventHandler) -> None:
    assert said(attend(clerk, Selection(f"{MORE}hours"))).startswith("On Sundays")


@pytest.mark.parametrize("entry", ["bread-price", "secret", "gone", ""])
def test_there_is_no_rest_of_what_has_none_or_is_no_more(clerk: EventHandler, entry: str) -> None:
    assert said(attend(clerk, Selection(f"{MORE}{entry}"))).startswith("That answer has changed")


def test_an_answer_names_its_entries(clerk: EventHandler) -> None:
    assert attend(clerk, Selection("hours")).message.reply.entries == ("hours",)
    assert attend(clerk, Selection("prices")).message.reply.entries == ("prices",)


def test_a_card_has_question_answer_remark_and_goes_where_it_is_shared(clerk: EventHandler) -> None:
    session = Session(last=("hours",), shown=frozenset({"bread-price"}))
    outcome = attend(clerk, Share("hours", remark="look!"), into=THERE, room="standin:there", session=session)
    message = outcome.message
    assert message.address == THERE
    assert message.card == Card("hours", "standin:there", "ann", "talk", HERE, PLATFORM)
    assert message.reply.plain_text == "When are you open?\nWe are open from 7 to 18, Monday to Saturday."
    assert (message.reply.quote, message.reply.entries, message.reply.more) == ("look!", ("hours",), True)
    assert [choice.target for choice in message.reply.follow_ups] == [
        "bread-price",
        "sorts",
        "cake-price",
    ]  # whoever reads it has seen nothing
    assert outcome.session.last == ("hours",)
    assert outcome.turn.act == "share"


def test_a_comparison_is_shared_with_its_table(clerk: EventHandler) -> None:
    reply = attend(clerk, Share("prices"), into=THERE).message.reply
    assert reply.table.columns == ("Bread", "Cake")


@pytest.mark.parametrize("entry", ["gone", "secret", ""])
def test_what_is_no_more_is_not_shared_and_the_sharer_hears_it(clerk: EventHandler, entry: str) -> None:
    outcome = attend(clerk, Share(entry), into=THERE)
    assert (outcome.message.address, outcome.message.card) == (HERE, None)
    assert said(outcome).startswith("That answer has changed")


def test_what_has_arrived_is_kept_and_the_sharer_hears_it(clerk: EventHandler) -> None:
    message = attend(clerk, Share("hours"), into=THERE, room="standin:there").message
    outcome = clerk.delivered(message, "standin:1", 7.0)
    assert outcome.changes == (Shared(turn_id("standin:1"), "hours", "ann", "standin:there", 7.0),)
    (notice,) = outcome.notices
    assert (notice.message.address, notice.person, notice.conversation) == (HERE, "ann", "talk")
    assert notice.message.reply.text.startswith("Done")
    assert clerk.delivered(replace(message, card=None), "standin:1", 7.0) == Outcome()


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("", "That could not be shared."),
        ("outside", "I am not in that channel"),
        ("archived", "That channel is archived"),
        ("restricted", "Not everybody may post"),
        ("external", "People from other companies"),
        ("gone", "I cannot find that channel"),
    ],
)
def test_why_something_was_not_shared_is_told_in_plain_words(clerk: EventHandler, why: str, told: str) -> None:
    message = attend(clerk, Share("hours"), into=THERE).message
    outcome = clerk.undelivered(message, "standin:1", why)
    assert outcome.changes == ()
    assert outcome.notices[0].message.reply.text.startswith(told)


def test_an_edited_question_changes_the_answer_that_it_got(clerk: EventHandler) -> None:
    outcome = attend(clerk, "how much is a cake", source="standin:asked", edited=True)
    assert outcome.message.address == {**HERE, "edit": "standin:77"}
    assert said(outcome) == "A cake is 20 euros."


def test_an_edited_question_that_got_no_answer_gets_none(clerk: EventHandler) -> None:
    assert attend(clerk, "how much is a cake", source="standin:other", edited=True) == Outcome()


@pytest.mark.parametrize("text", ["how much is a cake?", "and cakes?", "what about a cake", "topics", "talk to a human"])
def test_what_is_overheard_and_understood_is_answered(clerk: EventHandler, text: str) -> None:
    talk = attend(clerk, "how much is a loaf of bread").session
    assert attend(clerk, text, overheard=True, session=talk).message is not None


@pytest.mark.parametrize(
    "text", ["thanks!", "hello", "zxqv blorp", "👍 see you", "", "2", "a cake was 20 euros last week", "what is the time?"]
)
def test_what_is_overheard_and_is_not_for_the_bot_is_left_alone(clerk: EventHandler, text: str) -> None:
    talk = replace(attend(clerk, "how much is a loaf of bread").session, offered=())
    assert attend(clerk, text, overheard=True, session=talk) == Outcome()


def test_a_mention_beneath_something_else_at_the_desk_is_a_question(clerk: EventHandler) -> None:
    asks = DeskReply("when are you open", "standin:5", otherwise=Utterance("when are you open"))
    assert said(attend(clerk, asks, room=DESK.room)).startswith("We are open")
    assert attend(clerk, replace(asks, otherwise=None), room=DESK.room) == Outcome()


def test_what_is_only_shown_leaves_no_trace(clerk: EventHandler) -> None:
    assert [choice.target for choice in clerk.shown(Browse()).follow_ups] == TOPICS


def test_the_answer_to_a_wish_to_be_forgotten_is_not_kept_as_an_answer(clerk: EventHandler) -> None:
    assert attend(clerk, "forget me", source="standin:asked").message.source == ""
    assert attend(clerk, "when are you open", source="standin:asked").message.source == "standin:asked"


def test_no_message_of_somebody_else_is_told_to_a_sharer(clerk: EventHandler) -> None:
    assert clerk.undelivered(Message(PLATFORM, HERE, clerk.shown(Browse())), "standin:1", "outside") == Outcome()


def test_only_whoever_asked_may_let_a_question_be_passed_on(clerk: EventHandler) -> None:
    wished = attend(clerk, "talk to a human", session=attend(clerk, "do you deliver to my house").session)
    assert wished.session.asker == "ann"
    refused = attend(clerk, Selection("handoff:named"), person="bob", session=wished.session)
    assert said(refused) == "Only whoever asked can agree to that."
    assert refused.changes == ()
    other = attend(clerk, "yes", person="bob", session=wished.session)
    assert other.changes == ()
    assert (other.session.handing, other.session.to_desk, other.session.asker) == ("consent", "do you deliver to my house", "ann")
    passed = attend(clerk, Selection("handoff:named"), session=other.session)
    assert [change.question.person for change in passed.changes] == ["ann"]
