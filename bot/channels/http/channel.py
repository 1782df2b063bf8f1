"""The channel of HTTP: `POST /ask` brings an event and waits for its reply, `GET /conversations/{id}/messages` gives all that was said.

A reply is put into the mailbox before whoever waits gets it: a caller whose connection was cut finds it there.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import asynccontextmanager, suppress
from functools import partial
from hmac import compare_digest
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from starlette.responses import Response

from bot.channels.http import reader
from bot.channels.http.addresses import PLATFORM, HttpAddress, key
from bot.channels.http.drawing import drawn
from bot.contracts.errors import StoreError, Unreachable
from bot.contracts.ports import UNOBSERVED, Endpoint
from bot.dialogue.turn import NO_KEY, turn_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from starlette.requests import Request

    from bot.contracts.events import InboundEvent
    from bot.contracts.outcomes import Message
    from bot.contracts.ports import Gateway, Letter, Mailbox, Observer, Supervisor
    from bot.dialogue.turn import RawKey

ANSWERED_WITHIN = 10.0
"""Seconds that a caller waits for a reply; one that takes longer is among the messages later."""
LOOK = 0.5
"""Seconds between two looks into the mailbox meanwhile: another process over the same database may have answered."""


class Http:
    """A channel for programs that know `token`; what the bot says lies in `mailbox`."""

    platform: str = PLATFORM

    def __init__(self, token: str, mailbox: Mailbox, observer: Observer = UNOBSERVED) -> None:
        self._token = token.encode("utf-8", "surrogateescape")  # as the environment gives it
        self._mailbox = mailbox
        self._observer = observer
        self._gateway: Gateway | None = None
        self._waiting: WeakValueDictionary[str, asyncio.Future[dict[str, Any]]] = WeakValueDictionary()

    @property
    def ready(self) -> bool:
        """Whether it listens now."""
        return self._gateway is not None

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """What callers call."""
        ask, messages = partial(self._called, self._ask), partial(self._called, self._messages)
        return Endpoint("POST", "/ask", ask), Endpoint("GET", "/conversations/{name:path}/messages", messages)

    def read(self, payload: Mapping[str, Any]) -> InboundEvent | None:
        """The event that a kept payload is."""
        return reader.read(payload)

    async def send(self, message: Message) -> str:
        """Put a message where it can be fetched, and give it to whoever waits for it; return its key. Raises `Unreachable`."""
        address, number = HttpAddress(**message.address.place), 0
        content = {"id": address.request, **drawn(message, address.conversation)}
        waiting = None if message.question else self._waiting.get(address.event)  # what the desk says is no reply
        try:
            number = await self._mailbox.post(
                key(address.conversation), key(address.person), json.dumps(content).encode(), message.turn or message.id
            )
        except StoreError as error:
            if waiting is None or waiting.done():
                raise Unreachable(str(error)) from None
        if waiting is not None and not waiting.done():
            waiting.set_result({"number": number or None, **content})
        return f"{self.platform}:{number or address.event}"

    async def find(self, message: Message, since: float) -> str | None:  # noqa: ARG002 - as all channels
        """None: what is sent again takes its own place in the mailbox."""
        return None

    def beneath(self, post: str) -> RawKey:  # noqa: ARG002 - as above
        """No key: nobody writes beneath a message."""
        return NO_KEY

    async def check(self) -> str:
        """That there is nothing to reach, in a sentence."""
        return "callers ask at /ask"

    @asynccontextmanager
    async def listening(self, gateway: Gateway, supervisor: Supervisor) -> AsyncIterator[None]:  # noqa: ARG002 - no task of its own
        """Listen while the block runs."""
        self._gateway = gateway
        try:
            yield
        finally:
            self._gateway = None

    async def _called(self, answer: Callable[[Request, Gateway], Awaitable[Response]], request: Request) -> Response:
        """The answer to a call that shows the token; what goes wrong is told in a sentence."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not (scheme.casefold() == "bearer" and compare_digest(token.strip().encode("latin-1"), self._token)):
            return _json({"error": "The header Authorization: Bearer … with CAREERBOT_HTTP_TOKEN is expected."}, 401)
        try:
            if self._gateway is not None:
                return await answer(request, self._gateway)
        except reader.UnreadableError as error:
            return _json({"error": str(error)}, 400)
        except StoreError:
            pass
        return _json({"error": "Nothing can be taken in or read now; ask again."}, 503)

    async def _ask(self, request: Request, gateway: Gateway) -> Response:
        """Take an event in, and answer with its reply, or with 202 if that comes later."""
        begun = monotonic()
        event = reader.sent(await request.body())
        waiting = self._waiting.setdefault(event.id, asyncio.get_running_loop().create_future())
        taken = await gateway.accept(event)
        if taken == "turned_away":
            return _json({"error": "That is more than CAREERBOT_RATE or CAREERBOT_ALLOW let in; ask later, with another id."}, 429)
        self._observer.acknowledged(self.platform, monotonic() - begun)
        turn = turn_id(event.key)
        reply = await self._kept(turn) if taken == "again" else None
        while reply is None and monotonic() < begun + ANSWERED_WITHIN:
            await asyncio.wait({waiting}, timeout=LOOK)
            reply = waiting.result() if waiting.done() else await self._kept(turn)
        return _json(reply) if reply else _json({"id": event.payload["id"], "pending": True}, 202)

    async def _messages(self, request: Request, _: Gateway) -> Response:
        """What was said in a conversation after the message with the number `after`."""
        after = request.query_params.get("after", "0")
        if not re.fullmatch("[0-9]{1,18}", after):
            return _json({"error": '"after" is expected to be the number of a message.'}, 400)
        letters = await asyncio.to_thread(self._mailbox.fetch, key(request.path_params["name"]), int(after))
        return _json({"messages": [{"at": letter.at, **_content(letter)} for letter in letters]})

    async def _kept(self, turn: str) -> dict[str, Any] | None:
        with suppress(StoreError):
            letter = await asyncio.to_thread(self._mailbox.answer, turn)
            return _content(letter) if letter else None
        return None


def _content(letter: Letter) -> dict[str, Any]:
    return {"number": letter.number, **json.loads(letter.content)}


def _json(content: Mapping[str, Any], status: int = 200) -> Response:
    headers = {401: {"www-authenticate": "Bearer"}, 503: {"retry-after": "1"}}.get(status)
    return Response(json.dumps(content), status, headers, "application/json")  # in ASCII: half a surrogate pair breaks no encoder
