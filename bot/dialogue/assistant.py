"""The one door of the dialogue: a person's act goes in, a turn comes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.dialogue import consent, wording
from bot.dialogue.interpreter import Interpreter, Ranks
from bot.dialogue.policy import Limits
from bot.dialogue.session import Session, following, helps_nobody
from bot.dialogue.turn import (
    Acknowledge,
    Answer,
    Browse,
    Command,
    Compare,
    Forget,
    Greeting,
    HandOff,
    Listing,
    Occasion,
    Rated,
    Rating,
    Selection,
    Share,
    Sharing,
    Social,
    SystemAct,
    UserAct,
    Utterance,
    turn_id,
)
from bot.matching.text import LONGEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.dialogue.reply import Reply
    from bot.dialogue.session import Sessions
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
    """Answers acts from one knowledge base. Synchronous.

    `desk` tells whether a person can be asked; `days` how long what people write is kept, for those who ask. `sessions`
    remembers talks for `respond`, one thread at a time a talk; who remembers them elsewhere calls `turn`.
    """

    def __init__(
        self,
        base: KnowledgeBase,
        matcher: Ranks,
        sessions: Sessions,
        limits: Limits | None = None,
        *,
        desk: bool = False,
        days: int = 90,
    ) -> None:
        self.base = base
        self._sessions = sessions
        self._hearing = Interpreter(base, matcher, limits or Limits(), desk=desk)
        self._desk = desk
        self._days = days

    def respond(self, act: UserAct) -> Turn:
        """The turn that answers an act; the session of its conversation moves on."""
        turn = self.turn(act, self._sessions.get(act.conversation, act.at))
        self._sessions.put(act.conversation, turn.session)
        return turn

    def turn(self, act: UserAct, session: Session) -> Turn:
        """The turn that answers an act within a session. Changes nothing: the same act and session give the same turn."""
        if isinstance(act, Utterance) and (rest := consent.rest(act.text, session)):
            act, session = replace(act, text=rest), replace(session, handing="", to_desk="", offered=(), awaiting=False)
        decided, found = self._decide(act, session)
        if isinstance(decided, HandOff) and decided.step == "wished":
            decided = consent.wished(decided, session, desk=self._desk)
        if isinstance(decided, HandOff) and not self._desk and decided.step != "kept":
            decided = HandOff("nobody", decided.confidence, decided.group, decided.turn)
        reply = self._noted(wording.compose(decided, self.base, session, self._days), act, decided, session)
        after = following(decided, reply, session, self.base)
        if isinstance(act, Utterance) and found is not None and not isinstance(decided, Social | HandOff):
            after = replace(after, question=act.text[:LONGEST], about={**after.about, **_named(found)})
        if isinstance(decided, Answer | Compare):
            after = replace(after, turn=turn_id(act.event))
        return Turn(decided, reply, replace(after, at=act.at), found)

    def search(self, text: str, most: int, popular: Sequence[str] = ()) -> list[tuple[str, Reply]]:
        """Entries that a few words may be looking for, likeliest first, as cards; without words the popular ones.

        While there are too few of these, what one could begin with follows them.
        """
        begin = dict.fromkeys([*popular, *(entry.id for entry in self.base.prompts)])
        found = self._hearing.find(text) if text.strip() else [id_ for id_ in begin if id_ in self.base.entries]
        return [(id_, wording.compose(Share(id_), self.base, Session())) for id_ in found[:most]]

    def _decide(self, act: UserAct, session: Session) -> tuple[SystemAct, Match | None]:
        match act:
            case Utterance():
                handing = consent.heard(act.text, session)
                return (handing, None) if handing else self._hearing.hear(act.text, session)
            case Selection():
                return self._hearing.open(act.target, session), None
            case Browse():
                return Listing(act.topic if self.base.under(act.topic) else ""), None
            case Rating():
                rated = act.turn or session.turn
                return (Rated(rated, act.up, act.reason) if rated else Acknowledge("nothing_to_rate")), None
            case Command():
                return self._commanded(act, session), None
            case Sharing():
                return (Share(act.entry, act.remark) if act.entry in self.base.entries else Acknowledge("gone")), None
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


def _named(found: Match) -> dict[str, str]:
    """The covered facets that a message names, if it names one value of each."""
    values: dict[str, set[str]] = {}
    for mention in found.mentions:
        if mention.covered:
            values.setdefault(mention.facet, set()).add(mention.value)
    return {facet: next(iter(named)) for facet, named in values.items() if len(named) == 1}
