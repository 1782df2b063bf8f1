"""A trained model survives its file, and no broken file is taken for one."""

from __future__ import annotations

import gc
import json
import pickle
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bot.knowledge.loader import load
from bot.matching.classifier import Classifier
from bot.matching.matcher import Matcher
from bot.matching.model import FORMAT, Model, ModelError
from bot.matching.training import train

if TYPE_CHECKING:
    from pathlib import Path

    from bot.assembly import Bot

QUESTIONS = ["what does a loaf cost", "opning hours", "do you deliver", "hello", "is the gateau dear", "zyx"]


@pytest.fixture(scope="module")
def model(bakery: Bot) -> Model:
    return bakery.matcher._model


@pytest.fixture
def kept(model: Model, tmp_path: Path) -> Path:
    path = tmp_path / "models" / "bakery.npz"
    model.save(path)
    return path


def weights(model: Model) -> np.ndarray:
    assert isinstance(model.engine, Classifier)
    return model.engine.weights


# numpy leaves a file open that is no archive, and Python says so when it is collected.


def refused(path: Path, because: str = "holds no usable model") -> None:
    with pytest.raises(ModelError, match=because):
        Model.load(path)
    gc.collect()


def rewritten(path: Path, **changed: object) -> None:
    """The file with some of its facts changed."""
    with np.load(path) as file:
        arrays = dict(file)
    facts = {**json.loads(arrays["facts"].tobytes()), **changed}
    arrays["facts"] = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    with path.open("wb") as out:
        np.savez(out, **arrays)


def test_a_model_read_back_gives_the_same_answers(bakery: Bot, model: Model, kept: Path) -> None:
    read = Model.load(kept)
    assert replace(read, lexicon=model.lexicon, engine=model.engine) == model
    assert list(read.lexicon.names) == list(model.lexicon.names)
    assert (read.engine.name, read.engine.arrays().keys()) == ("classifier", {"weights"})
    assert (weights(read) == weights(model)).all()
    again = Matcher(bakery.base, read)
    for question in QUESTIONS:
        assert again.rank(question) == bakery.matcher.rank(question)


def test_training_twice_gives_the_same_model(small: Path) -> None:
    one, two = train(load(small)), train(load(small))
    assert (one.classes, one.exact, one.calibration) == (two.classes, two.exact, two.calibration)
    np.testing.assert_array_equal(weights(one), weights(two))


def test_the_same_learning_key_means_the_same_model(small: Path) -> None:
    base = load(small)
    text = small.read_text("utf-8").replace("heading: Prices", "heading: What we bake").replace("topic: bread", "topic: visit")
    text = (
        text.replace("    about: {product: cake}\n", "")
        .replace("A cake is 20 euros.", "A cake is dear.")
        .replace("not: [how", "not: [what")
    )
    small.write_text(text.replace("title: The bakery", "title: A shop"), "utf-8")
    for name, old, new in (("social", "You are welcome", "Any time"), ("out_of_scope", "no word on delivery", "nothing on delivery")):
        file = small.with_name(f"{name}.yaml")
        file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    other = load(small)
    assert (other.learning_key, other.content_key) != (base.learning_key, base.content_key)
    assert other.learning_key == base.learning_key
    one, two = train(base), train(other)
    assert (one.classes, one.exact, one.calibration) == (two.classes, two.exact, two.calibration)
    np.testing.assert_array_equal(weights(one), weights(two))


def test_saving_replaces_what_was_there_and_leaves_nothing_else(model: Model, kept: Path) -> None:
    kept.write_bytes(b"old")
    model.save(kept)
    assert Model.load(kept).learning_key == model.learning_key
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_saving_that_fails_leaves_the_old_file_and_nothing_else(model: Model, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: object, **_: object) -> None:
        file.write(b"half")  # type: ignore[attr-defined]
        raise OSError

    before = kept.read_bytes()
    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError):  # noqa: PT011 - any will do
        model.save(kept)
    assert kept.read_bytes() == before
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.9, 0.999])
def test_a_truncated_or_empty_file_is_no_model(kept: Path, share: float) -> None:
    whole = kept.read_bytes()
    kept.write_bytes(whole[: int(len(whole) * share)])
    refused(kept)


@pytest.mark.parametrize("content", [pickle.dumps({"a": 1}), b"\x93NUMPY", b"PK\x03\x04", b"not a model"])
def test_a_pickle_or_any_other_file_is_no_model(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(content)
    refused(path)


def test_a_pickle_inside_the_archive_is_not_opened(kept: Path) -> None:
    with np.load(kept) as file:
        arrays = dict(file)
    with kept.open("wb") as out:
        np.savez(out, **{**arrays, "weights": np.array([{"a": 1}], object)})
    refused(kept)


def test_a_plain_array_an_archive_without_facts_a_directory_and_nothing_are_no_model(tmp_path: Path) -> None:
    np.save(tmp_path / "array.npy", np.zeros(3))
    np.savez(tmp_path / "bare.npz", weights=np.zeros(3))
    for name in ("array.npy", "bare.npz", ".", "missing.npz"):
        refused(tmp_path / name)


def test_a_model_of_another_format_is_told_apart(kept: Path) -> None:
    rewritten(kept, format=FORMAT + 1)
    refused(kept, f"format {FORMAT + 1}, not {FORMAT}")


def test_a_model_of_an_engine_that_is_not_known_is_no_model(kept: Path) -> None:
    rewritten(kept, engine="oracle")
    refused(kept)


def test_a_model_of_one_engine_is_not_taken_for_the_other(kept: Path) -> None:
    rewritten(kept, engine="neighbours")
    refused(kept)
