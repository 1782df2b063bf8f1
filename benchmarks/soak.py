"""The soak: whether the memory of `careerbot serve` grows under a steady load on Slack and Telegram.

    python -m benchmarks.soak            ten minutes at 50 messages a second
    python -m benchmarks.soak 120 20     so many seconds, so many messages a second

Messages come by chance, half of them on each platform, whether or not those before are answered. Telegram's pace is switched off, else
25 messages a second were more than it lets through. The memory is what the process has resident, looked at each second; its growth is that
of the last ten seconds over the first ten of the third minute, when all that is bounded has had time to fill.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.beside import HOME, trained
from benchmarks.both import Served, served
from bot import assembly
from bot.knowledge.loader import load_all

if TYPE_CHECKING:
    from collections.abc import Iterator

PLOT = HOME / "docs" / "soak.png"
SETTLED = 120
"""Seconds after which the memory should not grow any more."""
WINDOW = 10
"""Seconds over which latencies and memory are taken together."""
GROWTH = 0.05
"""How much the memory may grow after it has settled."""
SECONDS, RATE = 600, 50
PERCENTS = (50, 95, 99)


@dataclass
class Watched:
    """The bot's memory each second, in MB, and latencies of each window, in ms."""

    memory: list[float] = field(default_factory=list)
    latencies: list[tuple[float, ...]] = field(default_factory=list)

    def growth(self) -> float:
        """By how much the memory has grown since it should not any more; earlier in a soak that is too short for that."""
        settled = min(SETTLED, len(self.memory) // 5)
        return statistics.mean(self.memory[-WINDOW:]) / statistics.mean(self.memory[settled : settled + WINDOW]) - 1


async def watch(both: Served, watched: Watched) -> None:
    """Look at the bot each second, for ever."""
    loop, seen = asyncio.get_running_loop(), [0, 0]
    begun = loop.time()
    for second in itertools.count(1):
        await asyncio.sleep(max(0.0, begun + second - loop.time()))
        watched.memory.append(sum(resident(bot.process.pid) for bot in both.bots))
        if second % WINDOW == 0:
            delays = [crowd.load.delays for crowd in (both.slack, both.telegram)]
            fresh = [delay for each, start in zip(delays, seen, strict=True) for delay in each[start:]]
            seen = [len(each) for each in delays]
            cuts = statistics.quantiles(fresh, n=100)
            watched.latencies.append(tuple(1000 * cuts[percent - 1] for percent in PERCENTS))
            if second % 60 == 0:
                p50, p95, p99 = watched.latencies[-1]
                print(f"  minute {second // 60}: {watched.memory[-1]:.1f} MB, p50 {p50:.0f} p95 {p95:.0f} p99 {p99:.0f} ms", flush=True)


def resident(pid: int) -> float:
    """MB of memory that a process has resident."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines["VmRSS"].split()[0]) / 1024


async def main(seconds: int, rate: int) -> bool:
    """Soak, print and draw; True if the memory has not grown and nothing was lost or answered twice."""
    asked = [question.ask for question in load_all(assembly.shipped_faq())[1].tests.questions]
    watched = Watched()
    with trained() as home:
        directory = Path(tempfile.mkdtemp(dir=home))
        (directory / "models").symlink_to((home / "models").resolve())
        async with served("careerbot", asked, directory) as both:
            print(f"soak, {seconds} s at {rate} messages/s, half in Slack and half in Telegram, without Telegram's pace", flush=True)
            watching = asyncio.create_task(watch(both, watched))
            crowds, processor = (both.slack, both.telegram), both.spent
            await asyncio.gather(*(crowd.ask_by_chance(_questions(asked, seconds * rate // 2), rate / 2) for crowd in crowds))
            watching.cancel()
            loads, processor = [crowd.load for crowd in crowds], both.spent - processor
    delays = [delay for load in loads for delay in load.delays]
    cuts = statistics.quantiles(delays, n=100)
    lost, twice, growth = sum(load.lost for load in loads), sum(load.twice for load in loads), watched.growth()
    print(
        f"  {len(delays)} answered, p50 {1000 * cuts[49]:.0f} p95 {1000 * cuts[94]:.0f} p99 {1000 * cuts[98]:.0f} ms, {lost} lost, "
        f"{twice} answered twice, processor {1000 * processor / len(delays):.2f} ms a message, "
        f"memory {watched.memory[0]:.1f} to {watched.memory[-1]:.1f} MB, {growth:+.1%} since it should have settled"
    )
    draw(watched, rate)
    return growth <= GROWTH and not lost and not twice


def _questions(asked: list[str], number: int) -> Iterator[str]:
    return itertools.islice(itertools.cycle(asked), number)


def draw(watched: Watched, rate: int) -> None:
    """Draw memory and latencies over time."""
    import matplotlib as mpl  # noqa: PLC0415 - only the soak needs it

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    look = {"axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.3, "font.size": 9}
    with plt.rc_context(look):
        figure, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(8, 4.6), layout="constrained")
        figure.suptitle(f"careerbot at {rate} messages a second, half in Slack and half in Telegram", fontsize=10)
        above.plot([second / 60 for second in range(1, len(watched.memory) + 1)], watched.memory, color="#0b5394", linewidth=1.5)
        above.set(ylabel="resident memory, MB", ylim=(0, 1.25 * max(watched.memory)))
        minutes = [WINDOW * (number + 1) / 60 for number in range(len(watched.latencies))]
        for percent, values, shade in zip(PERCENTS, zip(*watched.latencies, strict=True), ("#0b5394", "#3d85c6", "#e69138"), strict=True):
            below.plot(minutes, values, label=f"p{percent}", color=shade, linewidth=1.5)
        highest = max(map(max, watched.latencies))
        below.set(xlabel="minutes", ylabel="latency, ms", ylim=(0, 1.3 * highest), xlim=(0, len(watched.memory) / 60))
        below.legend(frameon=False, ncols=len(PERCENTS), loc="upper right")
        figure.savefig(PLOT, dpi=150)
        plt.close(figure)
    print(f"  drawn in {PLOT}")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(0 if asyncio.run(main(*numbers, *(SECONDS, RATE)[len(numbers) :])) else 1)
