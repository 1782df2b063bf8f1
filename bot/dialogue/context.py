"""Messages that only make sense after the last answer: "and for researchers?", "did it ship?", "no, I meant the interview".

Such a message is asked again in other words, filled up with what the conversation is about, and the entries that the last answer leads
to become likelier. Nothing here decides; it only says how to ask the matcher.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.language import conversation
from bot.matching.text import normalise, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.dialogue.session import Session
    from bot.knowledge.entry import Entry, KnowledgeBase
    from bot.matching.facets import FacetFinder

UNDER_ONE_HEADING = 6.0
"""How much likelier still, when the conversation turns to other facets, is what stands under the same heading."""
SHORT = 6
"""Words up to which a message with "it" or "they" is about the last answer, however clear it seems by itself."""
LONGEST_DEPENDENT = 14
"""Words above which a message explains itself, whatever it begins with."""
FOLLOWED, NEAR, SAME, STORY, SIBLING = 2.0, 1.5, 2.0, 8.0, 20.0
"""How much likelier become: what the last answer leads to, its neighbours under the same heading, itself, any
story where one is asked for, and what is about a facet that the conversation turns to."""


@dataclass(frozen=True, slots=True)
class Query:
    """How to ask the matcher: a message, the same in other words, and what has become likelier (or impossible, at 0)."""

    text: str
    others: tuple[str, ...] = ()
    boosts: Mapping[str, float] = field(default_factory=dict)


def turned(said: str, session: Session, base: KnowledgeBase, facets: FacetFinder) -> Query | None:
    """How to ask for a message that turns the conversation: to another subject, another value of a facet, or what was really meant."""
    changed = conversation.CHANGES_SUBJECT.match(said)
    if changed and said[changed.end() :]:
        return Query(said[changed.end() :])
    last = last_entry(session, base)
    if last is None:
        return None
    correction = conversation.CORRECTS.match(said)
    rest = said[correction.end() :] if correction else said
    if names_only(rest, facets):
        return Query(_asked_anew(rest, last, facets), boosts=_siblings(rest, last, base, facets))
    if correction and rest:
        return Query(_filled(rest, session, facets), boosts={last.id: 0.0})
    return None


def leaning(said: str, session: Session, base: KnowledgeBase, facets: FacetFinder) -> Query | None:
    """How to ask for a message that leans on the last answer, or None if there is none or the message stands by itself."""
    last = last_entry(session, base)
    if last is None or not depends(said):
        return None
    others = () if conversation.POINTS_BACK.search(said) else (_filled(said, session, facets),)
    return Query(_asked_anew(said, last, facets), others, _related(last, base))


def last_entry(session: Session, base: KnowledgeBase) -> Entry | None:
    """The entry that was answered last, if the knowledge still has it."""
    return base.entries.get(session.last[0]) if session.last else None


def names_only(said: str, facets: FacetFinder) -> bool:
    """Whether a normalised message does nothing but name facets: "and for researchers?", "at L7?", "I'm a PM"."""
    sequence = words(said)
    mentions = facets.find(sequence)
    inside = {position for mention in mentions for position in range(mention.begin, mention.end)}
    return bool(mentions) and all(i in inside or word in conversation.FILLERS_OF_FACETS for i, word in enumerate(sequence))


def why(last: Entry, base: KnowledgeBase, session: Session) -> Query:
    """How to ask for the reason behind the last answer."""
    asked, reason = conversation.WHY.format(question=last.question), conversation.REASON.format(answer=last.answer)
    return Query(asked, (reason,), _related(last, base) | dict.fromkeys(session.shown, 0.0))


def example(last: Entry, base: KnowledgeBase, session: Session) -> Query:
    """How to ask for a story behind the last answer that was not told yet."""
    boosts = _related(last, base)
    for entry in base.entries.values():
        boosts[entry.id] = boosts.get(entry.id, 1.0) * (STORY if entry.story else 0.0)
    return Query(last.question, (last.answer,), boosts | dict.fromkeys(session.shown, 0.0))


def another(last: Entry, base: KnowledgeBase, session: Session) -> Query:
    """How to ask the last question again for what has not been shown; after a story, for a story about the same."""
    stories = {
        entry.id: STORY * (STORY if entry.about == last.about else 1.0) for entry in base.entries.values() if entry.story and last.story
    }
    return Query(session.question or last.question, (), stories | dict.fromkeys(session.shown, 0.0))


def points_back(said: str) -> bool:
    """Whether a normalised message is short and holds a word that stands for something said before."""
    return len(words(said)) <= SHORT and bool(conversation.POINTS_BACK.search(said))


def leads_on(said: str) -> bool:
    """Whether a normalised message begins as one that goes on from the last answer: "and ...", "what about ...", "for ..."."""
    return bool(conversation.LEADS_ON.match(said))


def depends(said: str) -> bool:
    """Whether a normalised message leans on what was said before: "and ...", "what about ...", "did it ...", a word or two."""
    count = len(words(said))
    return count <= LONGEST_DEPENDENT and (leads_on(said) or bool(conversation.POINTS_BACK.search(said)))


def _filled(said: str, session: Session, facets: FacetFinder) -> str:
    """The message with the facets of the conversation that it does not name itself."""
    named = {mention.facet for mention in facets.find(words(said))}
    return " ".join([said, *(value for facet, value in session.about.items() if facet not in named)])


def _asked_anew(said: str, last: Entry, facets: FacetFinder) -> str:
    """The last question with the facets of the message in the place of its own, else with the message behind it."""
    question = words(normalise(last.question))
    new = {mention.facet: mention.value for mention in facets.find(words(said))}
    asked: list[str] = []
    position = 0
    for mention in facets.find(question):
        asked += question[position : mention.begin]
        asked += words(normalise(new[mention.facet])) if mention.facet in new else question[mention.begin : mention.end]
        position = mention.end
    asked += question[position:]
    return " ".join(asked) if new and asked != question else " ".join([*question, said])


def _siblings(said: str, last: Entry, base: KnowledgeBase, facets: FacetFinder) -> dict[str, float]:
    """What becomes likelier when the conversation turns to other facets: entries about these, above all near the last answer.

    The last answer itself stays possible unless it is about another value.
    """
    named = {mention.facet: mention.value for mention in facets.find(words(said))}
    related = _related(last, base)
    boosts = {
        entry.id: SIBLING * related.get(entry.id, 1.0) * (UNDER_ONE_HEADING if entry.heading == last.heading else 1.0)
        for entry in base.entries.values()
        if any(entry.about.get(facet) == value for facet, value in named.items())
    }
    differs = any(last.about.get(facet, value) != value for facet, value in named.items())
    return boosts | {last.id: 0.0 if differs else SIBLING * SAME}


def _related(last: Entry, base: KnowledgeBase) -> dict[str, float]:
    boosts = {entry.id: NEAR for entry in base.entries.values() if entry.heading == last.heading}
    boosts |= {follow.to: FOLLOWED for follow in last.follow_ups}
    boosts[last.id] = SAME
    return boosts
