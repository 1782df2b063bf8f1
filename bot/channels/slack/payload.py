"""Looking into what Slack has sent, of which nothing is sure: what is not there, or of another kind, is empty."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]


def at(held: object, *path: str) -> Any:  # noqa: ANN401 - whatever Slack has sent
    """What stands at a path of a payload, or an empty text."""
    for step in path:
        held = held.get(step) if isinstance(held, dict) else None
    return "" if held is None else held


def first(held: object, key: str) -> Any:  # noqa: ANN401 - as above
    """The first of a list in a payload, or an empty text."""
    found = at(held, key)
    return found[0] if isinstance(found, list) and found else ""


def text_at(held: object, *path: str) -> str:
    """The text at a path of a payload; empty if there is none."""
    found = at(held, *path)
    return found if isinstance(found, str) else ""


def team_of(body: object) -> str:
    """The workspace that a payload comes from."""
    return text_at(body, "team_id") or text_at(body, "team", "id")
