"""Conversations remembered in memory alone: for whoever asks without a store, one question or a stream of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachetools import LRUCache

from bot.dialogue.turn import Context, HashedKey

if TYPE_CHECKING:
    from bot.dialogue.assistant import Assistant, Turn
    from bot.dialogue.session import Session
    from bot.dialogue.turn import UserAct

MOST = 10_000
"""Conversations remembered at once; the longest silent one is forgotten first."""


class Conversations:
    """Conversations with one assistant, by names that whoever asks gives them."""

    def __init__(self, assistant: Assistant, most: int = MOST) -> None:
        self._assistant = assistant
        self._sessions: LRUCache[str, Session] = LRUCache(most)

    def respond(self, act: UserAct, conversation: str = "", at: float = 0.0, event: str = "") -> Turn:
        """The turn that answers an act at a time in seconds; its conversation moves on. Without an `event` nobody can rate it later."""
        context = Context(HashedKey(conversation), event=event, at=at)
        turn = self._assistant.turn(act, self._sessions.get(conversation), context)
        self._sessions[conversation] = turn.session
        return turn
