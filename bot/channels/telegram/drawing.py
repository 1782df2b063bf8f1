"""Replies as Telegram messages: HTML and a keyboard. Pure functions; every inserted piece is escaped.

https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from bot.channels.telegram import keys, limits
from bot.dialogue.targets import EntryTarget, NoneOfThese, PersonTarget, ReasonTarget, TeamTarget, TopicTarget, read_target, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.contracts.ports import Words
    from bot.dialogue.reply import Choice, Reply, Table

    Button = dict[str, Any]
    Keyboard = list[list[Button]]


FEW = 4
"""Short choices up to which each gets a row of its own."""
_LEAST, _GAP = 100, 2
"""Characters that are left for each part of a message, and between two."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a message needs to know besides the reply.

    `turn` is what a rating names, `desk` whether a person can be asked, `inline` whether the bot may be called in any chat, `team`
    whether there is a room to share with. With `elsewhere` the message stands where the bot is not: nothing there can be rated.
    """

    turn: str = ""
    desk: bool = False
    inline: bool = False
    team: bool = False
    elsewhere: bool = False


def text(reply: Reply, words: Words) -> str:
    """What a reply says, as HTML of at most 4,096 characters once it is parsed."""
    asides = [limits.fitted(note.strip(), limits.ASIDE) for note in reply.notes[:3]]
    if reply.sources:
        asides.append(limits.fitted(f"{words('sources_head')} {' · '.join(reply.sources)}", limits.ASIDE))
    left = limits.TEXT - sum(len(aside) + _GAP for aside in asides)
    more = [
        (_table(reply.table) if reply.table else "", limits.TEXT, "pre"),
        (reply.plain_detail, limits.DETAIL, "blockquote expandable"),
        (reply.quote, limits.TEXT, "blockquote"),
    ]
    more = [(piece.strip(), longest, tag) for piece, longest, tag in more if piece.strip()]
    styled, taken = _styled(reply, min(limits.SAID, left - len(more) * (_LEAST + _GAP)))
    left -= taken
    parts = [styled]
    for waiting, (piece, longest, tag) in zip(reversed(range(len(more))), more, strict=True):
        room = left - _GAP - waiting * (_LEAST + _GAP)
        fitted = limits.fitted(piece, min(longest, max(room // 2, _LEAST) if waiting else room))
        left -= len(fitted) + _GAP
        parts.append(_tagged(fitted, tag))
    parts += [_tagged(aside, "i") for aside in asides]
    shown = [*(span.text for span in reply.spans), *(piece for piece, _, _ in more), *asides]
    return "…" if all(map(limits.blank, shown)) else "\n\n".join(part for part in parts if part)


def plain(reply: Reply, words: Words) -> str:
    """The same without marks, for when Telegram cannot parse the HTML."""
    source = f"\n{words('sources_head')} {' · '.join(reply.sources)}" if reply.sources else ""
    return limits.fitted(f"{reply.plain_body}{source}".strip(), limits.TEXT)


def keyboard(reply: Reply, words: Words, frame: Frame) -> Keyboard:
    """What can be pressed beneath a reply, row by row."""
    offered = (reply.choices or reply.follow_ups)[: limits.BUTTONS]
    rows = [*_picks(offered, frame)]
    if reply.kind == "help" and offered and not any(isinstance(choice.target, TopicTarget) for choice in offered):
        rows.append([{"text": words("button_topics"), "callback_data": keys.data("show", written(TopicTarget()))}])
    more = keys.data("show", written(EntryTarget(reply.entries[0], "full"))) if reply.more and reply.entries else ""
    if more:
        rows.append([{"text": words("button_more"), "callback_data": more}])
    if reply.entries and not frame.elsewhere:
        rows += _tools(reply.entries[0], words, frame)
    helpless = reply.act in {"fallback", "out_of_scope"}
    if (reply.offers_person or (frame.desk and helpless)) and not frame.elsewhere:
        rows.append([{"text": words("button_person"), "callback_data": keys.data("pick", written(PersonTarget()))}])
    return rows


def rated(markup: str, reply: Reply) -> Keyboard:
    """A keyboard (JSON) without its thumbs, and with what the reply asks instead: reasons, which go once one is given."""
    rows = [row for row in _read(markup) if not any(_is_rating(button) for button in row)]
    return [*rows, *_picks(reply.follow_ups, Frame())] if reply.follow_ups else rows


def _picks(choices: Sequence[Choice], frame: Frame) -> Keyboard:
    """A choice a row, and menus two. What stands where the bot is not changes in place, and so do menus."""
    rows: list[Button] = []
    menu: list[Button] = []
    for choice in choices:
        topic = isinstance(choice.target, TopicTarget)
        packed = keys.data("show" if topic or frame.elsewhere else "pick", written(choice.target))
        if packed and not (isinstance(choice.target, NoneOfThese) and frame.elsewhere):
            label = limits.fitted(choice.label.strip(), limits.BUTTON)
            (menu if topic else rows).append({"text": "…" if limits.blank(label) else label, "callback_data": packed})
    width = 2 if len(rows) > FEW and all(len(button["text"]) < limits.BUTTON // 2 for button in rows) else 1
    return [*_in_rows(rows, width), *_in_rows(menu, 2)]


def _in_rows(buttons: list[Button], width: int) -> Keyboard:
    return [buttons[start : start + width] for start in range(0, len(buttons), width)]


def _tools(entry: str, words: Words, frame: Frame) -> Keyboard:
    rows: Keyboard = []
    if frame.turn:
        thumbs = [("up", "button_up"), ("down", "button_down")]
        rows.append([{"text": words(label), "callback_data": keys.data(action, frame.turn)} for action, label in thumbs])  # type: ignore[arg-type]
    share: list[Button] = []
    if frame.inline:
        everywhere = {"allow_user_chats": True, "allow_group_chats": True, "allow_channel_chats": True}
        share.append({"text": words("button_share"), "switch_inline_query_chosen_chat": {"query": f"#{entry}", **everywhere}})
    if frame.team and (packed := keys.data("pick", written(TeamTarget(entry)))):
        share.append({"text": words("button_share_team"), "callback_data": packed})
    return [*rows, share] if share else rows


def _is_rating(button: Button) -> bool:
    action, key = keys.read_data(button.get("callback_data", ""))
    return action in {"up", "down"} or isinstance(read_target(key), ReasonTarget)


def _read(markup: str) -> Keyboard:
    try:
        rows = json.loads(markup or "[]")
    except ValueError:
        return []
    return (
        [[button for button in row if isinstance(button, dict)] for row in rows if isinstance(row, list)] if isinstance(rows, list) else []
    )


def _styled(reply: Reply, longest: int) -> tuple[str, int]:
    """The text in its styles, cut where it is too long, and how many characters of it there are."""
    said, left, styles, addresses = "", longest, limits.STYLED, limits.ADDRESSES
    tags = {"strong": "b", "light": "i"}
    for span in reply.spans:
        piece = limits.fitted(span.text, left)
        left -= len(piece)
        inner, address = escape(piece, quote=False), escape(span.address)
        if not span.style or not styles or len(address.encode()) > addresses:
            said += inner
        else:
            styles, addresses = styles - 1, addresses - len(address.encode())
            said += f'<a href="{address}">{inner}</a>' if span.style == "link" else f"<{tags[span.style]}>{inner}</{tags[span.style]}>"
        if left <= 1:
            break
    return said, longest - left


def _tagged(piece: str, tag: str) -> str:
    return f"<{tag}>{escape(piece, quote=False)}</{tag.partition(' ')[0]}>" if piece else ""


def _table(shown: Table) -> str:
    """A comparison for narrow screens: each row's label, then a line for each column."""
    rows = []
    for label, cells in shown.rows:
        lines = [f"  {column}: {cell}" for column, cell in zip(shown.columns, cells, strict=True)]
        rows.append("\n".join([label, *lines]))
    return "\n".join(rows)
