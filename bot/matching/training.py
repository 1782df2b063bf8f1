"""From a knowledge base to a trained `Model`: read every phrasing, cross-validate, calibrate, fit.

Cross-validation holds out a part of all phrasings, and with them whole subjects and some whole entries, so that the
calibration learns how a question looks that nothing answers. Knowledge that is too large for the classifier is learned by
`neighbours`, in the same steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from bot.matching import classifier
from bot.matching.analysis import Analyzer
from bot.matching.confidence import FEWEST_OUTCOMES, Calibration, Signals, calibrate
from bot.matching.counted import CountedTexts
from bot.matching.lexical import Lexicon
from bot.matching.model import Model, classes_of
from bot.matching.neighbours import Neighbours

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from bot.knowledge.entry import KnowledgeBase
    from bot.matching.analysis import Analysis
    from bot.matching.engine import Engine
    from bot.matching.lexical import Terms, Vector

MOST_PHRASINGS, MOST_ENTRIES = 20_000, 1_000
"""Phrasings and entries beyond which the classifier, which compares all phrasings with all, gives way to `neighbours`."""
PARTS, FOLDS = 5, 2
"""Cross-validation cuts the phrasings into so many parts, and holds out so many of them in turn."""
TRIED = 2_000
"""Held-out texts of a fold that `neighbours` is asked: enough for the few constants that are found with them."""
COST = 20.0
_ENTRY_IN = 25
"""One entry in so many is left out whole in each fold (one in `PARTS` where there are no subjects)."""
_A_STEP = 1000
"""Phrasings that make a step of progress where there are very many."""


class Progress(Protocol):
    """Told how far training is: called with steps done and steps in all."""

    def __call__(self, done: int, total: int, /) -> None:
        """Show it, or do nothing."""


def _silent(done: int, total: int, /) -> None:
    """Progress for those who do not look."""


@dataclass(frozen=True, slots=True)
class _Corpus:
    """Every phrasing with its class; of the classes entries come first, then subjects, then social kinds.

    The phrasings stand in random order for the classifier, and in the order of their classes (in `CountedTexts`) for `neighbours`.
    """

    classes: tuple[str, ...]
    entries: int
    subjects: int
    keys: tuple[str, ...]
    terms: tuple[Terms, ...] | CountedTexts
    labels: NDArray[np.int64]


def train(base: KnowledgeBase, progress: Progress = _silent) -> Model:
    """The model of a knowledge base. Takes seconds for thousands of phrasings; the same input gives the same model."""
    texts = _texts(base)
    count = sum(map(len, texts))
    large = count > MOST_PHRASINGS or len(base.entries) > MOST_ENTRIES
    total = (FOLDS + 2) * (count // _A_STEP + 1) if large else (FOLDS + 1) * classifier.BLOCKS * classifier.ROUNDS
    steps = _Steps(progress, total)
    corpus = _large_corpus(base, texts, steps) if large else _corpus(base, texts)
    calibration, tried = _cross_validated(corpus, steps)
    lexicon, engine = _fitted(corpus, np.arange(len(corpus.labels)), steps)
    steps.finish()
    exact = dict(zip(corpus.keys, corpus.labels.tolist(), strict=True))
    return Model(
        base.learning_key, corpus.classes, corpus.entries, corpus.subjects, lexicon, engine.settled(tried), calibration, exact
    )  # fmt: skip


class _Steps:
    """Counts iterations over several fits for one progress bar."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._done, self._total = progress, 0, total

    def tick(self, steps: int = 1) -> None:
        self._done = min(self._done + steps, self._total)
        self._progress(self._done, self._total)

    def finish(self) -> None:
        self._progress(self._total, self._total)


def _texts(base: KnowledgeBase) -> list[tuple[str, ...]]:
    """The phrasings of each class, in the order of the classes."""
    return [
        *((entry.question, entry.title, *entry.phrasings) for entry in base.entries.values()),
        *(subject.phrasings for subject in base.subjects.values()),
        *(social.phrasings for social in base.social.values()),
    ]


def _analyses(base: KnowledgeBase, texts: list[tuple[str, ...]]) -> Iterator[tuple[Analysis, int]]:
    """Every phrasing that holds a word, analysed, with its class."""
    analyzer = Analyzer(base.facets, base.synonyms)
    analyses = ((analyzer.analyze(text), label) for label, group in enumerate(texts) for text in group)
    return ((analysis, label) for analysis, label in analyses if analysis.words)


def _corpus(base: KnowledgeBase, texts: list[tuple[str, ...]]) -> _Corpus:
    analyses = list(_analyses(base, texts))
    np.random.default_rng(0).shuffle(analyses)
    return _Corpus(
        classes=classes_of(base),
        entries=len(base.entries),
        subjects=len(base.subjects),
        keys=tuple(analysis.key for analysis, _ in analyses),
        terms=tuple(analysis.terms for analysis, _ in analyses),
        labels=np.array([label for _, label in analyses], np.int64),
    )


def _large_corpus(base: KnowledgeBase, texts: list[tuple[str, ...]], steps: _Steps) -> _Corpus:
    """The same without keeping the analyses, of which each is large."""
    counted = CountedTexts()
    keys: list[str] = []
    labels: list[int] = []
    for analysis, label in _analyses(base, texts):
        counted.add(analysis.terms)
        keys.append(analysis.key)
        labels.append(label)
        if not len(keys) % _A_STEP:
            steps.tick()
    return _Corpus(
        classes=classes_of(base),
        entries=len(base.entries),
        subjects=len(base.subjects),
        keys=tuple(keys),
        terms=counted,
        labels=np.array(labels, np.int64),
    )


def _fitted(corpus: _Corpus, rows: NDArray[np.int64], steps: _Steps) -> tuple[Lexicon, Engine]:
    """The lexicon and engine learned from some rows of the corpus."""
    if isinstance(corpus.terms, CountedTexts):
        lexicon = corpus.terms.lexicon(rows)
        phrasings = corpus.terms.vectors(rows, lexicon)
        engine = Neighbours.fit(phrasings, corpus.labels[rows], len(corpus.classes), len(lexicon))
        steps.tick(len(corpus.labels) // _A_STEP)
        return lexicon, engine
    lexicon = Lexicon.learn([corpus.terms[i] for i in rows])
    vectors = [lexicon.vector(corpus.terms[i]) for i in rows]
    kernel = classifier.similarities(vectors, len(lexicon))
    coefficients = classifier.fit(kernel, corpus.labels[rows], len(corpus.classes), cost=COST, tick=steps.tick)
    return lexicon, classifier.Classifier(classifier.weights_of(vectors, coefficients, len(lexicon)))


def _cross_validated(corpus: _Corpus, steps: _Steps) -> tuple[Calibration, list[Engine]]:
    """The calibration, and the engines that were tried on what they had not seen."""
    signals: list[Signals] = []
    right: list[bool] = []
    covered: list[bool] = []
    tried: list[Engine] = []
    if len(corpus.labels) < FEWEST_OUTCOMES:
        return calibrate(signals, right, covered), tried
    for held_out in _folds(corpus):
        lexicon, engine = _fitted(corpus, np.flatnonzero(~held_out), steps)
        rows = _asked(corpus, held_out)
        if not len(rows):
            continue
        vectors = [lexicon.vector(corpus.terms[i]) for i in rows]
        engine, found = engine.judged(vectors, corpus.labels[rows])
        tried.append(engine)
        signals += [signals_of(*pair, corpus.entries) for pair in zip(vectors, found, strict=True)]
        right += (found[:, : corpus.entries].argmax(axis=1) == corpus.labels[rows]).tolist()
        covered += (corpus.labels[rows] < corpus.entries).tolist()
    return calibrate(signals, right, covered), tried


def _asked(corpus: _Corpus, held_out: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The held-out rows about entries and subjects; of very many a sample."""
    rows = np.flatnonzero(held_out & (corpus.labels < corpus.entries + corpus.subjects))
    if not isinstance(corpus.terms, CountedTexts) or len(rows) <= TRIED:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, TRIED, replace=False))


def _folds(corpus: _Corpus) -> Sequence[NDArray[np.bool_]]:
    """For each fold, which rows are held out: a share of all, whole subjects in turn, some whole entries."""
    draw = np.random.default_rng(0)
    row_fold = draw.integers(0, PARTS, len(corpus.labels))
    class_fold = draw.integers(0, PARTS, len(corpus.classes))
    if corpus.subjects:
        class_fold[: corpus.entries] = draw.integers(0, _ENTRY_IN, corpus.entries)
    class_fold[corpus.entries + corpus.subjects :] = PARTS
    return [(row_fold == fold) | (class_fold[corpus.labels] == fold) for fold in range(FOLDS)]


def signals_of(vector: Vector, found: classifier.Matrix, entries: int) -> Signals:
    """What the probabilities of a text say to the calibration; the first `entries` classes are entries."""
    rival = float(found[entries:].max()) if len(found) > entries else 0.0
    return Signals(float(found[:entries].max()), rival, float(vector.weights @ vector.weights))
