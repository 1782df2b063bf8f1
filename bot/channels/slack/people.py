"""Who people in Slack are, asked once an hour: their names, and whether they belong to the workspace.

https://docs.slack.dev/reference/methods/users.info
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cachetools import LRUCache, TTLCache

from bot.channels.slack.payload import at, text_at
from bot.channels.slack.web import MisdrawnError
from bot.contracts.errors import Later, Refused, Unreachable, Unsure

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.channels.slack.reader import Standing
    from bot.channels.slack.web import Web

REMEMBERED = 3600.0
"""Seconds for which is believed what Slack said about somebody."""
MOST = 10_000
"""People who are remembered."""
_FAILED = (Refused, Later, Unreachable, Unsure, MisdrawnError)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody: their name and standing, or what is said of people of whom nothing is known."""

    name: str = ""
    standing: Standing = "unknown"


class People:
    """Looks people up. Never raises: who cannot be looked up is unknown. `clock` gives seconds that only grow."""

    def __init__(self, web: Web, clock: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._known: TTLCache[str, Person] = TTLCache(MOST, REMEMBERED, timer=clock)
        self._direct: LRUCache[str, str] = LRUCache(MOST)

    def known(self, user: str) -> Person:
        """What is known of somebody without asking."""
        return self._known.get(user, Person())

    async def look_up(self, user: str, team: str) -> Person:
        """Somebody, seen from a workspace."""
        if (held := self.known(user)).standing != "unknown":
            return held
        try:
            found = at(await self._web.ask("users.info", user=user), "user")
        except _FAILED:
            return Person()
        if not found:
            return Person()
        name = text_at(found, "profile", "display_name") or text_at(found, "real_name") or text_at(found, "name")
        outside = any(at(found, flag) for flag in ("is_restricted", "is_ultra_restricted", "is_stranger"))
        elsewhere = bool(team) and text_at(found, "team_id") not in {"", team}
        person = self._known[user] = Person(name, "guest" if outside or elsewhere else "member")
        return person

    async def direct(self, user: str) -> str:
        """The direct message with somebody, empty if it cannot be opened now."""
        if user not in self._direct:
            try:
                opened = await self._web.call("conversations.open", users=user)
            except _FAILED:
                return ""
            if channel := text_at(opened, "channel", "id"):
                self._direct[user] = channel
        return self._direct.get(user, "")
