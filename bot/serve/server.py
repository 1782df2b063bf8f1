"""The running bot: its channels, its worker, its web server, started and stopped in order. This module owns the signals."""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from bot import __version__, assembly
from bot.contracts.errors import ChannelError
from bot.serve import web
from bot.serve.reload import Reloader
from bot.serve.supervisor import Supervisor
from bot.telemetry.telemetry import Telemetry

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.assembly import Bot
    from bot.contracts.ports import Store
    from bot.settings import Settings

DRAINED_WITHIN = 10.0
"""Seconds that what is in hand has to be finished in once the bot is told to stop."""
NO_CHANNEL = (
    "No channel is set up: set SLACK_BOT_TOKEN and SLACK_APP_TOKEN (docs/slack.md), TELEGRAM_BOT_TOKEN (docs/telegram.md), "
    "or CAREERBOT_HTTP_TOKEN (docs/channel.md), or try the bot in this terminal: careerbot chat"
)

log = logging.getLogger("careerbot")


def platforms_to_serve(settings: Settings) -> list[str]:
    """The names of the channels to serve. Raises `ChannelError` where there is none, or a room is on a platform that is not among them."""
    platforms = assembly.platforms_of(settings)
    if not platforms:
        raise ChannelError(NO_CHANNEL)
    if unserved := assembly.unserved_rooms(settings):
        raise ChannelError("\n".join(unserved))
    return platforms


async def serve(settings: Settings, bot: Bot, store: Store) -> None:
    """Run until told to stop by SIGTERM or SIGINT; then take nothing more and finish what is in hand. SIGHUP: see `Reloader`.

    Raises `ChannelError` where a channel cannot be started, or the address is taken, and `TaskDiedError` after the orderly end to which
    the death of a task has led.
    """
    supervisor, telemetry = Supervisor(), Telemetry()
    _on(supervisor.stop, signal.SIGTERM, signal.SIGINT)
    telemetry.runs(__version__)
    async with AsyncExitStack() as stack:
        channels = {
            name: await stack.enter_async_context(assembly.channel_of(name, settings, bot, store, telemetry))
            for name in platforms_to_serve(settings)
        }
        token = settings.metrics_token.get_secret_value() if settings.metrics_token else ""
        await stack.enter_async_context(web.serving(settings, web.application(channels, store, telemetry, token), supervisor))
        rooms = assembly.room_of(settings.desk), assembly.room_of(settings.team_room)
        gateway = assembly.gateway_of(settings, bot, store, channels, *rooms, telemetry)
        await stack.enter_async_context(gateway.working(supervisor, DRAINED_WITHIN))
        reloader = Reloader(settings, bot, store, gateway, telemetry)
        await stack.enter_async_context(reloader.following(supervisor))
        _on(reloader.look, signal.SIGHUP)
        for channel in channels.values():
            await stack.enter_async_context(channel.listening(gateway, supervisor))
        log.info("Ready: %s. Health at http://%s:%s/readyz.", " and ".join(channels), settings.host, settings.port)
        await supervisor.stopped()
        log.info("Stopping: what is in hand is finished.")
    supervisor.check()


def _on(do: Callable[[], None], *signals: signal.Signals) -> None:
    for number in signals:
        asyncio.get_running_loop().add_signal_handler(number, do)
