"""Looking back whether a message has arrived: found where the bot may read, not there, or nobody can tell."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from loopback.running_slack import House, running
from loopback.slack_state import GENERAL

from bot.channels.slack import history
from bot.channels.slack.addresses import Look, SlackAddress
from bot.contracts.outcomes import Message
from bot.dialogue.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.assembly import Bot

    Play = Callable[[Callable[[House], Awaitable[None]]], None]

ID, OTHER = "0123456789abcdef", "fedcba9876543210"
DIRECT = SlackAddress(channel="D0ALICE", user="U0ALICE")
THREAD = SlackAddress(channel=GENERAL, user="U0ALICE", thread="1700000000.000100")


@pytest.fixture
def scene(bakery: Bot, tmp_path: Path) -> Play:
    def played(acts: Callable[[House], Awaitable[None]]) -> None:
        async def running_it() -> None:
            async with running(bakery, tmp_path) as house:
                await acts(house)
                assert house.slack.errors() == []

        asyncio.run(running_it())

    return played


def message(address: SlackAddress = DIRECT, id_: str = ID, **more: object) -> Message:
    return Message(address.packed(), Reply("answer", "Yes."), id=id_, **more)


@pytest.mark.parametrize(
    "sent",
    [message(), message(THREAD), message(replace(THREAD, thread="")), message(SlackAddress(channel="U0ALICE", user="U0ALICE"))],
    ids=["direct", "thread", "channel", "by person"],
)
def test_a_message_that_arrived_is_found_and_one_that_did_not_is_not(scene: Play, sent: Message) -> None:
    async def acts(house: House) -> None:
        before = time.time()
        post = await house.channel.send(sent)
        for _ in range(3):
            await house.channel.send(replace(sent, id=OTHER))
        assert await house.channel.find(sent, before) == post
        assert await house.channel.find(replace(sent, id="f" * 16), before) == ""
        assert await house.channel.find(sent, before + 3600) == ""

    scene(acts)


def test_a_message_beneath_another_is_found_there(scene: Play) -> None:
    async def acts(house: House) -> None:
        top = await house.channel.send(message(replace(THREAD, thread="")))
        beneath = message(replace(THREAD, thread=""), OTHER, under=top)
        post = await house.channel.send(beneath)
        assert await house.channel.find(beneath, time.time()) == post

    scene(acts)


def test_what_is_sent_once_more_is_found_whichever_page_it_is_on(scene: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE", "2")
    monkeypatch.setattr(history, "PAGES", 3)

    async def acts(house: House) -> None:
        post = await house.channel.send(message())
        for count, found in ((4, post), (3, None)):
            for number in range(count):
                await house.channel.send(message(id_=f"{number:016}"))
            assert await house.channel.find(message(), time.time()) == found

    scene(acts)


def test_only_the_bot_s_own_message_counts(scene: Play) -> None:
    async def acts(house: House) -> None:
        house.slack.user_message("D0ALICE", "Yes.", metadata={"event_type": "careerbot_message", "event_payload": {"id": ID}})
        assert await house.channel.find(message(), time.time()) == ""

    scene(acts)


@pytest.mark.parametrize(
    "sent",
    [
        message(id_=""),
        message(edits="slack:D0ALICE/1.2"),
        message(replace(DIRECT, private=True)),
        message(replace(DIRECT, by_url=True, url="https://x.example", look=Look(echo="when?"))),
    ],
    ids=["no id", "edit", "ephemeral", "by address"],
)
def test_what_leaves_no_trace_cannot_be_told(scene: Play, sent: Message) -> None:
    async def acts(house: House) -> None:
        assert await house.channel.find(sent, time.time()) is None
        assert [call.method for call in house.slack.calls if call.method.startswith("conversations")] == []

    scene(acts)


@pytest.mark.parametrize(
    ("sent", "method"), [(message(), "conversations.history"), (message(THREAD), "conversations.replies")], ids=["direct", "thread"]
)
@pytest.mark.parametrize(
    "fault", [{"error": "missing_scope"}, {"error": "not_in_channel"}, {"drop_before": True}, {"status": 404}], ids=str
)
def test_what_slack_does_not_say_cannot_be_told(
    scene: Play, sent: Message, method: str, fault: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "WITHIN", 0.1)

    async def acts(house: House) -> None:
        await house.channel.send(sent)
        house.slack.fail(method, **fault, times=9)
        assert await house.channel.find(sent, time.time()) is None

    scene(acts)


def test_a_direct_message_that_cannot_be_opened_cannot_be_told(scene: Play) -> None:
    async def acts(house: House) -> None:
        house.slack.fail("conversations.open", error="user_not_found")
        assert await house.channel.find(message(SlackAddress(channel="U0ALICE", user="U0ALICE")), time.time()) is None

    scene(acts)


def test_a_message_without_an_id_carries_none(scene: Play) -> None:
    async def acts(house: House) -> None:
        await house.channel.send(message(id_=""))
        await house.channel.send(message())
        sent = [call.args.get("metadata") for call in house.shown("chat.postMessage")]
        assert sent == [None, {"event_type": "careerbot_message", "event_payload": {"id": ID}}]

    scene(acts)


def test_the_conversation_beneath_a_message_is_that_of_its_thread(scene: Play) -> None:
    async def acts(house: House) -> None:
        top = await house.channel.send(message(replace(THREAD, thread="")))
        assert house.channel.beneath(top) == f"slack:T0FAKE/{GENERAL}/{top.rpartition('/')[2]}"
        within = await house.channel.send(message(THREAD, OTHER))
        assert house.channel.beneath(within) == f"slack:T0FAKE/{GENERAL}/{THREAD.thread}"
        assert house.channel.beneath(await house.channel.send(message())) == ""
        assert house.channel.beneath("") == house.channel.beneath("telegram:1/2") == ""

    scene(acts)
