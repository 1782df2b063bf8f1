"""What is remembered of a conversation, for how long, and how it moves on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.dialogue.assistant import Assistant
from bot.dialogue.reply import Choice, Reply
from bot.dialogue.session import IDLE, Session, at_time, following, helps_nobody, on_next_line
from bot.dialogue.targets import ConsentTarget, EntryTarget, NoneOfThese
from bot.dialogue.turn import (
    Acknowledge,
    Answer,
    Browse,
    Clarify,
    Command,
    Compare,
    Context,
    Fallback,
    Forget,
    Greeting,
    HandOff,
    HashedKey,
    Listing,
    OutOfScope,
    Rating,
    Selection,
    Share,
    Social,
    SystemAct,
    Utterance,
    turn_id,
)
from bot.matching.text import LONGEST

if TYPE_CHECKING:
    from bot.assembly import Bot
    from bot.dialogue.assistant import Turn
    from bot.dialogue.turn import UserAct

BREAD, OPEN = "how much is a loaf of bread", "when are you open"
WISH, SECRET = "talk to a human", "do you deliver to ann@example.org or +49 170 1234567"
MASKED = "do you deliver to [e-mail] or [phone]"
HERE, ANN, BOB = HashedKey("here"), HashedKey("ann"), HashedKey("bob")
CHOICES = (Choice(EntryTarget("hours"), "Opening hours"), Choice(EntryTarget("sorts"), "What do you bake?"))
ASKS_OR_REFUSES = (Clarify(("hours", "sorts"), 0.4), OutOfScope("jobs", "", (), 0.9), Fallback(0.0))
REPLY = Reply("answer", "So.", follow_ups=CHOICES[:1], choices=CHOICES)
TOLD = Session(at=1.0, last=("hours",), question="open?", offered=CHOICES, shown=frozenset({"hours"}), misses=1, turn="t")


def after(bot: Bot, *acts: str | UserAct, by: HashedKey = ANN, session: Session | None = None) -> Turn:
    """The last of some turns in one conversation, each an event of its own (e0, e1 …) a second after the one before."""
    assistant = Assistant(bot.base, bot.matcher, desk=True)
    turns: list[Turn] = []
    for number, act in enumerate(acts):
        context = Context(HERE, by, f"e{number}", float(number))
        turns.append(assistant.turn(Utterance(act) if isinstance(act, str) else act, turns[-1].session if turns else session, context))
    return turns[-1]


def test_a_session_lasts_until_it_has_been_idle_too_long() -> None:
    held = Session(at=100.0, question="bread?")
    assert at_time(held, 100.0) is held
    assert at_time(held, 100.0 + IDLE) is held
    assert at_time(held, 100.5 + IDLE) == Session(at=100.5 + IDLE)


def test_where_there_was_no_session_there_is_a_new_one() -> None:
    assert at_time(None, 5.0) == Session(at=5.0)


def test_a_person_is_offered_from_the_second_miss_on() -> None:
    assert not helps_nobody(Fallback(0.0), Session())
    assert helps_nobody(Fallback(0.0), Session(misses=1))
    assert helps_nobody(OutOfScope("jobs", "", (), 1.0), Session(misses=2))
    assert not helps_nobody(Answer(("hours",), 1.0), Session(misses=5))
    assert not helps_nobody(Acknowledge("empty"), Session(misses=5))


def test_a_person_is_offered_once_an_answer_was_rated_down() -> None:
    assert helps_nobody(Rating(up=False, turn="t"), Session())
    assert not helps_nobody(Rating(up=True, turn="t"), Session(misses=5))


def moved(bot: Bot, act: SystemAct, session: Session = TOLD, said: UserAct | None = None) -> Session:
    """The session after a decision, said in `REPLY`."""
    return following(session, said or Browse(), act, REPLY, None, bot.base, Context(HERE, ANN, "e", 9.0))


@pytest.mark.parametrize("act", [Answer(("bread-price",), 0.9), Compare("prices", 0.9)])
def test_an_answer_is_what_is_talked_about_then(bakery: Bot, act: Answer | Compare) -> None:
    (entry,) = act.entries if isinstance(act, Answer) else (act.entry,)
    session = moved(bakery, act)
    assert (session.last, session.shown, session.misses, session.turn) == ((entry,), {"hours", entry}, 0, turn_id("e"))
    assert (session.offered, session.awaiting, session.at) == (REPLY.follow_ups, False, 9.0)
    assert session.about == dict(bakery.base.entries[entry].about)


@pytest.mark.parametrize(("detail", "told"), [("answer", False), ("more", True), ("full", True)])
def test_the_rest_of_an_answer_is_told_once(bakery: Bot, detail: str, told: bool) -> None:  # noqa: FBT001
    assert moved(bakery, Answer(("hours",), 1.0, detail)).detail_told is told


@pytest.mark.parametrize("act", [OutOfScope("jobs", "", (), 0.9), Fallback(0.0)])
def test_a_miss_is_counted_and_the_last_answer_stays(bakery: Bot, act: OutOfScope | Fallback) -> None:
    session = moved(bakery, act)
    assert (session.misses, session.last) == (2, ("hours",))
    assert session.offered == REPLY.follow_ups


@pytest.mark.parametrize("act", [Answer(("bread-price",), 0.9), Compare("prices", 0.9), *ASKS_OR_REFUSES])
def test_a_rating_is_for_the_last_turn_that_answered_asked_back_or_refused(bakery: Bot, act: SystemAct) -> None:
    assert moved(bakery, act).turn == turn_id("e")


@pytest.mark.parametrize(
    "act",
    [
        Social("hello", "greeting", 2, 0.9),
        Acknowledge("no_more"),
        Acknowledge("not_a_choice"),
        Listing(),
        Greeting(),
        Share("hours"),
        Rating(up=False, turn="t"),
        HandOff("question"),
        HandOff("consent", question="bread?"),
        HandOff("passed", question="bread?"),
        HandOff("kept"),
        HandOff("nobody"),
    ],
)
def test_a_turn_that_nobody_rates_leaves_the_last_one_to_be_rated(bakery: Bot, act: SystemAct) -> None:
    assert moved(bakery, act).turn == "t"


@pytest.mark.parametrize("act", ASKS_OR_REFUSES)
def test_one_line_follows_the_other_whatever_is_asked(act: SystemAct) -> None:
    first = on_next_line(Session(), Utterance(BREAD), act).line
    assert first > 0
    assert on_next_line(Session(), Utterance(BREAD), act).line == first
    assert on_next_line(Session(line=first), Utterance(OPEN), act).line == first + 1


def test_conversations_begin_with_other_lines() -> None:
    begun = {on_next_line(Session(), Utterance(f"question {number}"), Fallback(0.0)).line % 5 for number in range(30)}
    assert begun == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("said", [Utterance("\ud800"), Utterance(""), Browse()])
def test_whatever_was_said_has_a_line(said: UserAct) -> None:
    assert on_next_line(Session(), said, Fallback(0.0)).line > 0


def test_what_is_neither_asked_back_nor_refused_takes_no_line() -> None:
    assert on_next_line(TOLD, Utterance(BREAD), Answer(("bread-price",), 0.9)) is TOLD


@pytest.mark.parametrize("act", [Share("hours"), Acknowledge("not_a_choice")])
def test_what_is_shared_and_a_wrong_number_keep_what_was_offered(bakery: Bot, act: Share | Acknowledge) -> None:
    assert moved(bakery, act) == replace(TOLD, at=9.0)


@pytest.mark.parametrize("act", [Listing(), Acknowledge("none_picked"), Rating(up=False, turn="t")])
def test_what_is_put_before_a_person_takes_the_place_of_what_was_offered(bakery: Bot, act: SystemAct) -> None:
    assert moved(bakery, act) == replace(TOLD, at=9.0, offered=REPLY.follow_ups)


def test_small_talk_takes_turns_and_keeps_what_was_offered(bakery: Bot) -> None:
    assert moved(bakery, Social("hello", "greeting", 2, 0.9)) == replace(TOLD, at=9.0, social_turns={"hello": 3})


def test_nothing_is_remembered_of_who_is_forgotten(bakery: Bot) -> None:
    assert moved(bakery, Forget(), replace(TOLD, handing="consent", to_desk="weddings?", asker=ANN)) == Session(at=9.0)


@pytest.mark.parametrize("offers", [True, False])
def test_a_person_is_offered_for_one_turn(bakery: Bot, offers: bool) -> None:  # noqa: FBT001
    reply = replace(REPLY, offers_person=offers)
    session = following(replace(TOLD, person_offered=True), Browse(), Listing(), reply, None, bakery.base, Context(HERE))
    assert session.person_offered is offers


def test_what_was_asked_is_remembered_masked(bakery: Bot) -> None:
    turn = after(bakery, SECRET)
    assert isinstance(turn.act, OutOfScope)
    assert turn.session.question == MASKED


def test_no_more_is_remembered_of_a_message_than_is_read_of_it(bakery: Bot) -> None:
    assert after(bakery, f"{OPEN}? ".ljust(3 * LONGEST, "a")).session.question == f"{OPEN}? ".ljust(LONGEST, "a")


@pytest.mark.parametrize("act", ["thanks", "9", "topics", Browse(), Command("help"), Selection(EntryTarget("hours")), WISH])
def test_what_is_no_question_leaves_the_last_one(bakery: Bot, act: str | UserAct) -> None:
    assert after(bakery, BREAD, act).session.question == BREAD


@pytest.mark.parametrize("acts", [(SECRET, WISH), (WISH, SECRET), (SECRET, Command("person"))])
def test_what_is_to_be_passed_on_is_remembered_masked_and_with_who_asks(bakery: Bot, acts: tuple[str | UserAct, ...]) -> None:
    turn = after(bakery, *acts)
    assert turn.act == HandOff("consent", question=MASKED, confidence=turn.reply.confidence)
    assert (turn.session.handing, turn.session.to_desk, turn.session.asker) == ("consent", MASKED, ANN)
    assert SECRET not in str(turn)


@pytest.mark.parametrize("act", ["yes", "no", OPEN, "topics", "forget me", Selection(ConsentTarget("named")), Selection(NoneOfThese())])
def test_once_nothing_is_to_be_passed_on_nobody_is_remembered_as_who_asks(bakery: Bot, act: str | UserAct) -> None:
    session = after(bakery, BREAD, WISH, act).session
    assert (session.handing, session.to_desk, session.asker) == ("", "", "")


@pytest.mark.parametrize("act", ["thanks", "9"])
def test_small_talk_and_a_wrong_number_leave_a_question_on_its_way(bakery: Bot, act: str) -> None:
    session = after(bakery, BREAD, WISH, act).session
    assert (session.handing, session.to_desk, session.asker) == ("consent", BREAD, ANN)


@pytest.mark.parametrize("button", [ConsentTarget("named"), ConsentTarget("anonymous"), ConsentTarget("other"), NoneOfThese()])
def test_nobody_else_in_the_conversation_agrees_or_refuses(bakery: Bot, button: ConsentTarget | NoneOfThese) -> None:
    wished = after(bakery, BREAD, WISH).session
    turn = after(bakery, Selection(button), by=BOB, session=wished)
    assert (turn.act, turn.session) == (Acknowledge("handoff_not_yours"), wished)
    assert turn.reply.text == "Only whoever asked can agree to that."


@pytest.mark.parametrize("said", ["yes", "with my name", "no", "1", OPEN, "more", "topics"])
def test_a_question_of_somebody_waits_on_whatever_others_say(bakery: Bot, said: str) -> None:
    wished = after(bakery, BREAD, WISH).session
    turn = after(bakery, said, by=BOB, session=wished)
    assert not isinstance(turn.act, HandOff)
    assert (turn.session.handing, turn.session.to_desk, turn.session.asker) == ("consent", BREAD, ANN)
    assert after(bakery, "yes", session=turn.session).act == HandOff("passed", question=BREAD)


def test_who_asks_for_a_person_too_takes_the_place_of_who_did_before(bakery: Bot) -> None:
    session = after(bakery, WISH, by=BOB, session=after(bakery, BREAD, WISH).session).session
    assert (session.handing, session.asker) == ("consent", BOB)


def test_the_same_act_session_and_context_give_the_same_turn(bakery: Bot) -> None:
    session = after(bakery, BREAD).session
    before = replace(session)
    assert after(bakery, "1", session=session) == after(bakery, "1", session=session)
    assert session == before
