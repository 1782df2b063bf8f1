"""Calls that are counted: by what came of them, also where nothing came of them."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.background import called
from bot.contracts.errors import ChannelError, Later, Refused
from bot.contracts.ports import NullObserver


class Counted(NullObserver):
    """Remembers what calls came to."""

    def __init__(self) -> None:
        self.results: list[tuple[str, str, str]] = []

    def called(self, platform: str, method: str, result: str) -> None:
        self.results.append((platform, method, result))


async def raising(error: Exception | None) -> str:
    if error is not None:
        raise error
    return "given"


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (None, "ok"),
        (Refused("no"), "refused"),
        (Later(1.0), "later"),
        (ChannelError("no"), "channel"),
        (KeyError("x"), "broken"),
        (TimeoutError(), "broken"),
    ],
)
def test_a_call_counts_as_what_came_of_it(error: Exception | None, result: str) -> None:
    watch = Counted()

    async def call() -> object:
        try:
            return await called(watch, "slack", "chat.postMessage", raising(error))
        except Exception as raised:  # noqa: BLE001 - whatever it is, it is given
            return raised

    assert asyncio.run(call()) == (error or "given")
    assert watch.results == [("slack", "chat.postMessage", result)]


def test_a_call_that_is_cancelled_counts_as_cancelled() -> None:
    watch = Counted()

    async def cancelled() -> None:
        call = asyncio.create_task(called(watch, "telegram", "getUpdates", asyncio.sleep(60)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(cancelled())
    assert watch.results == [("telegram", "getUpdates", "cancelled")]


def test_a_call_that_takes_too_long_for_whoever_waits_counts_as_cancelled() -> None:
    watch = Counted()

    async def impatient() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(called(watch, "slack", "users.info", asyncio.sleep(60)), 0.01)

    asyncio.run(impatient())
    assert watch.results == [("slack", "users.info", "cancelled")]
