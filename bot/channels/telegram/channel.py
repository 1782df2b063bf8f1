"""The channel of Telegram: a bot that listens, by polling or by webhook, and a sender that speaks."""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from bot.channels.telegram import profile
from bot.channels.telegram.addresses import PATH, PLATFORM
from bot.channels.telegram.listener import FAILURES, KINDS, Listener, Tries, is_numbered
from bot.channels.telegram.pacing import Pace
from bot.channels.telegram.reader import Reader
from bot.channels.telegram.sender import Abilities, Sender
from bot.channels.telegram.web import Web
from bot.contracts.errors import ChannelError, Unreachable
from bot.contracts.ports import UNOBSERVED, Endpoint
from bot.dialogue.turn import NO_KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.requests import Request

    from bot.contracts.events import InboundEvent
    from bot.contracts.outcomes import Message
    from bot.contracts.ports import Gateway, Observer, Supervisor, Words
    from bot.dialogue.turn import RawKey

AGAIN = 2.0
"""Seconds between two attempts to reach Telegram at the start."""
_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header

log = logging.getLogger("careerbot.telegram")


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """What it takes to be a bot. With `webhook_url` Telegram calls the bot there and proves itself by the secret, else it is polled.

    `title` is that of the knowledge. `desk` is the key of the desk's room if it is in Telegram, `has_desk` whether there is one
    anywhere, `has_team` whether the room to share with is in Telegram.
    """

    token: str
    api_url: str = "https://api.telegram.org"
    webhook_url: str = ""
    webhook_secret: str = ""
    title: str = ""
    desk: str = ""
    has_desk: bool = False
    has_team: bool = False


class Telegram:
    """One bot. Use it within `opened`."""

    platform = PLATFORM

    def __init__(self, settings: TelegramSettings, words: Words, web: Web, observer: Observer = UNOBSERVED) -> None:
        for name in ("httpx", "httpcore", "telegram"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # their lines hold the token; this channel says what matters
        self._settings = settings
        self._secret = settings.webhook_secret or secrets.token_urlsafe(32)
        self._words = words
        self._observer = observer
        self._web = web
        self._reader = Reader(settings.desk)
        self._sender = Sender(web, words, Pace(), Abilities(desk=settings.has_desk, team=settings.has_team))
        self._listener: Listener | None = None
        self._tries = Tries()
        self._refused = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: TelegramSettings, words: Words, observer: Observer = UNOBSERVED) -> AsyncIterator[Telegram]:
        """The channel, over one pool of connections."""
        async with Web(settings.token, settings.api_url, observer) as web:
            yield cls(settings, words, web, observer)

    @property
    def by_webhook(self) -> bool:
        """Whether Telegram calls the bot."""
        return bool(self._settings.webhook_url)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Where Telegram calls the bot, if it does."""
        return (Endpoint("POST", PATH, self.webhook),) if self.by_webhook else ()

    @property
    def ready(self) -> bool:
        """Whether it listens now.

        It does not before Telegram was reached, from the first poll that fails until one succeeds, and while the token is refused.
        """
        return self._listener is not None and not self._tries.failed

    def read(self, payload: Mapping[str, Any]) -> InboundEvent | None:
        """The event that a kept update is."""
        return self._reader.read(payload)

    async def send(self, message: Message) -> str:
        """Send a message and return its key."""
        try:
            return await self._sender.send(message)
        except ChannelError as error:
            self._is_refused(error)
            raise Unreachable(str(error)) from None  # the operator can mend the token; then it is said

    async def find(self, message: Message, since: float) -> str | None:  # noqa: ARG002 - as all channels
        """None: a bot cannot read what stands in a chat."""
        return None

    def beneath(self, post: str) -> RawKey:  # noqa: ARG002 - as above
        """No key: in a group each person has a conversation of their own."""
        return NO_KEY

    async def webhook(self, request: Request) -> Response:
        """What Telegram calls. While nothing is listened to, or nothing can be kept, Telegram is to call again."""
        if not compare_digest(request.headers.get(_SECRET, "").encode(), self._secret.encode()):
            return Response(status_code=403)
        if self._listener is None:
            return Response(status_code=503)
        try:
            update = await request.json()
        except (ValueError, RecursionError):
            log.warning("A call that is no JSON was refused.")
            return Response(status_code=400)
        if not is_numbered(update):
            log.warning("Telegram: an update without a number was left.")
            return Response(status_code=200)
        return Response(status_code=200 if await self._listener.is_done(update) else 503)

    @asynccontextmanager
    async def listening(self, gateway: Gateway, supervisor: Supervisor) -> AsyncIterator[None]:
        """Listen while the block runs; at its end take nothing more. Raises `ChannelError` for a token that Telegram refuses."""
        me = await self._introduced()
        task = supervisor.start("Telegram channel", self._run(gateway, me))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})
            listener, self._listener = self._listener, None
            if listener is not None:
                await listener.settled()

    async def check(self) -> str:
        """Who the bot is, in a sentence; raises `ChannelError` for a token that Telegram refuses or if it cannot be reached."""
        try:
            me = await self._web.me()
        except ChannelError:
            raise
        except FAILURES as error:
            raise ChannelError(str(error), lasting=False) from None
        how = f"by webhook at {self._settings.webhook_url}" if self.by_webhook else "by polling"
        return f"@{me.get('username', '')}, {how}"

    async def _introduced(self) -> Mapping[str, Any] | None:
        """What Telegram says of the bot; None if it cannot be reached now. Raises `ChannelError` for a token that it refuses."""
        try:
            me = await self._web.me()
        except FAILURES as error:
            if isinstance(error, ChannelError):
                raise
            self._tries.has_failed(error)
            return None
        self._tries.has_succeeded()
        return me

    async def _reached(self) -> Mapping[str, Any]:
        """What Telegram says of the bot, as soon as it does."""
        while True:
            await asyncio.sleep(AGAIN)
            try:
                me = await self._introduced()
            except ChannelError as error:
                await asyncio.sleep(self._tries.has_failed(error))
            else:
                if me is not None:
                    return me

    async def _run(self, gateway: Gateway, me: Mapping[str, Any] | None) -> None:
        """Introduce the bot, as soon as Telegram can be reached, then poll, or let Telegram call."""
        me = me or await self._reached()
        self._know(me)
        team = self._settings.has_team
        self._listener = Listener(gateway, self._reader, self._web, self._words, me, self._observer, team=team)
        await self._listen()
        await self._set_up()
        if not self.by_webhook:
            await self._listener.poll(self._tries)
        while True:
            await self._refused.wait()  # where Telegram calls, only what the bot says shows that its token is refused
            self._refused.clear()
            await self._listen()

    def _is_refused(self, error: ChannelError) -> None:
        """The token is refused outside of what tries again by itself."""
        self._tries.has_failed(error)
        self._refused.set()

    def _pause(self, error: Exception) -> float:
        """Seconds before the next try; a refused token is not tried as often as Telegram that is away."""
        pause = self._tries.has_failed(error)
        return pause if isinstance(error, ChannelError) else AGAIN

    def _know(self, me: Mapping[str, Any]) -> None:
        can_inline = me.get("supports_inline_queries") is True
        self._sender.abilities = replace(self._sender.abilities, inline=can_inline)
        if not can_inline:
            log.warning("Telegram: answers cannot be shared, inline mode is off. /setinline at @BotFather turns it on.")

    async def _listen(self) -> None:
        """Tell Telegram how it reaches the bot, until it has heard."""
        while True:
            try:
                if self.by_webhook:
                    await self._web.call("setWebhook", url=self._settings.webhook_url, secret_token=self._secret, allowed_updates=KINDS)
                else:
                    await self._web.call("deleteWebhook")
            except FAILURES as error:
                await asyncio.sleep(self._pause(error))
            else:
                self._tries.has_succeeded()
                return

    async def _set_up(self) -> None:
        """Bring the bot's profile up to date, if that can be now; it is nothing to wait for."""
        try:
            await profile.set_up(self._web, self._words, self._settings.title)
        except ChannelError as error:
            self._is_refused(error)
        except FAILURES as error:
            log.warning("Telegram: commands and description could not be set. %s", error)
