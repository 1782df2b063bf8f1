"""What replies say, as HTML for Telegram. Pure functions; every inserted piece is escaped.

https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from bot.channels.telegram import keyboards, limits, tables
from bot.dialogue.targets import DeskTarget

if TYPE_CHECKING:
    from bot.contracts.ports import Words
    from bot.dialogue.reply import Reply

_LEAST, _GAP = 100, 2
"""Characters that are left for each part of a message, and between two."""


def text(reply: Reply, words: Words) -> str:
    """What a reply says, as HTML of at most 4,096 characters once it is parsed."""
    asides = [limits.fitted(note.strip(), limits.ASIDE) for note in (*reply.notes[:3], *_by_writing(reply, words))]
    if reply.sources:
        asides.append(limits.fitted(f"{words('sources_head')} {' · '.join(reply.sources)}", limits.ASIDE))
    left = limits.TEXT - sum(len(aside) + _GAP for aside in asides)
    more = [
        (tables.table(reply.table) if reply.table else "", limits.TEXT, "pre"),
        (reply.plain_detail.strip(), limits.DETAIL, "blockquote expandable"),
        (reply.quote.strip(), limits.TEXT, "blockquote"),
    ]
    more = [(piece, longest, tag) for piece, longest, tag in more if piece.strip()]
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
    aside = "".join(f"\n{line}" for line in _by_writing(reply, words))
    return limits.fitted(f"{reply.plain_body}{aside}{source}".strip(), limits.TEXT)


def _by_writing(reply: Reply, words: Words) -> list[str]:
    """What the desk can do by writing, where a reply offers that."""
    moves = (choice.target.move for choice in reply.follow_ups if isinstance(choice.target, DeskTarget))
    return [words(keyboards.BY_WRITING[move]) for move in moves if move in keyboards.BY_WRITING]


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
