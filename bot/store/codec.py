"""Sessions and messages as JSON. What an older version has kept must be read by a newer one: fields may be added, with a default."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from bot.contracts.outcomes import Message
from bot.dialogue.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

_SESSION: TypeAdapter[Session] = TypeAdapter(Session)
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


def session_json(session: Session) -> str:
    """A session as JSON."""
    return _SESSION.dump_json(session).decode()


def read_session(text: str | None) -> Session | None:
    """The session that JSON holds, or None where there is none that can be understood: the conversation begins anew."""
    try:
        return _SESSION.validate_json(text) if text else None
    except ValidationError:
        return None


def message_json(message: Message) -> bytes:
    """A message as JSON."""
    return _MESSAGE.dump_json(message)


def read_message(data: bytes) -> Message:
    """The message that JSON holds; raises `ValueError`."""
    held = read_mapping(data)
    try:
        return _MESSAGE.validate_python(_from_0_1(held) if "platform" in held else held)
    except (TypeError, LookupError):
        message = "This is no message that version 0.1 kept."
        raise ValueError(message) from None


def mapping_json(mapping: Mapping[str, Any]) -> bytes:
    """A payload or a place as JSON."""
    return json.dumps(mapping, separators=(",", ":")).encode()


def read_mapping(data: bytes) -> dict[str, Any]:
    """The payload or place that JSON holds; raises `ValueError`."""
    mapping = json.loads(data)
    if not isinstance(mapping, dict):
        message = "An object was expected."
        raise ValueError(message)  # noqa: TRY004 - like everything else that cannot be read
    return mapping


def _from_0_1(held: dict[str, Any]) -> dict[str, Any]:
    """A message as version 0.1 kept it: the platform beside the place, and in the place which message is changed or answered."""
    place = dict(held.get("address") or {})
    found: dict[str, Any] = {
        **{key: held[key] for key in ("reply", "turn", "source", "question") if key in held},
        "under": place.pop("post", ""),
        "edits": place.pop("edit", ""),
        "purpose": held.get("told", ""),
        "address": {"platform": held["platform"], "place": place},
    }
    if card := held.get("card"):
        back = {"platform": card["platform"], "place": card["back"]}
        found["share"] = {"entry": card["entry"], "room": card["room"]}
        found["sharer"] = {"address": back, "conversation": card["conversation"], "person": card["person"]}
    return found
