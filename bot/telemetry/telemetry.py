"""What happens, counted and told: the `Observer` of the running bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from bot.contracts.outcomes import TurnRecord

log = structlog.stdlib.get_logger("careerbot.turn")

_DIGITS = 3
_HASH = 12
"""Characters of a hash that tell conversations and people apart in a log."""


class Telemetry(Metrics):
    """`Metrics` that also tells each turn in a line: ids, hashes and numbers, no words."""

    def turned(self, turn: TurnRecord, waited: float) -> None:
        """Count a turn and tell it."""
        super().turned(turn, waited)
        log.info(
            "turn",
            id=turn.id,
            platform=turn.platform,
            conversation=turn.context.conversation[:_HASH],
            person=turn.context.person[:_HASH],
            said=turn.said,
            act=turn.act,
            entries=",".join(turn.entries),
            scope=round(turn.scope, _DIGITS),
            choice=round(turn.choice, _DIGITS),
            confidence=round(turn.confidence, _DIGITS),
            decided_ms=round(turn.milliseconds, _DIGITS),
            waited_ms=round(waited * 1000, 1),
            knowledge=turn.knowledge[:8],
        )
