"""Texts as Slack writes them, and as a person reads them. https://docs.slack.dev/messaging/formatting-message-text#parsing."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from bot.channels.slack.payload import at, text_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.channels.slack.payload import Body

NO_BREAK = "\u00a0"
"""What stands for a blank within a name, so that a name of several words is told from what follows it."""
FILE = "📎"
"""What the line of a file begins with: what files are called asks nothing."""
_NAMELESS: Mapping[str, str] = {}
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_UNNAMED = re.compile(r"<[@#]([A-Z0-9]+)\|?>")
_MARK = re.compile(r"(<[^<>]*>)")
_ID = re.compile(r"[A-Z0-9]+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_GAP = re.compile(r"[ \t]{2,}")


def mentions(text: str) -> list[str]:
    """The ids of the people that a text of Slack mentions."""
    return _MENTION.findall(text)


def unnamed(text: str) -> tuple[str, ...]:
    """The ids of the people and channels that a text of Slack names by nothing else, each once."""
    return tuple(dict.fromkeys(_UNNAMED.findall(text)))


def said(message: Body, names: Mapping[str, str] = _NAMELESS, me: str = "") -> str:
    """What a message says: its text as a person reads it, and a line for each of its files."""
    files = at(message, "files")
    lines = [_file(file) for file in files] if isinstance(files, list) else []
    return "\n".join(filter(None, (readable(text_at(message, "text"), names, me), *lines)))


def readable(text: str, names: Mapping[str, str] = _NAMELESS, me: str = "") -> str:
    """A text of Slack as a person reads it: unescaped, with links and the names of people and channels.

    `names` has the names of ids, where they are known; the mention of the bot itself, whose id is `me`, is left out.
    """
    parts = _MARK.split(text)
    read = (_marked(part, names, me) if number % 2 else _plain(part) for number, part in enumerate(parts))
    return _GAP.sub(" ", "".join(read)).strip()


def _marked(mark: str, names: Mapping[str, str], me: str) -> str:
    """What stands between angle brackets; what is none of Slack's was typed so."""
    held, _, label = mark[1:-1].partition("|")
    sign, id_, label = held[:1], held[1:], _plain(label)
    if sign in {"@", "#"} and _ID.fullmatch(id_):
        return " " if sign == "@" and id_ == me else _named(sign, label or names.get(id_, id_))
    if sign == "!":
        return _special(id_, label)
    return _link(_plain(held), label) if _SCHEME.match(held) else _plain(mark)


def _special(held: str, label: str) -> str:
    """A date as its words, a group as its name; a call to everybody is left out."""
    kind, _, rest = held.partition("^")
    if kind == "subteam":
        return _named("@", (label or rest).removeprefix("@"))
    return label if kind == "date" else " "


def _link(address: str, label: str) -> str:
    """A link: its words with the address behind them, or the address alone where the words are nothing else."""
    scheme, _, rest = address.partition(":")
    shown = rest if scheme.casefold() in {"mailto", "tel"} else address
    return shown if label.strip("/") in {"", address.strip("/"), rest.strip("/")} else f"{label} ({shown})"


def _file(file: Body) -> str:
    title, address = text_at(file, "title"), text_at(file, "permalink")
    shown = f"{title} ({address})" if title and address else title or address
    return f"{FILE} {' '.join(shown.split())}" if shown else ""


def _named(sign: str, name: str) -> str:
    return sign + NO_BREAK.join(name.split())


def _plain(text: str) -> str:
    return html.unescape(text).replace(NO_BREAK, " ")
