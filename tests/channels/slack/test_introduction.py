"""Before Slack has said who the bot is, nothing is taken in: what comes then is answered later, and never acknowledged and lost."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING

import aiohttp
import pytest
from loopback.running_slack import House, play, running
from loopback.slack import FakeSlack
from loopback.slack_odd import OddSlack
from loopback.standin import until

from bot.channels.slack import channel
from bot.channels.slack.identity import Introduction
from bot.channels.slack.web import NO_ANSWER, TokenWatch
from bot.contracts.errors import ChannelError

if TYPE_CHECKING:
    from pathlib import Path

    from bot.assembly import Bot

FAILS = 4
"""Times that Slack does not say who the bot is."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "PING", 0.2)
    monkeypatch.setattr(channel, "AGAIN", 0.05)
    monkeypatch.setattr(channel, "CONNECTED_WITHIN", 0.05)


def refusing(**fault: object) -> FakeSlack:
    slack = FakeSlack(echo_bot_messages=True)
    slack.fail("auth.test", times=FAILS, **fault)
    return slack


def patient(slack: FakeSlack) -> FakeSlack:
    """A Slack that goes on delivering what nobody acknowledges."""
    slack.retry_delays, slack.ack_timeout = (0.05,) * 40, 0.1
    return slack


WAYS = {
    "not ok": lambda: refusing(error="internal_error"),
    "in trouble": lambda: refusing(status=500),
    "a list": lambda: OddSlack("auth.test", "[]", FAILS),
}


@pytest.mark.parametrize("mode", ["socket", "http"])
@pytest.mark.parametrize("way", WAYS)
def test_what_comes_while_slack_does_not_say_who_the_bot_is_is_answered_once_it_does(
    bakery: Bot, tmp_path: Path, mode: str, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def played() -> None:
        async with patient(WAYS[way]()) as slack, running(bakery, tmp_path, mode, slack=slack) as house:
            assert not house.channel.ready
            told = await slack.dm("how much is a cake?")
            await until(lambda: house.channel.ready)
            await told.done()
            assert [attempt.outcome for attempt in told.attempts][-1] == "ok"
            assert "ok" not in [attempt.outcome for attempt in told.attempts[:-1]]
            await house.gateway.settled()
            assert [message["text"].startswith("A cake") for message in house.new()] == [True]

    asyncio.run(played())
    assert [caplog.text.count(text) for text in ("It is tried again.", "Slack says who the bot is.")] == [1, 1]


def test_no_request_needs_a_call_to_be_authorized(bakery: Bot, tmp_path: Path) -> None:
    async def acts(house: House) -> None:
        house.slack.fail("auth.test", times=99)
        assert len(await house.after(house.slack.dm("how much is a cake?"))) == 1
        assert len(house.shown("auth.test")) == 1

    play(bakery, tmp_path, "socket", acts)


def test_a_token_that_is_refused_while_slack_is_asked_again_is_told_and_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def played() -> None:
        async with FakeSlack() as slack, aiohttp.ClientSession() as session:
            slack.fail("auth.test", error="fatal_error", times=2)
            slack.fail("auth.test", error="token_revoked", times=2)
            introduction = Introduction(channel.AsyncWebClient(slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]))
            with pytest.raises(ChannelError):
                await introduction()
            with pytest.raises(ChannelError) as refused:
                await introduction.ask()
            await introduction.ask_again(0.001, str(refused.value))
            me = await introduction()
            assert (me.bot_user_id, me.bot_id, me.team_id, me.enterprise_id) == ("U0BOT", "B0BOT", "T0FAKE", None)
            assert me.bot_token == slack.bot_token

    asyncio.run(played())
    assert caplog.text.count("Slack does not take SLACK_BOT_TOKEN (token_revoked). It is tried again.") == 1


def test_a_token_revoked_while_the_bot_runs_is_told_once_and_so_is_that_it_is_taken_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    watch = TokenWatch()
    for refused in (False, True, True, False, False):
        watch.refused("token_revoked") if refused else watch.taken()
    assert [record.getMessage().split(" ")[1:3] for record in caplog.records] == [["does", "not"], ["takes", "SLACK_BOT_TOKEN"]]


@pytest.mark.parametrize("inner", [False, True])
def test_word_that_slack_holds_events_back_is_taken_in_told_and_counted(
    bakery: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, inner: bool
) -> None:
    counted: list[tuple[str, str]] = []
    word = {"token": "t", "type": "app_rate_limited", "team_id": "T0FAKE", "minute_rate_limited": 1518467820, "api_app_id": "A0FAKEAPP"}

    async def played() -> None:
        async with running(bakery, tmp_path, "http") as house:
            monkeypatch.setattr(type(house.channel._observer), "counted", lambda _, *what: counted.append(what))
            body = json.dumps({**word, "type": "event_callback", "event": word} if inner else word)
            headers = {"Content-Type": "application/json", **house.slack.sign(body)}
            async with aiohttp.ClientSession() as session:
                for sent, status in ((headers, 200), ({**headers, "X-Slack-Signature": "v0=0"}, 401)):
                    async with session.post(house.slack.http_target, data=body, headers=sent) as answer:
                        assert answer.status == status

    asyncio.run(played())
    assert counted == [("held_back", "slack")]
    assert caplog.text.count("Slack holds events back") == 1


def test_an_answer_without_a_name_is_none() -> None:
    async def played() -> None:
        async with OddSlack("auth.test", '{"ok": true, "user_id": "U1"}', 1) as slack, aiohttp.ClientSession() as session:
            introduction = Introduction(channel.AsyncWebClient(slack.bot_token, base_url=slack.api_url, session=session))
            with pytest.raises(ChannelError, match=NO_ANSWER):
                await introduction.ask()

    asyncio.run(played())
