"""What takes long: platforms that are down for a real minute. Run by `make soak`."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

import pytest
from loopback import running_slack, running_telegram
from loopback.slack_state import BOT
from loopback.standin import until
from loopback.telegram import Fault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.assembly import Bot

MINUTE = 60.0
PEOPLE = 25
A_SECOND = 5
QUESTIONS = {"how much is a cake?": "20 euros", "when are you open?": "from 7 to 18", "how much is a loaf of bread?": "4 euros"}

pytestmark = pytest.mark.soak


async def asked(say: Callable[[str, str], Awaitable[object]], people: list[str]) -> dict[str, list[str]]:
    """What each of some people asked within a minute in which the platform takes nothing, five messages a second."""
    chance = random.Random(7)  # noqa: S311 - the same questions each time
    told: dict[str, list[str]] = {person: [] for person in people}
    begun = time.monotonic()
    for number in range(int(MINUTE * A_SECOND)):
        person, question = people[number % len(people)], chance.choice(list(QUESTIONS))
        told[person].append(question)
        await say(person, question)
        await asyncio.sleep(max(0.0, begun + (number + 1) / A_SECOND - time.monotonic()))
    return told


def kinds(texts: list[str]) -> list[str]:
    """The questions that some answers are for."""
    return [next(question for question, sign in QUESTIONS.items() if sign in text.replace("*", "").replace("</b>", "")) for text in texts]


async def all_answered(said: Callable[[], dict[str, list[str]]], told: dict[str, list[str]]) -> float:
    """How many seconds after the outage the last one was answered: each once and in the order in which it was asked."""
    begun = time.monotonic()
    total = sum(map(len, told.values()))
    await until(lambda: sum(map(len, said().values())) >= total, 90.0)
    took = time.monotonic() - begun
    await asyncio.sleep(3.0)  # what comes twice comes now
    assert {person: kinds(texts) for person, texts in said().items()} == told
    return took


async def slack_for_a_minute(bakery: Bot, directory: Path, mode: str) -> float:
    async with running_slack.running(bakery, directory, mode) as house:
        people = [f"U0P{number:02}" for number in range(PEOPLE)]

        async def say(person: str, question: str) -> None:
            await house.slack.dm(question, user=person)

        def said() -> dict[str, list[str]]:
            texts: dict[str, list[str]] = {person: [] for person in people}
            for (channel, _), message in house.slack.messages.items():
                if message.get("bot_id") == BOT:
                    texts[f"U{channel[1:]}"].append(message["text"])
            return texts

        for method in ("chat.postMessage", "users.info"):
            house.slack.fail(method, status=503, times=100_000)
        told = await asked(say, people)
        assert not any(said().values())
        house.slack._faults.clear()
        return await all_answered(said, told)


async def telegram_for_a_minute(bakery: Bot, directory: Path, way: str) -> float:
    async with running_telegram.running(bakery, directory, way) as house:
        tg = house.tg
        people = {f"P{number}": tg.user(f"P{number}") for number in range(PEOPLE)}
        names = {person["id"]: name for name, person in people.items()}

        async def say(name: str, question: str) -> None:
            tg.send(tg.private(people[name]), people[name], question)

        def said() -> dict[str, list[str]]:
            texts: dict[str, list[str]] = {name: [] for name in people}
            for (chat, _), message in tg.messages.items():
                if message["from"]["is_bot"]:
                    texts[names[chat]].append(message["text"])
            return texts

        tg.faults = [Fault("502", times=100_000)]
        told = await asked(say, list(people))
        assert not any(said().values())
        tg.faults = []
        return await all_answered(said, told)


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("way", ["called by them", "calling them"])
def test_a_minute_in_which_both_platforms_take_nothing_costs_nobody_an_answer_and_no_conversation_its_order(
    bakery: Bot, tmp_path: Path, way: str, record_property: Callable[[str, object], None]
) -> None:
    modes = ("http", "webhook") if way == "called by them" else ("socket", "polling")
    for name in ("slack", "telegram"):
        (tmp_path / name).mkdir()

    async def played() -> list[float]:
        return await asyncio.gather(
            slack_for_a_minute(bakery, tmp_path / "slack", modes[0]), telegram_for_a_minute(bakery, tmp_path / "telegram", modes[1])
        )

    for platform, seconds in zip(("slack", "telegram"), asyncio.run(played()), strict=True):
        print(f"{platform}: {MINUTE * A_SECOND:.0f} questions, the last one answered {seconds:.1f} s after the outage")  # noqa: T201 - what soak measures
        record_property(platform, seconds)
        assert seconds < MINUTE + 10
