"""What buttons and deep links carry: `v1:<action>:<key>` within 64 bytes. Anybody can forge it, so it holds ids and no more."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Literal

from bot.channels.telegram import limits

Action = Literal["pick", "show", "up", "down"]

_VERSION = "v1"
_SIGNS: dict[Action, str] = {"pick": "p", "show": "s", "up": "u", "down": "d"}
_ACTIONS = {sign: action for action, sign in _SIGNS.items()}
_ENTRY, _ASK = "q_", "a_"
_KEY = re.compile(r"[A-Za-z0-9_-]+")


def data(action: Action, key: str) -> str:
    """What a button carries; empty if that is too long for one.

    `pick` answers with a message of its own, `show` changes the message that the button is on; `up` and `down` rate a turn.
    """
    made = f"{_VERSION}:{_SIGNS[action]}:{key}"
    return made if len(made.encode()) <= limits.DATA else ""


def read_data(text: str) -> tuple[Action | None, str]:
    """The action and the key of a button; None for one of another version, or that was forged."""
    version, _, rest = text.partition(":")
    sign, _, key = rest.partition(":")
    return (_ACTIONS[sign], key) if version == _VERSION and sign in _ACTIONS else (None, "")


def query_link(query: str) -> str:
    """The payload of a deep link that asks a question; one that is too long is cut between words."""
    words = query.strip()
    while words:
        made = _ASK + urlsafe_b64encode(words.encode()).decode().rstrip("=")
        if len(made) <= limits.PAYLOAD:
            return made
        words = words.rpartition(" ")[0] or words[:-1]
    return ""


def read_link(payload: str) -> tuple[Literal["entry", "query", ""], str]:
    """What a deep link asks for; nothing for a payload that is none of ours."""
    if not _KEY.fullmatch(payload):
        return "", ""
    if entry := payload.removeprefix(_ENTRY) if payload.startswith(_ENTRY) else "":
        return "entry", entry
    if payload.startswith(_ASK):
        coded = payload.removeprefix(_ASK)
        try:
            query = urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
        except (binascii.Error, ValueError):
            return "", ""
        return ("query", query) if query else ("", "")
    return "", ""
