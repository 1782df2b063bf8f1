"""Messages per second through Slack, beside a bare echo bot and one that goes through the same inbox and journal.

    python benchmarks/slack.py [messages] [rounds]

Each bot is a process of its own, against the loopback Slack in this one; 50 direct messages are in flight, each of somebody else. The
bots take turns, and the medians of their rounds are compared.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import re
import statistics
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

import aiohttp  # noqa: E402 - the paths first
from loopback.slack import FakeSlack  # noqa: E402
from loopback.slack_state import Call  # noqa: E402

from bot import assembly, server  # noqa: E402
from bot.dialogue.events import Message, Outcome, TurnRecord  # noqa: E402
from bot.dialogue.reply import Reply  # noqa: E402
from bot.dialogue.session import Session  # noqa: E402
from bot.dialogue.turn import turn_id  # noqa: E402
from bot.settings import Settings, read_settings  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.dialogue.events import Heard, Taken
    from bot.store.store import Store

BOTS = ("bare", "kept", "careerbot")
IN_FLIGHT, PEOPLE = 50, 200
MESSAGES, ROUNDS = 1500, 3
LATEST = 120.0
"""Seconds after which what was not answered is given up."""


class Echo:
    """In the place of the clerk: says what it hears, and keeps of it what the real one would."""

    def __init__(self, store: Store) -> None:
        self.journal = store

    def attend(self, heard: Heard, taken: Taken) -> Outcome:
        """The same words back, with a session and a turn."""
        text = getattr(heard.act, "text", "")
        message = Message(taken.platform, heard.address, Reply("answer", text), turn_id(taken.id), source=heard.source)
        record = TurnRecord(message.turn, taken.conversation, taken.person, taken.platform, taken.received, "utterance", "answer", text)
        return Outcome(message, Session(at=taken.received), record)

    def reminders(self, _before: float) -> list[Outcome]:
        """None."""
        return []


async def bare(settings: Settings, *, by_socket: bool) -> None:
    """An echo bot as the SDK's documents make it, over one session for all calls."""
    from aiohttp import web  # noqa: PLC0415
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler  # noqa: PLC0415
    from slack_bolt.async_app import AsyncApp  # noqa: PLC0415
    from slack_sdk.web.async_client import AsyncWebClient  # noqa: PLC0415

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        token = settings.slack_bot_token.get_secret_value()
        client = AsyncWebClient(token, base_url=settings.slack_api_url, session=session)
        app = AsyncApp(client=client, signing_secret=settings.slack_signing_secret.get_secret_value())

        @app.event("message")
        async def said(event: dict[str, Any], say: Any) -> None:  # noqa: ANN401 - the SDK's
            await say(text=event["text"], blocks=[{"type": "section", "text": {"type": "plain_text", "text": event["text"]}}])

        if by_socket:
            await AsyncSocketModeHandler(app, settings.slack_app_token.get_secret_value()).start_async()
        runner = web.AppRunner(app.web_app(path="/slack/events"), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", settings.port).start()
        await asyncio.Event().wait()


def start(name: str, mode: str) -> None:
    """Be one of the bots."""
    settings = read_settings()
    logging.disable(logging.CRITICAL)
    if name == "bare":
        asyncio.run(bare(settings, by_socket=mode == "socket"))
        return
    bot = assembly.assemble(settings)
    directory = Path(os.environ["BENCHMARK_DIR"])
    settings = settings.model_copy(update={"data_dir": directory})
    if name == "kept":
        made = assembly.delivery_of

        def delivery_of(*parts: Any) -> Any:  # noqa: ANN401 - as the real one
            delivery = made(*parts)
            delivery.worker.clerk = Echo(parts[2])
            return delivery

        assembly.delivery_of = delivery_of
    with assembly.opened_store(settings, ["slack"]) as store:
        asyncio.run(server.serve(settings, bot, store))


@asynccontextmanager
async def running(slack: FakeSlack, name: str, mode: str, port: int) -> AsyncIterator[None]:
    """A bot as a process, once it listens."""
    with TemporaryDirectory() as directory:
        environment = {
            **os.environ,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token if mode == "socket" else "",
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            "CAREERBOT_PORT": str(port),
            "BENCHMARK_DIR": directory,
        }
        process = await asyncio.create_subprocess_exec(sys.executable, __file__, "be", name, mode, env=environment, cwd=directory)
        try:
            if mode == "socket":
                await slack.connected(timeout=90)
            else:
                slack.http_target = f"http://127.0.0.1:{port}/slack/events"
                await listening(port)
            yield
        finally:
            process.kill()
            await process.wait()


async def listening(port: int) -> None:
    """Return once something answers at a port, and a moment later."""
    async with asyncio.timeout(90):
        while True:
            try:
                async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status != 503:  # noqa: PLR2004 - the bare bot has no such page
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)


class Talks:
    """Who waits for an answer since when, and how long it took the others."""

    def __init__(self) -> None:
        self.asked: dict[str, float] = {}
        self.took: list[float] = []
        self.free: asyncio.Queue[str] = asyncio.Queue()
        for number in range(PEOPLE):
            self.free.put_nowait(f"U{number:04d}")

    def seen(self, thing: object) -> bool:
        """Note an answer; the loopback shows every call."""
        if isinstance(thing, Call) and thing.method == "chat.postMessage":
            user = "U" + thing.args["channel"][1:]
            if user in self.asked:
                self.took.append(time.monotonic() - self.asked.pop(user))
                self.free.put_nowait(user)
        return False


async def measured(name: str, mode: str, questions: list[str], count: int, port: int) -> dict[str, float]:
    """What one round of a bot gives."""
    async with FakeSlack(record=False) as slack, running(slack, name, mode, port):
        talks, told = Talks(), []
        slack._waiters.append((talks.seen, asyncio.get_running_loop().create_future()))  # noqa: SLF001 - to see all calls
        for phase in ("warm", "real"):
            talks.took.clear()
            told.clear()
            begun = time.monotonic()
            for number in range(count if phase == "real" else count // 5):
                while len(talks.asked) >= IN_FLIGHT:  # noqa: ASYNC110 - answers free places
                    await asyncio.sleep(0)
                user = await talks.free.get()
                talks.asked[user] = time.monotonic()
                told.append(await slack.dm(questions[number % len(questions)], user=user))
            while talks.asked and time.monotonic() - begun < LATEST:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.002)
            spent = time.monotonic() - begun
    cuts = statistics.quantiles(talks.took, n=100)
    acks = sorted(delivery.ack_delay for delivery in told if delivery.ack_delay)
    return {
        "per second": len(talks.took) / spent,
        "p50": cuts[49] * 1e3,
        "p95": cuts[94] * 1e3,
        "p99": cuts[98] * 1e3,
        "ack p99": acks[int(len(acks) * 0.99)] * 1e3,
        "again": sum(len(delivery.attempts) - 1 for delivery in told),
        "unanswered": len(talks.asked),
    }


async def main(count: int, rounds: int) -> None:
    """All bots in both modes, in turn."""
    settings = read_settings()
    base = assembly.assemble(settings).base
    questions = [phrasing for entry in base.entries.values() for phrasing in entry.phrasings]
    questions = [re.sub(r"[<>&]", " ", question) for question in random.Random(7).sample(questions, 400)]  # noqa: S311 - no secret
    port = 18_000 + os.getpid() % 1000
    for mode in ("socket", "http"):
        results: dict[str, list[dict[str, float]]] = {name: [] for name in BOTS}
        for _ in range(rounds):
            for name in BOTS:
                results[name].append(await measured(name, mode, questions, count, port))
        print(f"\n{mode}, {IN_FLIGHT} in flight, {count} messages, medians of {rounds} rounds")
        medians = {name: {key: statistics.median(one[key] for one in held) for key in held[0]} for name, held in results.items()}
        for name, held in medians.items():
            rates = " ".join(f"{one['per second']:.0f}" for one in results[name])
            print(f"  {name:10}" + "  ".join(f"{key} {value:.1f}" for key, value in held.items()) + f"   (rounds: {rates})")
        ours = medians["careerbot"]["per second"]
        print(
            f"  careerbot / kept {ours / medians['kept']['per second']:.2f}   careerbot / bare {ours / medians['bare']['per second']:.2f}"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["be"]:
        start(*sys.argv[2:4])
    else:
        asyncio.run(main(*[int(argument) for argument in sys.argv[1:3]] or [MESSAGES], *([] if len(sys.argv) > 2 else [ROUNDS])))  # noqa: PLR2004
