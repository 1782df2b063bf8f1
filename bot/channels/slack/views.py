"""The views of Slack: the home page and the modals. Pure functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.channels.slack import blocks, limits
from bot.channels.slack.drawing import HOME, body, picks
from bot.dialogue.targets import EntryTarget, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.channels.slack.addresses import SlackAddress
    from bot.contracts.ports import PastQuestion, Words
    from bot.dialogue.reply import Reply

    View = dict[str, Any]

ASK, SHARE = "ask_question", "share_answer"
"""The callback ids of the modals."""
QUESTION, WHERE, REMARK = "question", "where", "remark"
"""The block ids of their fields; the action id of each is `value`."""
TOPICS, PRIVACY, FORGET = f"{HOME}_topics", f"{HOME}_privacy", f"{HOME}_forget"
"""The action ids of the home page besides its choices."""


def home(reply: Reply, lately: Sequence[PastQuestion], words: Words, *, top: bool) -> View:
    """The home page: a reply to browse on from, what was asked lately, and what is kept. `top` tells that it is the first page."""
    rest = written(EntryTarget(reply.entries[0], "more")) if reply.more and reply.entries else ""
    more = [blocks.button(f"{HOME}:more", words("button_more"), rest)] if rest else []
    back = [] if top else [blocks.button(TOPICS, words("button_topics"), "topics")]
    page = [
        *body(reply, words, tables=False),
        *picks(reply.choices or reply.follow_ups, HOME),
        *blocks.buttons([*more, *back], "page"),
        {"type": "divider"},
        *(_asked(lately, words) if top and lately else []),
        *blocks.buttons([blocks.button(PRIVACY, words("button_privacy"), "privacy"), _forget(words)], "kept"),
    ]
    return {"type": "home", "blocks": page}


def ask(words: Words) -> View:
    """The modal to ask a question in."""
    field = {"type": "plain_text_input", "action_id": "value", "multiline": True, "max_length": limits.QUESTION}
    return _modal(ASK, words("ask_title"), [blocks.field(QUESTION, words("ask_label"), field), blocks.aside(words("ask_sent"))])


def share(entry: str, back: SlackAddress, words: Words) -> View:
    """The modal to share an entry; `back` is the address where the sharer hears how it went."""
    room = {
        "type": "conversations_select",
        "action_id": "value",
        "default_to_current_conversation": True,
        "filter": {"include": ["public", "private"], "exclude_external_shared_channels": True, "exclude_bot_users": True},
    }
    remark = {"type": "plain_text_input", "action_id": "value", "multiline": True, "max_length": limits.REMARK}
    fields = [blocks.field(WHERE, words("share_where"), room), blocks.field(REMARK, words("share_remark"), remark, optional=True)]
    metadata = json.dumps({"entry": entry, "back": dict(back.packed().place)}, separators=(",", ":"))
    return {**_modal(SHARE, words("share_title"), fields), "private_metadata": metadata[: limits.METADATA]}


def _modal(name: str, title: str, fields: list[dict[str, Any]]) -> View:
    return {
        "type": "modal",
        "callback_id": name,
        "title": blocks.plain(title, limits.TITLE),
        "submit": blocks.plain("OK", limits.TITLE),
        "blocks": fields,
    }


def _asked(lately: Sequence[PastQuestion], words: Words) -> list[dict[str, Any]]:
    answered = [asked for asked in lately if asked.entry]
    unanswered = [asked.text for asked in lately if not asked.entry]
    buttons = [blocks.button(f"{HOME}:asked:{n}", asked.text, written(EntryTarget(asked.entry))) for n, asked in enumerate(answered)]
    plain = [blocks.aside(*unanswered)] if unanswered else []
    return [blocks.heading(words("asked_lately")), *blocks.buttons(buttons, "asked"), *plain, {"type": "divider"}]


def _forget(words: Words) -> dict[str, Any]:
    sure = {
        "title": blocks.plain(words("button_forget"), 100),
        "text": blocks.plain(words("forget_sure"), 300),
        "confirm": blocks.plain(words("button_forget"), 30),
        "deny": blocks.plain(words("button_cancel"), 30),
        "style": "danger",
    }
    return {**blocks.button(FORGET, words("button_forget"), "forget"), "style": "danger", "confirm": sure}
