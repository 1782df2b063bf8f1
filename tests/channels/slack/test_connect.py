"""Channels shared with other companies (Slack Connect) and organizations of several workspaces (Enterprise Grid): who is at home, who is not.

https://docs.slack.dev/apis/slack-connect and https://docs.slack.dev/enterprise.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from loopback.running_slack import OTHER, House, play, written
from loopback.slack_state import GENERAL

from bot.channels.slack.reader import Reader
from bot.dialogue.turn import Occasion

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.assembly import Bot

    Play = Callable[..., None]
Json = dict[str, Any]

PAYLOADS = Path(__file__).parents[2] / "data" / "slack" / "payloads"
HOME, THEIRS, EVE, GRETA = "T0FAKE", "T0THEIRS", "U0EVE", "W0GRETA"
BY_EVE = {"team": {"id": THEIRS, "domain": "theirs"}, "user": {"id": EVE, "team_id": THEIRS}}


def shape(name: str) -> Json:
    """A payload with every field that Slack sends."""
    held: Json = json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))
    return held


def connected(kind: str = "MessagePayload", **event: object) -> Json:
    """An event of somebody from another company, told to an app that is installed here."""
    said = {"user": EVE, "text": "<@U0BOT> when?", "ts": "1.2", "channel": GENERAL, "user_team": THEIRS, "source_team": THEIRS}
    held = {**shape(f"events/{kind}")["event"], "bot_id": "", "app_id": "", "bot_profile": None, "subtype": "", "thread_ts": "", **said}
    told = {"event": {**held, "team": THEIRS, **event}, "team_id": THEIRS, "enterprise_id": "E0THEIRS", "event_id": "Ev1"}
    home = {"enterprise_id": None, "team_id": HOME, "user_id": "U0BOT", "is_bot": True, "is_enterprise_install": False}
    return {**shape(f"events/{kind}"), **told, "authorizations": [home], "is_ext_shared_channel": True}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("event", connected()),
        ("event", connected("AppMentionPayload", type="app_mention")),
        ("command", {"team_id": THEIRS, "user_id": EVE, "channel_id": GENERAL, "text": "when?", "trigger_id": "1"}),
        ("shortcut", {**BY_EVE, "callback_id": "answer_message", "channel": {"id": GENERAL}, "message": {"ts": "1.2", "text": "when?"}}),
        ("press", {**BY_EVE, "container": {"channel_id": GENERAL, "message_ts": "1"}, "actions": [{"action_id": "pick:0", "value": "a"}]}),
        ("submission", {**BY_EVE, "view": {"callback_id": "ask_question", "team_id": THEIRS, "app_installed_team_id": HOME}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_workspace_is_the_one_that_the_app_is_installed_in_and_never_the_senders(kind: str, body: Json) -> None:
    event = Reader().event(kind, body, me="U0BOT", team=HOME)
    assert event.person == f"slack:{HOME}/{EVE}"
    assert event.conversation.startswith(f"slack:{HOME}/")
    assert (event.places[-1], event.payload["team"]) == (f"slack:{HOME}", HOME)
    kept = Reader().read(event.payload)
    assert (kept.person, kept.conversation, kept.room) == (event.person, event.conversation, event.room)


def test_where_a_payload_names_another_installation_than_this_one_that_counts() -> None:
    body = {**connected(), "authorizations": [{"team_id": "T0OTHER"}]}
    assert Reader().event("event", body, me="U0BOT", team=HOME).payload["team"] == "T0OTHER"


def test_what_was_kept_before_there_was_a_team_in_it_is_read_as_it_was() -> None:
    event = Reader().event("event", connected(), me="U0BOT", team=HOME)
    before = {key: value for key, value in event.payload.items() if key != "team"}
    assert Reader().read(before).person == f"slack:{THEIRS}/{EVE}"


def test_somebody_from_outside_who_was_only_overheard_hears_nothing() -> None:
    reader = Reader("", "deny")
    event = reader.event("event", connected(text="when?", thread_ts="1.1"), me="U0BOT", team=HOME)
    told = reader.introduced(event, "guest", "Eve")
    assert (told.overheard, told.act, told.address) == (True, Occasion("guest"), None)


@pytest.fixture
def scene(bakery: Bot, tmp_path: Path) -> Play:
    def played(acts: Callable[[House], Awaitable[None]], mode: str = "socket", **more: object) -> None:
        play(bakery, tmp_path, mode, acts, **more)

    return played


def eve(house: House) -> str:
    """Somebody of another company; what Slack tells of her is told from her workspace."""
    house.slack.users[EVE] = {"id": EVE, "name": "eve", "team_id": THEIRS, "is_stranger": True}
    return EVE


async def asked(house: House, text: str, **event: object) -> list[Json]:
    """What the bot says to Eve, of whose mention Slack tells by two events, each with the workspace of another."""
    home = [{"enterprise_id": None, "team_id": HOME, "user_id": "U0BOT", "is_bot": True, "is_enterprise_install": False}]
    message = {**house.slack.user_message(GENERAL, f"<@U0BOT> {text}", eve(house)), "team": THEIRS, "user_team": THEIRS, **event}
    twin = await house.slack.event({**message, "type": "app_mention"}, THEIRS, authorizations=home)
    said = await house.after(house.slack.event(message, HOME, authorizations=home))
    await twin.done()
    await house.gateway.settled()
    return [*said, *house.new()]


@pytest.mark.parametrize("mode", ["socket", "http"])
@pytest.mark.parametrize(("guests", "text"), [("ask", "A cake is"), ("deny", "I am here for members")])
def test_somebody_of_another_company_is_answered_once_and_not_at_all_where_that_is_wished(
    scene: Play, mode: str, guests: str, text: str
) -> None:
    async def acts(house: House) -> None:
        (said,) = await asked(house, "how much is a cake?")
        assert said["text"].startswith(text)

    scene(acts, mode, guests=guests)


def test_what_is_told_to_two_installations_is_answered_once(scene: Play) -> None:
    async def acts(house: House) -> None:
        message = house.slack.user_message(GENERAL, "<@U0BOT> how much is a cake?")
        assert len(await house.after(house.slack.event(message))) == 1
        assert await house.after(house.slack.event(message, THEIRS)) == []

    scene(acts)


def test_a_member_of_an_organization_whose_own_workspace_is_another_is_at_home(scene: Play) -> None:
    async def acts(house: House) -> None:
        grid = {"enterprise_id": "E0GRID", "teams": ["T0THIRD", HOME]}
        house.slack.users[GRETA] = {"id": GRETA, "name": "greta", "team_id": "T0THIRD", "enterprise_user": grid}
        answer = await house.one(house.slack.dm("how much is a cake?", user=GRETA))
        assert answer["text"].startswith("A cake is")
        assert (await house.view(house.slack.press(answer, label="Share…", user=GRETA)))["callback_id"] == "share_answer"

    scene(acts, guests="deny")


def test_somebody_of_another_company_can_neither_open_the_window_to_share_nor_send_it_off(scene: Play) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(house.slack.mention("how much is a cake?"))
        window = await house.view(house.slack.press(answer, label="Share…"))
        assert eve(house)
        chosen = {"type": "overflow", "action_id": "menu", "selected_option": {"value": "share:cake-price"}, "action_ts": "1.9"}
        await (await house.slack.deliver("interactive", {**house.slack._pressed(answer, chosen, EVE), **BY_EVE})).done()
        refused = await house.slack.wait_call("chat.postEphemeral")
        assert refused.args["text"].startswith("Sharing is for members")
        assert len(house.shown("views.open")) == 1
        house.new()
        values = {"where": {"value": {"selected_conversation": OTHER}}, "remark": {"value": {"value": None}}}
        sent = {**house.slack._body("view_submission", EVE), **BY_EVE, "view": {**window, "state": {"values": values}}, "trigger_id": "9.9"}
        (word,) = await house.after(house.slack.deliver("interactive", sent))
        assert (word["text"][:23], word["channel"] == OTHER) == ("Sharing is for members ", False)

    scene(acts)


def test_somebody_of_another_company_does_not_share_with_the_team_either(scene: Play) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(house.slack.mention("how much is a cake?"))
        word = await house.one(house.slack.press(answer, label="Share with the team", user=eve(house)))
        assert word["text"].startswith("Sharing is for members")

    scene(acts, team_room="slack:C0TEAM")


def test_whose_standing_cannot_be_told_is_not_answered_where_only_members_are(scene: Play) -> None:
    async def acts(house: House) -> None:
        house.slack.fail("users.info", error="missing_scope", times=9)
        assert (await house.one(house.slack.dm("how much is a cake?")))["text"].startswith(
            "I answer members of this workspace, and cannot see"
        )
        home = await house.view(house.slack.open_home(), "views.publish")
        assert "I answer members of this workspace" in written(home["blocks"])
        assert (await house.one(house.slack.joined(OTHER)))["text"].startswith("Hello!")

    scene(acts, guests="deny")
