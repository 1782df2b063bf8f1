"""The explanation of an answer."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from rich.console import Console

from bot.authoring.why import explain
from bot.dialogue.turn import Utterance

if TYPE_CHECKING:
    from bot.assembly import Bot


def explained(bot: Bot, *texts: str) -> str:
    conversation = uuid4().hex
    turns = [bot.conversations.respond(Utterance(text), conversation) for text in texts]
    out = StringIO()
    Console(file=out, width=160).print(explain(texts[-1], turns[-1], bot.base))
    return out.getvalue()


def test_an_answer_is_explained_by_the_nearest_phrasing(bakery: Bot) -> None:
    text = explained(bakery, "what does a birthday cake cost")
    assert "About:        product cake" in text
    assert "Decided:      answer" in text
    row = next(line for line in text.splitlines() if line.startswith("cake-price"))
    assert "what does a birthday cake cost (1.00)" in row


def test_a_corrected_word_is_shown(bakery: Bot) -> None:
    assert "bkae → bake" in explained(bakery, "what do you bkae")


def test_what_is_named_and_not_covered_is_marked(bakery: Bot) -> None:
    assert "(not covered)" in explained(bakery, "how much is a pizza")


def test_subjects_and_small_talk_are_weighed_too(bakery: Bot) -> None:
    text = explained(bakery, "do you deliver to my house")
    assert "Decided:      out_of_scope" in text
    assert "not covered" in text
    assert "small talk" in text


def test_a_move_within_a_conversation_matched_nothing(bakery: Bot) -> None:
    text = explained(bakery, "when are you open", "1")
    assert "It is a move within a conversation, so nothing was matched." in text
    assert "Decided: answer" in text


@pytest.mark.parametrize(("text", "act"), [("", "social"), ("🎂", "fallback")])
def test_what_cannot_be_read_is_explained(bakery: Bot, text: str, act: str) -> None:
    found = explained(bakery, text)
    assert "Nothing in it can be read." in found
    assert f"Decided: {act}" in found


def test_square_brackets_in_a_question_are_text(bakery: Bot) -> None:
    assert "Decided:" in explained(bakery, "[/bold] how much is [red]a cake")
