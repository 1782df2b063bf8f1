"""Sessions and messages as JSON. What an older version has kept must be read by a newer one: fields may be added, with a default."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from bot.contracts.events import Message
from bot.dialogue.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

_SESSION: TypeAdapter[Session] = TypeAdapter(Session)
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


def session_json(session: Session) -> str:
    """A session as JSON."""
    return _SESSION.dump_json(session).decode()


def read_session(text: str | None) -> Session | None:
    """The session that JSON tells, or None where there is none that can be understood: the talk begins anew."""
    try:
        return _SESSION.validate_json(text) if text else None
    except ValidationError:
        return None


def message_json(message: Message) -> bytes:
    """A message as JSON."""
    return _MESSAGE.dump_json(message)


def read_message(data: bytes) -> Message:
    """The message that JSON tells; raises `ValueError`."""
    return _MESSAGE.validate_json(data)


def mapping_json(mapping: Mapping[str, Any]) -> bytes:
    """A payload or an address as JSON."""
    return json.dumps(mapping, separators=(",", ":")).encode()


def read_mapping(data: bytes) -> dict[str, Any]:
    """The payload or address that JSON tells; raises `ValueError`."""
    mapping = json.loads(data)
    if not isinstance(mapping, dict):
        message = "An object was expected."
        raise ValueError(message)  # noqa: TRY004 - like everything else that cannot be read
    return mapping
