"""Who comes in, by a clock that tests turn: limits of people and rooms, places, and who hears of a barrier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback.standin import event

from bot.contracts.addresses import Address
from bot.contracts.events import DeskReply
from bot.delivery import access as accessing
from bot.delivery import rate_limiter
from bot.delivery.access import HOUR, Access, AccessRules, turned_away
from bot.delivery.rate_limiter import MINUTE
from bot.dialogue.targets import EntryTarget
from bot.dialogue.turn import Browse, Command, Occasion, Rating, Selection, Share, Utterance

if TYPE_CHECKING:
    from bot.contracts.events import InboundEvent
    from bot.delivery.access import Barrier

ROOM, OTHER, DESK = "slack:T1/C1", "slack:T1/C2", "slack:T1/C0DESK"
ANN, BOB = "slack:T1/UANN", "slack:T1/UBOB"
ASKED = event("asked", "when are you open?", person=ANN)


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
    access = Access(clock=clock)
    assert {access.barrier(said()) for _ in range(500)} == {None}
    assert access.rules.admits((), "")


def test_a_person_is_let_in_so_often_and_then_as_fast_as_the_bucket_fills(clock: Clock, said: Crowd) -> None:
    access = Access(AccessRules(person=3), clock)
    assert [access.barrier(said()) for _ in range(5)] == [None, None, None, "too_fast", "too_fast"]
    clock.now += MINUTE / 3 - 0.01
    assert access.barrier(said()) == "too_fast"
    clock.now += 0.02
    assert [access.barrier(said()) for _ in range(2)] == [None, "too_fast"]
    clock.now += 100 * MINUTE
    assert [access.barrier(said()) for _ in range(4)] == [None, None, None, "too_fast"]  # never more than full


def test_one_who_writes_much_takes_nothing_from_another(clock: Clock, said: Crowd) -> None:
    access = Access(AccessRules(person=2), clock)
    assert [access.barrier(said(ANN)) for _ in range(3)] == [None, None, "too_fast"]
    assert [access.barrier(said(BOB)) for _ in range(3)] == [None, None, "too_fast"]


def test_a_room_has_a_bucket_that_all_in_it_share(clock: Clock, said: Crowd) -> None:
    access = Access(AccessRules(room=3), clock)
    assert [access.barrier(said(f"slack:T1/U{n}", ROOM)) for n in range(5)] == [None, None, None, "too_many", "too_many"]
    assert access.barrier(said(ANN, OTHER)) is None


def test_whoever_is_too_fast_takes_nothing_from_the_room(clock: Clock, said: Crowd) -> None:
    access = Access(AccessRules(person=1, room=2), clock)
    assert [access.barrier(said(ANN)) for _ in range(10)] == [None, *["too_fast"] * 9]
    assert [access.barrier(said(person)) for person in (BOB, "slack:T1/UCAT")] == [None, "too_many"]


def test_admins_and_the_desk_are_never_limited_and_cost_nobody_anything(clock: Clock, said: Crowd) -> None:
    access = Access(AccessRules(always=frozenset({DESK, "slack:C9"}), admins=frozenset({BOB}), person=1, room=1), clock)
    assert {access.barrier(said(BOB)) for _ in range(50)} == {None}
    assert {access.barrier(said(ANN, DESK)) for _ in range(50)} == {None}
    assert {access.barrier(said(ANN, "slack:T1/C9", "slack:C9", "slack:T1")) for _ in range(50)} == {None}
    assert [access.barrier(said(ANN)) for _ in range(2)] == [None, "too_fast"]


def test_an_event_without_person_or_place_is_held_by_what_it_has(clock: Clock) -> None:
    access = Access(AccessRules(person=1, room=1), clock)
    assert {access.barrier(event(f"{n}", person="")) for n in range(5)} == {None}
    assert [access.barrier(event(f"a{n}", person=ANN)) for n in range(2)] == [None, "too_fast"]


def test_both_deliveries_of_a_message_count_as_one(clock: Clock, said: Crowd) -> None:
    access = Access(AccessRules(person=3, room=3), clock)
    for n in range(3):
        assert [access.barrier(said(twin=f"ROOM/{n}")) for _ in range(2)] == [None, None]
    assert access.barrier(said(twin="ROOM/4")) == "too_fast"


def test_the_same_event_again_counts_once(clock: Clock, said: Crowd) -> None:
    access, first = Access(AccessRules(person=2), clock), said()
    assert {access.barrier(first) for _ in range(10)} == {None}
    assert [access.barrier(said()) for _ in range(2)] == [None, "too_fast"]


@given(
    st.integers(1, 20),
    st.integers(0, 20),
    st.lists(st.tuples(st.floats(0, 30), st.sampled_from("ABC"), st.sampled_from("XY")), min_size=1, max_size=120),
)
def test_nobody_ever_gets_more_in_than_a_bucket_and_what_has_run_into_it(
    person: int, room: int, came: list[tuple[float, str, str]]
) -> None:
    clock, said = Clock(), Crowd()
    access, let_in = Access(AccessRules(person=person, room=room), clock), []
    for pause, who, where in came:
        clock.now += pause
        if not access.barrier(said(who, where)):
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
    access = Access(AccessRules(person=rate, room=rate), clock)
    for pause in slower:
        clock.now += MINUTE / rate + pause + 1e-6
        assert access.barrier(said()) is None


def test_it_is_heard_once_until_half_of_the_bucket_is_full_again(clock: Clock, said: Crowd) -> None:
    access = Access(AccessRules(person=4), clock)

    def tells() -> bool:
        one = said()
        while not (barrier := access.barrier(one)):
            one = said()
        return access.to_tell(one, barrier)

    assert [tells() for _ in range(4)] == [True, False, False, False]
    clock.now += 20.0  # a third of it
    assert tells() is False
    clock.now += 31.0  # more than half
    assert [tells(), tells()] == [True, False]


def test_of_a_room_that_is_too_full_one_hears_for_all(clock: Clock, said: Crowd) -> None:
    access = Access(AccessRules(room=1), clock)
    first, second, third = (said(person) for person in (ANN, BOB, "slack:T1/UCAT"))
    assert [access.barrier(one) for one in (first, second, third)] == [None, "too_many", "too_many"]
    assert [access.to_tell(second, "too_many"), access.to_tell(third, "too_many")] == [True, False]


@pytest.mark.parametrize("allowed", ["slack:T1", ROOM, "slack:C1"])
def test_only_where_an_operator_allows_it_somebody_comes_in(clock: Clock, said: Crowd, allowed: str) -> None:
    access = Access(AccessRules(allow=frozenset({allowed})), clock)
    assert access.barrier(said(ANN, ROOM, "slack:C1", "slack:T1")) is None
    assert access.barrier(said(ANN, "slack:T2/C7", "slack:C7", "slack:T2")) == "not_here"
    assert access.barrier(event("nowhere")) == "not_here"


def test_the_desk_is_allowed_and_admins_are_everywhere(clock: Clock, said: Crowd) -> None:
    access = Access(AccessRules(allow=frozenset({"slack:T9"}), always=frozenset({DESK}), admins=frozenset({BOB})), clock)
    assert [access.barrier(said(ANN, DESK)), access.barrier(said(BOB, ROOM)), access.barrier(said(ANN, ROOM))] == [None, None, "not_here"]
    assert [access.rules.admits((), BOB), access.rules.admits((), ANN), access.rules.admits((DESK,), ANN)] == [True, False, True]


def test_what_is_not_allowed_takes_nothing_from_what_is(clock: Clock, said: Crowd) -> None:
    access = Access(AccessRules(allow=frozenset({ROOM}), person=1), clock)
    assert {access.barrier(said(ANN, OTHER)) for _ in range(20)} == {"not_here"}
    assert access.barrier(said(ANN, ROOM)) is None


def test_a_room_that_is_not_allowed_hears_so_once_an_hour_however_often_it_asks(clock: Clock, said: Crowd) -> None:
    access, heard = Access(AccessRules(allow=frozenset({ROOM})), clock), []
    for _ in range(24):
        heard.append(access.to_tell(said(ANN, OTHER), "not_here"))
        clock.now += HOUR / 8
    assert heard == [True, *[False] * 7] * 3
    assert access.to_tell(said(ANN, "slack:T1/C3"), "not_here")


def test_what_is_remembered_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch, said: Crowd) -> None:
    monkeypatch.setattr(accessing, "MOST", 10)
    monkeypatch.setattr(rate_limiter, "MOST", 10)
    access = Access(AccessRules(allow=frozenset({"here"}), person=5, room=5), clock)
    for n in range(50):
        assert access.barrier(said(f"p{n}", f"r{n}", "here", twin=f"t{n}")) is None
        access.to_tell(said(f"p{n}", f"elsewhere{n}"), "not_here")
    assert max(map(len, (access._people._buckets, access._rooms._buckets, access._heard, access._counted))) <= 10


def test_those_who_write_are_not_forgotten_for_those_who_pass_by(clock: Clock, monkeypatch: pytest.MonkeyPatch, said: Crowd) -> None:
    monkeypatch.setattr(accessing, "MOST", 10)
    monkeypatch.setattr(rate_limiter, "MOST", 10)
    access, barriers = Access(AccessRules(person=2), clock), []
    for n in range(60):
        barriers.append(access.barrier(said(ANN)))
        access.barrier(said(f"passer{n}"))
    assert barriers == [None, None, *["too_fast"] * 58]


ASKS = [Utterance("when are you open?"), Command("help"), Share("hours")]
ASKS_NOTHING = [Selection(EntryTarget("hours")), Browse(), Rating(up=True, turn="t"), DeskReply("so", "p"), Occasion("joined")]


@pytest.mark.parametrize(
    ("one", "can"),
    [
        *((replace(ASKED, act=act), True) for act in ASKS),
        *((replace(ASKED, act=act), False) for act in ASKS_NOTHING),
        (replace(ASKED, overheard=True), False),
        (replace(ASKED, edited=True), False),
        (replace(ASKED, address=None), False),
    ],
)
@pytest.mark.parametrize("barrier", ["not_here", "too_fast", "too_many"])
def test_only_who_asked_the_bot_something_hears_of_a_barrier(clock: Clock, one: InboundEvent, barrier: Barrier, *, can: bool) -> None:
    one = replace(one, places=(ROOM,))
    access = Access(AccessRules(person=1, room=1), clock)
    assert access.barrier(replace(one, id="first")) is None
    assert access.to_tell(one, barrier) is can
    assert access.to_tell(replace(ASKED, places=(ROOM,)), barrier) is not can  # what asked for nothing has used up nothing


class Reads:
    """Reads every payload as the same event."""

    platform = "standin"

    def __init__(self, one: InboundEvent | None) -> None:
        self.one = one

    def read(self, payload: object) -> InboundEvent | None:
        assert payload
        return self.one


@pytest.mark.parametrize("barrier", ["not_here", "too_fast", "too_many"])
def test_an_event_that_was_turned_away_is_read_as_that_and_nothing_else(barrier: Barrier) -> None:
    came = replace(event("e1", person=ANN), share_into=Address("slack", {"channel": "C9"}))
    channel = Reads(came)
    marked = turned_away(came, barrier)
    assert marked == replace(came, act=Occasion(barrier), share_into=None, payload=marked.payload)
    assert marked.payload["text"] == came.payload["text"]
    assert accessing.read(channel, marked.payload) == replace(came, act=Occasion(barrier), share_into=None)
    assert accessing.read(channel, came.payload) is came
    assert accessing.read(Reads(None), marked.payload) is None


@pytest.mark.parametrize(("barrier", "said"), [("not_here", "not_there"), ("too_fast", "too_fast"), ("too_many", "too_many")])
def test_who_shares_into_a_place_where_the_bot_is_not_to_answer_hears_that_of_the_place(barrier: Barrier, said: Barrier) -> None:
    came = replace(event("e1", person=ANN), act=Share("hours"), share_into=Address("slack", {"channel": "C9"}))
    marked = turned_away(came, barrier)
    assert marked.act == Occasion(said)
    assert accessing.read(Reads(came), marked.payload) == replace(came, act=Occasion(said), share_into=None)
