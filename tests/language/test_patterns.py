"""What the docstrings of the language say by example is so: each pattern and each set of words is put to what stands there."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bot import language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

PUT = {"The whole": re.Pattern.fullmatch, "A beginning": re.Pattern.match, "Anywhere": re.Pattern.search}
MODULES = [getattr(language, name) for name in language.__all__]


class Documented(NamedTuple):
    """A name of the language, what it stands for, and its docstring before and after "but not"."""

    name: str
    value: object
    says: str
    but_not: str


def documented(module: ModuleType) -> Iterator[Documented]:
    body = ast.parse(Path(module.__file__).read_text("utf-8")).body
    for line, below in zip(body, [*body[1:], None], strict=True):
        if isinstance(line, ast.Assign) and not line.targets[0].id.startswith("_"):
            says = below.value.value if isinstance(below, ast.Expr) else ""
            before, _, after = says.partition("; but not ")
            yield Documented(line.targets[0].id, getattr(module, line.targets[0].id), before, after)


ALL = [found for module in MODULES for found in documented(module)]
PATTERNS = [found for found in ALL if isinstance(found.value, re.Pattern)]
SETS = [found for found in ALL if isinstance(found.value, frozenset)]


def quoted(text: str) -> list[str]:
    return re.findall(r'"([^"]+)"', text)


def put(pattern: Documented) -> Callable[[str], object]:
    """The pattern as it is put to a text: from end to end, at the beginning, anywhere."""
    way = next(way for begins, way in PUT.items() if pattern.says.startswith(begins))
    return lambda text: way(pattern.value, text)


@pytest.mark.parametrize(("pattern", "example"), [pytest.param(p, e, id=f"{p.name}: {e}") for p in PATTERNS for e in quoted(p.says)])
def test_a_pattern_recognises_its_examples(pattern: Documented, example: str) -> None:
    assert put(pattern)(example)


@pytest.mark.parametrize("pattern", [pytest.param(p, id=p.name) for p in PATTERNS])
def test_a_pattern_has_two_examples_and_leaves_its_counter_example_alone(pattern: Documented) -> None:
    assert len(quoted(pattern.says)) > 1
    assert [bool(put(pattern)(counter)) for counter in quoted(pattern.but_not)] == [False]


@pytest.mark.parametrize("words", [pytest.param(s, id=s.name) for s in SETS])
def test_a_set_of_words_holds_its_examples(words: Documented) -> None:
    named = re.findall(r"\w+", " ".join(quoted(words.says)).lower().replace("'", ""))
    assert named
    assert set(named) <= words.value


def test_every_name_is_told_about() -> None:
    assert len(PATTERNS) > 15
    assert [found.name for found in ALL if not found.says and found.name != "TEXTS"] == []
