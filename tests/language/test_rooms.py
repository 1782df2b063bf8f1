"""The rooms above keep the logic and the language keeps the words: none of them recognises English by itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bot.language import vocabulary

ROOT = Path(__file__).parents[2] / "bot"
FILES = sorted(path for room in ("knowledge", "matching", "dialogue") for path in (ROOT / room).rglob("*.py"))
MOST = 2
"""English words that a pattern may hold by chance: `https`, the name of a token."""


def english_in(source: str) -> list[list[str]]:
    """The English words of each pattern and each list of words of a source that has more of them than by chance."""
    makes = (node for node in ast.walk(ast.parse(source)) if _recognises(node))
    found = (sorted(set(re.findall(r"[a-z]+", _written(node))) & vocabulary.real_words()) for node in makes)
    return [words for words in found if len(words) > MOST]


def _recognises(node: ast.AST) -> bool:
    """Whether a piece of code is a pattern, a part of one (`this|that`), or a text that is split into words."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return ast.unparse(node.func) == "re.compile" or node.func.attr == "split"
    return isinstance(node, ast.Constant) and bool(re.search(r"\w\|\w", str(node.value)))


def _written(node: ast.AST) -> str:
    """The text that stands in the code below a node, without the names of groups."""
    texts = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str))
    return re.sub(r"\(\?P<\w+>|\\[a-z]", " ", " ".join(texts))


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in FILES])
def test_no_pattern_and_no_list_of_english_words_stands_above_the_language(path: Path) -> None:
    assert english_in(path.read_text("utf-8")) == []


@pytest.mark.parametrize("module", ["conversation", "questions"])
def test_such_patterns_would_be_found(module: str) -> None:
    assert len(english_in((ROOT / "language" / "english" / f"{module}.py").read_text("utf-8"))) > 2
