"""A window that Slack does not open: whoever pressed for it hears so, nobody else does, and pressing once more opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from loopback.running_slack import DESK, House, Json, play
from loopback.slack_state import GENERAL
from loopback.standin import until

from bot.language.english.wording import TEXTS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from loopback.slack_state import Delivery

    from bot.assembly import Bot

    Play = Callable[..., None]
    Telling = Callable[[], Awaitable[Delivery]]

FAILED = TEXTS["window_failed"][0]


@pytest.fixture
def scene(bakery: Bot, tmp_path: Path) -> Play:
    def played(acts: Callable[[House], Awaitable[None]]) -> None:
        play(bakery, tmp_path, "socket", acts)

    return played


async def failed(house: House, telling: Telling) -> Json:
    """What the bot says when Slack does not open the window that something asks for. Told once more, it opens."""
    house.slack.fail("views.open", error="expired_trigger_id")
    await (await telling()).done()
    said: list[Json] = []
    await until(lambda: bool(said.extend(house.new()) or said))
    (word,) = said
    assert await house.view(telling())
    assert house.new() == []
    return word


@pytest.mark.parametrize("where", ["channel", "direct message"])
def test_a_window_to_share_that_is_not_opened_is_told_to_whoever_pressed(scene: Play, where: str) -> None:
    async def acts(house: House) -> None:
        asked = house.slack.mention("when are you open?") if where == "channel" else house.slack.dm("when are you open?", user="U0BOB")
        answer = await house.one(asked)
        word = await failed(house, lambda: house.slack.press(answer, label="Share…", user="U0BOB"))
        assert (word["text"], word["ephemeral_to"]) == (FAILED, "U0BOB")
        assert (word["channel"], word.get("thread_ts")) == (answer["channel"], answer.get("thread_ts"))

    scene(acts)


def test_a_window_to_ask_that_is_not_opened_is_told_in_a_direct_message(scene: Play) -> None:
    async def acts(house: House) -> None:
        word = await failed(house, lambda: house.slack.shortcut("ask_question"))
        assert (word["text"], word["channel"]) == (FAILED, "D0ALICE")

    scene(acts)


def test_a_window_to_answer_that_is_not_opened_is_told_to_the_expert_alone(scene: Play) -> None:
    async def acts(house: House) -> None:
        asked = await house.one(house.slack.dm("do you deliver to my house?"))
        consent = await house.one(house.slack.press(asked, label="Ask a person"))
        _, passed = await house.after(house.slack.press(consent, label="Yes, with my name"))
        word = await failed(house, lambda: house.slack.press(passed, label="Answer", user="U0DORA"))
        assert (word["text"], word["channel"], word["ephemeral_to"]) == (FAILED, DESK, "U0DORA")

    scene(acts)


def test_where_the_bot_can_write_no_more_it_is_told_in_a_direct_message(scene: Play) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(house.slack.mention("when are you open?"))
        house.slack.channel_errors[GENERAL] = "not_in_channel"
        word = await failed(house, lambda: house.slack.press(answer, label="Share…"))
        assert (word["text"], word["channel"], "ephemeral_to" in word) == (FAILED, "D0ALICE", False)

    scene(acts)
