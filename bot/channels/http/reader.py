"""What a caller has sent as an event. What cannot be read is told in one sentence."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bot.channels.http.addresses import PLATFORM, HttpAddress, key
from bot.contracts.events import InboundEvent
from bot.dialogue.targets import DeskTarget, ReasonTarget, read_target
from bot.dialogue.turn import Rating, Selection, Utterance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.dialogue.turn import UserAct

LONGEST_NAME, LONGEST_TEXT = 100, 10_000
_NAMES, _ACTS, _RATING = ("conversation", "person", "id"), ("text", "choice", "rating"), ("up", "turn", "reason")
_TURN = re.compile(r"[0-9a-f]{16}|")
_ONE_ACT = f'Exactly one is expected of "text" (to {LONGEST_TEXT:,} characters), "choice" (an id), "rating" ({{"up": true, "turn": "…"}}).'


class UnreadableError(Exception):
    """What a caller has sent cannot be read; the text says what is expected, in one sentence."""


def sent(body: bytes) -> InboundEvent:
    """The event that the body of a request is, with an id if it has none; raises `UnreadableError`. What is not known is left out."""
    try:
        held = json.loads(body)
    except (ValueError, RecursionError):
        held = None
    known = held if isinstance(held, dict) else {}
    payload = {"id": uuid4().hex, **{name: known[name] for name in (*_NAMES, *_ACTS) if known.get(name) is not None}}
    if isinstance(rating := payload.get("rating"), dict):
        payload["rating"] = {name: rating[name] for name in _RATING if rating.get(name) is not None}
    return read(payload)


def read(payload: Mapping[str, Any]) -> InboundEvent:
    """The event that a payload is; raises `UnreadableError`. `id` is the caller's name of the request, by which it is known again."""
    for name in _NAMES:
        if not (_is_text(payload.get(name), LONGEST_NAME) and payload[name].isprintable() and payload[name].strip()):
            message = f'A JSON object with "{name}" is expected, a text of 1 to {LONGEST_NAME} printable characters.'
            raise UnreadableError(message)
    address = HttpAddress(payload["conversation"], payload["person"], payload["id"])
    return InboundEvent(
        id=address.event,
        platform=PLATFORM,
        conversation=key(address.conversation),
        person=key(address.person),
        payload=payload,
        act=_act({name: payload[name] for name in _ACTS if name in payload}),
        address=address.packed(),
        room=key(address.conversation),
        places=(key(address.conversation), PLATFORM),
        name=address.person,
    )


def _act(held: Mapping[str, Any]) -> UserAct:
    match held:
        case {"text": text, **others} if not others and _is_text(text, LONGEST_TEXT):
            return Utterance(text)
        case {"choice": choice, **others} if not others and _is_text(choice, LONGEST_TEXT):
            target = read_target(choice)
            if not isinstance(target, DeskTarget) and _TURN.fullmatch(target.turn if isinstance(target, ReasonTarget) else ""):
                return Selection(target)
        case {"rating": {"up": bool(up)} as rating, **others} if not others:
            turn, reason = rating.get("turn", ""), rating.get("reason", "")
            if _is_text(turn, LONGEST_NAME) and _TURN.fullmatch(turn) and _is_text(reason, LONGEST_TEXT):
                return Rating(up, turn, reason)
    raise UnreadableError(_ONE_ACT)


def _is_text(value: object, longest: int) -> bool:
    """Whether a value is a text that every database takes: not too long, without NUL and halves of surrogate pairs."""
    return isinstance(value, str) and len(value) <= longest and "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
