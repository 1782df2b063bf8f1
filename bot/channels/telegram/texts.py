"""What is written in a message of Telegram, and what of an update is kept. Pure functions.

https://core.telegram.org/bots/api#message
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.channels.telegram.payload import Json, at, number_at, text_at

if TYPE_CHECKING:
    from collections.abc import Mapping

UNREADABLE = frozenset(
    {
        *("animation", "audio", "checklist", "contact", "dice", "document", "game", "giveaway", "giveaway_winners", "invoice"),
        *("live_photo", "location", "paid_media", "photo", "poll", "rich_message", "sticker", "story", "venue", "video"),
        *("video_note", "voice"),
    }
)
"""What people send besides text. What is in none of these, and has no text, is a word of Telegram's own about the chat."""
_ENTITIES = frozenset({"entities", "caption_entities"})
_LINK = "text_link"
_WEB = re.compile(r"https?://\S+\Z")
_DEEPEST = 8


def said(message: object) -> str:
    """The text of a message, or its caption; where words hide an address, it follows them in brackets."""
    text = text_at(message, "text")
    entities = at(message, "entities") if text else at(message, "caption_entities")
    text = text or text_at(message, "caption")
    links = _links(entities)
    return _spelt_out(text, links) if links else text


def is_unreadable(message: Json) -> bool:
    """Whether somebody has sent something that is no text."""
    return any(key in message for key in UNREADABLE)


def shortened(update: Mapping[str, Any]) -> dict[str, Any]:
    """The update without what nobody reads: of pictures and their kin only that they were there, nothing that is nested too deep."""
    return {key: _kept(key, value, 1) for key, value in update.items()}


def _kept(key: str, value: object, depth: int) -> object:
    if key in UNREADABLE:
        return True
    if isinstance(value, dict) and depth < _DEEPEST:
        held = {name: _kept(name, inner, depth + 1) for name, inner in value.items() if name not in _ENTITIES}
        links = {name: found for name in _ENTITIES if (found := _links(value.get(name)))}
        return {**held, **links}
    if isinstance(value, list) and depth < _DEEPEST:
        return [_kept("", held, depth + 1) for held in value]
    return value if isinstance(value, str | int | float | bool) else None


def _links(entities: object) -> list[Json]:
    """Of what Telegram marks in a text, the addresses that cannot be seen in it."""
    found = entities if isinstance(entities, list) else []
    return [
        {"type": _LINK, **{name: number_at(entity, name) for name in ("offset", "length")}, "url": text_at(entity, "url")}
        for entity in found
        if _is_link(entity)
    ]


def _is_link(entity: object) -> bool:
    numbers = number_at(entity, "offset") >= 0 < number_at(entity, "length")
    return text_at(entity, "type") == _LINK and numbers and bool(_WEB.match(text_at(entity, "url")))


def _spelt_out(text: str, links: list[Json]) -> str:
    """A text with each address after its words. Telegram counts in units of UTF-16, in which some letters are two."""
    places, units = {0: 0}, 0
    for place, letter in enumerate(text, 1):
        units += 1 + (ord(letter) > 0xFFFF)  # noqa: PLR2004 - the last letter of one unit
        places[units] = place
    for link in sorted(links, key=lambda link: number_at(link, "offset"), reverse=True):
        begin, end = places.get(link["offset"]), places.get(link["offset"] + link["length"])
        if begin is not None and end is not None and _bare(text[begin:end]) != _bare(link["url"]):
            text = f"{text[:end]} ({link['url']}){text[end:]}"
    return text


def _bare(address: str) -> str:
    return address.strip().rstrip("/").rpartition("://")[2]
