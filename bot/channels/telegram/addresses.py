"""Where things happen in Telegram: the keys of conversations, people, rooms and messages, and the addresses that messages go to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.contracts.addresses import Address
from bot.dialogue.turn import RawKey

if TYPE_CHECKING:
    from collections.abc import Mapping

PLATFORM = "telegram"
PATH = "/telegram/webhook"
"""Where Telegram calls the bot."""
PRIVATE = "private"
_TEXTS = ("chat", "topic", "reply", "user", "inline")


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramAddress:
    """Where a message goes in Telegram.

    `chat` and `topic`; `reply` is the message that is answered, `user` who caused it. `keyboard` (JSON) is how it is drawn: that of a
    rated message, of which only the thumbs go. `inline` was, as version 0.1 kept it, a card that `user` had shared: none is changed
    any more.
    """

    chat: str = ""
    topic: str = ""
    reply: str = ""
    user: str = ""
    inline: str = ""
    keyboard: str | None = None

    def packed(self) -> Address:
        """The address as all others know it."""
        held = {name: value for name in _TEXTS if (value := getattr(self, name))}
        return Address(PLATFORM, held if self.keyboard is None else {**held, "keyboard": self.keyboard})


def unpacked(place: Mapping[str, Any]) -> TelegramAddress:
    """The address in a packed place; raises `ValueError` for one that is none."""
    held = {name: place[name] for name in _TEXTS if name in place}
    keyboard = place.get("keyboard", place.get("markup"))  # the latter as version 0.1 kept it
    if not held or not all(isinstance(value, str) for value in (*held.values(), "" if keyboard is None else keyboard)):
        message = "This is no address in Telegram."
        raise ValueError(message)
    return TelegramAddress(**held, keyboard=keyboard)


INLINE = RawKey(f"{PLATFORM}:inline")
"""Stands for wherever a card was shared."""


def person(user: int) -> RawKey:
    """The key of a person, or of the group in whose name an anonymous admin writes."""
    return RawKey(f"{PLATFORM}:{user}")


def room(chat: int, topic: int = 0) -> RawKey:
    """The key of a chat, or of a topic in it."""
    return RawKey(f"{PLATFORM}:{chat}:{topic}" if topic else f"{PLATFORM}:{chat}")


def names(room_key: str, user_key: str) -> tuple[str, ...]:
    """The names that an operator may have for a room, the narrowest first. What was shared elsewhere counts as private."""
    if room_key in {"", user_key, INLINE}:
        return (user_key, f"{PLATFORM}:{PRIVATE}")
    chat = room_key.rpartition(":")[0] if room_key.count(":") > 1 else room_key
    return (room_key,) if chat == room_key else (room_key, chat)


def conversation(chat: int, topic: int, user: int) -> RawKey:
    """The key of a conversation: a private chat as a whole, else one person in a chat or topic."""
    return room(chat) if chat == user > 0 else RawKey(f"{room(chat, topic)}/{user}")


def post(chat: int | str, message: int | str) -> str:
    """The key of a message."""
    return f"{PLATFORM}:{chat}/{message}"


def read_post(key: str) -> tuple[str, str]:
    """The chat and the number of a message, empty if the key is none of Telegram's."""
    platform, _, place = key.partition(":")
    chat, _, message = place.partition("/") if platform == PLATFORM else ("", "", "")
    return chat, message


def read_room(key: str) -> Address:
    """The address of a room that an operator named: telegram:-100123, or telegram:-100123:7 for a topic."""
    chat, _, topic = key.removeprefix(f"{PLATFORM}:").partition(":")
    return TelegramAddress(chat=chat, topic=topic).packed()
