"""The channel of HTTP: `POST /ask` brings an event and waits for its reply, `GET /conversations/{id}/messages` gives all that was said.

A reply is put into the mailbox before whoever waits gets it: a caller whose connection was cut finds it there.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from hmac import compare_digest
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from starlette.responses import JSONResponse

from bot.channels.http import addresses, reader
from bot.channels.http.drawing import drawn
from bot.channels.http.reader import UnreadableError
from bot.contracts.errors import StoreError, Unreachable
from bot.contracts.ports import UNOBSERVED, Endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from bot.contracts.events import InboundEvent
    from bot.contracts.outcomes import Message
    from bot.contracts.ports import Gateway, Mailbox, Observer, Supervisor

ANSWERED_WITHIN = 10.0
"""Seconds that a caller waits for the reply; one that takes longer comes with what comes later."""


class Http:
    """A channel for programs that know `token`; what the bot says lies in `mailbox`."""

    platform: str = addresses.PLATFORM

    def __init__(self, token: str, mailbox: Mailbox, observer: Observer = UNOBSERVED) -> None:
        self._token = token.encode()
        self._mailbox = mailbox
        self._observer = observer
        self._gateway: Gateway | None = None
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}

    @classmethod
    @asynccontextmanager
    async def opened(cls, token: str, mailbox: Mailbox, observer: Observer = UNOBSERVED) -> AsyncIterator[Http]:
        """The channel; there is nothing to open."""
        yield cls(token, mailbox, observer)

    @property
    def ready(self) -> bool:
        """Whether it listens now."""
        return self._gateway is not None

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """What callers call."""
        return Endpoint("POST", "/ask", self.ask), Endpoint("GET", "/conversations/{name:path}/messages", self.messages)

    def read(self, payload: Mapping[str, Any]) -> InboundEvent | None:
        """The event that a kept payload is."""
        return reader.read(payload)

    async def send(self, message: Message) -> str:
        """Put a message where it can be fetched, and give it to whoever waits for it; return its key. Raises `Unreachable`."""
        address = addresses.unpacked(message.address.place)
        content = {"id": address.request, **drawn(message, address.conversation)}
        waiting = self._waiting.pop(address.request, None)
        number = None
        try:
            owner = addresses.conversation(address.conversation), addresses.person(address.person)
            number = await self._mailbox.post(*owner, json.dumps(content).encode())
        except StoreError as error:
            if waiting is None or waiting.done():
                raise Unreachable(str(error)) from None
        if waiting is not None and not waiting.done():
            waiting.set_result({"number": number, **content})
        return f"{self.platform}:{number or address.request}"

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

    async def ask(self, request: Request) -> Response:
        """Take an event in and answer with its reply; 202 if that comes later or came before, 400, 401, or 503 if it must come again."""
        if refusal := self._refusal(request):
            return refusal
        try:
            sent = await request.json()
            event = reader.read({"id": uuid4().hex, **sent})
        except (ValueError, TypeError, RecursionError):
            return _error(400, "A JSON object is expected.")
        except UnreadableError as error:
            return _error(400, str(error))
        reply = self._waiting[event.id] = asyncio.get_running_loop().create_future()
        try:
            await self._gateway.accept(event)  # type: ignore[union-attr] # as `_refusal` has seen
            return JSONResponse(await asyncio.wait_for(reply, ANSWERED_WITHIN))
        except StoreError:
            return _error(503, "Nothing can be taken in now; send it again.")
        except TimeoutError:
            return JSONResponse({"id": event.id, "pending": True}, 202)
        finally:
            self._waiting.pop(event.id, None)

    async def messages(self, request: Request) -> Response:
        """What was said in a conversation after the message with the number `after`."""
        if refusal := self._refusal(request):
            return refusal
        after = request.query_params.get("after", "0")
        if not (after.isascii() and after.isdigit()):
            return _error(400, '"after" is the number of a message.')
        conversation = addresses.conversation(request.path_params["name"])
        try:
            letters = await asyncio.to_thread(self._mailbox.fetch, conversation, int(after))
        except StoreError as error:
            return _error(503, str(error))
        return JSONResponse({"messages": [{"number": letter.number, "at": letter.at, **json.loads(letter.content)} for letter in letters]})

    def _refusal(self, request: Request) -> Response | None:
        """Why a call is not answered: it does not know the token, or the bot does not listen."""
        if not compare_digest(request.headers.get("authorization", "").encode(), b"Bearer " + self._token):
            return _error(401, "The header Authorization: Bearer … with CAREERBOT_HTTP_TOKEN is expected.")
        return None if self._gateway is not None else _error(503, "The bot is starting or stopping; send it again.")


def _error(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status, {"retry-after": "1"} if status == 503 else None)  # noqa: PLR2004 - try again
