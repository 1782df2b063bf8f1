"""What of a knowledge base is learned and what is only said, each as one key of 32 hexadecimal digits.

The same `learning_key` means the same trained model: it covers what `bot.matching.training` reads, in its order, and nothing else.
`content_key` covers all the rest that the knowledge base holds, so that what is derived from what is said can be kept under it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.knowledge.entry import KnowledgeBase

_LEARNED = {
    "entries": frozenset({"question", "title", "phrasings"}),
    "subjects": frozenset({"phrasings"}),
    "social": frozenset({"phrasings"}),
}
"""What training reads of each entry, subject and kind of small talk, beside the ids and their order."""
_NOT_SAID = ("facets", "synonyms", "version", "learning_key", "content_key")


def learning_key(base: KnowledgeBase) -> str:
    """A hash of all that training reads: ids in their order, questions, titles, phrasings, facets, synonyms."""
    return _hashed(
        [
            [[entry.id, entry.question, entry.title, entry.phrasings] for entry in base.entries.values()],
            [[subject.id, subject.phrasings] for subject in base.subjects.values()],
            [[social.id, social.phrasings] for social in base.social.values()],
            [[facet.name, list(facet.values.items()), facet.others] for facet in base.facets],
            base.synonyms,
        ]
    )


def content_key(base: KnowledgeBase) -> str:
    """A hash of all that is not learned: answers, rows, labels, follow-ups, replies, `not:` questions, headings, wording ..."""
    said = {name: value for name, value in asdict(base).items() if name not in _NOT_SAID}
    said["prompts"] = [entry.id for entry in base.prompts]
    for group, learned in _LEARNED.items():
        said[group] = [{key: value for key, value in each.items() if key not in learned} for each in said[group].values()]
    return _hashed(said)


def _hashed(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:32]
