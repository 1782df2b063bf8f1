"""Slack and Telegram on loopback as measurements use them: people who write and wait, slow lines, and a bot's environment in each."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from aiohttp import web
from loopback.slack import Call as SlackCall
from loopback.slack import FakeSlack
from loopback.telegram import FakeTelegram

from benchmarks.beside import PATIENCE, Crowd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from loopback.telegram import Call as TelegramCall

T = TypeVar("T")
FIRST = 100_000
"""The number of the first person in Telegram."""
IN_FLIGHT = {"slack": 50, "telegram": 16}


class Line:
    """A slow line to a platform: each call takes `one_way` seconds there, where it counts, and as long back.

    `cut` is how many of the messages it is cut under, in half of the cases before they count. `cuts` are those that it was cut under,
    `under_way` those that have left the bot and are not answered yet.
    """

    one_way = 0.010
    cut = 0.0
    cuts = 0
    under_way = 0

    async def carried(self, request: web.Request, handle: Callable[[web.Request], Awaitable[T]]) -> T:
        """What comes of a call; what has left whole arrives, whatever becomes of the bot meanwhile."""
        try:
            await request.read()
        except ConnectionError:
            raise web.HTTPBadRequest from None  # half a request, of a bot that was killed
        message = request.match_info["method"] in {"chat.postMessage", "sendMessage"}
        chance = random.random() if message else 1.0  # noqa: S311
        self.under_way += message
        await asyncio.sleep(self.one_way)
        if chance < self.cut / 2:
            self._hang_up(request)
        answer = await handle(request)
        if chance < self.cut:
            self._hang_up(request)
        await asyncio.sleep(self.one_way)
        self.under_way -= message
        return answer

    def _hang_up(self, request: web.Request) -> NoReturn:
        """Cut the line: who called cannot know what became of the call."""
        self.under_way -= 1
        self.cuts += 1
        if request.transport:
            request.transport.abort()
        raise web.HTTPServiceUnavailable  # which nobody hears


class FarSlack(Line, FakeSlack):
    """A Slack at the other end of a slow line."""

    async def _api(self, request: web.Request) -> web.Response:
        return await self.carried(request, super()._api)


class FarTelegram(Line, FakeTelegram):
    """A Telegram at the other end of a slow line."""

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        return await self.carried(request, super()._handle)


def slack_environment(slack: FakeSlack, port: int, *, by_socket: bool) -> dict[str, str]:
    """What a bot in Slack is told; over HTTP Slack calls it at a port."""
    return {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token if by_socket else "",
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "CAREERBOT_PORT": str(port),
    }


def slack_target(port: int) -> str:
    """Where Slack calls a bot."""
    return f"http://127.0.0.1:{port}/slack/events"


def telegram_environment(telegram: FakeTelegram, port: int, *, by_polling: bool) -> dict[str, str]:
    """What a bot in Telegram is told; by webhook Telegram calls it at a port."""
    return {
        "TELEGRAM_API_URL": telegram.root_url,
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "CAREERBOT_PORT": str(port),
        **({} if by_polling else {"TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram/webhook"}),
    }


class SlackCrowd(Crowd):
    """People who write direct messages."""

    def __init__(self, slack: FakeSlack) -> None:
        super().__init__(IN_FLIGHT["slack"])
        self._slack = slack
        self._people: dict[str, int] = {}
        slack.watchers.append(self._see)

    async def write(self, person: int, text: str) -> Any:  # noqa: ANN401 - a delivery of the tests' Slack
        user = f"U{person:04d}"
        self._people[self._slack.dm_channel(user)] = person
        return await self._slack.dm(text, user)

    async def answered(self, written: Any) -> None:  # noqa: ANN401 - as above
        with suppress(TimeoutError):
            await written.done()  # whoever acknowledges after the answer
        self.load.acks.append(written.ack_delay or PATIENCE)
        self.load.again += len(written.attempts) - 1

    def _see(self, thing: object) -> None:
        if isinstance(thing, SlackCall) and thing.method == "chat.postMessage" and thing.reply.get("ok"):
            self.heard(self._people[thing.args["channel"]])


class TelegramCrowd(Crowd):
    """People who write in private."""

    def __init__(self, telegram: FakeTelegram) -> None:
        super().__init__(IN_FLIGHT["telegram"])
        self._telegram = telegram
        telegram.on_call.append(self._see)

    async def write(self, person: int, text: str) -> None:
        user = self._telegram.user("Ann", user_id=FIRST + person)
        self._telegram.send(self._telegram.private(user), user, text)

    def _see(self, call: TelegramCall) -> None:
        if call.ok and call.method == "sendMessage":
            self.heard(call.result["chat"]["id"] - FIRST)
