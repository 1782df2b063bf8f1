"""What happens around questions: a greeting, an answer shared, a question edited, something overheard. Decided, not yet sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from loopback.standin import DESK, PLATFORM

from bot.contracts.addresses import Address, Recipient
from bot.contracts.events import DeskReply, InboundEvent, LeasedEvent
from bot.contracts.outcomes import Message, Outcome
from bot.delivery.empty_journal import EMPTY_JOURNAL
from bot.delivery.handler import EventHandler
from bot.dialogue.assistant import Assistant
from bot.dialogue.session import Session
from bot.dialogue.targets import ConsentTarget, EntryTarget, TopicTarget
from bot.dialogue.turn import Browse, Command, Context, Occasion, Selection, Share, UserAct, Utterance, turn_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.assembly import Bot
    from bot.contracts.questions import Question

HERE, THERE = Address(PLATFORM, {"room": "here"}), Address(PLATFORM, {"room": "there"})
NOTHING = Outcome(needs_store=True)
"""Nothing follows, but only the journal could tell."""
TOPICS = [TopicTarget("visit"), TopicTarget("bread")]


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


SHELF = Shelf()


@pytest.fixture
def handler(bakery: Bot) -> EventHandler:
    return EventHandler(Assistant(bakery.base, bakery.matcher, desk=True), DESK)


def leased(person: str = "ann", session: Session | None = None) -> LeasedEvent:
    return LeasedEvent(1, PLATFORM, Context("one", person, "standin:1", 1000.0), {}, session=session)


def handled(
    handler: EventHandler, act: UserAct | DeskReply | str, *, person: str = "ann", session: Session | None = None, **how: object
) -> Outcome:
    event = InboundEvent(
        id="1",
        platform=PLATFORM,
        conversation="standin:here/one",
        person=f"standin:{person}",
        payload={},
        act=Utterance(act) if isinstance(act, str) else act,
        address=HERE,
        room="standin:here",
        name="Ann",
    )
    return handler.handle(replace(event, **how), leased(person, session), SHELF)


def said(outcome: Outcome) -> str:
    assert outcome.message is not None
    return outcome.message.reply.plain_text


def test_a_greeting_offers_questions_and_topics_and_is_said_once(handler: EventHandler) -> None:
    greeting = Occasion("greeting")
    outcome = handled(handler, greeting)
    assert said(outcome).startswith("Hello! I answer questions about “The bakery”")
    assert [choice.target for choice in outcome.message.reply.follow_ups] == [EntryTarget("hours"), EntryTarget("bread-price"), *TOPICS]
    assert outcome.message.reply.follow_ups[0].label == "When are you open?"
    assert (outcome.turn.said, outcome.turn.act) == ("occasion", "greeting")
    assert handled(handler, greeting, person="bea") == NOTHING


def test_the_editor_chooses_what_a_greeting_offers(bakery: Bot) -> None:
    base = replace(bakery.base, prompts=(bakery.base.entries["sorts"],))
    chosen = EventHandler(Assistant(base, bakery.matcher))
    offered = chosen.shown(Occasion("greeting")).follow_ups
    assert [choice.target for choice in offered] == [EntryTarget("sorts"), *TOPICS]


@pytest.mark.parametrize(
    ("name", "begins"), [("joined", "Hello! Mention me"), ("guest", "I am here for members"), ("no_sharing", "Sharing is for members")]
)
def test_an_occasion_calls_for_a_line(handler: EventHandler, name: str, begins: str) -> None:
    assert said(handled(handler, Occasion(name))).startswith(begins)


def test_help_lists_the_topics_and_a_number_picks_one(handler: EventHandler) -> None:
    helped = handled(handler, Command("help"))
    assert [choice.target for choice in helped.message.reply.follow_ups] == TOPICS
    assert said(handled(handler, "2", session=helped.session)).startswith("Bread and cake:")


def test_the_rest_of_an_answer_is_told_by_its_id_without_a_conversation(handler: EventHandler) -> None:
    assert said(handled(handler, Selection(EntryTarget("hours", "more")))).startswith("On Sundays")


@pytest.mark.parametrize("entry", ["bread-price", "secret", "gone", ""])
def test_there_is_no_rest_of_what_has_none_or_is_no_more(handler: EventHandler, entry: str) -> None:
    assert said(handled(handler, Selection(EntryTarget(entry, "more")))).startswith("That answer has changed")


def test_an_answer_names_its_entries(handler: EventHandler) -> None:
    assert handled(handler, Selection(EntryTarget("hours"))).message.reply.entries == ("hours",)
    assert handled(handler, Selection(EntryTarget("prices"))).message.reply.entries == ("prices",)


def test_a_card_has_question_answer_remark_and_goes_where_it_is_shared(handler: EventHandler) -> None:
    session = Session(last=("hours",), shown=frozenset({"bread-price"}))
    outcome = handled(handler, Share("hours", remark="look!"), share_into=THERE, room="standin:there", session=session)
    message = outcome.message
    assert message.address == THERE
    assert message.share == Share("hours", room="standin:there")
    assert message.sharer == Recipient(HERE, "one", "ann")
    assert message.reply.plain_text == "When are you open?\nWe are open from 7 to 18, Monday to Saturday."
    assert (message.reply.quote, message.reply.entries, message.reply.more) == ("look!", ("hours",), True)
    assert [choice.target for choice in message.reply.follow_ups] == [
        EntryTarget("bread-price"),
        EntryTarget("sorts"),
        EntryTarget("cake-price"),
    ]  # whoever reads it has seen nothing
    assert outcome.session.last == ("hours",)
    assert outcome.turn.act == "share"


def test_a_comparison_is_shared_with_its_table(handler: EventHandler) -> None:
    reply = handled(handler, Share("prices"), share_into=THERE).message.reply
    assert reply.table.columns == ("Bread", "Cake")


@pytest.mark.parametrize("entry", ["gone", "secret", ""])
def test_what_is_no_more_is_not_shared_and_the_sharer_hears_it(handler: EventHandler, entry: str) -> None:
    outcome = handled(handler, Share(entry), share_into=THERE)
    assert (outcome.message.address, outcome.message.share, outcome.message.sharer) == (HERE, None, None)
    assert said(outcome).startswith("That answer has changed")


def test_what_has_arrived_is_kept_and_the_sharer_hears_it(handler: EventHandler) -> None:
    message = handled(handler, Share("hours"), share_into=THERE, room="standin:there").message
    assert message.turn == turn_id("standin:1")
    outcome = handler.delivered(message, "standin:1", EMPTY_JOURNAL)
    assert outcome.changes == (Share("hours", room="standin:there"),)
    (notice,) = outcome.notices
    assert (notice.message.address, notice.person, notice.conversation) == (HERE, "ann", "one")
    assert notice.message.reply.text.startswith("Done")
    assert handler.delivered(replace(message, share=None, sharer=None), "standin:1", EMPTY_JOURNAL) == Outcome()


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
def test_why_something_was_not_shared_is_told_in_plain_words(handler: EventHandler, why: str, told: str) -> None:
    message = handled(handler, Share("hours"), share_into=THERE).message
    outcome = handler.undelivered(message, "standin:1", SHELF, why)
    assert outcome.changes == ()
    assert outcome.notices[0].message.reply.text.startswith(told)


def test_an_edited_question_changes_the_answer_that_it_got(handler: EventHandler) -> None:
    outcome = handled(handler, "how much is a cake", source="standin:asked", edited=True)
    assert (outcome.message.address, outcome.message.edits) == (HERE, "standin:77")
    assert said(outcome) == "A cake is 20 euros."


def test_an_edited_question_that_got_no_answer_gets_none(handler: EventHandler) -> None:
    assert handled(handler, "how much is a cake", source="standin:other", edited=True) == NOTHING


@pytest.mark.parametrize("text", ["how much is a cake?", "and cakes?", "what about a cake", "topics", "talk to a human"])
def test_what_is_overheard_and_understood_is_answered(handler: EventHandler, text: str) -> None:
    session = handled(handler, "how much is a loaf of bread").session
    assert handled(handler, text, overheard=True, session=session).message is not None


@pytest.mark.parametrize(
    "text", ["thanks!", "hello", "zxqv blorp", "👍 see you", "", "2", "a cake was 20 euros last week", "what is the time?"]
)
def test_what_is_overheard_and_is_not_for_the_bot_is_left_alone(handler: EventHandler, text: str) -> None:
    session = replace(handled(handler, "how much is a loaf of bread").session, offered=())
    assert handled(handler, text, overheard=True, session=session) == Outcome()


def test_a_mention_beneath_something_else_at_the_desk_is_a_question(handler: EventHandler) -> None:
    asks = DeskReply("when are you open", "standin:5", otherwise=Utterance("when are you open"))
    assert said(handled(handler, asks, room=DESK.key)).startswith("We are open")
    assert handled(handler, replace(asks, otherwise=None), room=DESK.key) == NOTHING


def test_what_is_only_shown_leaves_no_trace(handler: EventHandler) -> None:
    assert [choice.target for choice in handler.shown(Browse()).follow_ups] == TOPICS


def test_the_answer_to_a_wish_to_be_forgotten_is_not_kept_as_an_answer(handler: EventHandler) -> None:
    assert handled(handler, "forget me", source="standin:asked").message.source == ""
    assert handled(handler, "when are you open", source="standin:asked").message.source == "standin:asked"


def test_no_message_of_somebody_else_is_told_to_a_sharer(handler: EventHandler) -> None:
    assert handler.undelivered(Message(HERE, handler.shown(Browse())), "standin:1", SHELF, "outside") == Outcome()


def test_only_whoever_asked_may_let_a_question_be_passed_on(handler: EventHandler) -> None:
    wished = handled(handler, "talk to a human", session=handled(handler, "do you deliver to my house").session)
    assert wished.session.asker == "ann"
    refused = handled(handler, Selection(ConsentTarget("named")), person="bob", session=wished.session)
    assert said(refused) == "Only whoever asked can agree to that."
    assert refused.changes == ()
    other = handled(handler, "yes", person="bob", session=wished.session)
    assert other.changes == ()
    assert (other.session.handing, other.session.to_desk, other.session.asker) == ("consent", "do you deliver to my house", "ann")
    passed = handled(handler, Selection(ConsentTarget("named")), session=other.session)
    assert [change.question.asker.person for change in passed.changes] == ["ann"]
