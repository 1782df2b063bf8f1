"""From a knowledge base to a trained `Model`: read every phrasing, cross-validate, calibrate, fit.

Cross-validation holds out a part of all phrasings, and with them whole subjects and some whole entries, so that the
calibration learns how a question looks that nothing answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from bot.matching import classifier
from bot.matching.confidence import FEWEST_OUTCOMES, Calibration, Signals, calibrate
from bot.matching.lexical import Lexicon
from bot.matching.model import Model
from bot.matching.reading import Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bot.knowledge.entry import KnowledgeBase
    from bot.matching.lexical import Terms, Vector

PARTS, FOLDS = 5, 2
"""Cross-validation cuts the phrasings into so many parts, and holds out so many of them in turn."""
COST = 20.0
_ENTRY_IN = 25
"""One entry in so many is left out whole in each fold (one in `PARTS` where there are no subjects)."""


class Progress(Protocol):
    """Told how far training is: called with steps done and steps in all."""

    def __call__(self, done: int, total: int, /) -> None:
        """Show it, or do nothing."""


def _silent(done: int, total: int, /) -> None:
    """Progress for those who do not look."""


@dataclass(frozen=True, slots=True)
class _Corpus:
    """Every phrasing with its class, in random order; of the classes entries come first, then subjects, then social kinds."""

    classes: tuple[str, ...]
    entries: int
    subjects: int
    keys: tuple[str, ...]
    terms: tuple[Terms, ...]
    labels: NDArray[np.int64]


def train(base: KnowledgeBase, progress: Progress = _silent) -> Model:
    """The model of a knowledge base. Takes seconds for thousands of phrasings; the same input gives the same model."""
    corpus = _corpus(base)
    steps = _Steps(progress, (FOLDS + 1) * classifier.BLOCKS * classifier.ROUNDS)
    calibration = _cross_validated(corpus, steps)
    lexicon, weights = _fitted(corpus, np.arange(len(corpus.labels)), steps)
    weights = weights.astype(np.float16).astype(np.float32)  # as they are once they were kept
    steps.finish()
    exact = dict(zip(corpus.keys, corpus.labels.tolist(), strict=True))
    return Model(
        base.fingerprint, corpus.classes, corpus.entries, corpus.subjects, lexicon, weights, calibration, exact
    )  # fmt: skip


class _Steps:
    """Counts iterations over several fits for one progress bar."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._done, self._total = progress, 0, total

    def tick(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)

    def finish(self) -> None:
        self._progress(self._total, self._total)


def _corpus(base: KnowledgeBase) -> _Corpus:
    reader = Reader(base.facets, base.synonyms)
    texts = [
        *((entry.question, entry.title, *entry.phrasings) for entry in base.entries.values()),
        *(subject.phrasings for subject in base.subjects.values()),
        *(social.phrasings for social in base.social.values()),
    ]
    readings = [(reader.read(text), label) for label, group in enumerate(texts) for text in group]
    readings = [(reading, label) for reading, label in readings if reading.words]
    np.random.default_rng(0).shuffle(readings)
    return _Corpus(
        classes=(*base.entries, *base.subjects, *base.social),
        entries=len(base.entries),
        subjects=len(base.subjects),
        keys=tuple(reading.key for reading, _ in readings),
        terms=tuple(reading.terms for reading, _ in readings),
        labels=np.array([label for _, label in readings], np.int64),
    )


def _fitted(corpus: _Corpus, rows: NDArray[np.int64], steps: _Steps) -> tuple[Lexicon, classifier.Matrix]:
    """The lexicon and weights learned from some rows of the corpus."""
    lexicon = Lexicon.learn([corpus.terms[i] for i in rows])
    vectors = [lexicon.vector(corpus.terms[i]) for i in rows]
    kernel = classifier.similarities(vectors, len(lexicon))
    coefficients = classifier.fit(kernel, corpus.labels[rows], len(corpus.classes), cost=COST, tick=steps.tick)
    return lexicon, classifier.weights_of(vectors, coefficients, len(lexicon))


def _cross_validated(corpus: _Corpus, steps: _Steps) -> Calibration:
    signals: list[Signals] = []
    right: list[bool] = []
    covered: list[bool] = []
    if len(corpus.labels) < FEWEST_OUTCOMES:
        return calibrate(signals, right, covered)
    for held_out in _folds(corpus):
        lexicon, weights = _fitted(corpus, np.flatnonzero(~held_out), steps)
        for i in np.flatnonzero(held_out & (corpus.labels < corpus.entries + corpus.subjects)):
            vector = lexicon.vector(corpus.terms[i])
            found = probabilities(vector, weights)
            signals.append(signals_of(vector, found, corpus.entries))
            right.append(int(found[: corpus.entries].argmax()) == corpus.labels[i])
            covered.append(bool(corpus.labels[i] < corpus.entries))
    return calibrate(signals, right, covered)


def _folds(corpus: _Corpus) -> Sequence[NDArray[np.bool_]]:
    """For each fold, which rows are held out: a share of all, whole subjects in turn, some whole entries."""
    draw = np.random.default_rng(0)
    row_fold = draw.integers(0, PARTS, len(corpus.labels))
    class_fold = draw.integers(0, PARTS, len(corpus.classes))
    if corpus.subjects:
        class_fold[: corpus.entries] = draw.integers(0, _ENTRY_IN, corpus.entries)
    class_fold[corpus.entries + corpus.subjects :] = PARTS
    return [(row_fold == fold) | (class_fold[corpus.labels] == fold) for fold in range(FOLDS)]


def probabilities(vector: Vector, weights: classifier.Matrix) -> classifier.Matrix:
    """The probability of each class for one text."""
    scores = vector.weights @ weights[vector.ids]
    return classifier.softmax(scores)


def signals_of(vector: Vector, found: classifier.Matrix, entries: int) -> Signals:
    """What the probabilities of a text say to the calibration; the first `entries` classes are entries."""
    rival = float(found[entries:].max()) if len(found) > entries else 0.0
    return Signals(float(found[:entries].max()), rival, float(vector.weights @ vector.weights))
