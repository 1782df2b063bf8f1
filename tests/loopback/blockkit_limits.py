"""The limits of Block Kit as tables, from the reference at docs.slack.dev (as of late 2026)."""

from __future__ import annotations

import re
from typing import NamedTuple

BROADCAST = re.compile(r"<!(channel|here|everyone|subteam\^\w+)(\|[^>]*)?>")
MESSAGE_ONLY = frozenset({"markdown", "context_actions", "table", "data_table", "task_card", "plan", "carousel"})


class Rule(NamedTuple):
    """What a field holds: a text object of one of these types (none: a bare string), how long at most, and whether it must be there."""

    types: tuple[str, ...]
    longest: int
    required: bool


def string(longest: int, *, required: bool = False) -> Rule:
    """A field that holds a bare string."""
    return Rule((), longest, required)


def plain(longest: int, *, required: bool = False) -> Rule:
    """A field that holds a plain_text object."""
    return Rule(("plain_text",), longest, required)


def text(longest: int, *, required: bool = False) -> Rule:
    """A field that holds a text object of either type."""
    return Rule(("plain_text", "mrkdwn"), longest, required)


Rules = dict[str, Rule]

NAME = string(255)  # block_id, action_id, callback_id
BLOCKS: dict[str, Rules] = {
    "actions": {},
    "alert": {"text": text(200, required=True)},
    "call": {},
    "card": {"title": text(150), "body": text(200)},
    "carousel": {},
    "container": {},
    "context": {},
    "context_actions": {},
    "data_table": {},
    "data_visualization": {},
    "divider": {},
    "file": {},
    "header": {"text": plain(150, required=True)},
    "image": {"alt_text": string(2000, required=True), "image_url": string(3000), "title": plain(2000)},
    "input": {"label": plain(2000, required=True), "hint": plain(2000)},
    "markdown": {"text": string(12_000, required=True)},
    "plan": {},
    "rich_text": {},
    "section": {"text": text(3000)},
    "table": {},
    "task_card": {},
    "video": {"alt_text": string(2000, required=True)},
}
PART = text(2000, required=True)  # a field of a section, a text of a context
LISTS = {  # the longest list in a field of a block; only the fields of a section may be missing
    "actions": ("elements", 25),
    "carousel": ("elements", 10),
    "context": ("elements", 10),
    "context_actions": ("elements", 5),
    "section": ("fields", 10),
    "table": ("rows", 100),
}

_ACCESSIBLE: Rules = {"accessibility_label": string(75)}
_PLACEHOLDER: Rules = {"placeholder": plain(150)}
_SELECTS = [f"{many}{what}_select" for many in ("", "multi_") for what in ("static", "external", "users", "conversations", "channels")]
FEEDBACK_SIDE: Rules = {"text": plain(75, required=True), "value": string(2000, required=True), **_ACCESSIBLE}
ELEMENTS: dict[str, Rules] = {
    "button": {
        "text": plain(75, required=True),
        "value": string(2000),
        "url": string(3000),
        "agent_prompt": string(4000),
        **_ACCESSIBLE,
    },
    "icon_button": {"text": plain(75, required=True), "value": string(2000), "icon": string(30, required=True), **_ACCESSIBLE},
    "image": {"alt_text": string(2000, required=True)},
    "plain_text_input": {**_PLACEHOLDER, "initial_value": string(3000)},
    **dict.fromkeys(_SELECTS, _PLACEHOLDER),
}
OPTION: Rules = {"text": plain(75, required=True), "value": string(150, required=True), "description": plain(75)}
RICH_OPTION: Rules = {**OPTION, "text": text(75, required=True), "description": text(75)}
OPTIONS = {"overflow": 5, "radio_buttons": 10, "checkboxes": 10}  # the longest list of options, by element
OPTIONS_ELSE = 100
RICH_OPTIONS = frozenset({"radio_buttons", "checkboxes"})  # whose options may have mark-up
GROUPED = frozenset({"static_select", "multi_static_select"})  # which take groups of options in their place
_ACTIONS = frozenset({"button", "overflow", "radio_buttons", "checkboxes", "datepicker", "timepicker", "datetimepicker", "workflow_button"})
HOLDS = {  # the elements that a block takes
    "actions": _ACTIONS | {"rich_text_input", *_SELECTS},
    "context_actions": frozenset({"feedback_buttons", "icon_button"}),
    "section": (_ACTIONS - {"datetimepicker"}) | {"image", *_SELECTS},
}
CONFIRM: Rules = {
    "title": plain(100, required=True),
    "text": text(300, required=True),
    "confirm": plain(30, required=True),
    "deny": plain(30, required=True),
}

TEXT = string(40_000)
MARKDOWN = string(12_000)
PROMPT = string(3000, required=True)
VIEW: Rules = {"callback_id": NAME, "private_metadata": string(3000)}
MODAL: Rules = {"title": plain(24, required=True), "submit": plain(24), "close": plain(24)}
LONGEST_UPDATE = 4000  # chat.update takes no longer text, chat.postMessage does
LONGEST_BLOCKS = 13_200  # all blocks of a message together; undocumented, found by trying
MOST_BLOCKS, MOST_VIEW_BLOCKS, MOST_PROMPTS = 50, 100, 4
