"""Messages a second in Telegram at 16 in flight, and delays over a slow line: careerbot beside two echo bots, in turns.

    python -m benchmarks.telegram                     polling, webhook and the slow line, three rounds of 2,000 messages a bot
    python -m benchmarks.telegram polling 5000 5      one of them, so many messages, so many rounds

`bare` is what a tutorial builds: python-telegram-bot's Application that polls, with 16 updates at once, and keeps nothing. `inbox-echo`
is this project's server (channel, inbox, journal, worker) with an assistant that only echoes. Each bot is a process of its own; Telegram
is this process, on loopback. 200 people write in private, the held-out questions. Telegram lets a bot say about 30 messages a second:
neither this one nor careerbot holds to it here, else there were nothing to measure. Over the slow line each call takes 40 ms there and
40 ms back, and the messages come by chance, 100 a second. Machines are noisy: compare ratios, and processor time a message more than
messages a second.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from loopback.telegram import FakeTelegram

from benchmarks.beside import Load, free_port, in_turns, inbox_echo, running, show, spread, trained
from benchmarks.platforms import IN_FLIGHT, FarTelegram, TelegramCrowd, telegram_environment

if TYPE_CHECKING:
    from pathlib import Path

    from telegram import Update

BOTS = {"polling": ("bare", "inbox-echo", "careerbot"), "webhook": ("inbox-echo", "careerbot"), "slow": ("bare", "careerbot")}
MESSAGES = 2000
ROUNDS = 3
TARGETS = {"inbox-echo": 0.7, "bare": 0.45}
"""What careerbot's messages a second should be of each other bot's."""
ROUND_TRIP = 0.08
"""Seconds that a call takes over the slow line, half of them there and half of them back."""
OFFERED = 100
"""Messages a second over the slow line."""
SLOWEST = 1.3
"""What careerbot's p95 over the slow line may be of the bare bot's."""


def bare() -> None:
    """An Application as the library's documentation makes it, that echoes."""
    from telegram.ext import Application, MessageHandler, filters  # noqa: PLC0415 - only this bot needs what is imported here

    async def echo(update: Update, _: object) -> None:
        if update.message:
            await update.message.reply_text(f"echo: {update.message.text}")

    made = Application.builder().token(os.environ["TELEGRAM_BOT_TOKEN"]).base_url(f"{os.environ['TELEGRAM_API_URL']}/bot")
    app = made.concurrent_updates(IN_FLIGHT["telegram"]).build()
    app.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, echo))
    app.run_polling()


class Unpaced:
    """Stands for the pace that the channel keeps, and keeps none."""

    def wait(self, _chat: str) -> float:
        return 0.0


def ours(name: str) -> None:
    """`careerbot serve`, with its own assistant or with one that echoes, as fast as it can."""
    from bot import cli  # noqa: PLC0415 - the measuring process needs none of it
    from bot.channels.telegram import channel  # noqa: PLC0415

    channel.Pace = Unpaced  # type: ignore[assignment,misc]
    if name == "inbox-echo":
        asyncio.run(inbox_echo())
    else:
        sys.argv[1:] = ["serve"]
        cli.main()


class SlowTelegram(FarTelegram):
    """A Telegram at the other end of an even slower line."""

    one_way = ROUND_TRIP / 2


async def measured(name: str, way: str, questions: list[str], directory: Path) -> Load:
    """The load of one bot, in a process of its own."""
    async with (SlowTelegram if way == "slow" else FakeTelegram)(rate="off") as telegram:
        port = free_port()
        environment = telegram_environment(telegram, port, by_polling=way != "webhook")
        async with running(name, [sys.executable, "-m", "benchmarks.telegram", "bot", name], environment, directory) as bot:
            crowd = TelegramCrowd(telegram)
            asking = partial(crowd.ask_by_chance, rate=OFFERED) if way == "slow" else crowd.ask_all
            load = await crowd.measured(bot, questions, asking)
            if wrong := telegram.check():
                print(f"  {name}: {len(wrong)} calls that Telegram does not like, the first: {wrong[0].kind} {wrong[0].detail}")
    return load


async def main(ways: list[str], messages: int, rounds: int) -> None:
    """Measure and print."""
    with trained() as home:
        for way in ways:
            bots = BOTS[way]
            measure: Any = lambda name, asked, place, way=way: measured(name, way, asked, place)  # noqa: E731 - as short as it can be
            loads = await in_turns(bots, rounds, messages, home, measure)
            if way != "slow":
                show(f"{way}, {IN_FLIGHT['telegram']} in flight", loads, {peer: target for peer, target in TARGETS.items() if peer in bots})
                continue
            show(f"polling over a slow line, {OFFERED} messages/s by chance, calls take {1000 * ROUND_TRIP:.0f} ms", loads, {})
            slower = [ours.delay(95) / theirs.delay(95) for ours, theirs in zip(loads["careerbot"], loads["bare"], strict=True)]
            print(f"  p95 of careerbot / bare {spread(slower, '.2f')}, wanted at most {SLOWEST}", flush=True)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["bot"]:
        logging.basicConfig(level=logging.ERROR)
        bare() if arguments[1] == "bare" else ours(arguments[1])
    else:
        numbers = [int(word) for word in arguments if word.isdigit()]
        asyncio.run(main([word for word in arguments if word in BOTS] or [*BOTS], *numbers, *(MESSAGES, ROUNDS)[len(numbers) :]))
