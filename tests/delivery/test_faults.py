"""Faults of the surroundings: clocks that jump, a name that cannot be resolved, a data directory that is taken away."""

from __future__ import annotations

import asyncio
import shutil
import socket
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
from loopback.running_slack import free_port, running
from loopback.slack import FakeSlack
from loopback.standin import PLATFORM, StandIn, event, turns, turns_of, until

from bot.assembly import handler_of
from bot.channels.slack import channel
from bot.delivery.gateway import EventGateway
from bot.serve.supervisor import Supervisor
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.assembly import Bot
    from bot.store.store import Store

HOUR, DAY = 3600.0, 86400.0


@pytest.mark.parametrize("jump", [-HOUR, -DAY, HOUR, DAY, 400 * DAY])
def test_a_clock_that_jumps_loses_and_doubles_no_answer(bakery: Bot, open_store: Callable[..., Store], jump: float) -> None:
    now = [time.time()]
    store, said = open_store(clock=lambda: now[0]), StandIn()

    async def played() -> None:
        handler = handler_of(Settings(), bakery, store, None, None)
        async with EventGateway(store, handler, {PLATFORM: said}, clock=lambda: now[0]).working(Supervisor()) as gateway:
            await gateway.accept(event("1"))
            await gateway.accept(event("2"))
            now[0] += jump
            await gateway.accept(event("3"))
            await gateway.settled()
            await gateway.accept(event("1"))
            now[0] -= jump
            await gateway.accept(event("4", "yes"))
            await gateway.settled()

    asyncio.run(played())
    assert turns_of(said.sent) == turns("1", "2", "3", "4")


def test_a_name_that_cannot_be_resolved_at_the_start_is_connected_to_once_it_can(
    bakery: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PING", "AGAIN", "CONNECTED_WITHIN"):
        monkeypatch.setattr(channel, name, 0.2)
    known: list[str] = []
    resolve = asyncio.BaseEventLoop.getaddrinfo

    async def resolved(self: asyncio.BaseEventLoop, host: Any, *rest: Any, **more: Any) -> Any:  # noqa: ANN401 - as asyncio has it
        if host == "slack.example" and not known:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return await resolve(self, "127.0.0.1" if host == "slack.example" else host, *rest, **more)

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolved)

    async def played() -> None:
        async with AsyncExitStack() as stack:
            port = free_port()
            slack = FakeSlack(echo_bot_messages=True)
            await slack.start(port)
            stack.push_async_callback(slack.stop)
            slack.api_url = f"http://slack.example:{port}/api/"
            house = await stack.enter_async_context(running(bakery, tmp_path, slack=slack))
            assert not house.channel.ready
            known.append("slack.example")
            await until(lambda: house.channel.ready, 8.0)
            assert len(await house.after(slack.dm("how much is a cake?"))) == 1

    asyncio.run(played())


def test_a_data_directory_that_is_taken_away_leaves_the_bot_answering(bakery: Bot, tmp_path: Path) -> None:
    async def played() -> None:
        async with running(bakery, tmp_path / "data") as house:
            assert len(await house.after(house.slack.dm("how much is a cake?"))) == 1
            shutil.rmtree(tmp_path / "data")
            for _ in range(3):
                assert len(await house.after(house.slack.dm("when are you open?"))) == 1

    asyncio.run(played())


@pytest.mark.parametrize("held", ["due", "lease"])
def test_what_was_put_back_before_the_clock_was_set_back_does_not_wait_for_it(
    bakery: Bot, open_store: Callable[..., Store], rows: Callable[[str], object], held: str
) -> None:
    store, said = open_store(), StandIn()

    async def played() -> None:
        handler = handler_of(Settings(), bakery, store, None, None)
        gateway = EventGateway(store, handler, {PLATFORM: said})
        await gateway.accept(event("1"))
        await gateway.accept(event("2"))
        rows(f"UPDATE inbox SET {held} = 1e11 WHERE id = '{PLATFORM}:1'")  # noqa: S608 - a column of ours
        async with gateway.working(Supervisor()):
            await gateway.settled()

    asyncio.run(played())
    assert turns_of(said.sent) == turns("1", "2")
