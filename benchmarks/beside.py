"""What measurements of careerbot beside other bots share: people who write and wait, bots as processes, rounds in turns, printing."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import statistics
import sys
import tempfile
import time
from collections import defaultdict, deque
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import assembly
from bot.delivery.gateway import EventGateway
from bot.delivery.handler import EventHandler
from bot.dialogue.assistant import Turn
from bot.dialogue.masking import masked
from bot.dialogue.reply import Reply
from bot.dialogue.session import at_time, following
from bot.dialogue.turn import Answer, Utterance
from bot.knowledge.loader import load, load_all
from bot.serve import server
from bot.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

    from bot.assembly import Bot
    from bot.dialogue.session import Session
    from bot.dialogue.turn import Context, UserAct
    from bot.knowledge.entry import KnowledgeBase
    from bot.store.store import Store

HOME = Path(__file__).parents[1]
PEOPLE = 200
READY = 9999
"""The number of somebody who only looks whether the bot is there; the others count from 0."""
PATIENCE = 30.0
"""Seconds after which a message counts as lost."""
READY_WITHIN = 60.0


class Echo:
    """An assistant that says again what it hears; it matches nothing, but has a session like the real one."""

    def __init__(self, base: KnowledgeBase) -> None:
        self.base = base

    def turn(self, act: UserAct, session: Session | None, context: Context) -> Turn:
        text = act.text if isinstance(act, Utterance) else ""
        decided, reply = Answer((next(iter(self.base.entries)),), 1.0), Reply("answer", f"echo: {text}", confidence=1.0)
        after = following(at_time(session, context.at), act, decided, reply, None, self.base, context)
        return Turn(decided, reply, replace(after, question=masked(text)))


async def inbox_echo() -> None:
    """`careerbot serve` with an assistant that echoes, on the platforms whose tokens are set."""
    settings = read_settings()
    platforms = [name for name in ("slack", "telegram") if getattr(settings, f"{name}_bot_token")]
    base = load(assembly.faq_of(settings))

    def gateway_of(_settings: Settings, _bot: Bot, store: Store, channels: Mapping[str, Any], *_rooms: object) -> EventGateway:
        return EventGateway(store, EventHandler(Echo(base)), channels)  # type: ignore[arg-type]

    assembly.gateway_of = gateway_of
    with assembly.opened_store(settings, platforms) as store:
        await server.serve(settings, assembly.Bot(base, None, None, None), store)  # type: ignore[arg-type] - only its words are used


@dataclass
class Load:
    """What was measured of one bot in one round; `acks` and `again` where the platform wants to know that it was heard."""

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

    def delay(self, percent: int) -> float:
        """Milliseconds in which so many of a hundred were answered."""
        return 1000 * statistics.quantiles(self.delays, n=100)[percent - 1]


class Crowd:
    """Numbered people who write to the bot and wait for its answer: what somebody hears answers what they wrote first."""

    def __init__(self, in_flight: int) -> None:
        self._in_flight = in_flight
        self._waiting: dict[int, deque[asyncio.Future[None]]] = defaultdict(deque)
        self.load = Load()

    async def write(self, person: int, text: str) -> Any:  # noqa: ANN401 - whatever `answered` wants
        """Somebody writes."""
        raise NotImplementedError

    async def answered(self, written: Any) -> None:  # noqa: ANN401 - what `write` gave
        """Once there is an answer."""

    def heard(self, person: int) -> None:
        """The bot has said something to somebody."""
        if not self._waiting[person]:
            self.load.twice += person != READY
        elif not (waits := self._waiting[person].popleft()).done():
            waits.set_result(None)

    async def ask(self, person: int, text: str, patience: float = PATIENCE) -> bool:
        """Whether somebody was answered."""
        load, begun = self.load, time.perf_counter()
        waits: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[person].append(waits)
        written = await self.write(person, text)
        try:
            await asyncio.wait_for(waits, patience)
        except TimeoutError:
            with suppress(ValueError):
                self._waiting[person].remove(waits)
            load.lost += 1
            return False
        load.delays.append(time.perf_counter() - begun)
        await self.answered(written)
        return True

    async def ask_all(self, questions: Iterable[str]) -> None:
        """All the questions, so many in flight, each by a person whom nothing is owed."""
        numbered = iter(enumerate(questions))
        some = (self._some(range(first, PEOPLE, self._in_flight), numbered) for first in range(self._in_flight))
        await asyncio.gather(*some)

    async def _some(self, people: Sequence[int], questions: Iterator[tuple[int, str]]) -> None:
        """A few people, one after the other."""
        while True:
            for person in people:
                number, question = next(questions, (-1, ""))
                if number < 0:
                    return
                await self.ask(person, question)

    async def ask_by_chance(self, questions: Iterable[str], rate: float) -> None:
        """All the questions, so many a second, whether or not those before are answered; the same moments each time."""
        chance, loop = random.Random(1), asyncio.get_running_loop()  # noqa: S311 - no secret
        due = loop.time()
        async with asyncio.TaskGroup() as asking:
            for number, question in enumerate(questions):
                due += chance.expovariate(rate)
                await asyncio.sleep(max(0.0, due - loop.time()))
                asking.create_task(self.ask(number % PEOPLE, question))

    async def warmed(self, bot: Running, questions: Sequence[str]) -> None:
        """Return once the bot is there and everybody has written to it once; what is measured begins then."""
        give_up = time.monotonic() + READY_WITHIN
        while not await self.ask(READY, "hello", 0.5):
            if bot.process.returncode is not None or time.monotonic() > give_up:
                sys.exit(f"{bot.name} does not answer:\n{bot.log.read_text()[-2000:]}")
        await self.ask_all([questions[n % len(questions)] for n in range(PEOPLE)])
        self.load = Load()

    async def measured(self, bot: Running, questions: Sequence[str], asking: Callable[[Sequence[str]], Awaitable[None]]) -> Load:
        """The load of a bot."""
        await self.warmed(bot, questions)
        load = self.load
        processor, own, begun = spent(bot.process.pid), time.process_time(), time.perf_counter()
        await asking(questions)
        load.seconds = time.perf_counter() - begun
        load.processor, load.own = spent(bot.process.pid) - processor, time.process_time() - own
        return load


@dataclass(frozen=True)
class Running:
    """A bot that runs."""

    name: str
    process: asyncio.subprocess.Process
    log: Path


@asynccontextmanager
async def running(name: str, command: Sequence[str], environment: Mapping[str, str], directory: Path) -> AsyncIterator[Running]:
    """A bot while the block runs; what it keeps is kept in the directory."""
    shared = {
        "PYTHONPATH": str(HOME),
        "CAREERBOT_DATA_DIR": str(directory),
        "CAREERBOT_FAQ": str(assembly.shipped_faq()),
        "CAREERBOT_RATE": "0",  # a few people stand for many
        "DATABASE_URL": "",
    }
    written = directory / "log"
    with written.open("w") as log:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=directory, env={**os.environ, **shared, **environment}, stdout=log, stderr=log
        )
    try:
        yield Running(name, process, written)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def spent(pid: int) -> float:
    """Processor seconds of a process so far; none where the system does not tell."""
    with suppress(OSError):
        user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return 0.0


@contextmanager
def trained() -> Iterator[Path]:
    """A directory with the trained model: nothing is learned while anything is measured."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(os.environ.get("CAREERBOT_DATA_DIR") or name)
        assembly.assemble(Settings(faq=assembly.shipped_faq(), data_dir=home))
        if home != Path(name):
            (Path(name) / "models").symlink_to((home / "models").resolve())
        yield Path(name)


async def in_turns(
    bots: Sequence[str], rounds: int, messages: int, home: Path, measure: Callable[[str, list[str], Path], Awaitable[Load]]
) -> dict[str, list[Load]]:
    """The loads of each bot, by round; who begins changes, and each gets a directory of its own and the same questions."""
    asked = [question.ask for question in load_all(assembly.shipped_faq())[1].tests.questions]
    loads: dict[str, list[Load]] = {bot: [] for bot in bots}
    for number in range(rounds):
        questions = random.Random(number).choices(asked, k=messages)  # noqa: S311 - the same ones each time
        for bot in (*bots[number % len(bots) :], *bots[: number % len(bots)]):
            directory = Path(tempfile.mkdtemp(prefix=bot, dir=home))
            (directory / "models").symlink_to((home / "models").resolve())
            loads[bot].append(await measure(bot, questions, directory))
    return loads


def show(title: str, loads: Mapping[str, list[Load]], targets: Mapping[str, float]) -> None:
    """Medians of the rounds, in brackets the lowest and the highest; `targets`: what careerbot's rate should be of others'."""
    print(f"{title}, {len(loads['careerbot'])} rounds")
    for bot, rounds in loads.items():
        p50, p95, p99 = (statistics.median(load.delay(percent) for load in rounds) for percent in (50, 95, 99))
        processor = statistics.median(load.cost for load in rounds)
        own = statistics.median(1000 * load.own / len(load.delays) for load in rounds)
        heard = ""
        if all(load.acks for load in rounds):
            ack = statistics.median(1000 * statistics.quantiles(load.acks, n=100)[98] for load in rounds)
            heard = f"ack p99 {ack:.0f} ms, {sum(load.again for load in rounds)} delivered again, "
        print(
            f"  {bot:11}{spread([load.rate for load in rounds], '.0f')} messages/s, p50 {p50:.0f} p95 {p95:.0f} p99 {p99:.0f} ms, "
            f"{heard}processor {processor:.2f} ms a message (the platform's {own:.2f}), "
            f"{sum(load.lost for load in rounds)} lost, {sum(load.twice for load in rounds)} answered twice",
            flush=True,
        )
    for peer, target in targets.items():
        ratios = [ours.rate / theirs.rate for ours, theirs in zip(loads["careerbot"], loads[peer], strict=True)]
        costs = [theirs.cost / ours.cost for ours, theirs in zip(loads["careerbot"], loads[peer], strict=True) if ours.cost]
        by_processor = f"; by processor time {spread(costs, '.2f')}" if costs else ""
        print(f"  careerbot / {peer:11}{spread(ratios, '.2f')}, wanted {target}{by_processor}", flush=True)


def spread(values: list[float], form: str) -> str:
    """The median, the lowest and the highest."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"
