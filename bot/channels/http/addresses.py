"""Where things happen over HTTP: callers name their conversations and people as they like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.contracts.addresses import Address
from bot.dialogue.turn import RawKey

if TYPE_CHECKING:
    from collections.abc import Mapping

PLATFORM = "http"


@dataclass(frozen=True, slots=True)
class HttpAddress:
    """Where a message goes: to whoever waits for the answer to `request`, else to what comes later in the `conversation` of a `person`."""

    conversation: str
    person: str
    request: str = ""

    def packed(self) -> Address:
        """The address as all others know it."""
        return Address(PLATFORM, {"conversation": self.conversation, "person": self.person, "request": self.request})


def unpacked(place: Mapping[str, Any]) -> HttpAddress:
    """The address in a packed place; raises `KeyError` for one that is none."""
    return HttpAddress(place["conversation"], place["person"], place["request"])


def conversation(name: str) -> RawKey:
    """The key of a conversation, which is a room of its own."""
    return RawKey(f"{PLATFORM}:{name}")


def person(name: str) -> RawKey:
    """The key of a person."""
    return RawKey(f"{PLATFORM}:{name}")
