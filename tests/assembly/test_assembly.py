"""Putting the parts together: a model is trained once, kept, and replaced when it cannot be used."""

from __future__ import annotations

import gc
import os
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bot.assembly import MODELS_KEPT, assemble, faq_of, shipped_faq
from bot.dialogue.turn import Utterance
from bot.knowledge import references
from bot.knowledge.loader import KnowledgeError
from bot.matching.model import Model, ModelError
from bot.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from bot.assembly import Bot
    from bot.knowledge.loaded import Loaded
    from bot.knowledge.yaml_source import Fault


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def assembled(faq: Path, data_dir: Path) -> tuple[Bot, int]:
    """The bot, and how often training told of its progress."""
    told: list[int] = []
    bot = assemble(Settings(faq=faq, data_dir=data_dir), lambda done, _total: told.append(done))
    assert bot.conversations.respond(Utterance("how much is a cake"), "a").reply.act == "answer"
    return bot, len(told)


def kept(data_dir: Path) -> list[Path]:
    return sorted((data_dir / "models").iterdir())


def test_a_model_is_trained_once_and_used_again(small: Path, data_dir: Path) -> None:
    bot, told = assembled(small, data_dir)
    assert told > 0
    (model,) = kept(data_dir)
    assert model.name.startswith(bot.base.learning_key)
    before = model.read_bytes()
    again, told = assembled(small, data_dir)
    assert told == 0
    assert model.read_bytes() == before
    say = Utterance("is bread expensive here")
    assert again.conversations.respond(say, "b").reply == bot.conversations.respond(say, "b").reply


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # see the test of files left open
@pytest.mark.parametrize("broken", [b"", b"no model", b"PK\x03\x04" + b"\0" * 200, None])
def test_a_broken_model_is_trained_anew(small: Path, data_dir: Path, broken: bytes | None) -> None:
    assembled(small, data_dir)
    (model,) = kept(data_dir)
    whole = model.read_bytes()
    model.write_bytes(whole[: len(whole) // 2] if broken is None else broken)
    assert assembled(small, data_dir)[1] > 0
    assert assembled(small, data_dir)[1] == 0


def test_a_broken_model_is_not_left_open(tmp_path: Path) -> None:
    path = tmp_path / "broken.npz"
    path.write_bytes(b"PK\x03\x04" + b"\0" * 200)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with pytest.raises(ModelError):
            Model.load(path)
        gc.collect()
    assert [str(warning.message) for warning in told] == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(10, 99, id="compression"),
        pytest.param(8, 1, id="encryption"),
    ],
)
def test_a_model_with_a_spoilt_directory_is_trained_anew(small: Path, data_dir: Path, place: int, value: int) -> None:
    assembled(small, data_dir)
    (model,) = kept(data_dir)
    whole = bytearray(model.read_bytes())
    whole[whole.rindex(b"PK\x01\x02") + place] = value
    model.write_bytes(bytes(whole))
    assert assembled(small, data_dir)[1] > 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_model_with_a_spoilt_stretch_never_stops_the_bot(small: Path, data_dir: Path, part: float) -> None:
    assembled(small, data_dir)
    (model,) = kept(data_dir)
    whole = bytearray(model.read_bytes())
    begin = int(len(whole) * part)
    whole[begin : begin + 64] = bytes(byte ^ 0xFF for byte in whole[begin : begin + 64])
    model.write_bytes(bytes(whole))
    assembled(small, data_dir)


def test_a_model_of_other_knowledge_is_not_taken(small: Path, data_dir: Path) -> None:
    assembled(small, data_dir)
    (model,) = kept(data_dir)
    small.write_text(small.read_text("utf-8").replace("phrasings: [loaf price]", "phrasings: [loaf prices]"), "utf-8")
    bot, _ = assembled(small, data_dir / "other")
    (right,) = kept(data_dir / "other")
    right.write_bytes(model.read_bytes())
    assert assembled(small, data_dir / "other")[1] > 0
    assert right.name.startswith(bot.base.learning_key)


def test_changed_knowledge_is_learnt_anew(small: Path, data_dir: Path) -> None:
    assembled(small, data_dir)
    phrasings = small.with_name("phrasings.yaml")
    phrasings.write_text(phrasings.read_text("utf-8").replace("your assortment", "your whole assortment"), "utf-8")
    assert assembled(small, data_dir)[1] > 0
    assert len(kept(data_dir)) == 2


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("faq.yaml", "version: 1\n", "version: 1  # looked through\n"),
        ("faq.yaml", "A cake is 20 euros.", "A cake is 22 euros."),
        ("social.yaml", "You are welcome.", "Any time."),
        ("tests.yaml", "at what hour do you open", "at what time do you open"),
    ],
)
def test_what_teaches_nothing_costs_no_training(small: Path, data_dir: Path, name: str, old: str, new: str) -> None:
    assembled(small, data_dir)
    file = small.with_name(name)
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    bot, told = assembled(small, data_dir)
    assert told == 0
    assert len(kept(data_dir)) == 1
    said = bot.conversations.respond(Utterance("how much is a cake"), "b").reply.plain_body
    assert ("22 euros" in said) == ("22 euros" in small.read_text("utf-8"))


def test_a_file_saved_between_reading_and_naming_leaves_no_model_under_a_wrong_name(
    small: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the new file the entry `cake-price` has gone; a model of the old one under the new name would never start again."""
    check = references.check
    new = small.read_text("utf-8").replace("cake-price", "cakes")

    def saving(loaded: Loaded) -> list[Fault]:
        faults = check(loaded)
        small.write_text(new, "utf-8")
        for name in ("phrasings.yaml", "tests.yaml"):
            file = small.with_name(name)
            file.write_text(file.read_text("utf-8").replace("cake-price", "cakes"), "utf-8")
        return faults

    monkeypatch.setattr(references, "check", saving)
    bot, _ = assembled(small, data_dir)
    assert "cake-price" in bot.base.entries
    monkeypatch.undo()
    again, told = assembled(small, data_dir)
    assert told > 0
    assert "cakes" in again.base.entries


@pytest.mark.parametrize("wrong", [{"classes": ("a", "b")}, {"entries": 4}, {"subjects": 3}, {"learning_key": "0" * 32}])
def test_a_model_whose_classes_are_not_those_of_the_knowledge_is_not_taken(small: Path, data_dir: Path, wrong: dict[str, Any]) -> None:
    bot, _ = assembled(small, data_dir)
    (model,) = kept(data_dir)
    spoilt = replace(bot.matcher.model, **wrong)
    assert not spoilt.fits(bot.base)
    spoilt.save(model)
    assert assembled(small, data_dir)[1] > 0
    assert Model.load(model).fits(bot.base)


def test_old_models_are_forgotten(small: Path, data_dir: Path) -> None:
    assembled(small, data_dir)
    (newest,) = kept(data_dir)
    old = [newest.with_name(f"old-{age}.npz") for age in range(MODELS_KEPT + 2)]
    for age, path in enumerate(old):
        path.write_bytes(b"old")
        os.utime(path, (1000 - age, 1000 - age))
    newest.unlink()
    assembled(small, data_dir)
    assert set(kept(data_dir)) == {newest, *old[: MODELS_KEPT - 1]}


def test_a_file_in_the_way_costs_a_training_and_nothing_else(small: Path, data_dir: Path) -> None:
    data_dir.write_text("in the way", "utf-8")
    assert assembled(small, data_dir)[1] > 0
    assert assembled(small, data_dir)[1] > 0


def test_faults_of_the_knowledge_stop_before_training(small: Path, data_dir: Path) -> None:
    small.write_text("version: 2\n", "utf-8")
    with pytest.raises(KnowledgeError):
        assembled(small, data_dir)
    assert not data_dir.exists()


def test_the_shipped_knowledge_is_used_unless_another_is_set(small: Path) -> None:
    assert shipped_faq().is_file()
    assert faq_of(Settings()) == shipped_faq()
    assert faq_of(Settings(faq=small)) == small
