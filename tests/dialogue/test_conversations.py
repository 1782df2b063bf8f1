"""Conversations remembered in memory alone: each by its name, for as long as it is not idle, and not more than fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.dialogue.conversations import Conversations
from bot.dialogue.session import IDLE
from bot.dialogue.turn import Acknowledge, Utterance

if TYPE_CHECKING:
    from bot.assembly import Bot

BREAD, OPEN = "how much is a loaf of bread", "when are you open"
NEW = "Tell me first what you would like to know."
REST = "On Sundays we bake only for ourselves."


def say(conversations: Conversations, conversation: str, text: str, at: float = 0.0) -> str:
    return conversations.respond(Utterance(text), conversation, at).reply.plain_text


def remembered(conversations: Conversations, conversation: str, at: float = 0.0) -> bool:
    """Whether a conversation about the opening hours goes on; it has gone on then."""
    text = say(conversations, conversation, "more", at)
    assert text == NEW or text.startswith(REST)
    return text != NEW


@pytest.fixture
def conversations(bakery: Bot) -> Conversations:
    return Conversations(bakery.assistant)


def test_a_conversation_goes_on_until_it_has_been_idle_too_long(conversations: Conversations) -> None:
    say(conversations, "a", OPEN, 100.0)
    assert remembered(conversations, "a", 100.0 + IDLE)
    say(conversations, "a", OPEN, 5000.0)
    assert not remembered(conversations, "a", 5000.5 + IDLE)


def test_each_turn_begins_the_idle_time_anew(conversations: Conversations) -> None:
    say(conversations, "a", OPEN, 0.0)
    say(conversations, "a", "thanks", IDLE)
    assert remembered(conversations, "a", 2.0 * IDLE)


def test_the_session_of_a_turn_is_as_old_as_the_turn(conversations: Conversations) -> None:
    assert conversations.respond(Utterance(OPEN), "a", 7.0).session.at == 7.0
    assert conversations.respond(Utterance("thanks"), "a", 9.5).session.at == 9.5


def test_an_unknown_conversation_is_a_new_one(conversations: Conversations) -> None:
    say(conversations, "a", OPEN)
    assert conversations.respond(Utterance("more"), "nobody", 5.0).act == Acknowledge("nothing_before")
    assert remembered(conversations, "a")


def test_without_a_name_there_is_one_conversation(conversations: Conversations) -> None:
    conversations.respond(Utterance(BREAD))
    assert conversations.respond(Utterance("1")).reply.text == "A cake is 20 euros."
    assert say(conversations, "", "how much is a cake") == "A cake is 20 euros."


def test_conversations_are_bounded_and_the_oldest_is_forgotten(bakery: Bot) -> None:
    conversations = Conversations(bakery.assistant, most=3)
    for name in "abcd":
        say(conversations, name, OPEN)
    assert [remembered(conversations, name) for name in "bcd"] == [True, True, True]
    assert not remembered(conversations, "a")


def test_a_conversation_that_goes_on_is_not_the_oldest_any_more(bakery: Bot) -> None:
    conversations = Conversations(bakery.assistant, most=2)
    for name in ("a", "b", "a", "c"):
        say(conversations, name, OPEN)
    assert remembered(conversations, "a")
    assert not remembered(conversations, "b")


def test_two_assistants_remember_nothing_of_one_another(bakery: Bot) -> None:
    one, other = Conversations(bakery.assistant), Conversations(bakery.assistant)
    say(one, "a", OPEN)
    assert not remembered(other, "a")
    assert remembered(one, "a")
