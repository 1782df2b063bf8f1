"""Which facets a message names: "what does a research scientist make at L7?" is about `role=researcher` and `level=l7`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.matching.text import normalise, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.knowledge.entry import Facet

NOT_COVERED = "other"


@dataclass(frozen=True, slots=True)
class Mention:
    """A facet named in a message: words `begin` to `end` (exclusive) name `value`, which the knowledge covers or not."""

    facet: str
    value: str
    covered: bool
    begin: int
    end: int

    @property
    def mark(self) -> str:
        """The feature that stands for this mention: `role=pm`, or `role=other` for every value that is not covered."""
        return f"{self.facet}={self.value if self.covered else NOT_COVERED}"


class FacetFinder:
    """Finds the surface forms of facets in a sequence of words; a longer form wins over a shorter one inside it."""

    def __init__(self, facets: Iterable[Facet]) -> None:
        self._forms: dict[str, list[tuple[tuple[str, ...], str, str, bool]]] = defaultdict(list)
        for facet in facets:
            for value, forms in facet.values.items():
                self._learn(facet.name, value, (value, *forms), covered=True)
            for group in facet.others:
                self._learn(facet.name, group[0], group, covered=False)
        for forms_of_word in self._forms.values():
            forms_of_word.sort(key=lambda form: -len(form[0]))

    def _learn(self, facet: str, value: str, forms: Iterable[str], *, covered: bool) -> None:
        for form in forms:
            parts = tuple(words(normalise(form)))
            if parts:
                self._forms[parts[0]].append((parts, facet, value, covered))

    def find(self, sequence: Sequence[str]) -> tuple[Mention, ...]:
        """The mentions in a message given as words, in order, none inside another."""
        return tuple(self._walk(sequence))

    def _walk(self, sequence: Sequence[str]) -> Iterator[Mention]:
        begin = 0
        while begin < len(sequence):
            for parts, facet, value, covered in self._forms.get(sequence[begin], ()):
                end = begin + len(parts)
                if tuple(sequence[begin:end]) == parts:
                    yield Mention(facet, value, covered, begin, end)
                    begin = end - 1
                    break
            begin += 1
