"""The text rules of the Bot API: what a parse_mode takes, what it refuses, and the entities it makes of it."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, NoReturn

Json = dict[str, Any]

LONGEST_TEXT = 4096  # characters, after the markup is taken out
TAGS = {
    "a": "text_link",
    "b": "bold",
    "blockquote": "blockquote",
    "code": "code",
    "del": "strikethrough",
    "em": "italic",
    "i": "italic",
    "ins": "underline",
    "pre": "pre",
    "s": "strikethrough",
    "span": "spoiler",
    "strike": "strikethrough",
    "strong": "bold",
    "tg-emoji": "custom_emoji",
    "tg-spoiler": "spoiler",
    "tg-time": "date_time",
    "u": "underline",
}
TAG = re.compile(r"<(/?)([^\s>]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([\w.-]+))")
REFERENCE = re.compile(r"&(lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")  # the only ones that are decoded
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
TYPED = {  # what a client finds in what a person types
    "bot_command": re.compile(r"(?<!\S)/\w+(?:@\w+)?"),
    "mention": re.compile(r"(?<![\w/])@\w{3,}"),
    "url": re.compile(r"https?://\S+"),
}
RESERVED = re.compile(r"[\[\]()#+\-=|{}.!]|(?<!^)>", re.MULTILINE)  # in MarkdownV2, unless escaped


class ApiError(Exception):
    """An answer with ok: false: its error code, its description and (retry_after, migrate_to_chat_id) its parameters."""

    def __init__(self, code: int, text: str, **parameters: int) -> None:
        super().__init__(text)
        self.code, self.text, self.parameters = code, text, parameters


class _Open(NamedTuple):
    """A tag that waits for its end."""

    name: str
    attributes: str
    start: int


def refuse(text: str) -> NoReturn:
    """Raise the 400 the server answers to a wrong request."""
    raise ApiError(400, f"Bad Request: {text}")


def u16(text: str) -> int:
    """Length in UTF-16 code units, in which entities are counted."""
    return len(text.encode("utf-16-le")) // 2


def text_of(params: Json, key: str = "text") -> tuple[str, list[Json]]:
    """The text of a message and its entities. Raises ApiError for what the server refuses."""
    raw, mode = str(params.get(key) or ""), str(params.get("parse_mode") or "").lower()
    if not raw:
        refuse("message text is empty")
    match mode:
        case "":
            text, entities = raw, list(params.get("entities") or [])
        case "html":
            text, entities = parse_html(raw)
        case "markdown" | "markdownv2":
            text, entities = parse_markdown(raw, second=mode == "markdownv2"), []
        case _:
            refuse("unsupported parse_mode")
    if not text.strip():
        refuse("text must be non-empty")
    if len(text) > LONGEST_TEXT:
        refuse("message is too long")
    return text, entities + auto_entities(text)


def parse_html(source: str) -> tuple[str, list[Json]]:
    """The text without its tags, and the entities they stand for. Raises ApiError, as the server does."""
    text, position = "", 0
    entities: list[Json] = []
    stack: list[_Open] = []
    while (at := source.find("<", position)) >= 0:
        text += _decoded(source[position:at])
        tag = TAG.match(source, at)
        if tag is None:
            _unparsed("Unclosed start tag", source, at)
        position = tag.end()
        if tag[1]:
            entities += _closed(stack, tag[2].lower(), text, (source, at))
        else:
            stack.append(_opened(tag[2].lower(), tag[3], text, (source, at)))
    if stack:
        refuse(f"can't parse entities: Can't find end tag corresponding to start tag \"{stack[-1].name}\"")
    return text + _decoded(source[position:]), sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _opened(name: str, attributes: str, text: str, where: tuple[str, int]) -> _Open:
    if name not in TAGS:
        _unparsed(f'Unsupported start tag "{name}"', *where)
    if name == "span" and _values(attributes).get("class") != "tg-spoiler":
        _unparsed('Tag "span" must have class "tg-spoiler"', *where)
    return _Open(name, attributes, u16(text))


def _closed(stack: list[_Open], name: str, text: str, where: tuple[str, int]) -> list[Json]:
    """The entity that ends here; none if nothing is in it, or a link leads nowhere."""
    if not stack:
        _unparsed("Unexpected end tag", *where)
    tag = stack.pop()
    if name not in ("", tag.name):
        _unparsed("Unmatched end tag", *where)
    entity: Json = {"type": TAGS[tag.name], "offset": tag.start, "length": u16(text) - tag.start}
    if tag.name == "blockquote" and "expandable" in tag.attributes:
        entity["type"] = "expandable_blockquote"
    if tag.name == "a":
        entity["url"] = _values(tag.attributes).get("href", "")
    return [entity] if entity["length"] and entity.get("url", "-") else []


def _values(attributes: str) -> dict[str, str]:
    return {name.lower(): _decoded("".join(values)) for name, *values in ATTRIBUTE.findall(attributes)}


def _decoded(text: str) -> str:
    def one(reference: re.Match[str]) -> str:
        name = reference[1]
        if name[0] == "#":
            return chr(int(f"0{name[1:]}", 0) if name[1] == "x" else int(name[1:]))
        return NAMED[name]

    return REFERENCE.sub(one, text)


def _unparsed(what: str, source: str, at: int) -> NoReturn:
    refuse(f"can't parse entities: {what} at byte offset {len(source[:at].encode())}")


def parse_markdown(source: str, *, second: bool) -> str:
    """The plain text of Markdown or (second) MarkdownV2, without entities. Raises ApiError for what the server refuses."""
    kept: list[str] = []  # escaped and verbatim pieces, out of harm's way

    def stash(piece: str) -> str:
        kept.append(piece)
        return f"\x00{len(kept) - 1}\x01"

    text = re.sub(r"\\([!-/:-@\[-`{-~])" if second else r"\\([_*`\[])", lambda found: stash(found[1]), source)
    text = re.sub(r"```(.*?)```|`([^`]*)`", lambda found: stash(found[1] or found[2] or ""), text, flags=re.DOTALL)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    for mark in ["`", "||", "__", "~", "*", "_"] if second else ["`", "*", "_"]:
        if text.count(mark) % 2:
            offset = len(text[: text.rfind(mark)].encode())
            refuse(f"can't parse entities: Can't find end of the entity starting at byte offset {offset}")
        text = text.replace(mark, "")
    if second and (found := RESERVED.search(text)):
        refuse(f"can't parse entities: Character '{found[0]}' is reserved and must be escaped with the preceding '\\'")
    return re.sub(r"\x00(\d+)\x01", lambda found: kept[int(found[1])], text)


def auto_entities(text: str) -> list[Json]:
    """The entities of plain text: commands, mentions and links."""
    found = [(kind, hit) for kind, pattern in TYPED.items() for hit in pattern.finditer(text)]
    entities = [{"type": kind, "offset": u16(text[: hit.start()]), "length": u16(hit[0])} for kind, hit in found]
    return sorted(entities, key=lambda entity: entity["offset"])
