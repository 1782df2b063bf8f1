"""How sure one may be: from the classifier's probabilities to "of answers given at .8 about 80 % are right".

The classifier has seen its own phrasings, so its probabilities say little about new ones. Cross-validation asks it phrasings
that it has not seen, some of entries and subjects that it does not know at all, and a small logistic regression learns from
the outcomes when the best entry is the right one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_LEAST = 1e-6
COVERED = 0.8
"""Share of the questions put to a bot that its knowledge covers, as far as one can say beforehand."""
SHARPER, LIFT = 1.45, 0.8
"""How log-odds learned from held-out phrasings become those of what people type: times the first, plus the second.

An editor writes phrasings as different from one another as can be, so one that is held out is harder than a stranger's
question. Fitted to three sets of questions by others (docs/decisions/0002), so a fourth may come out a little worse.
"""
FEWEST_OUTCOMES = 60
"""Outcomes below which a knowledge base cannot calibrate itself and the shipped constants serve."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What the classifier says of one message, each in [0, 1].

    `best` is the probability of the best entry, `rival` that of the best class that is no entry (a subject that is not
    covered, small talk), `known` the share of the message that consists of known features.
    """

    best: float
    rival: float
    known: float

    def row(self) -> list[float]:
        """The signals on the scale on which they add up: log-odds, and a constant."""
        return [_log_odds(self.best), _log_odds(self.rival), self.known, 1.0]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the signals (log-odds of best, log-odds of rival, known, constant)."""

    weights: tuple[float, float, float, float]

    def confidence(self, signals: Signals) -> float:
        """The probability in [0, 1] that the best entry is the right answer."""
        total = sum(weight * value for weight, value in zip(self.weights, signals.row(), strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


SHIPPED = Calibration((0.9, -0.35, 3.0, -2.6))
"""For knowledge too small to calibrate itself: set by hand so that it rather asks back than answers; not measured."""


def calibrate(signals: Sequence[Signals], right: Sequence[bool], covered: Sequence[bool]) -> Calibration:
    """The calibration that explains the outcomes best; `SHIPPED` where there are too few, or all alike.

    `covered` tells which questions had an answer at all. They are weighed so that they make up `COVERED` of the whole, however
    many phrasings there happen to be of what is not covered.
    """
    if len(right) < FEWEST_OUTCOMES or all(right) or not any(right):
        return SHIPPED
    inputs = np.array([s.row() for s in signals], np.float64)
    share = sum(covered) / len(covered)
    balance = np.where(covered, COVERED / max(share, _LEAST), (1 - COVERED) / max(1 - share, _LEAST))
    weights = _logistic(inputs, np.array(right, np.float64), balance)
    best, rival, known, constant = (float(weight) * SHARPER for weight in weights)
    return Calibration((best, rival, known, constant + LIFT))


def _logistic(inputs: NDArray[np.float64], target: NDArray[np.float64], balance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logistic regression of weighted cases by Newton's method, with a touch of ridge."""
    weights = np.zeros(inputs.shape[1])
    ridge = 1e-3 * np.eye(inputs.shape[1])
    for _ in range(30):
        guess = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        slope = inputs.T @ (balance * (guess - target)) / len(target) + ridge @ weights
        curve = (inputs * (balance * guess * (1 - guess))[:, None]).T @ inputs / len(target) + ridge
        weights = weights - np.linalg.solve(curve, slope)
    return weights


def _log_odds(probability: float) -> float:
    p = min(1 - _LEAST, max(_LEAST, probability))
    return math.log(p / (1 - p))
