"""Conversations with the bakery from outside: a message goes in, a reply comes out."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from bot.dialogue.assistant import Assistant
from bot.dialogue.conversations import Conversations
from bot.dialogue.reply import Choice
from bot.dialogue.session import IDLE, Session
from bot.dialogue.targets import EntryTarget, NoneOfThese, TopicTarget, read_target, written
from bot.dialogue.turn import Acknowledge, Browse, Command, Context, Forget, HashedKey, Rating, Selection, Social, Utterance, turn_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.assembly import Bot
    from bot.dialogue.assistant import Turn
    from bot.dialogue.reply import Reply
    from bot.dialogue.turn import UserAct

    Say = Callable[..., Reply]

BREAD = "how much is a loaf of bread"
OPEN = "when are you open"
HOUSE = "do you deliver to my house"
GONE = (Choice(EntryTarget("gone"), "Pies"), Choice(EntryTarget("gone-too"), "Tarts"))
HERE = HashedKey("here")


@pytest.fixture
def say(bakery: Bot) -> Say:
    """Say something in a conversation of this test's own and get the reply to the last of it."""
    conversations = Conversations(Assistant(bakery.base, bakery.matcher, desk=True))

    def said(*texts: str, at: float = 0.0) -> Reply:
        replies = [conversations.respond(Utterance(text), "said", at).reply for text in texts]
        return replies[-1]

    return said


def targets(choices: tuple[Choice, ...]) -> list[str]:
    """Where choices lead, as it is written on their buttons."""
    return [written(choice.target) for choice in choices]


def test_an_answer_carries_text_source_and_follow_ups(say: Say) -> None:
    reply = say(OPEN)
    assert reply.act == "answer"
    assert reply.text == "We are open from **7 to 18**, Monday to Saturday."
    assert reply.plain_text == "We are open from 7 to 18, Monday to Saturday."
    assert reply.sources == ("Opening hours",)
    assert [choice.label for choice in reply.follow_ups][:2] == ["How much is a loaf of bread?", "And what do you bake?"]
    assert reply.more
    assert 0.5 < reply.confidence <= 1
    assert reply.choices == ()
    assert reply.notes == ()


@pytest.mark.parametrize(
    ("pick", "text"),
    [
        ("1", "A cake is 20 euros."),
        ("#1", "A cake is 20 euros."),
        ("option 1", "A cake is 20 euros."),
        ("the first one", "A cake is 20 euros."),
        ("2", "Cake, by far."),
        ("the second one", "Cake, by far."),
        ("the last one please", "Cake, by far."),
        ("How much is a cake?", "A cake is 20 euros."),
        ("WHICH IS DEARER, bread or cake", "Cake, by far."),
    ],
)
def test_a_number_an_ordinal_and_a_label_pick(say: Say, pick: str, text: str) -> None:
    assert say(BREAD, pick).text == text


def test_a_wrong_number_says_so_and_keeps_the_offer(say: Say) -> None:
    offered = say(BREAD).follow_ups
    reply = say("9")
    assert "no choice 9" in reply.text
    assert (reply.act, reply.kind) == ("social", "acknowledge")
    assert reply.follow_ups == offered
    assert say("1").text == "A cake is 20 euros."


def test_more_tells_the_rest_and_then_goes_on(say: Say) -> None:
    rest = say(OPEN, "more")
    assert rest.plain_text.startswith("On Sundays we bake only for ourselves.")
    assert not rest.more
    assert say("tell me more").text == "A loaf is 4 euros."


def test_more_says_so_where_nothing_is_left(say: Say) -> None:
    reply = say("what do you bake", "more")
    assert reply.act == "answer"
    assert reply.text.startswith("That is all there is on this.")
    assert reply.sources == ("What we bake",)


def test_more_before_anything_else_asks_what_to_talk_about(say: Say) -> None:
    assert say("more").text == "Tell me first what you would like to know."


def test_yes_takes_the_rest_of_the_answer(say: Say) -> None:
    assert say(OPEN, "yes").text.startswith("On Sundays")


def test_yes_takes_the_first_follow_up_of_an_answer_without_more(say: Say) -> None:
    assert say(BREAD, "yes please").text == "A cake is 20 euros."


def test_yes_to_a_choice_of_several_asks_again(say: Say) -> None:
    asked = say("how much is it")
    assert asked.act == "clarify"
    assert targets(asked.choices)[:2] == ["cake-price", "bread-price"]
    assert targets(asked.choices)[-1] == "none-of-these"
    assert say("yes").choices == asked.choices
    assert say("2").text == "A loaf is 4 euros."


def test_none_of_these_refuses_a_question_back(say: Say) -> None:
    for refusal in ("none of these", "neither", str(len(say("how much is it").choices))):
        reply = say("how much is it", refusal)
        assert (reply.act, reply.kind) == ("social", "acknowledge")
        assert reply.text.startswith("All right.")


def test_a_question_back_is_answered_by_naming_what_is_meant(say: Say) -> None:
    assert say("how much is it", "the cake").text == "A cake is 20 euros."


def test_topics_lists_the_topics_and_one_can_be_picked(say: Say) -> None:
    menu = say("topics")
    assert (menu.act, menu.kind) == ("social", "help")
    assert [choice.label for choice in menu.follow_ups] == ["Visit us", "Bread and cake"]
    entries = say("2")
    assert entries.text.startswith("Bread and cake")
    assert targets(entries.follow_ups) == ["bread-price", "cake-price", "prices", "sorts"]
    assert say("4").text.startswith("Rye bread")


def test_a_topic_is_picked_by_its_title(say: Say) -> None:
    assert targets(say("topics", "visit us").follow_ups) == ["hours"]


def test_browsing_shows_the_topics_or_the_entries_of_one(bakery: Bot) -> None:
    conversations = Conversations(bakery.assistant)
    menu = conversations.respond(Browse()).reply
    assert targets(menu.follow_ups) == ["topic:visit", "topic:bread"]
    assert targets(conversations.respond(Browse("visit")).reply.follow_ups) == ["hours"]
    assert conversations.respond(Browse("never-heard-of")).reply.follow_ups == menu.follow_ups


def test_out_of_scope_says_so_and_names_the_nearest(say: Say) -> None:
    reply = say("do you deliver to my house")
    assert reply.act == "out_of_scope"
    assert reply.text == "We have no word on delivery."
    assert targets(reply.follow_ups) == ["hours"]
    assert reply.sources == ()
    assert say("1").text.startswith("We are open")


def test_two_misses_in_a_row_offer_a_person_and_yes_takes_it(say: Say) -> None:
    assert say("are you hiring").notes == ()
    second = say("do you deliver to my house")
    assert any("a person" in note for note in second.notes)
    reply = say("yes")
    assert reply.act == "handoff"
    assert (reply.quote, targets(reply.choices)) == (
        "do you deliver to my house",
        ["handoff:named", "handoff:anonymous", "handoff:other", "none-of-these"],
    )


def test_an_answer_between_two_misses_forgets_the_first(say: Say) -> None:
    assert say("are you hiring", OPEN, "do you deliver to my house").notes == ()


def test_social_replies_take_turns(say: Say) -> None:
    first, second, third = say("hello"), say("hello"), say("hi there")
    assert (first.act, first.kind) == ("social", "greeting")
    assert first.text == third.text == "Hello! What would you like to know?"
    assert second.text == "Good day! Ask me about bread."


def test_small_talk_keeps_what_was_offered(say: Say) -> None:
    assert say(BREAD, "thanks", "1").text == "A cake is 20 euros."


def test_asking_for_a_person_hands_off(say: Say) -> None:
    assert say("I want to speak to a person").act == "handoff"


@pytest.mark.parametrize("text", ["", " ", " \t\n "])
def test_a_message_of_spaces_is_empty(say: Say, text: str) -> None:
    reply = say(text)
    assert (reply.act, reply.kind) == ("social", "empty")


@pytest.mark.parametrize("text", ["🎂", "🎂🥖", "🙂 🙂", "..."])
def test_what_cannot_be_read_is_not_understood(say: Say, text: str) -> None:
    reply = say(text)
    assert reply.act == "fallback"
    assert reply.confidence == 0
    assert targets(reply.follow_ups) == ["topic:visit", "topic:bread"]


def test_a_message_too_long_gets_a_note(say: Say) -> None:
    assert any("2,000" in note for note in say(f"{OPEN}? " + "a" * 2000).notes)
    assert not any("2,000" in note for note in say(f"{OPEN}?".ljust(2000)).notes)


def test_a_conversation_ends_after_half_an_hour_of_silence(say: Say) -> None:
    say(BREAD, at=1000.0)
    assert say("2", at=1000.0 + IDLE).text == "Cake, by far."
    say(BREAD, at=5000.0)
    assert say("more", at=5001.0 + IDLE).text == "Tell me first what you would like to know."


def test_conversations_do_not_mix(bakery: Bot) -> None:
    one, other = uuid4().hex, uuid4().hex
    respond = bakery.conversations.respond
    respond(Utterance(BREAD), one)
    assert respond(Utterance("more"), other).reply.text.startswith("Tell me first")
    respond(Utterance(OPEN), other)
    assert respond(Utterance("1"), one).reply.text == "A cake is 20 euros."


@pytest.mark.parametrize("target", ["cake-prise", "secret", "", "💥"])
def test_a_selection_that_no_longer_exists_degrades_politely(bakery: Bot, target: str) -> None:
    reply = bakery.conversations.respond(Selection(read_target(target)), uuid4().hex).reply
    assert (reply.act, reply.kind) == ("social", "acknowledge")
    assert reply.text.startswith("That answer has changed since.")


def test_a_selected_topic_that_no_longer_exists_gives_the_menu(bakery: Bot) -> None:
    reply = bakery.conversations.respond(Selection(TopicTarget("pies")), uuid4().hex).reply
    assert targets(reply.follow_ups) == ["topic:visit", "topic:bread"]


def test_a_selection_is_answered_in_full(bakery: Bot) -> None:
    reply = bakery.conversations.respond(Selection(EntryTarget("cake-price")), uuid4().hex).reply
    assert (reply.act, reply.text, reply.confidence) == ("answer", "A cake is 20 euros.", 1.0)


def test_refusing_all_by_selection_is_taken_well(bakery: Bot) -> None:
    reply = bakery.conversations.respond(Selection(NoneOfThese()), uuid4().hex).reply
    assert reply.text == "All right. What would you like to know?"


def test_a_comparison_has_a_table_and_the_sources_of_its_rows(say: Say) -> None:
    reply = say("is cake dearer than bread")
    assert reply.table is not None
    assert reply.table.columns == ("Bread", "Cake")
    assert reply.table.lines() == "Price: Bread 4 euros; Cake 20 euros"
    assert reply.plain_body == "Cake, by far.\nPrice: Bread 4 euros; Cake 20 euros"
    assert reply.sources == ("Prices",)


@pytest.mark.parametrize("text", ["When are you open? How much is a cake?", "when are you open and how much is a cake"])
def test_two_questions_in_one_message_get_two_parts(say: Say, text: str) -> None:
    reply = say(text)
    assert "7 to 18" in reply.text
    assert "20 euros" in reply.text
    assert reply.sources == ("Opening hours", "Prices")


@pytest.mark.parametrize("text", ["and for cake?", "what about cake", "and cakes?"])
def test_naming_another_product_asks_the_same_of_it(say: Say, text: str) -> None:
    assert say(BREAD, text).text == "A cake is 20 euros."


@pytest.mark.parametrize("text", ["no, I meant the opening hours", "sorry, I meant the opening hours"])
def test_a_correction_asks_for_what_was_meant(say: Say, text: str) -> None:
    assert say("how much is a cake", text).text.startswith("We are open")


def test_follow_ups_never_repeat_what_was_shown(say: Say) -> None:
    shown: set[str] = set()
    for text in (OPEN, BREAD, "is cake dearer than bread", "how much is a cake", "what do you bake", OPEN, BREAD):
        reply = say(text)
        shown.add({"We": "hours", "A loaf": "bread-price", "Cake": "prices", "A cake": "cake-price", "Rye": "sorts"}[_head(reply.text)])
        assert not shown & {*targets(reply.follow_ups)}
        assert len(reply.follow_ups) <= 3


def _head(text: str) -> str:
    return next(head for head in ("A loaf", "A cake", "We", "Cake", "Rye") if text.startswith(head))


def test_every_title_is_answered_with_its_entry(bakery: Bot) -> None:
    for entry in bakery.base.entries.values():
        reply = bakery.conversations.respond(Utterance(entry.question), uuid4().hex).reply
        assert reply.text == entry.answer


def last(bakery: Bot, *acts: str | UserAct, days: int = 90) -> Turn:
    """The last turn of a new conversation in which each act is an event of its own: e0, e1 …"""
    assistant = Assistant(bakery.base, bakery.matcher, desk=True, days=days)
    turns: list[Turn] = []
    for number, act in enumerate(acts):
        session = turns[-1].session if turns else None
        turns.append(assistant.turn(Utterance(act) if isinstance(act, str) else act, session, Context(HERE, event=f"e{number}")))
    return turns[-1]


@pytest.mark.parametrize(("act", "up"), [("👍", True), ("👍🏿", True), (":+1:", True), ("👎", False), (Rating(up=False), False)])
def test_a_thumb_rates_the_last_answer_whatever_was_said_since(bakery: Bot, act: str | UserAct, up: bool) -> None:  # noqa: FBT001
    turn = last(bakery, OPEN, BREAD, "thanks", "9", act)
    assert turn.act == Rating(up, turn_id("e1"))
    assert turn.reply.text == ("Glad that it helped." if up else "Thank you for telling. What was it?")


@pytest.mark.parametrize(("refused", "name"), [(HOUSE, "out_of_scope"), ("🥐", "fallback"), ("zzz qqq", "clarify")])
@pytest.mark.parametrize("since", [(), ("thanks",), ("topics",), (Command("privacy"),), ("9",)])
def test_a_thumb_after_a_refusal_or_a_question_back_is_for_that(
    bakery: Bot, refused: str, name: str, since: tuple[str | UserAct, ...]
) -> None:
    assert last(bakery, OPEN, refused).reply.act == name
    assert last(bakery, OPEN, refused, *since, "👎").act == Rating(up=False, turn=turn_id("e1"))
    assert last(bakery, refused, *since, "👎").act == Rating(up=False, turn=turn_id("e0"))


def test_the_reason_is_for_the_refusal_too_and_a_person_gets_that_question(bakery: Bot) -> None:
    assert last(bakery, OPEN, HOUSE, "👎", "2").act == Rating(up=False, turn=turn_id("e1"), reason="other")
    assert last(bakery, OPEN, HOUSE, "👎", "yes").reply.quote == HOUSE


@pytest.mark.parametrize("act", ["👍", "👎", Rating(up=True)])
def test_without_an_answer_there_is_nothing_to_rate(bakery: Bot, act: str | UserAct) -> None:
    turn = last(bakery, "hello", act)
    assert (turn.act, turn.reply.text) == (Acknowledge("nothing_to_rate"), "There is no answer here to rate yet.")


def test_an_older_answer_is_rated_by_its_turn(bakery: Bot) -> None:
    assert last(bakery, OPEN, BREAD, Rating(up=True, turn="older")).act == Rating(up=True, turn="older")


@pytest.mark.parametrize(("said", "reason"), [("1", "wrong"), ("not what I asked", "other"), ("the third one", "unclear"), ("4", "old")])
def test_a_thumb_down_asks_for_the_reason_and_takes_it(bakery: Bot, said: str, reason: str) -> None:
    asked = last(bakery, BREAD, "👎").reply
    assert [choice.label for choice in asked.follow_ups] == ["It is wrong", "Not what I asked", "Hard to understand", "Out of date"]
    taken = last(bakery, BREAD, "👎", said)
    assert taken.act == Rating(up=False, turn=turn_id("e0"), reason=reason)
    assert (taken.reply.text, taken.reply.follow_ups) == ("Thank you, that is noted for the editor.", ())


def test_a_thumb_down_offers_a_person_and_yes_takes_it(bakery: Bot) -> None:
    assert any("a person" in note for note in last(bakery, BREAD, "👎").reply.notes)
    assert last(bakery, BREAD, "👎", "yes").reply.quote == BREAD
    assert last(bakery, BREAD, "👍").reply.notes == ()


@pytest.mark.parametrize("act", ["forget me", "/forgetme", "Forget me!", Command("forget")])
def test_forget_me_ends_the_conversation(bakery: Bot, act: str | UserAct) -> None:
    turn = last(bakery, BREAD, act)
    assert (turn.act, turn.session) == (Forget(), Session())
    assert turn.reply.text.startswith("Done. What you wrote, rated and passed on is erased here")
    assert last(bakery, BREAD, act, "more").reply.text.startswith("Tell me first")


@pytest.mark.parametrize(("days", "said"), [(90, "kept for 90 days"), (7, "kept for 7 days")])
def test_privacy_tells_how_long_what_is_written_is_kept(bakery: Bot, days: int, said: str) -> None:
    assert said in last(bakery, Command("privacy"), days=days).reply.text


def test_help_lists_the_topics_or_says_what_the_editor_wrote_for_it(bakery: Bot, shipped: Bot) -> None:
    asked = Command("help")
    assert targets(last(bakery, asked).reply.follow_ups) == ["topic:visit", "topic:bread"]
    helped = last(shipped, asked)
    assert isinstance(helped.act, Social)
    assert helped.act.kind == helped.reply.kind == "help"
    assert last(shipped, asked, asked).reply.text != helped.reply.text


@pytest.mark.parametrize("session", [Session(offered=GONE, awaiting=True), Session(offered=GONE, last=("gone",), question=BREAD)])
@pytest.mark.parametrize("said", ["yes", "1", "2", "more", "why", "an example?", "another", "9", "none of these", "and for cake?", "👍"])
def test_a_conversation_about_answers_that_are_gone_goes_on_politely(bakery: Bot, session: Session, said: str) -> None:
    reply = Assistant(bakery.base, bakery.matcher).turn(Utterance(said), session, Context(HERE)).reply
    assert reply.text
    assert not {"gone", "gone-too"} & {*targets(reply.choices)}


@pytest.mark.parametrize(
    ("target", "leads"),
    [
        ("hours", True),
        ("more:hours", True),
        ("full:gone", False),
        ("gone", False),
        ("team:hours", True),
        ("team:gone", False),
        ("topic:visit", True),
        ("topic:gone", False),
        ("topic:", True),
        ("none-of-these", True),
        ("person", True),
        ("handoff:named", True),
        ("reason:t:wrong", True),
        ("desk:claim:q1", True),
    ],
)
def test_a_target_leads_somewhere_while_its_entry_or_topic_is_known(bakery: Bot, target: str, *, leads: bool) -> None:
    assert bakery.assistant.leads(read_target(target)) is leads


@pytest.mark.parametrize("asked", ["zzz qqq", "bake hours cake price", "🥐"])
def test_who_asks_the_same_again_and_again_is_asked_back_or_refused_in_other_words(bakery: Bot, asked: str) -> None:
    said = [last(bakery, *[asked] * count).reply.text for count in range(1, 5)]
    assert all(text != following for text, following in pairwise(said))


def test_different_questions_are_not_all_refused_in_the_same_words(bakery: Bot) -> None:
    assert len({last(bakery, bread).reply.text for bread in "🥐🥖🥨🥯🫓🥞🧇🍞"}) > 2
