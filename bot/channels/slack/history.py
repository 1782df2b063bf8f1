"""Looking back whether a message has arrived: by the id that it carries, where the bot may read what was said.

https://docs.slack.dev/messaging/message-metadata. That is so in direct messages, and in channels if the app hears all of them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.channels.slack import addresses
from bot.channels.slack.payload import at, text_at
from bot.contracts.errors import SendError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.channels.slack.identity import Introduction
    from bot.channels.slack.people import People
    from bot.channels.slack.web import Web
    from bot.contracts.outcomes import Message

EARLIER = 60.0
"""Seconds before a message may have been sent that are looked through too: Slack's clock is not the bot's."""
PAGES = 5
"""Pages that are looked through; whether a message is on a later one cannot be told."""
PAGE = "200"
"""Messages on a page."""
WITHIN = 10.0
"""Seconds that looking back may take in all."""
_EVENT = "careerbot_message"


def marked(message: Message) -> dict[str, Any]:
    """What a message is sent with so that it can be found, if it has an id."""
    return {"metadata": {"event_type": _EVENT, "event_payload": {"id": message.id}}} if message.id else {}


def thread_of(message: Message) -> str:
    """The timestamp of the message that a message is written beneath; empty if it stands by itself."""
    return addresses.read_post(message.under)[1] if message.under else addresses.unpacked(message.address.place).thread


class History:
    """Looks for messages of the `bot`."""

    def __init__(self, web: Web, people: People, bot: Introduction) -> None:
        self._web = web
        self._people = people
        self._bot = bot

    async def find(self, message: Message, since: float) -> str | None:
        """The key of a message sent since a time in seconds; empty if it is not there, None where that cannot be told."""
        address = addresses.unpacked(message.address.place)
        if not message.id or message.edits or address.private or address.by_url:
            return None  # no trace of it is left where anybody could look
        try:
            async with asyncio.timeout(WITHIN):
                await self._bot.made()
                channel = await self._channel(address.channel)
                return await self._look(message.id, channel, thread_of(message), since) if channel else None
        except (SendError, TimeoutError):
            return None

    async def _channel(self, channel: str) -> str:
        """The channel of an address; that of a direct message may be the id of a person."""
        return await self._people.direct(channel) if channel.startswith(("U", "W")) else channel

    async def _look(self, id_: str, channel: str, thread: str, since: float) -> str | None:
        method, where = ("conversations.replies", {"ts": thread}) if thread else ("conversations.history", {})
        asked = {"channel": channel, "oldest": f"{max(0.0, since - EARLIER):.6f}", "include_all_metadata": "true", "limit": PAGE, **where}
        for _ in range(PAGES):
            page = await self._web.ask(method, **asked)
            messages = at(page, "messages")
            if not isinstance(messages, list):
                return None
            if stamp := self._stamp(messages, id_):
                return addresses.post(channel, stamp)
            if not at(page, "has_more"):
                return ""
            asked["cursor"] = text_at(page, "response_metadata", "next_cursor")
        return None

    def _stamp(self, messages: Iterable[object], id_: str) -> str:
        """The timestamp of the message with an id; empty if it is none of these."""
        for said in messages:
            carried = at(said, "metadata")
            mine = text_at(said, "user") == self._bot.me.user and text_at(carried, "event_type") == _EVENT
            if mine and text_at(carried, "event_payload", "id") == id_:
                return text_at(said, "ts")
        return ""
