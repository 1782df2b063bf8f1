"""Slack and Telegram at once into one `careerbot serve`: messages a second beside two echo bots, in turns; and the soak.

    python benchmarks/load.py                 three rounds of 15 seconds a bot
    python benchmarks/load.py 30 5            so many seconds, so many rounds
    python benchmarks/load.py soak            ten minutes at 50 messages a second: does the memory grow (soak.py)?
    python benchmarks/load.py soak 120 20     so many seconds, so many messages a second

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
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from beside import READY_WITHIN, Load, Running, free_port, in_turns, running, show, spent, trained
from loopback.slack import FakeSlack
from loopback.telegram import FakeTelegram
from platforms import IN_FLIGHT, SlackCrowd, TelegramCrowd, slack_environment, telegram_environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

BOTS = ("bare", "inbox-echo", "careerbot")
SECONDS, ROUNDS = 15, 3
SOAK, SOAKED = 600, 50
TARGETS = {"inbox-echo": 0.7, "bare": 0.45}
"""What careerbot's messages a second should be of each other bot's."""
HERE = Path(__file__).parent


@dataclass
class Both(Load):
    """What was measured on both platforms together, and on each."""

    parts: dict[str, Load] = field(default_factory=dict)


@dataclass
class Served:
    """A bot on both platforms, its processes, and the people there."""

    bots: list[Running]
    slack: SlackCrowd
    telegram: TelegramCrowd

    @property
    def spent(self) -> float:
        """Processor seconds of the bot so far."""
        return sum(spent(bot.process.pid) for bot in self.bots)


@asynccontextmanager
async def served(name: str, questions: Sequence[str], directory: Path) -> AsyncIterator[Served]:
    """A bot on both platforms while the block runs, to which everybody has written once."""
    async with FakeSlack(record=False) as slack, FakeTelegram(rate="off") as telegram, AsyncExitStack() as stack:
        port = free_port()
        told = slack_environment(slack, port, by_socket=True) | telegram_environment(telegram, port, by_polling=True)
        bots = []
        for script in ("telegram", "slack") if name == "bare" else ("telegram",):  # that of telegram.py keeps no pace
            (place := directory / script).mkdir()
            (place / "models").symlink_to((directory / "models").resolve())
            command = [sys.executable, str(HERE / f"{script}.py"), "bot", name]
            mine = {**told, "CAREERBOT_PORT": str(free_port())}
            bots.append(await stack.enter_async_context(running(name, command, mine, place)))
        await slack.connected(timeout=READY_WITHIN)
        forgetting = asyncio.create_task(forget(telegram))
        both = Served(bots, SlackCrowd(slack), TelegramCrowd(telegram))
        await asyncio.gather(both.slack.warmed(bots[-1], questions), both.telegram.warmed(bots[0], questions))
        yield both
        forgetting.cancel()


async def forget(telegram: FakeTelegram) -> None:
    """Let the platform keep nothing of what was said: only the bot's memory is looked at, and this process has to last."""
    while True:
        await asyncio.sleep(1)
        telegram.calls.clear()
        telegram.messages.clear()


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
    if sys.argv[1:2] == ["soak"]:
        import soak

        sys.exit(0 if asyncio.run(soak.main(*numbers, *(SOAK, SOAKED)[len(numbers) :])) else 1)
    asyncio.run(main(*numbers, *(SECONDS, ROUNDS)[len(numbers) :]))
