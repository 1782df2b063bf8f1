"""The little Markdown that answers may use: bold, italic, lists and links.

Channels turn it into what their platform speaks; here it becomes plain text, and what nobody could turn is told apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_LIGHT = re.compile(r"(?<![\w*])[*_](?=\S)([^*_]+?)(?<=\S)[*_](?![\w*])")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_MARK = re.compile(
    r"\*\*(?=\S)(?P<strong>.+?)(?<=\S)\*\*"
    r"|\[(?P<label>[^\]]+)\]\((?P<address>[^)\s]+)\)"
    r"|(?<![\w*])[*_](?=\S)(?P<light>[^*_]+?)(?<=\S)[*_](?![\w*])"
)
_BULLET = re.compile(r"^\s*[-*]\s+", re.MULTILINE)
_HTML = re.compile(r"</?[a-zA-Z][^>]*>")
_HEADING = re.compile(r"^\s*#{1,6}\s", re.MULTILINE)
_SAFE_LINK = re.compile(r"(?:https?://|mailto:)\S+$")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text that looks the same throughout; `address` is where a link leads."""

    text: str
    style: Literal["", "strong", "light", "link"] = ""
    address: str = ""


def spans(text: str) -> tuple[Span, ...]:
    """The text as pieces without marks, bullets as "• "; together they say what `plain` says, but for addresses of links."""
    text = _BULLET.sub("• ", text).strip()
    found: list[Span] = []
    position = 0
    for mark in _MARK.finditer(text):
        found.append(Span(text[position : mark.start()]))
        position = mark.end()
        if mark["address"]:
            found.append(Span(_unmarked(mark["label"]), "link", mark["address"]))
        else:
            found.append(Span(_unmarked(mark["strong"] or mark["light"]), "strong" if mark["strong"] else "light"))
    found.append(Span(text[position:]))
    return tuple(span for span in found if span.text)


def _unmarked(text: str) -> str:
    return _LIGHT.sub(r"\1", _STRONG.sub(r"\1", text))


def plain(text: str) -> str:
    """The text without marks: links as "words (address)", bullets as "• "."""
    text = _BULLET.sub("• ", text)
    text = _LINK.sub(r"\1 (\2)", text)
    return _unmarked(text).strip()


def problem(text: str) -> str | None:
    """Why a text cannot be shown everywhere, in one sentence, or None."""
    if _HTML.search(text):
        return "HTML is not allowed; write Markdown: **bold**, _italic_, lists and links."
    if _HEADING.search(text):
        return "Headings are not allowed in an answer; write a short paragraph or a list."
    for _, address in _LINK.findall(text):
        if not _SAFE_LINK.match(address):
            return f"The link to {address!r} does not begin with https://, http:// or mailto:."
    if text.count("**") % 2:
        return "A ** is not closed."
    return None


def shortened(text: str, longest: int) -> str:
    """The text in at most `longest` characters, cut between words with an ellipsis where it is longer."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    cut = text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:-—–")
    return f"{cut or text[: longest - 1]}…"
