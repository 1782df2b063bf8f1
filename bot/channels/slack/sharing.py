"""Whether something may be shared into a channel: who reads there, and whether the sharer is one of them. In doubt it may not.

https://docs.slack.dev/reference/methods/conversations.info and https://docs.slack.dev/reference/methods/conversations.members
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from bot.channels.slack import addresses
from bot.channels.slack.payload import at, text_at
from bot.channels.slack.web import MisdrawnError
from bot.contracts.errors import Refused, Unreachable, Unsure

if TYPE_CHECKING:
    from bot.channels.slack.reader import Guests
    from bot.channels.slack.web import Web
    from bot.contracts.addresses import Recipient
    from bot.contracts.outcomes import Message

PAGES = 20
"""Pages of a channel's members that are looked through; whoever is on none of them is not found there."""
PAGE = "999"
"""Members on a page: the most that Slack gives."""


class Sharing:
    """Looks before anything is shared. `guests` tells what people from outside may do."""

    def __init__(self, web: Web, guests: Guests) -> None:
        self._web = web
        self._guests = guests

    async def allow(self, message: Message, channel: str) -> None:
        """Return if a message may be shared into a channel; raises `SendError`, `Refused` if it never may."""
        try:
            await self._look_at(channel)
            if not await self._is_in(channel, _sharer(message.sharer)):
                _refuse("Whoever shares is not in the channel.")
        except Unsure as error:  # nothing was shared yet
            raise Unreachable(str(error)) from None

    async def _look_at(self, channel: str) -> None:
        """Raise `Refused` for a channel that people from outside read, or of which that cannot be told."""
        info = at(await self._web.ask("conversations.info", channel=channel), "channel")
        outside = any(at(info, flag) for flag in ("is_ext_shared", "is_pending_ext_shared"))
        if at(info, "is_archived"):
            message = "The channel is archived."
            raise Refused(message, "archived")
        if self._guests != "allow" and outside:
            message = "People from outside read the channel."
            raise Refused(message, "external")

    async def _is_in(self, channel: str, user: str) -> bool:
        """Whether somebody is in a channel, as far as Slack tells."""
        cursor = ""
        for _ in range(PAGES if user else 0):
            page = await self._page(channel, cursor)
            members = at(page, "members")
            if isinstance(members, list) and user in members:
                return True
            cursor = text_at(page, "response_metadata", "next_cursor")
            if not cursor:
                break
        return False

    async def _page(self, channel: str, cursor: str) -> object:
        """A page of the members of a channel."""
        further = {"cursor": cursor} if cursor else {}
        try:
            return await self._web.ask("conversations.members", channel=channel, limit=PAGE, **further)
        except (Refused, MisdrawnError):
            _refuse("Slack does not say who is in the channel.")


def _sharer(sharer: Recipient | None) -> str:
    """The id of whoever shares; empty for somebody who is not in Slack."""
    if sharer is None or sharer.address.platform != addresses.PLATFORM:
        return ""
    return addresses.unpacked(sharer.address.place).user


def _refuse(why: str) -> NoReturn:
    raise Refused(why, "stranger")
