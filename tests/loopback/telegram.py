"""A Telegram on the loopback: the Bot API by polling and by webhook, with faults and a record of it all.

async with FakeTelegram() as tg:              # give the bot tg.root_url (or tg.base_url, with /bot) and tg.token
    ann = tg.user("Ann")
    chat = tg.private(ann)
    mark = tg.mark()
    tg.send(chat, ann, "hello")
    message = await tg.wait_sent(chat, since=mark)
    tg.press(message, "Helpful", ann)         # by the text or the data of a button
    assert not tg.check()                     # what was refused or too fast, and presses nobody answered

Like the real server it confirms updates by a higher offset only, gives 409 to a second poller and to polling beside a webhook, posts to
the webhook until a 2xx and in order per chat, refuses what the real one refuses, and hides what privacy mode hides.

Not modelled: media, reply keyboards (recorded only), HTTPS, entities of Markdown, the age at which messages cannot be deleted.
"""

from __future__ import annotations

import asyncio
import json
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

import aiohttp
from aiohttp import web

from loopback.telegram_people import People
from loopback.telegram_state import Call, Fault, Violation, Webhook, public
from loopback.telegram_text import ApiError, Json

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ApiError", "Call", "FakeTelegram", "Fault", "Violation", "Webhook"]

LARGEST_REQUEST = 16 << 20  # bytes
SHUTDOWN = 0.5  # seconds that a request under way is given when the server stops
LONGEST_DELIVERY = 60  # seconds the webhook is given to answer
PAUSE = 0.05  # seconds between looks at what no event tells of
PLAIN = ("text", "caption", "description")  # text that may look like JSON


class FakeTelegram(People):
    """The server, and all a test does with it. Runs within one `async with`, in the loop of the test."""

    async def start(self) -> Self:
        """Listen on `port` (0: any that is free)."""
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self.port, backlog=1024).start()
        self.port = self._runner.addresses[0][1]
        limit = aiohttp.ClientTimeout(total=LONGEST_DELIVERY)
        self._http = aiohttp.ClientSession(timeout=limit, connector=aiohttp.TCPConnector(limit=0))
        return self

    async def stop(self) -> None:
        """Stop listening; what is still to be delivered is not."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._end_poll(ApiError(502, "Bad Gateway"))
        await self._http.close()
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def root_url(self) -> str:
        """The address of the server."""
        return f"http://{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        """The address to which a client of the Bot API adds the token."""
        return f"{self.root_url}/bot"

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token or self.revoked:
            return _refusal(ApiError(401, "Unauthorized"))
        call = Call(request.match_info["method"], await _params(request), time.monotonic())
        self.calls.append(call)
        try:
            return await self._served(call, next((fault for fault in self.faults if fault.fits(call)), None))
        except ApiError as refused:
            call.status, call.error = refused.code, refused.text
            if refused.code == HTTPStatus.CONFLICT and request.transport:  # else who polled has hung up: a conflict with nobody
                self.violations.append(Violation("conflict", refused.text, call))
            elif refused.code < HTTPStatus.CONFLICT:
                self.violations.append(Violation("rejected", refused.text, call))
            return _refusal(refused)
        except ConnectionAbortedError:
            call.error = "connection dropped"
            if request.transport:
                request.transport.abort()
            return web.Response()
        finally:
            for hook in self.on_call:
                hook(call)
            self._activity.set()

    async def _served(self, call: Call, fault: Fault | None) -> web.Response:
        """Let a call take effect, or go wrong."""
        kind = fault.kind if fault else ""
        if fault:
            fault.times -= 1
        if kind == "drop":
            raise ConnectionAbortedError
        if fault and kind == "429":
            raise ApiError(429, f"Too Many Requests: retry after {fault.retry_after}", retry_after=fault.retry_after)
        if kind == "500":
            raise ApiError(500, "Internal Server Error")
        if kind == "502":
            call.status, call.error = 502, "bad gateway"
            return web.Response(status=502, text="<h1>502 Bad Gateway</h1>", content_type="text/html")
        if fault and kind == "answer":
            call.status, call.error = fault.status, "an answer that is none"
            return web.json_response(fault.answer, status=fault.status)
        await self._run(call)
        answer = json.dumps({"ok": True, "result": public(call.result) if isinstance(call.result, dict) else call.result})
        if fault:
            await asyncio.sleep(fault.delay)
        if kind == "drop_after":
            raise ConnectionAbortedError
        return web.Response(text=answer, content_type="application/json")

    def revoke(self, *, revoked: bool = True) -> None:
        """Refuse the token from now on, also to the poll that waits; or take it again."""
        self.revoked = revoked
        if revoked:
            self._end_poll(ApiError(401, "Unauthorized"))

    def mark(self) -> int:
        """A point in time: give it as `since` to look only at calls after it."""
        return len(self.calls)

    def sent(self, chat: Json, since: int = 0) -> list[Json]:
        """The messages the bot has sent to a chat, as they are now."""
        done = [call.result for call in self.calls[since:] if call.ok and call.method == "sendMessage"]
        return [message for message in done if message["chat"]["id"] == chat["id"]]

    async def wait(self, what: Callable[[], Any], timeout: float = 5.0) -> Any:  # noqa: ANN401, ASYNC109 - gives what `what` does; tests name their patience
        """What `what` gives, as soon as it is true. Raises TimeoutError, with the last calls."""
        deadline = time.monotonic() + timeout
        while not (found := what()):
            if time.monotonic() >= deadline:
                last = [f"{call.method} {call.error}".strip() for call in self.calls[-20:] if call.method != "getUpdates"]
                message = f"nothing in {timeout} s; last calls: {last}"
                raise TimeoutError(message)
            self._activity.clear()
            try:
                async with asyncio.timeout(PAUSE):
                    await self._activity.wait()
            except TimeoutError:
                continue
        return found

    async def wait_sent(self, chat: Json, *, since: int = 0, n: int = 1, timeout: float = 5.0) -> Json:  # noqa: ASYNC109 - tests name their patience
        """The n-th message the bot sends to a chat. Raises TimeoutError."""
        messages: list[Json] = await self.wait(lambda: self.sent(chat, since)[n - 1 :], timeout)
        return messages[0]

    async def wait_call(
        self,
        method: str,
        *,
        since: int = 0,
        where: Callable[[Json], object] = lambda _: True,
        timeout: float = 5.0,  # noqa: ASYNC109 - tests name their patience
    ) -> Call:
        """The first call of a method, answered or refused, for whose parameters `where` holds. Raises TimeoutError."""

        def found() -> Call | None:
            calls = [call for call in self.calls[since:] if call.method == method and (call.ok or call.error)]
            return next((call for call in calls if where(call.params)), None)

        call: Call = await self.wait(found, timeout)
        return call

    async def quiet(self, seconds: float = 0.3) -> None:
        """Wait until the bot has made no call but getUpdates for so long."""
        count, since = -1, time.monotonic()
        while time.monotonic() - since < seconds:
            now = sum(call.method != "getUpdates" for call in self.calls)
            if now != count:
                count, since = now, time.monotonic()
            await asyncio.sleep(PAUSE)

    def check(self) -> list[Violation]:
        """All that the bot did wrong, with the presses nobody has answered."""
        silent = [f"{name} ({entry['data']})" for name, entry in self.callbacks.items() if entry["answer"] is None]
        return self.violations + [Violation("unanswered_callback", detail) for detail in silent]


async def _params(request: web.Request) -> Json:
    """The parameters of a call; nested ones are JSON, in a form as text."""
    params: Json = dict(request.query)
    if request.content_type == "application/json":
        params |= await request.json() if request.can_read_body else {}
    elif request.method == "POST":
        params |= dict(await request.post())
    for key, value in params.items():
        if isinstance(value, str) and value[:1] in ("[", "{") and key not in PLAIN:
            try:
                params[key] = json.loads(value)
            except ValueError:
                continue
    return params


def _refusal(error: ApiError) -> web.Response:
    body: Json = {"ok": False, "error_code": error.code, "description": error.text}
    return web.json_response(body | ({"parameters": error.parameters} if error.parameters else {}), status=error.code)
