"""Who comes in: only from where the bot is to answer, and not more at once than it is to answer.

A person and a room have a bucket each: full it holds the messages of a minute, and it fills again within one. Whoever is turned away
hears that once, kindly, and again only after half of the bucket was full; what comes while it is empty is left.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from bot.contracts.events import id_of
from bot.delivery.memory import MOST, shorten
from bot.dialogue.turn import Command, Occasion, Sharing, Utterance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.contracts.events import Heard, InboundEvent
    from bot.contracts.ports import Channel

Word = Literal["", "not_here", "too_fast", "too_many"]

MINUTE = 60.0
HOUR = 3600.0
_MARK = "turned_away"
"""Where the payload of an event says what whoever caused it is to hear instead of an answer."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What an operator has set.

    `allow` names places, none means everywhere; `always` are places that no rule holds (the desk), `admins` people whom none
    does. `person` and `room` are messages a minute, 0 means no limit.
    """

    allow: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()
    person: int = 0
    room: int = 0


@dataclass(slots=True)
class _Bucket:
    """What is left of a minute's messages, when that was so, and whether whoever emptied it was told."""

    left: float
    at: float
    told: bool = False

    def fill(self, most: int, now: float) -> None:
        self.left = min(float(most), self.left + (now - self.at) * most / MINUTE)
        self.at = now
        self.told = self.told and self.left < most / 2


@dataclass(slots=True)
class Gate:
    """Lets events in, or not. `clock` gives seconds that only grow."""

    rules: Rules = field(default_factory=Rules)
    clock: Callable[[], float] = time.monotonic
    _people: dict[str, _Bucket] = field(default_factory=dict)
    _rooms: dict[str, _Bucket] = field(default_factory=dict)
    _told: dict[str, float] = field(default_factory=dict)
    _counted: dict[str, None] = field(default_factory=dict)

    def admits(self, places: tuple[str, ...], person: str) -> bool:
        """Whether the bot is to answer somebody in a place."""
        rules = self.rules
        return not rules.allow or person in rules.admins or not (rules.allow | rules.always).isdisjoint(places)

    def word(self, event: InboundEvent) -> Word:
        """Why an event does not come in, empty if it does. Both deliveries of a message count as one."""
        if not self.admits(event.places, event.person):
            return "not_here"
        keys = [key for key in (id_of(event), event.twin) if key]
        if event.person in self.rules.admins or not self.rules.always.isdisjoint(event.places) or any(key in self._counted for key in keys):
            return ""
        self._counted |= dict.fromkeys(keys)
        shorten(self._counted, MOST)
        if not self._takes(self._people, event.person, self.rules.person):
            return "too_fast"
        room = event.places[0] if event.places else ""
        return "" if self._takes(self._rooms, room, self.rules.room) else "too_many"

    def to_tell(self, event: InboundEvent, word: Word) -> bool:
        """Whether the word is still to be said, to that person or in that room; asked twice, it is not."""
        room = event.places[0] if event.places else event.person
        if word == "not_here":
            now = self.clock()
            if now - self._told.get(room, -HOUR) < HOUR:
                return False  # the hour goes on from when it was told, however often it is asked meanwhile
            self._told.pop(room, None)
            self._told[room] = now
            shorten(self._told, MOST)
            return True
        bucket = self._people.get(event.person) if word == "too_fast" else self._rooms.get(room)
        told = bucket is None or bucket.told
        if bucket is not None:
            bucket.told = True
        return not told

    def _takes(self, buckets: dict[str, _Bucket], key: str, most: int) -> bool:
        """Whether there was something left of a bucket; then there is one less."""
        if not (key and most):
            return True
        now = self.clock()
        bucket = buckets.pop(key, None) or _Bucket(float(most), now)
        buckets[key] = bucket  # the last one of them: the first are forgotten first
        shorten(buckets, MOST)
        bucket.fill(most, now)
        if bucket.left < 1:
            return False
        bucket.left -= 1
        return True


def turned_away(event: InboundEvent, word: Word) -> InboundEvent:
    """The event, marked: whoever caused it is to hear a word instead of an answer."""
    return replace(event, payload={**event.payload, _MARK: word})


def read(channel: Channel, payload: Mapping[str, Any]) -> Heard | None:
    """What a payload says; of one that was turned away, that the word is to be said."""
    heard = channel.read(payload)
    word = payload.get(_MARK)
    if heard is None or not word:
        return heard
    there = word == "not_here" and isinstance(heard.act, Sharing)
    return replace(heard, act=Occasion(conversation="", name="not_there" if there else word), into=None)


def can_be_told(heard: Heard | None) -> bool:
    """Whether somebody who did this can be answered without touching what is there: they asked the bot, or shared."""
    if heard is None or heard.overheard or heard.edited or not heard.address:
        return False
    return isinstance(heard.act, Utterance | Command | Sharing)
