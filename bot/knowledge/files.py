"""The files of a knowledge base as bytes, each read once: what is parsed and what is named are the same bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.knowledge.schema import Includes

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST = 5_000_000
"""Bytes that a knowledge file may have."""
UNNAMED = frozenset({"tests"})
"""Files that the version leaves out: they say nothing and teach nothing."""


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file: its path as a person would write it, and its bytes or, in a sentence, why there are none.

    `kind` is the stem of its name.
    """

    shown: str
    kind: str
    raw: bytes = b""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class KnowledgeFiles:
    """The main file and, by kind, every file beside it that it can include, whether it is there and included or not."""

    main: RawFile
    beside: Mapping[str, RawFile]

    @property
    def version(self) -> str:
        """A hash of exactly the bytes that were read, tests excepted; 32 hexadecimal digits. A file that is not there counts as such."""
        named = [self.main, *(file for kind, file in self.beside.items() if kind not in UNNAMED)]
        digest = hashlib.sha256()
        for file in named:
            digest.update(hashlib.sha256(file.raw).digest())
            digest.update(file.problem.encode() + b"\0")
        return digest.hexdigest()[:32]


def read_files(path: Path) -> KnowledgeFiles:
    """The files of the knowledge base at `path`. Never raises: what cannot be read has a `problem`."""
    return KnowledgeFiles(read_file(path), {kind: read_file(path.with_name(f"{kind}.yaml")) for kind in Includes})


def version_of(path: Path) -> str:
    """The version of the knowledge at `path` as it is now, without parsing it."""
    return read_files(path).version


def read_file(path: Path) -> RawFile:
    """One file, read once. Never raises."""
    raw, problem = b"", _unreadable(path)
    if not problem:
        try:
            raw = _bytes(path)
        except OSError as error:
            problem = f"The file cannot be read: {error.strerror or type(error).__name__}."
        else:
            problem = _too_large(len(raw))
    return RawFile(_shown(path), path.stem, b"" if problem else raw, problem)


def _bytes(path: Path) -> bytes:
    """What stands in a file, up to one byte more than it may have: it may have grown since its size was asked."""
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _unreadable(path: Path) -> str:
    try:
        if path.is_dir():
            return "This is a directory; a knowledge file is expected."
        if not path.exists():
            return "There is no such file."
        if not path.is_file():
            return "This is not a regular file."
        return _too_large(path.stat().st_size)
    except OSError as error:  # it may be gone again, or lie behind a door that is closed
        return f"The file cannot be read: {error.strerror or type(error).__name__}."


def _too_large(size: int) -> str:
    return f"The file has {size / 1e6:.0f} MB; at most {LARGEST / 1e6:.0f} MB are read." if size > LARGEST else ""


def _shown(path: Path) -> str:
    """The path as a person would write it: relative to where they are, if it is below."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)
