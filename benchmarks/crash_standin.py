"""A platform on loopback that stands in for any (this process), and a bot that answers it (a child process), killed again and again.

The platform delivers again what is not acknowledged, as Slack does and as Telegram's offset does, and tells what has arrived. A reply takes
10 ms to the platform, where it counts, and 10 ms back.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.crash_judging import AGAIN, CONVERSATIONS, KNOWLEDGE, LONGEST_LIFE, ONE_WAY, TIME_LIMIT, judge, speak
from bot.assembly import assemble, gateway_of
from bot.contracts.addresses import Address
from bot.contracts.errors import StoreError
from bot.contracts.events import NO_KEY, InboundEvent
from bot.dialogue.turn import RawKey, Utterance, turn_id
from bot.serve.supervisor import Supervisor
from bot.settings import Settings
from bot.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.contracts.outcomes import Message
    from bot.delivery.gateway import EventGateway

HOME = Path(__file__).parents[1]
PLATFORM = "crash"


@dataclass
class Platform:
    """Delivers events, takes replies, and remembers both."""

    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    replies: list[str] = field(default_factory=list)
    bots: list[asyncio.StreamWriter] = field(default_factory=list)
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    replied: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: int = 0
    """Replies that have left a bot that does not know yet whether they arrived."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A bot has come; it gets all that is not acknowledged."""
        self.bots.append(writer)
        self.connected.set()
        for id_ in [id_ for id_ in self.sent if id_ not in self.acknowledged]:
            self.deliver(id_, writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := await reader.readline():
                told = json.loads(line)
                if "ack" in told:
                    self.acknowledged.add(told["ack"])
                elif "find" in told:
                    writer.write(json.dumps({"ok": told["n"], "found": told["find"] in self.replies}).encode() + b"\n")
                else:
                    self.under_way += 1
                    asyncio.get_running_loop().call_later(ONE_WAY, self._reply, told["turn"], told["n"], writer)
        self.bots.remove(writer)

    async def say(self, number: int) -> None:
        """Somebody says something; it goes to one of the bots, now and then to another one too."""
        id_ = str(number)
        self.sent[id_] = {"id": id_, "conversation": f"conversation {number % CONVERSATIONS}", "at": time.monotonic()}
        for writer in random.sample(self.bots, k=min(len(self.bots), 1 + (random.random() < 0.1))):  # noqa: S311, PLR2004
            self.deliver(id_, writer)

    def deliver(self, id_: str, writer: asyncio.StreamWriter) -> None:
        """Deliver an event, once more if need be."""
        self.sent[id_]["at"] = time.monotonic()
        if not writer.is_closing():
            writer.write(json.dumps(self.sent[id_]).encode() + b"\n")

    async def all_answered(self, events: int) -> None:
        """Return once so many events have a reply."""
        while len(set(self.replies)) < events:
            self.replied.clear()
            await self.replied.wait()

    async def deliver_again(self) -> None:
        """Go on delivering what nobody acknowledges."""
        while True:
            await asyncio.sleep(0.1)
            late = time.monotonic() - AGAIN
            for id_, event in list(self.sent.items()):
                if id_ not in self.acknowledged and event["at"] < late and self.bots:
                    self.deliver(id_, random.choice(self.bots))  # noqa: S311

    def _reply(self, turn: str, number: int, writer: asyncio.StreamWriter) -> None:
        """A reply has arrived: it counts, whatever becomes of the bot; word of it goes back."""
        self.replies.append(turn)
        self.replied.set()
        asyncio.get_running_loop().call_later(ONE_WAY, self._answer, number, writer)

    def _answer(self, number: int, writer: asyncio.StreamWriter) -> None:
        self.under_way -= 1
        if not writer.is_closing():
            writer.write(json.dumps({"ok": number}).encode() + b"\n")


class Wire:
    """The bot's side: a channel over the connection to the platform."""

    platform = PLATFORM

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._waiting: dict[int, asyncio.Future[bool]] = {}

    def read(self, payload: Mapping[str, Any]) -> InboundEvent:
        key = RawKey(payload["conversation"])
        return InboundEvent(
            id=payload["id"],
            platform=PLATFORM,
            conversation=key,
            person=key,
            payload=payload,
            act=Utterance("when are you open"),
            address=Address(PLATFORM, {"conversation": key}),
            twin=RawKey(f"twin {payload['id']}"),
        )

    async def send(self, message: Message) -> str:
        await self._answered(turn=message.turn)
        return message.turn

    async def find(self, message: Message, since: float) -> str:  # noqa: ARG002 - as all channels
        return message.turn if await self._answered(find=message.turn) else ""

    def beneath(self, post: str) -> RawKey:  # noqa: ARG002 - as above
        return NO_KEY

    async def _answered(self, **told: str) -> bool:
        """What the platform answers."""
        number = len(self._waiting)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self._writer.write(json.dumps({**told, "n": number}).encode() + b"\n")
        return await self._waiting[number]

    async def listen(self, gateway: EventGateway) -> None:
        """Take events until the platform goes."""
        tasks = set()
        while line := await self._reader.readline():
            told = json.loads(line)
            if "ok" in told:
                self._waiting[told["ok"]].set_result(told.get("found", True))
            else:
                task = asyncio.create_task(self._accept(gateway, told))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

    async def _accept(self, gateway: EventGateway, told: dict[str, Any]) -> None:
        with suppress(StoreError):  # it comes again
            await gateway.accept(self.read(told))
            self._writer.write(json.dumps({"ack": told["id"]}).encode() + b"\n")


async def be_a_bot(url: str, port: int, data_dir: Path, *, alone: bool) -> None:
    """The child: a bot over the database at `url`, until it is killed."""
    settings = Settings(faq=KNOWLEDGE, data_dir=data_dir)
    bot = assemble(settings)
    store = Store(url, lambda _: "only for the benchmark", platforms=[PLATFORM], alone=alone)
    wire = Wire(*await asyncio.open_connection("127.0.0.1", port))
    async with gateway_of(settings, bot, store, {PLATFORM: wire}, None).working(Supervisor()) as gateway:
        await wire.listen(gateway)
    store.close()


async def run(name: str, url: str, data_dir: Path, *, events: int, kills: int, bots: int = 1) -> bool:
    """Play it and print what was lost and doubled; True if nothing was that must not be."""
    platform = Platform()
    server = await asyncio.start_server(platform.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    again = asyncio.create_task(platform.deliver_again())
    ids = {turn_id(f"{PLATFORM}:{number}"): number for number in range(events)}
    begun, under_way = time.monotonic(), 0
    children = [await _start(url, port, data_dir, alone=bots == 1) for _ in range(bots)]
    while len(platform.bots) < bots:
        await platform.connected.wait()
        platform.connected.clear()
    platform.connected.set()
    speaking = asyncio.create_task(speak(platform.say, events))
    for _ in range(kills):
        await platform.connected.wait()
        await asyncio.sleep(random.uniform(0, LONGEST_LIFE))  # noqa: S311
        platform.connected.clear()
        children[0].send_signal(signal.SIGKILL)
        under_way += platform.under_way
        await children[0].wait()
        children[0] = await _start(url, port, data_dir, alone=bots == 1)
    await speaking
    with suppress(TimeoutError):
        await asyncio.wait_for(platform.all_answered(events), TIME_LIMIT)
    await asyncio.sleep(3 * AGAIN)  # whatever would still be said twice has its time
    for child in children:
        child.send_signal(signal.SIGKILL)
        await child.wait()
    again.cancel()
    server.close()
    replies = [ids[turn] for turn in platform.replies]
    conversations = [number % CONVERSATIONS for number in range(events)]
    ending = f"{kills} kills, {under_way} replies were on the line, {time.monotonic() - begun:.0f} s"
    return judge(name, replies, conversations, lambda *_: True, twice=0.0, ending=ending)


async def _start(url: str, port: int, data_dir: Path, *, alone: bool) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "benchmarks.crash_standin", url, str(port), str(data_dir), "alone" if alone else "shared"]
    return await asyncio.create_subprocess_exec(*command, cwd=HOME, env={**os.environ, "PYTHONPATH": str(HOME)})


if __name__ == "__main__":
    asyncio.run(be_a_bot(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), alone=sys.argv[4] == "alone"))
