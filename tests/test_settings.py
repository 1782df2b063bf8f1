"""Settings from the environment and from .env."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, read_settings


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CAREERBOT_DATA_DIR", raising=False)
    monkeypatch.chdir(tmp_path)


def test_nothing_has_to_be_set() -> None:
    settings = read_settings()
    assert settings.faq is None
    assert settings.data_dir.name == "careerbot"


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAREERBOT_FAQ", "a/faq.yaml")
    monkeypatch.setenv("CAREERBOT_DATA_DIR", "b")
    assert read_settings() == Settings(faq=Path("a/faq.yaml"), data_dir=Path("b"))


def test_env_in_the_current_directory_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CAREERBOT_FAQ=mine.yaml\nOTHER=1\nCAREERBOT_LATER=x\n", "utf-8")
    assert read_settings().faq == Path("mine.yaml")


def test_the_environment_goes_before_env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("CAREERBOT_FAQ=mine.yaml\n", "utf-8")
    monkeypatch.setenv("CAREERBOT_FAQ", "theirs.yaml")
    assert read_settings().faq == Path("theirs.yaml")


def test_empty_variables_are_as_if_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("CAREERBOT_FAQ=\n", "utf-8")
    monkeypatch.setenv("CAREERBOT_DATA_DIR", "")
    settings = read_settings()
    assert settings.faq is None
    assert settings.data_dir.name == "careerbot"


def test_a_file_that_is_no_text_is_told_without_its_content(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"CAREERBOT_FAQ=\xff\xfe\n")
    with pytest.raises(SettingsError, match=r"^The file \.env cannot be read \(UnicodeDecodeError\)\.$"):
        read_settings()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_settings().faq = Path("other")
