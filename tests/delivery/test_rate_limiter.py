"""How much of somebody is answered in a minute, by a clock that tests turn."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery import rate_limiter
from bot.delivery.rate_limiter import MINUTE, RateLimiter


@dataclass
class Clock:
    """Goes on when it is told to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(("rate", "key"), [(0, "ann"), (1, ""), (0, "")])
def test_without_a_rate_or_a_key_nobody_is_limited_or_hears_of_it(clock: Clock, rate: int, key: str) -> None:
    limiter = RateLimiter(rate, clock)
    assert {limiter.admits(key) for _ in range(500)} == {True}
    assert limiter.to_tell(key) is False


def test_a_bucket_is_full_at_first_and_fills_within_a_minute_and_no_further(clock: Clock) -> None:
    limiter = RateLimiter(3, clock)
    assert [limiter.admits("ann") for _ in range(5)] == [True, True, True, False, False]
    clock.now += MINUTE / 3 - 0.01
    assert limiter.admits("ann") is False
    clock.now += 0.02
    assert [limiter.admits("ann") for _ in range(2)] == [True, False]
    clock.now += 100 * MINUTE
    assert [limiter.admits("ann") for _ in range(4)] == [True, True, True, False]


def test_each_key_has_a_bucket_of_its_own(clock: Clock) -> None:
    limiter = RateLimiter(2, clock)
    for key in ("ann", "bob"):
        assert [limiter.admits(key) for _ in range(3)] == [True, True, False]


def test_that_the_limit_is_reached_is_to_be_said_once_until_half_of_the_bucket_was_full_again(clock: Clock) -> None:
    limiter = RateLimiter(4, clock)
    assert limiter.to_tell("ann") is False  # whoever has no bucket has reached no limit

    def reached() -> bool:
        while limiter.admits("ann"):
            pass
        return limiter.to_tell("ann")

    assert [reached() for _ in range(4)] == [True, False, False, False]
    clock.now += MINUTE / 2 - 1
    assert reached() is False
    clock.now += MINUTE / 2 + 1
    assert [reached(), reached()] == [True, False]


def test_who_hears_of_the_limit_and_who_does_not_is_told_apart_by_the_key(clock: Clock) -> None:
    limiter = RateLimiter(1, clock)
    for key in ("ann", "bob"):
        assert [limiter.admits(key), limiter.admits(key)] == [True, False]
        assert [limiter.to_tell(key), limiter.to_tell(key)] == [True, False]


def test_buckets_are_bounded_and_those_used_longest_ago_go_first(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limiter, "MOST", 10)
    limiter, admitted = RateLimiter(2, clock), []
    for n in range(60):
        admitted.append(limiter.admits("ann"))
        assert limiter.admits(f"passer{n}")
        assert len(limiter._buckets) <= 10
    assert admitted == [True, True, *[False] * 58]


@given(st.integers(1, 20), st.lists(st.tuples(st.floats(0, 30), st.sampled_from("ABC")), min_size=1, max_size=120))
def test_nobody_ever_gets_more_through_than_a_bucket_and_what_has_run_into_it(rate: int, came: list[tuple[float, str]]) -> None:
    clock = Clock()
    limiter, through = RateLimiter(rate, clock), []
    for pause, key in came:
        clock.now += pause
        if limiter.admits(key):
            through.append((clock.now, key))
    for key in "ABC":
        times = [at for at, one in through if one == key]
        for first in range(len(times)):
            for last in range(first, len(times)):
                assert last - first + 1 <= rate + (times[last] - times[first]) * rate / MINUTE + 1e-6


@given(st.integers(1, 30), st.lists(st.floats(0, 5), min_size=1, max_size=100))
def test_whoever_writes_no_faster_than_the_rate_always_gets_through(rate: int, slower: list[float]) -> None:
    clock = Clock()
    limiter = RateLimiter(rate, clock)
    for pause in slower:
        clock.now += MINUTE / rate + pause + 1e-6
        assert limiter.admits("ann")
