"""Messages and views of Slack as its app shows them on a phone: from Block Kit to HTML. Pure functions.

`names` tells what people and channels are called. https://docs.slack.dev/reference/block-kit
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.pictures_html import avatar, loud, piece, span, words
from benchmarks.pictures_slack_text import mrkdwn, rich, text_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Json = dict[str, Any]
    Names = Mapping[str, str]
    Draw = Callable[[Json, Names], str]

BOT = "careerbot"
CLOCK = "9:41"
"""The time at which all is said."""
LABEL = 30
"""Characters of a button's label that are shown: https://docs.slack.dev/reference/block-kit/block-elements/button-element."""
THUMBS = {"positive_button": "👍", "negative_button": "👎"}


def message(sent: Json, names: Names) -> str:
    """A message of the bot, from its blocks or, where it has none, its text."""
    blocks = sent.get("blocks")
    body = drawn(blocks, names) if blocks else piece("block", mrkdwn(sent.get("text", ""), names))
    alone = piece("alone", "👁 Only visible to you") if sent.get("ephemeral_to") else ""
    head = piece("who", span("name", BOT), span("app", "APP"), span("clock", CLOCK))
    return alone + piece("message", avatar(""), piece("body", head, body))


def said(name: str, text: str, names: Names) -> str:
    """A message of a person."""
    head = piece("who", span("name", words(name)), span("clock", CLOCK))
    return piece("message", avatar(name), piece("body", head, piece("block", mrkdwn(text, names))))


def chat() -> str:
    """What stands above the direct messages of the bot."""
    return piece("bar", span("back", "‹"), avatar(""), piece("where", piece("title", BOT), piece("below", "Messages")))


def channel(name: str, *, thread: bool = False) -> str:
    """What stands above a channel, or a thread in it."""
    title, below = ("Thread", f"# {name}") if thread else (f"# {name}", "Messages")
    return piece("bar", span("back", "‹"), piece("where", piece("title", words(title)), piece("below", words(below))))


def home_bar() -> str:
    """What stands above the home page of the bot."""
    tabs = piece("tabs", span("on", "Home"), span("", "Messages"), span("", "About"))
    return piece("bar", span("back", "‹"), avatar(""), piece("where", piece("title", BOT))) + tabs


def modal_bar(view: Json) -> str:
    """What stands above a modal: its title and, where it can be sent off, how."""
    submit = span("submit", text_object(view["submit"], {})) if view.get("submit") else ""
    return piece("bar modal", span("back", "✕"), piece("where", piece("title", text_object(view["title"], {}))), submit)


def view_body(view: Json, names: Names) -> str:
    """A modal or a home page; where its `state` tells what was typed, that stands in its fields."""
    typed = view.get("state", {}).get("values", {})
    blocks = [_filled(block, typed.get(block.get("block_id"), {})) for block in view["blocks"]]
    return piece("view", drawn(blocks, names))


def sheet(options: Iterable[Json], names: Names) -> str:
    """What comes up from below when a menu is opened."""
    return piece("sheet", *(piece("option", text_object(option["text"], names)) for option in options))


def drawn(blocks: Iterable[Json], names: Names) -> str:
    """Blocks, one beneath the other."""
    return "".join(piece(f"block {block.get('type')}", BLOCKS.get(str(block.get("type")), _unknown)(block, names)) for block in blocks)


def _filled(block: Json, typed: Json) -> Json:
    """An input block with what was typed into it."""
    element = block.get("element", {})
    value = typed.get(element.get("action_id"), {}).get("value")
    return {**block, "element": {**element, "initial_value": value}} if value else block


def _unknown(thing: Json, _: Names) -> str:
    return loud(thing.get("type"))


def _section(block: Json, names: Names) -> str:
    told = piece("told", text_object(block["text"], names)) if block.get("text") else ""
    fields = piece("fields", *(piece("", text_object(one, names)) for one in block["fields"])) if block.get("fields") else ""
    accessory = block.get("accessory")
    beneath = accessory and str(accessory.get("type")).endswith("_select")
    side = piece("accessory", _element(accessory, names)) if accessory else ""
    return piece("section-text beneath" if beneath else "section-text", piece("grows", told, fields), side)


def _context(block: Json, names: Names) -> str:
    return "".join(
        piece("small", _image(one, names) if one.get("type") == "image" else text_object(one, names)) for one in block["elements"]
    )


def _table(block: Json, names: Names) -> str:
    rows = ("".join(f"<td>{_cell(cell, names)}</td>" for cell in row) for row in block["rows"])
    return piece("", *(f"<tr>{row}</tr>" for row in rows), tag="table")


def _cell(cell: Json, names: Names) -> str:
    match cell.get("type"):
        case "raw_text":
            return words(cell["text"])
        case "rich_text":
            return rich(cell, names)
        case kind:
            return loud(f"cell {kind}")


def _input(block: Json, names: Names) -> str:
    aside = span("optional", " (optional)") if block.get("optional") else ""
    hint = piece("small", text_object(block["hint"], names)) if block.get("hint") else ""
    return piece("label", text_object(block["label"], names), aside) + _element(block["element"], names) + hint


def _image(thing: Json, _: Names) -> str:
    return span("image", words(f"🖼 {thing.get('alt_text', '')}"))


def _elements(block: Json, names: Names) -> str:
    return "".join(_element(element, names) for element in block["elements"])


def _element(element: Json, names: Names) -> str:
    return ELEMENTS.get(str(element.get("type")), _unknown)(element, names)


def _button(element: Json, _: Names) -> str:
    label = element["text"]["text"]
    shown = label if len(label) <= LABEL else f"{label[: LABEL - 1].rstrip()}…"
    return span(f"button {element.get('style', '')}".strip(), words(shown), " ↗" if element.get("url") else "")


def _feedback(element: Json, _: Names) -> str:
    sides = ((sign, element[side]["text"]["text"]) for side, sign in THUMBS.items())
    return "".join(span("icon", words(sign if label == sign else f"{sign} {label}")) for sign, label in sides)


def _icon(element: Json, _: Names) -> str:
    return span("icon", words({"trash": "🗑"}.get(element["icon"], element["icon"])), " ", words(element["text"]["text"]))


def _overflow(_: Json, __: Names) -> str:
    return span("button overflow", "⋯")


def _select(element: Json, names: Names) -> str:
    chosen = element.get("initial_option", {}).get("text") or element.get("placeholder")
    if element.get("default_to_current_conversation"):
        chosen = {"type": "plain_text", "text": "This conversation"}
    shown = text_object(chosen, names) if chosen else "Choose…"
    return span("select", span("", shown), span("arrow", "▾"))


def _typed(element: Json, names: Names) -> str:
    look = "field long" if element.get("multiline") else "field"
    if value := element.get("initial_value"):
        return piece(look, words(value))
    placeholder = element.get("placeholder")
    return piece(f"{look} empty", text_object(placeholder, names) if placeholder else "Write something")


def _options(element: Json, names: Names) -> str:
    sign = "○" if element["type"] == "radio_buttons" else "☐"
    return "".join(piece("choice", f"{sign} ", text_object(option["text"], names)) for option in element["options"])


BLOCKS: dict[str, Draw] = {
    "actions": _elements,
    "context": _context,
    "context_actions": _elements,
    "divider": lambda _, __: "<hr>",
    "header": lambda block, names: text_object(block["text"], names),
    "image": _image,
    "input": _input,
    "rich_text": rich,
    "section": _section,
    "table": _table,
}
ELEMENTS: dict[str, Draw] = {
    "button": _button,
    "checkboxes": _options,
    "feedback_buttons": _feedback,
    "icon_button": _icon,
    "image": _image,
    "overflow": _overflow,
    "plain_text_input": _typed,
    "radio_buttons": _options,
    **dict.fromkeys((f"{what}_select" for what in ("static", "external", "users", "conversations", "channels")), _select),
}
