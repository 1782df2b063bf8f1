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

    answer: float = 0.66
    """Confidence from which on the best entry is the answer."""
    answer_despite: float = 0.94
    """The same for a message that names what is not covered."""
    social: float = 0.5
    """Probability from which on small talk is taken for small talk."""
    clarify: float = 0.02
    """Probability of the best entry from which on it is worth a question back."""
    scope: float = 0.3
    """Scope below which a question back would be about the wrong thing."""
    worth: float = 0.08
    """Share of the best entry's probability that a further choice needs."""
    subject: float = 0.2
    """Probability from which on a subject that is not covered is named."""
    alone: float = 0.6
    """Confidence from which on a message that could lean on the last answer is taken by itself."""
    foreign: float = 0.6
    """Probability of a subject from which on a message is about it even after an answer."""
    related: float = 0.1
    """Confidence from which on an entry is given as the reason, the example, the other one."""
    long: int = 20
    """Words from which on a message that is unclear as a whole is answered by its one clear sentence."""
    sentence: float = 0.8
    """Confidence which that sentence needs."""
    part: float = 0.7
    """Confidence from which on a part of a message is answered by itself."""


def decide(match: Match, base: KnowledgeBase, limits: Limits) -> SystemAct:
    """The act that fits a match that is no small talk."""
    best = match.best
    unknown = _not_covered(match)
    if match.confidence >= (limits.answer_despite if unknown else limits.answer):
        return as_answer(best.id, match.confidence, base)
    subject = match.subjects[0] if match.subjects else None
    if subject is not None and subject.probability >= limits.subject and subject.probability > best.probability:
        return _out_of_scope(subject, match, base)
    if unknown and match.scope >= limits.scope:
        return OutOfScope("", unknown, tuple(entry.id for entry in match.entries[:2]), 1 - match.confidence)
    if best.probability >= limits.clarify and match.scope >= limits.scope:
        return Clarify(_choices(match, limits), match.confidence)
    return Fallback(match.confidence)


def _not_covered(match: Match) -> str:
    """What a message names that the knowledge does not cover (another role, a country), where it names nothing covered beside it."""
    covered = {mention.facet for mention in match.mentions if mention.covered}
    unknown = (mention for mention in match.mentions if not mention.covered and mention.facet not in covered)
    return next((" ".join(match.words[mention.begin : mention.end]) for mention in unknown), "")


def as_answer(entry: str, confidence: float, base: KnowledgeBase) -> Answer | Compare:
    """An entry as the act that answers with it."""
    return Compare(entry, confidence) if base.entries[entry].kind == "compare" else Answer((entry,), confidence)


def small_talk(match: Match, base: KnowledgeBase, session: Session, limits: Limits) -> Social | HandOff | None:
    """Small talk, where all kinds of it together are likelier than everything else."""
    mass = sum(candidate.probability for candidate in match.social)
    others = [candidates[0].probability for candidates in (match.entries, match.subjects) if candidates]
    if mass < limits.social or mass < max(others, default=0.0):
        return None
    group, confidence = base.social[match.social[0].id], min(1.0, mass)
    turn = session.social_turns.get(group.id, 0)
    if group.kind == "handoff":
        return HandOff("wished", confidence, group.id, turn)
    return Social(group.id, group.kind, turn, confidence)


def _choices(match: Match, limits: Limits) -> tuple[str, ...]:
    least = match.best.probability * limits.worth
    return tuple(entry.id for entry in match.entries[:MOST_CHOICES] if entry.probability >= least)


def _out_of_scope(subject: Candidate, match: Match, base: KnowledgeBase) -> OutOfScope:
    instead = tuple(id_ for id_ in base.subjects[subject.id].instead if id_ not in match.ruled_out)
    nearest = instead or tuple(entry.id for entry in match.entries[:1])
    return OutOfScope(subject.id, "", nearest[:MOST_CHOICES], 1 - match.confidence)
