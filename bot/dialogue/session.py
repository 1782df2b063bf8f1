"""What is remembered of a talk: the last answer, what was offered, what was shown already."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.dialogue.reply import Choice

IDLE = 30 * 60
"""Seconds of silence after which a talk is over."""
CONVERSATIONS = 10_000
"""Talks remembered at once; the longest silent one is forgotten first."""


@dataclass(frozen=True, slots=True)
class Session:
    """The state of one talk. `offered` is what a number picks now; `awaiting` tells that it was a question back."""

    at: float = 0.0
    last: tuple[str, ...] = ()
    detail_told: bool = False
    offered: tuple[Choice, ...] = ()
    awaiting: bool = False
    shown: frozenset[str] = frozenset()
    misses: int = 0
    social_turns: Mapping[str, int] = field(default_factory=dict)

    def offering(self, choices: tuple[Choice, ...], *, awaiting: bool = False) -> Session:
        """The session after choices were put before the person."""
        return replace(self, offered=choices, awaiting=awaiting)


class Sessions:
    """Sessions in memory, by conversation."""

    def __init__(self, limit: int = CONVERSATIONS) -> None:
        self._limit = limit
        self._held: dict[str, Session] = {}

    def get(self, conversation: str, at: float) -> Session:
        """The session of a conversation at a time; a new one where there was none or it has been idle too long."""
        session = self._held.get(conversation)
        return session if session is not None and at - session.at <= IDLE else Session(at=at)

    def put(self, conversation: str, session: Session) -> None:
        """Remember a session, as the one used last."""
        self._held.pop(conversation, None)
        self._held[conversation] = session
        while len(self._held) > self._limit:
            self._held.pop(next(iter(self._held)))

    def __len__(self) -> int:
        return len(self._held)
