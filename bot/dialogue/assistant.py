"""The one door of the dialogue: a person's act goes in, a turn comes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from bot.dialogue import moves, wording
from bot.dialogue.policy import Limits, decide
from bot.dialogue.turn import (
    NONE,
    TOPIC,
    Acknowledge,
    Answer,
    Browse,
    Clarify,
    Compare,
    Fallback,
    HandOff,
    Listing,
    OutOfScope,
    Selection,
    Social,
    SystemAct,
    UserAct,
    Utterance,
)
from bot.matching.text import LONGEST

if TYPE_CHECKING:
    from bot.dialogue.reply import Reply
    from bot.dialogue.session import Session, Sessions
    from bot.knowledge.entry import KnowledgeBase
    from bot.matching.candidate import Match


class Ranks(Protocol):
    """Whatever can say what a message may be asking for."""

    def rank(self, text: str) -> Match:
        """The candidates for a raw message."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: what was decided and how it was said. `match` is what the decision rests on, if a text was matched."""

    act: SystemAct
    reply: Reply
    match: Match | None = None


class Assistant:
    """Answers acts from one knowledge base, remembering talks in `sessions`. Synchronous; one thread at a time a talk."""

    def __init__(self, base: KnowledgeBase, matcher: Ranks, sessions: Sessions, limits: Limits | None = None) -> None:
        self.base = base
        self._matcher = matcher
        self._sessions = sessions
        self._limits = limits or Limits()

    def respond(self, act: UserAct) -> Turn:
        """The turn that answers an act; the session of its conversation moves on."""
        session = self._sessions.get(act.conversation, act.at)
        match act:
            case Utterance():
                decided, found = self._hear(act.text, session)
            case Selection():
                decided, found = self._open(act.target, session), None
            case Browse():
                decided, found = Listing(act.topic if self.base.under(act.topic) else ""), None
        reply = wording.compose(decided, self.base, session)
        if isinstance(act, Utterance) and len(act.text) > LONGEST:
            reply = replace(reply, notes=(*reply.notes, wording.line(self.base, "too_long", values={"limit": f"{LONGEST:,}"})))
        self._sessions.put(act.conversation, replace(_after(decided, reply, session), at=act.at))
        return Turn(decided, reply, found)

    def _hear(self, text: str, session: Session) -> tuple[SystemAct, Match | None]:
        """What to do about something typed: a move within the talk, else a question to match."""
        move = moves.read_move(text, session)
        match move:
            case moves.Topics():
                return Listing(), None
            case moves.Pick(choice):
                return self._open(choice.target, session), None
            case moves.Refuse():
                return Acknowledge("none_picked"), None
            case moves.WrongNumber(number):
                return Acknowledge("not_a_choice", {"number": str(number)}), None
            case moves.More():
                return self._more(session), None
        found = self._matcher.rank(text)
        if found.empty:
            return Acknowledge("empty"), found
        return decide(found, self.base, session, self._limits), found

    def _open(self, target: str, session: Session) -> SystemAct:
        """What to do about something picked. A target that the knowledge no longer has degrades politely."""
        if target == NONE:
            return Acknowledge("none_picked" if session.awaiting else "picked_nothing_left")
        if target.startswith(TOPIC):
            topic = target.removeprefix(TOPIC)
            return Listing(topic if self.base.under(topic) else "")
        if target not in self.base.entries:
            return Acknowledge("gone")
        return Compare(target, 1.0) if self.base.entries[target].kind == "compare" else Answer((target,), 1.0)

    def _more(self, session: Session) -> SystemAct:
        if not session.last:
            return Acknowledge("nothing_before")
        entry = self.base.entries.get(session.last[0])
        if entry is None or not entry.more or session.detail_told:
            return Acknowledge("no_more")
        return Answer((entry.id,), 1.0, "more")


def _after(act: SystemAct, reply: Reply, session: Session) -> Session:
    """The session once an act has been said."""
    match act:
        case Answer() | Compare():
            entries = act.entries if isinstance(act, Answer) else (act.entry,)
            told = isinstance(act, Answer) and act.detail == "more"
            session = replace(session, last=entries, detail_told=told, shown=session.shown | {*entries}, misses=0)
            return session.offering(reply.follow_ups)
        case Clarify():
            return session.offering(reply.choices, awaiting=True)
        case OutOfScope() | Fallback():
            return replace(session, misses=session.misses + 1).offering(reply.follow_ups)
        case Social() | HandOff():
            turns = {**session.social_turns, act.id: act.turn + 1}
            return replace(session, social_turns=turns)
        case Listing():
            return session.offering(reply.follow_ups)
        case Acknowledge(text):
            return session if text == "not_a_choice" else session.offering(reply.follow_ups)
