"""What the loopback Telegram knows and keeps, and the shapes of it."""

from __future__ import annotations

import asyncio
import inspect
import math
import re
import time
from collections import defaultdict, deque
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

from loopback.telegram_text import ApiError, Json, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

ASKED_FOR = frozenset({"chat_member", "message_reaction", "message_reaction_count"})  # sent only if allowed_updates names them
UPDATES = ASKED_FOR | {
    "callback_query",
    "channel_post",
    "chosen_inline_result",
    "edited_channel_post",
    "edited_message",
    "guest_message",
    "inline_query",
    "message",
    "my_chat_member",
}
MOST_A_SECOND, MOST_A_SECOND_IN_A_CHAT, MOST_A_MINUTE_IN_A_GROUP = 30, 1, 20  # messages
DAY = 86_400


@dataclass
class Call:
    """One request of the bot: what it asked and what it was told."""

    method: str
    params: Json
    t: float  # time.monotonic() of its coming
    ok: bool = False
    result: Any = None  # a message is given in its current state, not as it was
    error: str = ""
    status: int = 200


@dataclass
class Violation:
    """What the bot did wrong: rejected, conflict, rate_chat, rate_group, rate_global or unanswered_callback."""

    kind: str
    detail: str
    call: Call | None = None


@dataclass
class Fault:
    """Lets the next `times` calls that fit go wrong.

    Kinds: "429" (with retry_after), "500", "502" (with HTML), "drop" (no effect, no answer), "drop_after" (the effect, but no answer),
    "slow" (answered after `delay` seconds) and "answer" (no effect, and `answer` as the whole body, with `status`).
    """

    kind: str
    method: str = "*"  # any but getUpdates
    times: int = 1
    retry_after: int = 1
    delay: float = 0.0
    where: Callable[[Json], object] = lambda _: True
    answer: object = None
    status: int = 200

    def fits(self, call: Call) -> bool:
        """Whether this call is to go wrong."""
        named = call.method != "getUpdates" if self.method == "*" else call.method == self.method
        return bool(self.times and named and self.where(call.params))


@dataclass
class Pending:
    """An update the bot has not confirmed. Updates of one queue are delivered one after another."""

    update: Json
    queue: tuple[str, int]
    expires: float


@dataclass
class Webhook:
    """Where updates are posted to (url "": nowhere), and what came of each delivery."""

    url: str = ""
    secret: str = ""
    connections: int = 40
    last_error: str = ""
    deliveries: list[tuple[int, int | str]] = field(default_factory=list)  # update_id; status, or the name of the exception
    queues: dict[tuple[str, int], deque[Pending]] = field(default_factory=lambda: defaultdict(deque))


@dataclass(eq=False, repr=False)
class State:
    """Chats, messages and what is on its way. What a test may set or look at is public; what `init` takes comes first."""

    token: str = field(default="123456:TEST-token")
    username: str = "faq_test_bot"
    _: KW_ONLY
    privacy: bool = True  # the bot is not told of all that is said in groups
    mentions_reach_bot: bool = False  # whether @bot passes privacy mode; the documentation does not say so
    rate: str = "record"  # what happens to too many messages: "off", "record" (a violation) or "enforce" (also a 429)
    callback_ttl: float = 15.0  # seconds in which a press can be answered
    inline_ttl: float = 10.0
    revoked: bool = False  # whether the token is refused; see `revoke`
    retry_base: float = 0.1  # seconds before the webhook is tried again; twice as long each time
    host: str = "127.0.0.1"
    port: int = 0  # any that is free

    calls: list[Call] = field(default_factory=list, init=False)
    violations: list[Violation] = field(default_factory=list, init=False)
    faults: list[Fault] = field(default_factory=list, init=False)
    on_call: list[Callable[[Call], object]] = field(default_factory=list, init=False)  # see each call when it is answered
    chats: dict[int, Json] = field(default_factory=dict, init=False)
    messages: dict[tuple[int, int], Json] = field(default_factory=dict, init=False)  # by chat and message id, as they are now
    inline_messages: dict[str, Json] = field(default_factory=dict, init=False)
    callbacks: dict[str, Json] = field(default_factory=dict, init=False)  # id -> "answer" (None until there is one), "until", "data"
    inline_queries: dict[str, Json] = field(default_factory=dict, init=False)  # id -> "answer", "until", "query"
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict, init=False)  # by scope (JSON) and language
    profile: dict[tuple[str, str], str] = field(default_factory=dict, init=False)  # by field and language
    menu_button: Json = field(default_factory=lambda: {"type": "commands"}, init=False)
    pending: dict[int, Pending] = field(default_factory=dict, init=False)  # by update id
    allowed: frozenset[str] = field(default=UPDATES - ASKED_FOR, init=False)
    webhook: Webhook = field(default_factory=Webhook, init=False)
    admin_in: set[int] = field(default_factory=set, init=False)  # the chats the bot administers
    topics: dict[int, dict[int, str]] = field(default_factory=lambda: defaultdict(dict), init=False)
    blocked: dict[int, str] = field(default_factory=dict, init=False)  # by chat: the text of the 403

    def __post_init__(self) -> None:
        self.me: Json = {"id": int(self.token.split(":")[0]), "is_bot": True, "first_name": "FAQ", "username": self.username}
        self.me |= {"can_join_groups": True, "can_read_all_group_messages": not self.privacy, "supports_inline_queries": True}
        self.me |= {"can_connect_to_business": False, "has_main_web_app": False}
        self.methods: dict[str, Callable[[Call], Any]] = {}  # by name in small letters
        self._http: aiohttp.ClientSession
        self._next: dict[Any, int] = defaultdict(int)
        self._sent: dict[Any, deque[float]] = defaultdict(deque)
        self._bot_spoke: set[int] = set()
        self._news, self._activity = asyncio.Event(), asyncio.Event()
        self._poll: asyncio.Future[None] | None = None
        self._slots = asyncio.Semaphore(self.webhook.connections)
        self._tasks: set[asyncio.Task[None]] = set()
        self._update_id = 1000

    async def _run(self, call: Call) -> None:
        """Let a call take effect. Raises ApiError."""
        handler = self.methods.get(call.method.lower())
        if handler is None:
            raise ApiError(404, "Not Found: method not found")
        try:
            result = handler(call)
            call.result, call.ok = await result if inspect.isawaitable(result) else result, True
        except ValueError as wrong:
            refuse(f"invalid parameter value specified: {wrong}")

    def _number(self, kind: object) -> int:
        self._next[kind] += 1
        return self._next[kind]

    def _store(self, chat: Json, sender: Json, **fields: object) -> Json:
        """A new message; fields that are None or empty are left out."""
        message: Json = {"message_id": self._number(chat["id"]), "date": int(time.time()), "chat": public(chat)}
        if sender is chat:
            message["sender_chat"] = message["chat"]
        else:
            message["from"] = sender
        message |= {key: value for key, value in fields.items() if value not in (None, [])}
        self.messages[chat["id"], message["message_id"]] = message
        return message

    def _find(self, chat_id: int, message_id: object, what: str) -> Json:
        message = self.messages.get((chat_id, int(str(message_id or 0))))
        if message is None:
            refuse(f"{what} not found")
        return message

    def _chat(self, params: Json, key: str = "chat_id") -> Json:
        """The chat a call is about. Raises ApiError where the bot cannot go."""
        name = str(params.get(key) or "")
        if not name:
            refuse("chat_id is empty")
        if re.fullmatch(r"-?\d+", name):
            chat = self.chats.get(int(name))
        else:
            chat = next((one for one in self.chats.values() if "@" + one.get("username", "") == name), None)
        if chat is None:
            refuse("chat not found")
        if text := self.blocked.get(chat["id"]):
            raise ApiError(403, text)
        if new := chat.get("_migrated"):  # a test sets it to the id of the supergroup
            raise ApiError(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=new)
        return chat

    def _throttle(self, call: Call, chat: Json) -> None:
        """Count a message against the limits of the bot, the chat and the group."""
        if self.rate == "off":
            return
        limits: list[tuple[str, Any, int, float]] = [("rate_global", "*", MOST_A_SECOND, 1.0)]
        limits.append(("rate_chat", chat["id"], MOST_A_SECOND_IN_A_CHAT, 1.0))
        if chat["type"] != "private":
            limits.append(("rate_group", ("group", chat["id"]), MOST_A_MINUTE_IN_A_GROUP, 60.0))
        for kind, key, most, span in limits:
            times = self._sent[key]
            while times and times[0] <= call.t - span:
                times.popleft()
            if len(times) >= most:
                self.violations.append(Violation(kind, f"over {most} messages in {span:g}s to {key}", call))
                if self.rate == "enforce":
                    wait = max(1, math.ceil(times[0] + span - call.t))
                    raise ApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        for _, key, _, _ in limits:
            self._sent[key].append(call.t)


def public(thing: Json) -> Json:
    """A chat or message as the bot is shown it; what begins with an underscore is the server's own."""
    return {key: value for key, value in thing.items() if key[0] != "_"}
