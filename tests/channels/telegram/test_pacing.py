"""How fast the Telegram channel may speak, by a clock that stands still until it is moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram import pacing
from bot.channels.telegram.pacing import Pace

if TYPE_CHECKING:
    import pytest


class Clock:
    """Stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def densest(times: list[float], within: float) -> int:
    """The most that were sent within so many seconds."""
    return max(sum(1 for at in times if start <= at < start + within - 1e-6) for start in times)


def sent_by(writers: int, name: str, seconds: float) -> dict[str, list[float]]:
    """When so many chats were written to, where each tries as soon as it is told to."""
    clock = Clock()
    pace, due = Pace(clock), {name.format(at): clock.now for at in range(writers)}
    sent: dict[str, list[float]] = {chat: [] for chat in due}
    end = clock.now + seconds
    while min(due.values()) < end:
        clock.now = min(due.values())
        for chat in [chat for chat, at in due.items() if at <= clock.now]:
            wait = pace.wait(chat)
            assert 0.0 <= wait <= pacing.MINUTE
            if not wait:
                sent[chat].append(clock.now)
            due[chat] = clock.now + (wait or 0.0) + 1e-4
    return sent


def test_a_group_takes_twenty_a_minute_and_a_person_about_one_a_second() -> None:
    group, person = (sent_by(1, name, 200.0)[name.format(0)] for name in ("-10{}", "5{}"))
    assert densest(group, 60.0) == pacing.GROUP == 20
    assert densest(person, pacing.SECOND) == pacing.CHAT
    assert len(person) > 200.0 * pacing.CHAT / pacing.SECOND * 0.95


def test_all_chats_together_are_written_to_less_than_thirty_times_a_second() -> None:
    everything = sorted(at for times in sent_by(100, "{}1", 5.0).values() for at in times)
    assert densest(everything, 1.0) <= 30
    assert len(everything) > 5.0 * 15


def test_a_crowd_does_not_come_again_and_again() -> None:
    clock = Clock()
    pace, due = Pace(clock), dict.fromkeys(map(str, range(600)), clock.now)
    tries = 0
    while due:
        clock.now = max(clock.now, min(due.values()))
        for chat in [chat for chat, at in due.items() if at <= clock.now]:
            tries += 1
            if wait := pace.wait(chat):
                due[chat] = clock.now + wait + 1e-4
            else:
                del due[chat]
    assert tries <= 2 * 600
    assert clock.now - Clock.now <= 600 * pacing.APART + 1.0


def test_a_time_that_nobody_came_for_is_void() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert [bool(pace.wait("5")), bool(pace.wait("5"))] == [False, True]
    clock.now += pacing.KEPT + pacing.SECOND + 1.0
    assert [bool(pace.wait("5")), bool(pace.wait("5"))] == [False, True]


def test_who_is_too_fast_waits_alone_and_asking_does_not_make_it_longer() -> None:
    clock = Clock()
    pace = Pace(clock)
    wait = max(pace.wait("5") for _ in range(pacing.CHAT + 1))
    assert pace.wait("6") == 0.0
    assert [pace.wait("5") for _ in range(9)] == [wait] * 9
    clock.now += wait + 1e-6
    assert pace.wait("5") == 0.0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["5", "6", "-7", ""]), st.floats(0, 5)), max_size=60))
def test_the_pace_is_never_exceeded_and_a_wait_is_enough(tries: list[tuple[str, float]]) -> None:
    clock = Clock()
    pace, sent = Pace(clock), []
    for chat, passed in tries:
        clock.now += passed
        if wait := pace.wait(chat):
            clock.now += wait + 1e-6
            assert pace.wait(chat) == 0.0
        sent.append((chat, clock.now))
    for chat in {chat for chat, _ in sent}:
        times = [at for name, at in sent if name == chat]
        assert densest(times, pacing.SECOND) <= pacing.CHAT
        assert not chat.startswith("-") or densest(times, pacing.MINUTE) <= pacing.GROUP


def test_only_so_many_chats_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "MOST", 3)
    monkeypatch.setattr(pacing, "AT_ONCE", 100)
    pace = Pace(Clock())
    assert [pace.wait(chat) for chat in "abcd"] == [0.0] * 4
    assert len(pace._sent) == 3
