"""Who comes in: only from where the bot is to answer, and not more at once than it is to answer.

Whoever is turned away hears that once, kindly, by an event that goes the usual way with a mark on it; what comes after that is left.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from cachetools import LRUCache, TTLCache

from bot.delivery.rate_limiter import RateLimiter
from bot.dialogue.turn import Command, Occasion, Share, Utterance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.contracts.events import InboundEvent
    from bot.contracts.ports import Channel
    from bot.dialogue.turn import RawKey

Barrier = Literal["not_here", "too_fast", "too_many"]
"""Why an event does not come in; the wording has a line for each."""

HOUR = 3600.0
MOST = 10_000
_MARK = "turned_away"
"""Where the payload of an event says what whoever caused it is to hear instead of an answer."""


@dataclass(frozen=True, slots=True)
class AccessRules:
    """What an operator has set.

    `allow` names places, none means everywhere; `always` are places that no rule holds (the desk), `admins` people whom none
    does. `person` and `room` are messages a minute, 0 means no limit.
    """

    allow: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()
    person: int = 0
    room: int = 0

    def admits(self, places: tuple[str, ...], person: RawKey) -> bool:
        """Whether the bot is to answer somebody in a place."""
        return not self.allow or person in self.admins or not (self.allow | self.always).isdisjoint(places)

    def limits(self, places: tuple[str, ...], person: RawKey) -> bool:
        """Whether it is counted how much somebody writes in a place."""
        return person not in self.admins and self.always.isdisjoint(places)


class Access:
    """Keeps the rules, and in mind whom it has turned away. `clock` gives seconds that only grow."""

    def __init__(self, rules: AccessRules | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.rules = rules or AccessRules()
        self._people = RateLimiter(self.rules.person, clock)
        self._rooms = RateLimiter(self.rules.room, clock)
        self._counted: LRUCache[str, None] = LRUCache(MOST)
        self._heard: TTLCache[str, None] = TTLCache(MOST, HOUR, clock)

    def barrier(self, event: InboundEvent) -> Barrier | None:
        """Why an event does not come in; None if it does. Both deliveries of a message count as one."""
        if not self.rules.admits(event.places, event.person):
            return "not_here"
        if not self.rules.limits(event.places, event.person) or event.key in self._counted or event.twin in self._counted:
            return None
        self._counted.update(dict.fromkeys(key for key in (event.key, event.twin) if key))
        if not self._people.admits(event.person):
            return "too_fast"
        return None if self._rooms.admits(_room(event)) else "too_many"

    def to_tell(self, event: InboundEvent, barrier: Barrier) -> bool:
        """Whether whoever caused an event is to hear of a barrier: only where they asked for something, and once in a while."""
        if not _asked(event):
            return False
        match barrier:
            case "too_fast":
                return self._people.to_tell(event.person)
            case "too_many":
                return self._rooms.to_tell(_room(event))
            case "not_here":
                room = _room(event) or event.person
                known = room in self._heard  # the hour goes on from when it was said, however often it is asked meanwhile
                self._heard.setdefault(room, None)
                return not known


def turned_away(event: InboundEvent, barrier: Barrier) -> InboundEvent:
    """The event, marked: whoever caused it is to hear of a barrier instead of an answer."""
    return _marked(replace(event, payload={**event.payload, _MARK: barrier}), barrier)


def read(channel: Channel, payload: Mapping[str, Any]) -> InboundEvent | None:
    """The event that a kept payload is; of one that was turned away, that the barrier is to be heard of."""
    event = channel.read(payload)
    barrier = payload.get(_MARK)
    return _marked(event, barrier) if event is not None and barrier else event


def _marked(event: InboundEvent, barrier: Barrier) -> InboundEvent:
    name = "not_there" if barrier == "not_here" and isinstance(event.act, Share) else barrier
    return replace(event, act=Occasion(name), share_into=None)


def _asked(event: InboundEvent) -> bool:
    """Whether somebody asked the bot for something, and can be answered without touching what is there."""
    asked = isinstance(event.act, Utterance | Command | Share)
    return asked and event.address is not None and not (event.overheard or event.edited)


def _room(event: InboundEvent) -> str:
    return event.places[0] if event.places else ""
