"""The views of Slack: the home page and the windows. Pure functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.channels.slack import blocks, limits
from bot.channels.slack.drawing import besides, offered, picks
from bot.channels.slack.payload import text_at
from bot.channels.slack.pressed import HOME
from bot.dialogue.reply import Choice
from bot.dialogue.targets import EntryTarget, TopicTarget, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.channels.slack.addresses import SlackAddress
    from bot.channels.slack.payload import Body
    from bot.contracts.ports import PastQuestion, Words
    from bot.dialogue.reply import Reply

    Block = dict[str, Any]
    View = dict[str, Any]

ASK, SHARE = "ask_question", "share_answer"
"""The callback ids of the windows."""
QUESTION, WHERE, REMARK = "question", "where", "remark"
"""The block ids of their fields; the action id of each is `value`."""
TOPICS, PRIVACY, FORGET = f"{HOME}_topics", f"{HOME}_privacy", f"{HOME}_forget"
"""The action ids of the home page besides its choices."""


def popular(found: Iterable[tuple[str, Reply]]) -> list[Choice]:
    """What many ask, to pick from: entries with the cards that show them, whose first line is the question."""
    return [Choice(EntryTarget(entry), card.plain_text.partition("\n")[0]) for entry, card in found]


def home(greeting: Reply, often: Sequence[Choice], lately: Sequence[PastQuestion], words: Words, *, desk: bool) -> View:
    """The home page: a welcome, what is asked `often`, the topics, how to ask, what somebody asked `lately`, what is kept.

    `desk` tells whether people stand by.
    """
    topics = [choice for choice in greeting.follow_ups if isinstance(choice.target, TopicTarget)]
    buttons, menus = picks([*often, *topics], HOME, words)
    page = [
        blocks.paragraph(greeting),
        *blocks.actions(buttons, HOME),
        *blocks.actions(menus, "topics"),
        blocks.aside(words("home_how"), *([words("home_desk")] if desk else [])),
        {"type": "divider"},
        *_asked(lately, words),
        *_kept(words),
    ]
    return {"type": "home", "blocks": page}


def page(reply: Reply, words: Words, *, back: bool = True) -> View:
    """Another page in the place of the home page: a reply to browse on from, and the way `back`."""
    buttons, menus = picks(offered(reply), HOME, words)
    rest = written(EntryTarget(reply.entries[0], "more")) if reply.more and reply.entries else ""
    ways = [
        *([blocks.button(f"{HOME}:more", words("button_more"), rest)] if rest else []),
        *([blocks.button(TOPICS, words("button_topics"), "topics")] if back else []),
    ]
    drawn = [
        *_said(reply, words),
        *blocks.actions(buttons, HOME),
        *blocks.actions([*menus, *ways], "page"),
        *([] if reply.entries else [{"type": "divider"}, *_kept(words)]),
    ]
    return {"type": "home", "blocks": drawn}


def ask(words: Words) -> View:
    """The window to ask a question in."""
    field = {"type": "plain_text_input", "action_id": "value", "multiline": True, "max_length": limits.QUESTION}
    fields = [blocks.field(QUESTION, words("ask_label"), field), blocks.aside(words("ask_sent"))]
    return window(ASK, words("ask_title"), words("ask_send"), fields)


def share(entry: str, back: SlackAddress, words: Words) -> View:
    """The window to share an entry; `back` is the address where the sharer hears how it went."""
    room = {
        "type": "conversations_select",
        "action_id": "value",
        "default_to_current_conversation": True,
        "filter": {"include": ["public", "private"], "exclude_external_shared_channels": True, "exclude_bot_users": True},
    }
    remark = {"type": "plain_text_input", "action_id": "value", "multiline": True, "max_length": limits.REMARK}
    fields = [blocks.field(WHERE, words("share_where"), room), blocks.field(REMARK, words("share_remark"), remark, optional=True)]
    return window(SHARE, words("share_title"), words("share_send"), fields, {"entry": entry, "back": dict(back.packed().place)})


def window(name: str, title: str, send: str, fields: list[Block], metadata: dict[str, Any] | None = None) -> View:
    """A window with the callback id `name`; `send` says what its button does, `metadata` comes back with what was typed."""
    drawn = {
        "type": "modal",
        "callback_id": name,
        "title": blocks.plain(title, limits.TITLE),
        "submit": blocks.plain(send, limits.TITLE),
        "blocks": fields,
    }
    held = json.dumps(metadata, separators=(",", ":"))[: limits.METADATA]
    return drawn if metadata is None else {**drawn, "private_metadata": held}


def typed(view: Body, name: str) -> str:
    """What was typed into a field of a window."""
    return text_at(view, "state", "values", name, "value", "value").strip()


def _said(reply: Reply, words: Words) -> list[Block]:
    """What a reply says on a page."""
    table = reply.table
    rows = [] if table is None else blocks.table_columns(table) if blocks.fits(table) else [blocks.table_lines(table)]
    source = [blocks.aside(f"{words('sources_head')} {' · '.join(reply.sources)}")] if reply.sources else []
    return [blocks.paragraph(reply), *rows, *besides(reply), *source]


def _asked(lately: Sequence[PastQuestion], words: Words) -> list[Block]:
    """What somebody asked lately: to ask again from a menu, or what had no answer as it was asked."""
    if not lately:
        return []
    again: dict[str, Block] = {}
    for asked in lately:
        again.setdefault(asked.entry, blocks.option(asked.text, written(EntryTarget(asked.entry))))
    again.pop("", None)
    menu = [blocks.select(f"{HOME}:asked", words("ask_again"), [*again.values()])] if again else []
    unanswered = [asked.text for asked in lately if not asked.entry]
    plain = [blocks.aside(*unanswered)] if unanswered else []
    return [blocks.heading(words("asked_lately")), *blocks.actions(menu, "asked"), *plain, {"type": "divider"}]


def _kept(words: Words) -> list[Block]:
    """What is kept, and the way to erase it."""
    return blocks.actions([blocks.button(PRIVACY, words("button_privacy"), "privacy"), _forget(words)], "kept")


def _forget(words: Words) -> Block:
    sure = {
        "title": blocks.plain(words("button_forget"), 100),
        "text": blocks.plain(words("forget_sure"), 300),
        "confirm": blocks.plain(words("button_forget"), 30),
        "deny": blocks.plain(words("button_cancel"), 30),
        "style": "danger",
    }
    return {**blocks.button(FORGET, words("button_forget"), "forget"), "style": "danger", "confirm": sure}
