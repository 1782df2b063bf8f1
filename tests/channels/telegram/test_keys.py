"""What buttons and links of Telegram carry is read again, or does not fit."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback.telegram_rules import START

from bot.channels.telegram import keys
from bot.dialogue.targets import EntryTarget, Target, TeamTarget, TopicTarget

ids = st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True)


@settings(deadline=None)
@given(
    st.sampled_from(["pick", "show", "up", "down", "menu", "less"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80),
)
def test_what_a_button_carries_is_read_again_or_does_not_fit(action: keys.Action, key: str) -> None:
    packed = keys.data(action, key)
    assert (packed == "") == (len(key) > 64 - len("v1:p:"))
    assert not packed or keys.read_data(packed) == (action, key)


@pytest.mark.parametrize("text", ["", "v1", "v1:", "v1::x", "v1:z:x", "v1:pp:x", "v0:p:x", "V1:p:x", "p:x", "x", "v1:reason:x"])
def test_what_no_button_of_ours_carries_is_nothing(text: str) -> None:
    assert keys.read_data(text) == (None, "")


@given(ids)
def test_a_link_to_an_entry_that_an_operator_wrote_is_read(entry: str) -> None:
    assert keys.read_link(f"q_{entry}") == ("entry", entry)


@given(st.text(max_size=200))
def test_a_link_with_a_question_carries_its_beginning(query: str) -> None:
    payload = keys.query_link(query)
    assert bool(payload) == bool(query.strip())
    if payload:
        kind, said = keys.read_link(payload)
        assert START.match(payload)
        assert (kind, query.strip().startswith(said), bool(said)) == ("query", True, True)


def test_a_question_that_is_too_long_for_a_link_is_cut_between_words() -> None:
    assert keys.read_link(keys.query_link("when do promotions happen and who decides about them")) == (
        "query",
        "when do promotions happen and who decides",
    )


@pytest.mark.parametrize(
    "payload", ["", "q_", "a_", "x", "ask", "q_a b", "q_reason:x", "a_€", "a_a", "a_" + urlsafe_b64encode(b"\xff\xfe").decode()]
)
def test_a_payload_that_is_none_of_ours_is_nothing(payload: str) -> None:
    assert keys.read_link(payload) == ("", "")


@given(st.sets(st.sampled_from(["more", "share", "team", "person"])), ids)
def test_what_unfolds_is_read_again_and_always_fits(tools: set[keys.Tool], entry: str) -> None:
    found, of = keys.read_tools(keys.tools_key(tools, entry))
    assert (set(found), of) == (tools, entry)
    assert keys.data("menu", keys.tools_key(tools, entry))


@given(ids, st.sampled_from(["answer", "full"]))
def test_a_link_to_an_entry_opens_it_as_it_says(entry: str, detail: str) -> None:
    payload = keys.entry_link(EntryTarget(entry, detail))
    assert START.match(payload)
    assert keys.read_link(payload) == ("full" if detail == "full" else "entry", entry)
    assert keys.url("career_bot", payload) == f"https://t.me/career_bot?start={payload}"


@pytest.mark.parametrize(
    "target", [EntryTarget(""), EntryTarget("a b"), EntryTarget("é"), EntryTarget("x" * 63), TopicTarget("t"), TeamTarget("a")]
)
def test_what_no_link_can_carry_has_none(target: Target) -> None:
    assert keys.entry_link(target) == ""
    assert keys.url("career_bot", "") == keys.url("", "q_a") == ""
