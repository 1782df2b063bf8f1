"""What a change of the knowledge changes: its version, what is learned, what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.knowledge import loader, references
from bot.knowledge.files import version_of
from bot.knowledge.loader import load

if TYPE_CHECKING:
    from pathlib import Path

    from bot.knowledge.loaded import Loaded
    from bot.knowledge.yaml_source import Fault

VERSION, LEARNED, SAID = "version", "learning_key", "content_key"


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def changed(faq: Path, name: str, old: str, new: str) -> set[str]:
    """The keys that a change of one file changes."""
    before = load(faq)
    replaced(faq.with_name(name), old, new)
    after = load(faq)
    assert version_of(faq) == after.version
    return {key for key in (VERSION, LEARNED, SAID) if getattr(before, key) != getattr(after, key)}


def test_the_same_files_have_the_same_keys(small: Path) -> None:
    one, two = load(small), load(small)
    assert one == two
    assert len({one.version, one.learning_key, one.content_key}) == 3
    assert {len(key) for key in (one.version, one.learning_key, one.content_key)} == {32}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("faq.yaml", "version: 1\n", "version: 1  # checked in spring\n"),
        ("phrasings.yaml", "hours:\n", "hours:  # more of them\n"),
        ("faq.yaml", "question: What is the secret recipe?", "question: And the secret recipe?"),  # a draft is not shown
        ("phrasings.yaml", "  - tell me the recipe\n", "  - tell me your recipe\n"),
    ],
)
def test_what_is_neither_learned_nor_said_changes_the_version_only(small: Path, name: str, old: str, new: str) -> None:
    assert changed(small, name, old, new) == {VERSION}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("faq.yaml", "A cake is 20 euros.", "A cake is 22 euros."),
        ("faq.yaml", "On Sundays we bake only for ourselves.", "On Sundays we sleep."),
        ("faq.yaml", '{text: "4 euros", heading: Prices}', '{text: "5 euros", heading: Prices}'),
        ("faq.yaml", "label: Price,", "label: How much,"),
        ("faq.yaml", "And what do you bake?", "And what comes out of the oven?"),
        ("faq.yaml", "follow_ups: [cake-price, prices]", "follow_ups: [prices, cake-price]"),
        ("faq.yaml", "    not: [how much is a pizza]\n", "    not: [how much is a roll]\n"),
        ("faq.yaml", "    about: {product: cake}\n", ""),
        ("faq.yaml", "heading: What we bake\n    topic", "heading: Prices\n    topic"),
        ("faq.yaml", "title: Visit us", "title: Come and see us"),
        ("faq.yaml", "topics:", "texts: {fallback: Pardon?}\ntopics:"),
        ("faq.yaml", "topics:", "prompts: [sorts]\ntopics:"),
        ("out_of_scope.yaml", "We have no word on delivery.", "We do not deliver."),
        ("out_of_scope.yaml", "title: Delivery", "title: Bringing it"),
        ("social.yaml", "You are welcome.", "Any time."),
    ],
)
def test_what_is_only_said_is_not_learned_again(small: Path, name: str, old: str, new: str) -> None:
    assert changed(small, name, old, new) == {VERSION, SAID}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("faq.yaml", "phrasings: [loaf price]", "phrasings: [loaf prices]"),
        ("faq.yaml", "question: What do you bake?", "question: What do you make?"),
        ("faq.yaml", "bread: [bread, loaf, loaves]", "bread: [bread, loaf]"),
        ("faq.yaml", "other: [[pizza, pizzas], sushi]", "other: [[pizzas, pizza], sushi]"),
        ("faq.yaml", "[price, cost, costs]", "[cost, price, costs]"),
        ("phrasings.yaml", "  - your assortment\n", "  - your whole assortment\n"),
        ("out_of_scope.yaml", "    - are you hiring\n", "    - are you looking for people\n"),
        ("social.yaml", "much obliged", "obliged"),
    ],
)
def test_what_is_learned_changes_the_learning_key(small: Path, name: str, old: str, new: str) -> None:
    assert LEARNED in changed(small, name, old, new)


def test_an_entry_that_goes_live_is_learned(small: Path) -> None:
    assert changed(small, "faq.yaml", "status: draft", "status: live") == {VERSION, LEARNED, SAID}


def test_another_id_is_learned(small: Path) -> None:
    before = load(small)
    replaced(small, "id: cake-price", "id: cakes")
    replaced(small, "follow_ups: [cake-price,", "follow_ups: [cakes,")
    replaced(small, "see: [bread-price, cake-price]", "see: [bread-price, cakes]")
    for name in ("phrasings.yaml", "tests.yaml"):
        replaced(small.with_name(name), "cake-price", "cakes")
    assert load(small).learning_key != before.learning_key


def test_the_order_of_the_entries_is_learned(small: Path) -> None:
    before, text = load(small), small.read_text("utf-8")
    head, _, rest = text.partition("  - id: bread-price")
    bread, _, rest = rest.partition("  - id: cake-price")
    cake, _, rest = rest.partition("  - id: prices")
    small.write_text(f"{head}  - id: cake-price{cake}  - id: bread-price{bread}  - id: prices{rest}", "utf-8")
    after = load(small)
    assert list(after.entries)[1:3] == ["cake-price", "bread-price"]
    assert after.learning_key != before.learning_key


def test_the_held_out_questions_change_nothing(small: Path) -> None:
    assert changed(small, "tests.yaml", "at what hour do you open", "at what time do you open") == set()
    small.with_name("tests.yaml").unlink()
    replaced(small, ", tests.yaml]", "]")
    gone = version_of(small)
    small.with_name("tests.yaml").write_text("questions: []\n", "utf-8")
    assert version_of(small) == gone


def test_a_file_that_appears_or_vanishes_changes_the_version(small: Path) -> None:
    before = version_of(small)
    social = small.with_name("social.yaml")
    text = social.read_text("utf-8")
    social.write_text("", "utf-8")
    empty = version_of(small)
    social.unlink()
    assert len({before, empty, version_of(small)}) == 3
    social.write_text(text, "utf-8")
    assert version_of(small) == before


def test_a_file_that_is_not_included_is_not_parsed(small: Path) -> None:
    small.with_name("social.yaml").write_text("no: [yaml\n", "utf-8")
    replaced(small, "social.yaml, ", "")
    assert load(small).social == {}


def test_what_cannot_be_read_has_a_version_too(small: Path) -> None:
    before = version_of(small)
    with small.open("ab") as file:
        file.truncate(50_000_000)
    large = version_of(small)
    small.unlink()
    small.mkdir()
    assert len({before, large, version_of(small), version_of(small.with_name("nowhere.yaml"))}) == 4


def test_a_file_that_is_saved_while_it_is_read_keeps_the_name_of_what_was_read(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = load(small)
    check = references.check

    def saving(loaded: Loaded) -> list[Fault]:
        replaced(small, "A cake is 20 euros.", "A cake is 22 euros.")
        return check(loaded)

    monkeypatch.setattr(loader.references, "check", saving)
    read = load(small)
    monkeypatch.undo()
    assert read.entries["cake-price"].answer == "A cake is 20 euros."
    assert read.version == before.version
    after = load(small)
    assert after.entries["cake-price"].answer == "A cake is 22 euros."
    assert after.version != read.version


def test_each_file_is_read_once(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    open_ = type(small).open

    def counting(path: Path, *arguments: object, **more: object) -> object:
        opened.append(path.name)
        return open_(path, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(type(small), "open", counting)
    load(small)
    assert sorted(opened) == ["faq.yaml", "out_of_scope.yaml", "phrasings.yaml", "social.yaml", "tests.yaml"]
