"""Inline mode, the way to share: `@bot pay` in any chat lists cards, one tap sends one. Pure functions.

https://core.telegram.org/bots/api#inlinequeryresultarticle
"""

from __future__ import annotations

import json
from hashlib import blake2s
from typing import TYPE_CHECKING, Any

from bot.channels.telegram import drawing, keyboards, keys, limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.contracts.ports import Words
    from bot.dialogue.reply import Reply

FRESH = 30
"""Seconds for which Telegram may show the same results to others: a change of the knowledge is seen that soon."""


def answer(query: str, found: Sequence[tuple[str, Reply]], words: Words, bot: str) -> dict[str, Any]:
    """The arguments of answerInlineQuery, but for the id of the query; `bot` is the username."""
    results = [_article(entry, card, words, bot) for entry, card in found[: limits.RESULTS]]
    given: dict[str, Any] = {"results": results, "cache_time": FRESH, "is_personal": False}
    if not results:
        given["button"] = {"text": words("inline_nothing"), "start_parameter": keys.query_link(query[: limits.QUERY]) or "ask"}
    return given


def _article(entry: str, card: Reply, words: Words, bot: str) -> dict[str, Any]:
    """A result; its id changes with its content, so that nobody is shown an old one for a new one."""
    said = drawing.text(card, words)
    title, _, first = card.plain_text.partition("\n")
    rows = keyboards.links(card, words, bot)
    shown = {
        "title": entry if limits.blank(title) else limits.fitted(title, limits.TITLE),
        "description": limits.fitted(first.partition("\n")[0], limits.ASIDE),
        "input_message_content": {"message_text": said, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}},
        **({"reply_markup": {"inline_keyboard": rows}} if rows else {}),
    }
    mark = blake2s(json.dumps(shown).encode(), digest_size=8).hexdigest()
    return {"type": "article", "id": f"{entry[: limits.RESULT_ID - len(mark) - 1]}:{mark}", **shown}
