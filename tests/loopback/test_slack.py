"""The loopback Slack itself: a small bolt bot lives in the test, and Slack does to it what Slack does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from jsonschema import Draft7Validator
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from loopback.blockkit import check_message
from loopback.echobot import AGAIN, SECTION, live
from loopback.slack import BOT_USER, GENERAL, USER

if TYPE_CHECKING:
    from loopback.echobot import EchoBot
    from loopback.slack import FakeSlack

    Json = dict[str, Any]

DATA = Path(__file__).parents[1] / "data" / "slack"
both_modes = pytest.mark.parametrize("mode", ["socket", "http"])


def echoes(slack: FakeSlack) -> list[str]:
    return [message["text"] for message in slack.messages.values() if message.get("bot_id")]


@both_modes
def test_what_a_person_writes_is_answered_in_its_thread(mode: str) -> None:
    async def scenario(slack: FakeSlack, _: EchoBot) -> None:
        delivery = await (await slack.dm("hello")).done()
        answer = await slack.wait_message(lambda message: message["text"] == "echo: hello")
        assert answer["channel"] == slack.dm_channel()
        assert answer["thread_ts"] == delivery.payload["event"]["ts"]
        assert [attempt.outcome for attempt in delivery.attempts] == ["ok"]
        assert delivery.ack_delay is not None
        assert delivery.ack_delay < slack.ack_timeout
        assert slack.errors() == []

    live(scenario, mode)


@both_modes
def test_a_mention_has_a_twin_of_another_event_and_the_same_message(mode: str) -> None:
    async def scenario(slack: FakeSlack, bot: EchoBot) -> None:
        mention = await (await slack.mention("cake?", twin=True)).done()
        twin = await slack.deliveries[0].done()
        assert [one.payload["event"]["type"] for one in (twin, mention)] == ["message", "app_mention"]
        assert twin.payload["event_id"] != mention.payload["event_id"]
        assert {(one["channel"], one["ts"], one["text"]) for one in bot.heard} == {
            (GENERAL, mention.payload["event"]["ts"], f"<@{BOT_USER}> cake?")
        }
        assert len(echoes(slack)) == 1

    live(scenario, mode)


@both_modes
def test_a_pressed_button_is_acked_and_its_message_replaced(mode: str) -> None:
    async def scenario(slack: FakeSlack, bot: EchoBot) -> None:
        await slack.dm("hello")
        answer = await slack.wait_message()
        with pytest.raises(LookupError, match="again"):
            await slack.press(answer, label="No such thing")
        await (await slack.press(answer, action_id="ag.*", label="Again", value="value")).done()
        call = await slack.wait_call("response_url")
        assert (call.status, answer["text"], answer["versions"][0]["text"]) == (200, "pressed", "echo: hello")
        assert bot.heard[-1]["container"]["message_ts"] == bot.heard[-1]["message"]["ts"] == answer["ts"]
        assert bot.heard[-1]["actions"][0]["block_id"] == "auto1"

    live(scenario, mode)


def test_an_ephemeral_message_is_of_one_person_and_tells_of_its_thread() -> None:
    async def scenario(slack: FakeSlack, bot: EchoBot) -> None:
        command = await (await slack.slash("/whisper", "hi")).done()
        whisper = await slack.wait_message(lambda message: message.get("ephemeral_to") == USER)
        assert command.response == {"text": "one moment"}
        assert whisper["thread_ts"] == "17.3"
        await (await slack.press(whisper)).done()
        body = bot.heard[-1]
        assert "message" not in body
        assert (body["container"]["is_ephemeral"], body["container"]["thread_ts"]) == (True, "17.3")

    live(scenario)


def test_a_rate_limit_is_kept_by_a_client_that_waits() -> None:
    async def scenario(slack: FakeSlack, _: EchoBot) -> None:
        slack.fail("chat.postMessage", status=429, retry_after=1)
        await slack.dm("hello")
        await slack.wait_message()
        first, second = [call for call in slack.calls if call.method == "chat.postMessage"]
        assert (first.status, first.reply["error"], second.status) == (429, "ratelimited", 200)
        assert second.at - first.at >= 1

    live(scenario)


def test_a_channel_takes_no_more_than_its_rate() -> None:
    async def scenario(slack: FakeSlack, _: EchoBot) -> None:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        for number in range(3):
            await client.chat_postMessage(channel=GENERAL, text=str(number))
        with pytest.raises(SlackApiError, match="ratelimited") as limited:
            await client.chat_postMessage(channel=GENERAL, text="one too many")
        assert limited.value.response.status_code == 429
        assert limited.value.response.headers["Retry-After"] == "1"
        await client.chat_postMessage(channel="C0OTHER", text="other channels are free")

    live(scenario, post_rate=1)


@both_modes
def test_a_repeated_delivery_is_the_same_event_even_after_an_edit(mode: str) -> None:
    async def scenario(slack: FakeSlack, bot: EchoBot) -> None:
        first = await (await slack.dm("hello")).done()
        edited = await (await slack.edit(first.payload["event"], "hullo")).done()
        again = await (await slack.repeat(first)).done()
        assert again.payload == first.payload
        assert edited.payload["event"]["message"]["text"] == "hullo"
        assert edited.payload["event"]["previous_message"]["text"] == "hello"
        assert [event.get("text") for event in bot.heard] == ["hello", None, "hello"]
        assert echoes(slack) == ["echo: hello"]

    live(scenario, mode)


@both_modes
@pytest.mark.parametrize(("deaf", "attempts"), [(1, ["timeout", "ok"]), (9, ["timeout"] * 3)])
def test_an_event_without_an_ack_comes_again_and_not_for_ever(mode: str, deaf: int, attempts: list[str]) -> None:
    async def scenario(slack: FakeSlack, bot: EchoBot) -> None:
        bot.deaf = deaf
        delivery = await (await slack.dm("hello")).done()
        assert [attempt.outcome for attempt in delivery.attempts] == attempts

    live(scenario, mode, ack_timeout=0.2)


def test_a_command_without_an_ack_does_not_come_again() -> None:
    async def scenario(slack: FakeSlack, bot: EchoBot) -> None:
        bot.deaf = 1
        delivery = await (await slack.slash("/whisper")).done()
        assert [attempt.outcome for attempt in delivery.attempts] == ["timeout"]

    live(scenario, ack_timeout=0.2)


@pytest.mark.parametrize(("age", "spoil", "status"), [(0, "", 200), (0, "0", 401), (3600, "", 401)])
def test_only_a_fresh_and_true_signature_is_taken(age: float, spoil: str, status: int) -> None:
    async def scenario(slack: FakeSlack, bot: EchoBot) -> None:
        payload = (await (await slack.dm("hello")).done()).payload
        body = json.dumps(payload)
        headers = slack.sign(body, slack.deliveries[0].payload["event_time"] - age)
        headers |= {"Content-Type": "application/json", "X-Slack-Signature": headers["X-Slack-Signature"] + spoil}
        async with aiohttp.ClientSession() as session, session.post(str(slack.http_target), data=body, headers=headers) as response:
            assert response.status == status
        assert len(bot.heard) == (2 if status == 200 else 1)

    live(scenario, "http")


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        ([SECTION] * 51, "invalid_blocks"),
        ([{"type": "actions", "elements": [AGAIN, AGAIN]}], "invalid_blocks"),
        ([{"type": "actions", "elements": [AGAIN | {"text": {"type": "plain_text", "text": "x" * 76}}]}], "invalid_blocks"),
        ([{"type": "table", "rows": []}], "invalid_blocks"),
        ([{"type": "marquee"}], "invalid_blocks"),
        ([SECTION | {"text": {"type": "mrkdwn", "text": "x" * 2900}}] * 5, "msg_blocks_too_long"),
        ([SECTION, {"type": "rich_text", "elements": []}, {"type": "table", "rows": [[]]}], None),
    ],
)
def test_blocks_over_the_limits_are_refused_and_recorded(blocks: list[Json], code: str | None) -> None:
    async def scenario(slack: FakeSlack, bot: EchoBot) -> None:
        if code is None:
            await bot.client.chat_postMessage(channel=GENERAL, text="text", blocks=blocks)
            assert slack.errors() == []
            return
        with pytest.raises(SlackApiError, match=code):
            await bot.client.chat_postMessage(channel=GENERAL, text="text", blocks=blocks)
        assert [method for method, _ in slack.errors()] == ["chat.postMessage"]
        assert echoes(slack) == []

    live(scenario, "http")


@pytest.mark.parametrize(("fault", "effect"), [({"drop": True}, ["text"]), ({"drop_before": True}, [])])
def test_a_cut_connection_does_not_tell_whether_the_call_took_effect(fault: dict[str, bool], effect: list[str]) -> None:
    async def scenario(slack: FakeSlack, bot: EchoBot) -> None:
        slack.fail("chat.postMessage", **fault)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await bot.client.chat_postMessage(channel=GENERAL, text="text")
        assert echoes(slack) == effect
        assert slack.calls[-1].status == 0
        await bot.client.chat_postMessage(channel=GENERAL, text="after")
        assert echoes(slack) == [*effect, "after"]

    live(scenario, "http")


def test_a_broken_socket_is_built_anew_and_what_came_meanwhile_is_delivered() -> None:
    async def scenario(slack: FakeSlack, _: EchoBot) -> None:
        for break_off in (slack.drop_sockets, slack.disconnect):
            before = slack.connections
            await break_off()
            delivery = await slack.dm(break_off.__name__)
            await slack.connected(more_than=before)
            assert (await delivery.done()).attempts[-1].outcome == "ok"
        assert echoes(slack) == ["echo: drop_sockets", "echo: disconnect"]

    live(scenario, ack_timeout=0.2, retry_delays=(0.1,) * 30)


def test_people_and_channels_are_as_the_test_says_and_unreachable_at_will() -> None:
    async def scenario(slack: FakeSlack, bot: EchoBot) -> None:
        slack.users["U0GUEST"] = {"name": "gus", "is_restricted": True}
        slack.channels["C0SHARED"] = {"is_ext_shared": True}
        slack.channels["C0OLD"] = {"is_archived": True}
        guest = (await bot.client.users_info(user="U0GUEST"))["user"]
        assert (guest["name"], guest["real_name"], guest["profile"]["display_name"]) == ("gus", "Gus", "gus")
        assert (guest["is_restricted"], guest["is_ultra_restricted"]) == (True, False)
        shared = (await bot.client.conversations_info(channel="C0SHARED"))["channel"]
        assert (shared["is_ext_shared"], shared["is_archived"]) == (True, False)
        joined = await (await slack.joined("C0SHARED")).done()
        assert joined.payload["is_ext_shared_channel"]
        assert (bot.heard[-1]["type"], bot.heard[-1]["user"]) == ("member_joined_channel", BOT_USER)
        slack.channel_errors["C0EXPERTS"] = "not_in_channel"
        for channel, code in {"C0OLD": "is_archived", "C0EXPERTS": "not_in_channel"}.items():
            with pytest.raises(SlackApiError, match=code):
                await bot.client.chat_postMessage(channel=channel, text="text")

    live(scenario)


def option(text: str = "One", value: str = "1", kind: str = "plain_text") -> dict:
    return {"text": {"type": kind, "text": text}, "value": value}


@pytest.mark.parametrize(
    ("element", "wrong"),
    [
        ({"type": "overflow", "options": [option()]}, 0),
        ({"type": "overflow", "options": [option(value=str(number)) for number in range(6)]}, 1),
        ({"type": "overflow", "options": []}, 1),
        ({"type": "overflow"}, 1),
        ({"type": "static_select", "options": [option(value=str(number)) for number in range(101)]}, 1),
        ({"type": "static_select", "options": [option("x" * 76), option(value="x" * 151), option(value="3", kind="mrkdwn")]}, 3),
        ({"type": "static_select", "options": [option(), option()]}, 1),
        ({"type": "icon_button", "text": option()["text"], "icon": "trash"}, 1),
    ],
    ids=["one", "six", "none", "nothing", "101", "long", "twice", "foreign"],
)
def test_a_section_takes_menus_within_their_limits(element: dict, wrong: int) -> None:
    block = {"type": "section", "text": {"type": "plain_text", "text": "Source"}, "accessory": {"action_id": "menu", **element}}
    assert len(check_message({"text": "x", "blocks": [block]})) == wrong


def test_the_samples_are_readable_and_the_schemas_are_schemas() -> None:
    samples = [json.loads(path.read_text("utf-8")) for path in sorted(DATA.glob("payloads/*/*.json"))]
    assert len(samples) == 31
    assert all("type" in sample or "command" in sample for sample in samples)
    for path in DATA.glob("manifest/*.json"):
        Draft7Validator.check_schema(json.loads(path.read_text("utf-8")))
