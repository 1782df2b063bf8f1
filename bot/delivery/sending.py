"""One message sent, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.contracts.errors import Later, Refused, Unreachable, Unsure
from bot.contracts.outcomes import SendResult

if TYPE_CHECKING:
    from bot.contracts.outcomes import Message
    from bot.contracts.ports import Channel

LONGEST_PAUSE = 60.0
"""Seconds between two attempts to reach a platform that cannot be reached."""
LOOK_AFTER = 2.0
"""Seconds after which is looked whether a message has arrived of which nobody knows: it may still be on its way."""


async def send(channel: Channel, message: Message, attempts: int) -> SendResult:
    """Send a message that could not be sent `attempts` times before; whatever else goes wrong is raised."""
    try:
        return SendResult("arrived", await channel.send(message), message=message)
    except Unsure:
        return SendResult("unsure", pause=min(LONGEST_PAUSE, LOOK_AFTER * 2.0**attempts), message=message)
    except Refused as refused:
        return SendResult("never", reason=refused.reason, message=message)
    except Later as later:
        return SendResult("again", pause=later.seconds, message=message)
    except Unreachable:
        return SendResult("again", pause=min(LONGEST_PAUSE, 2.0**attempts), message=message)
