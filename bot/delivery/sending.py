"""One message sent, and what its fate means for the event that it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.contracts.ports import Later, Refused, Unreachable, Unsure

if TYPE_CHECKING:
    from bot.contracts.events import Message
    from bot.contracts.ports import Channel, Refusal

LONGEST_PAUSE = 60.0
"""Seconds between two attempts to reach a platform that cannot be reached."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a message.

    `post` is the platform's key of one that arrived; `unsure` left, but nobody knows; `again` may be sent after `pause` seconds;
    `never` will not arrive, and `why`.
    """

    what: Literal["arrived", "unsure", "again", "never"]
    post: str = ""
    why: Refusal = ""
    pause: float = 0.0


async def send(channel: Channel, message: Message, attempts: int) -> Fate:
    """Send a message that could not be sent `attempts` times before; whatever else goes wrong is raised."""
    try:
        return Fate("arrived", await channel.send(message))
    except Unsure:
        return Fate("unsure")
    except Refused as refused:
        return Fate("never", why=refused.why)
    except Later as later:
        return Fate("again", pause=later.seconds)
    except Unreachable:
        return Fate("again", pause=min(LONGEST_PAUSE, 2.0**attempts))
