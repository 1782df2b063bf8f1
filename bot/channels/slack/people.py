"""Who people in Slack are, asked once an hour: their names, and whether they belong to the workspace.

https://docs.slack.dev/reference/methods/users.info
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cachetools import LRUCache, TTLCache

from bot.channels.background import SharedWork
from bot.channels.slack.payload import at, text_at
from bot.contracts.errors import SendError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.channels.slack.payload import Body
    from bot.channels.slack.reader import Standing
    from bot.channels.slack.web import Web

REMEMBERED = 3600.0
"""Seconds for which is believed what Slack said about somebody."""
MOST = 10_000
"""People who are remembered."""
_OUTSIDE = ("is_restricted", "is_ultra_restricted", "is_stranger")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody: their name and standing, or what is said of people of whom nothing is known."""

    name: str = ""
    standing: Standing = "unknown"


class People:
    """Looks people up. Never raises: who cannot be looked up is unknown. `clock` gives seconds that only grow.

    A look-up that takes too long for whoever began it goes on, so that the person is known the next time.
    """

    def __init__(self, web: Web, clock: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._known: TTLCache[tuple[str, str], Person] = TTLCache(MOST, REMEMBERED, timer=clock)
        self._asked: SharedWork[Person] = SharedWork()
        self._direct: LRUCache[str, str] = LRUCache(MOST)

    def known(self, user: str, team: str) -> Person:
        """What is known of somebody without asking."""
        return self._known.get((user, team), Person())

    async def look_up(self, user: str, team: str) -> Person:
        """Somebody, seen from a workspace."""
        held = self.known(user, team)
        return held if held.standing != "unknown" else await self._asked.done((user, team), lambda: self._ask(user, team))

    async def _ask(self, user: str, team: str) -> Person:
        try:
            found = at(await self._web.ask("users.info", user=user), "user")
        except SendError:
            return Person()
        name = text_at(found, "profile", "display_name") or text_at(found, "real_name") or text_at(found, "name")
        person = Person(name, _standing(found, team))
        if person.standing != "unknown":
            self._known[user, team] = person
        return person

    async def direct(self, user: str) -> str:
        """The direct message with somebody, empty if it cannot be opened now."""
        if user not in self._direct:
            try:
                opened = await self._web.call("conversations.open", users=user)
            except SendError:
                return ""
            if channel := text_at(opened, "channel", "id"):
                self._direct[user] = channel
        return self._direct.get(user, "")

    async def stop(self) -> None:
        """Look nobody up any more."""
        await self._asked.stop()


def _standing(user: Body, team: str) -> Standing:
    """What somebody is in a workspace. In an organization people belong to several: https://docs.slack.dev/enterprise."""
    if any(at(user, flag) for flag in _OUTSIDE):
        return "guest"
    teams = at(user, "enterprise_user", "teams")
    belongs = [text_at(user, "team_id"), text_at(user, "enterprise_user", "enterprise_id"), *(teams if isinstance(teams, list) else [])]
    if not (team and any(belongs)):
        return "unknown"
    return "member" if team in belongs else "guest"
