"""Messages a second in Slack at 50 in flight, by socket and over HTTP: careerbot beside two echo bots, in turns. Run by `make bench`.

    python -m benchmarks.slack                        both ways, three rounds of 2,000 messages a bot
    python -m benchmarks.slack socket 5000 5          one way, so many messages, so many rounds

`bare` is what a tutorial builds: bolt with its defaults, which acknowledges first and keeps nothing. `inbox-echo` is this project's
server (channel, inbox, journal, worker) with an assistant that only echoes. Each bot is a process of its own; Slack is this process,
on loopback. 200 people write direct messages, the held-out questions, each only once the one before is answered. Machines are noisy:
compare ratios, and processor time a message more than messages a second.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loopback.slack import FakeSlack

from benchmarks.beside import READY_WITHIN, Load, free_port, in_turns, inbox_echo, running, show, trained
from benchmarks.platforms import IN_FLIGHT, SlackCrowd, slack_environment, slack_target

if TYPE_CHECKING:
    from collections.abc import Mapping

BOTS = ("bare", "inbox-echo", "careerbot")
WAYS = ("socket", "http")
MESSAGES = 2000
ROUNDS = 3
TARGETS = {"inbox-echo": 0.7, "bare": 0.45}
"""What careerbot's messages a second should be of each other bot's."""


async def bare() -> None:
    """A bolt app with its defaults that echoes, over one session."""
    import aiohttp  # noqa: PLC0415 - only this bot needs what is imported here
    from aiohttp import web  # noqa: PLC0415
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler  # noqa: PLC0415
    from slack_bolt.async_app import AsyncApp  # noqa: PLC0415
    from slack_sdk.web.async_client import AsyncWebClient  # noqa: PLC0415

    async def echo(event: Mapping[str, Any], say: Any) -> None:  # noqa: ANN401 - bolt looks at names, not types
        await say(f"echo: {event['text']}")

    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"], session=session)
        app = AsyncApp(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])
        app.event("message")(echo)
        if os.environ["SLACK_APP_TOKEN"]:
            await AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).start_async()
        runner = web.AppRunner(app.web_app(path="/slack/events"), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(os.environ["CAREERBOT_PORT"])).start()
        await asyncio.Event().wait()


async def measured(name: str, way: str, questions: list[str], directory: Path) -> Load:
    """The load of one bot, in a process of its own."""
    async with FakeSlack(record=False) as slack:
        port = free_port()
        environment = slack_environment(slack, port, by_socket=way == "socket")
        careerbot = [str(Path(sys.executable).with_name("careerbot")), "serve"]
        command = careerbot if name == "careerbot" else [sys.executable, "-m", "benchmarks.slack", "bot", name]
        async with running(name, command, environment, directory) as bot:
            if way == "socket":
                await slack.connected(timeout=READY_WITHIN)
            else:
                slack.http_target = slack_target(port)
            crowd = SlackCrowd(slack)
            return await crowd.measured(bot, questions, crowd.ask_all)


async def main(ways: list[str], messages: int, rounds: int) -> None:
    """Measure and print."""
    with trained() as home:
        for way in ways:
            loads = await in_turns(BOTS, rounds, messages, home, lambda name, asked, place, way=way: measured(name, way, asked, place))
            show(f"{way}, {IN_FLIGHT['slack']} in flight", loads, TARGETS)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["bot"]:
        logging.basicConfig(level=logging.ERROR)
        asyncio.run(bare() if arguments[1] == "bare" else inbox_echo())
    else:
        numbers = [int(word) for word in arguments if word.isdigit()]
        asyncio.run(main([word for word in arguments if word in WAYS] or [*WAYS], *numbers, *(MESSAGES, ROUNDS)[len(numbers) :]))
