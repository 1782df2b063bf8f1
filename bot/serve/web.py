"""The web server: what the platforms call, health, and metrics. Starlette on uvicorn: https://www.starlette.io, https://www.uvicorn.org.

Whoever reaches it may send anything: bodies are bounded and have to arrive in time, and only so many are worked on at once.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager, contextmanager
from hmac import compare_digest
from ipaddress import ip_address
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.contracts.errors import ChannelError, StoreError
from bot.telemetry.metrics import CONTENT_TYPE, Metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bot.assembly import Served
    from bot.contracts.events import Depth
    from bot.contracts.ports import Store, Supervisor
    from bot.settings import Settings

LARGEST = 1_000_000
"""Bytes of a body; what Slack and Telegram send is far below."""
READ_WITHIN = 10.0
"""Seconds that a request has to arrive in."""
AT_ONCE = 200
"""Calls of a platform worked on at once; Slack and Telegram call again those that are turned away."""
CONNECTIONS = 1000
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def application(channels: Mapping[str, Served], store: Store, metrics: Metrics, token: str = "") -> Starlette:
    """The web application; `token` is what opens the metrics to other machines."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        """200 once messages are taken and can be kept, else 503; which part is not ready stands in the body."""
        parts, _depth = await _parts(channels, store)
        ready = all(parts.values())
        return JSONResponse({"ready": ready, **parts, "knowledge": metrics.knowledge}, 200 if ready else 503)

    async def metered(request: Request) -> Response:
        if not _may_measure(request, token):
            return PlainTextResponse("Metrics are for this machine, or for whoever shows CAREERBOT_METRICS_TOKEN.\n", 403)
        metrics.stands(*await _parts(channels, store))
        return Response(metrics.text(), headers={"content-type": CONTENT_TYPE})

    bounded = [Middleware(Bounded)]
    endpoints = [endpoint for channel in channels.values() for endpoint in channel.endpoints]
    called = [Route(each.path, each.answer, methods=[each.method], middleware=bounded) for each in endpoints]
    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metered), *called])


async def _parts(channels: Mapping[str, Served], store: Store) -> tuple[dict[str, bool], Depth | None]:
    """Which parts are ready, and how much waits."""
    try:
        depth = await asyncio.to_thread(store.depth)
    except StoreError:
        depth = None
    return {name: channel.ready for name, channel in channels.items()} | {"database": depth is not None and store.alive}, depth


def _may_measure(request: Request, token: str) -> bool:
    """Whether somebody on this machine asks, not behind a proxy, or somebody with the token."""
    if token and compare_digest(request.headers.get("authorization", "").encode("latin-1"), f"Bearer {token}".encode()):
        return True
    forwarded = any(header in request.headers for header in _FORWARDED)
    return not forwarded and request.client is not None and _is_loopback(request.client.host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Bounded:
    """Takes requests whose bodies are small and arrive in time, and not too many at once; the rest gets 413, 408 or 503."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._at_once = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._at_once >= AT_ONCE:
            await Response(status_code=503, headers={"retry-after": "1", "connection": "close"})(scope, receive, send)
            return
        self._at_once += 1
        try:
            async with asyncio.timeout(READ_WITHIN):
                body = await _read(receive)
        except ClientDisconnect:
            pass  # nobody is left to be answered, and half a body is none
        except TimeoutError:
            await Response(status_code=408, headers={"connection": "close"})(scope, receive, send)
        else:
            if body is None:
                await Response(status_code=413, headers={"connection": "close"})(scope, receive, send)
            else:
                await self._app(scope, _replayed(body, receive), send)
        finally:
            self._at_once -= 1


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None for one that is too large. Raises `ClientDisconnect` for one that was cut off."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > LARGEST:
            return None
        more = message.get("more_body", False)
    return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A body that was read, to be read again."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return left.pop() if left else await receive()

    return again


class _Impatient(H11Protocol):
    """Hangs up on whoever connects and does not say in time what they want."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._hanging_up = self.loop.call_later(READ_WITHIN, self._hang_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._hanging_up.cancel()
        super().connection_lost(exc)

    def _hang_up(self) -> None:
        asked: object = self.cycle  # None until a request has begun, whatever its type says
        if asked is None:
            self.transport.close()


class _Server(uvicorn.Server):
    """A web server that leaves the signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@asynccontextmanager
async def serving(settings: Settings, app: Starlette, supervisor: Supervisor) -> AsyncIterator[None]:
    """The web server while the block runs; raises `ChannelError` if the address is taken."""
    try:
        listening = socket.create_server((settings.host, settings.port), family=socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    except OSError as error:
        message = f"Nothing can listen at {settings.host}:{settings.port} ({error.strerror or error}); set CAREERBOT_PORT to a free one."
        raise ChannelError(message) from None
    config = uvicorn.Config(
        app,
        http=_Impatient,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    running = supervisor.start("web server", server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait({running})  # how it ended is the supervisor's to tell
        listening.close()
