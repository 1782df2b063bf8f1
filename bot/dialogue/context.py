"""Messages that only make sense after the last answer: "and for researchers?", "did it ship?", "no, I meant the interview".

Such a message is asked again in other words, filled up with what the talk is about, and the entries that the last answer leads
to become likelier. Nothing here decides; it only says how to ask the matcher.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.matching.text import normalise, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.dialogue.session import Session
    from bot.knowledge.entry import Entry, KnowledgeBase
    from bot.matching.facets import FacetFinder, Mention

LONGEST_DEPENDENT = 14
"""Words above which a message explains itself, whatever it begins with."""
FOLLOWED, NEAR, SAME = 4.0, 2.0, 1.5
"""How much likelier become: what the last answer leads to, its neighbours under the same heading, and itself."""
SLIGHTLY = 1.5
"""How much likelier the followed entries become when the message stands by itself."""

_CHANGE = re.compile(
    r"^(?:ok(?:ay)?|so|now|well|and|right|cool|thanks|fine|great)?[\s,.!]*"
    r"(?:different (?:topic|question|thing|subject)|new (?:topic|question|subject)|another (?:topic|question|thing|subject)|"
    r"(?:let ?s |lets )?chang(?:e|ing) (?:of )?(?:the )?(?:subject|topic)|something else|on another note|unrelated)\b[\s:,.!-]*"
)
_CORRECTION = re.compile(
    r"^(?:no|nope|nah|not that|wrong|sorry|actually|hm+|wait)?[\s,.!]*(?:i|what i) (?:really )?(?:meant?|was asking|am asking|want(?:ed)?)"
    r"(?: to (?:know|ask))?(?: about| was| is)?\b[\s:,.]*|^no[\s,.]+(?=the |about |for )|^not (?:that|the [a-z]+)[\s,]+(?:the|but)?\s*"
)
_LEAD = re.compile(r"^(?:(?:ok(?:ay)?|and|but|so|then|also|or|yes|hm+|ah|oh|well|right|what|how) )*(?:and|but|so|then|what about|how about|or|also)\b")
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|that|this|those|these|he|she|his|her|him|there|then|instead|same|either|neither|both|other one)\b"
)


@dataclass(frozen=True, slots=True)
class Query:
    """How to ask the matcher: the message, the same in other words, and what has become likelier. `without` is not to be the answer."""

    text: str
    others: tuple[str, ...] = ()
    boosts: Mapping[str, float] = field(default_factory=dict)
    without: frozenset[str] = frozenset()


def query(text: str, session: Session, base: KnowledgeBase, facets: FacetFinder) -> Query:
    """How to ask for a message within a session."""
    said = normalise(text)
    changed = _CHANGE.match(said)
    if changed:
        return Query(said[changed.end() :] or said)
    last = base.entries.get(session.last[0]) if session.last else None
    if last is None:
        return Query(text)
    correction = _CORRECTION.match(said)
    if correction and said[correction.end() :]:
        rest = said[correction.end() :]
        return Query(rest, (_filled(rest, session, facets),), without=frozenset(session.last))
    if not depends(said):
        return Query(text, boosts={follow.to: SLIGHTLY for follow in last.follow_ups})
    return Query(text, _in_other_words(said, last, session, facets), _related(last, base))


def depends(said: str) -> bool:
    """Whether a normalised message leans on what was said before: "and ...", "what about ...", "did it ...", a word or two."""
    count = len(words(said))
    return count <= LONGEST_DEPENDENT and bool(_LEAD.match(said) or _POINTS_BACK.search(said))


def _in_other_words(said: str, last: Entry, session: Session, facets: FacetFinder) -> tuple[str, ...]:
    """The message filled up: with the facets of the talk, and as the last question asked anew."""
    mentions = facets.find(words(said))
    return (_filled(said, session, facets), _asked_anew(said, last, mentions, facets))


def _filled(said: str, session: Session, facets: FacetFinder) -> str:
    """The message with the facets of the talk that it does not name itself."""
    named = {mention.facet for mention in facets.find(words(said))}
    return " ".join([said, *(value for facet, value in session.about.items() if facet not in named)])


def _asked_anew(said: str, last: Entry, mentions: tuple[Mention, ...], facets: FacetFinder) -> str:
    """The last question with the facets of the message in the place of its own, else with the message behind it."""
    question = words(normalise(last.question))
    new = {mention.facet: mention.value for mention in mentions}
    asked: list[str] = []
    position = 0
    for mention in facets.find(question):
        asked += question[position : mention.begin]
        asked += words(normalise(new[mention.facet])) if mention.facet in new else question[mention.begin : mention.end]
        position = mention.end
    asked += question[position:]
    return " ".join(asked) if new and asked != question else " ".join([*question, said])


def _related(last: Entry, base: KnowledgeBase) -> dict[str, float]:
    boosts = {entry.id: NEAR for entry in base.entries.values() if entry.heading == last.heading}
    boosts |= {follow.to: FOLLOWED for follow in last.follow_ups}
    boosts[last.id] = SAME
    return boosts
