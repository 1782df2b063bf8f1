"""Messages a second in Slack at 50 in flight, by socket and over HTTP: careerbot beside two echo bots, in turns. Run by `make bench`.

    python benchmarks/slack.py                        both ways, three rounds of 2,000 messages a bot
    python benchmarks/slack.py socket 5000 5          one way, so many messages, so many rounds

`bare` is what a tutorial builds: bolt with its defaults, which acknowledges first and keeps nothing. `inbox-echo` is this project's
server (channel, inbox, journal, worker) with an assistant that only echoes. Each bot is a process of its own; Slack is this process,
on loopback. 200 people write direct messages, the held-out questions, each only once the one before is answered. Machines are noisy:
compare ratios, and processor time a message more than messages a second.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import socket
import statistics
import sys
import tempfile
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import assembly, server
from bot.delivery.delivery import Delivery
from bot.dialogue.assistant import Turn
from bot.dialogue.clerk import Clerk
from bot.dialogue.reply import Reply
from bot.dialogue.session import Session, following
from bot.dialogue.turn import Answer, Utterance
from bot.knowledge.loader import load, load_all
from bot.settings import Settings, read_settings

HOME = Path(__file__).parents[1]
sys.path.insert(0, str(HOME / "tests"))
from loopback.slack import Call, FakeSlack  # noqa: E402 - the tests' Slack, which is no package of its own

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from bot.assembly import Bot
    from bot.dialogue.turn import UserAct
    from bot.knowledge.entry import KnowledgeBase
    from bot.store.store import Store

BOTS = ("bare", "inbox-echo", "careerbot")
WAYS = ("socket", "http")
MESSAGES = 2000
ROUNDS = 3
IN_FLIGHT = 50
PEOPLE = 200
TARGETS = {"inbox-echo": 0.7, "bare": 0.45}
"""What careerbot's messages a second should be of each other bot's."""
PATIENCE = 30.0
"""Seconds after which a message counts as lost."""
READY_WITHIN = 60.0


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


class Echo:
    """An assistant that says again what it hears; it matches nothing, but has a session like the real one."""

    def __init__(self, base: KnowledgeBase) -> None:
        self.base = base

    def turn(self, act: UserAct, session: Session) -> Turn:
        text = act.text if isinstance(act, Utterance) else ""
        decided, reply = Answer((next(iter(self.base.entries)),), 1.0), Reply("answer", f"echo: {text}", confidence=1.0)
        return Turn(decided, reply, replace(following(decided, reply, session, self.base), question=text, at=act.at))


async def inbox_echo() -> None:
    """`careerbot serve` with an assistant that echoes."""
    settings = read_settings()
    base = load(assembly.faq_of(settings))

    def delivery_of(_settings: Settings, _bot: Bot, store: Store, channels: Mapping[str, Any], _desk: object) -> Delivery:
        return Delivery(store, Clerk(Echo(base), store), channels)  # type: ignore[arg-type]

    assembly.delivery_of = delivery_of
    with assembly.opened_store(settings, ["slack"]) as store:
        await server.serve(settings, assembly.Bot(base, None, None), store)  # type: ignore[arg-type] - only its words are used


@dataclass
class Load:
    """What was measured of one bot in one round."""

    delays: list[float] = field(default_factory=list)
    acks: list[float] = field(default_factory=list)
    lost: int = 0
    again: int = 0
    twice: int = 0
    seconds: float = 0.0
    processor: float = 0.0
    own: float = 0.0

    @property
    def rate(self) -> float:
        """Messages a second."""
        return len(self.delays) / self.seconds

    @property
    def cost(self) -> float:
        """Milliseconds of the bot's processor time a message."""
        return 1000 * self.processor / len(self.delays)


class Crowd:
    """People who write to the bot and wait for its answer: what is posted in somebody's direct messages answers what they wrote."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self.load = Load()
        slack.watchers.append(self._see)

    async def ask(self, user: str, text: str, patience: float = PATIENCE) -> bool:
        """Whether somebody was answered."""
        load, channel, begun = self.load, self._slack.dm_channel(user), time.perf_counter()
        answered = self._waiting[channel] = asyncio.get_running_loop().create_future()
        delivery = await self._slack.dm(text, user)
        try:
            await asyncio.wait_for(answered, patience)
        except TimeoutError:
            self._waiting.pop(channel)
            load.lost += 1
            return False
        load.delays.append(time.perf_counter() - begun)
        with suppress(TimeoutError):
            await delivery.done()  # whoever acknowledges after the answer
        load.acks.append(delivery.ack_delay or PATIENCE)
        load.again += len(delivery.attempts) - 1
        return True

    async def write(self, questions: list[str]) -> None:
        """All the questions, so many in flight."""
        numbered = iter(enumerate(questions))
        await asyncio.gather(*(self._some([f"U{n:04d}" for n in range(first, PEOPLE, IN_FLIGHT)], numbered) for first in range(IN_FLIGHT)))

    async def _some(self, people: list[str], questions: Iterator[tuple[int, str]]) -> None:
        """A few people, one after the other."""
        while True:
            for person in people:
                number, question = next(questions, (-1, ""))
                if number < 0:
                    return
                await self.ask(person, question)

    def _see(self, thing: object) -> None:
        if isinstance(thing, Call) and thing.method == "chat.postMessage" and thing.reply.get("ok"):
            answered = self._waiting.pop(thing.args["channel"], None)
            if answered is None:
                self.load.twice += thing.args["channel"] != self._slack.dm_channel("U9READY")
            elif not answered.done():
                answered.set_result(None)


async def measured(name: str, way: str, questions: list[str], directory: Path) -> Load:
    """The load of one bot, in a process of its own that everybody has written to once before."""
    async with FakeSlack(record=False) as slack, running(name, way, slack, directory) as process:
        crowd = Crowd(slack)
        give_up = time.monotonic() + READY_WITHIN
        while not await crowd.ask("U9READY", "hello", 0.5):
            if process.returncode is not None or time.monotonic() > give_up:
                sys.exit(f"{name} does not answer:\n{(directory / 'log').read_text()[-2000:]}")
        await crowd.write([questions[n % len(questions)] for n in range(PEOPLE)])
        load = crowd.load = Load()
        processor, own, begun = spent(process.pid), time.process_time(), time.perf_counter()
        await crowd.write(questions)
        load.seconds = time.perf_counter() - begun
        load.processor, load.own = spent(process.pid) - processor, time.process_time() - own
    return load


@asynccontextmanager
async def running(name: str, way: str, slack: FakeSlack, directory: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A bot while the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(HOME),
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token if way == "socket" else "",
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "CAREERBOT_PORT": str(port),
        "CAREERBOT_DATA_DIR": str(directory),
        "CAREERBOT_FAQ": str(assembly.shipped_faq()),
        "DATABASE_URL": "",
    }
    careerbot = [str(Path(sys.executable).with_name("careerbot")), "serve"]
    command = careerbot if name == "careerbot" else [sys.executable, __file__, "bot", name]
    with (directory / "log").open("w") as log:
        process = await asyncio.create_subprocess_exec(*command, cwd=directory, env=environment, stdout=log, stderr=log)
    try:
        if way == "socket":
            await slack.connected(timeout=READY_WITHIN)
        else:
            slack.http_target = f"http://127.0.0.1:{port}/slack/events"
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def spent(pid: int) -> float:
    """Processor seconds of a process so far; none where the system does not tell."""
    with suppress(OSError):
        user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return 0.0


async def main(ways: list[str], messages: int, rounds: int) -> None:
    """Measure and print."""
    asked = [question.ask for question in load_all(assembly.shipped_faq())[1].tests.questions]
    with tempfile.TemporaryDirectory() as name:
        home = Path(os.environ.get("CAREERBOT_DATA_DIR") or name)
        assembly.assemble(Settings(faq=assembly.shipped_faq(), data_dir=home))  # the model is learned before anything is measured
        for way in ways:
            loads: dict[str, list[Load]] = {bot: [] for bot in BOTS}
            for number in range(rounds):
                questions = random.Random(number).choices(asked, k=messages)  # noqa: S311 - the same ones each time
                for bot in BOTS[number % len(BOTS) :] + BOTS[: number % len(BOTS)]:
                    directory = Path(name) / f"{way}-{number}-{bot}"
                    directory.mkdir()
                    (directory / "models").symlink_to((home / "models").resolve())
                    loads[bot].append(await measured(bot, way, questions, directory))
            show(way, loads)


def show(way: str, loads: Mapping[str, list[Load]]) -> None:
    """Medians of the rounds, and in brackets the lowest and the highest."""
    print(f"{way}, {IN_FLIGHT} in flight, {len(loads['bare'])} rounds")
    for bot, rounds in loads.items():
        cuts = [[1000 * cut for cut in statistics.quantiles(load.delays, n=100)] for load in rounds]
        p50, p95, p99 = (statistics.median(cut[at] for cut in cuts) for at in (49, 94, 98))
        ack = statistics.median(1000 * statistics.quantiles(load.acks, n=100)[98] for load in rounds)
        processor = statistics.median(load.cost for load in rounds)
        own = statistics.median(1000 * load.own / len(load.delays) for load in rounds)
        print(
            f"  {bot:11}{_spread([load.rate for load in rounds], '.0f')} messages/s, p50 {p50:.0f} p95 {p95:.0f} p99 {p99:.0f} ms, "
            f"ack p99 {ack:.0f} ms, processor {processor:.2f} ms a message (Slack's {own:.2f}), "
            f"{sum(load.again for load in rounds)} delivered again, {sum(load.lost for load in rounds)} lost, "
            f"{sum(load.twice for load in rounds)} answered twice",
            flush=True,
        )
    for peer, target in TARGETS.items():
        ratios = [ours.rate / theirs.rate for ours, theirs in zip(loads["careerbot"], loads[peer], strict=True)]
        costs = [theirs.cost / ours.cost for ours, theirs in zip(loads["careerbot"], loads[peer], strict=True) if ours.cost]
        by_processor = f"; by processor time {_spread(costs, '.2f')}" if costs else ""
        print(f"  careerbot / {peer:11}{_spread(ratios, '.2f')}, wanted {target}{by_processor}", flush=True)


def _spread(values: list[float], form: str) -> str:
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["bot"]:
        logging.basicConfig(level=logging.ERROR)
        asyncio.run({"bare": bare, "inbox-echo": inbox_echo}[arguments[1]]())
    else:
        numbers = [int(word) for word in arguments if word.isdigit()]
        asyncio.run(main([word for word in arguments if word in WAYS] or [*WAYS], *numbers, *(MESSAGES, ROUNDS)[len(numbers) :]))
