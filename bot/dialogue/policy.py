"""From what matching found to what is done: answer, ask back, say that it is not covered, or that it was not understood.

A wrong answer costs more than a question back, and a question back more than an answer. The limits were chosen on the held-out
questions of the shipped knowledge (docs/decisions).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.dialogue.turn import Answer, Clarify, Compare, Fallback, HandOff, OutOfScope, Social, SystemAct

if TYPE_CHECKING:
    from bot.dialogue.session import Session
    from bot.knowledge.entry import KnowledgeBase
    from bot.matching.candidate import Candidate, Match

MOST_CHOICES = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """Where one act ends and the next begins, each in [0, 1]."""

    answer: float = 0.4
    """Confidence from which on the best entry is the answer."""
    social: float = 0.5
    """Probability from which on small talk is taken for small talk."""
    clarify: float = 0.03
    """Probability of the best entry from which on it is worth a question back."""
    scope: float = 0.3
    """Scope below which a question back would be about the wrong thing."""
    worth: float = 0.12
    """Share of the best entry's probability that a further choice needs."""
    subject: float = 0.1
    """Probability from which on a subject that is not covered is named."""


def decide(match: Match, base: KnowledgeBase, session: Session, limits: Limits) -> SystemAct:
    """The act that fits a match."""
    social = _social(match, base, session, limits)
    if social is not None:
        return social
    best = match.entries[0]
    if match.confidence >= limits.answer:
        return _answer(best, match, base)
    subject = match.subjects[0] if match.subjects else None
    if subject is not None and subject.probability >= limits.subject and subject.probability > best.probability:
        return _out_of_scope(subject, match, base)
    if best.probability >= limits.clarify and match.scope >= limits.scope:
        return Clarify(_choices(match, limits), match.confidence)
    return Fallback(match.confidence)


def _answer(best: Candidate, match: Match, base: KnowledgeBase) -> Answer | Compare:
    if base.entries[best.id].kind == "compare":
        return Compare(best.id, match.confidence)
    return Answer((best.id,), match.confidence)


def _social(match: Match, base: KnowledgeBase, session: Session, limits: Limits) -> Social | HandOff | None:
    """Small talk, where it is likelier than everything else."""
    found = match.social[0] if match.social else None
    others = (match.entries[0].probability, match.subjects[0].probability if match.subjects else 0.0)
    if found is None or found.probability < limits.social or found.probability < max(others):
        return None
    group, turn = base.social[found.id], session.social_turns.get(found.id, 0)
    if group.kind == "handoff":
        return HandOff(group.id, turn, found.probability)
    return Social(group.id, group.kind, turn, found.probability)


def _choices(match: Match, limits: Limits) -> tuple[str, ...]:
    least = match.entries[0].probability * limits.worth
    return tuple(entry.id for entry in match.entries[:MOST_CHOICES] if entry.probability >= least)


def _out_of_scope(subject: Candidate, match: Match, base: KnowledgeBase) -> OutOfScope:
    nearest = base.subjects[subject.id].instead or tuple(entry.id for entry in match.entries[:1])
    return OutOfScope(subject.id, "", nearest[:MOST_CHOICES], 1 - match.confidence)
