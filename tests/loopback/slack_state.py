"""What the loopback Slack knows and keeps, and the shapes of it."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Coroutine, Sequence

    import aiohttp
    from aiohttp import web

    from loopback.blockkit import Json, Problem

APP, BOT_USER, BOT, USER, GENERAL = "A0FAKEAPP", "U0BOT", "B0BOT", "U0ALICE", "C0GENERAL"
KEPT = ("text", "blocks", "attachments", "thread_ts", "metadata", "markdown_text", "reply_broadcast", "unfurl_links", "unfurl_media")
RESPONSE_URL_USES = 5


class Code(StrEnum):
    """Error codes of Slack; each is its name in small letters."""

    CANT_UPDATE_MESSAGE = auto()
    CHANNEL_NOT_FOUND = auto()
    EXPIRED_TRIGGER_ID = auto()
    HASH_CONFLICT = auto()
    INVALID_AUTH = auto()
    IS_ARCHIVED = auto()
    MESSAGE_NOT_FOUND = auto()
    NO_REACTION = auto()
    NOT_AUTHED = auto()
    NOT_FOUND = auto()
    RATELIMITED = auto()
    UNKNOWN_METHOD = auto()


class SlackError(Exception):
    """An answer with ok: false; the arguments are its error code and its other fields."""

    def __init__(self, code: str, more: Json | None = None) -> None:
        super().__init__(code)
        self.answer: Json = {"ok": False, "error": code, **(more or {})}


@dataclass
class Call:
    """One request of the bot to the Web API, or to a response_url (the method is "response_url" then)."""

    method: str
    args: Json
    token: str | None
    at: float
    status: int = 200  # 0: the connection was cut instead of an answer
    reply: Json = field(default_factory=dict)


@dataclass
class Attempt:
    """One try to deliver: its outcome is ok, timeout, no_connection, connection_failed or http_404 (with a "!": do not retry)."""

    sent: float
    acked: float | None = None
    outcome: str = "pending"


@dataclass
class Delivery:
    """One thing Slack tells the bot (events_api, interactive or slash_commands), with every attempt to deliver it."""

    kind: str
    payload: Json
    attempts: list[Attempt] = field(default_factory=list)
    response: Any = None  # what the bot put into its ack
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ack_delay(self) -> float | None:
        """Seconds from sending to the ack, of the first attempt that was acked."""
        return next((attempt.acked - attempt.sent for attempt in self.attempts if attempt.acked is not None), None)

    async def done(self, timeout: float = 10) -> Delivery:  # noqa: ASYNC109 - tests name their patience
        """Wait until it is acked, or no attempt is left. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            await self.finished.wait()
        return self


@dataclass(frozen=True)
class Fault:
    """How a call goes wrong."""

    status: int
    error: str
    retry_after: float
    delay: float
    drop: bool
    drop_before: bool


@dataclass
class Responder:
    """What stands behind a response_url."""

    channel: str
    user: str
    ts: str | None
    left: int = RESPONSE_URL_USES


def kind_of(channel: str) -> str:
    """The channel_type of an event in this channel."""
    return {"D": "im", "G": "group"}.get(channel[0], "channel")


def with_ids(blocks: Sequence[Json]) -> list[Json]:
    """The blocks with a block_id each, as Slack gives them."""
    return [{"block_id": f"auto{number}", **block} for number, block in enumerate(blocks)]


@dataclass(kw_only=True, eq=False, repr=False)
class State:
    """The workspace. What a test may set or look at is public; what `init` takes is the first half."""

    bot_token: str = field(default="xoxb-fake")
    app_token: str = field(default="xapp-fake")
    signing_secret: str = field(default="fake-secret")
    team: str = "T0FAKE"
    agent_view: bool = True  # False: the older assistant_view
    ack_timeout: float = 3.0
    retry_delays: Sequence[float] = (0.0, 60.0, 300.0)  # what Slack waits before it delivers an event again
    enforce: bool = True  # refuse messages with Block Kit errors, as Slack does
    echo_bot_messages: bool = False  # tell the bot about its own messages, as Slack does
    post_rate: float | None = None  # messages a second a channel takes before 429 (None: no limit)
    record: bool = True  # False keeps memory flat under load

    http_target: str | None = field(default=None, init=False)  # deliver by signed POSTs to this address, not by Socket Mode
    url: str = field(default="", init=False)
    api_url: str = field(default="", init=False)
    tokens: dict[str, str] = field(default_factory=dict, init=False)  # token -> team; oauth.v2.access adds one per installation
    users: dict[str, Json] = field(default_factory=dict, init=False)
    channels: dict[str, Json] = field(default_factory=dict, init=False)
    channel_errors: dict[str, str] = field(default_factory=dict, init=False)  # every call on this channel fails so
    calls: list[Call] = field(default_factory=list, init=False)
    messages: dict[tuple[str, str], Json] = field(default_factory=dict, init=False)  # by channel and ts
    views: dict[str, Json] = field(default_factory=dict, init=False)  # home tabs are under "home:<user>"
    deliveries: list[Delivery] = field(default_factory=list, init=False)
    problems: list[tuple[str, Problem]] = field(default_factory=list, init=False)
    watchers: list[Callable[[Call | Json], object]] = field(default_factory=list, init=False)  # see each call and message, kept or not
    connections: int = field(default=0, init=False)  # Socket Mode connections ever opened

    def __post_init__(self) -> None:
        self.tokens[self.bot_token] = self.team
        self.users[USER] = {"name": "alice"}
        self.channels[GENERAL] = {"name": "general"}
        self._user(USER)
        self._channel(GENERAL)
        self._http: aiohttp.ClientSession
        self._sockets: dict[web.WebSocketResponse, web.Request] = {}
        self._opened = asyncio.Event()
        self._tickets: set[str] = set()
        self._pending: dict[str, tuple[Delivery, Attempt, asyncio.Event]] = {}
        self._faults: dict[str, deque[Fault]] = {}
        self._buckets: dict[str, deque[float]] = {}
        self._triggers: dict[str, float] = {}
        self._responders: dict[str, Responder] = {}
        self._waiters: list[tuple[Callable[[Call | Json], object], asyncio.Future[Any]]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._ids, self._turn, self._last_ts = itertools.count(1), itertools.count(), 0

    def ts(self) -> str:
        """A timestamp no message has yet; later calls give greater ones."""
        self._last_ts = max(self._last_ts + 1, time.time_ns() // 1000)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def dm_channel(self, user: str = USER) -> str:
        """The id of the bot's direct messages with this person."""
        channel = "D" + user[1:]
        self.channels.setdefault(channel, {})["user"] = user
        return str(self._channel(channel)["id"])

    def _user(self, user: str) -> Json:
        """A person as users.info shows them; what a test has set stays."""
        known = self.users.setdefault(user, {})
        name = known.setdefault("name", user.lower())
        real_name = known.setdefault("real_name", str(name).title())
        given = {"id": user, "team_id": self.team, "locale": "en-US", "deleted": False, "is_bot": user == BOT_USER}
        for key, value in {**given, "is_restricted": False, "is_ultra_restricted": False}.items():
            known.setdefault(key, value)
        known["profile"] = {"display_name": name, "real_name": real_name, **known.get("profile", {})}
        return known

    def _channel(self, channel: str) -> Json:
        """A channel as conversations.info shows it; what a test has set stays."""
        known, direct = self.channels.setdefault(channel, {}), channel[0] == "D"
        if not direct:
            known.setdefault("name", channel.lower())
        given = {"id": channel, "is_channel": channel[0] == "C", "is_im": direct, "is_archived": False, "is_ext_shared": False}
        for key, value in given.items():
            known.setdefault(key, value)
        return known

    def _place(self, channel: str) -> Json:
        return {"id": channel, "name": self._channel(channel).get("name", "directmessage")}

    def _body(self, kind: str, user: str) -> Json:
        """What all interactive payloads begin with."""
        person = self._user(user)
        return {
            "type": kind,
            "token": "verif",
            "api_app_id": APP,
            "team": {"id": self.team, "domain": "fake"},
            "enterprise": None,
            "is_enterprise_install": False,
            "user": {"id": user, "username": person["name"], "name": person["name"], "team_id": person["team_id"]},
        }

    def _trigger(self) -> str:
        trigger = f"{next(self._ids)}.fake.{uuid.uuid4().hex[:8]}"
        self._triggers[trigger] = time.monotonic()
        return trigger

    def _response_url(self, channel: str, user: str, ts: str | None = None) -> str:
        key = uuid.uuid4().hex
        self._responders[key] = Responder(channel, user, ts)
        return f"{self.url}/respond/{key}"

    def _keep(self, message: Json) -> Json:
        if self.record:
            self.messages[message["channel"], message["ts"]] = message
        return message

    def _replace(self, message: Json, args: Json) -> None:
        """Change a message in place; `versions` keeps what it was."""
        message.setdefault("versions", []).append({key: message.get(key) for key in ("text", "blocks")})
        message.update({key: args[key] for key in ("text", "blocks", "metadata") if key in args})
        if args.get("blocks"):
            message["blocks"] = with_ids(args["blocks"])
        self._notify(message)

    def _notify(self, thing: Call | Json) -> None:
        for watch in self.watchers:
            watch(thing)
        self._waiters = [waiter for waiter in self._waiters if not waiter[1].done()]
        for match, future in self._waiters:
            if match(thing):
                future.set_result(thing)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
