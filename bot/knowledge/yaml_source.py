"""YAML as plain data that remembers where each piece stood, parsed without trusting the file.

PyYAML's own constructor loses positions, keeps the last of two equal keys, turns `no` into False and expands aliases
without bounds. So a file is composed into nodes (by libyaml where it is there) and walked here: every scalar stays the text
that was typed, and what a knowledge file has no use for is a fault with its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from bot.knowledge.files import RawFile

MOST_NODES = 300_000
"""Values that a file may hold once its aliases are written out."""
DEEPEST = 20
"""Levels of nesting that a file may have."""

_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value", "map", "seq")
)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Where = tuple[str | int, ...]
Data = str | None | list["Data"] | dict[str, "Data"]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something wrong in a knowledge file, told in one sentence; `line` and `column` count from 1, 0 is "the whole file"."""

    file: str
    line: int
    column: int
    sentence: str
    warning: bool = False

    def __str__(self) -> str:
        """`file:line:column: sentence`, as editors and compilers write it."""
        return f"{self.file}:{self.line}:{self.column}: {self.sentence}"


@dataclass(slots=True)
class Document:
    """One file as plain data; `kind` is the stem of its name.

    `places` maps the path to a value (or to a key, ending in it) to its line and column.
    """

    file: str
    kind: str
    data: Data = None
    places: dict[Where, tuple[int, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def at(self, path: Where, sentence: str, *, warning: bool = False) -> Fault:
        """A fault at a path, or at the nearest place above it that is known."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.places:
                return Fault(self.file, *self.places[path[:end]], sentence, warning)
        return Fault(self.file, 1, 1, sentence, warning)


def parse(file: RawFile) -> Document:
    """The plain data in a file. Never raises: what is wrong stands in `faults`, and then data is None."""
    document = Document(file.shown, file.kind)
    text = _text(file, document)
    if text is None:
        return document
    try:
        root = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        deep = "nesting depth" in (error.problem or "")  # libyaml refuses that by itself from 0.2.6 on
        text = "The file is nested too deeply to be read." if deep else f"This is not valid YAML: {_reason(error)}."
        document.faults.append(Fault(file.shown, line, column, text))
        return document
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - before.rfind("\n")
        document.faults.append(Fault(file.shown, line, column, f"The character U+{_code(error):04X} is not allowed in YAML."))
        return document
    except RecursionError:
        document.faults.append(Fault(file.shown, 1, 1, "The file is nested too deeply to be read."))
        return document
    if root is None:
        document.faults.append(Fault(file.shown, 1, 1, "The file is empty."))
        return document
    walk = _Walk(document)
    data = walk.value(root, ())
    document.data = None if document.faults else data
    return document


def _text(file: RawFile, document: Document) -> str | None:
    """The text of a file, or None with a fault that says why there is none."""
    if file.problem:
        document.faults.append(Fault(file.shown, 1, 1, file.problem))
        return None
    try:
        return file.raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = file.raw[: error.start]
        sentence = f"The byte 0x{file.raw[error.start]:02x} is not UTF-8; save the file as UTF-8."
        document.faults.append(Fault(file.shown, before.count(b"\n") + 1, error.start - before.rfind(b"\n"), sentence))
        return None


def _reason(error: yaml.MarkedYAMLError) -> str:
    return " ".join(part.strip() for part in (error.context, error.problem) if part) or "something is misplaced"


def _code(error: yaml.reader.ReaderError) -> int:
    return error.character if isinstance(error.character, int) else ord(error.character)


class _Walk:
    """The nodes of one file turned into data, with a budget so that aliases cannot blow it up."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.left = MOST_NODES

    def value(self, node: yaml.Node, path: Where) -> Data:
        mark = node.start_mark
        here = (mark.line + 1, mark.column + 1)
        self.document.places.setdefault(path, here)
        self.left -= 1
        if self.left == 0:
            self._wrong(here, "The file holds too many values (aliases count each time they are used).")
        if len(path) > DEEPEST:
            self._wrong(here, "This is nested too deeply.")
        if self.left <= 0 or len(path) > DEEPEST:
            return None
        if node.tag not in _PLAIN_TAGS:
            self._wrong(here, f"The tag {node.tag.replace('tag:yaml.org,2002:', '!!')} is not allowed; only plain YAML is read.")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
        empty = node.tag.endswith(":null") and node.value in {"", "~", "null"}
        return None if empty else str(node.value)

    def _mapping(self, node: yaml.MappingNode, path: Where) -> Data:
        found: dict[str, Data] = {}
        for key, value in node.value:
            here = (key.start_mark.line + 1, key.start_mark.column + 1)
            if not isinstance(key, yaml.ScalarNode):
                self._wrong(here, "A key must be a plain word.")
                continue
            name = str(key.value)
            if name in found:
                first, _ = self.document.places[*path, name]
                self._wrong(here, f"The key {name!r} stands here a second time; the first is in line {first}.")
                continue
            self.document.places[*path, name] = here
            found[name] = self.value(value, (*path, name))
            if self.left <= 0:
                break
        return found

    def _wrong(self, here: tuple[int, int], sentence: str) -> None:
        self.document.faults.append(Fault(self.document.file, *here, sentence))
