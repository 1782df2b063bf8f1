"""The channel of Slack: an app that listens, over a socket or over HTTP, and a sender that speaks."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from cachetools import LRUCache
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import Response

from bot.channels.slack import addresses
from bot.channels.slack.addresses import PATH, PLATFORM
from bot.channels.slack.history import History, thread_of
from bot.channels.slack.identity import Introduction, answered
from bot.channels.slack.listener import Listener
from bot.channels.slack.names import Names
from bot.channels.slack.pages import Pages
from bot.channels.slack.people import People
from bot.channels.slack.reader import Reader
from bot.channels.slack.sender import Sender
from bot.channels.slack.web import NONSENSE, TokenWatch, Web
from bot.contracts.errors import ChannelError
from bot.contracts.ports import UNOBSERVED, Endpoint
from bot.dialogue.turn import NO_KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.requests import Request

    from bot.channels.slack.reader import Guests
    from bot.contracts.events import InboundEvent
    from bot.contracts.outcomes import Message
    from bot.contracts.ports import Gateway, Observer, Supervisor, Words
    from bot.dialogue.turn import RawKey

TIMEOUT = aiohttp.ClientTimeout(total=10.0, sock_connect=4.0)
"""Seconds that a call to Slack may take."""
PING = 3.0
"""Seconds between two pings of a socket: so soon is noticed that it was cut."""
AGAIN = 2.0
"""Seconds between two attempts to connect, and between two looks whether the socket still is."""
CONNECTED_WITHIN = 5.0
"""Seconds that the start waits for the socket; it goes on beside then."""

MOST = 10_000
"""Messages of which is remembered what they stand beneath."""
_HINT = "; it begins with xapp- and has connections:write"

log = logging.getLogger("careerbot.slack")


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """What it takes to be in a workspace. Without `app_token` Slack calls over HTTP, and `signing_secret` proves that it is Slack.

    `desk` is the key of the desk's room if it is in Slack, `has_desk` whether there is one anywhere, `has_team` whether there is a
    room to share with.
    """

    bot_token: str
    app_token: str = ""
    signing_secret: str = ""
    api_url: str = "https://slack.com/api/"
    guests: Guests = "ask"
    desk: str = ""
    has_desk: bool = False
    has_team: bool = False


class Slack:
    """One workspace. Use it within `opened`."""

    platform = PLATFORM

    def __init__(self, settings: SlackSettings, words: Words, session: aiohttp.ClientSession, observer: Observer = UNOBSERVED) -> None:
        quiet = logging.getLogger("careerbot.slack.sdk")
        quiet.setLevel(logging.CRITICAL + 1)  # what the SDK logs may hold what people wrote; this channel says what matters
        self._settings = settings
        self._words = words
        self._observer = observer
        self._reader = Reader(settings.desk, settings.guests)
        client = AsyncWebClient(settings.bot_token, base_url=settings.api_url, session=session, logger=quiet, retry_handlers=[])
        patient = AsyncWebClient(settings.bot_token, base_url=settings.api_url, session=session, logger=quiet, retry_handlers=_retrying())
        self._patient = patient
        self._introduction = Introduction(client)
        watch = TokenWatch()
        self._web = Web(patient, observer, watch)
        self._people = People(self._web)
        self._history = History(self._web, self._people, self._introduction)
        self._threads: LRUCache[str, str] = LRUCache(MOST)
        self._sender = Sender(Web(client, observer, watch), words, desk=settings.has_desk, team=settings.has_team, guests=settings.guests)
        self.app = AsyncApp(
            client=patient,
            authorize=self._introduction,
            logger=quiet,
            signing_secret=settings.signing_secret or None,
            process_before_response=True,  # acknowledged when the listener is done: that is when it is kept
            ignoring_self_assistant_message_events_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        self._handler: AsyncSocketModeHandler | None = None
        self._listening = False

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: SlackSettings, words: Words, observer: Observer = UNOBSERVED) -> AsyncIterator[Slack]:
        """The channel, over one session for all calls."""
        async with aiohttp.ClientSession(timeout=TIMEOUT, connector=aiohttp.TCPConnector(limit=0)) as session:
            yield cls(settings, words, session, observer)

    @property
    def by_socket(self) -> bool:
        """Whether the bot calls Slack (Socket Mode), or Slack the bot."""
        return bool(self._settings.app_token)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Where Slack calls the bot, if it does."""
        return () if self.by_socket else (Endpoint("POST", PATH, self.webhook),)

    @property
    def ready(self) -> bool:
        """Whether it listens now; it does not before Slack has said who the bot is."""
        if not self.by_socket:
            return self._listening and self._introduction.known
        return self._handler is not None and self._connected(self._handler)

    def read(self, payload: Mapping[str, Any]) -> InboundEvent | None:
        """The event that a kept payload is."""
        return self._reader.read(payload)

    async def send(self, message: Message) -> str:
        """Send a message and return its key."""
        return self._placed(message, await self._sender.send(message))

    async def find(self, message: Message, since: float) -> str | None:
        """The key of a message that may have arrived, where the bot may read what was said there."""
        found = await self._history.find(message, since)
        return self._placed(message, found) if found else found

    def beneath(self, post: str) -> RawKey:
        """The conversation of those who reply beneath a message, or in the thread that this run has sent it into.

        None in a direct message, which is one conversation as a whole.
        """
        channel, stamp = addresses.read_post(post)
        if not (channel and stamp and self._introduction.known) or addresses.is_direct(channel):
            return NO_KEY
        return addresses.conversation(self._introduction.me.team, channel, thread=self._threads.get(post, stamp))

    def _placed(self, message: Message, post: str) -> str:
        """The key of a message, of which is remembered what it stands beneath."""
        if post and (thread := thread_of(message)):
            self._threads[post] = thread
        return post

    async def webhook(self, request: Request) -> Response:
        """What Slack calls over HTTP; the app checks its signature. While nothing is listened to, Slack is to call again."""
        if not self.ready:
            return Response(status_code=503)
        stamp = request.headers.get("x-slack-request-timestamp", "")
        if not (stamp.isascii() and stamp.isdigit()):
            return Response(status_code=401)  # the SDK takes it for a number without looking
        try:
            return await AsyncSlackRequestHandler(self.app).handle(request)
        except NONSENSE as error:  # the SDK stumbles over a body that is none of Slack's
            log.warning("A call that is none of Slack's was refused (%s).", type(error).__name__)
            return Response(status_code=400)

    @asynccontextmanager
    async def listening(self, gateway: Gateway, supervisor: Supervisor) -> AsyncIterator[None]:
        """Listen while the block runs; at its end take nothing more. Raises `ChannelError` for tokens that Slack refuses."""
        listener = self._listener(gateway)
        listener.listen(self.app)
        async with self._introduced(supervisor), self._socket(supervisor) if self.by_socket else nullcontext():
            self._listening = True
            try:
                yield
            finally:
                self._listening = False
        await listener.settled()

    def _listener(self, gateway: Gateway) -> Listener:
        me = self._introduction
        pages = Pages(gateway, self._reader, me, self._web, self._people, self._words, desk=self._settings.has_desk)
        return Listener(gateway, self._reader, me, self._people, Names(self._web, self._people), pages, self._observer)

    @asynccontextmanager
    async def _introduced(self, supervisor: Supervisor) -> AsyncIterator[None]:
        """Slack is asked who the bot is, and asked again beside where it does not say so now."""
        tasks = []
        try:
            await self._introduction.ask()
        except ChannelError as error:
            if error.lasting:
                raise
            log.warning("%s It is tried again.", error)
            tasks.append(supervisor.start("introduction to Slack", self._introduction.ask_again(AGAIN, str(error))))
        try:
            yield
        finally:
            await _ended(tasks)

    @asynccontextmanager
    async def _socket(self, supervisor: Supervisor) -> AsyncIterator[None]:
        """A socket while the block runs; if Slack cannot be reached, it is connected once it can."""
        handler = AsyncSocketModeHandler(self.app, self._settings.app_token, logger=self.app.logger, ping_interval=PING)
        try:
            if self._introduction.known:
                await self._addressed(handler, starting=True)
            self._handler = handler
            connecting = supervisor.start("connection to Slack", self._connect(handler))
            tasks = [connecting, supervisor.start("look after Slack's socket", self._look_after(handler))]
            try:
                await asyncio.wait({connecting}, timeout=CONNECTED_WITHIN)
                yield
            finally:
                await _ended(tasks)
        finally:
            with suppress(aiohttp.ClientError, OSError, RuntimeError):  # it is on its way out
                await handler.client.close()  # type: ignore[no-untyped-call]

    async def check(self) -> str:
        """Who the bot is and where, in a sentence; raises `ChannelError` for a token that Slack refuses or if it cannot be reached."""
        me = await self._introduction.ask()
        if self.by_socket:
            opening = self._patient.apps_connections_open(app_token=self._settings.app_token)
            await answered(opening, self._patient, "SLACK_APP_TOKEN", _HINT)
        how = "over a socket" if self.by_socket else f"over HTTP at {PATH}"
        return f"@{me.name} in {me.workspace}, {how}"

    async def _connect(self, handler: AsyncSocketModeHandler) -> None:
        """Connect the socket, but not before it is known who the bot is: what comes over it could not be taken in."""
        if not self._introduction.known:
            await self._introduction.made()
            await self._addressed(handler, starting=False)
        await handler.client.connect()  # type: ignore[no-untyped-call]  # the SDK tries until it succeeds

    async def _addressed(self, handler: AsyncSocketModeHandler, *, starting: bool) -> None:
        """Have Slack give the address of a socket; one that it does not give now is asked for again as it is connected."""
        try:
            handler.client.wss_uri = await answered(handler.client.issue_new_wss_url(), self._patient, "SLACK_APP_TOKEN", _HINT)
        except ChannelError as error:
            if error.lasting and starting:
                raise
            log.warning("%s It is tried again.", error)

    async def _look_after(self, handler: AsyncSocketModeHandler) -> None:
        """Say when the socket is lost and when it is back."""
        await self._introduction.made()
        was = True
        while True:
            await asyncio.sleep(AGAIN)
            now = self._connected(handler)
            if now != was:
                log.log(logging.INFO if now else logging.WARNING, "Slack: %s.", "connected again" if now else "not connected")
            if not now and not was:
                handler.client.wss_uri = None  # the SDK would go on trying with an address that is spent
            was = now

    def _connected(self, handler: AsyncSocketModeHandler) -> bool:
        session = handler.client.current_session
        return session is not None and not session.closed


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    """Tasks that are to end have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _retrying() -> list[Any]:
    """For calls that no delivery tries again: https://docs.slack.dev/apis/web-api/rate-limits."""
    return [
        AsyncConnectionErrorRetryHandler(),
        AsyncRateLimitErrorRetryHandler(max_retry_count=3),
        AsyncServerErrorRetryHandler(max_retry_count=2),
    ]
