"""The wheel as somebody installs it: it carries the knowledge and the trained model, and answers at once."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.soak
def test_an_installed_wheel_answers_without_learning(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True)
    wheel = next(tmp_path.glob("careerbot-*.whl"))
    names = zipfile.ZipFile(wheel).namelist()
    assert "bot/language/english/words.txt" in names
    assert [name for name in names if name.endswith(".dist-info/licenses/bot/language/english/NOTICE")]
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(wheel)], check=True)
    environment = {**os.environ, "CAREERBOT_DATA_DIR": str(tmp_path / "data")}
    command = [python.with_name("careerbot"), "ask", "how much does a staff AI PM make?"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert "$450K–$700K" in done.stdout
    assert "Learning" not in done.stderr
    assert not (tmp_path / "data").exists()
