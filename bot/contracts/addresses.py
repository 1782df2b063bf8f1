"""Where something is to be said. What a place is only its platform knows: to all others it is a sealed envelope."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read at run time where messages are kept
from dataclasses import dataclass
from typing import Any

from bot.dialogue.turn import HashedKey, RawKey  # noqa: TC001 - as above


@dataclass(frozen=True, slots=True)
class Address:
    """A place on a `platform`. `place` is JSON, written and read by that platform's channel and by nobody else."""

    platform: str
    place: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is to hear something later: where, in which conversation, and who they are."""

    address: Address
    conversation: HashedKey
    person: HashedKey


@dataclass(frozen=True, slots=True)
class Room:
    """A room that an operator has named: the desk, or the team's."""

    key: RawKey
    address: Address
