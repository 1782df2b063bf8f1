"""Looking into what Telegram has sent, of which nothing is sure: what is not there, or of another kind, is nothing."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def at(held: object, *path: str) -> Any:  # noqa: ANN401 - whatever Telegram has sent
    """What stands at a path of an update, or None."""
    for step in path:
        held = held.get(step) if isinstance(held, dict) else None
    return held


def text_at(held: object, *path: str) -> str:
    """The text at a path of an update; empty if there is none."""
    found = at(held, *path)
    return found if isinstance(found, str) else ""


def number_at(held: object, *path: str) -> int:
    """The number at a path of an update; 0 if there is none."""
    found = at(held, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0
