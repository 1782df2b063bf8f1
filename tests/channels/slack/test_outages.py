"""Answers of Slack's that are none: the bot is there once Slack is itself again, and what nobody expected comes out."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from loopback.running_slack import running
from loopback.slack import FakeSlack
from loopback.slack_odd import OddSlack
from loopback.standin import until

from bot.channels.slack import channel
from bot.contracts.errors import ChannelError
from bot.serve.supervisor import TaskDiedError

if TYPE_CHECKING:
    from pathlib import Path

    from bot.assembly import Bot

METHODS = ("auth.test", "apps.connections.open")
NONE_OF_THEM = ("[]", '["ok"]', "{}", "7", "null", '{"ok": true}', '{"ok": true, "url": 7}', "<p>wait</p>")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "PING", 0.2)
    monkeypatch.setattr(channel, "AGAIN", 0.1)
    monkeypatch.setattr(channel, "CONNECTED_WITHIN", 0.2)


@pytest.mark.parametrize("body", NONE_OF_THEM)
@pytest.mark.parametrize("method", METHODS)
def test_answers_at_the_start_that_are_none_are_waited_out(bakery: Bot, tmp_path: Path, method: str, body: str) -> None:
    async def played() -> None:
        async with OddSlack(method, body, 1) as slack, running(bakery, tmp_path, slack=slack) as house:
            await until(lambda: house.channel.ready, 8.0)
            assert len(await house.after(slack.dm("how much is a cake?"))) == 1

    asyncio.run(played())


@pytest.mark.parametrize("body", ["[]", '["ok"]'])
@pytest.mark.parametrize("method", METHODS)
def test_a_check_tells_of_an_answer_that_is_none_in_one_sentence(bakery: Bot, tmp_path: Path, method: str, body: str) -> None:
    async def played() -> None:
        async with OddSlack(method, body, 0) as slack, running(bakery, tmp_path, slack=slack) as house:
            slack.times = 1
            with pytest.raises(ChannelError) as told:
                await house.channel.check()
            assert (told.value.lasting, str(told.value)[-1]) == (False, ".")

    asyncio.run(played())


@pytest.mark.parametrize("body", NONE_OF_THEM)
def test_a_socket_that_slack_does_not_give_is_a_state_that_is_told_once(
    bakery: Bot, tmp_path: Path, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def played() -> None:
        async with OddSlack("apps.connections.open", body, 0) as slack, running(bakery, tmp_path, slack=slack) as house:
            assert house.channel.ready
            slack.times = 4
            await slack.drop_sockets(abruptly=True)
            await until(lambda: not house.channel.ready, 8.0)
            await until(lambda: house.channel.ready, 8.0)
            assert not slack.times
            assert len(await house.after(slack.dm("how much is a cake?"))) == 1
            await until(lambda: "connected again" in caplog.text)

    asyncio.run(played())
    assert [caplog.text.count(f"Slack: {state}.") for state in ("not connected", "connected again")] == [1, 1]


def test_what_nobody_expects_of_the_look_out_ends_the_process_in_order(
    bakery: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        message = "nobody thought of that"
        raise ZeroDivisionError(message)

    async def played() -> None:
        monkeypatch.setattr(channel.Slack, "_look_after", broken)
        async with FakeSlack(echo_bot_messages=True) as slack, running(bakery, tmp_path, slack=slack):
            await asyncio.sleep(0.05)

    with pytest.raises(TaskDiedError, match="The look after Slack's socket has died"):
        asyncio.run(played())
