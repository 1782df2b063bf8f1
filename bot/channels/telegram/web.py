"""Calls to the Bot API, their failures told in the words of the delivery. A call is made once; the token is in no message of these.

https://core.telegram.org/bots/api#making-requests
"""

from __future__ import annotations

import asyncio
import warnings
from typing import TYPE_CHECKING, Any, Self

import httpx
from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning, PTBUserWarning

from bot.channels.background import called
from bot.channels.telegram.addresses import PLATFORM
from bot.channels.telegram.payload import number_at
from bot.contracts.errors import ChannelError, Later, Refused, SendError, Unreachable, Unsure
from bot.contracts.ports import UNOBSERVED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.contracts.errors import Refusal
    from bot.contracts.ports import Observer

# JSON is wanted and not the library's objects: what an update says is kept as it came.
warnings.filterwarnings("ignore", message="Please use 'Bot", category=PTBUserWarning)
# The library says this to itself whenever it is told to wait.
warnings.filterwarnings("ignore", message=".*attribute .retry_after. will be of type", category=PTBDeprecationWarning)

POOL = 32
"""Connections for calls; polling has one of its own."""
TIMEOUT, POLLED_WITHIN = 10.0, 25
"""Seconds that a call may take, and that Telegram holds a poll."""
NO_ANSWER = "Telegram answered something that is no answer."
_BEFORE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Failures before anything has left."""
_WHY: Mapping[str, Refusal] = {
    "not enough rights": "restricted",
    "have no rights": "restricted",
    "topic_closed": "restricted",
    "chat not found": "gone",
    "message to edit not found": "gone",
}
_GONE = ("blocked", "user is deactivated", "chat was deleted")
"""What is said where the bot may not write, and there is nobody any more."""


class UnparsedError(SendError):
    """Telegram cannot parse the HTML of a message; it may go as plain text."""


class UnchangedError(SendError):
    """A message looks like that already."""


class GroupMigratedError(SendError):
    """A group has become a supergroup with another id."""

    def __init__(self, chat: int) -> None:
        super().__init__("The group has moved.")
        self.chat = chat


class Web:
    """Calls with one token. `url` is the server's root. Use it within `async with`."""

    def __init__(self, token: str, url: str, observer: Observer = UNOBSERVED) -> None:
        self._observer = observer
        self._request = HTTPXRequest(
            connection_pool_size=POOL, read_timeout=TIMEOUT, write_timeout=TIMEOUT, connect_timeout=TIMEOUT / 2, pool_timeout=TIMEOUT
        )
        self._polling = HTTPXRequest(connection_pool_size=1)
        self._bot = Bot(token, base_url=f"{url.rstrip('/')}/bot", request=self._request, get_updates_request=self._polling)

    async def __aenter__(self) -> Self:
        await asyncio.gather(self._request.initialize(), self._polling.initialize())
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(self._request.shutdown(), self._polling.shutdown())

    async def call(self, method: str, **arguments: Any) -> Any:  # noqa: ANN401 - JSON
        """What Telegram answers.

        Raises `SendError`, of which `UnparsedError`, `UnchangedError` and `GroupMigratedError` are Telegram's own, or `ChannelError`.
        """
        return await called(self._observer, PLATFORM, method, self._called(method, arguments, TIMEOUT))

    async def _called(self, method: str, arguments: dict[str, Any], patience: float) -> Any:  # noqa: ANN401 - JSON
        try:
            return await self._bot.do_api_request(method, api_kwargs=arguments, read_timeout=patience)
        except TelegramError as error:
            raise delivery_error(error) from None
        except (AttributeError, LookupError, TypeError, ValueError, RecursionError):
            raise Unsure(NO_ANSWER) from None  # the library stumbles over an answer that is none of Telegram's

    async def me(self) -> dict[str, Any]:
        """What Telegram says of the bot; raises what `call` raises, and `Unsure` for an answer that names no bot."""
        found = await self.call("getMe")
        if not (isinstance(found, dict) and number_at(found, "id")):
            raise Unsure(NO_ANSWER)
        return found

    async def updates(self, offset: int, kinds: list[str], held: int = POLLED_WITHIN) -> list[Any]:
        """The updates from a number on; those before it are confirmed. Waits up to `held` seconds for the first one."""
        wanted = {"offset": offset, "timeout": held, "allowed_updates": kinds}
        return await called(self._observer, PLATFORM, "getUpdates", self._updates(wanted, held + TIMEOUT))

    async def _updates(self, wanted: dict[str, Any], patience: float) -> list[Any]:
        found = await self._called("getUpdates", wanted, patience)
        if not isinstance(found, list):
            raise Unsure(NO_ANSWER)
        return found


def delivery_error(error: TelegramError) -> Exception:
    """An error of the library in the words of the delivery; never with its own text, which may hold the token."""
    match error:
        case RetryAfter():
            return Later(_seconds(error))
        case ChatMigrated():
            return GroupMigratedError(error.new_chat_id)
        case InvalidToken():
            return ChannelError("Telegram does not take TELEGRAM_BOT_TOKEN; copy it again from @BotFather.")
        case Conflict():
            return ChannelError("Another process polls with the same TELEGRAM_BOT_TOKEN, or a webhook is set. Stop it.", lasting=False)
        case Forbidden():
            gone = any(part in str(error).casefold() for part in _GONE)
            return Refused("Telegram does not let the bot write there.", "gone" if gone else "outside")
        case BadRequest():
            return _bad(str(error).casefold())
        case TimedOut():
            return (
                Unreachable("Telegram cannot be reached.") if isinstance(error.__cause__, _BEFORE) else Unsure("Telegram did not answer.")
            )
        case NetworkError() if error.__cause__ is not None and not isinstance(error.__cause__, (*_BEFORE, TelegramError)):
            return Unsure("Telegram did not answer.")
        case _ if type(error) is TelegramError:
            return Unsure(NO_ANSWER)  # with a status that says it took it
        case _:
            return Unreachable("Telegram is in trouble or cannot be reached.")


def _bad(text: str) -> Exception:
    if "can't parse entities" in text:
        return UnparsedError()
    if "is not modified" in text:
        return UnchangedError()
    for part, why in _WHY.items():
        if part in text:
            return Refused("Telegram refuses that message.", why)
    return Refused("Telegram refuses that message.")


def _seconds(error: RetryAfter) -> float:
    return error._retry_after.total_seconds()  # noqa: SLF001 - the public property warns that it will change its type
