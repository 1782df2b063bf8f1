"""What an editor is warned of: allowed, but probably not meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.authoring.lint import FEW_PHRASINGS, lint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MORE = "    heading: Prices\n    topic: bread\n    about: {product: bread}\n"


@pytest.fixture
def clean(edit: Callable[[str, str], Path]) -> Path:
    """The small knowledge base without anything to warn of."""
    return edit(MORE, f"    more: Two halves are {{loaf}} too.\n{MORE}")


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def line_of(path: Path, text: str) -> int:
    return next(number for number, line in enumerate(path.read_text("utf-8").splitlines(), 1) if text in line)


def only(path: Path) -> tuple[str, int, str]:
    (found,) = lint(path)
    assert found.warning
    assert found.column > 0
    return found.file.rsplit("/", 1)[-1], found.line, found.sentence


def test_clean_knowledge_gives_no_warning(clean: Path) -> None:
    assert lint(clean) == []


@pytest.mark.parametrize("text", ["price of bread", "Price of BREAD?!"])
def test_a_phrasing_under_two_entries_is_warned_of(clean: Path, text: str) -> None:
    phrasings = clean.with_name("phrasings.yaml")
    replaced(phrasings, "  - do you bake rye\n", f"  - {text}\n  - do you bake rye\n")
    file, line, sentence = only(clean)
    assert (file, line) == ("phrasings.yaml", line_of(phrasings, "do you bake rye") - 1)
    assert sentence == f"{text!r} stands under 'bread-price' too; one question can lead to one place only."


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("out_of_scope.yaml", "    - are you hiring\n", "    - are you hiring\n    - price of bread\n"),
        ("social.yaml", "[thanks,", "[thanks, price of bread,"),
    ],
)
def test_a_phrasing_of_an_entry_is_not_one_of_another_file(clean: Path, name: str, old: str, new: str) -> None:
    replaced(clean.with_name(name), old, new)
    file, line, sentence = only(clean)
    assert (file, line) == (name, line_of(clean.with_name(name), "price of bread"))
    assert "'bread-price' too" in sentence


def test_an_entry_with_few_phrasings_is_warned_of(clean: Path) -> None:
    replaced(clean.with_name("phrasings.yaml"), "  - do you bake rye\n  - your assortment\n", "")
    file, line, sentence = only(clean)
    assert (file, line) == ("faq.yaml", line_of(clean, "id: sorts"))
    assert sentence.startswith(f"'sorts' has {FEW_PHRASINGS - 2} phrasings;")


def test_a_phrasing_that_means_the_same_as_a_not_is_warned_of(clean: Path) -> None:
    replaced(clean, "not: [how much is a pizza]", "not: [how much is a pizza, loaf costs]")
    file, line, sentence = only(clean)
    assert (file, line) == ("faq.yaml", line_of(clean, "loaf costs"))
    assert sentence == "'loaf costs' means the same as the phrasing 'loaf price' of 'bread-price', which will never reach it now."


def test_a_test_question_that_is_a_phrasing_is_warned_of(clean: Path) -> None:
    tests = clean.with_name("tests.yaml")
    replaced(tests, "at what hour do you open", '"Price of bread?"')
    file, line, sentence = only(clean)
    assert (file, line) == ("tests.yaml", line_of(tests, "Price of bread"))
    assert "is a phrasing of 'bread-price' too, so it tests nothing." in sentence


@pytest.mark.parametrize(("used", "times"), [("Two halves are 4 euros too.", 2), ("Nothing.", 2)])
def test_a_figure_used_in_an_answer_and_a_cell_is_fine(clean: Path, used: str, times: int) -> None:
    replaced(clean, "Two halves are {loaf} too.", used)
    assert clean.read_text("utf-8").count("{loaf}") == times
    assert lint(clean) == []


@pytest.mark.parametrize("times", [0, 1])
def test_an_idle_figure_is_warned_of(clean: Path, times: int) -> None:
    replaced(clean, "figures:\n", 'figures:\n  bun: {text: "1 euro", heading: Prices}\n')
    if times:
        replaced(clean, "A cake is 20 euros.", "A cake is 20 euros, a bun {bun}.")
    file, line, sentence = only(clean)
    assert (file, line) == ("faq.yaml", line_of(clean, "bun: {text"))
    assert sentence.startswith(f"The figure 'bun' is used {times} times;")


def test_an_empty_topic_is_warned_of(clean: Path) -> None:
    replaced(clean, "topics:\n", "topics:\n  - {id: pies, title: Pies}\n")
    assert only(clean) == ("faq.yaml", line_of(clean, "id: pies"), "No entry stands under the topic 'pies'.")


def test_an_entry_without_topic_is_warned_of(clean: Path) -> None:
    replaced(clean, "    heading: What we bake\n    topic: bread\n", "    heading: What we bake\n")
    assert only(clean) == ("faq.yaml", line_of(clean, "id: sorts"), "'sorts' has no topic, so the menu does not show it.")


def test_warnings_come_in_the_order_of_files_and_lines(clean: Path) -> None:
    replaced(clean, "topics:\n", "topics:\n  - {id: pies, title: Pies}\n")
    replaced(clean, "    heading: What we bake\n    topic: bread\n", "    heading: What we bake\n")
    replaced(clean.with_name("phrasings.yaml"), "  - do you bake rye\n", "  - price of bread\n  - do you bake rye\n")
    found = lint(clean)
    assert len(found) == 3
    assert found == sorted(found)


def test_faults_are_told_instead_of_warnings(clean: Path) -> None:
    replaced(clean, "topics:\n", "topics:\n  - {id: pies, title: Pies}\n")
    replaced(clean, "about: {product: cake}", "about: {product: pie}")
    (found,) = lint(clean)
    assert not found.warning
    assert "no value 'pie'" in found.sentence


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    (found,) = lint(tmp_path / "nowhere.yaml")
    assert not found.warning
