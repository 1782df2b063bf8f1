"""What the README and .env.example say exists: every command and every variable."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "docs" / "authoring.md",
    ROOT / "docs" / "slack.md",
    ROOT / "docs" / "telegram.md",
    ROOT / "docs" / "channel.md",
    ROOT / "docs" / "operate.md",
]
VARIABLES = {field.validation_alias or f"CAREERBOT_{name.upper()}" for name, field in Settings.model_fields.items()}


@pytest.mark.parametrize(
    "command", sorted({c for page in PAGES for c in re.findall(r"(?<!@)\bcareerbot ([a-z]+)\b", page.read_text("utf-8"))})
)
def test_every_command_that_is_named_exists(command: str) -> None:
    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z]+)\b", (ROOT / "README.md").read_text("utf-8")))))
def test_every_make_target_that_is_named_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_the_variables_of_the_readme_and_the_example_are_those_of_the_settings() -> None:
    assert set(re.findall(r"`((?:CAREERBOT|DATABASE|SLACK|TELEGRAM)_[A-Z_]+)`", (ROOT / "README.md").read_text("utf-8"))) == VARIABLES
    assert set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE)) == VARIABLES


@pytest.mark.parametrize("page", [*PAGES, ROOT / "ARCHITECTURE.md"], ids=lambda page: page.name)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
