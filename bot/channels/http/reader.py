"""What a caller has sent as an event. Pure functions; what cannot be read is told in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.channels.http import addresses
from bot.channels.http.addresses import PLATFORM, HttpAddress
from bot.contracts.events import InboundEvent
from bot.dialogue.targets import read_target
from bot.dialogue.turn import Rating, Selection, Utterance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.dialogue.turn import UserAct

LONGEST_NAME = 200
"""Characters of the name of a conversation, a person or a request."""


class UnreadableError(Exception):
    """What a caller has sent cannot be read; the text says what is expected, in one sentence."""


def read(payload: Mapping[str, Any]) -> InboundEvent:
    """The event that a payload is; raises `UnreadableError`. `id` is the caller's name of the request, by which it is known again."""
    conversation, person, id_ = (_name(payload, key) for key in ("conversation", "person", "id"))
    return InboundEvent(
        id=id_,
        platform=PLATFORM,
        conversation=addresses.conversation(conversation),
        person=addresses.person(person),
        payload=payload,
        act=_act(payload),
        address=HttpAddress(conversation, person, id_).packed(),
        room=addresses.conversation(conversation),
        places=(f"{PLATFORM}:{conversation}", PLATFORM),
        name=person,
    )


def _act(payload: Mapping[str, Any]) -> UserAct:
    match {key: payload[key] for key in ("text", "choice", "rating") if payload.get(key) is not None}:
        case {"text": str(text), **others} if not others:
            return Utterance(text)
        case {"choice": str(choice), **others} if not others:
            return Selection(read_target(choice))
        case {"rating": {"up": bool(up)} as rating, **others} if not others:
            turn, reason = rating.get("turn", ""), rating.get("reason", "")
            if isinstance(turn, str) and isinstance(reason, str):
                return Rating(up, turn, reason)
    message = 'Exactly one of these is expected: "text": "…", "choice": "…", or "rating": {"up": true, "turn": "…"}.'
    raise UnreadableError(message)


def _name(payload: Mapping[str, Any], key: str) -> str:
    name = payload.get(key)
    if isinstance(name, str) and name.strip() and len(name) <= LONGEST_NAME:
        return name
    message = f'"{key}" is expected: a text of 1 to {LONGEST_NAME} characters.'
    raise UnreadableError(message)
