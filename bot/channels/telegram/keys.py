"""What buttons and deep links carry: `v1:<action>:<key>` within 64 bytes. Anybody can forge it, so it holds ids and no more."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Literal, get_args

from bot.channels.telegram import limits
from bot.dialogue.targets import EntryTarget

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.dialogue.targets import Target

Action = Literal["pick", "show", "up", "down", "menu", "less"]
Tool = Literal["more", "share", "team", "person"]
"""What else can be done about an answer; the first letter stands for it on a button."""
Link = Literal["entry", "full", "query", ""]

_VERSION = "v1"
_SIGNS: dict[Action, str] = {"pick": "p", "show": "s", "up": "u", "down": "d", "menu": "m", "less": "l"}
_ACTIONS = {sign: action for action, sign in _SIGNS.items()}
_ENTRY, _FULL, _ASK = "q_", "f_", "a_"
_KEY = re.compile(r"[A-Za-z0-9_-]+")


def data(action: Action, key: str) -> str:
    """What a button carries; empty if that is too long for one.

    `pick` answers with a message of its own, `show` changes the message that the button is on; `up` and `down` rate a turn; `menu`
    unfolds the tools of an answer and `less` folds them, both with the key that `tools_key` makes.
    """
    made = f"{_VERSION}:{_SIGNS[action]}:{key}"
    return made if len(made.encode()) <= limits.DATA else ""


def read_data(text: str) -> tuple[Action | None, str]:
    """The action and the key of a button; None for one of another version, or that was forged."""
    version, _, rest = text.partition(":")
    sign, _, key = rest.partition(":")
    return (_ACTIONS[sign], key) if version == _VERSION and sign in _ACTIONS else (None, "")


def tools_key(tools: Iterable[Tool], entry: str) -> str:
    """The key of a button that unfolds or folds some tools of an entry."""
    return f"{''.join(tool[0] for tool in tools)}:{entry}"


def read_tools(key: str) -> tuple[tuple[Tool, ...], str]:
    """The tools that such a key names, and their entry."""
    letters, _, entry = key.partition(":")
    known: tuple[Tool, ...] = get_args(Tool)
    return tuple(tool for tool in known if tool[0] in letters), entry


def entry_link(target: Target) -> str:
    """The payload of a deep link that opens an entry; empty for what is no entry, or has an id that no link can carry."""
    if not isinstance(target, EntryTarget):
        return ""
    made = (_ENTRY if target.detail == "answer" else _FULL) + target.entry
    return made if _KEY.fullmatch(made) and target.entry and len(made) <= limits.PAYLOAD else ""


def query_link(query: str) -> str:
    """The payload of a deep link that asks a question; one that is too long is cut between words."""
    words = query.strip()
    while words:
        made = _ASK + urlsafe_b64encode(words.encode()).decode().rstrip("=")
        if len(made) <= limits.PAYLOAD:
            return made
        words = words.rpartition(" ")[0] or words[:-1]
    return ""


def read_link(payload: str) -> tuple[Link, str]:
    """What a deep link asks for; nothing for a payload that is none of ours."""
    if not _KEY.fullmatch(payload):
        return "", ""
    for prefix, kind in ((_ENTRY, "entry"), (_FULL, "full")):
        if entry := payload.removeprefix(prefix) if payload.startswith(prefix) else "":
            return kind, entry  # type: ignore[return-value] # one of two literals
    if payload.startswith(_ASK):
        coded = payload.removeprefix(_ASK)
        try:
            query = urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
        except (binascii.Error, ValueError):
            return "", ""
        return ("query", query) if query else ("", "")
    return "", ""


def url(bot: str, payload: str) -> str:
    """The address that opens the private chat with a bot, by its username, and hands it a payload; empty without either."""
    return f"https://t.me/{bot}?start={payload}" if bot and payload else ""
