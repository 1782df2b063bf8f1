"""Who comes in, by a clock that tests turn: buckets of people and rooms, places, and who is told."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback.standin import event

from bot.contracts.events import DeskReply, Heard, InboundEvent
from bot.delivery import access as gates
from bot.delivery.access import HOUR, MINUTE, Gate, Rules, can_be_told, turned_away
from bot.dialogue.turn import Command, Occasion, Rating, Selection, Utterance

ROOM, OTHER, DESK = "slack:T1/C1", "slack:T1/C2", "slack:T1/C0DESK"
ANN, BOB = "slack:T1/UANN", "slack:T1/UBOB"
ASKED = Heard(Utterance("when are you open?"), {"channel": "C1"})


@dataclass
class Clock:
    """Goes on when it is told to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Crowd:
    """Makes events, each with an id of its own."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, person: str = ANN, room: str = ROOM, *more: str, twin: str = "") -> InboundEvent:
        self.number += 1
        return replace(event(f"e{self.number}", person=person, twin=twin), places=(room, *more))


@pytest.fixture
def said() -> Crowd:
    return Crowd()


def test_without_rules_everybody_comes_in_as_often_as_they_like(clock: Clock, said: Crowd) -> None:
    gate = Gate(clock=clock)
    assert {gate.word(said()) for _ in range(500)} == {""}
    assert gate.admits((), "")


def test_a_person_is_let_in_so_often_and_then_as_fast_as_the_bucket_fills(clock: Clock, said: Crowd) -> None:
    gate = Gate(Rules(person=3), clock)
    assert [gate.word(said()) for _ in range(5)] == ["", "", "", "too_fast", "too_fast"]
    clock.now += MINUTE / 3 - 0.01
    assert gate.word(said()) == "too_fast"
    clock.now += 0.02
    assert [gate.word(said()) for _ in range(2)] == ["", "too_fast"]
    clock.now += 100 * MINUTE
    assert [gate.word(said()) for _ in range(4)] == ["", "", "", "too_fast"]  # never more than full


def test_one_who_writes_much_takes_nothing_from_another(clock: Clock, said: Crowd) -> None:
    gate = Gate(Rules(person=2), clock)
    assert [gate.word(said(ANN)) for _ in range(3)] == ["", "", "too_fast"]
    assert [gate.word(said(BOB)) for _ in range(3)] == ["", "", "too_fast"]


def test_a_room_has_a_bucket_that_all_in_it_share(clock: Clock, said: Crowd) -> None:
    gate = Gate(Rules(room=3), clock)
    assert [gate.word(said(f"slack:T1/U{n}", ROOM)) for n in range(5)] == ["", "", "", "too_many", "too_many"]
    assert gate.word(said(ANN, OTHER)) == ""


def test_whoever_is_too_fast_takes_nothing_from_the_room(clock: Clock, said: Crowd) -> None:
    gate = Gate(Rules(person=1, room=2), clock)
    assert [gate.word(said(ANN)) for _ in range(10)] == ["", *["too_fast"] * 9]
    assert [gate.word(said(person)) for person in (BOB, "slack:T1/UCAT")] == ["", "too_many"]


def test_admins_and_the_desk_are_never_limited_and_cost_nobody_anything(clock: Clock, said: Crowd) -> None:
    gate = Gate(Rules(always=frozenset({DESK, "slack:C9"}), admins=frozenset({BOB}), person=1, room=1), clock)
    assert {gate.word(said(BOB)) for _ in range(50)} == {""}
    assert {gate.word(said(ANN, DESK)) for _ in range(50)} == {""}
    assert {gate.word(said(ANN, "slack:T1/C9", "slack:C9", "slack:T1")) for _ in range(50)} == {""}
    assert [gate.word(said(ANN)) for _ in range(2)] == ["", "too_fast"]


def test_an_event_without_person_or_place_is_held_by_what_it_has(clock: Clock) -> None:
    gate = Gate(Rules(person=1, room=1), clock)
    assert {gate.word(event(f"{n}", person="")) for n in range(5)} == {""}
    assert [gate.word(event(f"a{n}", person=ANN)) for n in range(2)] == ["", "too_fast"]


def test_both_deliveries_of_a_message_count_as_one(clock: Clock, said: Crowd) -> None:
    gate = Gate(Rules(person=3, room=3), clock)
    for n in range(3):
        assert [gate.word(said(twin=f"ROOM/{n}")) for _ in range(2)] == ["", ""]
    assert gate.word(said(twin="ROOM/4")) == "too_fast"


def test_the_same_event_again_counts_once(clock: Clock, said: Crowd) -> None:
    gate, first = Gate(Rules(person=2), clock), said()
    assert {gate.word(first) for _ in range(10)} == {""}
    assert [gate.word(said()) for _ in range(2)] == ["", "too_fast"]


@given(
    st.integers(1, 20),
    st.integers(0, 20),
    st.lists(st.tuples(st.floats(0, 30), st.sampled_from("ABC"), st.sampled_from("XY")), min_size=1, max_size=120),
)
def test_nobody_ever_gets_more_in_than_a_bucket_and_what_has_run_into_it(
    person: int, room: int, came: list[tuple[float, str, str]]
) -> None:
    clock, said = Clock(), Crowd()
    gate, let_in = Gate(Rules(person=person, room=room), clock), []
    for pause, who, where in came:
        clock.now += pause
        if not gate.word(said(who, where)):
            let_in.append((clock.now, who, where))
    for most, column in ((person, 1), (room, 2)):
        for key in {one[column] for one in let_in} if most else ():
            times = [one[0] for one in let_in if one[column] == key]
            for first in range(len(times)):
                for last in range(first, len(times)):
                    assert last - first + 1 <= most + (times[last] - times[first]) * most / MINUTE + 1e-6


@given(st.integers(1, 30), st.lists(st.floats(0, 5), min_size=1, max_size=100))
def test_whoever_writes_no_faster_than_the_rate_is_never_turned_away(rate: int, slower: list[float]) -> None:
    clock, said = Clock(), Crowd()
    gate = Gate(Rules(person=rate, room=rate), clock)
    for pause in slower:
        clock.now += MINUTE / rate + pause + 1e-6
        assert gate.word(said()) == ""


def test_it_is_told_once_until_half_of_the_bucket_is_full_again(clock: Clock, said: Crowd) -> None:
    gate = Gate(Rules(person=4), clock)

    def tells() -> bool:
        one = said()
        while not (word := gate.word(one)):
            one = said()
        return gate.to_tell(one, word)

    assert [tells() for _ in range(4)] == [True, False, False, False]
    clock.now += 20.0  # a third of it
    assert tells() is False
    clock.now += 31.0  # more than half
    assert [tells(), tells()] == [True, False]


def test_of_a_room_that_is_too_full_one_hears_for_all(clock: Clock, said: Crowd) -> None:
    gate = Gate(Rules(room=1), clock)
    first, second, third = (said(person) for person in (ANN, BOB, "slack:T1/UCAT"))
    assert [gate.word(one) for one in (first, second, third)] == ["", "too_many", "too_many"]
    assert [gate.to_tell(second, "too_many"), gate.to_tell(third, "too_many")] == [True, False]


@pytest.mark.parametrize("allowed", ["slack:T1", ROOM, "slack:C1"])
def test_only_where_an_operator_allows_it_somebody_comes_in(clock: Clock, said: Crowd, allowed: str) -> None:
    gate = Gate(Rules(allow=frozenset({allowed})), clock)
    assert gate.word(said(ANN, ROOM, "slack:C1", "slack:T1")) == ""
    assert gate.word(said(ANN, "slack:T2/C7", "slack:C7", "slack:T2")) == "not_here"
    assert gate.word(event("nowhere")) == "not_here"


def test_the_desk_is_allowed_and_admins_are_everywhere(clock: Clock, said: Crowd) -> None:
    gate = Gate(Rules(allow=frozenset({"slack:T9"}), always=frozenset({DESK}), admins=frozenset({BOB})), clock)
    assert [gate.word(said(ANN, DESK)), gate.word(said(BOB, ROOM)), gate.word(said(ANN, ROOM))] == ["", "", "not_here"]
    assert [gate.admits((), BOB), gate.admits((), ANN), gate.admits((DESK,), ANN)] == [True, False, True]


def test_what_is_not_allowed_takes_nothing_from_what_is(clock: Clock, said: Crowd) -> None:
    gate = Gate(Rules(allow=frozenset({ROOM}), person=1), clock)
    assert {gate.word(said(ANN, OTHER)) for _ in range(20)} == {"not_here"}
    assert gate.word(said(ANN, ROOM)) == ""


def test_a_room_that_is_not_allowed_is_told_so_once_an_hour_however_often_it_asks(clock: Clock, said: Crowd) -> None:
    gate, told = Gate(Rules(allow=frozenset({ROOM})), clock), []
    for _ in range(24):
        told.append(gate.to_tell(said(ANN, OTHER), "not_here"))
        clock.now += HOUR / 8
    assert told == [True, *[False] * 7] * 3
    assert gate.to_tell(said(ANN, "slack:T1/C3"), "not_here")


def test_what_is_remembered_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch, said: Crowd) -> None:
    monkeypatch.setattr(gates, "MOST", 10)
    gate = Gate(Rules(allow=frozenset({"here"}), person=5, room=5), clock)
    for n in range(50):
        assert gate.word(said(f"p{n}", f"r{n}", "here", twin=f"t{n}")) == ""
        gate.to_tell(said(f"p{n}", f"elsewhere{n}"), "not_here")
    assert max(map(len, (gate._people, gate._rooms, gate._told, gate._counted))) <= 10


def test_those_who_write_are_not_forgotten_for_those_who_pass_by(clock: Clock, monkeypatch: pytest.MonkeyPatch, said: Crowd) -> None:
    monkeypatch.setattr(gates, "MOST", 10)
    gate, words = Gate(Rules(person=2), clock), []
    for n in range(60):
        words.append(gate.word(said(ANN)))
        gate.word(said(f"passer{n}"))
    assert words == ["", "", *["too_fast"] * 58]


@pytest.mark.parametrize(
    ("heard", "can"),
    [
        (ASKED, True),
        (replace(ASKED, act=Command("help")), True),
        (replace(ASKED, act=Selection("hours")), False),
        (replace(ASKED, act=Rating(up=True, turn="t")), False),
        (replace(ASKED, act=DeskReply("so", "p")), False),
        (replace(ASKED, overheard=True), False),
        (replace(ASKED, edited=True), False),
        (replace(ASKED, address={}), False),
        (None, False),
    ],
)
def test_only_who_asked_the_bot_something_is_told(heard: Heard | None, *, can: bool) -> None:
    assert can_be_told(heard) is can


@pytest.mark.parametrize("word", ["not_here", "too_fast", "too_many"])
def test_an_event_that_was_turned_away_is_read_as_that_and_nothing_else(word: gates.Word) -> None:
    class Reads:
        platform = "standin"

        def read(self, payload: object) -> Heard:
            assert payload
            return replace(ASKED, into={"channel": "C9"})

    came = event("e1")
    marked = turned_away(came, word)
    assert (marked.id, marked.person, marked.payload["text"]) == (came.id, came.person, came.payload["text"])
    heard = gates.read(Reads(), marked.payload)
    assert heard == replace(ASKED, act=Occasion(word))
    assert gates.read(Reads(), came.payload).act == ASKED.act
