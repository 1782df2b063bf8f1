"""Slack and Telegram at once into one `careerbot serve`: messages a second beside two echo bots, in turns.

    python -m benchmarks.load                 three rounds of 15 seconds a bot
    python -m benchmarks.load 30 5            so many seconds, so many rounds

50 direct messages in flight in Slack (Socket Mode) and 16 in Telegram (polling), 200 people on each, the held-out questions. `bare` are the
tutorials' bots of slack.py and telegram.py, two processes that keep nothing; `inbox-echo` and careerbot are one process. Both platforms are
this process. Telegram's pace is switched off, as in telegram.py. Compare ratios, and processor time more than messages a second.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.beside import Load, in_turns, show, trained
from benchmarks.both import served
from benchmarks.platforms import IN_FLIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

BOTS = ("bare", "inbox-echo", "careerbot")
SECONDS, ROUNDS = 15, 3
TARGETS = {"inbox-echo": 0.7, "bare": 0.45}
"""What careerbot's messages a second should be of each other bot's."""


@dataclass
class Both(Load):
    """What was measured on both platforms together, and on each."""

    parts: dict[str, Load] = field(default_factory=dict)


async def measured(name: str, questions: list[str], directory: Path, seconds: float) -> Both:
    """The load of one bot."""
    async with served(name, questions, directory) as both:
        processor, own, begun = both.spent, time.process_time(), time.perf_counter()
        await asyncio.gather(*(crowd.ask_all(until(begun + seconds, questions)) for crowd in (both.slack, both.telegram)))
        parts = {"slack": both.slack.load, "telegram": both.telegram.load}
        load = Both(parts=parts, seconds=time.perf_counter() - begun)
        load.processor, load.own = both.spent - processor, time.process_time() - own
    for part in parts.values():
        load.delays += part.delays
        load.lost += part.lost
        load.twice += part.twice
    return load


def until(end: float, questions: Sequence[str]) -> Iterator[str]:
    """Questions, over and over, until it is time to end."""
    for question in itertools.cycle(questions):
        if time.perf_counter() >= end:
            return
        yield question


async def main(seconds: int, rounds: int) -> None:
    """Measure and print."""
    with trained() as home:
        measure = lambda name, asked, place: measured(name, asked, place, seconds)  # noqa: E731 - as short as it can be
        loads = await in_turns(BOTS, rounds, 1000, home, measure)
    show(f"both at once, {IN_FLIGHT['slack']} in flight in Slack and {IN_FLIGHT['telegram']} in Telegram", loads, TARGETS)
    for platform in IN_FLIGHT:
        print(f"of these in {platform}")
        for bot, measured_rounds in loads.items():
            parts = [load.parts[platform] for load in measured_rounds]
            rate = statistics.median(len(part.delays) / load.seconds for part, load in zip(parts, measured_rounds, strict=True))
            p50, p95, p99 = (statistics.median(part.delay(percent) for part in parts) for percent in (50, 95, 99))
            print(f"  {bot:11}{rate:.0f} messages/s, p50 {p50:.0f} p95 {p95:.0f} p99 {p99:.0f} ms")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    asyncio.run(main(*numbers, *(SECONDS, ROUNDS)[len(numbers) :]))
