"""What tests share: a small knowledge base in files, and the bot on the shipped knowledge (trained once, kept between runs)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.assembly import Bot, assemble, shipped_faq
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = Path(__file__).parent / "knowledge"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test sees the settings of the person who runs it, or leaves anything in their home."""
    for name in ("CAREERBOT_FAQ", "CAREERBOT_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CAREERBOT_DATA_DIR", str(tmp_path_factory.getbasetemp() / "data"))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small knowledge base of a baker's shop, to be spoiled at will."""
    return Path(shutil.copytree(SMALL, tmp_path / "small")) / "faq.yaml"


@pytest.fixture(scope="session")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    return assemble(Settings(faq=SMALL / "faq.yaml", data_dir=tmp_path_factory.mktemp("bakery")))


@pytest.fixture(scope="session")
def trained_dir(request: pytest.FixtureRequest) -> Path:
    """Where the model of the shipped knowledge is kept from one run of the suite to the next."""
    return Path(request.config.cache.mkdir("careerbot"))


@pytest.fixture(scope="session")
def shipped(trained_dir: Path) -> Bot:
    return assemble(Settings(faq=shipped_faq(), data_dir=trained_dir))


@pytest.fixture
def edit(small: Path) -> Callable[[str, str], Path]:
    """Replace a text in the main file of the small knowledge base, and give its path."""

    def edited(old: str, new: str) -> Path:
        text = small.read_text("utf-8")
        assert old in text
        small.write_text(text.replace(old, new, 1), "utf-8")
        return small

    return edited
