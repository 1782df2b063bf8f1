"""Buttons, commands, shortcuts and windows of Slack, as what was done; and what people from outside may do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.channels.slack import addresses
from bot.channels.slack.addresses import Look, SlackAddress
from bot.channels.slack.pressed import Pressed, read_pressed
from bot.channels.slack.reader import Reader
from bot.dialogue.turn import Browse, Command, Occasion, Share, Utterance

if TYPE_CHECKING:
    from bot.contracts.addresses import Address

Json = dict[str, Any]
DESK, ASKED = "slack:C0DESK", "1700000000.000100"
MESSAGE = {"type": "message", "user": "U0BOB", "text": "when?", "ts": ASKED, "channel": "D0ANN"}
EVENT = {"team_id": "T0", "event_id": "Ev1", "event": MESSAGE}


def press(action: str, value: str, **container: object) -> Json:
    held = {"type": "message", "channel_id": "C0GENERAL", "message_ts": ASKED, **container}
    return {
        "team": {"id": "T0"}, "user": {"id": "U0ANN"}, "trigger_id": "1.2.3", "container": held, "response_url": "https://hooks.example/1",
        "actions": [{"action_id": action, "value": value}],
    }  # fmt: skip


def where(place: Address) -> SlackAddress:
    return addresses.unpacked(place.place)


@pytest.mark.parametrize(
    ("guests", "standing", "asks", "shares"),
    [
        ("allow", "guest", "Utterance", "Share"),
        ("ask", "guest", "Utterance", "no_sharing"),
        ("ask", "unknown", "Utterance", "no_sharing"),
        ("ask", "member", "Utterance", "Share"),
        ("deny", "guest", "guest", "guest"),
        ("deny", "unknown", "unknown", "unknown"),
        ("deny", "member", "Utterance", "Share"),
    ],
)
def test_what_people_from_outside_may_do(guests: str, standing: str, asks: str, shares: str) -> None:
    reader = Reader(DESK, guests)

    def done(kind: str, body: Json) -> str:
        act = reader.read({**reader.event(kind, body).payload, "standing": standing}).act
        return act.name if isinstance(act, Occasion) else type(act).__name__

    assert done("event", EVENT) == asks
    assert done("press", press("share_here", "hours|")) == shares
    assert done("press", press("pick:team", "team:hours")) == {"Share": "Selection"}.get(shares, shares)
    assert reader.must_know(reader.read(reader.event("press", press("pick:team", "team:hours")).payload)) == (guests != "allow")
    assert reader.must_know(reader.read(reader.event("press", press("share_here", "hours|")).payload)) == (guests != "allow")


@pytest.mark.parametrize(
    ("body", "conversation", "address"),
    [
        (press("pick:0", "hours"), f"slack:T0/C0GENERAL/{ASKED}", {"thread": ASKED}),
        (press("pick:0", "hours", thread_ts="1.2"), "slack:T0/C0GENERAL/1.2", {"thread": "1.2"}),
        (press("pick:0", "hours", channel_id="D0ANN"), "slack:T0/D0ANN/~U0ANN", {}),
        (press("pick:0", "hours", is_ephemeral=True), "slack:T0/C0GENERAL/~U0ANN", {"private": True, "by_url": True}),
        (
            press("pick:0", "hours", is_ephemeral=True, thread_ts="1.2"),
            "slack:T0/C0GENERAL/1.2",
            {"private": True, "by_url": True, "thread": "1.2"},
        ),
        (press("rate_up", "0123"), f"slack:T0/C0GENERAL/{ASKED}", {"private": True, "thread": ASKED}),
        (
            press("pick:0", "reason:0123:old", is_ephemeral=True),
            "slack:T0/C0GENERAL/~U0ANN",
            {"private": True, "by_url": True, "replace": True},
        ),
    ],
)
def test_a_press_is_answered_where_it_was_made(body: Json, conversation: str, address: dict[str, Any]) -> None:
    event = Reader(DESK).event("press", body)
    assert event.conversation == conversation
    held = where(Reader(DESK).read(event.payload).address)
    assert held == SlackAddress(channel=body["container"]["channel_id"], user="U0ANN", url="https://hooks.example/1", **address)


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ({"action_id": "menu", "selected_option": {"value": "more:hours"}}, ("pick:more", "more:hours")),
        ({"action_id": "menu", "selected_option": {"value": "team:hours"}}, ("pick:team", "team:hours")),
        ({"action_id": "menu", "selected_option": {"value": "person"}}, ("pick:person", "person")),
        ({"action_id": "menu", "selected_option": {"value": f"share_here:hours|{ASKED}"}}, ("share_here", f"hours|{ASKED}")),
        ({"action_id": "pick:topics", "selected_option": {"value": "topic:visit"}}, ("pick:40", "topic:visit")),
        ({"action_id": "rate", "value": "up:0123"}, ("rate_up", "0123")),
        ({"action_id": "rate", "value": "down:0123"}, ("rate_down", "0123")),
    ],
)
def test_what_is_in_menus_is_read_as_the_buttons_of_the_version_before(now: Json, before: tuple[str, str]) -> None:
    menu = Reader(DESK).event("press", {**press("", ""), "actions": [now]})
    button = Reader(DESK).event("press", press(*before))
    assert menu is not None
    assert (menu.act, menu.address, menu.conversation, menu.share_into) == (
        button.act, button.address, button.conversation, button.share_into,
    )  # fmt: skip
    assert Reader(DESK).read(menu.payload).act == menu.act


def test_to_share_opens_a_window_from_the_menu_as_from_the_button_of_the_version_before() -> None:
    menu = {"actions": [{"action_id": "menu", "selected_option": {"value": "share:hours"}}]}
    assert read_pressed(menu) == read_pressed(press("share", "hours")) == Pressed("share", "hours")


@pytest.mark.parametrize("value", ["", "up", "sideways:0123", "share"])
def test_a_thumb_or_an_option_that_was_forged_is_left_or_leads_nowhere(value: str) -> None:
    assert Reader().event("press", press("rate", value)) is None or value == "up"
    assert Reader().event("press", press("menu", value)) is None or value != "share"


def test_what_only_one_person_sees_in_a_thread_may_be_no_part_of_it() -> None:
    body = press("pick:0", "hours", is_ephemeral=True, thread_ts="1.2")
    for mark, thread, by_url in (("alone:3", "1.2", False), ("pick:0", "1.2", True), ("alone:3", "", True)):
        body["actions"][0]["block_id"] = mark
        body["container"]["thread_ts"] = thread
        event = Reader().event("press", body)
        alone = mark.startswith("alone")
        assert event.conversation == ("slack:T0/C0GENERAL/~U0ANN" if alone else "slack:T0/C0GENERAL/1.2")
        address = where(event.address)
        assert (address.by_url, address.thread, address.look.share_in) == (by_url, thread, thread if alone else "")


@pytest.mark.parametrize(("action", "value"), [("share_here", "hours|"), ("share_here", "hours|1.2"), ("pick:team", "team:hours")])
def test_a_press_that_shares_is_one_however_often_it_is_made(action: str, value: str) -> None:
    def once(**container: object) -> str:
        event = Reader().event("press", {**press(action, value, **container), "trigger_id": "other"})
        assert Reader().read(event.payload).once == event.once
        return event.once

    assert once() == f"slack:C0GENERAL/{ASKED}/U0ANN/{value}"
    assert len({once(), once(message_ts="1.2"), once(channel_id="C0OTHER")}) == 3
    assert once(message_ts=None) == ""
    assert Reader().event("press", press("pick:0", "hours")).once == ""


@pytest.mark.parametrize("action", ["share", "home:1", "home_topics", "unknown", ""])
def test_a_press_that_only_opens_something_is_no_event(action: str) -> None:
    assert Reader().event("press", press(action, "hours")) is None


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("", Command("help")),
        (" Help ", Command("help")),
        ("topics", Browse()),
        ("privacy", Command("privacy")),
        ("compare <@U1|pay> &amp; hours", Utterance("compare @pay & hours")),
    ],
)
def test_the_command_with_what_follows_it(text: str, act: object) -> None:
    body = {
        "team_id": "T0",
        "user_id": "U0ANN",
        "channel_id": "C0GENERAL",
        "text": text,
        "trigger_id": "1.2",
        "response_url": "https://x.example",
    }
    event = Reader().event("command", body)
    found = Reader().read(event.payload)
    assert (event.id, event.conversation, found.act) == ("1.2", "slack:T0/C0GENERAL/~U0ANN", act)
    assert where(found.address).look.echo == (act.text if isinstance(act, Utterance) else "")


def test_somebodys_message_is_asked_for_whoever_chose_the_shortcut() -> None:
    body = {
        "team": {"id": "T0"}, "user": {"id": "U0ANN"}, "channel": {"id": "C0GENERAL"}, "callback_id": "answer_message", "trigger_id": "1.2",
        "message": MESSAGE, "response_url": "https://x.example",
    }  # fmt: skip
    event = Reader().event("shortcut", body)
    found = Reader().read(event.payload)
    assert (event.person, found.act.text) == ("slack:T0/U0ANN", "when?")
    assert where(found.address).look == Look(echo="when?", share_in=ASKED)
    assert (where(found.address).by_url, where(found.address).thread) == (True, "")
    within = where(Reader().event("shortcut", {**body, "message": {**MESSAGE, "thread_ts": "1.2"}}).address)
    assert (within.by_url, within.private, within.thread, within.look.share_in) == (False, True, "1.2", "1.2")
    assert Reader().event("shortcut", {**body, "callback_id": "ask_question"}) is None


def submission(name: str, metadata: str = "", **values: object) -> Json:
    view = {"id": "V1", "hash": "h", "callback_id": name, "private_metadata": metadata, "state": {"values": values}}
    return {"team": {"id": "T0"}, "user": {"id": "U0ANN"}, "view": view, "trigger_id": "9", "direct": "D0ANN"}


def test_a_window_sent_off_asks_or_shares() -> None:
    event = Reader().event("submission", submission("ask_question", question={"value": {"value": " when? "}}))
    found = Reader().read(event.payload)
    assert (event.id, event.conversation, found.act.text) == ("V1/h", "slack:T0/D0ANN/~U0ANN", "when?")
    assert where(found.address).look == Look(echo="when?")
    back = SlackAddress(channel="C0GENERAL", user="U0ANN", private=True)
    room, remark = {"value": {"selected_conversation": "C0OTHER"}}, {"value": {"value": "look"}}
    opened_by_0_1 = {"channel": "C0GENERAL", "user": "U0ANN", "only": "yes"}
    for held in (dict(back.packed().place), opened_by_0_1):
        shared = submission("share_answer", json.dumps({"entry": "hours", "back": held}), where=room, remark=remark)
        found = Reader().read(Reader().event("submission", shared).payload)
        assert (found.act, found.room) == (Share("hours", remark="look"), "slack:T0/C0OTHER")
        assert where(found.address) == back
        assert where(found.share_into) == SlackAddress(channel="C0OTHER", user="U0ANN", look=Look(sharer="U0ANN"))


@pytest.mark.parametrize(
    "metadata",
    [
        "",
        "{",
        "[]",
        "null",
        '{"entry": 1}',
        '{"entry": "a", "back": []}',
        '{"entry": "a", "back": {"channel": 1}}',
        '{"entry": "a", "back": {}}',
    ],
)
def test_a_window_with_anything_else_in_it_shares_nothing(metadata: str) -> None:
    assert Reader().event("submission", submission("share_answer", metadata, where={"value": {"selected_conversation": "C0OTHER"}})) is None
