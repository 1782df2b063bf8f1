"""The running bot: its channels, its worker and a web server for webhooks and health, started and stopped in order.

Starlette on uvicorn: https://www.starlette.io, https://www.uvicorn.org. This module owns the signals.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot import assembly
from bot.dialogue.ports import ChannelError, StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Mapping

    from starlette.requests import Request

    from bot.assembly import Bot, Served
    from bot.settings import Settings
    from bot.store.store import Store

DRAINED_WITHIN = 10.0
"""Seconds that what is in hand has to be finished in once the bot is told to stop."""
NO_CHANNEL = (
    "No channel is set up: set SLACK_BOT_TOKEN and SLACK_APP_TOKEN (docs/slack.md), or TELEGRAM_BOT_TOKEN (docs/telegram.md), "
    "or try the bot in this terminal: careerbot chat"
)

log = logging.getLogger("careerbot")


async def serve(settings: Settings, bot: Bot, store: Store) -> None:
    """Run until told to stop by SIGTERM or SIGINT; then take nothing more and finish what is in hand.

    Raises `ChannelError` where a channel cannot be started, or the address is taken.
    """
    stop = _told_to_stop()
    async with AsyncExitStack() as stack:
        channels = {
            channel.platform: channel for channel in [await stack.enter_async_context(each) for each in assembly.channels_of(settings, bot)]
        }
        if not channels:
            raise ChannelError(NO_CHANNEL)
        await stack.enter_async_context(web(settings, application(channels, store)))
        desk, team = assembly.room_of(settings.desk), assembly.room_of(settings.team_room)
        delivery = assembly.delivery_of(settings, bot, store, channels, desk, team)
        await stack.enter_async_context(delivery.working(DRAINED_WITHIN))
        for channel in channels.values():
            await stack.enter_async_context(channel.listening(delivery))
        log.info("Ready: %s. Health at http://%s:%s/readyz.", " and ".join(channels), settings.host, settings.port)
        await stop.wait()
        log.info("Stopping: what is in hand is finished.")


def application(channels: Mapping[str, Served], store: Store) -> Starlette:
    """The web application: health, and the events of the platforms that call the bot."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        """200 once messages are taken and can be kept, else 503; which part is not ready stands in the body."""
        parts = {name: channel.ready for name, channel in channels.items()} | {"database": await asyncio.to_thread(_answers, store)}
        return JSONResponse({"ready": all(parts.values()), **parts}, 200 if all(parts.values()) else 503)

    called = [Route(channel.path, channel.webhook, methods=["POST"]) for channel in channels.values() if channel.path]
    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), *called])


def _answers(store: Store) -> bool:
    try:
        store.overdue(0.0)
    except StoreError:
        return False
    return True


class _Server(uvicorn.Server):
    """A web server that leaves the signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@asynccontextmanager
async def web(settings: Settings, app: Starlette) -> AsyncIterator[None]:
    """The web server while the block runs."""
    try:
        listening = socket.create_server((settings.host, settings.port), family=socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    except OSError as error:
        message = f"Nothing can listen at {settings.host}:{settings.port} ({error.strerror or error}); set CAREERBOT_PORT to a free one."
        raise ChannelError(message) from None
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", server_header=False, timeout_graceful_shutdown=5)
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
        listening.close()


def _told_to_stop() -> asyncio.Event:
    """Set once the process is told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
