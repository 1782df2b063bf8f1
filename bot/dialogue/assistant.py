"""The one way into the dialogue: a person's act goes in, a turn comes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.dialogue import consent, wording
from bot.dialogue.interpreter import Interpreter, Ranks
from bot.dialogue.policy import Limits
from bot.dialogue.session import Session, at_time, following, helps_nobody, on_next_line
from bot.dialogue.targets import ConsentTarget, EntryTarget, NoneOfThese, TeamTarget, TopicTarget
from bot.dialogue.turn import (
    Acknowledge,
    Browse,
    Command,
    Forget,
    Greeting,
    HandOff,
    Listing,
    Occasion,
    Rating,
    Selection,
    Share,
    Social,
    SystemAct,
    UserAct,
    Utterance,
)
from bot.matching.text import LONGEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.dialogue.reply import Reply
    from bot.dialogue.targets import Target
    from bot.dialogue.turn import Context
    from bot.knowledge.entry import KnowledgeBase
    from bot.matching.candidate import Match


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: what was decided, how it was said, and the session after it.

    `match` is what the decision rests on, if a text was matched.
    """

    act: SystemAct
    reply: Reply
    session: Session
    match: Match | None = None


class Assistant:
    """Answers acts from one knowledge base. Synchronous, and remembers nothing.

    `desk` tells whether a person can be asked; `days` how long what people write is kept, for those who ask.
    """

    def __init__(self, base: KnowledgeBase, matcher: Ranks, limits: Limits | None = None, *, desk: bool = False, days: int = 90) -> None:
        self.base = base
        self._interpreter = Interpreter(base, matcher, limits or Limits(), desk=desk)
        self._desk = desk
        self._days = days

    def turn(self, act: UserAct, session: Session | None, context: Context) -> Turn:
        """The turn that answers an act within a session, or without one: the same three give the same turn."""
        session = at_time(session, context.at)
        if _is_others(session, context):
            return self._beside(act, session, context)
        if isinstance(act, Utterance) and (rest := consent.rest(act.text, session)):
            act, session = Utterance(rest), session.without_handoff().offering(())
        decided, match = self._decide(act, session)
        if isinstance(decided, HandOff) and decided.step == "wished":
            decided = consent.wished(decided, session, desk=self._desk)
        if isinstance(decided, HandOff) and not self._desk and decided.step != "kept":
            decided = HandOff("nobody", decided.confidence, decided.group, decided.turn)
        session = on_next_line(session, act, decided)
        reply = self._noted(wording.compose(decided, self.base, session, self._days), act, decided, session)
        return Turn(decided, reply, following(session, act, decided, reply, match, self.base, context), match)

    def leads(self, target: Target) -> bool:
        """Whether a target still leads somewhere: its entry or topic is in the knowledge. One without either always does."""
        match target:
            case EntryTarget(entry) | TeamTarget(entry):
                return entry in self.base.entries
            case TopicTarget(topic) if topic:
                return bool(self.base.under(topic))
            case _:
                return True

    def search(self, text: str, most: int, popular: Sequence[str] = ()) -> list[tuple[str, Reply]]:
        """Entries that a few words may be looking for, likeliest first, as cards; without words the popular ones.

        While there are too few of these, what one could begin with follows them.
        """
        begin = dict.fromkeys([*popular, *(entry.id for entry in self.base.prompts)])
        found = self._interpreter.find(text) if text.strip() else [id_ for id_ in begin if id_ in self.base.entries]
        return [(id_, wording.compose(Share(id_), self.base, Session())) for id_ in found[:most]]

    def _beside(self, act: UserAct, session: Session, context: Context) -> Turn:
        """A turn in a thread in which somebody else is about to pass a question on: theirs waits on, and is not touched."""
        if isinstance(act, Selection) and isinstance(act.target, ConsentTarget | NoneOfThese):
            decided = Acknowledge("handoff_not_yours")
            return Turn(decided, wording.compose(decided, self.base, session), session)
        turn = self.turn(act, session.without_handoff().offering(()), context)
        if turn.session.handing:
            return turn
        theirs = replace(turn.session, handing=session.handing, to_desk=session.to_desk, asker=session.asker)
        return replace(turn, session=theirs)

    def _decide(self, act: UserAct, session: Session) -> tuple[SystemAct, Match | None]:
        match act:
            case Utterance():
                handing = consent.heard(act.text, session)
                return (handing, None) if handing else self._interpreter.interpret(act.text, session)
            case Selection():
                return self._interpreter.open(act.target, session), None
            case Browse():
                return Listing(act.topic if self.base.under(act.topic) else ""), None
            case Rating():
                rated = act.turn or session.turn
                return (replace(act, turn=rated) if rated else Acknowledge("nothing_to_rate")), None
            case Command():
                return self._commanded(act, session), None
            case Share():
                return (act if act.entry in self.base.entries else Acknowledge("gone")), None
            case Occasion():
                return (Greeting() if act.name in {"greeting", "start"} else Acknowledge(act.name)), None

    def _commanded(self, act: Command, session: Session) -> SystemAct:
        match act.name:
            case "forget":
                return Forget()
            case "person":
                return HandOff("wished")
            case "privacy":
                return Acknowledge("privacy", {"days": str(self._days)})
            case "help" | "status":
                group = next((group for group in self.base.social.values() if group.kind == "help"), None)
                return Social(group.id, group.kind, session.social_turns.get(group.id, 0), 1.0) if group else Listing()

    def _noted(self, reply: Reply, act: UserAct, decided: SystemAct, session: Session) -> Reply:
        """The reply with what has to be said besides: that a message was cut, that a person could help."""
        notes = reply.notes
        if isinstance(act, Utterance) and len(act.text) > LONGEST:
            notes = (*notes, wording.line(self.base, "too_long", values={"limit": f"{LONGEST:,}"}))
        offers = self._desk and helps_nobody(decided, session)
        if offers:
            notes = (*notes, wording.line(self.base, "offer_person"))
        return replace(reply, notes=notes, offers_person=offers)


def _is_others(session: Session, context: Context) -> bool:
    """Whether somebody else in the same conversation is about to pass a question on: a thread has many people."""
    return bool(session.handing) and session.asker not in {"", context.person}
