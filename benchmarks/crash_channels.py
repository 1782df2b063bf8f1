"""`careerbot serve` in Slack and in Telegram on loopback (this process), killed again and again: which messages are answered how often.

Each call of the bot takes 10 ms to the platform, where it counts, and 10 ms back. The platforms deliver again what is not acknowledged:
Telegram as it does, Slack after a second and not after a minute, and as often as it takes and not three times only. The bot keeps
Telegram's pace, about 20 messages a second over all, so there a hundred people speak. A reply names the event that it answers: its
thumbs carry the id of the turn.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import re
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from benchmarks.beside import READY_WITHIN, Running, free_port, running
from benchmarks.crash_judging import AGAIN, CONVERSATIONS, KNOWLEDGE, LONGEST_LIFE, TIME_LIMIT, TWICE, judge, speak
from benchmarks.platforms import FIRST, FarSlack, FarTelegram, Line, slack_environment, slack_target, telegram_environment
from bot.dialogue.turn import turn_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from loopback.slack import Attempt, Call, Delivery
    from loopback.telegram import Call as TelegramCall

CAREERBOT = [str(Path(sys.executable).with_name("careerbot")), "serve"]
QUESTION = "when are you open"
BOTH = 10
"""Of so many events one is delivered to both replicas."""
CUT = 0.02
"""How many of the messages lose their connection, where that is what is played."""
READY_EVERY = 0.02
_TURN = re.compile(r"\b[0-9a-f]{16}\b")


class People:
    """Those who speak over a line, a conversation each, and the replies they get: numbers of events in the order of their replies.

    `twice` is how many of the events may be answered twice: none in Slack, which tells what has arrived in direct messages.
    """

    twice = 0.0

    def __init__(self, line: Line, conversations: int) -> None:
        self.line = line
        self.conversations = conversations
        self.replies: list[int] = []
        self._numbers: dict[str, int] = {}
        self._replied = asyncio.Event()

    async def say(self, number: int) -> None:
        """Somebody says something."""
        raise NotImplementedError

    def precedes(self, early: int, late: int) -> bool:
        """Whether one of two events of a conversation, in the order in which they were said, must be answered before the other."""
        raise NotImplementedError

    @property
    def open(self) -> int:
        """How many events have no reply yet."""
        return len(self._numbers) - len({*self.replies})

    async def all_answered(self) -> None:
        """Return once everything that was said has a reply."""
        while self.open:
            self._replied.clear()
            await self._replied.wait()

    def told(self, event: str, number: int) -> None:
        """An event was told to the bot, under the id that its inbox gives it."""
        self._numbers[turn_id(event)] = number

    def heard(self, said: object) -> None:
        """The bot has sent a message."""
        turns = {turn for turn in _TURN.findall(json.dumps(said)) if turn in self._numbers}
        self.replies += [self._numbers[turn] for turn in turns]
        self._replied.set()


class SpreadSlack(FarSlack):
    """A Slack that calls several addresses in turns, as if a load balancer stood between."""

    targets: itertools.cycle[str]

    async def _by_http(self, delivery: Delivery, attempt: Attempt, before: str) -> None:
        self.http_target = next(self.targets)
        await super()._by_http(delivery, attempt, before)


class InSlack(People):
    """People who write direct messages; with `both` some of these are delivered twice at once."""

    def __init__(self, slack: FarSlack, *, both: bool = False) -> None:
        super().__init__(slack, CONVERSATIONS)
        self._slack = slack
        self._both = both
        self._deliveries: list[Delivery] = []
        slack.watchers.append(self._see)

    async def say(self, number: int) -> None:
        delivery = await self._slack.dm(QUESTION, f"U{number % self.conversations:04d}")
        self.told(f"slack:{delivery.payload['event_id']}", number)
        self._deliveries.append(delivery)
        if self._both and number % BOTH == 0:
            await self._slack.repeat(delivery)

    def precedes(self, early: int, late: int) -> bool:
        """Slack itself changes the order where it delivers again: only what was acknowledged before the other was sent comes first."""
        acknowledged = next((attempt.acked for attempt in self._deliveries[early].attempts if attempt.outcome == "ok"), None)
        sent = next(attempt.sent for attempt in self._deliveries[late].attempts if attempt.outcome != "no_connection")
        return acknowledged is not None and acknowledged < sent

    def _see(self, thing: Call | dict[str, Any]) -> None:
        if not isinstance(thing, dict) and thing.method == "chat.postMessage" and thing.reply.get("ok"):
            self.heard(thing.args)


class InTelegram(People):
    """People who write in private."""

    twice = TWICE

    def __init__(self, telegram: FarTelegram) -> None:
        super().__init__(telegram, 4 * CONVERSATIONS)
        self._telegram = telegram
        telegram.on_call.append(self._see)

    async def say(self, number: int) -> None:
        user = self._telegram.user("Ann", user_id=FIRST + number % self.conversations)
        message = self._telegram.send(self._telegram.private(user), user, QUESTION)
        self.told(f"telegram:{message['_update']}", number)

    def precedes(self, _early: int, _late: int) -> bool:
        return True

    def _see(self, call: TelegramCall) -> None:
        if call.ok and call.method == "sendMessage":
            self.heard(call.params)


@asynccontextmanager
async def peopled(kind: str, ports: list[int]) -> AsyncIterator[tuple[People, dict[str, str]]]:
    """People on a platform, and what a bot is told that they are to reach, but for its port."""
    platform, _, way = kind.partition("-")
    if platform == "telegram":
        async with FarTelegram(rate="off") as telegram:
            yield InTelegram(telegram), telegram_environment(telegram, ports[0], by_polling=way != "webhook")
    else:
        again = itertools.repeat(AGAIN, int(TIME_LIMIT / AGAIN))
        async with SpreadSlack(retry_delays=(*again,), ack_timeout=AGAIN) as slack:
            slack.targets = itertools.cycle(map(slack_target, ports))
            slack.http_target = None if way == "socket" else slack_target(ports[0])
            yield InSlack(slack, both=len(ports) > 1), slack_environment(slack, ports[0], by_socket=way == "socket")


@asynccontextmanager
async def alive(environment: Mapping[str, str], port: int, directory: Path) -> AsyncIterator[Running]:
    """`careerbot serve` while the block runs, which begins when it is ready."""
    told = {**environment, "CAREERBOT_PORT": str(port), "CAREERBOT_FAQ": str(KNOWLEDGE)}
    async with running("careerbot", CAREERBOT, told, directory) as bot, aiohttp.ClientSession() as session:
        give_up = time.monotonic() + READY_WITHIN
        while not await _ready(session, port):
            if bot.process.returncode is not None or time.monotonic() > give_up:
                sys.exit(f"{bot.name} is not ready:\n{bot.log.read_text()[-2000:]}")
            await asyncio.sleep(READY_EVERY)
        yield bot


async def _ready(session: aiohttp.ClientSession, port: int) -> bool:
    with suppress(aiohttp.ClientError):
        async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
            return answer.ok
    return False


async def run(kind: str, directories: list[Path], *, events: int, kills: int, more: Mapping[str, str] | None = None) -> bool:
    """Play it, a bot for each directory, of which the first is killed; True if nothing was lost or doubled that must not be."""
    ports, begun, hit, under_way, speaking = [free_port() for _ in directories], time.monotonic(), 0, 0, None
    async with peopled(kind, ports) as (people, told), AsyncExitStack() as others:
        environment = {**told, **(more or {})}
        people.line.cut = CUT if kind.endswith("-cuts") else 0.0
        for port, directory in zip(ports[1:], directories[1:], strict=True):
            await others.enter_async_context(alive(environment, port, directory))
        for life in range(kills + 1):
            async with alive(environment, ports[0], directories[0]) as bot:
                speaking = speaking or asyncio.create_task(speak(people.say, events))
                if life < kills:
                    await asyncio.sleep(random.uniform(0, LONGEST_LIFE))  # noqa: S311
                    bot.process.kill()
                    hit, under_way = hit + (people.open > 0), under_way + people.line.under_way
                    continue
                await speaking
                with suppress(TimeoutError):
                    await asyncio.wait_for(people.all_answered(), TIME_LIMIT)
                await asyncio.sleep(3 * AGAIN)  # whatever would still be said twice has its time
        of_these = f"{hit} while something was to be answered and {under_way} replies were on the line"
        ending = f"{kills} kills, {of_these}, {people.line.cuts} cuts, {time.monotonic() - begun:.0f} s"
        conversations = [number % people.conversations for number in range(events)]
        return judge(kind, people.replies, conversations, people.precedes, twice=people.twice, ending=ending)
