"""Replies as JSON: as `careerbot ask --jsonl` gives them, and what it takes to go on from them. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.dialogue.targets import EntryTarget, PersonTarget, written

if TYPE_CHECKING:
    from bot.contracts.outcomes import Message
    from bot.dialogue.reply import Choice


def drawn(message: Message, conversation: str) -> dict[str, Any]:
    """A message: plain text, headings, and choices with the ids that pick them.

    `turn` is what a rating names; `more` and `person` are ids that can be picked too, where there is more, or a person could help.
    """
    reply = message.reply
    return {
        "conversation": conversation,
        "turn": message.turn,
        "act": reply.act,
        "kind": reply.kind,
        "confidence": round(reply.confidence, 3),
        "text": reply.plain_body,
        "sources": list(reply.sources),
        "choices": _choices(reply.choices),
        "follow_ups": _choices(reply.follow_ups),
        "more": written(EntryTarget(reply.entries[0], "more")) if reply.more and reply.entries else None,
        "person": written(PersonTarget()) if reply.offers_person else None,
    }


def _choices(choices: tuple[Choice, ...]) -> list[dict[str, str]]:
    return [{"id": written(choice.target), "label": choice.label} for choice in choices]
