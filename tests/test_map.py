"""The map is true: the paths and targets that it names are there, and it stays small enough to be read at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
MAPS = ["ARCHITECTURE.md", "CONTRIBUTING.md"]
PATH = re.compile(r"(?<![\w/.])((?:bot|tests|docs|benchmarks|deploy|knowledge)/[\w./-]+|\.[a-z][\w-]*\.[a-z]+|[A-Z]+\.md)")
"""Paths from the root of the repository; of files that lie there, those that begin with a dot and those in capitals."""
FLOOR = re.compile(r"^    [\d ]{2} (\w+)(/|\.py) ", re.MULTILINE)


@pytest.mark.parametrize("name", MAPS)
def test_every_path_is_there(name: str) -> None:
    named = {path.rstrip(".") for path in PATH.findall((ROOT / name).read_text("utf-8"))}
    assert len(named) > 5
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_the_table_of_changes_can_be_read_at_a_glance() -> None:
    table = ARCHITECTURE.partition("## To change something")[2].partition("## ")[0]
    assert 8 <= len(re.findall(r"^\| (?!to change |---)", table, re.MULTILINE)) <= 14


@pytest.mark.parametrize("name", [*MAPS, "README.md"])
def test_every_target_is_there(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"^ *(?:\$ )?make ([a-z-]+)|`make ([a-z-]+)`", (ROOT / name).read_text("utf-8"), re.MULTILINE))
    assert {target for pair in named for target in pair if target} <= targets


def test_every_target_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"^([a-z-]+):(?!=)(.*)$", makefile, re.MULTILINE)
    assert [target for target, rest in targets if "## " not in rest] == []


def test_the_architecture_is_one_screen_and_needs_twenty_words() -> None:
    lines = ARCHITECTURE.splitlines()
    assert len(lines) <= 80
    assert max(map(len, lines)) <= 140
    glossary = ARCHITECTURE.partition("## Words")[2]
    assert 10 <= len(re.findall(r"^\| (?!word |---)", glossary, re.MULTILINE)) <= 20


def test_the_floors_of_the_map_hold_all_that_the_bot_consists_of() -> None:
    packages = {path.parent.name for path in (ROOT / "bot").glob("*/__init__.py")}
    modules = {path.stem for path in (ROOT / "bot").glob("*.py")} - {"__init__"}
    drawn = FLOOR.findall(ARCHITECTURE)
    assert {name for name, kind in drawn if kind == "/"} == packages
    assert {name for name, kind in drawn if kind == ".py"} == modules
    assert len(modules) <= 3


def test_no_file_is_too_long() -> None:
    files = {path: path.read_text("utf-8").splitlines() for path in (ROOT / "bot").rglob("*.py")}
    assert {path.name: len(lines) for path, lines in files.items() if len(lines) > 300} == {}


def test_the_hooks_run_what_is_in_the_environment() -> None:
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert repo["repo"] == "local"
    assert all(hook["entry"].startswith(".venv/bin/") for hook in repo["hooks"])
