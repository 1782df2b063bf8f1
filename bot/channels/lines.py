"""JSON lines: a question a line in, a reply a line out. The channel of programs and of the evaluation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.dialogue.targets import NoneOfThese
from bot.dialogue.turn import Utterance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.dialogue.conversations import Conversations
    from bot.dialogue.reply import Choice, Reply


def answers(conversations: Conversations, lines: Iterable[bytes]) -> Iterator[str]:
    """One JSON object for each line that is not blank, in order; a line that cannot be used gets an `error`."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield json.dumps(_answer(conversations, line, number), ensure_ascii=True)


def drawn(reply: Reply, conversation: str) -> dict[str, Any]:
    """A reply as data: plain text, exact headings, labels of what can be picked."""
    return {
        "conversation": conversation,
        "act": reply.act,
        "kind": reply.kind,
        "confidence": round(reply.confidence, 3),
        "text": reply.plain_body,
        "sources": list(reply.sources),
        "choices": _labels(reply.choices),
        "follow_ups": _labels(reply.follow_ups),
    }


def _labels(choices: Iterable[Choice]) -> list[dict[str, str]]:
    return [{"label": choice.label} for choice in choices if not isinstance(choice.target, NoneOfThese)]


def _answer(conversations: Conversations, line: bytes, number: int) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        return {"conversation": "", "error": f"line {number}: this is not JSON"}
    conversation = asked.get("conversation") if isinstance(asked, dict) else None
    conversation = conversation if isinstance(conversation, str) else ""
    text = asked.get("text") if isinstance(asked, dict) else None
    if not isinstance(text, str):
        return {"conversation": conversation, "error": f"line {number}: an object with a text is expected"}
    return drawn(conversations.respond(Utterance(text), conversation).reply, conversation)
