"""Where things happen in Slack, in the words of the rest of the bot: keys of conversations, people, rooms and messages."""

from __future__ import annotations

import html
import re
from typing import Any

Body = dict[str, Any]

PLATFORM = "slack"
PATH = "/slack/events"
"""Where Slack calls the bot over HTTP."""
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_LINK = re.compile(r"<(?:https?://|mailto:|tel:)[^<>|]*(?:\|([^<>]*))?>")
_CHANNEL = re.compile(r"<#[A-Z0-9]+(?:\|([^<>]*))?>")
_GAP = re.compile(r"[ \t]{2,}")
_DATE = re.compile(r"<!date\^[^<>|]*\|([^<>]*)>")
_SPECIAL = re.compile(r"<![^<>]*>")


def person(team: str, user: str) -> str:
    """The key of a person."""
    return f"{PLATFORM}:{team}/{user}"


def read_person(key: str) -> tuple[str, str]:
    """The workspace and the id of a person."""
    team, _, user = key.removeprefix(f"{PLATFORM}:").partition("/")
    return team, user


def room(team: str, channel: str, desk: str = "") -> str:
    """The key of a channel; that of the `desk` is as the operator wrote it, with the workspace or without."""
    return desk if desk == f"{PLATFORM}:{channel}" else f"{PLATFORM}:{team}/{channel}"


def names(team: str, channel: str) -> tuple[str, ...]:
    """The names that an operator may have for a channel, the narrowest first: with the workspace, without it, the workspace."""
    rooms = (f"{PLATFORM}:{team}/{channel}", f"{PLATFORM}:{channel}") if channel else ()
    return (*rooms, f"{PLATFORM}:{team}")


def read_room(key: str) -> dict[str, str]:
    """The address of a channel that an operator named: slack:C0123, or slack:T0123/C0456."""
    return {"channel": key.removeprefix(f"{PLATFORM}:").rpartition("/")[2]}


def talk(team: str, channel: str, *, thread: str = "", alone: str = "") -> str:
    """The key of a conversation: a thread of a channel, or what one person (`alone`) has with the bot there.

    A direct message is of one person as a whole: others may be in it, if it is not the bot's and `/career` is given there.
    """
    if is_direct(channel):
        return f"{PLATFORM}:{team}/{channel}/~{alone}"
    return f"{PLATFORM}:{team}/{channel}/{thread or f'~{alone}'}"


def post(channel: str, stamp: str) -> str:
    """The key of a message."""
    return f"{PLATFORM}:{channel}/{stamp}"


def read_post(key: str) -> tuple[str, str]:
    """The channel and the timestamp of a message, empty if the key is none of Slack's."""
    channel, _, stamp = key.removeprefix(f"{PLATFORM}:").partition("/")
    return channel, stamp


def is_direct(channel: str) -> bool:
    """Whether a channel is a direct message with the bot."""
    return channel.startswith("D")


def mentions(text: str) -> list[str]:
    """The ids of the people that a text of Slack mentions."""
    return _MENTION.findall(text)


def readable(text: str) -> str:
    """A text of Slack as a person reads it: without mentions, links as their words, unescaped.

    https://docs.slack.dev/messaging/formatting-message-text#parsing
    """
    text = _SPECIAL.sub(" ", _DATE.sub(r"\1", _MENTION.sub(" ", text)))
    text = _LINK.sub(lambda found: found[1] or " ", text)
    text = _CHANNEL.sub(lambda found: f"#{found[1]}" if found[1] else " ", text)
    return _GAP.sub(" ", html.unescape(text)).strip()


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
