"""Whether something said where the bot takes part, but not to it, is for it after all. In doubt it is not: nobody likes interruptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogue.context import leads_on
from bot.dialogue.turn import Acknowledge, Answer, Clarify, Compare, Fallback, OutOfScope, Social, Utterance
from bot.matching.text import normalise

if TYPE_CHECKING:
    from bot.dialogue.assistant import Turn
    from bot.dialogue.turn import UserAct

SURE = 0.9
"""The confidence that an answer, or word that something is not covered, needs to be given unasked."""
NEARLY = 0.6
"""The confidence that a question back needs."""


def concerns(turn: Turn, act: UserAct) -> bool:
    """Whether a turn is worth taking in answer to something overheard: it was asked, and understood for sure."""
    match turn.act:
        case Fallback() | Acknowledge() | Social():
            return False
        case Answer() | Compare() | OutOfScope() | Clarify() if turn.match is not None:
            needed = NEARLY if isinstance(turn.act, Clarify) else SURE
            return turn.reply.confidence >= needed and isinstance(act, Utterance) and _asks(act.text)
        case _:
            return True  # a move within the conversation: "more", a number, "topics", "talk to a person"


def _asks(text: str) -> bool:
    return "?" in text or leads_on(normalise(text))
