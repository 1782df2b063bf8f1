"""What was learned from one knowledge base, and how it is kept in a file.

A model is plain arrays, so it can be read without trusting it: no pickles. Weights are kept as half floats, which halves the
file and changed no first guess on the held-out questions (docs/performance.md).
"""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.matching.classifier import Classifier
from bot.matching.confidence import Calibration
from bot.matching.lexical import Lexicon
from bot.matching.neighbours import Neighbours

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from bot.knowledge.entry import KnowledgeBase
    from bot.matching.engine import Engine

FORMAT = 6
"""Raised whenever training or the file changes, so that no older model is taken for a current one."""
_KINDS = {kind.name: kind for kind in (Classifier, Neighbours)}


_DAMAGED = (
    ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError, SyntaxError, TypeError, ValueError,
    struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What reading a damaged archive raises, depending on the part that is broken."""


class ModelError(Exception):
    """A model file cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Model:
    """What training yields.

    `classes` are entry ids, then subject ids, then social ids, with `entries` and `subjects` of them; `engine` tells them apart
    by the vectors that `lexicon` makes; `exact` maps the key of each phrasing to its class.
    """

    learning_key: str
    classes: tuple[str, ...]
    entries: int
    subjects: int
    lexicon: Lexicon
    engine: Engine
    calibration: Calibration
    exact: dict[str, int]

    def fits(self, base: KnowledgeBase) -> bool:
        """Whether it was learned from what a knowledge base teaches. Its classes are compared too, whatever it is named."""
        classes = (self.classes, self.entries, self.subjects)
        expected = (classes_of(base), len(base.entries), len(base.subjects))
        return self.learning_key == base.learning_key and classes == expected

    def save(self, path: Path) -> None:
        """Write the model to a file, whole or not at all: a reader never sees half of it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        facts = {
            "format": FORMAT, "learning_key": self.learning_key, "classes": self.classes, "entries": self.entries,
            "subjects": self.subjects, "unseen": self.lexicon.unseen, "calibration": self.calibration.weights, "engine": self.engine.name,
        }  # fmt: skip
        unfinished = path.with_name(f".{path.name}.{np.random.default_rng().integers(1 << 62)}")
        try:
            with unfinished.open("wb") as file:
                np.savez(
                    file,
                    facts=_packed(json.dumps(facts)),
                    names=_packed("\n".join(self.lexicon.names)),
                    keys=_packed("\n".join(self.exact)),
                    key_classes=np.array(list(self.exact.values()), np.int32),
                    idf=self.lexicon.idf,
                    **self.engine.arrays(),
                )
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path) -> Model:
        """The model in a file; raises `ModelError` when it is missing, broken or of another format."""
        try:
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                facts = json.loads(_unpacked(file["facts"]))
                found = facts["format"]
                model = cls._from(facts, file) if found == FORMAT else None
        except _DAMAGED as error:
            message = f"{path} holds no usable model ({type(error).__name__})"
            raise ModelError(message) from error
        if model is None:
            message = f"{path} holds a model of format {found}, not {FORMAT}"
            raise ModelError(message)
        return model

    @classmethod
    def _from(cls, facts: dict[str, Any], file: Mapping[str, NDArray[Any]]) -> Model:
        return cls(
            learning_key=facts["learning_key"],
            classes=tuple(facts["classes"]),
            entries=facts["entries"],
            subjects=facts["subjects"],
            lexicon=Lexicon(_unpacked(file["names"]).split("\n"), file["idf"], facts["unseen"]),
            engine=_KINDS[facts["engine"]].of(file),
            calibration=Calibration(tuple(facts["calibration"])),
            exact=dict(zip(_unpacked(file["keys"]).split("\n"), file["key_classes"].tolist(), strict=True)),
        )


def classes_of(base: KnowledgeBase) -> tuple[str, ...]:
    """What a message may be asking for: the ids of the entries, then of the subjects, then of the kinds of small talk."""
    return (*base.entries, *base.subjects, *base.social)


def _packed(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), np.uint8)


def _unpacked(array: NDArray[np.uint8]) -> str:
    return array.tobytes().decode("utf-8")
