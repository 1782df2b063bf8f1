"""What is written in a message of Telegram: addresses that its words hide are spelt out, and nothing else of the mark-up is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram import texts
from bot.matching.text import normalise

Json = dict[str, Any]
URL = "https://wiki.example/ladder?a=1"


def link(offset: object, length: object, url: object = URL, kind: str = "text_link", **more: object) -> Json:
    return {"type": kind, "offset": offset, "length": length, "url": url, **more}


@pytest.mark.parametrize(
    ("text", "entities", "expected"),
    [
        ("See the ladder.", [link(4, 10)], f"See the ladder ({URL})."),
        ("😀 the ladder", [link(3, 10)], f"😀 the ladder ({URL})"),
        ("a b", [link(0, 1, "https://a.example"), link(2, 1, "http://b.example")], "a (https://a.example) b (http://b.example)"),
        ("wiki.example/x", [link(0, 14, "https://wiki.example/x/")], "wiki.example/x"),
        ("Ann said", [link(0, 3, "tg://user?id=5")], "Ann said"),
        ("Ann said", [{"type": "text_mention", "offset": 0, "length": 3, "user": {"id": 5}}], "Ann said"),
        ("bold", [{"type": "bold", "offset": 0, "length": 4}], "bold"),
        ("😀x", [link(1, 2)], "😀x"),
        ("x", [link(0, 9), link(-1, 1), link(0, 0), link(0, "1"), link(0, 1, 7), 7, None], "x"),
    ],
)
def test_a_hidden_address_follows_its_words(text: str, entities: list[Any], expected: str) -> None:
    for message in ({"text": text, "entities": entities}, {"caption": text, "caption_entities": entities}):
        assert texts.said(message) == expected
        assert texts.said(texts.shortened({"message": message})["message"]) == expected


def test_of_the_mark_up_only_hidden_addresses_are_kept() -> None:
    user = {"type": "text_mention", "offset": 0, "length": 3, "user": {"id": 5}}
    message = {
        "text": "See it",
        "entities": [link(0, 3, user={"id": 5}), user],
        "reply_to_message": {"text": "a", "entities": [link(0, 1)]},
    }
    kept = texts.shortened({"message": message})["message"]
    assert kept == {"text": "See it", "entities": [link(0, 3)], "reply_to_message": {"text": "a", "entities": [link(0, 1)]}}
    assert texts.shortened({"message": {"text": "a", "entities": [user]}}) == {"message": {"text": "a"}}


junk = st.none() | st.booleans() | st.integers(-3, 12) | st.just(10**30) | st.text(max_size=3) | st.just(URL)


@given(st.text(st.characters(), max_size=12), st.lists(st.builds(link, junk, junk, junk) | junk, max_size=4))
def test_no_mark_up_breaks_anything_and_every_letter_stays(text: str, entities: list[Any]) -> None:
    said = texts.said({"text": text, "entities": entities})
    assert said.replace(f" ({URL})", "") == text
    said.encode(errors="surrogatepass")
    assert json.loads(json.dumps(texts.shortened({"message": {"text": text, "entities": entities}})))


def test_an_address_in_brackets_is_no_noise_for_matching() -> None:
    said = texts.said({"text": "what does the ladder say?", "entities": [link(14, 6)]})
    assert "https" in said
    assert normalise(said).replace("(", "").split() == ["what", "does", "the", "ladder", "say?"]
