"""Multinomial logistic regression on text vectors, in its dual form, with nothing but numpy.

The dual works on the matrix of similarities between the training texts, so its cost does not depend on the number of
features. The texts are taken in blocks, each solved in turn against the others: three rounds of that reach what forty
steps over all texts at once reach, in a third of the time. Within a block Nesterov's method descends; the few directions in
which the similarities are largest, which would force small steps on all, are flattened first (as EigenPro does, Ma and
Belkin 2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from bot.matching.lexical import Vector

    Matrix = NDArray[np.float32]

DENSE_FEATURES = 1500
"""Features common enough that multiplying them as a dense block beats walking their postings."""
BLOCKS, ROUNDS, STEPS = 6, 3, 8
"""Blocks of texts, rounds over all of them, and steps within a block each time."""
FLATTENED = 48
"""Directions flattened within a block."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """The trained classifier as an engine: `weights` (features, classes) in float32, of the precision of half floats."""

    name: ClassVar[str] = "classifier"
    weights: Matrix

    def probabilities(self, vector: Vector) -> Matrix:
        """The probability of each class for one text."""
        scores = vector.weights @ self.weights[vector.ids]
        return softmax(scores)

    def speaks(self, vector: Vector, one: int, other: int) -> Matrix:
        """How much each feature of a text speaks for class `one` against class `other`."""
        rows = self.weights[vector.ids]
        return np.asarray(vector.weights * (rows[:, one] - rows[:, other]), np.float32)

    def judged(self, vectors: Sequence[Vector], labels: NDArray[np.int64]) -> tuple[Classifier, Matrix]:  # noqa: ARG002 - no constants
        """The classifier as it is, and the probabilities (n, classes) of held-out texts."""
        return self, np.stack([self.probabilities(vector) for vector in vectors])

    def settled(self, tried: Sequence[Classifier]) -> Classifier:  # noqa: ARG002 - there is nothing to settle
        """The classifier in the precision in which it is kept."""
        return Classifier(self.weights.astype(np.float16).astype(np.float32))

    def arrays(self) -> Mapping[str, Any]:
        """The weights as half floats: half the file, and no first guess changes."""
        return {"weights": self.weights.astype(np.float16)}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Classifier:
        """The classifier that consists of these arrays."""
        return cls(arrays["weights"].astype(np.float32))


def softmax(scores: Matrix) -> Matrix:
    """Rows of scores as rows of probabilities."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def similarities(vectors: Sequence[Vector], features: int) -> Matrix:
    """The matrix (n, n) of dot products of all texts with all texts."""
    rows, ids, weights = _flat(vectors)
    n = len(vectors)
    common = np.argsort(-np.bincount(ids, minlength=features))[:DENSE_FEATURES]
    place = np.full(features, -1, np.int64)
    place[common] = np.arange(len(common))
    in_block = place[ids] >= 0
    block = np.zeros((n, len(common)), np.float32)
    block[rows[in_block], place[ids[in_block]]] = weights[in_block]
    kernel = block @ block.T
    _add_rare(kernel, rows[~in_block], ids[~in_block], weights[~in_block], features)
    return kernel


def _add_rare(kernel: Matrix, rows: NDArray[np.int64], ids: NDArray[np.int32], weights: Matrix, features: int) -> None:
    """Add the products of the rare features, through the list of texts in which each of them occurs."""
    order = np.argsort(ids, kind="stable")
    posted_rows, posted_weights = rows[order], weights[order]
    start = np.concatenate([[0], np.cumsum(np.bincount(ids, minlength=features))])
    bounds = np.searchsorted(rows, np.arange(len(kernel) + 1))
    for row in range(len(kernel)):
        mine = slice(bounds[row], bounds[row + 1])
        spans = [slice(start[i], start[i + 1]) for i in ids[mine]]
        if not spans:
            continue
        lengths = [span.stop - span.start for span in spans]
        others = np.concatenate([posted_rows[span] for span in spans])
        products = np.concatenate([posted_weights[span] for span in spans]) * np.repeat(weights[mine], lengths)
        kernel[row] += np.bincount(others, products, minlength=len(kernel)).astype(np.float32)


def _flat(vectors: Sequence[Vector]) -> tuple[NDArray[np.int64], NDArray[np.int32], Matrix]:
    rows = np.repeat(np.arange(len(vectors)), [len(vector.ids) for vector in vectors])
    return rows, np.concatenate([v.ids for v in vectors]), np.concatenate([v.weights for v in vectors])


def fit(
    kernel: Matrix,
    labels: NDArray[np.int64],
    classes: int,
    *,
    cost: float = 20.0,
    tick: Callable[[], None] = lambda: None,
) -> Matrix:
    """The dual coefficients (n, classes) that explain the labels (n, each below `classes`) from the similarities (n, n).

    `kernel @ coefficients` are the scores of the training texts. The texts must stand in random order, for they are taken in
    blocks. `cost` weighs errors against large coefficients; `tick` is called `BLOCKS * ROUNDS` times.
    """
    target = np.eye(classes, dtype=np.float32)[labels]
    blocks = [_Block(kernel, place) for place in np.array_split(np.arange(len(kernel)), min(BLOCKS, len(kernel)))]
    coefficients = np.zeros_like(target)
    for _ in range(ROUNDS):
        for block in blocks:
            rows = block.rows
            others = kernel[rows] @ coefficients - block.kernel @ coefficients[rows]
            coefficients[rows] = block.descend(coefficients[rows], others, target[rows], cost)
            tick()
    return coefficients


class _Block:
    """A share of the training texts, solved while the others stand still (their part of the scores is given)."""

    def __init__(self, kernel: Matrix, place: NDArray[np.int64]) -> None:
        self.rows = slice(place[0], place[-1] + 1)
        self.kernel = kernel[self.rows, self.rows]
        self._values, self._directions = _largest(self.kernel, max(1, min(FLATTENED, len(place) // 4)))

    def descend(self, start: Matrix, others: Matrix, target: Matrix, cost: float) -> Matrix:
        """The block's coefficients after some steps of Nesterov's method from `start`."""
        floor = self._values[-1] / 2 + 1 / cost
        shrink = (1 - floor / (self._values / 2 + 1 / cost))[:, None]
        ahead = current = start
        pace = 1.0
        for _ in range(STEPS):
            gradient = softmax(others + self.kernel @ ahead) - target + ahead / np.float32(cost)
            gradient -= self._directions @ (shrink * (self._directions.T @ gradient))
            following = ahead - gradient / floor
            faster = (1 + (1 + 4 * pace * pace) ** 0.5) / 2
            ahead = following + np.float32((pace - 1) / faster) * (following - current)
            current, pace = following, faster
        return current


def _largest(kernel: Matrix, count: int) -> tuple[Matrix, Matrix]:
    """The `count` largest eigenvalues (descending) and eigenvectors (n, count), near enough, by subspace iteration."""
    basis = np.random.default_rng(0).standard_normal((len(kernel), min(len(kernel), count + 8))).astype(np.float32)
    for _ in range(4):
        basis, _ = np.linalg.qr(kernel @ basis)
    values, turn = np.linalg.eigh(basis.T @ (kernel @ basis))
    order = np.argsort(-values)[:count]
    return values[order].astype(np.float32), (basis @ turn[:, order]).astype(np.float32)


def weights_of(vectors: Sequence[Vector], coefficients: Matrix, features: int) -> Matrix:
    """The classifier as one row of weights a feature (features, classes): what `coefficients` say of every feature."""
    rows, ids, values = _flat(vectors)
    order = np.argsort(ids, kind="stable")
    rows, ids, values = rows[order], ids[order], values[order]
    weights = np.zeros((features, coefficients.shape[1]), np.float32)
    for begin in range(0, len(ids), 50_000):
        part = slice(begin, begin + 50_000)
        heads = np.flatnonzero(np.diff(ids[part], prepend=-1))
        sums = np.add.reduceat(coefficients[rows[part]] * values[part, None], heads, axis=0)
        weights[ids[part][heads]] += sums
    return weights
