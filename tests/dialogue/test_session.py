"""What is remembered of a talk, and for how long."""

from __future__ import annotations

from bot.dialogue.session import IDLE, Session, Sessions, helps_nobody
from bot.dialogue.turn import Acknowledge, Answer, Fallback, OutOfScope


def test_a_session_is_given_back_until_it_has_been_idle_too_long() -> None:
    sessions = Sessions()
    held = Session(at=100.0, question="bread?")
    sessions.put("a", held)
    assert sessions.get("a", 100.0) is held
    assert sessions.get("a", 100.0 + IDLE) is held
    assert sessions.get("a", 100.5 + IDLE) == Session(at=100.5 + IDLE)


def test_an_unknown_talk_gets_a_new_session() -> None:
    sessions = Sessions()
    assert sessions.get("nobody", 5.0) == Session(at=5.0)
    assert len(sessions) == 0


def test_sessions_are_bounded_and_the_oldest_is_forgotten() -> None:
    sessions = Sessions(limit=3)
    for name in "abcd":
        sessions.put(name, Session(question=name))
    assert len(sessions) == 3
    assert sessions.get("a", 0.0).question == ""
    assert [sessions.get(name, 0.0).question for name in "bcd"] == ["b", "c", "d"]


def test_a_session_used_again_is_not_the_oldest_any_more() -> None:
    sessions = Sessions(limit=2)
    for name in ("a", "b", "a", "c"):
        sessions.put(name, Session(question=name))
    assert sessions.get("a", 0.0).question == "a"
    assert sessions.get("b", 0.0).question == ""


def test_a_person_is_offered_from_the_second_miss_on() -> None:
    assert not helps_nobody(Fallback(0.0), Session())
    assert helps_nobody(Fallback(0.0), Session(misses=1))
    assert helps_nobody(OutOfScope("jobs", "", (), 1.0), Session(misses=2))
    assert not helps_nobody(Answer(("hours",), 1.0), Session(misses=5))
    assert not helps_nobody(Acknowledge("empty"), Session(misses=5))
