"""The bot at work for programs that ask over HTTP, in this process, on the bakery's knowledge; the terminal stands in for the desk."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp
from rich.console import Console

from bot import assembly
from bot.channels import terminal
from bot.channels.terminal import Terminal
from bot.serve import web
from bot.serve.supervisor import Supervisor
from bot.settings import Settings
from bot.telemetry.metrics import Metrics
from loopback.running_slack import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from bot.assembly import Bot
    from bot.assembly.channels import Served
    from bot.contracts.ports import Letter
    from bot.delivery.gateway import EventGateway
    from bot.dialogue.turn import RawKey
    from bot.store.store import Store

Json = dict[str, Any]
TOKEN = "a token of the tests"  # noqa: S105 - it opens nothing but tests


class Overheard:
    """The mailbox of a store: what is put there is written down too, and `fault` is raised instead once it is set."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.heard = StringIO()
        self.fault: Exception | None = None

    async def post(self, conversation: RawKey, person: RawKey, content: bytes, turn: str = "") -> int:
        if self.fault is not None:
            fault, self.fault = self.fault, None
            raise fault
        self.heard.write(f"{json.loads(content)['text']}\n")
        return await self._store.post(conversation, person, content, turn)

    def fetch(self, conversation: RawKey, after: int) -> Sequence[Letter]:
        return self._store.fetch(conversation, after)

    def answer(self, turn: str) -> Letter | None:
        return self._store.answer(turn)


@dataclass
class House:
    """The bot, and whoever calls it. What is said at the desk is written down with what lies in the `mailbox`."""

    url: str
    session: aiohttp.ClientSession
    channel: Served
    gateway: EventGateway
    store: Store
    mailbox: Overheard
    desk: Terminal

    async def call(self, method: str, path: str, body: bytes | None = None, token: str = f"Bearer {TOKEN}") -> tuple[int, Json]:
        """The status and the JSON of an answer."""
        async with self.session.request(method, f"{self.url}{path}", data=body, headers={"Authorization": token}) as answer:
            return answer.status, json.loads(await answer.read())

    async def ask(self, text: str = "", **more: object) -> tuple[int, Json]:
        """What is answered to something asked by Ann in her conversation, or otherwise."""
        body = {"conversation": "kitchen", "person": "ann", **({"text": text} if text else {}), **more}
        return await self.call("POST", "/ask", json.dumps(body).encode())

    async def said(self, text: str = "", **more: object) -> Json:
        """The reply to something asked."""
        status, reply = await self.ask(text, **more)
        assert status == 200, reply
        return reply

    async def messages(self, conversation: str = "kitchen", after: int = 0) -> list[Json]:
        """What lies in the mailbox."""
        status, answer = await self.call("GET", f"/conversations/{quote(conversation, safe='')}/messages?after={after}")
        assert status == 200, answer
        messages: list[Json] = answer["messages"]
        return messages

    async def at_desk(self, text: str) -> None:
        """Something said at the desk about the question that it got last."""
        await self.gateway.settled()
        await self.gateway.accept(self.desk.event(f"/desk {text}"))
        await self.gateway.settled()


@asynccontextmanager
async def running(bot: Bot, directory: Path, **more: object) -> AsyncIterator[House]:
    """A house that is open while the block runs; `more` are settings."""
    supervisor = Supervisor()
    async with AsyncExitStack() as stack:
        settings = Settings(data_dir=directory, **{"port": free_port(), "http_token": TOKEN, **more})
        store = stack.enter_context(assembly.opened_store(settings, ["http", "terminal"]))
        mailbox = Overheard(store)
        desk = Terminal(Console(file=mailbox.heard, width=80))
        channel = await stack.enter_async_context(assembly.channel_of("http", settings, bot, mailbox))
        await stack.enter_async_context(web.serving(settings, web.application({"http": channel}, store, Metrics()), supervisor))
        gateway = assembly.gateway_of(settings, bot, store, {"http": channel, "terminal": desk}, terminal.DESK)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        await stack.enter_async_context(gateway.working(supervisor))
        await stack.enter_async_context(channel.listening(gateway, supervisor))
        yield House(f"http://127.0.0.1:{settings.port}", session, channel, gateway, store, mailbox, desk)
    supervisor.check()
