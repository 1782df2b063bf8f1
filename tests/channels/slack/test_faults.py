"""What goes wrong between Slack and the bot: each fault leads to exactly one answer or one plain sentence."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import aiohttp
import pytest
from loopback.running_slack import DESK, OTHER, House, Json, free_port, play, running
from loopback.slack import FakeSlack
from loopback.standin import until

from bot.channels.slack import channel, listener
from bot.contracts.errors import ChannelError
from bot.delivery import sending

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.assembly import Bot
    from bot.contracts.events import InboundEvent, Receipt

    Play = Callable[..., None]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "LONGEST_PAUSE", 0.1)


@pytest.fixture(params=["socket", "http"])
def mode(request: pytest.FixtureRequest) -> str:
    way: str = request.param
    return way


@pytest.fixture
def scene(bakery: Bot, tmp_path: Path, mode: str) -> Play:
    def played(acts: Callable[[House], Awaitable[None]], **more: object) -> None:
        play(bakery, tmp_path, mode, acts, **more)

    return played


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "PING", 0.3)
    monkeypatch.setattr(channel, "AGAIN", 0.1)
    monkeypatch.setattr(channel, "CONNECTED_WITHIN", 0.5)


async def answers(house: House, count: int = 1) -> list[Json]:
    """So many messages of the bot, and no more once all is done."""
    said: list[Json] = []

    def enough() -> bool:
        said.extend(house.new())
        return len(said) >= count

    await until(enough, 8.0)
    await house.gateway.settled()
    return [*said, *house.new()]


def test_what_is_delivered_twice_is_answered_once(scene: Play) -> None:
    async def acts(house: House) -> None:
        told = await house.slack.dm("how much is a cake?")
        assert len(await answers(house)) == 1
        assert await house.after(house.slack.repeat(told)) == []
        asked = await house.slack.slash("/career", "how much is a cake?")
        assert len(await answers(house)) == 1
        for again in (told, asked, told):
            assert await house.after(house.slack.repeat(again)) == []

    scene(acts)


def test_what_slack_repeats_because_keeping_it_took_too_long_is_answered_once(
    bakery: Bot, tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def played() -> None:
        async with running(bakery, tmp_path, mode) as house:
            put, slow = house.store.put, asyncio.Event()

            async def late(event: InboundEvent, *, lease: bool = False) -> Receipt:
                await slow.wait()
                return await put(event, lease=lease)

            monkeypatch.setattr(house.store, "put", late)
            told = await house.slack.dm("how much is a cake?")
            await until(lambda: len(told.attempts) > 1)
            slow.set()
            await told.done()
            assert [attempt.outcome for attempt in told.attempts] == ["timeout", "ok"]
            assert len(await answers(house)) == 1
            assert house.slack.errors() == []

    asyncio.run(played())


def test_many_questions_in_a_room_that_takes_few_are_answered_once_each_and_in_order(scene: Play) -> None:
    async def acts(house: House) -> None:
        house.slack.fail("chat.postMessage", status=429, retry_after=0.2, times=3)
        for text in ("how much is a cake?", "when are you open?", "how much is a cake?", "how much is a loaf of bread?"):
            await house.slack.dm(text)
        said = [message["text"].split()[1] for message in await answers(house, 4)]
        assert said == ["cake", "are", "cake", "loaf"]

    scene(acts)


@pytest.mark.parametrize("fault", [{"status": 429, "retry_after": 9}, {"delay": 9.0}], ids=["limited", "slow"])
def test_an_acknowledgement_does_not_wait_for_what_slack_says_of_somebody(
    bakery: Bot, tmp_path: Path, mode: str, fault: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "KNOWN_WITHIN", 0.1)

    async def acts(house: House) -> None:
        await house.one(house.slack.dm("how much is a cake?"))
        window = await house.view(house.slack.shortcut("ask_question"))
        house.slack.fail("conversations.open", **fault)
        said = await house.one(house.slack.submit(window, {"question": {"value": {"value": "how much is a cake?"}}}))
        assert said["channel"] == "D0ALICE"
        house.slack.fail("users.info", **fault)
        assert (await house.one(house.slack.dm("how much is a cake?", user="U0BOB")))["text"].startswith("I answer members")

    play(bakery, tmp_path, mode, acts, guests="deny")


def test_somebody_whom_slack_knows_too_late_hears_so_kindly_and_is_answered_the_next_time(
    bakery: Bot, tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "KNOWN_WITHIN", 0.05)

    async def acts(house: House) -> None:
        house.slack.fail("users.info", delay=0.1, status=429, retry_after=0)  # the SDK asks again, and Slack answers then
        assert (await house.one(house.slack.dm("how much is a cake?")))["text"].startswith("I answer members of this workspace, and cannot")
        await until(lambda: not house.channel._people._asked._tasks)
        assert (await house.one(house.slack.dm("how much is a cake?")))["text"].startswith("A cake")

    play(bakery, tmp_path, mode, acts, guests="deny")


def test_a_room_that_takes_nothing_more_waits_alone(scene: Play) -> None:
    async def acts(house: House) -> None:
        house.slack.fail("chat.postMessage", status=429, retry_after=1)
        begun = time.monotonic()
        await house.slack.dm("how much is a cake?")
        await house.slack.wait_call("chat.postMessage")
        await house.slack.dm("how much is a cake?", user="U0BOB")
        (other,) = await answers(house)
        assert (other["channel"], time.monotonic() - begun < 0.9) == ("D0BOB", True)
        (late,) = await answers(house)
        assert (late["channel"], time.monotonic() - begun >= 1.0) == ("D0ALICE", True)

    scene(acts)


def test_what_slack_did_not_take_is_said_again(scene: Play) -> None:
    async def acts(house: House) -> None:
        for fault in ({"status": 500}, {"status": 503}, {"error": "internal_error"}, {"error": "ratelimited"}):
            house.slack.fail("chat.postMessage", **fault)
        users = ["U0ANN", "U0BOB", "U0CARL", "U0DORA"]
        for user in users:
            await house.slack.dm("how much is a cake?", user=user)
        assert sorted(message["channel"] for message in await answers(house, 4)) == [f"D{user[1:]}" for user in users]
        assert len(house.shown("chat.postMessage")) == 8

    scene(acts)


@pytest.mark.parametrize("fault", ["drop", "drop_before"])
def test_what_may_have_arrived_is_looked_for_and_said_once(scene: Play, fault: str) -> None:
    async def acts(house: House) -> None:
        house.slack.fail("chat.postMessage", **{fault: True})
        await house.slack.dm("how much is a cake?")
        assert len(await answers(house)) == 1
        assert len(await house.after(house.slack.dm("when are you open?"))) == 1
        assert len(house.shown("conversations.history")) == 1

    scene(acts)


def test_an_address_to_answer_at_that_is_in_trouble_leads_to_an_answer_which_may_come_twice_after_a_cut(scene: Play) -> None:
    async def acts(house: House) -> None:
        for fault in ({"status": 500}, {"status": 429, "retry_after": 0.2}, {"drop": True}):
            house.slack.fail("response_url", **fault)
        users = ["U0ANN", "U0BOB", "U0CARL"]
        for user in users:
            await house.slack.slash("/career", "how much is a cake?", user=user)
        assert sorted(message["ephemeral_to"] for message in await answers(house, 4)) == [*users, "U0CARL"]  # nobody can look there
        assert len(house.shown("response_url")) == 6

    scene(acts)


def test_a_call_that_slack_answers_too_late_is_not_repeated(scene: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "TIMEOUT", aiohttp.ClientTimeout(total=0.2))

    async def acts(house: House) -> None:
        house.slack.fail("chat.postMessage", delay=0.5, drop=True)
        assert len(await house.after(house.slack.dm("how much is a cake?"))) == 1
        assert len(await house.after(house.slack.dm("when are you open?"))) == 1

    scene(acts)


def test_blocks_that_slack_refuses_are_left_out(scene: Play) -> None:
    async def acts(house: House) -> None:
        house.slack.fail("chat.postMessage", error="invalid_blocks")
        answer = await house.one(house.slack.dm("how much is a cake?"))
        assert ("blocks" in answer, answer["text"].startswith("A cake is 20 euros.")) == (False, True)

    scene(acts)


def test_a_desk_that_cannot_be_reached_is_told_to_the_asker(scene: Play) -> None:
    async def acts(house: House) -> None:
        house.slack.channel_errors[DESK] = "not_in_channel"
        await house.one(house.slack.dm("talk to a human"))
        consent = await house.one(house.slack.dm("do you deliver to my house?"))
        passed, word = await house.after(house.slack.press(consent, label="Yes, without my name"))
        assert passed["text"].startswith("Your question is on its way")
        assert word["text"].startswith("The desk cannot be reached")

    scene(acts)


def test_an_address_that_has_run_out_is_replaced_by_a_direct_message(scene: Play) -> None:
    async def acts(house: House) -> None:
        house.slack.fail("response_url", status=404)
        answer = await house.one(house.slack.slash("/career", "how much is a cake?"))
        assert (answer["channel"], "ephemeral_to" in answer) == ("D0ALICE", False)

    scene(acts)


def test_a_button_pressed_where_the_bot_is_not_answers_whoever_pressed(scene: Play) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(house.slack.mention("when are you open?", channel=OTHER))
        house.slack.channel_errors[OTHER] = "not_in_channel"
        said = await house.one(house.slack.press(answer, label="And what do you bake?", user="U0BOB"))
        assert said["ephemeral_to"] == "U0BOB"

    scene(acts)


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("fault", ["close", "cut", "disconnect"])
def test_a_socket_that_is_lost_is_connected_again_and_nothing_is_lost(bakery: Bot, tmp_path: Path, fault: str) -> None:
    async def acts(house: House) -> None:
        before = house.slack.connections
        if fault == "disconnect":
            await house.slack.disconnect()
        else:
            await house.slack.drop_sockets(abruptly=fault == "cut")
        told = await house.slack.dm("how much is a cake?")
        await house.slack.connected(more_than=before)
        if all(attempt.outcome != "ok" for attempt in (await told.done()).attempts):
            await house.slack.repeat(told)
        assert len(await answers(house)) == 1
        assert house.channel.ready

    async def played() -> None:
        async with running(bakery, tmp_path) as house:
            await acts(house)
            assert house.slack.errors() == []

    asyncio.run(played())


@pytest.mark.usefixtures("_impatient")
def test_slack_that_cannot_be_reached_at_the_start_is_connected_later(bakery: Bot, tmp_path: Path) -> None:
    async def played() -> None:
        slack = FakeSlack(echo_bot_messages=True)
        port = free_port()
        slack.api_url = f"http://127.0.0.1:{port}/api/"
        async with AsyncExitStack() as stack:
            house = await stack.enter_async_context(running(bakery, tmp_path, slack=slack))
            assert not house.channel.ready
            await slack.start(port)
            stack.push_async_callback(slack.stop)
            await until(lambda: house.channel.ready, 8.0)
            assert len(await house.after(slack.dm("how much is a cake?"))) == 1

    asyncio.run(played())


@pytest.mark.parametrize(("which", "named"), [("bot_token", "SLACK_BOT_TOKEN"), ("app_token", "SLACK_APP_TOKEN")])
def test_a_token_that_slack_does_not_take_is_told_in_one_sentence(bakery: Bot, tmp_path: Path, which: str, named: str) -> None:
    async def played() -> None:
        async with FakeSlack() as slack:
            wrong = {f"slack_{which}": "xoxb-wrong" if which == "bot_token" else "xapp-wrong"}
            with pytest.raises(ChannelError, match=named) as refused:
                async with running(bakery, tmp_path, slack=slack, **wrong):
                    pass
            assert "wrong" not in str(refused.value)

    asyncio.run(played())


def test_an_outage_of_the_database_costs_nobody_an_answer(scene: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.contracts.errors import StoreError

    async def acts(house: House) -> None:
        async def down(*_: object, **__: object) -> bool:
            raise StoreError

        monkeypatch.setattr(house.store, "put", down)
        assert len(await house.after(house.slack.dm("how much is a cake?"))) == 1
        monkeypatch.undo()
        assert len(await house.after(house.slack.dm("when are you open?"))) == 1

    scene(acts)
