"""From a message to a `Match`: analyse it, weigh it, rank the entries, and say how sure one may be."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bot.matching.analysis import Analysis, Analyzer
from bot.matching.candidate import Candidate, Match
from bot.matching.spelling import Speller
from bot.matching.text import normalise, symbols, words
from bot.matching.training import signals_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from bot.knowledge.entry import KnowledgeBase
    from bot.matching.classifier import Matrix
    from bot.matching.facets import Mention
    from bot.matching.lexical import Vector
    from bot.matching.model import Model

KEPT = 5
"""Candidates of each sort that a match keeps."""
CONFLICT = 0.05
"""What is left of an entry about one value of a facet when the message names another value only."""


class Matcher:
    """Ranks the entries of one knowledge base for a message. Safe to share between threads once built."""

    def __init__(self, base: KnowledgeBase, model: Model) -> None:
        self._base = base
        self._model = model
        self._analyzer = Analyzer(base.facets, base.synonyms)
        self._speller = Speller(_counts(model))
        self._symbols = {
            symbol: group.id
            for group in base.social.values()
            for phrasing in group.phrasings
            if not words(normalise(phrasing))
            for symbol in symbols(phrasing)
        }
        self._about = _about(base, model)
        self._places = {id_: i for i, id_ in enumerate(model.classes[: model.entries])}
        self._never = _never(base, self._analyzer)

    @property
    def model(self) -> Model:
        """What was learned; knowledge that teaches the same goes on with it."""
        return self._model

    def ruled_out(self, text: str) -> frozenset[str]:
        """The entries that must never answer a message: it is one of their `not:` questions, as typed or with its spelling corrected."""
        return self._ruled_out(text, self._analyzer.analyze(text, self._speller)) if self._never else frozenset()

    def rank(self, text: str, *others: str, boosts: Mapping[str, float] | None = None, without: Collection[str] = ()) -> Match:
        """What a message may be asking for. Never raises; an unreadable message gives an empty match.

        `others` are the same message in other words (with what the conversation was about); the candidates are those of all
        of them together. `boosts` multiply the probability of entries, by id. Entries that `not:` rules out for `text`, and those in
        `without`, are no candidates, and no number rests on them.
        """
        analyses = [self._analyzer.analyze(each, self._speller) for each in (text, *others)]
        excluded = {*without, *(self._ruled_out(text, analyses[0]) if self._never else ())}
        analyses = [analysis for analysis in analyses if analysis.words]
        if not analyses:
            return self._wordless(text)
        vectors = [self._model.lexicon.vector(analysis.terms) for analysis in analyses]
        each = [self._agreeing(self._probabilities(*pair, excluded), pair[0].mentions) for pair in zip(analyses, vectors, strict=True)]
        found = each[0] if len(each) == 1 else np.mean(each, axis=0)
        if boosts:
            found = self._boosted(found, boosts)
        rest = _without(found, [self._places[id_] for id_ in excluded if id_ in self._places]) if excluded else found
        signals = signals_of(vectors[0], rest, self._model.entries)
        scaled = _scaled(rest, found) if excluded else found
        match = self._match(analyses[0], scaled, signals.known, self._model.calibration.confidence(signals))
        return _ruling_out(match, excluded) if excluded else match

    def because(self, text: str, entry: str, other: str) -> tuple[str, ...]:
        """The words and word pairs of a message that speak for one entry against another, the weightiest first, at most five."""
        analysis = self._analyzer.analyze(text, self._speller)
        vector = self._model.lexicon.vector(analysis.terms)
        classes = self._model.classes
        says = self._model.engine.speaks(vector, classes.index(entry), classes.index(other))
        named = [(float(weight), self._model.lexicon.names[i]) for weight, i in zip(says, vector.ids, strict=True)]
        return tuple(name for weight, name in sorted(named, reverse=True) if weight > 0 and name[0] != "~")[:5]

    def _wordless(self, text: str) -> Match:
        """A message without words: small talk where its first known symbol is a phrasing of it, else nothing."""
        group = next((self._symbols[symbol] for symbol in symbols(text) if symbol in self._symbols), None)
        return Match.nothing() if group is None else replace(Match.nothing(), social=(Candidate(group, 1.0),))

    def _boosted(self, found: Matrix, boosts: Mapping[str, float]) -> Matrix:
        factors = np.array([boosts.get(id_, 1.0) for id_ in self._model.classes], np.float32)
        boosted = found * factors
        left = float(boosted.sum())
        return np.asarray(boosted * (float(found.sum()) / left) if left else boosted, np.float32)

    def _ruled_out(self, text: str, meant: Analysis) -> frozenset[str]:
        found = self._never.get(meant.key, frozenset())
        return found | self._never.get(self._analyzer.analyze(text).key, frozenset()) if self._never and meant.corrections else found

    def _probabilities(self, analysis: Analysis, vector: Vector, excluded: Collection[str]) -> Matrix:
        exact = self._model.exact.get(analysis.key)
        if exact is not None and self._model.classes[exact] not in excluded:
            found = np.full(len(self._model.classes), 1e-6, np.float32)
            found[exact] = 1.0
            return np.asarray(found / found.sum(), np.float32)
        return self._model.engine.probabilities(vector)

    def _agreeing(self, found: Matrix, mentions: Iterable[Mention]) -> Matrix:
        """The probabilities with entries held down that are about another value of a facet than the message names."""
        named: dict[str, set[str]] = {}
        for mention in mentions:
            named.setdefault(mention.facet, set()).add(mention.value)
        if not named:
            return found
        factors = np.ones(len(found), np.float32)
        for facet, values in named.items():
            for value, entries in self._about.get(facet, {}).items():
                if value not in values:
                    factors[entries] = CONFLICT
        return np.asarray(found * factors, np.float32)

    def _match(self, analysis: Analysis, found: Matrix, known: float, confidence: float) -> Match:
        entries, subjects = self._model.entries, self._model.subjects
        covered = float(found[:entries].sum())
        topical = covered + float(found[entries : entries + subjects].sum())
        return Match(
            words=analysis.words,
            corrections=analysis.corrections,
            mentions=analysis.mentions,
            entries=self._best(found, 0, entries),
            subjects=self._best(found, entries, entries + subjects),
            social=self._best(found, entries + subjects, len(found)),
            scope=covered / topical if topical else 0.0,
            choice=float(found[:entries].max()) / covered if covered else 0.0,
            confidence=confidence,
            known=known,
        )

    def _best(self, found: Matrix, begin: int, end: int) -> tuple[Candidate, ...]:
        part = -found[begin:end]
        near = np.argpartition(part, KEPT)[:KEPT] if len(part) > KEPT else np.arange(len(part))
        order = (begin + near[np.argsort(part[near])]).tolist()
        return tuple(Candidate(self._model.classes[i], float(found[i])) for i in order)


def _without(found: Matrix, places: list[int]) -> Matrix:
    """The probabilities with nothing at some places. The rest stay as small as they are: what is next door to one is not surely another."""
    rest = found.copy()
    rest[places] = 0.0
    return rest


def _scaled(rest: Matrix, found: Matrix) -> Matrix:
    """What is left of some probabilities, together as much as they were: the others' chances, given that it is none that was taken out."""
    left = float(rest.sum())
    return np.asarray(rest * (float(found.sum()) / left), np.float32) if left and rest is not found else rest


def _ruling_out(match: Match, excluded: Collection[str]) -> Match:
    """The match without the entries that are ruled out, which have no probability left; nothing is sure where none is left."""
    entries = tuple(entry for entry in match.entries if entry.id not in excluded)
    return replace(match, entries=entries, confidence=match.confidence if entries else 0.0, ruled_out=tuple(sorted(excluded)))


def _never(base: KnowledgeBase, analyzer: Analyzer) -> dict[str, frozenset[str]]:
    """For the key of each `not:` question, as it is written, the entries that it rules out."""
    found: dict[str, frozenset[str]] = {}
    for entry in base.entries.values():
        for text in entry.never:
            key = analyzer.analyze(text).key
            if key:
                found[key] = found.get(key, frozenset()) | {entry.id}
    return found


def _about(base: KnowledgeBase, model: Model) -> dict[str, dict[str, list[int]]]:
    """For each facet and each value of it, the positions of the entries about it."""
    found: dict[str, dict[str, list[int]]] = {}
    for i, id_ in enumerate(model.classes[: model.entries]):
        for facet, value in base.entries[id_].about.items():
            found.setdefault(facet, {}).setdefault(value, []).append(i)
    return found


def _counts(model: Model) -> dict[str, int]:
    """In about how many texts each known word occurs, read back from how rare the lexicon calls it."""
    lexicon = model.lexicon
    n = math.exp(lexicon.unseen - 1) - 1
    return {
        name: round((1 + n) / math.exp(weight - 1) - 1)
        for name, weight in zip(lexicon.names, lexicon.idf.tolist(), strict=True)
        if name[0] != "~" and " " not in name and "=" not in name
    }
