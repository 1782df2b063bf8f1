"""How the bot stands: said to an admin who asks, and to the desk when a change of the knowledge cannot be used."""

from __future__ import annotations

from hashlib import blake2s
from typing import TYPE_CHECKING

from bot.contracts.outcomes import Message, Notice, Outcome
from bot.dialogue import wording
from bot.dialogue.reply import Reply
from bot.dialogue.turn import HashedKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.contracts.addresses import Room
    from bot.contracts.events import Depth
    from bot.knowledge.entry import KnowledgeBase

TOLD = 3
"""Faults that the desk hears of; the rest is counted."""
WHILE = 600.0
"""Seconds within which replicas notice the same change; what comes back later is said again."""
VERSION = 8
"""Characters of a version that a person is shown."""
_CONVERSATION = HashedKey("desk:knowledge")


class Status:
    """Says how the bot stands with one knowledge base; `desk` is None where nobody stands by."""

    def __init__(self, base: KnowledgeBase, desk: Room | None) -> None:
        self._base = base
        self._desk = desk

    def report(self, depth: Depth, faults: int) -> Reply:
        """What an admin hears; `faults` are those of the last change of the knowledge."""
        values = {
            "entries": len(self._base.entries),
            "knowledge": self._base.version[:VERSION],
            "waiting": depth.waiting,
            "aside": depth.aside,
            "faults": faults,
        }
        said = wording.line(self._base, "status", values={name: f"{value}" for name, value in values.items()})
        return Reply("social", said, "notice", 1.0)

    def refused(self, faults: Sequence[str], at: float) -> Outcome:
        """Word to the desk of faults, a line each, that keep the last good knowledge serving since `at` (seconds since the epoch)."""
        more = len(faults) - TOLD
        notes = (*faults[:TOLD], *([wording.line(self._base, "desk_knowledge_more", values={"count": str(more)})] if more > 0 else []))
        return self._to_desk("desk_knowledge_bad", blake2s("\n".join(faults).encode(), digest_size=8).hexdigest(), at, notes)

    def accepted(self, at: float) -> Outcome:
        """Word to the desk that the knowledge can be used again."""
        return self._to_desk("desk_knowledge_good", self._base.version, at)

    def _to_desk(self, key: str, cause: str, at: float, notes: tuple[str, ...] = ()) -> Outcome:
        """Word to the desk, once for one cause in a while, however many processes share the desk."""
        if self._desk is None:
            return Outcome()
        message = Message(self._desk.address, wording.notice(self._base, key, notes=notes))
        return Outcome(notices=(Notice(f"{key}:{cause}:{int(at // WHILE)}", _CONVERSATION, HashedKey(""), message),))
