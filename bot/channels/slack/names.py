"""What the people and channels are called that a text names by their ids alone, asked once an hour.

https://docs.slack.dev/reference/methods/conversations.info
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from cachetools import TTLCache

from bot.channels.background import SharedWork
from bot.channels.slack.payload import at, text_at
from bot.channels.slack.people import MOST, REMEMBERED
from bot.contracts.errors import Refused, SendError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.channels.slack.people import People
    from bot.channels.slack.web import Web

ASKED = 10
"""Ids of one text that are looked up; those after them stay ids."""


class Names:
    """Looks names up. Never raises: what cannot be looked up has none, nor has a private channel, whose name is not for everybody."""

    def __init__(self, web: Web, people: People, clock: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._people = people
        self._channels: TTLCache[str, str] = TTLCache(MOST, REMEMBERED, timer=clock)
        self._asked: SharedWork[None] = SharedWork()

    def known(self, ids: Sequence[str], team: str) -> dict[str, str]:
        """The names of ids, as far as they are known without asking; people are seen from a workspace."""
        names = {id_: self._people.known(id_, team).name if _is_person(id_) else self._channels.get(id_, "") for id_ in ids}
        return {id_: name for id_, name in names.items() if name}

    async def learn(self, ids: Sequence[str], team: str) -> None:
        """Look the names of ids up."""
        await asyncio.gather(*(self._learn(id_, team) for id_ in ids[:ASKED]))

    async def stop(self) -> None:
        """Look nothing up any more."""
        await self._asked.stop()

    async def _learn(self, id_: str, team: str) -> None:
        if _is_person(id_):
            await self._people.look_up(id_, team)
        elif id_ not in self._channels:
            await self._asked.done(id_, lambda: self._ask(id_))

    async def _ask(self, channel: str) -> None:
        try:
            found = at(await self._web.ask("conversations.info", channel=channel), "channel")
        except Refused:
            self._channels[channel] = ""  # nor will it be told the next time
        except SendError:
            return
        else:
            self._channels[channel] = "" if at(found, "is_private") else text_at(found, "name")


def _is_person(id_: str) -> bool:
    return id_.startswith(("U", "W"))
