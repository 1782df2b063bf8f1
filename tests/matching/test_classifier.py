"""The classifier against plain arithmetic, and on texts that can be told apart."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from bot.matching import classifier
from bot.matching.classifier import BLOCKS, ROUNDS, Classifier, fit, similarities, softmax, weights_of
from bot.matching.lexical import Vector


def sparse(n: int, features: int, most: int, seed: int = 0) -> list[Vector]:
    draw = np.random.default_rng(seed)
    vectors = []
    for _ in range(n):
        ids = draw.choice(features, draw.integers(0, most + 1), replace=False).astype(np.int32)
        vectors.append(Vector(ids, draw.standard_normal(len(ids)).astype(np.float32)))
    return vectors


def dense(vectors: list[Vector], features: int) -> classifier.Matrix:
    rows = np.zeros((len(vectors), features), np.float32)
    for row, vector in zip(rows, vectors, strict=True):
        row[vector.ids] = vector.weights
    return rows


def separable(classes: int, each: int) -> tuple[list[Vector], np.ndarray]:
    """Texts with three features of their class, and a few that all share."""
    draw = np.random.default_rng(1)
    labels = draw.permutation(np.repeat(np.arange(classes), each))
    vectors = []
    for label in labels:
        ids = np.array([*(3 * label + np.arange(3)), *(3 * classes + draw.choice(5, 2, replace=False))], np.int32)
        weights = draw.uniform(0.5, 1, len(ids)).astype(np.float32)
        vectors.append(Vector(ids, weights / np.linalg.norm(weights)))
    return vectors, labels


@pytest.mark.parametrize("common", [0, 1, 10, 1500])
@pytest.mark.parametrize("seed", range(3))
def test_similarities_are_dot_products(monkeypatch: pytest.MonkeyPatch, common: int, seed: int) -> None:
    monkeypatch.setattr(classifier, "DENSE_FEATURES", common)
    vectors = sparse(40, 60, 20, seed)
    rows = dense(vectors, 60)
    np.testing.assert_allclose(similarities(vectors, 60), rows @ rows.T, atol=1e-4)


def test_similarities_bear_more_features_than_fit_the_dense_block() -> None:
    vectors = sparse(30, 4000, 400)
    rows = dense(vectors, 4000)
    np.testing.assert_allclose(similarities(vectors, 4000), rows @ rows.T, atol=1e-3)


def test_empty_texts_are_like_nothing() -> None:
    nothing = Vector(np.array([], np.int32), np.array([], np.float32))
    assert not similarities([nothing, nothing], 7).any()


def test_separable_classes_are_separated() -> None:
    vectors, labels = separable(6, 20)
    kernel = similarities(vectors, 23)
    scores = kernel @ fit(kernel, labels, 6)
    assert (scores.argmax(axis=1) == labels).all()
    assert softmax(scores)[np.arange(len(labels)), labels].min() > 0.5


def test_the_weights_score_texts_as_the_dual_does() -> None:
    vectors, labels = separable(6, 20)
    kernel = similarities(vectors, 23)
    coefficients = fit(kernel, labels, 6)
    weights = weights_of(vectors, coefficients, 23)
    assert weights.shape == (23, 6)
    np.testing.assert_allclose(kernel @ coefficients, dense(vectors, 23) @ weights, rtol=1e-3, atol=1e-3)


def test_the_weights_of_many_texts_are_summed_in_parts() -> None:
    vectors = sparse(600, 300, 250)
    coefficients = np.random.default_rng(2).standard_normal((600, 3)).astype(np.float32)
    assert sum(len(v.ids) for v in vectors) > 50_000
    np.testing.assert_allclose(weights_of(vectors, coefficients, 300), dense(vectors, 300).T @ coefficients, atol=1e-3)


def test_training_descends_to_where_the_gradient_is_small() -> None:
    vectors, labels = separable(4, 30)
    kernel = similarities(vectors, 17)
    coefficients = fit(kernel, labels, 4, cost=1.0)
    gradient = softmax(kernel @ coefficients) - np.eye(4, dtype=np.float32)[labels] + coefficients
    assert np.abs(gradient).max() < 0.05


def test_the_same_input_gives_the_same_coefficients() -> None:
    vectors, labels = separable(3, 10)
    kernel = similarities(vectors, 14)
    np.testing.assert_array_equal(fit(kernel, labels, 3), fit(kernel, labels, 3))


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_handful_of_texts_is_enough(n: int) -> None:
    vectors = [Vector(np.array([i], np.int32), np.array([1], np.float32)) for i in range(n)]
    kernel = similarities(vectors, n)
    coefficients = fit(kernel, np.arange(n), n)
    assert coefficients.shape == (n, n)
    assert np.isfinite(coefficients).all()
    assert (weights_of(vectors, coefficients, n).argmax(axis=1) == np.arange(n)).all()


def test_each_block_of_each_round_ticks() -> None:
    ticks: Counter[str] = Counter()
    vectors, labels = separable(3, 10)
    fit(similarities(vectors, 14), labels, 3, tick=lambda: ticks.update(["tick"]))
    assert ticks["tick"] == BLOCKS * ROUNDS


def test_rows_of_probabilities_sum_to_one_however_large_the_scores() -> None:
    scores = np.array([[0, 0, 0], [1e4, -1e4, 0], [1, 2, 3]], np.float32)
    found = softmax(scores)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
    assert ((found >= 0) & (found <= 1)).all()
    np.testing.assert_allclose(softmax(scores[2]), found[2])


def engine() -> Classifier:
    vectors, labels = separable(4, 20)
    return Classifier(weights_of(vectors, fit(similarities(vectors, 17), labels, 4), 17))


def test_the_engine_tells_classes_apart_and_says_by_which_features() -> None:
    vectors, labels = separable(4, 20)
    classifier_ = engine()
    for vector, label in zip(vectors, labels, strict=True):
        found = classifier_.probabilities(vector)
        assert found.argmax() == label
        other = (label + 1) % 4
        says = classifier_.speaks(vector, label, other)
        assert says.shape == vector.ids.shape
        assert says.sum() == pytest.approx(float(np.log(found[label] / found[other])), abs=1e-2)


def test_held_out_texts_are_judged_as_any_other_and_nothing_is_learned_from_them() -> None:
    vectors, labels = separable(4, 3)
    before = engine()
    after, found = before.judged(vectors, labels)
    assert after is before
    np.testing.assert_array_equal(found, np.stack([before.probabilities(vector) for vector in vectors]))


def test_the_engine_survives_being_kept_once_it_has_settled() -> None:
    settled = engine().settled([])
    np.testing.assert_array_equal(Classifier.of(settled.arrays()).weights, settled.weights)
