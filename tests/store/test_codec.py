"""Sessions and messages as they are kept: what goes in comes out, and what an older version kept is still read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.contracts.outcomes import Message
from bot.dialogue.reply import Choice, Reply, Table
from bot.dialogue.session import Session
from bot.store.codec import mapping_json, message_json, read_mapping, read_message, read_session, session_json

TEXTS = st.text(max_size=60)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
CHOICES = st.lists(st.builds(Choice, TEXTS, TEXTS), max_size=3).map(tuple)
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
    handing=st.sampled_from(["", "question", "consent"]),
    to_desk=TEXTS,
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
)
MESSAGES = st.builds(
    Message,
    platform=TEXTS,
    address=st.dictionaries(TEXTS, TEXTS, max_size=3),
    reply=REPLIES,
    turn=TEXTS,
    question=TEXTS,
    told=st.sampled_from(["", "post", "answer"]),
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
    assert all(isinstance(choice, Choice) for choice in again.offered)


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


def test_a_message_that_an_older_version_kept_is_read_with_what_it_had() -> None:
    kept = b'{"platform": "slack", "address": {"channel": "C1"}, "reply": {"act": "answer", "text": "Nine to five."}}'
    assert read_message(kept) == Message("slack", {"channel": "C1"}, Reply("answer", "Nine to five."))


def test_what_a_newer_version_kept_beside_is_left_out() -> None:
    assert read_session('{"at": 7.0, "mood": "good"}') == Session(at=7.0)


@pytest.mark.parametrize("garbage", GARBAGE)
def test_a_session_that_cannot_be_understood_begins_anew(garbage: str | None) -> None:
    assert read_session(garbage) is None


@pytest.mark.parametrize("garbage", [b"", b"{", b"null", b"{}", b"\xff", b'{"platform": 1, "address": {}, "reply": {"act": "answer", "text": ""}}', b'{"platform": "a", "address": {}, "reply": {"act": "song", "text": ""}}'])  # fmt: skip
def test_a_message_that_cannot_be_understood_is_an_error(garbage: bytes) -> None:
    with pytest.raises(ValueError, match="validation error"):
        read_message(garbage)


@pytest.mark.parametrize("garbage", [b"", b"{", b"7", b"\xff", b"null", b"[1]", b'"text"'])
def test_a_payload_that_cannot_be_understood_is_an_error(garbage: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        read_mapping(garbage)
