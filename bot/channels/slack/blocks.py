"""The few blocks of Block Kit that replies are made of. Whatever holds somebody's words is rich or plain text: neither is parsed.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.channels.slack import limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.dialogue.reply import Reply, Table

    Block = dict[str, Any]

ALONE = "alone:"
"""What the ids of blocks begin with that are no part of the thread which they are shown in."""


def plain(text: str, longest: int) -> Block:
    """A text object without mark-up; Slack refuses an empty one."""
    return {"type": "plain_text", "text": limits.fitted(text, longest) or " ", "emoji": True}


def escaped(text: str) -> str:
    """A text for `text`: nothing in it is a mention, a link or a channel (https://docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def paragraph(reply: Reply) -> Block:
    """The text of a reply, in its styles; without any where there are too many for a message to hold."""
    left = limits.PARAGRAPH
    if len(reply.spans) > limits.STYLES or sum(len(span.address) for span in reply.spans) > left:
        return _rich("rich_text_section", [{"type": "text", "text": limits.fitted(reply.plain_text, left)}])
    elements: list[Block] = []
    for span in reply.spans:
        text = limits.fitted(span.text, left)
        left -= len(text)
        if span.style == "link":
            elements.append({"type": "link", "url": span.address, "text": text})
        elif span.style:
            elements.append({"type": "text", "text": text, "style": {"bold" if span.style == "strong" else "italic": True}})
        else:
            elements.append({"type": "text", "text": text})
        if left <= 1:
            break
    return _rich("rich_text_section", elements or [{"type": "text", "text": " "}])


def quote(text: str) -> Block:
    """Somebody's own words, set apart."""
    return _rich("rich_text_quote", [{"type": "text", "text": limits.fitted(text, limits.PARAGRAPH)}])


def attributed(text: str, person: str) -> Block:
    """A line that names a person of the workspace by their id; `{name}` in the text is where."""
    before, _, after = text.partition("{name}")
    parts = [{"type": "text", "text": before}, {"type": "user", "user_id": person}, {"type": "text", "text": after}]
    return _rich("rich_text_section", [part for part in parts if part.get("text", " ")])


def aside(*texts: str) -> Block:
    """Lines in small print."""
    return {"type": "context", "elements": [plain(text, limits.ASIDE) for text in texts[: limits.NOTES]]}


def heading(text: str) -> Block:
    """A heading; https://docs.slack.dev/reference/block-kit/blocks/header-block."""
    return {"type": "header", "text": plain(text, limits.HEADER)}


def table(shown: Table) -> Block:
    """A comparison as a table, for messages; https://docs.slack.dev/reference/block-kit/blocks/table-block."""
    rows = [("", shown.columns), *shown.rows[: limits.ROWS]]
    cells = [[_cell(label), *map(_cell, held[: limits.COLUMNS])] for label, held in rows]
    return {"type": "table", "rows": cells, "column_settings": [{"is_wrapped": True}] * len(cells[0])}


def fits(shown: Table) -> bool:
    """Whether a table can be shown as a whole and leaves room for the rest of a message."""
    whole = len(shown.rows) <= limits.ROWS and len(shown.columns) <= limits.COLUMNS
    return whole and _size(table(shown)) <= limits.TABLE


def table_lines(shown: Table) -> Block:
    """A comparison as lines, for views, which take no table."""
    return _rich("rich_text_section", [{"type": "text", "text": limits.fitted(shown.lines(), limits.PARAGRAPH) or " "}])


def button(action: str, label: str, value: str, spoken: str = "") -> Block:
    """A button; `spoken` is what a screen reader says where the label is a sign."""
    drawn = {"type": "button", "action_id": action, "text": plain(label, limits.BUTTON), "value": limits.fitted(value, limits.VALUE)}
    return {**drawn, "accessibility_label": limits.fitted(spoken, limits.BUTTON)} if spoken else drawn


def buttons(drawn: Iterable[Block], name: str) -> list[Block]:
    """Buttons in rows; `name` makes their block ids."""
    rows = enumerate(limits.in_rows(drawn))
    return [{"type": "actions", "block_id": f"{name}:{number}", "elements": list(row)} for number, row in rows]


def field(name: str, label: str, element: Mapping[str, Any], *, optional: bool = False) -> Block:
    """A field of a modal."""
    return {"type": "input", "block_id": name, "label": plain(label, limits.HEADER), "element": {**element}, "optional": optional}


def alone(blocks: Sequence[Block]) -> list[Block]:
    """The blocks of what only one person sees in a thread that they need not be part of, told from others by their ids."""
    return [{**block, "block_id": f"{ALONE}{number}"} for number, block in enumerate(blocks)]


def within(blocks: Sequence[Block]) -> list[Block]:
    """The blocks that a message can hold: 50, and 12,000 characters in all; one too many is left out, not what follows it."""
    if len(blocks) <= limits.BLOCKS and len(json.dumps(blocks)) <= limits.ALL:
        return [*blocks]  # almost all messages: as JSON they are longer than what Slack counts
    held: list[Block] = []
    left = limits.ALL
    for block in blocks:
        if len(held) < limits.BLOCKS and _size(block) <= left:
            left -= _size(block)
            held.append(block)
    return held


def _size(value: object) -> int:
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    if isinstance(value, list):
        return sum(map(_size, value))
    return len(value) if isinstance(value, str) else 0


def _cell(text: str) -> Block:
    return {"type": "raw_text", "text": limits.fitted(text, limits.CELL) or " "}


def _rich(kind: str, elements: list[Block]) -> Block:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": elements}]}
