"""What callers send, and what is read from it: an event, or one sentence about what is expected."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.http import reader
from bot.channels.http.addresses import HttpAddress
from bot.channels.http.reader import LONGEST_NAME, LONGEST_TEXT, UnreadableError, read, sent
from bot.dialogue.targets import EntryTarget, NoneOfThese, ReasonTarget
from bot.dialogue.turn import Rating, Selection, Utterance

TURN = "0123456789abcdef"
ASKED: dict[str, Any] = {"id": "1", "conversation": "kitchen", "person": "ann", "text": "when?"}
WHO = {key: value for key, value in ASKED.items() if key != "text"}
DEEP = b'{"conversation": ' + b'{"a": [' * 20_000 + b"1" + b"]}" * 20_000 + b"}"


def body(**more: object) -> bytes:
    return json.dumps({**WHO, **more}).encode()


@pytest.mark.parametrize(
    ("held", "act"),
    [
        ({"text": "when?"}, Utterance("when?")),
        ({"text": ""}, Utterance("")),
        ({"text": "x" * LONGEST_TEXT}, Utterance("x" * LONGEST_TEXT)),
        ({"text": "Wann öffnet ihr? 🥐\n\t"}, Utterance("Wann öffnet ihr? 🥐\n\t")),
        ({"text": "when?", "choice": None, "rating": None}, Utterance("when?")),
        ({"choice": "hours"}, Selection(EntryTarget("hours"))),
        ({"choice": "more:hours"}, Selection(EntryTarget("hours", "more"))),
        ({"choice": "none-of-these"}, Selection(NoneOfThese())),
        ({"choice": f"reason:{TURN}:wrong"}, Selection(ReasonTarget(TURN, "wrong"))),
        ({"rating": {"up": True}}, Rating(up=True)),
        ({"rating": {"up": False, "turn": TURN, "reason": "old"}}, Rating(up=False, turn=TURN, reason="old")),
        ({"rating": {"up": True, "turn": None}}, Rating(up=True)),
    ],
    ids=lambda held: str(held)[:40],
)
def test_one_thing_is_done(held: dict[str, Any], act: object) -> None:
    event = sent(body(**held))
    assert event.act == act
    assert read(json.loads(json.dumps(event.payload))) == event


def test_an_event_tells_who_asks_where() -> None:
    event = sent(body(text="when?"))
    assert (event.platform, event.conversation, event.person, event.name) == ("http", "http:kitchen", "http:ann", "ann")
    assert event.places == ("http:kitchen", "http")
    assert event.room == "http:kitchen"
    assert event.address == HttpAddress("kitchen", "ann", "1").packed()
    assert event.address is not None
    assert HttpAddress(**event.address.place).packed() == event.address


def test_the_same_request_is_the_same_event_and_another_one_elsewhere() -> None:
    ids = [
        sent(body(**{**ASKED, **other})).id for other in ({}, {"id": "2"}, {"person": "bob"}, {"conversation": "shop"}, {"text": "why?"})
    ]
    assert len(set(ids)) == 4
    assert ids[0] == ids[4]
    assert all(len(id_) == 32 and "ann" not in id_ for id_ in ids)


def test_a_request_without_a_name_gets_one() -> None:
    first, second = (sent(json.dumps({"conversation": "kitchen", "person": "ann", "text": "when?", "id": None}).encode()) for _ in range(2))
    assert first.payload["id"] != second.payload["id"]


def test_what_is_not_known_is_left_out() -> None:
    event = sent(body(rating={"up": True, "by": "bob"}, turned_away="too_fast", standing="admin"))
    assert event.payload == {**WHO, "rating": {"up": True}}


@pytest.mark.parametrize(
    "held",
    [
        b"",
        b"{",
        b"when?",
        b"[]",
        b'"when?"',
        b"1",
        b"null",
        b"\xff\xfe",
        b"\x80",
        b"[" * 50_000,
        DEEP,
        b"1" * 5_000,
        b'{"a": ' + b"1" * 5_000 + b"}",
    ],
    ids=lambda held: str(held[:9]),
)
def test_what_is_no_object_is_refused(held: bytes) -> None:
    with pytest.raises(UnreadableError, match="A JSON object"):
        sent(held)


@pytest.mark.parametrize("name", ["conversation", "person", "id"])
@pytest.mark.parametrize(
    "value", ["", " ", 1, True, [], {}, ["ann"], "\0", "a\0b", "\ud800", "a\nb", "\u202eb", "x" * (LONGEST_NAME + 1)], ids=repr
)
def test_a_name_is_a_short_text_that_can_be_printed(name: str, value: object) -> None:
    with pytest.raises(UnreadableError, match=f'A JSON object with "{name}" is expected'):
        sent(body(**{"text": "when?", name: value}))


@pytest.mark.parametrize("name", ["x" * LONGEST_NAME, "a/b", "../..", "Küche 🥐", "a b", "'; --", "{}", "http:ann"])
def test_a_name_may_be_any_other(name: str) -> None:
    assert sent(body(text="when?", person=name, conversation=name)).name == name


@pytest.mark.parametrize(
    "held",
    [
        {},
        {"text": 1},
        {"text": ["when?"]},
        {"text": "when?", "choice": "hours"},
        {"text": "when?", "rating": {"up": True}},
        {"text": "a\0b"},
        {"text": "\ud800"},
        {"text": "x" * (LONGEST_TEXT + 1)},
        {"choice": 1},
        {"choice": {"id": "hours"}},
        {"choice": "\0"},
        {"choice": "desk:claim:1"},
        {"choice": "reason:1:wrong"},
        {"choice": f"reason:{TURN}0:wrong"},
        {"rating": True},
        {"rating": []},
        {"rating": {}},
        {"rating": {"up": 1}},
        {"rating": {"up": "yes"}},
        {"rating": {"up": True, "turn": "1"}},
        {"rating": {"up": True, "turn": f"{TURN}\n"}},
        {"rating": {"up": True, "turn": 1}},
        {"rating": {"up": True, "reason": "\0"}},
        {"rating": {"up": True, "reason": ["old"]}},
    ],
    ids=lambda held: str(held)[:40],
)
def test_anything_else_that_is_done_is_refused(held: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError, match=r"^Exactly one is expected of .*\.$"):
        sent(body(**held))


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["\0", "\ud800", "x" * 10_001, "reason:"]),
    lambda held: (
        st.lists(held, max_size=3)
        | st.dictionaries(st.sampled_from([*ASKED, "rating", "up", "turn"]) | st.text(max_size=8), held, max_size=5)
    ),
    max_leaves=12,
)


def is_read_or_refused(held: bytes) -> None:
    try:
        event = sent(held)
    except UnreadableError as error:
        assert str(error).endswith(".")  # noqa: PT017 - much is refused, some is read
    else:
        assert len(event.key) < 64
        assert read(json.loads(json.dumps(event.payload))) == event


@settings(max_examples=1_000, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck])
@given(st.binary(max_size=60))
def test_whatever_bytes_come_break_nothing(held: bytes) -> None:
    is_read_or_refused(held)


@settings(max_examples=1_000, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck])
@given(ANY, st.sampled_from([*ASKED, "choice", "rating", ""]))
def test_whatever_stands_where_something_else_should_breaks_nothing(held: object, place: str) -> None:
    is_read_or_refused(json.dumps({**ASKED, place: held} if place else held).encode())
    is_read_or_refused(json.dumps({**WHO, place: held}).encode())


def test_the_sentences_name_what_is_expected() -> None:
    assert reader._ONE_ACT.count('"text"') == reader._ONE_ACT.count('"choice"') == reader._ONE_ACT.count('"rating"') == 1
