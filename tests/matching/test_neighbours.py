"""The engine of large knowledge: by itself on texts that can be told apart, and in training on the small knowledge of the bakery."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bot.knowledge.loader import load
from bot.matching import neighbours, training
from bot.matching.counted import CountedTexts, Rows, spans
from bot.matching.lexical import Lexicon, Vector, terms
from bot.matching.matcher import Matcher
from bot.matching.model import Model
from bot.matching.neighbours import PULL, Neighbours
from bot.matching.training import train

if TYPE_CHECKING:
    from pathlib import Path

    from bot.assembly import Bot

SENTENCES = [
    "what does a loaf cost", "what does a loaf of rye cost", "is the cake dear", "cake cake cake and cake", "do you deliver",
    "do you deliver cake to my door", "när öppnar ni", "a", "role=pm what does a loaf cost",
]  # fmt: skip
QUESTIONS = ["what does a loaf cost", "opning hours", "do you deliver", "hello", "is the gateau dear", "zyx", "?"]


def counted(sentences: list[str]) -> CountedTexts:
    texts = CountedTexts()
    for sentence in sentences:
        texts.add(terms(sentence.split()))
    return texts


def engine_of(classes: int = 6, each: int = 10) -> tuple[Neighbours, list[Vector], np.ndarray]:
    """Texts with three features of their class and two that all share; the last class has no texts."""
    draw = np.random.default_rng(1)
    labels = np.repeat(np.arange(classes - 1), each)
    shared = 3 * classes + np.array([draw.choice(5, 2, replace=False) for _ in labels])
    ids = np.hstack([3 * labels[:, None] + np.arange(3), shared]).astype(np.int32)
    weights = draw.uniform(0.5, 1, ids.shape).astype(np.float32)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    rows = Rows(np.arange(len(ids) + 1) * 5, ids.ravel(), weights.ravel().astype(np.float16))
    return Neighbours.fit(rows, labels, classes, 3 * classes + 5), [*map(Vector, ids, weights)], labels


def likelihood(engine: Neighbours, vectors: list[Vector], labels: np.ndarray) -> float:
    return float(np.mean([np.log(engine.probabilities(v)[label]) for v, label in zip(vectors, labels, strict=True)]))


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is too large for the classifier."""
    monkeypatch.setattr(training, "MOST_PHRASINGS", 0)


@pytest.fixture(scope="module")
def grown(bakery: Bot) -> Matcher:
    """The bakery, learned as though it were large."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "MOST_PHRASINGS", 0)
        return Matcher(bakery.base, train(bakery.base))


def test_counted_texts_come_back_as_they_were_put_in() -> None:
    texts = counted(SENTENCES)
    assert len(texts) == len(SENTENCES)
    for i, sentence in enumerate(SENTENCES):
        wanted = terms(sentence.split())
        assert (dict(texts[i].words), dict(texts[i].pieces)) == (dict(wanted.words), dict(wanted.pieces))


@pytest.mark.parametrize("rows", [range(9), [0, 3, 4], [7]])
def test_counted_texts_give_the_lexicon_and_the_vectors_of_single_texts(monkeypatch: pytest.MonkeyPatch, rows: range | list[int]) -> None:
    monkeypatch.setattr("bot.matching.counted.AT_ONCE", 2)
    texts, chosen = counted(SENTENCES), np.array(rows)
    lexicon, wanted = texts.lexicon(chosen), Lexicon.learn([texts[i] for i in chosen])
    assert (list(lexicon.names), lexicon.unseen) == (list(wanted.names), wanted.unseen)
    np.testing.assert_array_equal(lexicon.idf, wanted.idf)
    found = texts.vectors(chosen, lexicon)
    assert len(found) == len(chosen)
    for i, row in enumerate(chosen):
        vector = wanted.vector(texts[row])
        part = slice(found.start[i], found.start[i + 1])
        assert found.ids[part].tolist() == vector.ids.tolist()
        np.testing.assert_allclose(found.weights[part], vector.weights, rtol=1e-3)


def test_spans_are_positions_one_after_another() -> None:
    assert spans(np.array([5, 0, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]
    assert spans(np.array([], np.int64), np.array([], np.int64)).tolist() == []


def test_texts_are_told_apart_and_probabilities_sum_to_one() -> None:
    engine, vectors, labels = engine_of()
    for vector, label in zip(vectors, labels, strict=True):
        found = engine.probabilities(vector)
        assert found.sum() == pytest.approx(1, abs=1e-5)
        assert found.argmax() == label
        assert found[label] > 0.9


def test_of_two_centroids_alike_the_nearest_phrasing_decides() -> None:
    #       class 0: features {0, 1} and {2, 3}; class 1: {0, 2} and {1, 3}: the centroids are the same
    rows = Rows(np.arange(5) * 2, np.array([0, 1, 2, 3, 0, 2, 1, 3], np.int32), np.full(8, 0.5**0.5, np.float16))
    engine = Neighbours.fit(rows, np.array([0, 0, 1, 1]), 2, 4)
    for ids, label in ([0, 1], 0), ([1, 3], 1), ([0, 2], 1), ([2, 3], 0):
        assert engine.probabilities(Vector(np.array(ids, np.int32), np.full(2, 0.7, np.float32))).argmax() == label


def test_phrasings_of_distant_classes_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, vectors, _ = engine_of()
    assert (engine._likenesses(vectors[0])[:, 1] > 0).sum() == 5
    monkeypatch.setattr(neighbours, "NEAREST", 2)
    assert (engine._likenesses(vectors[0])[:, 1] > 0).sum() == 2
    assert engine.probabilities(vectors[0]).argmax() == 0


def test_a_class_without_phrasings_and_a_text_of_unknown_words_do_no_harm() -> None:
    engine, vectors, _ = engine_of()
    assert engine.probabilities(vectors[0])[-1] < 1e-4
    nothing = Vector(np.array([], np.int32), np.array([], np.float32))
    np.testing.assert_allclose(engine.probabilities(nothing), 1 / 6, rtol=1e-5)


def test_features_speak_for_the_class_that_they_are_typical_of() -> None:
    engine, vectors, _ = engine_of()
    for_own, against = engine.speaks(vectors[0], 0, 1), engine.speaks(vectors[0], 1, 0)
    assert (for_own[:3] > 0.1).all()
    assert abs(for_own[3:]).max() < for_own[:3].min()
    np.testing.assert_array_equal(for_own, -against)


def test_judging_finds_the_weights_that_explain_the_labels_best() -> None:
    engine, vectors, labels = engine_of()
    draw = np.random.default_rng(2)
    labels = np.where(draw.random(len(labels)) < 0.3, draw.integers(0, 5, len(labels)), labels)  # else the surer the better
    blurred = [Vector(v.ids, v.weights * draw.uniform(0.3, 1, len(v.ids)).astype(np.float32)) for v in vectors]
    judged, found = engine.judged(blurred, labels)
    np.testing.assert_allclose(found, [judged.probabilities(vector) for vector in blurred], atol=1e-5)
    assert engine.pull.tolist() == list(PULL)
    assert likelihood(judged, blurred, labels) > likelihood(engine, blurred, labels)
    for factor in (0.8, 1.25):
        assert (
            likelihood(judged, blurred, labels) > likelihood(replace(judged, pull=judged.pull * np.float32(factor)), blurred, labels) - 1e-3
        )


def test_texts_of_classes_held_out_whole_say_nothing_about_the_weights() -> None:
    engine, vectors, labels = engine_of()
    judged, found = engine.judged(vectors[:3], np.full(3, 5))
    assert judged.pull.tolist() == list(PULL)
    assert found.shape == (3, 6)
    strange = engine.judged([*vectors, *vectors[:3]], np.append(labels, [5, 5, 5]))[0]
    np.testing.assert_array_equal(strange.pull, engine.judged(vectors, labels)[0].pull)


def test_an_engine_settles_on_the_mean_of_what_was_tried() -> None:
    engine, _, _ = engine_of()
    tried = [replace(engine, pull=np.array(pull, np.float32)) for pull in ((10, 2), (20, 4))]
    assert engine.settled(tried).pull.tolist() == [15, 3]
    assert engine.settled([]) is engine


def test_an_engine_is_its_arrays() -> None:
    engine, vectors, _ = engine_of()
    assert all(array.dtype != object for array in engine.arrays().values())
    again = Neighbours.of(engine.arrays())
    for vector in vectors[::7]:
        np.testing.assert_array_equal(again.probabilities(vector), engine.probabilities(vector))


@pytest.mark.parametrize(("name", "most", "engine"), [
    ("MOST_PHRASINGS", 20_000, "classifier"), ("MOST_PHRASINGS", 10, "neighbours"), ("MOST_ENTRIES", 4, "neighbours"), ("MOST_ENTRIES", 5, "classifier"),
])  # fmt: skip
def test_what_is_too_large_for_the_classifier_is_learned_by_neighbours(
    monkeypatch: pytest.MonkeyPatch, bakery: Bot, name: str, most: int, engine: str
) -> None:
    monkeypatch.setattr(training, name, most)
    assert train(bakery.base).engine.name == engine


def test_every_phrasing_ranks_its_entry_first(bakery: Bot, grown: Matcher) -> None:
    for entry in bakery.base.entries.values():
        for phrasing in (entry.question, entry.title, *entry.phrasings):
            assert grown.rank(phrasing).entries[0].id == entry.id


@pytest.mark.parametrize(("text", "entry"), [
    ("how expensve is your rye bread", "bread-price"), ("when do you open on monday", "hours"), ("how much is your cake then", "cake-price"),
])  # fmt: skip
def test_new_questions_find_their_entry(grown: Matcher, text: str, entry: str) -> None:
    assert grown.rank(text).entries[0].id == entry


def test_what_is_not_covered_and_small_talk_are_told_from_entries(bakery: Bot, grown: Matcher) -> None:
    for subject in bakery.base.subjects.values():
        for phrasing in subject.phrasings:
            match = grown.rank(phrasing)
            assert match.subjects[0].id == subject.id
            assert match.confidence < 0.1
    assert grown.rank("hello hello").social[0].id == "greeting"


def test_words_that_speak_for_an_entry_are_named(grown: Matcher) -> None:
    assert "bread" in grown.because("how much is rye bread", "bread-price", "hours")
    assert grown.because("zyx", "bread-price", "hours") == ()


def test_a_large_model_survives_its_file(bakery: Bot, grown: Matcher, tmp_path: Path) -> None:
    grown._model.save(tmp_path / "large.npz")
    read = Model.load(tmp_path / "large.npz")
    assert read.engine.name == "neighbours"
    again = Matcher(bakery.base, read)
    for question in QUESTIONS:
        assert again.rank(question) == grown.rank(question)


@pytest.mark.usefixtures("large")
def test_training_twice_gives_the_same_model(small: Path) -> None:
    one, two = train(load(small)), train(load(small))
    assert (one.classes, one.exact, one.calibration) == (two.classes, two.exact, two.calibration)
    for name, values in one.engine.arrays().items():
        np.testing.assert_array_equal(values, two.engine.arrays()[name])


@pytest.mark.usefixtures("large")
def test_only_a_sample_is_tried_in_cross_validation_and_progress_comes_to_its_end(monkeypatch: pytest.MonkeyPatch, bakery: Bot) -> None:
    asked: list[int] = []
    judged = Neighbours.judged

    def counting(engine: Neighbours, vectors: list[Vector], labels: np.ndarray) -> object:
        asked.append(len(vectors))
        return judged(engine, vectors, labels)

    monkeypatch.setattr(Neighbours, "judged", counting)
    monkeypatch.setattr(training, "TRIED", 7)
    monkeypatch.setattr(training, "_A_STEP", 5)
    steps: list[tuple[int, int]] = []
    train(bakery.base, lambda done, total: steps.append((done, total)))
    assert asked == [7, 7]
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1] > 0
    assert len(steps) > 5
