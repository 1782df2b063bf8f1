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


def installed_in(body: object) -> str:
    """The workspace in which the app is installed that a payload is for; empty where the payload does not say.

    Where other companies take part, its `team` is the sender's: https://docs.slack.dev/apis/slack-connect.
    """
    return text_at(first(body, "authorizations"), "team_id") or text_at(body, "view", "app_installed_team_id")


def team_of(body: object) -> str:
    """The workspace that a payload names, be it the sender's: all that earlier versions looked at."""
    return text_at(body, "team_id") or text_at(body, "team", "id")
