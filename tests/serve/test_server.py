"""The running bot from outside: health, what is wrong at the start, an orderly end."""

from __future__ import annotations

import asyncio
import json
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
from loopback.running_slack import free_port, running
from loopback.serving import serving, variables
from loopback.slack import FakeSlack
from loopback.standin import until

from bot.channels.slack import channel
from bot.contracts.errors import StoreError

if TYPE_CHECKING:
    from bot.assembly import Bot

FAQ = Path(__file__).parents[1] / "bakery" / "faq.yaml"


async def fetch(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text()


async def ready(port: int) -> tuple[int, dict[str, object]]:
    """What is said of the parts; the knowledge is looked at elsewhere."""
    status, text = await fetch(port, "/readyz")
    told = json.loads(text)
    assert "knowledge" in told
    return status, {part: is_ready for part, is_ready in told.items() if part != "knowledge"}


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_health_tells_whether_messages_are_taken_and_can_be_kept(
    bakery: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    async def played() -> None:
        port = free_port()
        async with running(bakery, tmp_path, mode, port=port) as house:
            assert await fetch(port, "/healthz") == (200, "ok\n")
            assert await ready(port) == (200, {"ready": True, "slack": True, "database": True})
            assert (await fetch(port, "/nothing"))[0] == 404
            assert (await fetch(port, "/slack/events"))[0] == (405 if mode == "http" else 404)

            def down() -> None:
                raise StoreError

            monkeypatch.setattr(house.store, "depth", down)
            assert await ready(port) == (503, {"ready": False, "slack": True, "database": False})

    asyncio.run(played())


def test_health_tells_that_slack_is_not_connected_yet_or_not_any_more(bakery: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PING", "AGAIN", "CONNECTED_WITHIN"):
        monkeypatch.setattr(channel, name, 0.2)

    async def played() -> None:
        port, there, slack = free_port(), free_port(), FakeSlack()
        slack.api_url = f"http://127.0.0.1:{there}/api/"
        async with AsyncExitStack() as stack:
            house = await stack.enter_async_context(running(bakery, tmp_path, slack=slack, port=port))
            assert await ready(port) == (503, {"ready": False, "slack": False, "database": True})
            assert await fetch(port, "/healthz") == (200, "ok\n")
            await slack.start(there)
            stack.push_async_callback(slack.stop)
            await until(lambda: house.channel.ready, 8.0)
            assert (await fetch(port, "/readyz"))[0] == 200
            given = slack.methods["apps.connections.open"]
            slack.methods["apps.connections.open"] = lambda _: {"url": "ws://127.0.0.1:9/"}
            await slack.drop_sockets()
            await until(lambda: not house.channel.ready)
            assert (await fetch(port, "/readyz"))[0] == 503
            await slack.wait_call("apps.connections.open", lambda call: call.reply.get("url", "").endswith(":9/"))
            slack.methods["apps.connections.open"] = given
            await until(lambda: house.channel.ready, 8.0)

    asyncio.run(played())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "No channel is set up: set SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "With SLACK_BOT_TOKEN, set SLACK_APP_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_API_URL": "slack.com"}, "SLACK_API_URL: "),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "CAREERBOT_DESK": "#help"}, "CAREERBOT_DESK: "),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "CAREERBOT_DESK": "telegram:-1009001"}, "CAREERBOT_DESK names a room in Telegram, but TELEGRAM_BOT"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "CAREERBOT_GUESTS": "maybe"}, "CAREERBOT_GUESTS: "),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "CAREERBOT_PORT": "99999"}, "CAREERBOT_PORT: "),
    ],
)
def test_what_is_missing_or_wrong_is_told_in_a_sentence(tmp_path: Path, given: dict[str, str], told: str) -> None:
    async def played() -> tuple[int, str]:
        async with serving(tmp_path, **given) as process:
            _, errors = await process.communicate()
            return process.returncode, errors.decode()

    code, errors = asyncio.run(played())
    assert code == 2
    assert told in errors
    assert "Traceback" not in errors
    assert "xoxb-1" not in errors


def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path: Path) -> None:
    async def played() -> tuple[int, str]:
        async with FakeSlack() as slack:
            taken = int(slack.url.rpartition(":")[2])
            async with serving(tmp_path, **variables(slack, taken)) as process:
                _, errors = await process.communicate()
                return process.returncode, errors.decode()

    code, errors = asyncio.run(played())
    assert code == 2
    assert "set CAREERBOT_PORT to a free one" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_finishes_what_is_in_hand_and_leaves_in_order(tmp_path: Path, number: signal.Signals) -> None:
    async def played() -> tuple[int, str, list[str]]:
        async with FakeSlack() as slack, serving(tmp_path, **variables(slack, free_port())) as process:
            await slack.connected(timeout=30)
            slack.fail("chat.postMessage", delay=0.3, drop=True)
            told = await slack.dm("how much is a cake?")
            await slack.wait_message()  # it is there, and the bot has not heard of it yet
            process.send_signal(number)
            _, errors = await process.communicate()
            assert (await told.done()).ack_delay is not None
            return process.returncode, errors.decode(), [call.method for call in slack.calls]

    code, errors, calls = asyncio.run(played())
    assert code == 0
    assert "Stopping" in errors
    assert "Traceback" not in errors
    assert calls.count("chat.postMessage") == 1


def test_over_http_it_answers_what_slack_calls(tmp_path: Path) -> None:
    async def played() -> tuple[int, str]:
        port = free_port()
        async with FakeSlack() as slack:
            given = {**variables(slack, port), "SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": slack.signing_secret}
            async with serving(tmp_path, **given) as process:
                slack.http_target = f"http://127.0.0.1:{port}/slack/events"
                slack.retry_delays = [0.1] * 300  # until it is up
                told = await slack.dm("how much is a cake?")
                text = (await slack.wait_message(timeout=30))["text"]
                await told.done()
                process.terminate()
                await process.communicate()
                return process.returncode, text

    code, text = asyncio.run(played())
    assert (code, text.startswith("A cake is 20 euros.")) == (0, True)


def test_what_slack_calls_before_anybody_listens_is_asked_for_again(bakery: Bot, tmp_path: Path) -> None:
    async def played() -> None:
        async with running(bakery, tmp_path, "http") as house:
            house.channel._listening = False
            told = await house.slack.dm("how much is a cake?")
            await until(lambda: len(told.attempts) > 1)
            house.channel._listening = True
            await told.done()
            await house.gateway.settled()
            assert told.attempts[0].outcome == "http_503"
            assert len(house.new()) == 1

    asyncio.run(played())


def test_a_token_that_slack_does_not_take_is_told_in_a_sentence_and_not_repeated(tmp_path: Path) -> None:
    async def played() -> tuple[int, str]:
        async with FakeSlack() as slack:
            given = {**variables(slack, free_port()), "SLACK_BOT_TOKEN": "xoxb-mistyped"}
            async with serving(tmp_path, **given) as process:
                _, errors = await process.communicate()
                return process.returncode, errors.decode()

    code, errors = asyncio.run(played())
    assert code == 2
    assert "Slack does not take SLACK_BOT_TOKEN" in errors
    assert "mistyped" not in errors
    assert "Traceback" not in errors


def test_what_could_not_be_finished_is_answered_after_the_next_start(tmp_path: Path) -> None:
    async def played() -> list[str]:
        async with FakeSlack() as slack:
            slack.fail("chat.postMessage", status=503)
            for _ in range(2):
                async with serving(tmp_path, **variables(slack, free_port())) as process:
                    before = slack.connections
                    await slack.connected(more_than=before - 1 if before else 0, timeout=30)
                    if not before:
                        await (await slack.dm("how much is a cake?")).done()
                        await slack.wait_call("chat.postMessage")
                    else:
                        await slack.wait_message(timeout=15)
                    process.terminate()
                    await process.communicate()
            return [message["text"] for message in slack.messages.values() if message.get("bot_id")]

    assert len(asyncio.run(played())) == 1
