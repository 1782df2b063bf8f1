"""What nobody may get past the Slack channel, and what it must never let out."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp
import pytest
from loopback.running_slack import DESK, House, play, running, written
from loopback.slack_state import GENERAL
from loopback.standin import until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.assembly import Bot

    Play = Callable[..., None]

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
OVER = 400
"""Seconds after which Slack's signature is too old."""


@pytest.fixture
def scene(bakery: Bot, tmp_path: Path) -> Play:
    def played(acts: Callable[[House], Awaitable[None]], mode: str = "socket", **more: object) -> None:
        play(bakery, tmp_path, mode, acts, **more)

    return played


async def post(house: House, body: bytes, headers: dict[str, str]) -> int:
    async with aiohttp.ClientSession() as session, session.post(house.slack.http_target, data=body, headers=headers) as answer:
        await answer.read()
        return answer.status


def signed(house: House, body: bytes) -> dict[str, str]:
    """The headers that sign any bytes, also some that are no text."""
    stamp = str(int(time.time()))
    mac = hmac.new(house.slack.signing_secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}


def event(house: House, text: str) -> str:
    message = house.slack.user_message("D0EVE", text, user="U0EVE")
    return json.dumps({"type": "event_callback", "event_id": "Ev1", "team_id": house.slack.team, "event": message})


def test_only_what_slack_has_signed_just_now_is_taken(scene: Play) -> None:
    async def acts(house: House) -> None:
        await house.one(house.slack.dm("when are you open?"))
        body = event(house, "how much is a cake?")
        kind = {"Content-Type": "application/json"}
        signed = house.slack.sign(body)
        forged = {**signed, "X-Slack-Signature": "v0=" + "0" * 64}
        stale = house.slack.sign(body, at=time.time() - OVER)
        for headers in (kind, {**kind, **forged}, {**kind, **stale}, {**kind, **house.slack.sign(body + " ")}):
            assert await post(house, body.encode(), headers) == 401
        await house.gateway.settled()
        assert house.new() == []
        assert await post(house, body.encode(), {**kind, **signed}) == 200

    scene(acts, "http")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"\xff\xfe\x00", JSON, 400),
        (b"{", JSON, 400),
        (b"[]", JSON, 400),
        (b"null", JSON, 400),
        (b"", JSON, 404),
        (b"payload=%7B", FORM, 400),
        (b"payload=[1]", FORM, 400),
        (urlencode({"payload": json.dumps({"type": "block_actions", "actions": "x", "user": []})}).encode(), FORM, 400),
        (b'{"type": "event_callback", "event": "x"}', JSON, 400),
        (b'{"type": "event_callback", "event_id": "E", "team_id": 7, "event": {"type": "message", "user": {}}}', JSON, 200),
    ],
)
def test_a_signed_body_that_is_nonsense_leaves_no_trace(
    scene: Play, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], body: bytes, kind: str, status: int
) -> None:
    async def acts(house: House) -> None:
        await house.one(house.slack.dm("when are you open?"))
        assert await post(house, body, {"Content-Type": kind, **signed(house, body)}) == status
        assert len(await house.after(house.slack.dm("how much is a cake?"))) == 1

    scene(acts, "http")
    assert "Traceback" not in caplog.text + capfd.readouterr().err


@pytest.mark.parametrize(
    "value", ["gone-entry", "secret", "", "more:gone", "topic:gone", "reason:x:y", "handoff:named", "desk:keep:1", "a" * 2000, "<!here>"]
)
def test_a_value_that_means_nothing_any_more_gets_a_polite_line_or_nothing(scene: Play, value: str) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(house.slack.dm("when are you open?"))
        button = next(block for block in answer["blocks"] if block["type"] == "actions")["elements"][0]
        button["value"] = value
        said = await house.after(house.slack.press(answer, action_id=button["action_id"]))
        assert len(said) == (0 if value.startswith("desk:") else 1)
        assert all(value not in message["text"] or not value for message in said)

    scene(acts)


@pytest.mark.parametrize("action", ["rate_up", "share_here", "share", "pick:0", "home:0", "home_forget", "unknown"])
def test_a_press_with_nothing_behind_it_harms_nobody(scene: Play, action: str) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(house.slack.dm("when are you open?"))
        button = next(block for block in answer["blocks"] if block["type"] == "actions")["elements"][0]
        button |= {"action_id": action, "value": "nothing|else"}
        await house.after(house.slack.press(answer, action_id=action))
        assert len(await house.after(house.slack.dm("how much is a cake?"))) == 1

    scene(acts)


@pytest.mark.parametrize(
    "text",
    [
        "cake " * 8000,
        "🎂🎂🎂",
        "كم سعر الكعكة؟",
        "\u202ehow much is a cake",
        "   ",
        "\u200b",
        "<!channel> <@U0BOB>",
        "&lt;!here&gt;",
        "*_~`",
        "\x00\x07",
    ],
    ids=["long", "emoji", "arabic", "turned", "blank", "invisible", "mentions", "escaped", "marks", "control"],
)
def test_whatever_somebody_writes_gets_one_reply_that_shouts_at_nobody(scene: Play, text: str) -> None:
    async def acts(house: House) -> None:
        for said in (await house.one(house.slack.dm(text)), await house.one(house.slack.slash("/career", text))):
            assert "<" not in said["text"]
            assert "mrkdwn" not in json.dumps(said["blocks"])

    scene(acts)


def test_nothing_of_what_is_quoted_calls_anybody(scene: Play) -> None:
    async def acts(house: House) -> None:
        house.slack.users["U0ALICE"] |= {"name": "<!here>", "real_name": "<!here>", "profile": {"display_name": "<!channel>"}}
        await house.one(house.slack.dm("talk to a human"))
        consent = await house.one(house.slack.dm("is &lt;!channel&gt; open on <@U0BOB>?"))
        _, asked = await house.after(house.slack.press(consent, label="Yes, with my name"))
        assert "<!channel>" in written(asked["blocks"])  # rich and plain text: shown as it is, parsed by nobody
        answered = await house.answered(asked, "ask <!everyone>")
        for message in (consent, asked, *answered):
            assert "<!" not in message["text"]
            assert "mrkdwn" not in json.dumps(message["blocks"])

    scene(acts)


def test_nothing_that_anybody_wrote_and_no_secret_is_ever_logged(
    bakery: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    words = ["zebra", "walrus", "ocelot"]

    async def played() -> None:
        for mode in ("socket", "http"):
            async with running(bakery, tmp_path / mode, mode) as house:
                slack = house.slack
                answer = await house.one(slack.dm("how much is a cake for my zebra?"))
                slack.fail("chat.postMessage", error="channel_not_found")
                await house.after(slack.mention("walrus cake?", user="U0OCELOT"))
                slack.fail("chat.postMessage", error="invalid_blocks", times=2)
                await house.after(slack.dm("zebra?"))
                slack.fail("views.open", error="expired_trigger_id")
                await house.after(slack.press(answer, label="Share…"))
                slack.fail("chat.postMessage", drop=True)
                await house.after(slack.say(GENERAL, "ocelot", thread_ts="1.1"))
                await house.after(slack.dm("walrus"))
                await house.after(slack.slash("/career", "how much is a cake, zebra?"))
                slack.fail("response_url", status=404)
                await house.after(slack.shortcut("answer_message", slack.user_message(GENERAL, "walrus cake?")))
                window = await house.view(slack.shortcut("ask_question"))
                await house.after(slack.submit(window, {"question": {"value": {"value": "how much is an ocelot cake?"}}}))
                window = await house.view(slack.press(answer, label="Share…"))
                slack.channel_errors["C0OTHER"] = "is_archived"
                values = {"where": {"value": {"selected_conversation": "C0OTHER"}}, "remark": {"value": {"value": "zebra"}}}
                await house.after(slack.submit(window, values))
                slack.fail("views.publish", drop=True)
                await (await slack.open_home()).done()
                consent = await house.one(slack.press(answer, label="Ask a person"))
                posted = (await house.after(slack.press(consent, label="Yes, with my name")))[-1]
                await house.after(slack.say(DESK, "my ocelot knows", user="U0DORA", thread_ts=posted["ts"]))
                await house.answered(posted, "my ocelot says so")
                house.channel.read = None  # type: ignore[method-assign] # something is broken: every try goes wrong
                before = caplog.text.count("went wrong")
                await (await slack.dm("zebra and walrus")).done()
                await until(lambda: caplog.text.count("went wrong") > before)  # noqa: B023 - awaited at once

    asyncio.run(played())
    said = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records).casefold()
    assert "went wrong" in said
    told = capfd.readouterr()
    for word in [*words, "cake", "xoxb-", "xapp-", "fake-secret", "/respond/", "traceback"]:
        assert word not in f"{said}{told.out}{told.err}".casefold()
    assert [record for record in caplog.records if record.exc_info] == []
