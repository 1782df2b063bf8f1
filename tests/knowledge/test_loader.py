"""Bad knowledge: every fault at once, each with file, line, column and one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.knowledge.files import LARGEST
from bot.knowledge.loader import KnowledgeError, load, load_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def faults(path: Path) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        load(path)
    return [str(fault) for fault in caught.value.faults]


def test_the_small_knowledge_is_read_whole(small: Path) -> None:
    base = load(small)
    assert list(base.entries) == ["hours", "bread-price", "cake-price", "prices", "sorts"]
    assert base.entries["bread-price"].answer == "A loaf is 4 euros."
    assert base.entries["bread-price"].phrasings[0] == "loaf price"
    assert "what does a loaf cost" in base.entries["bread-price"].phrasings
    assert base.entries["hours"].follow_ups[1].label == "And what do you bake?"
    assert base.entries["bread-price"].follow_ups[0].label == base.entries["cake-price"].title
    assert base.entries["prices"].rows[0].cells == {"bread": "4 euros", "cake": "20 euros"}
    assert base.social["person"].kind == "handoff"
    assert base.subjects["jobs"].title == "jobs"
    assert base.facets[0].others == (("pizza", "pizzas"), ("sushi",))


def test_a_draft_is_not_shown(small: Path) -> None:
    assert "secret" not in load(small).entries


def test_version_entries_question_and_answer_are_enough(tmp_path: Path) -> None:
    path = tmp_path / "faq.yaml"
    path.write_text("version: 1\nentries:\n  - {id: a, question: What is it?, answer: A thing.}\n")
    assert load(path).entries["a"].title == "What is it?"


def test_words_that_yaml_takes_for_values_stay_words(tmp_path: Path) -> None:
    path = tmp_path / "faq.yaml"
    path.write_text("version: 1\nentries:\n  - {id: no, question: yes, answer: 1.50, phrasings: [on, off, 2024-01-01, 0x10]}\n")
    entry = load(path).entries["no"]
    assert (entry.question, entry.answer) == ("yes", "1.50")
    assert entry.phrasings == ("on", "off", "2024-01-01", "0x10")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("title: Opening hours", "titel: Opening hours", "faq.yaml:26:5: The key 'titel' is not known here; did you mean 'title'?"),
        ("version: 1", "version: 2", "faq.yaml:2:1: 'version' must be 1, not 2."),
        ("  - id: cake-price\n    question: How much is a cake?", "  - id: hours\n    question: How much is a cake?", "faq.yaml:41:5: The id 'hours' is used twice; the first is in line 24."),
        ("id: cake-price", "id: Cake Price", "faq.yaml:41:5: 'Cake Price' is not an id; ids are lower-case words joined by hyphens."),
        ("follow_ups: [cake-price, prices]", "follow_ups: [cake-prise]", "There is no live entry 'cake-prise' to follow up with; did you mean 'cake-price'?"),
        ("follow_ups: [cake-price, prices]", "follow_ups: [secret]", "There is no live entry 'secret' to follow up with"),
        ("title: The bakery", "title: The bakery\nprompts: [hourz]", "There is no live entry 'hourz' to begin with; did you mean 'hours'?"),
        ("follow_ups: [cake-price, prices]", "follow_ups: [bread-price]", "The entry 'bread-price' offers itself as a follow-up."),
        ("follow_ups: [cake-price, prices]", "follow_ups: [a, b, c, d]", "'follow_ups' has 4 items; at most 3 are allowed."),
        ("answer: Butter.", "answer: " + "x" * 301, "'answer' has 301 characters; at most 300 are allowed."),
        ("answer: Butter.", "answer: ''", "'answer' is empty."),
        ("answer: Butter.", "answer: [a]", "'answer' must be text."),
        ("    answer: Butter.\n", "", "The key 'answer' is missing."),
        ("answer: Butter.", "answer: <b>Butter</b>", "HTML is not allowed; write Markdown: **bold**, _italic_, lists and links."),
        ("answer: Butter.", "answer: '[x](javascript:alert)'", "The link to 'javascript:alert' does not begin with https://, http:// or mailto:."),
        ("A loaf is {loaf}.", "A loaf is {laof}.", "There is no figure 'laof'; did you mean 'loaf'?"),
        ("heading: Opening hours", "heading: Opening Hours", "The source has no heading 'Opening Hours'; did you mean 'Opening hours'?"),
        ("    heading: What we bake\n    status: draft", "    status: draft", "The entry 'secret' has no heading"),
        ("topic: visit", "topic: visits", "There is no topic 'visits'; did you mean 'visit'?"),
        ("about: {product: cake}", "about: {produkt: cake}", "There is no facet 'produkt'; did you mean 'product'?"),
        ("about: {product: cake}", "about: {product: pie}", "The facet 'product' has no value 'pie'."),
        ("columns: {bread: Bread, cake: Cake}", "columns: {bread: Bread, pie: Pie}", "The row has no 'pie'."),
        ("    columns: {bread: Bread, cake: Cake}\n", "", "An entry of the kind 'compare' needs columns and rows."),
        ("see: [bread-price, cake-price]", "see: [bred-price]", "There is no live entry 'bred-price'; did you mean 'bread-price'?"),
        ("include: [phrasings.yaml", "include: [../phrasings.yaml", "'../phrasings.yaml' cannot be included"),
        ("include: [phrasings.yaml", "include: [frasings.yaml", "'frasings.yaml' cannot be included"),
        ("title: The bakery", "title: The bakery\ntexts: {fallbak: Pardon?}", "There is no text 'fallbak'; did you mean 'fallback'?"),
        ("title: The bakery", "title: The bakery\ntexts: {fallback: 'Pardon {name}?'}", "The text 'fallback' has a gap that nothing fills; it can have: none."),
        ("title: The bakery", "title: The bakery\ntexts: {topic: 'A { brace'}", "The text 'topic' has a gap that nothing fills; it can have: {topic}."),
        ("title: The bakery", "title: The bakery\ntitle: Again", "The key 'title' stands here a second time; the first is in line 3."),
        ("status: draft", "status: maybe", "'status' must be 'draft', 'live' or 'retired', not 'maybe'."),
        ("not: [how much is a pizza]", "not: [Loaf PRICE?]", "faq.yaml:39:11: 'Loaf PRICE?' is a phrasing of 'bread-price' and must never reach it; it cannot be both."),
        ("not: [how much is a pizza]", "not: [a, what does a loaf cost]", "'what does a loaf cost' is a phrasing of 'bread-price' and must never reach it"),
        ("version: 1", "version: 1\n- nonsense", "This is not valid YAML"),
        ("version: 1", "version: !!python/object/apply:os.system [ls]", "The tag !!python/object/apply:os.system is not allowed; only plain YAML is read."),
        ("version: 1", "version: 1\n? [a, b]\n: c", "A key must be a plain word."),
    ],
)  # fmt: skip
def test_a_fault_is_told_in_a_sentence_with_its_place(edit: Callable[[str, str], Path], old: str, new: str, expected: str) -> None:
    told = faults(edit(old, new))
    assert any(expected in fault for fault in told), told
    assert all((":" in fault and fault.endswith((".", "?"))) or "known are" in fault for fault in told)


def test_every_fault_is_told_at_once(small: Path) -> None:
    text = small.read_text("utf-8")
    small.write_text(text.replace("topic: visit", "topic: vist").replace("answer: Butter.", "answr: Butter."), "utf-8")
    social = small.with_name("social.yaml")
    social.write_text(social.read_text("utf-8").replace("kind: handoff", "kind: hand"), "utf-8")
    small.with_name("phrasings.yaml").write_text("hours: [a\n", "utf-8")
    told = "\n".join(faults(small))
    assert "The key 'answr' is not known here; did you mean 'answer'?" in told
    assert "social.yaml:8:3: 'kind' must be" in told
    assert "phrasings.yaml:2:1: This is not valid YAML" in told


def test_included_files_must_name_what_exists(small: Path) -> None:
    small.with_name("phrasings.yaml").write_text("hour: [when]\n", "utf-8")
    small.with_name("out_of_scope.yaml").write_text("x: {phrasings: [a], reply: no, instead: [nothing]}\n", "utf-8")
    small.with_name("tests.yaml").write_text(
        "questions: [{ask: a, expect: [nothing]}]\nconversations: [[{say: a, expect: [nope]}]]\n", "utf-8"
    )
    told = "\n".join(faults(small))
    assert "phrasings.yaml:1:1: There is no entry 'hour'; did you mean 'hours'?" in told
    assert "out_of_scope.yaml:1:42: There is no live entry 'nothing'." in told
    assert "tests.yaml:1:31: There is no entry 'nothing'." in told
    assert "tests.yaml:2:36: There is no entry 'nope'." in told


def test_an_id_is_used_once_over_all_files(small: Path) -> None:
    small.with_name("social.yaml").write_text("delivery: {replies: [x]}\nhours: {replies: [x]}\n", "utf-8")
    told = "\n".join(faults(small))
    assert "The id 'delivery' is used twice" in told
    assert "The id 'hours' is used twice" in told


def test_a_missing_include_a_directory_and_an_empty_file(small: Path) -> None:
    small.with_name("phrasings.yaml").unlink()
    small.with_name("social.yaml").unlink()
    small.with_name("social.yaml").mkdir()
    small.with_name("out_of_scope.yaml").write_text("", "utf-8")
    told = "\n".join(faults(small))
    assert "phrasings.yaml:1:1: There is no such file." in told
    assert "social.yaml:1:1: This is a directory; a knowledge file is expected." in told
    assert "out_of_scope.yaml:1:1: The file is empty." in told


def test_the_main_file_missing_or_a_directory(tmp_path: Path) -> None:
    assert "There is no such file." in faults(tmp_path / "faq.yaml")[0]
    assert "This is a directory" in faults(tmp_path)[0]


def test_bytes_that_are_not_utf8_are_placed(small: Path) -> None:
    small.write_bytes(small.read_bytes().replace(b"The bakery", "Die B\u00e4ckerei".encode("latin-1"), 1))
    assert "faq.yaml:3:13: The byte 0xe4 is not UTF-8; save the file as UTF-8." in faults(small)[0]


def test_a_control_character_is_placed(small: Path) -> None:
    small.write_text(small.read_text("utf-8").replace("The bakery", "The \x07bakery"), "utf-8")
    assert "faq.yaml:3:12: The character U+0007 is not allowed in YAML." in faults(small)[0]


def test_a_huge_file_is_not_read(small: Path) -> None:
    with small.open("ab") as file:
        file.truncate(50_000_000)
    assert faults(small)[0].endswith(f"The file has 50 MB; at most {LARGEST // 1_000_000} MB are read.")


def test_a_yaml_bomb_is_defused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    path = tmp_path / "faq.yaml"
    path.write_text("\n".join(lines))
    assert any("The file holds too many values" in fault for fault in faults(path))


def test_a_file_that_contains_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "faq.yaml"
    path.write_text("version: 1\nentries: &e [*e]\n")
    assert any("This is nested too deeply." in fault for fault in faults(path))


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "faq.yaml"
    path.write_text("version: " + "[" * 5000 + "]" * 5000)
    assert "nested too deeply" in faults(path)[0]


def test_the_old_name_of_the_conversations_is_still_read(small: Path) -> None:
    tests = small.with_name("tests.yaml")
    new = load_all(small)[1].tests
    old = tests.read_text("utf-8").replace("conversations:", "talks:") + "thresholds: {talks: {right: 0.5, whole talks right: 0.4}}\n"
    tests.write_text(old, "utf-8")
    read = load_all(small)[1].tests
    assert (read.conversations, read.talks) == (new.conversations, [])
    assert read.thresholds == {"conversations": {"right": 0.5, "whole conversations right": 0.4}}
    tests.write_text(old.replace("cake-price", "cake-prise").replace("act: social", "akt: social"), "utf-8")
    assert "tests.yaml:7:21: The key 'akt' is not known here; did you mean 'act'?" in "\n".join(faults(small))
    tests.write_text(old.replace("cake-price", "cake-prise"), "utf-8")
    assert "tests.yaml:6:42: There is no entry 'cake-prise'; did you mean 'cake-price'?" in faults(small)[0]


def test_both_names_of_the_conversations_at_once_are_a_fault(small: Path) -> None:
    tests = small.with_name("tests.yaml")
    two = "'talks' is the old name of 'conversations'; write all of them under 'conversations'."
    text = tests.read_text("utf-8")
    tests.write_text(text + "talks: [[{say: a}]]\n", "utf-8")
    assert faults(small)[0].endswith(f"tests.yaml:8:1: {two}")
    tests.write_text(text + "thresholds: {talks: {right: 0.5}, conversations: {right: 0.5}}\n", "utf-8")
    assert faults(small)[0].endswith(f"tests.yaml:8:1: {two}")
