"""Confidence rises with the best entry, falls with its rival, and is learned from outcomes where there are enough."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from bot.matching.confidence import FEWEST_OUTCOMES, LIFT, SHARPER, SHIPPED, Calibration, Signals, calibrate

STEPS = [0.0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0]


def outcomes(n: int, seed: int = 0) -> tuple[list[Signals], list[bool]]:
    """Outcomes as likely right as the best entry is probable."""
    draw = np.random.default_rng(seed)
    signals = [Signals(float(best), float((1 - best) * share), 0.5) for best, share in draw.uniform(0.02, 0.98, (n, 2))]
    return signals, [bool(draw.uniform() < s.best) for s in signals]


@pytest.mark.parametrize("known", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("other", [0.0, 0.2, 0.9])
def test_confidence_rises_with_the_best_and_falls_with_the_rival(known: float, other: float) -> None:
    rising = [SHIPPED.confidence(Signals(best, other, known)) for best in STEPS]
    falling = [SHIPPED.confidence(Signals(other, rival, known)) for rival in STEPS]
    assert all(a < b for a, b in pairwise(rising))
    assert all(a > b for a, b in pairwise(falling))


def test_confidence_rises_with_what_is_known() -> None:
    assert SHIPPED.confidence(Signals(0.5, 0.1, 0.2)) < SHIPPED.confidence(Signals(0.5, 0.1, 0.9))


def test_confidence_is_a_probability_for_any_weights() -> None:
    for weights in ((1e9, 0, 0, 0), (-1e9, 0, 0, 0), (0.0, 0.0, 0.0, 0.0)):
        assert 0 <= Calibration(weights).confidence(Signals(0.9, 0.1, 1.0)) <= 1


def as_typed(share: float) -> float:
    """What a share of held-out phrasings becomes for what people type."""
    odds = math.log(share / (1 - share)) * SHARPER + LIFT
    return 1 / (1 + math.exp(-odds))


def test_calibration_finds_the_order_of_outcomes_and_about_their_share() -> None:
    signals, right = outcomes(4000)
    found = calibrate(signals, right, [i % 5 != 0 for i in range(4000)])
    answers = [found.confidence(Signals(best, (1 - best) / 2, 0.5)) for best in STEPS[1:-1]]
    assert all(a < b for a, b in pairwise(answers))
    np.testing.assert_allclose(answers, [as_typed(share) for share in STEPS[1:-1]], atol=0.06)


def test_outcomes_without_any_doubt_still_give_finite_weights() -> None:
    signals = [Signals(0.95 if i % 2 else 0.05, 0.05, 0.5) for i in range(200)]
    found = calibrate(signals, [bool(i % 2) for i in range(200)], [True] * 200)
    assert np.isfinite(found.weights).all()
    assert found.confidence(signals[1]) > 0.9
    assert found.confidence(signals[0]) < 0.1


def test_what_is_not_covered_weighs_the_same_however_many_phrasings_it_has() -> None:
    answered = [Signals(0.8, 0.1, 0.5)] * 100
    foreign = [Signals(0.8, 0.1, 0.5)] * 100
    few = calibrate([*answered, *foreign[:25]], [True] * 100 + [False] * 25, [True] * 100 + [False] * 25)
    many = calibrate([*answered, *foreign], [True] * 100 + [False] * 100, [True] * 100 + [False] * 100)
    assert few.confidence(answered[0]) == pytest.approx(as_typed(0.8), abs=0.02)
    assert many.confidence(answered[0]) == pytest.approx(as_typed(0.8), abs=0.02)


def test_few_or_uniform_outcomes_leave_the_shipped_calibration() -> None:
    signals, right = outcomes(FEWEST_OUTCOMES)
    few = FEWEST_OUTCOMES - 1
    assert calibrate([], [], []) is SHIPPED
    assert calibrate(signals[:few], right[:few], [True] * few) is SHIPPED
    assert calibrate(signals, [True] * FEWEST_OUTCOMES, [True] * FEWEST_OUTCOMES) is SHIPPED
    assert calibrate(signals, [False] * FEWEST_OUTCOMES, [True] * FEWEST_OUTCOMES) is SHIPPED
    assert calibrate(signals, right, [True] * FEWEST_OUTCOMES) is not SHIPPED
