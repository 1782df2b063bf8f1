"""Who the bot is in Slack. It is asked before anything is listened to; from then on no request needs a call to be authorized.

Left to itself, the SDK asks as the first request comes, and acknowledges that request where Slack does not say: it would be lost.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.errors import SlackApiError

from bot.channels.slack.payload import text_at
from bot.channels.slack.web import NO_ANSWER, NONSENSE, WRONG_TOKEN, error_of
from bot.contracts.errors import ChannelError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from slack_sdk.web.async_client import AsyncWebClient

T = TypeVar("T")

log = logging.getLogger("careerbot.slack")


@dataclass(frozen=True, slots=True)
class Identity:
    """The bot's user and bot id, the workspace that it is installed in with its organization, if there is one, and their names."""

    user: str = ""
    team: str = ""
    bot: str = ""
    enterprise: str = ""
    name: str = ""
    workspace: str = ""


NOBODY = Identity()


class Introduction(AsyncAuthorize):
    """Asks Slack who the bot is, and authorizes with what it said. `me` is nobody until then."""

    def __init__(self, client: AsyncWebClient) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._client = client
        self._known = asyncio.Event()
        self.me = NOBODY

    @property
    def known(self) -> bool:
        """Whether Slack has said who the bot is."""
        return self._known.is_set()

    async def made(self) -> None:
        """Return once Slack has said who the bot is."""
        await self._known.wait()

    async def ask(self) -> Identity:
        """Who the bot is; raises `ChannelError`."""
        answer = await answered(self._client.auth_test(), self._client, "SLACK_BOT_TOKEN")
        told = answer.data
        texts = {name: text_at(told, key) for name, key in _WHERE.items()}
        if not (texts["user"] and texts["team"]):
            raise ChannelError(NO_ANSWER, lasting=False)
        self.me = Identity(**texts)
        self._known.set()
        return self.me

    async def ask_again(self, pause: float, told: str) -> None:
        """Ask after so many seconds until Slack says it. `told` is what has been told of why it does not, and told anew if that changes."""
        while not self.known:
            await asyncio.sleep(pause)
            try:
                await self.ask()
                log.info("Slack says who the bot is.")
            except ChannelError as error:
                if str(error) != told:
                    log.warning("%s It is tried again.", error)
                told = str(error)

    async def __call__(self, **_: object) -> AuthorizeResult:
        """What the SDK needs to know of the bot, for each request; raises `ChannelError` while that is unknown."""
        if not self.known:
            message = "Slack has not said who the bot is."
            raise ChannelError(message, lasting=False)
        me, token = self.me, self._client.token
        return AuthorizeResult(enterprise_id=me.enterprise or None, team_id=me.team, bot_id=me.bot, bot_user_id=me.user, bot_token=token)


_WHERE = {"user": "user_id", "team": "team_id", "bot": "bot_id", "enterprise": "enterprise_id", "name": "user", "workspace": "team"}
"""Where `auth.test` tells it: https://docs.slack.dev/reference/methods/auth.test."""


async def answered(call: Awaitable[T], client: AsyncWebClient, token: str, hint: str = "") -> T:
    """What Slack answers to a call that shows whether it takes a token; raises `ChannelError`."""
    try:
        return await call
    except SlackApiError as error:
        code = error_of(error) or "no reason given"
        if code in WRONG_TOKEN:
            message = f"Slack does not take {token} ({code}){hint}."
            raise ChannelError(message) from None
        message = f"Slack does not say whether it takes {token} ({code})."
        raise ChannelError(message, lasting=False) from None
    except (aiohttp.ClientError, TimeoutError, OSError):
        message = f"Slack cannot be reached at {client.base_url}."
        raise ChannelError(message, lasting=False) from None
    except NONSENSE:
        raise ChannelError(NO_ANSWER, lasting=False) from None
