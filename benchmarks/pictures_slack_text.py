"""Texts of Slack as HTML: text objects, mrkdwn and rich text. Pure functions; `names` tells what people and channels are called.

https://docs.slack.dev/messaging/formatting-message-text and https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

from benchmarks.pictures_html import loud, piece, span, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    Json = dict[str, Any]
    Names = Mapping[str, str]

REFERENCE = re.compile(r"(<[^<>]*>)")
MARKED = (
    (re.compile(r"`([^`\n]+)`"), r"<code>\1</code>"),
    (re.compile(r"(?<!\w)\*([^*\n]+)\*(?!\w)"), r"<b>\1</b>"),
    (re.compile(r"(?<!\w)_([^_\n]+)_(?!\w)"), r"<i>\1</i>"),
    (re.compile(r"(?<!\w)~([^~\n]+)~(?!\w)"), r"<s>\1</s>"),
)
STYLES = {"bold": "b", "italic": "i", "strike": "s", "underline": "u", "code": "code"}


def text_object(thing: Json, names: Names) -> str:
    """A text object of either type."""
    match thing.get("type"):
        case "plain_text":
            return words(thing["text"])
        case "mrkdwn":
            return mrkdwn(thing["text"], names)
        case kind:
            return loud(f"text {kind}")


def mrkdwn(text: str, names: Names) -> str:
    """A text in Slack's own mark-up; a line that begins with `>` is a quote."""
    pieces = [_reference(part[1:-1], names) if REFERENCE.fullmatch(part) else _marked(part) for part in REFERENCE.split(text)]
    lines = "".join(pieces).split("<br>")
    return "<br>".join(piece("quote", line.removeprefix("&gt;")) if line.startswith("&gt;") else line for line in lines)


def rich(block: Json, names: Names) -> str:
    """A rich text block."""
    return "".join(_part(part, names) for part in block["elements"])


def _marked(text: str) -> str:
    shown = words(unescape(text))
    for pattern, made in MARKED:
        shown = pattern.sub(made, shown)
    return shown


def _reference(inside: str, names: Names) -> str:
    """What stands in angle brackets: a link, a person, a channel, or everybody."""
    target, _, label = inside.partition("|")
    if target[:1] in ("@", "#"):
        return _named(target[0], target[1:], names, label)
    if target[:1] == "!":
        return span("mention", words(f"@{label or target[1:]}"))
    return span("link", words(unescape(label or target)))


def _named(sign: str, thing: str, names: Names, label: str = "") -> str:
    return span("mention", words(f"{sign}{names.get(thing, label or thing)}"))


def _part(part: Json, names: Names) -> str:
    inside = part.get("elements", [])
    match part.get("type"):
        case "rich_text_section":
            return piece("line", *(_element(one, names) for one in inside))
        case "rich_text_quote":
            return piece("quote", *(_element(one, names) for one in inside))
        case "rich_text_preformatted":
            return piece("pre", *(_element(one, names) for one in inside), tag="pre")
        case "rich_text_list":
            items = (f"<li>{_part(one, names)}</li>" for one in inside)
            return piece("list", *items, tag="ol" if part.get("style") == "ordered" else "ul")
        case kind:
            return loud(kind)


def _element(element: Json, names: Names) -> str:
    """A piece of a line in its styles."""
    shown = _bare(element, names)
    for style, tag in STYLES.items():
        if element.get("style", {}).get(style):
            shown = f"<{tag}>{shown}</{tag}>"
    return shown


def _bare(element: Json, names: Names) -> str:
    match element.get("type"):
        case "text":
            return words(element["text"])
        case "link":
            return span("link", words(element.get("text") or element["url"]))
        case "user":
            return _named("@", element["user_id"], names)
        case "channel":
            return _named("#", element["channel_id"], names)
        case "broadcast":
            return span("mention", words(f"@{element['range']}"))
        case "emoji" if "unicode" in element:
            return "".join(chr(int(code, 16)) for code in element["unicode"].split("-"))
        case "emoji":
            return words(f":{element['name']}:")
        case kind:
            return loud(kind)
