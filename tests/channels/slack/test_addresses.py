"""Where things are said in Slack: packed and read again, also as version 0.1 has kept it, and nonsense is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.slack import addresses
from bot.channels.slack.addresses import Look, SlackAddress, unpacked

Json = dict[str, Any]
URL, THREAD = "https://hooks.slack.example/1", "1700000000.000100"
HERE = {"channel": "C0GENERAL", "user": "U0ANN"}
texts = st.text(max_size=20)
looks = st.builds(Look, echo=texts, sharer=texts, share_in=texts)
packable = st.builds(
    SlackAddress,
    channel=texts.filter(bool),
    user=texts,
    thread=texts,
    private=st.booleans(),
    url=texts,
    by_url=st.booleans(),
    replace=st.booleans(),
    look=looks,
)


@given(packable)
def test_what_is_packed_is_read_again_also_from_json(address: SlackAddress) -> None:
    packed = address.packed()
    assert packed.platform == addresses.PLATFORM
    assert unpacked(packed.place) == address
    assert unpacked(json.loads(json.dumps(packed.place))) == address


def test_a_packed_place_holds_what_is_set_and_nothing_else() -> None:
    assert SlackAddress(channel="C0GENERAL").packed().place == {"channel": "C0GENERAL", "look": {}}
    alone = SlackAddress(channel="C0GENERAL", private=True, look=Look(echo="when?"))
    assert alone.packed().place == {"channel": "C0GENERAL", "private": True, "look": {"echo": "when?"}}


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ({"channel": "D0ANN", "user": "U0ANN"}, SlackAddress(channel="D0ANN", user="U0ANN")),
        ({"channel": "C0DESK"}, SlackAddress(channel="C0DESK")),
        ({**HERE, "thread": THREAD}, SlackAddress(**HERE, thread=THREAD)),
        ({**HERE, "url": URL, "thread": THREAD}, SlackAddress(**HERE, url=URL, thread=THREAD)),
        ({**HERE, "url": "", "only": "yes"}, SlackAddress(**HERE, private=True)),
        (
            {**HERE, "url": URL, "only": "yes", "via": "url", "echo": "when?"},
            SlackAddress(**HERE, url=URL, private=True, by_url=True, look=Look(echo="when?")),
        ),
        (
            {**HERE, "url": URL, "only": "yes", "via": "url", "echo": "when?", "share_in": THREAD},
            SlackAddress(**HERE, url=URL, private=True, by_url=True, look=Look(echo="when?", share_in=THREAD)),
        ),
        (
            {**HERE, "url": URL, "only": "yes", "via": "url", "replace": "yes"},
            SlackAddress(**HERE, url=URL, private=True, by_url=True, replace=True),
        ),
        ({**HERE, "by": "U0ANN"}, SlackAddress(**HERE, look=Look(sharer="U0ANN"))),
        ({**HERE, "by": "U0ANN", "thread": THREAD}, SlackAddress(**HERE, thread=THREAD, look=Look(sharer="U0ANN"))),
    ],
    ids=["direct", "desk", "thread", "press", "thumb", "command", "shortcut", "reason", "shared", "shared in a thread"],
)
def test_a_place_as_version_0_1_kept_it_is_the_same_place(kept: Json, expected: SlackAddress) -> None:
    assert unpacked(kept) == expected
    assert unpacked(expected.packed().place) == expected


@given(
    st.dictionaries(st.sampled_from(["user", "thread", "url", "echo", "by", "share_in"]), texts), st.sets(st.sampled_from(["only", "via"]))
)
def test_every_place_that_version_0_1_could_keep_is_read_as_it_was_meant(held: dict[str, str], flags: set[str]) -> None:
    kept = {"channel": "C0GENERAL", **held, **({"only": "yes"} if "only" in flags else {}), **({"via": "url"} if "via" in flags else {})}
    read = unpacked(kept)
    assert (read.channel, read.user, read.thread, read.url) == ("C0GENERAL", *(held.get(key, "") for key in ("user", "thread", "url")))
    assert (read.private, read.by_url, read.replace) == ("only" in flags, "via" in flags, False)
    assert read.look == Look(held.get("echo", ""), held.get("by", ""), held.get("share_in", ""))


@pytest.mark.parametrize(
    "place",
    [
        {},
        {"user": "U0ANN"},
        {"chat": "5"},
        {"channel": 1},
        {"channel": None},
        {"channel": ["C0GENERAL"]},
        {**HERE, "thread": 1.2},
        {**HERE, "url": {}},
        {**HERE, "echo": 1},
        {"look": {}},
        {**HERE, "look": None},
        {**HERE, "look": []},
        {**HERE, "look": "echo"},
        {**HERE, "look": {"echo": 1}},
        {**HERE, "look": {}, "user": 1},
        {**HERE, "look": {}, "private": "yes"},
    ],
    ids=str,
)
def test_what_is_no_place_in_slack_is_refused_in_a_sentence(place: Json) -> None:
    with pytest.raises(ValueError, match="This is no address in Slack"):
        unpacked(place)


@pytest.mark.parametrize(("key", "channel"), [("slack:C0DESK", "C0DESK"), ("slack:T0/C0DESK", "C0DESK")])
def test_a_room_that_an_operator_named_is_a_channel(key: str, channel: str) -> None:
    assert unpacked(addresses.read_room(key).place) == SlackAddress(channel=channel)
