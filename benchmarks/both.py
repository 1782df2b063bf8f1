"""A bot on Slack and Telegram at once, as the load and the soak use it."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loopback.slack import FakeSlack
from loopback.telegram import FakeTelegram

from benchmarks.beside import READY_WITHIN, Running, free_port, running, spent
from benchmarks.platforms import SlackCrowd, TelegramCrowd, slack_environment, telegram_environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path


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
            command = [sys.executable, "-m", f"benchmarks.{script}", "bot", name]
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
