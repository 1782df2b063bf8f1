"""What a choice leads to, as it stands on a button: buttons of version 0.1 are pressed years later, and forged ones at any time."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot.dialogue.reply import Choice
from bot.dialogue.targets import (
    ConsentTarget,
    DeskTarget,
    EntryTarget,
    NoneOfThese,
    PersonTarget,
    ReasonTarget,
    Target,
    TeamTarget,
    TopicTarget,
    read_target,
    written,
)

WRITTEN: dict[str, Target] = {
    "cake-price": EntryTarget("cake-price"),
    "more:hours": EntryTarget("hours", "more"),
    "full:hours": EntryTarget("hours", "full"),
    "topic:": TopicTarget(),
    "topic:bread": TopicTarget("bread"),
    "none-of-these": NoneOfThese(),
    "person": PersonTarget(),
    "handoff:named": ConsentTarget("named"),
    "handoff:anonymous": ConsentTarget("anonymous"),
    "handoff:other": ConsentTarget("other"),
    "reason:0123456789abcdef:wrong": ReasonTarget("0123456789abcdef", "wrong"),
    "team:cake-price": TeamTarget("cake-price"),
    "desk:claim:0123456789abcdef": DeskTarget("claim", "0123456789abcdef"),
    "desk:decline:0123456789abcdef": DeskTarget("decline", "0123456789abcdef"),
    "desk:keep:0123456789abcdef": DeskTarget("keep", "0123456789abcdef"),
}
"""The buttons that version 0.1 has drawn, and what each leads to."""
CUT_SHORT: dict[str, Target] = {
    "reason:": ReasonTarget("", ""),
    "reason:0123": ReasonTarget("0123", ""),
    "desk:claim": DeskTarget("claim", ""),
    "desk:decline": DeskTarget("decline", ""),
    "desk:keep": DeskTarget("keep", ""),
}
"""What never stood on a button: a target that lacks its last part. It is read as one whose last part is empty."""
OTHERS = [
    "", ":", "💥", "\0", "\ud800", "Person", "person:", "person:ann", "none-of-these:", "more", "more:", "full", "full:", "topic", "team",
    "team:", "handoff", "handoff:", "handoff:x", "handoff:named:x", "reason", "desk", "desk:", "desk:x", "desk:x:0123", "desk::0123",
    " cake-price", "cake-price\n",
]  # fmt: skip
"""What nothing ever meant."""

KINDS = ["more", "full", "topic", "none-of-these", "person", "handoff", "reason", "team", "desk"]
PARTS = st.sampled_from([*KINDS, "claim", "decline", "keep", "take_back", "named", "anonymous", "other", "cake-price", "", ":", "::", " "])
ANYTHING = (
    st.text(st.characters(exclude_categories=[])) | st.lists(PARTS, max_size=6).map("".join) | st.lists(PARTS, max_size=5).map(":".join)
)


@pytest.mark.parametrize(("text", "target"), WRITTEN.items())
def test_each_button_of_the_first_version_is_read_and_written_as_ever(text: str, target: Target) -> None:
    assert read_target(text) == target
    assert written(target) == text


def test_there_is_a_button_for_each_kind_of_target() -> None:
    assert {type(target) for target in WRITTEN.values()} == {*Target.__args__}


@pytest.mark.parametrize("entry", ["cake-price", "more:hours", "topic:bread", "person", "a:b:c", ":"])
@pytest.mark.parametrize("detail", ["more", "full"])
def test_what_follows_a_detail_is_an_entry_whatever_it_looks_like(detail: str, entry: str) -> None:
    assert read_target(f"{detail}:{entry}") == EntryTarget(entry, detail)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("reason:0123:wrong:ly", ReasonTarget("0123", "wrong:ly")),
        ("reason::wrong", ReasonTarget("", "wrong")),
        ("desk:keep:01:23", DeskTarget("keep", "01:23")),
        ("desk:take_back:01:23", DeskTarget("take_back", "01", "23")),
        ("desk:take_back:01:", DeskTarget("take_back", "01:")),
        ("desk:change:01:23", DeskTarget("change", "01", "23")),
        ("topic:bread:rye", TopicTarget("bread:rye")),
        ("team:more:hours", TeamTarget("more:hours")),
    ],
)
def test_the_last_part_of_a_target_goes_to_the_end(text: str, target: Target) -> None:
    assert read_target(text) == target
    assert written(target) == text


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_no_other_target_names_an_entry_that_there_is_not(text: str) -> None:
    assert read_target(text) == EntryTarget(text)
    assert written(EntryTarget(text)) == text


@pytest.mark.parametrize(("text", "target"), CUT_SHORT.items())
def test_a_target_cut_short_is_written_with_all_its_parts(text: str, target: Target) -> None:
    assert read_target(text) == target
    assert read_target(written(target)) == target


@given(ANYTHING)
@example("person:")
@example("more:")
@example("handoff:x")
@example("reason:")
@example("desk:claim")
def test_any_text_is_a_target_which_is_written_as_that_text_unless_it_was_cut_short(text: str) -> None:
    target = read_target(text)
    cut_short = isinstance(target, ReasonTarget | DeskTarget) and text.count(":") == 1
    assert written(target) == (f"{text}:" if cut_short else text)
    assert read_target(written(target)) == target


@given(ANYTHING)
def test_a_choice_is_kept_with_its_target_as_it_stands_on_the_button(text: str) -> None:
    kept = TypeAdapter(Choice)
    choice = Choice(read_target(text), "How much is it?")
    assert kept.dump_python(choice) == {"target": written(choice.target), "label": "How much is it?"}
    assert kept.validate_python(kept.dump_python(choice)) == choice
