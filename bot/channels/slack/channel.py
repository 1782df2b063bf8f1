"""The channel of Slack: an app that listens, over a socket or over HTTP, and a sender that speaks."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import Response

from bot.channels.slack.addresses import PATH, PLATFORM
from bot.channels.slack.listener import Listener
from bot.channels.slack.people import People
from bot.channels.slack.reader import Reader
from bot.channels.slack.sender import Sender
from bot.channels.slack.web import NO_ANSWER, NONSENSE, Web, error_of
from bot.contracts.errors import ChannelError
from bot.contracts.events import NO_KEY
from bot.contracts.ports import UNOBSERVED, Endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Mapping

    from slack_sdk.web.async_slack_response import AsyncSlackResponse
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
_WRONG_TOKEN = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"})

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
        self._web = Web(patient, observer)
        self._people = People(self._web)
        self._sender = Sender(Web(client, observer), words, desk=settings.has_desk, team=settings.has_team, guests=settings.guests)
        self.app = AsyncApp(
            client=patient,
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
        """Whether it listens now."""
        if not self.by_socket:
            return self._listening
        return self._handler is not None and self._connected(self._handler)

    def read(self, payload: Mapping[str, Any]) -> InboundEvent | None:
        """The event that a kept payload is."""
        return self._reader.read(payload)

    async def send(self, message: Message) -> str:
        """Send a message and return its key."""
        return await self._sender.send(message)

    async def find(self, message: Message, since: float) -> str | None:  # noqa: ARG002 - as all channels
        """None: that is yet to be looked up."""
        return None

    def beneath(self, post: str) -> RawKey:  # noqa: ARG002 - as above
        """No key: that is yet to be told."""
        return NO_KEY

    async def webhook(self, request: Request) -> Response:
        """What Slack calls over HTTP; the app checks its signature. While nothing is listened to, Slack is to call again."""
        if not self._listening:
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
        listener = Listener(gateway, self._reader, self._web, self._people, self._words, self._observer, desk=self._settings.has_desk)
        listener.listen(self.app)
        async with self._socket(supervisor) if self.by_socket else self._called():
            self._listening = True
            try:
                yield
            finally:
                self._listening = False
        await listener.settled()

    @asynccontextmanager
    async def _socket(self, supervisor: Supervisor) -> AsyncIterator[None]:
        """A socket while the block runs; if Slack cannot be reached, it is connected once it can."""
        handler = AsyncSocketModeHandler(self.app, self._settings.app_token, logger=self.app.logger, ping_interval=PING)
        try:
            connecting = await self._connect(handler, supervisor)
            self._handler = handler
            tasks = [connecting, supervisor.start("look after Slack's socket", self._look_after(handler))]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
        finally:
            with suppress(aiohttp.ClientError, OSError, RuntimeError):  # it is on its way out
                await handler.client.close()  # type: ignore[no-untyped-call]

    @asynccontextmanager
    async def _called(self) -> AsyncIterator[None]:
        """Over HTTP nothing is opened; a token that Slack refuses is told at the start all the same."""
        try:
            await self._who()
        except ChannelError as error:
            if error.lasting:
                raise
            log.warning("%s", error)
        yield

    async def check(self) -> str:
        """Who the bot is and where, in a sentence; raises `ChannelError` for a token that Slack refuses or if it cannot be reached."""
        who = await self._who()
        if self.by_socket:
            opening = self._patient.apps_connections_open(app_token=self._settings.app_token)
            await self._checked(opening, "SLACK_APP_TOKEN", "; it begins with xapp- and has connections:write")
        how = "over a socket" if self.by_socket else f"over HTTP at {PATH}"
        return f"@{who.get('user', '')} in {who.get('team', '')}, {how}"

    async def _who(self) -> Mapping[str, Any]:
        """What Slack says of the bot; raises `ChannelError`."""
        answer = await self._checked(self._patient.auth_test(), "SLACK_BOT_TOKEN")
        return answer.data if isinstance(answer.data, dict) else {}

    async def _checked(self, call: Awaitable[AsyncSlackResponse], token: str, hint: str = "") -> AsyncSlackResponse:
        """What Slack answers to a call that shows whether it takes a token; raises `ChannelError`."""
        try:
            return await call
        except SlackApiError as error:
            message = f"Slack does not take {token} ({error_of(error) or 'no reason given'}){hint}."
            raise ChannelError(message, lasting=error_of(error) in _WRONG_TOKEN) from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            message = f"Slack cannot be reached at {self._settings.api_url}."
            raise ChannelError(message, lasting=False) from None
        except NONSENSE:
            raise ChannelError(NO_ANSWER, lasting=False) from None

    async def _connect(self, handler: AsyncSocketModeHandler, supervisor: Supervisor) -> asyncio.Task[None]:
        """Connect the socket, and go on trying beside if Slack cannot be reached now."""
        try:
            await self._who()
            handler.client.wss_uri = await handler.client.issue_new_wss_url()
        except ChannelError as error:
            if error.lasting:
                raise
            log.warning("%s It is tried again.", error)
        except SlackApiError as error:
            if error_of(error) in _WRONG_TOKEN:
                message = f"Slack does not take SLACK_APP_TOKEN ({error_of(error)}); it begins with xapp- and has connections:write."
                raise ChannelError(message, lasting=True) from None
            log.warning("Slack gives no socket (%s). It is tried again.", error_of(error))
        except (aiohttp.ClientError, TimeoutError, OSError):
            log.warning("Slack cannot be reached. It is tried again.")
        except NONSENSE:
            log.warning("%s It is tried again.", NO_ANSWER)
        trying = handler.client.connect()  # type: ignore[no-untyped-call]  # the SDK tries until it succeeds
        connecting = supervisor.start("connection to Slack", trying)
        await asyncio.wait({connecting}, timeout=CONNECTED_WITHIN)
        return connecting

    async def _look_after(self, handler: AsyncSocketModeHandler) -> None:
        """Say when the socket is lost and when it is back."""
        was = True
        while True:
            now = self._connected(handler)
            if now != was:
                log.log(logging.INFO if now else logging.WARNING, "Slack: %s.", "connected again" if now else "not connected")
            if not now and not was:
                handler.client.wss_uri = None  # the SDK would go on trying with an address that is spent
            was = now
            await asyncio.sleep(AGAIN)

    def _connected(self, handler: AsyncSocketModeHandler) -> bool:
        session = handler.client.current_session
        return session is not None and not session.closed


def _retrying() -> list[Any]:
    """For calls that no delivery tries again: https://docs.slack.dev/apis/web-api/rate-limits."""
    return [
        AsyncConnectionErrorRetryHandler(),
        AsyncRateLimitErrorRetryHandler(max_retry_count=3),
        AsyncServerErrorRetryHandler(max_retry_count=2),
    ]
