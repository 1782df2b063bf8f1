"""JSON lines: the contract of programs, and what happens to lines that break it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.channels.lines import answers
from bot.dialogue.conversations import Conversations

if TYPE_CHECKING:
    from bot.assembly import Bot

KEYS = ["conversation", "act", "kind", "confidence", "text", "sources", "choices", "follow_ups"]


def asked(bot: Bot, *lines: bytes) -> list[dict[str, Any]]:
    return [json.loads(answer) for answer in answers(Conversations(bot.assistant), lines)]


def test_an_answer_has_the_keys_of_the_contract_in_order(bakery: Bot) -> None:
    (answer,) = asked(bakery, b'{"conversation": "l1", "text": "how much is a loaf of bread"}\n')
    assert list(answer) == KEYS
    assert answer["conversation"] == "l1"
    assert (answer["act"], answer["kind"]) == ("answer", None)
    assert answer["text"] == "A loaf is 4 euros."
    assert answer["sources"] == ["Prices"]
    assert answer["choices"] == []
    assert answer["follow_ups"] == [{"label": "How much is a cake?"}, {"label": "Which is dearer, bread or cake?"}]
    assert 0 <= answer["confidence"] <= 1


def test_answers_come_in_the_order_of_the_questions_and_conversations_go_on(bakery: Bot) -> None:
    found = asked(
        bakery,
        b'{"conversation": "l2", "text": "how much is a loaf of bread"}',
        b'{"conversation": "l3", "text": "when are you open"}',
        b'{"conversation": "l2", "text": "2"}',
    )
    assert [answer["conversation"] for answer in found] == ["l2", "l3", "l2"]
    assert found[2]["text"] == "Cake, by far.\nPrice: Bread 4 euros; Cake 20 euros"


def test_the_choice_that_refuses_is_not_among_the_choices(bakery: Bot) -> None:
    (answer,) = asked(bakery, b'{"conversation": "l4", "text": "how much is it"}')
    assert answer["act"] == "clarify"
    assert answer["choices"][:2] == [{"label": "How much is a cake?"}, {"label": "How much is a loaf of bread?"}]
    assert {"label": "None of these"} not in answer["choices"]


@pytest.mark.parametrize(
    ("line", "conversation", "error"),
    [
        (b"{broken", "", "line 1: this is not JSON"),
        (b"\xff\xfe\xfa", "", "line 1: this is not JSON"),
        (b"[" * 100_000, "", "line 1: this is not JSON"),
        (b"1" * 5000, "", "line 1: this is not JSON"),
        (b"[1, 2]", "", "line 1: an object with a text is expected"),
        (b"null", "", "line 1: an object with a text is expected"),
        (b'"text"', "", "line 1: an object with a text is expected"),
        (b'{"conversation": "x"}', "x", "line 1: an object with a text is expected"),
        (b'{"conversation": "x", "text": 7}', "x", "line 1: an object with a text is expected"),
        (b'{"conversation": 7, "text": null}', "", "line 1: an object with a text is expected"),
    ],
)
def test_a_line_that_cannot_be_used_gets_an_error(bakery: Bot, line: bytes, conversation: str, error: str) -> None:
    assert asked(bakery, line) == [{"conversation": conversation, "error": error}]


def test_errors_do_not_stop_and_blank_lines_are_skipped(bakery: Bot) -> None:
    found = asked(bakery, b"\n", b"oops\n", b"  \r\n", b'{"text": "how much is a cake"}\n', b"")
    assert [answer.get("error") for answer in found] == ["line 2: this is not JSON", None]
    assert (found[1]["conversation"], found[1]["text"]) == ("", "A cake is 20 euros.")


@pytest.mark.parametrize(
    "line",
    [
        rb'{"conversation": "\ud800", "text": "how much is a cake"}',
        rb'{"conversation": "s1", "text": "\ud800"}',
        rb'{"conversation": "s2", "text": "how much \udfff is a cake\ud800"}',
        rb'{"conversation": "s3", "text": "\u0000"}',
    ],
)
def test_half_a_character_never_breaks_the_output(bakery: Bot, line: bytes) -> None:
    (answer,) = answers(Conversations(bakery.assistant), [line])
    assert answer.isascii()
    assert "\n" not in answer
    assert list(json.loads(answer)) == KEYS
