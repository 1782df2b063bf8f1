"""Sessions and messages as they are kept: what goes in comes out, and what an older version kept is still read."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.contracts.addresses import Address, Recipient
from bot.contracts.outcomes import Message
from bot.dialogue.reply import Choice, Reply, Table
from bot.dialogue.session import Session
from bot.dialogue.targets import DeskTarget, EntryTarget, NoneOfThese, PersonTarget, Target, TopicTarget, read_target
from bot.dialogue.turn import Share
from bot.store.codec import mapping_json, message_json, read_mapping, read_message, read_session, session_json

TEXTS = st.text(max_size=60)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TARGETS = TEXTS.map(read_target) | st.sampled_from(
    [
        read_target(text)
        for text in (
            "none-of-these",
            "person",
            "hours",
            "full:hours",
            "topic:",
            "handoff:named",
            "reason:t:wrong",
            "team:hours",
            "desk:claim:q",
        )
    ]
)
CHOICES = st.lists(st.builds(Choice, TARGETS, TEXTS), max_size=3).map(tuple)
TUPLES = st.lists(TEXTS, max_size=3).map(tuple)
TABLES = st.builds(Table, TUPLES, st.lists(st.tuples(TEXTS, TUPLES), max_size=3).map(tuple))

SESSIONS = st.builds(
    Session,
    at=NUMBERS,
    last=TUPLES,
    question=TEXTS,
    about=st.dictionaries(TEXTS, TEXTS, max_size=3),
    detail_told=st.booleans(),
    offered=CHOICES,
    awaiting=st.booleans(),
    shown=st.frozensets(TEXTS, max_size=3),
    misses=st.integers(0, 99),
    person_offered=st.booleans(),
    social_turns=st.dictionaries(TEXTS, st.integers(0, 99), max_size=3),
    turn=TEXTS,
    line=st.integers(0, 999),
    handing=st.sampled_from(["", "question", "consent"]),
    to_desk=TEXTS,
    asker=TEXTS,
)
REPLIES = st.builds(
    Reply,
    act=st.sampled_from(["answer", "clarify", "out_of_scope", "fallback", "social", "handoff"]),
    text=TEXTS,
    kind=st.none() | TEXTS,
    confidence=NUMBERS,
    table=st.none() | TABLES,
    sources=TUPLES,
    choices=CHOICES,
    follow_ups=CHOICES,
    more=st.booleans(),
    offers_person=st.booleans(),
    notes=TUPLES,
    quote=TEXTS,
    entries=TUPLES,
    detail=TEXTS,
)
ADDRESSES = st.builds(Address, TEXTS, st.dictionaries(TEXTS, TEXTS | st.integers() | st.lists(TEXTS, max_size=2), max_size=3))
MESSAGES = st.builds(
    Message,
    address=ADDRESSES,
    reply=REPLIES,
    turn=TEXTS,
    under=TEXTS,
    edits=TEXTS,
    source=TEXTS,
    question=TEXTS,
    purpose=st.sampled_from(["", "post", "answer"]),
    share=st.none() | st.builds(Share, TEXTS, TEXTS, TEXTS),
    sharer=st.none() | st.builds(Recipient, ADDRESSES, TEXTS, TEXTS),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)
GARBAGE = [
    None,
    "",
    "{",
    "null",
    "[]",
    "7",
    '"text"',
    '{"at": "soon"}',
    '{"at": null}',
    '{"handing": "over"}',
    '{"offered": [["a", "b"]]}',
    "\0",
]


@settings(deadline=None)
@given(SESSIONS)
def test_a_session_comes_out_as_it_went_in(session: Session) -> None:
    again = read_session(session_json(session))
    assert again == session
    assert again is not None
    assert isinstance(again.shown, frozenset)
    assert isinstance(again.last, tuple)
    assert all(isinstance(choice, Choice) and isinstance(choice.target, get_args(Target)) for choice in again.offered)


@settings(deadline=None)
@given(MESSAGES)
def test_a_message_comes_out_as_it_went_in(message: Message) -> None:
    assert read_message(message_json(message)) == message


@settings(deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_a_payload_comes_out_as_it_went_in(payload: dict[str, object]) -> None:
    assert read_mapping(mapping_json(payload)) == payload


def test_half_a_character_in_a_payload_comes_out_as_it_went_in() -> None:
    assert read_mapping(mapping_json({"text": "\ud83d", "nul": "\0"})) == {"text": "\ud83d", "nul": "\0"}


@settings(deadline=None)
@given(SESSIONS, st.sets(st.sampled_from([*Session.__dataclass_fields__])))
def test_a_session_that_an_older_version_kept_is_read_with_what_it_had(session: Session, unknown: set[str]) -> None:
    kept = {name: value for name, value in json.loads(session_json(session)).items() if name not in unknown}
    fresh = Session()
    assert read_session(json.dumps(kept)) == replace(session, **{name: getattr(fresh, name) for name in unknown})


def test_choices_that_an_older_version_kept_are_read_as_what_they_lead_to() -> None:
    kept = {target: target for target in ("hours", "more:hours", "topic:bread", "none-of-these", "person", "desk:claim:q1", "gone:7")}
    offered = [{"target": target, "label": label} for target, label in kept.items()]
    leads_to = (
        EntryTarget("hours"), EntryTarget("hours", "more"), TopicTarget("bread"), NoneOfThese(), PersonTarget(), DeskTarget("claim", "q1"), EntryTarget("gone:7"),
    )  # fmt: skip
    session = read_session(json.dumps({"at": 7.0, "offered": offered}))
    assert session == Session(at=7.0, offered=tuple(map(Choice, leads_to, kept)))
    assert json.loads(session_json(session))["offered"] == offered
    message = {"platform": "slack", "address": {}, "reply": {"act": "answer", "text": "", "follow_ups": offered}}
    assert read_message(json.dumps(message).encode()).reply.follow_ups == session.offered


REPLY = {"act": "answer", "text": "Nine to five."}
SAID = Reply("answer", "Nine to five.")
CARD = {
    "entry": "hours",
    "room": "slack:T1/C2",
    "person": "ann",
    "conversation": "talk",
    "back": {"channel": "D1"},
    "platform": "slack",
}


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        (
            {"platform": "slack", "address": {"channel": "C1"}, "reply": REPLY},
            Message(Address("slack", {"channel": "C1"}), SAID),
        ),
        (
            {
                "platform": "slack",
                "address": {"channel": "C1", "edit": "slack:C1/17.3"},
                "reply": REPLY,
                "turn": "t",
                "source": "slack:C1/17.1",
            },
            Message(Address("slack", {"channel": "C1"}), SAID, "t", edits="slack:C1/17.3", source="slack:C1/17.1"),
        ),
        (
            {"platform": "telegram", "address": {"chat": "7", "post": "telegram:7/9"}, "reply": REPLY, "question": "q", "told": ""},
            Message(Address("telegram", {"chat": "7"}), SAID, under="telegram:7/9", question="q"),
        ),
        (
            {"platform": "telegram", "address": {"chat": "7"}, "reply": REPLY, "question": "q", "told": "answer", "card": None},
            Message(Address("telegram", {"chat": "7"}), SAID, question="q", purpose="answer"),
        ),
        (
            {"platform": "telegram", "address": {"chat": "7"}, "reply": REPLY, "turn": "t", "card": CARD},
            Message(
                Address("telegram", {"chat": "7"}),
                SAID,
                "t",
                share=Share("hours", room="slack:T1/C2"),
                sharer=Recipient(Address("slack", {"channel": "D1"}), "talk", "ann"),
            ),
        ),
    ],
    ids=["least", "edit", "beneath a post", "to the asker", "card"],
)
def test_a_message_that_an_older_version_kept_is_read_with_what_it_had(kept: dict[str, object], message: Message) -> None:
    assert read_message(json.dumps(kept).encode()) == message


def test_what_a_newer_version_kept_beside_is_left_out() -> None:
    assert read_session('{"at": 7.0, "mood": "good"}') == Session(at=7.0)


@pytest.mark.parametrize("garbage", GARBAGE)
def test_a_session_that_cannot_be_understood_begins_anew(garbage: str | None) -> None:
    assert read_session(garbage) is None


@pytest.mark.parametrize("garbage", [b"", b"{", b"null", b"{}", b"\xff", b'{"platform": 1, "address": {}, "reply": {"act": "answer", "text": ""}}', b'{"platform": "a", "address": {}, "reply": {"act": "song", "text": ""}}', b'{"address": {"platform": "a"}, "reply": {"act": "answer", "text": ""}}', b'{"address": {"platform": "a", "place": 7}, "reply": {"act": "answer", "text": ""}}'])  # fmt: skip
def test_a_message_that_cannot_be_understood_is_an_error(garbage: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        read_message(garbage)


@pytest.mark.parametrize("garbage", [b"", b"{", b"7", b"\xff", b"null", b"[1]", b'"text"'])
def test_a_payload_that_cannot_be_understood_is_an_error(garbage: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        read_mapping(garbage)
