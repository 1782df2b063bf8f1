"""A task that should run as long as the bot does and dies: told in one line, and the bot ends in order."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import TYPE_CHECKING

import pytest
from loopback.running_slack import free_port
from loopback.serving import serving, variables
from loopback.slack import FakeSlack

from bot import assembly
from bot.serve.server import serve
from bot.serve.supervisor import Supervisor, TaskDiedError
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.assembly import Bot

WORDS = "marzipan for my cousin Zoltan"
CAKE = "how much is a cake?"
SITE = f"""
import asyncio
from pathlib import Path

from bot.delivery.upkeep import Upkeep


async def run(self):
    while not Path("die").exists():
        await asyncio.sleep(0.01)
    raise RuntimeError("{WORDS}")


Upkeep.run = run
"""


async def dies() -> None:
    await asyncio.sleep(0)
    raise ValueError(WORDS)


async def returns() -> None:
    await asyncio.sleep(0)


async def goes_on() -> None:
    await asyncio.Event().wait()


async def is_stopped(supervisor: Supervisor) -> bool:
    try:
        await asyncio.wait_for(supervisor.stopped(), 0.02)
    except TimeoutError:
        return False
    return True


def told(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_death_is_told_in_one_line_with_its_place_and_none_of_its_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def played() -> str:
        supervisor = Supervisor()
        task = supervisor.start("upkeep", dies())
        await asyncio.wait_for(supervisor.stopped(), 1)
        assert task.done()
        with pytest.raises(TaskDiedError) as death:
            supervisor.check()
        return str(death.value)

    sentence = asyncio.run(played())
    line = dies.__code__.co_firstlineno + 2
    assert sentence == f"The upkeep has died (ValueError at test_supervisor.py:{line}); the bot ends."
    (record,) = told(caplog)
    assert (record.levelno, record.name, record.getMessage()) == (logging.CRITICAL, "careerbot", sentence)
    assert not record.exc_info
    assert WORDS not in caplog.text


@pytest.mark.parametrize("work", [returns, goes_on])
def test_what_returns_or_is_cancelled_has_not_died(caplog: pytest.LogCaptureFixture, work: Callable[[], Awaitable[None]]) -> None:
    async def played() -> None:
        supervisor = Supervisor()
        task = supervisor.start("upkeep", work())
        assert task.get_name() == "upkeep"
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert not await is_stopped(supervisor)
        supervisor.check()

    asyncio.run(played())
    assert told(caplog) == []


def test_of_two_deaths_both_are_told_and_the_first_one_ends_the_bot(caplog: pytest.LogCaptureFixture) -> None:
    async def played() -> str:
        supervisor = Supervisor()
        await asyncio.gather(*(supervisor.start(name, dies()) for name in ("worker", "upkeep")), return_exceptions=True)
        assert await is_stopped(supervisor)
        with pytest.raises(TaskDiedError) as death:
            supervisor.check()
        return str(death.value)

    assert asyncio.run(played()).startswith("The worker has died")
    assert [record.getMessage().partition(" (")[0] for record in told(caplog)] == ["The worker has died", "The upkeep has died"]


def test_an_orderly_end_is_no_death() -> None:
    async def played() -> None:
        supervisor = Supervisor()
        assert not await is_stopped(supervisor)
        supervisor.stop()
        assert await is_stopped(supervisor)
        supervisor.check()

    asyncio.run(played())


def dying(run: Callable[..., Awaitable[None]], die: asyncio.Event) -> Callable[..., Awaitable[None]]:
    """The same, until it is to die."""

    async def runs(*args: object, **how: object) -> None:
        running, waiting = asyncio.ensure_future(run(*args, **how)), asyncio.ensure_future(die.wait())
        try:
            await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (running, waiting):
                task.cancel()
            await asyncio.gather(running, waiting, return_exceptions=True)
        if die.is_set():
            raise RuntimeError(WORDS)

    return runs


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("bot.delivery.upkeep.Upkeep.run", "upkeep"),
        ("bot.delivery.worker.Worker.run", "worker"),
        ("bot.delivery.worker.Worker.renew", "lease renewal"),
        ("bot.serve.reload.Reloader._watch", "notice of changed knowledge"),
        ("bot.serve.reload.Reloader._run", "reloading"),
        ("bot.channels.slack.channel.Slack._look_after", "look after Slack's socket"),
        ("bot.serve.web._Server.serve", "web server"),
    ],
)
def test_whichever_task_dies_the_bot_finishes_what_is_in_hand_and_says_which(
    bakery: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, where: str, name: str
) -> None:
    caplog.set_level(logging.INFO)
    owner, _, method = where.rpartition(".")
    module, _, kind = owner.rpartition(".")

    async def played() -> tuple[str, int]:
        die = asyncio.Event()
        cls = getattr(__import__(module, fromlist=[kind]), kind)
        monkeypatch.setattr(cls, method, dying(getattr(cls, method), die))
        async with FakeSlack() as slack:
            settings = Settings(
                data_dir=tmp_path, port=free_port(), slack_bot_token=slack.bot_token, slack_app_token=slack.app_token, slack_api_url=slack.api_url,
            )  # fmt: skip
            with assembly.opened_store(settings, ["slack"]) as store:
                running = asyncio.create_task(serve(settings, bakery, store))
                await slack.connected()
                slack.fail("chat.postMessage", delay=0.3, drop=True)
                asked = await slack.dm(CAKE)
                await slack.wait_message()  # it is there, and the bot has not heard of it yet
                assert store.depth().waiting == 1
                die.set()
                with pytest.raises(TaskDiedError) as death:
                    await asyncio.wait_for(running, 10)
                assert (await asked.done()).ack_delay is not None
                assert store.depth().waiting == 1  # whether its message has arrived is looked up at the next start
                assert store.read(lambda connection: connection.exec_driver_sql("SELECT lease FROM inbox").scalars().all()) == [1]
                return str(death.value), [call.method for call in slack.calls].count("chat.postMessage")

    sentence, sent = asyncio.run(played())
    assert re.fullmatch(rf"The {name} has died \(RuntimeError at test_supervisor\.py:\d+\); the bot ends\.", sentence)
    assert sent == 1
    assert [record.getMessage() for record in told(caplog)] == [sentence]
    assert "Stopping: what is in hand is finished." in caplog.text
    assert WORDS not in caplog.text


def test_seen_from_outside_it_ends_in_order_with_a_sentence_and_exit_code_1(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE, "utf-8")

    async def played() -> tuple[int, str, int]:
        async with FakeSlack() as slack, serving(tmp_path, **variables(slack, free_port()), PYTHONPATH=str(site)) as process:
            await slack.connected(timeout=30)
            slack.fail("chat.postMessage", delay=0.3, drop=True)
            asked = await slack.dm(CAKE)
            await slack.wait_message()  # it is there, and the bot has not heard of it yet
            (tmp_path / "die").touch()
            _, errors = await asyncio.wait_for(process.communicate(), 15)
            assert (await asked.done()).ack_delay is not None
            return process.returncode, errors.decode(), [call.method for call in slack.calls].count("chat.postMessage")

    code, errors, sent = asyncio.run(played())
    line = next(number for number, text in enumerate(SITE.splitlines(), 1) if "raise" in text)
    sentence = f"The upkeep has died (RuntimeError at sitecustomize.py:{line}); the bot ends."
    *logged, last = errors.splitlines()
    assert (code, last, sent) == (1, sentence, 1)
    lines = [json.loads(one) for one in logged if one.startswith("{")]  # the others tell that it learns
    assert [one["event"] for one in lines if one["level"] == "critical"] == [sentence]
    assert lines[-1]["event"] == "Stopping: what is in hand is finished."
    assert "Traceback" not in errors
    assert WORDS not in errors
