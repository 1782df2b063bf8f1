"""Centroids and the nearest phrasing: the engine for knowledge that is too large for the classifier.

The classifier compares all phrasings with all; this reads each of them once. A message is compared with the mean of each class
(its centroid), and in the classes that are nearest by that with every phrasing. Both likenesses are cosines; added up with two
weights, which cross-validation finds, they are the scores of a softmax. Of a centroid the square roots are taken, so that what
only some of the phrasings say counts for more (docs/decisions/0010).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bot.matching.classifier import softmax
from bot.matching.counted import Rows, spans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from bot.matching.classifier import Matrix
    from bot.matching.lexical import Vector

NEAREST = 10
"""Classes whose phrasings are compared one by one."""
PULL = (54.0, 8.0)
"""Weights of the two likenesses where there is nothing to find them from: those of the shipped knowledge."""
_RIDGE = 1e-4
_STEPS = 30


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What is known of the classes.

    `centroids` has a row for each feature: the classes in whose centroid it occurs, and its weight there. `phrasings` has a row
    for each phrasing, in the order of the classes; class c has the rows from `first[c]` to `first[c + 1]`. `pull` are the weights
    of the likeness to the centroid and to the nearest phrasing.
    """

    name: ClassVar[str] = "neighbours"
    centroids: Rows
    phrasings: Rows
    first: NDArray[np.int64]
    pull: NDArray[np.float32]

    @classmethod
    def fit(cls, phrasings: Rows, labels: NDArray[np.int64], classes: int, features: int) -> Neighbours:
        """The engine of phrasings that stand in the order of their labels (n, each below `classes`)."""
        first = np.searchsorted(labels, np.arange(classes + 1))
        return cls(_centroids(phrasings, first, features), phrasings, first, np.array(PULL, np.float32))

    def probabilities(self, vector: Vector) -> Matrix:
        """The probability of each class for one text."""
        return softmax(self._likenesses(vector) @ self.pull)

    def speaks(self, vector: Vector, one: int, other: int) -> Matrix:
        """How much each feature of a text speaks for class `one` against class `other`, as the centroids see it."""
        found = np.zeros(len(vector.ids), np.float32)
        for i, feature in enumerate(vector.ids):
            span = slice(self.centroids.start[feature], self.centroids.start[feature + 1])
            classes, weights = self.centroids.ids[span], self.centroids.weights[span].astype(np.float32)
            found[i] = weights[classes == one].sum() - weights[classes == other].sum()
        return np.asarray(found * vector.weights * self.pull[0], np.float32)

    def judged(self, vectors: Sequence[Vector], labels: NDArray[np.int64]) -> tuple[Neighbours, Matrix]:
        """The engine with the `pull` that explains the labels of held-out texts best, and the probabilities (n, classes) then."""
        likenesses = np.stack([self._likenesses(vector) for vector in vectors])
        answerable = np.diff(self.first)[labels] > 0  # the others' classes are held out whole
        pull = _best_pull(likenesses[answerable], labels[answerable]) if answerable.any() else self.pull
        return replace(self, pull=pull), softmax(likenesses @ pull)

    def settled(self, tried: Sequence[Neighbours]) -> Neighbours:
        """This engine with the mean `pull` of those that were tried."""
        return replace(self, pull=np.mean([each.pull for each in tried], axis=0, dtype=np.float32)) if tried else self

    def arrays(self) -> Mapping[str, Any]:
        """Centroids, phrasings, `first` and `pull`."""
        return {
            "centroid_start": self.centroids.start, "centroid_classes": self.centroids.ids, "centroid_weights": self.centroids.weights,
            "start": self.phrasings.start, "ids": self.phrasings.ids, "weights": self.phrasings.weights,
            "first": self.first, "pull": self.pull,
        }  # fmt: skip

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Neighbours:
        """The engine that consists of these arrays."""
        return cls(
            Rows(arrays["centroid_start"], arrays["centroid_classes"], arrays["centroid_weights"]),
            Rows(arrays["start"], arrays["ids"], arrays["weights"]),
            arrays["first"],
            arrays["pull"],
        )

    def _likenesses(self, vector: Vector) -> Matrix:
        """How like a text is to the centroid and to the nearest phrasing of each class (classes, 2), each in [0, 1].

        A class that is not among the nearest has 0 as its second: as though no phrasing of it were like the text.
        """
        found = np.zeros((len(self.first) - 1, 2), np.float32)
        found[:, 0] = self._to_centroids(vector)
        near = np.argsort(-found[:, 0], kind="stable")[:NEAREST]
        near = near[self.first[near] < self.first[near + 1]]
        if len(near) and len(vector.ids):
            found[near, 1] = self._to_phrasings(vector, near)
        return found

    def _to_centroids(self, vector: Vector) -> Matrix:
        start = self.centroids.start
        lengths = start[vector.ids + 1] - start[vector.ids]
        take = spans(start[vector.ids], lengths)
        products = self.centroids.weights[take] * np.repeat(vector.weights, lengths)
        return np.asarray(np.bincount(self.centroids.ids[take], products, minlength=len(self.first) - 1), np.float32)

    def _to_phrasings(self, vector: Vector, classes: NDArray[np.int64]) -> Matrix:
        """The likeness to the nearest phrasing of some classes, each of which has phrasings."""
        message = np.zeros(len(self.centroids), np.float32)
        message[vector.ids] = vector.weights
        rows = self.first[classes + 1] - self.first[classes]
        begin, end = self.phrasings.start[self.first[classes]], self.phrasings.start[self.first[classes + 1]]
        take = spans(begin, end - begin)
        products = message[self.phrasings.ids[take]] * self.phrasings.weights[take]
        row = spans(self.first[classes], rows)
        lengths = self.phrasings.start[row + 1] - self.phrasings.start[row]
        likeness = np.add.reduceat(products, np.cumsum(lengths) - lengths)  # no phrasing is without features: it has words
        return np.asarray(np.maximum.reduceat(likeness, np.cumsum(rows) - rows), np.float32)


def _centroids(phrasings: Rows, first: NDArray[np.int64], features: int) -> Rows:
    """For each feature the classes in which it occurs and its weight in their centroids of length 1."""
    ids: list[NDArray[np.int32]] = []
    weights: list[NDArray[np.float16]] = []
    for begin, end in zip(phrasings.start[first[:-1]], phrasings.start[first[1:]], strict=True):
        found, place = np.unique(phrasings.ids[begin:end], return_inverse=True)
        sums = np.sqrt(np.bincount(place, phrasings.weights[begin:end], minlength=len(found)))
        ids.append(found)
        weights.append((sums / max(float(np.linalg.norm(sums)), 1e-9)).astype(np.float16))
    classes = np.repeat(np.arange(len(ids), dtype=np.int32), [len(found) for found in ids])
    all_ids = np.concatenate(ids)
    order = np.argsort(all_ids, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(all_ids, minlength=features))])
    return Rows(start, classes[order], np.concatenate(weights)[order])


def _best_pull(likenesses: Matrix, labels: NDArray[np.int64]) -> Matrix:
    """The weights of the likenesses (n, classes, 2) under which the labels are likeliest, by Newton's method with halved steps."""
    pull = np.array(PULL, np.float64)
    wanted = likenesses[np.arange(len(labels)), labels]
    score, probability = _explained(likenesses, labels, pull)
    for _ in range(_STEPS):
        mean = np.einsum("nc,nck->nk", probability, likenesses)
        slope = (wanted - mean).mean(axis=0) - _RIDGE * pull
        spread = np.einsum("nc,nck,ncl->kl", probability, likenesses, likenesses, optimize=True) - mean.T @ mean
        step = np.linalg.solve(spread / len(labels) + _RIDGE * np.eye(len(pull)), slope)
        before = score
        while np.abs(step).max() > 1e-2:  # noqa: PLR2004 - a hundredth changes no answer
            score, probability = _explained(likenesses, labels, pull + step)
            if score > before:
                pull = pull + step
                break
            step = step / 2
        else:
            break
    return np.asarray(np.maximum(pull, 0), np.float32)


def _explained(likenesses: Matrix, labels: NDArray[np.int64], pull: NDArray[np.float64]) -> tuple[float, Matrix]:
    """How likely some weights make the labels (mean log-probability, less for large weights), and the probabilities themselves."""
    probability = softmax(likenesses @ pull.astype(np.float32))
    right = probability[np.arange(len(labels)), labels]
    return float(np.log(np.maximum(right, 1e-12)).mean() - _RIDGE / 2 * pull @ pull), probability
