"""Where things are said in Telegram: packed and read again, also as version 0.1 has kept it, and nonsense is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram import addresses
from bot.channels.telegram.addresses import TelegramAddress, unpacked

Json = dict[str, Any]
KEYBOARD = '[[{"text":"👍","callback_data":"v1:u:abc"}]]'
texts = st.text(max_size=20)
packable = st.builds(
    TelegramAddress, chat=texts, topic=texts, reply=texts, user=texts, inline=texts, keyboard=st.none() | texts | st.just(KEYBOARD)
).filter(lambda address: address.chat or address.inline)


@given(packable)
def test_what_is_packed_is_read_again_also_from_json(address: TelegramAddress) -> None:
    packed = address.packed()
    assert packed.platform == addresses.PLATFORM
    assert unpacked(packed.place) == address
    assert unpacked(json.loads(json.dumps(packed.place))) == address


def test_a_packed_place_holds_what_is_set_and_nothing_else() -> None:
    assert TelegramAddress(chat="5").packed().place == {"chat": "5"}
    assert TelegramAddress(chat="5", keyboard="").packed().place == {"chat": "5", "keyboard": ""}
    assert TelegramAddress(inline="A", user="5").packed().place == {"inline": "A", "user": "5"}


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ({"chat": "5"}, TelegramAddress(chat="5")),
        ({"chat": "-100", "reply": "3"}, TelegramAddress(chat="-100", reply="3")),
        ({"chat": "-100", "topic": "8", "reply": "3"}, TelegramAddress(chat="-100", topic="8", reply="3")),
        ({"chat": "-100", "topic": "8"}, TelegramAddress(chat="-100", topic="8")),
        ({"chat": "5", "markup": KEYBOARD}, TelegramAddress(chat="5", keyboard=KEYBOARD)),
        ({"chat": "-100", "topic": "8", "markup": "[]"}, TelegramAddress(chat="-100", topic="8", keyboard="[]")),
        ({"inline": "A/A_", "user": "5"}, TelegramAddress(inline="A/A_", user="5")),
    ],
    ids=["private", "group", "topic", "desk", "rated", "rated in a topic", "shared"],
)
def test_a_place_as_version_0_1_kept_it_is_the_same_place(kept: Json, expected: TelegramAddress) -> None:
    assert unpacked(kept) == expected
    assert unpacked(expected.packed().place) == expected


@pytest.mark.parametrize(
    "place",
    [
        {},
        {"channel": "C0GENERAL"},
        {"markup": "[]"},
        {"keyboard": "[]"},
        {"chat": 5},
        {"chat": None},
        {"chat": ["5"]},
        {"chat": "5", "reply": 3},
        {"chat": "5", "topic": True},
        {"inline": {}, "user": "5"},
        {"chat": "5", "keyboard": []},
        {"chat": "5", "keyboard": 5},
        {"chat": "5", "markup": {"inline_keyboard": []}},
    ],
    ids=str,
)
def test_what_is_no_place_in_telegram_is_refused_in_a_sentence(place: Json) -> None:
    with pytest.raises(ValueError, match="This is no address in Telegram"):
        unpacked(place)


@pytest.mark.parametrize(
    ("key", "expected"),
    [("telegram:-100123", TelegramAddress(chat="-100123")), ("telegram:-100123:7", TelegramAddress(chat="-100123", topic="7"))],
)
def test_a_room_that_an_operator_named_is_a_chat_or_a_topic(key: str, expected: TelegramAddress) -> None:
    assert unpacked(addresses.read_room(key).place) == expected


def test_keys_of_places_are_read_again() -> None:
    assert addresses.read_post(addresses.post(-100123, 3)) == ("-100123", "3")
    assert addresses.read_post("slack:C1/1.2") == ("", "")
    assert addresses.read_room(addresses.room(-100123)) == TelegramAddress(chat="-100123").packed()
    assert addresses.read_room(addresses.room(-100123, 8)) == TelegramAddress(chat="-100123", topic="8").packed()
    assert (addresses.conversation(5, 0, 5), addresses.conversation(-100123, 8, 5)) == ("telegram:5", "telegram:-100123:8/5")
