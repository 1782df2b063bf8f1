"""What is remembered of a conversation: the last answer, what was offered, what was shown already."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read at run time where sessions are kept
from dataclasses import dataclass, field, replace
from hashlib import blake2s
from typing import TYPE_CHECKING, Literal

from bot.dialogue.masking import masked
from bot.dialogue.reply import Choice  # noqa: TC001 - as above
from bot.dialogue.turn import (
    Acknowledge,
    Answer,
    Clarify,
    Compare,
    Fallback,
    Forget,
    Greeting,
    HandOff,
    Listing,
    OutOfScope,
    Rating,
    Share,
    Social,
    SystemAct,
    Utterance,
    turn_id,
)
from bot.matching.text import LONGEST

if TYPE_CHECKING:
    from bot.dialogue.reply import Reply
    from bot.dialogue.turn import Context, UserAct
    from bot.knowledge.entry import Entry, KnowledgeBase
    from bot.matching.candidate import Match

IDLE = 30 * 60
"""Seconds of silence after which a conversation is over."""
MISSES = 2
"""Turns in a row that help nobody, after which a person is offered."""


@dataclass(frozen=True, slots=True)
class Session:
    """The state of one conversation.

    `last` are the entries answered last, `question` what was asked for them, `about` the facets that it is about.
    `offered` is what a number picks now; `awaiting` tells that it was a question back, `person_offered` that "yes" means a
    person. `shown` are all entries answered, `misses` the turns in a row that helped nobody. `turn` is the last one that can be
    rated: a question was answered in it, asked back about or refused. `line` is the number of the line in which the bot last asked
    back or refused, 0 before. `handing` is what is awaited before the question `to_desk` of `asker` is passed on to a person.
    """

    at: float = 0.0
    last: tuple[str, ...] = ()
    question: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    detail_told: bool = False
    offered: tuple[Choice, ...] = ()
    awaiting: bool = False
    shown: frozenset[str] = frozenset()
    misses: int = 0
    person_offered: bool = False
    social_turns: Mapping[str, int] = field(default_factory=dict)
    turn: str = ""
    line: int = 0
    handing: Literal["", "question", "consent"] = ""
    to_desk: str = ""
    asker: str = ""

    def more_of(self, entry: Entry) -> bool:
        """Whether there is more to tell of the entry that was answered last."""
        return bool(entry.more) and not self.detail_told

    def without_handoff(self) -> Session:
        """The session in which no question is on its way to a person."""
        return replace(self, handing="", to_desk="")

    def offering(self, choices: tuple[Choice, ...], *, awaiting: bool = False) -> Session:
        """The session after choices were put before the person."""
        return replace(self, offered=choices, awaiting=awaiting)


def at_time(session: Session | None, at: float) -> Session:
    """What is left of a session at a time in seconds: a new one where there was none or it has been idle too long."""
    return session if session is not None and at - session.at <= IDLE else Session(at=at)


def on_next_line(session: Session, said: UserAct, decided: SystemAct) -> Session:
    """The session on the line in which a question back or a refusal is said, where several take turns.

    What was asked tells where a conversation begins, so that not everybody reads the same line; from there one follows the other.
    """
    if not isinstance(decided, Clarify | OutOfScope | Fallback):
        return session
    return replace(session, line=session.line + 1 if session.line else _first_line(said))


def following(
    session: Session, said: UserAct, decided: SystemAct, reply: Reply, match: Match | None, base: KnowledgeBase, context: Context
) -> Session:
    """The session once an act was answered: the one place where a conversation moves on. What people wrote is kept masked."""
    after = _decided(session, decided, reply, base)
    if isinstance(said, Utterance) and match is not None and not isinstance(decided, Social | HandOff):
        after = replace(after, question=masked(said.text)[:LONGEST], about={**after.about, **_named(match)})
    if isinstance(decided, Answer | Compare | Clarify | OutOfScope | Fallback):
        after = replace(after, turn=turn_id(context.event))
    return replace(after, asker=context.person if after.handing else "", at=context.at)


def helps_nobody(act: SystemAct, session: Session) -> bool:
    """Whether it is time for a person: an act is the second in a row that helps nobody, or an answer was rated down."""
    if isinstance(act, Rating):
        return not act.up
    return isinstance(act, OutOfScope | Fallback) and session.misses + 1 >= MISSES


def _first_line(said: UserAct) -> int:
    text = said.text if isinstance(said, Utterance) else ""
    return 1 + blake2s(text.encode("utf-8", "surrogatepass"), digest_size=1).digest()[0]


def _decided(session: Session, act: SystemAct, reply: Reply, base: KnowledgeBase) -> Session:
    """The session after what was decided."""
    session = replace(session, person_offered=reply.offers_person)
    if not isinstance(act, Social) and not (isinstance(act, Acknowledge) and act.text == "not_a_choice"):
        session = session.without_handoff()
    match act:
        case Answer() | Compare():
            return _answered(act, session, base).offering(reply.follow_ups)
        case Clarify():
            return session.offering(reply.choices, awaiting=True)
        case OutOfScope() | Fallback():
            return replace(session, misses=session.misses + 1).offering(reply.follow_ups)
        case Social():
            after = _in_turn(session, act.id, act.turn)
            return after.offering(reply.follow_ups) if act.kind == "help" else after
        case Share() | Acknowledge("not_a_choice"):
            return session
        case HandOff("consent"):
            return replace(session, handing="consent", to_desk=masked(act.question), misses=0).offering(reply.choices, awaiting=True)
        case HandOff("question"):
            return replace(_in_turn(session, act.group, act.turn), handing="question", misses=0).offering(())
        case HandOff():
            return replace(session, misses=0).offering(())
        case Forget():
            return Session()
        case Listing() | Acknowledge() | Rating() | Greeting():
            return session.offering(reply.follow_ups)


def _in_turn(session: Session, group: str, turn: int) -> Session:
    """The session after one of a group's replies was said: the next one comes next."""
    return replace(session, social_turns={**session.social_turns, group: turn + 1})


def _answered(act: Answer | Compare, session: Session, base: KnowledgeBase) -> Session:
    entries = act.entries if isinstance(act, Answer) else (act.entry,)
    return replace(
        session,
        last=entries,
        about=dict(base.entries[entries[0]].about),
        detail_told=isinstance(act, Answer) and act.detail != "answer",
        shown=session.shown | {*entries},
        misses=0,
    )


def _named(match: Match) -> dict[str, str]:
    """The covered facets that a message names, if it names one value of each."""
    values: dict[str, set[str]] = {}
    for mention in match.mentions:
        if mention.covered:
            values.setdefault(mention.facet, set()).add(mention.value)
    return {facet: next(iter(named)) for facet, named in values.items() if len(named) == 1}
