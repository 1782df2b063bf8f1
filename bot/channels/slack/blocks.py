"""The few blocks of Block Kit that replies are made of. Whatever holds somebody's words is rich or plain text: neither is parsed.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.channels.slack import limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    """Whether there is a table that can be shown as a whole and leaves room for the rest of a message."""
    whole = len(shown.rows) <= limits.ROWS and 1 <= len(shown.columns) <= limits.COLUMNS
    return whole and _size(table(shown)) <= limits.TABLE


def table_lines(shown: Table) -> Block:
    """A comparison that is no table anywhere, as lines."""
    return _rich("rich_text_section", [{"type": "text", "text": limits.fitted(shown.lines(), limits.PARAGRAPH) or " "}])


def table_columns(shown: Table) -> list[Block]:
    """A comparison for views: each row's label and its cells side by side, each beneath the head of its column.

    Slack lists tables for home pages too since 2026 (https://docs.slack.dev/blocks.json), but others found that only messages show
    them, and a page that is refused stays blank. The fields of a section are taken everywhere.
    """
    return [block for label, cells in shown.rows for block in (_label(label), _fields(shown.columns, cells))]


def line(text: str, accessory: Block | None = None) -> Block:
    """A line of plain text, with something to press at its end."""
    return {"type": "section", "text": plain(text, limits.ASIDE), **({"accessory": accessory} if accessory else {})}


def button(action: str, label: str, value: str, *, primary: bool = False) -> Block:
    """A button."""
    drawn = {"type": "button", "action_id": action, "text": plain(label, limits.BUTTON), "value": limits.fitted(value, limits.VALUE)}
    return {**drawn, "style": "primary"} if primary else drawn


def option(label: str, value: str) -> Block:
    """An option of a menu; https://docs.slack.dev/reference/block-kit/composition-objects/option-object."""
    return {"text": plain(label, limits.OPTION), "value": limits.fitted(value, limits.OPTION_VALUE) or " "}


def overflow(action: str, options: Sequence[Block]) -> Block:
    """A menu behind three dots, of five options at most."""
    return {"type": "overflow", "action_id": action, "options": [*options]}


def select(action: str, placeholder: str, options: Sequence[Block]) -> Block:
    """A menu to pick from."""
    held = [*options[: limits.OPTIONS]]
    return {"type": "static_select", "action_id": action, "placeholder": plain(placeholder, limits.HEADER), "options": held}


def thumb(label: str, value: str, spoken: str) -> Block:
    """One side of the thumbs; `spoken` is what a screen reader says."""
    carried = limits.fitted(value, limits.VALUE)
    return {"text": plain(label, limits.BUTTON), "value": carried, "accessibility_label": limits.fitted(spoken, limits.BUTTON)}


def thumbs(action: str, up: Block, down: Block) -> Block:
    """Thumbs for an answer, in small print; only messages take them (https://docs.slack.dev/blocks.json)."""
    sides = {"type": "feedback_buttons", "action_id": action, "positive_button": up, "negative_button": down}
    return {"type": "context_actions", "block_id": action, "elements": [sides]}


def actions(elements: Sequence[Block], name: str) -> list[Block]:
    """What can be pressed, in one row, if there is anything; `name` is its block id."""
    return [{"type": "actions", "block_id": name, "elements": [*elements]}] if elements else []


def field(name: str, label: str, element: Mapping[str, Any], *, hint: str = "", optional: bool = False) -> Block:
    """A field of a modal; the `hint` stands beneath it."""
    drawn = {"type": "input", "block_id": name, "label": plain(label, limits.HEADER), "element": {**element}, "optional": optional}
    return {**drawn, "hint": plain(hint, limits.ASIDE)} if hint else drawn


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


def _label(text: str) -> Block:
    return _rich("rich_text_section", [{"type": "text", "text": limits.fitted(text, limits.CELL) or " ", "style": {"bold": True}}])


def _fields(columns: Sequence[str], cells: Sequence[str]) -> Block:
    """The cells of a row, each beneath the head of its column."""
    held = [
        f"{limits.fitted(column, limits.CELL)}\n{limits.fitted(cell, limits.CELL)}" for column, cell in zip(columns, cells, strict=True)
    ]
    return {"type": "section", "fields": [plain(text, 2 * limits.CELL + 1) for text in held]}


def _rich(kind: str, elements: list[Block]) -> Block:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": elements}]}
