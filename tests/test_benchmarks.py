"""The scripts that measure: they import one another in no circle, and each can be imported without running."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "benchmarks"
SCRIPTS = {path.stem: path for path in sorted((ROOT / PACKAGE).glob("*.py")) if path.stem != "__init__"}


def imported(path: Path) -> set[str]:
    """The scripts that a script imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name} imports by a relative path"
            found |= {node.module or ""} | {f"{node.module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    assert found.isdisjoint(SCRIPTS.keys() - {"telegram"}), f"{path.name} imports a script without its package"
    return {name.split(".")[1] for name in found if name.startswith(f"{PACKAGE}.")} & SCRIPTS.keys()


def test_no_scripts_import_one_another_in_a_circle() -> None:
    graph = {name: imported(path) for name, path in SCRIPTS.items()}
    assert graph["slack"] >= {"beside", "platforms"}
    order = [*TopologicalSorter(graph).static_order()]  # raises CycleError
    assert {*order} == {*SCRIPTS}


def test_only_the_package_itself_changes_the_path_of_imports() -> None:
    assert [name for name, path in SCRIPTS.items() if "sys.path" in path.read_text("utf-8")] == []


def test_every_script_is_imported_without_running() -> None:
    code = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    names = [f"{PACKAGE}.{name}" for name in SCRIPTS]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, *names], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
