"""A client of the Bot API in a few lines, and a webhook, to try the loopback Telegram with."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from loopback.telegram import FakeTelegram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from loopback.telegram_text import Json

    Scenario = Callable[[FakeTelegram, "Client"], Awaitable[None]]


HTML = {"parse_mode": "HTML"}
LETTER = {"text": "b", "callback_data": "x"}
ARTICLE = {"type": "article", "id": "a1", "title": "Title", "input_message_content": {"message_text": "shared"}}


def keyboard(*buttons: Json) -> Json:
    """A keyboard of one row."""
    return {"inline_keyboard": [list(buttons)]}


def kinds(tg: FakeTelegram) -> list[str]:
    """The sorts of rules that were broken."""
    return [violation.kind for violation in tg.check()]


class Refused(Exception):  # noqa: N818 - an answer, not a failure of the client
    """An answer with ok: false; `answer` is its body."""

    def __init__(self, answer: Json) -> None:
        super().__init__(f"{answer['error_code']} {answer['description']}")
        self.answer = answer


class Client:
    """Calls the Bot API: `await client("sendMessage", chat_id=1, text="text")`. Raises Refused."""

    def __init__(self, tg: FakeTelegram, http: aiohttp.ClientSession) -> None:
        self.tg, self.http = tg, http

    async def __call__(self, method: str, **params: object) -> Any:  # noqa: ANN401 - what the method gives
        async with self.http.post(f"{self.tg.base_url}{self.tg.token}/{method}", json=params) as response:
            answer = await response.json()
            assert answer["ok"] == (response.status == 200)
            if answer["ok"]:
                return answer["result"]
            raise Refused(answer)

    async def say(self, chat: Json, text: str = "text", **params: object) -> Json:
        """Send a message; gives what the server keeps of it, which later edits change."""
        shown = await self("sendMessage", chat_id=chat["id"], text=text, **params)
        return self.tg.messages[chat["id"], shown["message_id"]]

    async def told(self) -> list[Json]:
        """What is new, confirmed at once."""
        updates: list[Json] = await self("getUpdates")
        if updates:
            await self("getUpdates", offset=updates[-1]["update_id"] + 1)
        return updates


def live(scenario: Scenario, **how: Any) -> None:  # noqa: ANN401 - what FakeTelegram takes
    """Run a scenario with a server and a client of it."""

    async def main() -> None:
        async with FakeTelegram(**{"rate": "off", **how}) as tg, aiohttp.ClientSession() as http:
            await scenario(tg, Client(tg, http))

    asyncio.run(main())


@asynccontextmanager
async def hook(answers: list[web.Response]) -> AsyncIterator[tuple[str, list[tuple[str | None, Json]]]]:
    """A webhook that gives these answers and then 200; its address, and what came: secret and update."""
    got: list[tuple[str | None, Json]] = []

    async def take(request: web.Request) -> web.Response:
        got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json()))
        return answers.pop(0) if answers else web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", got
    await runner.cleanup()
