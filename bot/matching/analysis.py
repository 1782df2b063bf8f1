"""A raw message as the words that matching compares: normalised, corrected, synonyms and facets canonical.

Training and answering analyse in the same way; only answering corrects the spelling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.language import questions
from bot.matching.facets import FacetFinder, Mention
from bot.matching.lexical import Terms, terms
from bot.matching.text import normalise, without_opening, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.knowledge.entry import Facet
    from bot.matching.spelling import Speller


_LEFT = 3
"""Words that a message must keep when what only surrounds it is left out."""


def core(sequence: Sequence[str]) -> Sequence[str]:
    """The words of a message without the greeting in front and the thanks behind, if a question of three words or more is left."""
    begin = next((i for i, word in enumerate(sequence) if word not in questions.WORDS_BEFORE), 0)
    end = len(sequence) - next((i for i, word in enumerate(reversed(sequence)) if word not in questions.WORDS_AFTER), 0)
    return sequence[begin:end] if end - begin >= _LEFT else sequence


@dataclass(frozen=True, slots=True)
class Analysis:
    """A message as it is compared: its `words` (canonical), the facets it names, its features, and what was corrected."""

    words: tuple[str, ...]
    mentions: tuple[Mention, ...]
    terms: Terms
    corrections: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """The same for two messages that come to the same words."""
        return " ".join(self.words)


class Analyzer:
    """Analyses messages with the facets and synonyms of one knowledge base."""

    def __init__(self, facets: Iterable[Facet], synonyms: Iterable[Sequence[str]]) -> None:
        self._facets = FacetFinder(facets)
        self._canonical: dict[tuple[str, ...], tuple[str, ...]] = {}
        for group in synonyms:
            first, *others = (tuple(words(normalise(form))) for form in group)
            self._canonical |= dict.fromkeys(others, first)
        self._longest = max(map(len, self._canonical), default=0)

    def analyze(self, text: str, speller: Speller | None = None) -> Analysis:
        """The analysis of a raw text; with a speller, typing errors are corrected."""
        typed = words(without_opening(normalise(text)))
        meant = [(word, speller.meant(word) if speller else (word,)) for word in typed]
        corrections = tuple((word, " ".join(intended)) for word, intended in meant if intended != (word,))
        sequence = self._unify(core([word for _, intended in meant for word in intended]))
        mentions = self._facets.find(sequence)
        marked = terms(sequence)
        counted = {**marked.words, **{mention.mark: 1 for mention in mentions}}
        return Analysis(tuple(sequence), mentions, Terms(counted, marked.pieces), corrections)

    def _unify(self, sequence: Sequence[str]) -> list[str]:
        """The words with each synonym replaced by the first of its group."""
        unified: list[str] = []
        position = 0
        while position < len(sequence):
            for length in range(self._longest, 0, -1):
                form = tuple(sequence[position : position + length])
                if form in self._canonical and len(form) == length:
                    unified += self._canonical[form]
                    position += length
                    break
            else:
                unified.append(sequence[position])
                position += 1
        return unified
