"""What an operator sees of the running bot: metrics that are true, and a log that holds nobody's words."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from io import StringIO
from typing import TYPE_CHECKING

import aiohttp
import pytest
import structlog
from loopback.running_slack import House, free_port
from loopback.slack import FakeSlack
from loopback.standin import until
from loopback.telegram import FakeTelegram, Fault
from prometheus_client.parser import text_string_to_metric_families

from bot import assembly
from bot.contracts.errors import StoreError
from bot.serve import web
from bot.serve.supervisor import Supervisor
from bot.settings import Settings
from bot.telemetry import logs
from bot.telemetry.metrics import Metrics
from bot.telemetry.telemetry import Telemetry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from bot.assembly import Bot

CAKE, MARKER = "how much is a cake?", "xylophone"


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., StringIO]]:
    """Set the log up as `careerbot serve` does, into a text; all is as it was afterwards."""
    loggers = [logging.getLogger(), logging.getLogger("careerbot"), logging.getLogger("careerbot.turn")]
    before = [(each.level, each.handlers[:]) for each in loggers]
    kept = structlog.get_config()

    def set_up(level: str = "info", *, terminal: bool = False) -> StringIO:
        stream = StringIO()
        stream.isatty = lambda: terminal  # type: ignore[method-assign]
        monkeypatch.setattr(sys, "stderr", stream)
        logs.set_up(level)
        monkeypatch.setattr("bot.telemetry.telemetry.log", structlog.stdlib.get_logger("careerbot.turn"))
        return stream

    yield set_up
    for each, (level, handlers) in zip(loggers, before, strict=True):
        each.setLevel(level)
        each.handlers[:] = handlers
    structlog.configure(**kept)


class Seen:
    """The metrics as a scraper reads them."""

    def __init__(self, text: str) -> None:
        self.all = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    def __call__(self, name: str, **labels: str) -> float:
        """The sum of the samples of a name that have these labels."""
        return sum(one.value for one in self.all if one.name == name and labels.items() <= one.labels.items())


@asynccontextmanager
async def slack_house(bot: Bot, directory: Path, **more: object) -> AsyncIterator[tuple[House, Callable]]:
    """The bot in Slack, watched, and how its metrics are read."""
    supervisor = Supervisor()
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(FakeSlack(echo_bot_messages=True, retry_delays=(0.05, 0.1, 0.2), ack_timeout=1.0))
        wanted = {"slack_bot_token": slack.bot_token, "slack_app_token": slack.app_token, "slack_api_url": slack.api_url}
        settings = Settings(data_dir=directory, **{"port": free_port(), **wanted, **more})
        telemetry = Telemetry()
        store = stack.enter_context(assembly.opened_store(settings, ["slack"]))
        channel = await stack.enter_async_context(assembly.slack_of(settings, bot, telemetry))
        await stack.enter_async_context(web.serving(settings, web.application({"slack": channel}, store, telemetry), supervisor))
        gateway = assembly.gateway_of(settings, bot, store, {"slack": channel}, None, None, telemetry)
        await stack.enter_async_context(gateway.working(supervisor))
        await stack.enter_async_context(channel.listening(gateway, supervisor))
        session = await stack.enter_async_context(aiohttp.ClientSession())

        async def seen() -> Seen:
            async with session.get(f"http://127.0.0.1:{settings.port}/metrics") as answer:
                return Seen(await answer.text())

        yield House(slack, channel, gateway, store), seen
    supervisor.check()


def test_what_happens_in_slack_is_counted(bakery: Bot, tmp_path: Path) -> None:
    async def played() -> None:
        async with slack_house(bakery, tmp_path, rate=(4, 0)) as (house, seen):
            told = await house.slack.dm(CAKE)
            await told.done()
            await house.gateway.settled()
            (answer,) = house.new()
            await house.after(house.slack.repeat(told))
            await house.after(house.slack.press(answer, label="👍"))
            house.slack.fail("chat.postMessage", status=429, retry_after=0)
            await house.after(house.slack.dm(CAKE))
            await until(lambda: len(house.slack.messages) >= 4)
            house.slack.fail("chat.postMessage", error="channel_not_found")
            await house.after(house.slack.dm(CAKE))
            await house.after(house.slack.dm(CAKE))
            await house.after(house.slack.dm(CAKE))
            now = await seen()
            assert now("careerbot_turns_total", platform="slack", act="answer") == 3
            assert now("careerbot_turns_total") > now("careerbot_turns_total", act="answer")
            assert now("careerbot_scope_count") == now("careerbot_choice_count") >= 3
            assert 1.5 < now("careerbot_scope_sum") <= 3
            assert now("careerbot_answer_seconds_count") == now("careerbot_turn_wait_seconds_count") == now("careerbot_turns_total")
            assert now("careerbot_ack_seconds_count", platform="slack") == 7  # what the bot hears of itself is not for it
            assert now("careerbot_events_total", platform="slack", what="again") == 1
            assert now("careerbot_events_total", platform="slack", what="too_fast") == 2
            for result in ("ok", "later", "refused"):
                assert now("careerbot_api_calls_total", platform="slack", method="chat.postMessage", result=result) >= 1, result
            assert now("careerbot_ready", part="slack") == now("careerbot_ready", part="database") == 1
            assert now("careerbot_inbox_events", state="waiting") == 0

    asyncio.run(played())


def test_events_that_could_not_be_kept_or_done_are_counted(bakery: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.worker.POLL", 0.02)

    async def played() -> None:
        async with slack_house(bakery, tmp_path) as (house, seen):
            put, house.store.put = house.store.put, _down
            await (await house.slack.dm(CAKE)).done()
            house.store.put = put
            now = await seen()
            assert now("careerbot_events_total", platform="slack", what="unkept") == 1
            house.gateway.processor.handler.handle = None
            await (await house.slack.dm(CAKE)).done()
            async with asyncio.timeout(3):
                while (now := await seen())("careerbot_events_total", what="set_aside") < 1:  # noqa: ASYNC110 - it is asked from outside
                    await asyncio.sleep(0.02)
            assert now("careerbot_inbox_events", state="set_aside") == 1

    asyncio.run(played())


async def _down(_: object, **__: object) -> None:
    raise StoreError


def test_calls_to_telegram_are_counted_by_what_came_of_them(bakery: Bot, tmp_path: Path, unhurried: None) -> None:  # noqa: ARG001
    async def played() -> None:
        async with AsyncExitStack() as stack:
            tg, watch = await stack.enter_async_context(FakeTelegram(rate="off")), Telemetry()
            settings = Settings(data_dir=tmp_path, telegram_bot_token=tg.token, telegram_api_url=tg.root_url)
            store = stack.enter_context(assembly.opened_store(settings, ["telegram"]))
            channel = await stack.enter_async_context(assembly.telegram_of(settings, bakery, watch))
            gateway, supervisor = assembly.gateway_of(settings, bakery, store, {"telegram": channel}, None, None, watch), Supervisor()
            await stack.enter_async_context(gateway.working(supervisor))
            await stack.enter_async_context(channel.listening(gateway, supervisor))
            ann = tg.user("Ann")
            tg.send(tg.private(ann), ann, CAKE)
            await tg.wait_sent(tg.private(ann))
            tg.faults = [Fault("500", "sendMessage")]
            tg.send(tg.private(ann), ann, CAKE)
            await until(lambda: Seen(watch.text().decode())("careerbot_api_calls_total", method="sendMessage", result="unreachable") == 1)
            now = Seen(watch.text().decode())
            assert now("careerbot_turns_total", platform="telegram", act="answer") >= 1
            assert now("careerbot_api_calls_total", platform="telegram", method="sendMessage", result="ok") >= 1
            assert now("careerbot_ack_seconds_count", platform="telegram") == 2
            assert now("careerbot_messages_total", platform="telegram", fate="arrived") >= 1
        supervisor.check()

    asyncio.run(played())


def test_the_knowledge_that_answers_and_its_faults_are_told() -> None:
    metrics = Metrics()
    metrics.runs("1.2.3")
    for version in ("old", "new"):
        metrics.knows(version, 7, 5.0)
    metrics.refused(3)
    now = Seen(metrics.text().decode())
    assert (now("careerbot_knowledge_info"), now("careerbot_knowledge_info", version="new")) == (1, 1)
    assert (now("careerbot_knowledge_entries"), now("careerbot_knowledge_faults")) == (7, 3)
    assert now("careerbot_info", version="1.2.3") == 1
    assert metrics.knowledge == {"version": "new", "entries": 7, "faults": 3}
    metrics.knows("newer", 8, 6.0)
    assert Seen(metrics.text().decode())("careerbot_knowledge_faults") == 0


def test_each_turn_is_a_line_of_json_that_holds_no_words(bakery: Bot, tmp_path: Path, logged: Callable[..., StringIO]) -> None:
    stream = logged()

    async def played() -> tuple[str, str]:
        async with slack_house(bakery, tmp_path) as (house, _):
            await house.after(house.slack.dm(f"{CAKE} {MARKER}"))
            await house.after(house.slack.mention(f"{MARKER}?", user="U0ZEBRA"))

            def broken(*_: object) -> None:
                raise ValueError(MARKER)

            house.gateway.processor.handler.handle = broken
            await (await house.slack.dm(f"{MARKER} again")).done()
            await until(lambda: "went wrong" in stream.getvalue())
            return house.slack.bot_token, house.slack.app_token

    tokens = asyncio.run(played())
    text = stream.getvalue()
    lines = [json.loads(line) for line in text.splitlines()]
    first, second = (line for line in lines if line["event"] == "turn")
    assert {"id", "platform", "conversation", "person", "said", "act", "entries", "scope", "choice", "confidence", "decided_ms"} <= {*first}
    assert (first["act"], first["level"], first["platform"]) == ("answer", "info", "slack")
    assert first["person"] != second["person"]
    for word in (MARKER, "cake?", "zebra", "u0alice", "traceback", *tokens):
        assert word.casefold() not in text.casefold()
    assert "ValueError" in text


def test_what_breaks_somewhere_leaves_its_name_and_no_words(logged: Callable[..., StringIO]) -> None:
    stream = logged()

    async def played() -> None:
        async def breaks() -> None:
            raise ValueError(MARKER)

        task = asyncio.create_task(breaks())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(played())
    try:
        {}[MARKER]
    except KeyError:
        logging.getLogger("some.library").exception("It went wrong:\n%s", MARKER)
        logging.getLogger("careerbot.delivery").exception("It went wrong")
    text = stream.getvalue()
    told = [json.loads(line) for line in text.splitlines()]
    assert [line.get("error") for line in told] == ["ValueError", "KeyError", "KeyError"], text
    assert told[0]["event"] == "Task exception was never retrieved"
    assert MARKER not in text
    assert "Traceback" not in text


def test_on_a_terminal_it_is_readable(logged: Callable[..., StringIO]) -> None:
    stream = logged(terminal=True)
    logging.getLogger("careerbot").info("Ready: %s.", "slack")
    (line,) = stream.getvalue().splitlines()
    assert "Ready: slack." in line
    with pytest.raises(ValueError, match=r"Expecting value|Extra data"):
        json.loads(line)


@pytest.mark.parametrize(("level", "turns"), [("debug", 1), ("info", 1), ("warning", 0), ("error", 0)])
def test_the_level_says_whether_turns_are_told(
    bakery: Bot, tmp_path: Path, logged: Callable[..., StringIO], level: str, turns: int
) -> None:
    stream = logged(level)

    async def played() -> None:
        async with slack_house(bakery, tmp_path) as (house, seen):
            await house.after(house.slack.dm(CAKE))
            assert (await seen())("careerbot_turns_total") == 1  # counted all the same

    asyncio.run(played())
    assert stream.getvalue().count('"event": "turn"') == turns


def test_of_libraries_only_warnings_are_told_and_of_these_the_first_line(logged: Callable[..., StringIO]) -> None:
    stream = logged("debug")
    for say in (logging.getLogger("aiohttp").info, logging.getLogger("httpx").debug):
        say(MARKER)
    logging.getLogger("aiohttp").warning("first\n%s", MARKER)
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["event"] == "first"
