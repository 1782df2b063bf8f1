"""What elements carry that can be pressed: a name and a value, which is an id and never text; one way to write it, one to read it.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload. Version 0.1 had a button for each thing that can be done
with an answer. Those stand in old messages for ever, so what is chosen from a menu now is read as the same name and value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.channels.slack.payload import first, text_at

if TYPE_CHECKING:
    from bot.channels.slack.payload import Body

PICK, HOME = "pick", "home"
"""What the action ids of choices begin with: in a message, on the home page."""
MENU, RATE = "menu", "rate"
"""The action ids of what else can be done with an answer, and of its thumbs."""
UP, DOWN, SHARE, HERE = "rate_up", "rate_down", "share", "share_here"
"""The action ids of the buttons that an answer had in version 0.1."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """Something that was pressed: its action id, and what it carries."""

    name: str
    value: str

    @property
    def kind(self) -> str:
        """What the name begins with; the rest of it only tells elements apart."""
        return self.name.partition(":")[0]


def read_pressed(body: Body) -> Pressed:
    """What was pressed: a button or a thumb has its value, a menu that of the option which was selected."""
    action: Any = first(body, "actions")
    name, value = text_at(action, "action_id"), text_at(action, "value") or text_at(action, "selected_option", "value")
    kind, _, rest = value.partition(":")
    if name == MENU:
        return Pressed(kind, rest) if kind in {SHARE, HERE} else Pressed(PICK, value)
    if name == RATE:
        return Pressed({"up": UP, "down": DOWN}.get(kind, name), rest)
    return Pressed(name, value)


def share(entry: str) -> str:
    """What an option carries that opens the window to share an entry."""
    return f"{SHARE}:{entry}"


def share_here(entry: str, thread: str) -> str:
    """What an option carries that shares an entry where it was answered, in a thread if there is one."""
    return f"{HERE}:{entry}|{thread}"


def rating(turn: str, *, up: bool) -> str:
    """What a thumb carries under the answer of a turn."""
    return f"{'up' if up else 'down'}:{turn}"
