"""A Slack on the loopback: Web API, Socket Mode, signed HTTP delivery and response_url, with faults and a record of it all.

async with FakeSlack() as slack:              # give the bot slack.api_url, slack.bot_token and slack.app_token
    await slack.connected()                   # over Socket Mode; or set slack.http_target to the address of the bot
    delivery = await slack.dm("hello")        # await delivery.done(); delivery.ack_delay, .attempts, .response
    message = await slack.wait_message(lambda m: "hello" in m["text"])
    await slack.press(message, action_id="feedback.*")
    assert not slack.errors()                 # what breaks Block Kit or the protocol

Not modelled: files, search, user groups, Enterprise Grid, exact rate limits, scopes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Self

import aiohttp
from aiohttp import web

from loopback.slack_api import WebApi
from loopback.slack_people import People
from loopback.slack_state import APP, BOT, BOT_USER, GENERAL, USER, Attempt, Call, Delivery, Fault, SlackError

if TYPE_CHECKING:
    from collections.abc import Callable

    from loopback.blockkit import Json, Problem

__all__ = ["APP", "BOT", "BOT_USER", "GENERAL", "USER", "Attempt", "Call", "Delivery", "FakeSlack", "SlackError"]

LARGEST_REQUEST = 8 << 20  # bytes
SHUTDOWN = 0.5  # seconds that a request under way is given when the server stops


class FakeSlack(People, WebApi):
    """The server, and all a test does with it. Runs within one `async with`, in the loop of the test."""

    async def start(self, port: int = 0) -> Self:
        """Listen on a port of the loopback (0: any that is free)."""
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link", self._socket)
        app.router.add_post("/respond/{key}", self._respond)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.api_url = f"{self.url}/api/"
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self

    async def stop(self) -> None:
        """Stop listening; what is still to be delivered is not."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.drop_sockets()
        await self._http.close()
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def connected(self, more_than: int = 0, timeout: float = 15) -> None:  # noqa: ASYNC109 - tests name their patience
        """Wait for a live Socket Mode connection and (after a fault) for more than `more_than` ever opened. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while not self._sockets or self.connections <= more_than:
                self._opened.clear()
                await self._opened.wait()

    async def wait_call(
        self,
        method: str,
        where: Callable[[Call], object] = lambda _: True,
        timeout: float = 5,  # noqa: ASYNC109 - tests name their patience
    ) -> Call:
        """The first call of `method`, made or to come, for which `where` holds. Raises TimeoutError, with the last calls."""

        def match(thing: Call | Json) -> object:
            return isinstance(thing, Call) and thing.method == method and where(thing)

        found = next(filter(match, self.calls), None)
        return found or await self._wait(match, timeout, f"call of {method}")

    async def wait_message(
        self,
        where: Callable[[Json], object] = lambda _: True,
        timeout: float = 5,  # noqa: ASYNC109 - tests name their patience
    ) -> Json:
        """The first message of the bot, there or to come, for which `where` holds; ephemeral ones have `ephemeral_to`."""

        def match(thing: Call | Json) -> object:
            return isinstance(thing, dict) and thing.get("bot_id") and where(thing)

        found = next(filter(match, self.messages.values()), None)
        return found or await self._wait(match, timeout, "message")

    async def _wait(self, match: Callable[[Call | Json], object], patience: float, what: str) -> Any:  # noqa: ANN401 - what match takes
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiters.append((match, future))
        try:
            async with asyncio.timeout(patience):
                return await future
        except TimeoutError:
            message = f"no {what} in {patience} s; last calls: {[call.method for call in self.calls[-8:]]}"
            raise TimeoutError(message) from None

    def errors(self) -> list[tuple[str, Problem]]:
        """What Slack would have refused: (method, problem)."""
        return [(method, problem) for method, problem in self.problems if problem.severity == "error"]

    def fail(  # noqa: PLR0913 - each is one thing that goes wrong
        self,
        method: str,
        *,
        status: int = 200,
        error: str = "internal_error",
        retry_after: float = 1,
        times: int = 1,
        delay: float = 0.0,
        drop: bool = False,
        drop_before: bool = False,
    ) -> None:
        """Let the next `times` calls of a method (or of "response_url") go wrong, `delay` seconds late.

        They get ok: false with `error`, or status=429 (with Retry-After) or another status. With `drop` the call takes effect, but the
        connection is closed instead of an answer; with `drop_before` it is closed and there is no effect.
        """
        fault = Fault(status, error, retry_after, delay, drop, drop_before)
        self._faults.setdefault(method, deque()).extend([fault] * times)

    async def drop_sockets(self, *, abruptly: bool = False) -> None:
        """Close every Socket Mode connection with a close frame, or (abruptly) cut it."""
        live, self._sockets = self._sockets, {}
        for socket, request in live.items():
            if abruptly and request.transport:
                request.transport.abort()
            else:
                await socket.close()

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the bot to connect anew, as Slack does about hourly; the old connections work until the bot closes them."""
        for socket in list(self._sockets):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "fake"}})
