"""Where things happen in Telegram, in the words of the rest of the bot: keys of conversations, people, rooms and messages."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

PLATFORM = "telegram"
PATH = "/telegram/webhook"
"""Where Telegram calls the bot."""
PRIVATE = "private"


def person(user: int) -> str:
    """The key of a person, or of the group in whose name an anonymous admin writes."""
    return f"{PLATFORM}:{user}"


def room(chat: int, topic: int = 0) -> str:
    """The key of a chat, or of a topic in it."""
    return f"{PLATFORM}:{chat}:{topic}" if topic else f"{PLATFORM}:{chat}"


def names(room_key: str, user_key: str) -> tuple[str, ...]:
    """The names that an operator may have for a room, the narrowest first. What was shared elsewhere counts as private."""
    if room_key in {"", user_key}:
        return (user_key, f"{PLATFORM}:{PRIVATE}")
    chat = room_key.rpartition(":")[0] if room_key.count(":") > 1 else room_key
    return (room_key,) if chat == room_key else (room_key, chat)


def talk(chat: int, topic: int, user: int) -> str:
    """The key of a conversation: a private chat as a whole, else one person in a chat or topic."""
    return room(chat) if chat == user > 0 else f"{room(chat, topic)}/{user}"


def post(chat: int | str, message: int | str) -> str:
    """The key of a message."""
    return f"{PLATFORM}:{chat}/{message}"


def read_post(key: str) -> tuple[str, str]:
    """The chat and the number of a message, empty if the key is none of Telegram's."""
    platform, _, place = key.partition(":")
    chat, _, message = place.partition("/") if platform == PLATFORM else ("", "", "")
    return chat, message


def read_room(key: str) -> dict[str, str]:
    """The address of a room that an operator named: telegram:-100123, or telegram:-100123:7 for a topic."""
    chat, _, topic = key.removeprefix(f"{PLATFORM}:").partition(":")
    return {"chat": chat, **({"topic": topic} if topic else {})}


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
