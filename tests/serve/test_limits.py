"""Limits and places from outside: what people see who write too much, or where the bot is not to answer; what admins see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from loopback import running_slack, running_telegram
from loopback.running_slack import DESK, OTHER, written
from loopback.slack_state import GENERAL

from bot.channels.telegram import channel, listener

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.assembly import Bot

    Play = Callable[..., None]

CAKE, OPEN = "how much is a cake?", "when are you open?"
FAST, MANY, NOT_HERE = "That was a lot at once.", "Many questions come here at once.", "I am not set up to answer here"
TEAM, ALICE, BOB = "T0FAKE", "U0ALICE", "U0BOB"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, unhurried: None) -> None:  # noqa: ARG001 - for what it does
    monkeypatch.setattr(listener, "AGAIN", 0.05)
    monkeypatch.setattr(channel, "AGAIN", 0.05)


@pytest.fixture
def slack(bakery: Bot, tmp_path: Path) -> Play:
    def played(acts: Callable[[running_slack.House], Awaitable[None]], mode: str = "socket", **more: object) -> None:
        running_slack.play(bakery, tmp_path, mode, acts, **more)

    return played


@pytest.fixture
def tg(bakery: Bot, tmp_path: Path) -> Play:
    def played(acts: Callable[[running_telegram.House], Awaitable[None]], way: str = "polling", **more: object) -> None:
        running_telegram.play(bakery, tmp_path, way, acts, **more)

    return played


async def writes(house: running_telegram.House, text: str, user: object = None, chat: object = None, **how: object) -> list[str]:
    """What the bot says to what somebody (Ann, in private) writes."""
    user = user or house.ann
    calls = await house.after(lambda: house.tg.send(chat or house.tg.private(user), user, text, **how))
    return [call.result["text"] for call in calls]


async def asks(house: running_telegram.House, user: object, chat: object) -> list[str]:
    """What the bot says to somebody who asks it something in a group."""
    calls = await house.after(lambda: house.tg.command(chat, user, "ask", CAKE))
    return [call.result["text"] for call in calls]


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_in_slack_whoever_writes_too_much_hears_so_once_and_gets_all_that_came_before(slack: Play, mode: str) -> None:
    async def acts(house: running_slack.House) -> None:
        told = [await house.slack.dm(text) for text in (CAKE, OPEN, CAKE)]
        for one in told:
            await one.done()
        await house.gateway.settled()
        answers = [message["text"] for message in house.new()]
        assert len(answers) == 3
        assert not any(FAST in text for text in answers)
        over = await house.slack.dm(CAKE)
        (line,) = await house.after(house.slack.repeat(over))
        assert line["text"].startswith(FAST)
        left = await house.slack.dm(OPEN)
        assert await house.after(house.slack.dm(CAKE)) == []
        for one in (told[0], over, left, over):
            assert await house.after(house.slack.repeat(one)) == []
        assert len(await house.after(house.slack.dm(CAKE, user=BOB))) == 1

    slack(acts, mode, rate=(3, 0))


def test_in_slack_the_two_deliveries_of_a_mention_count_as_one(slack: Play) -> None:
    async def acts(house: running_slack.House) -> None:
        for _ in range(3):
            assert FAST not in (await house.one(house.slack.mention(CAKE, twin=True)))["text"]
        (line,) = await house.after(house.slack.mention(CAKE, twin=True))
        assert line["text"].startswith(FAST)
        assert await house.after(house.slack.mention(CAKE, twin=True)) == []

    slack(acts, rate=(3, 0))


def test_in_slack_a_room_in_which_many_ask_hears_so_once(slack: Play) -> None:
    async def acts(house: running_slack.House) -> None:
        for user in ("U0A", "U0B", "U0C"):
            assert MANY not in (await house.one(house.slack.mention(CAKE, user=user)))["text"]
        assert (await house.one(house.slack.mention(CAKE, user="U0D")))["text"].startswith(MANY)
        assert await house.after(house.slack.mention(CAKE, user="U0E")) == []
        assert MANY not in (await house.one(house.slack.mention(CAKE, OTHER, user="U0E")))["text"]

    slack(acts, rate=(0, 3))


def test_in_slack_presses_and_what_is_overheard_are_left_silently(slack: Play) -> None:
    async def acts(house: running_slack.House) -> None:
        answer = await house.one(house.slack.mention(CAKE))
        thread = answer["thread_ts"]
        await house.after(house.slack.mention(OPEN, thread_ts=thread))
        assert await house.after(house.slack.press(answer, action_id="rate|pick:.*|menu")) == []
        assert await house.after(house.slack.say(GENERAL, OPEN, thread_ts=thread)) == []
        assert (await house.one(house.slack.slash("/career", CAKE)))["text"].startswith(FAST)
        assert await house.after(house.slack.slash("/career", CAKE)) == []

    slack(acts, rate=(2, 0))


def test_in_slack_no_limit_holds_the_desk_and_admins(slack: Play) -> None:
    async def acts(house: running_slack.House) -> None:
        for _ in range(4):
            assert FAST not in (await house.one(house.slack.dm(CAKE, user=BOB)))["text"]
        for _ in range(4):
            said = await house.after(house.slack.mention(CAKE, DESK))
            assert said
            assert not any(FAST in message["text"] or MANY in message["text"] for message in said)

    slack(acts, rate=(1, 1), admins=(f"slack:{TEAM}/{BOB}",))


@pytest.mark.parametrize("way", running_telegram.WAYS)
def test_in_telegram_whoever_writes_too_much_hears_so_once_and_gets_all_that_came_before(tg: Play, way: str) -> None:
    async def acts(house: running_telegram.House) -> None:
        mark = house.tg.mark()
        for text in (CAKE, OPEN):
            house.tg.send(house.chat, house.ann, text)
        await writes(house, CAKE)
        assert len(house.tg.sent(house.chat, mark)) == 3
        assert [text.startswith(FAST) for text in await writes(house, CAKE)] == [True]
        assert [await writes(house, text) for text in (OPEN, CAKE)] == [[], []]
        assert [FAST in text for text in await writes(house, CAKE, house.bob)] == [False]

    tg(acts, way, rate=(3, 0))


def test_in_telegram_an_update_that_was_turned_away_is_not_answered_when_it_comes_again(tg: Play) -> None:
    async def acts(house: running_telegram.House) -> None:
        await writes(house, CAKE)
        took, update = house.channel._listener.take, {}

        async def remember(one: dict[str, object]) -> None:
            update.update(one)
            await took(one)

        house.channel._listener.take = remember
        assert len(await writes(house, CAKE)) == 1
        for _ in range(2):
            mark = house.tg.mark()
            await took(update)
            await house.gateway.settled()
            assert house.tg.sent(house.chat, mark) == []
            assert await writes(house, OPEN) == []

    tg(acts, rate=(1, 0))


def test_in_telegram_a_group_in_which_many_ask_hears_so_once(tg: Play) -> None:
    async def acts(house: running_telegram.House) -> None:
        group = house.tg.group("Everybody", members=[house.ann, house.bob])
        assert len(await asks(house, house.ann, group)) == 1
        assert len(await asks(house, house.bob, group)) == 1
        assert [text.startswith(MANY) for text in await asks(house, house.dora, group)] == [True]
        assert await asks(house, house.ann, group) == []

    tg(acts, rate=(0, 2))


def test_in_telegram_a_press_over_the_limit_is_acknowledged_and_left(tg: Play) -> None:
    async def acts(house: running_telegram.House) -> None:
        answer = await house.one(lambda: house.tg.send(house.chat, house.ann, CAKE))
        mark = house.tg.mark()
        assert await house.after(lambda: house.tg.press_data(answer, "v1:p:hours", house.ann)) == []
        assert any(call.method == "answerCallbackQuery" for call in house.tg.calls[mark:])
        assert [text.startswith(FAST) for text in await writes(house, CAKE)] == [True]  # the press has not used the word up

    tg(acts, rate=(1, 0))


def test_in_telegram_no_limit_holds_the_desk_and_admins(tg: Play) -> None:
    async def acts(house: running_telegram.House) -> None:
        for _ in range(3):
            for said in (await writes(house, CAKE), await asks(house, house.dora, house.desk)):
                assert said
                assert not any(FAST in text or MANY in text for text in said)

    tg(acts, rate=(1, 1), admins=("telegram:5001",))


@pytest.mark.parametrize("allowed", [f"slack:{TEAM}", f"slack:{GENERAL}", f"slack:{TEAM}/{GENERAL}"])
def test_in_slack_an_allowed_place_is_answered_as_ever(slack: Play, allowed: str) -> None:
    async def acts(house: running_slack.House) -> None:
        assert (await house.one(house.slack.mention(CAKE)))["text"].startswith("A cake is 20 euros.")

    slack(acts, allow=(allowed,))


def test_in_slack_elsewhere_one_line_says_that_the_bot_does_not_answer_there(slack: Play) -> None:
    async def acts(house: running_slack.House) -> None:
        assert (await house.one(house.slack.mention(CAKE, OTHER)))["text"].startswith(NOT_HERE)
        assert await house.after(house.slack.mention(CAKE, OTHER, user=BOB)) == []
        assert await house.after(house.slack.say(OTHER, CAKE)) == []
        assert (await house.one(house.slack.dm(CAKE)))["text"].startswith(NOT_HERE)
        assert await house.after(house.slack.dm(CAKE)) == []
        assert await house.after(house.slack.say("C0THIRD", CAKE)) == []
        assert await house.after(house.slack.joined("C0THIRD")) == []
        assert NOT_HERE not in (await house.one(house.slack.mention(CAKE)))["text"]
        assert not any(NOT_HERE in message["text"] for message in await house.after(house.slack.mention(CAKE, DESK)))

    slack(acts, allow=(f"slack:{GENERAL}",))


def test_in_slack_the_team_room_is_allowed_and_admins_are_everywhere(slack: Play) -> None:
    async def acts(house: running_slack.House) -> None:
        assert NOT_HERE not in (await house.one(house.slack.mention(CAKE, "C0ROOM")))["text"]
        assert NOT_HERE not in (await house.one(house.slack.dm(CAKE, user=BOB)))["text"]
        assert NOT_HERE not in (await house.one(house.slack.mention(CAKE, OTHER, user=BOB)))["text"]
        assert NOT_HERE in (await house.one(house.slack.mention(CAKE, OTHER)))["text"]

    slack(acts, allow=("slack:T9ELSE",), team_room="slack:C0ROOM", admins=(f"slack:{TEAM}/{BOB}",))


def test_in_slack_the_home_page_says_it_to_those_who_are_not_admitted(slack: Play) -> None:
    async def acts(house: running_slack.House) -> None:
        page = written((await house.view(house.slack.open_home(), "views.publish"))["blocks"])
        assert NOT_HERE in page
        page = written((await house.view(house.slack.open_home(user=BOB), "views.publish"))["blocks"])
        assert NOT_HERE not in page

    slack(acts, allow=("slack:T9ELSE",), admins=(f"slack:{TEAM}/{BOB}",))


def test_in_telegram_private_chats_may_be_allowed_and_no_group(tg: Play) -> None:
    async def acts(house: running_telegram.House) -> None:
        group = house.tg.group("Everybody", members=[house.ann, house.bob])
        assert [NOT_HERE in text for text in await writes(house, CAKE)] == [False]
        assert [NOT_HERE in text for text in await asks(house, house.ann, group)] == [True]
        assert await asks(house, house.bob, group) == []
        assert await writes(house, CAKE, house.bob, group) == []
        for room in (house.desk, house.team):
            assert not any(NOT_HERE in text for text in await asks(house, house.dora, room))

    tg(acts, allow=("telegram:private",))


def test_in_telegram_a_group_may_be_allowed_and_no_private_chat(tg: Play) -> None:
    async def acts(house: running_telegram.House) -> None:
        group = house.tg.group("Everybody", members=[house.ann, house.bob])
        assert [NOT_HERE in text for text in await asks(house, house.ann, group)] == [False]
        assert [NOT_HERE in text for text in await writes(house, CAKE)] == [True]
        assert await writes(house, CAKE) == []
        assert [NOT_HERE in text for text in await writes(house, CAKE, house.bob)] == [False]

    tg(acts, allow=("telegram:-1000000009003",), admins=("telegram:5002",))


def test_in_telegram_an_inline_query_finds_nothing_for_those_who_are_not_admitted(tg: Play) -> None:
    async def acts(house: running_telegram.House) -> None:
        found = []
        for user in (house.ann, house.bob):
            mark = house.tg.mark()
            house.tg.inline_query(user, "cake")
            await house.tg.wait(lambda mark=mark: any(call.method == "answerInlineQuery" for call in house.tg.calls[mark:]))
            entry = list(house.tg.inline_queries.values())[-1]
            await house.tg.wait(lambda entry=entry: entry["answer"] is not None)
            found.append([result["id"] for result in entry["answer"]["results"]])
        assert found[0] == []
        assert found[1]

    tg(acts, allow=("telegram:-100999",), admins=("telegram:5002",))


def test_in_slack_an_admin_is_told_how_the_bot_stands_and_others_get_help(slack: Play) -> None:
    async def acts(house: running_slack.House) -> None:
        told = (await house.one(house.slack.slash("/career", "status", user=BOB)))["text"]
        helped = (await house.one(house.slack.slash("/career", "help", user=ALICE)))["text"]
        refused = (await house.one(house.slack.slash("/career", "status", user=ALICE)))["text"]
        assert house.gateway.processor.handler.status._base.version[:8] in told
        assert refused == helped

    slack(acts, admins=(f"slack:{TEAM}/{BOB}",))


def test_in_telegram_an_admin_is_told_how_the_bot_stands_and_others_get_help(tg: Play) -> None:
    async def acts(house: running_telegram.House) -> None:
        version = house.gateway.processor.handler.status._base.version[:8]
        assert [version in text for text in await writes(house, "/status")] == [True]
        assert await writes(house, "/status", house.bob) == await writes(house, "/help", house.bob)

    tg(acts, admins=("telegram:5001",))


def test_nothing_is_shared_into_a_channel_where_the_bot_is_not_to_answer(slack: Play) -> None:
    async def acts(house: running_slack.House) -> None:
        answer = await house.one(house.slack.mention(OPEN))
        window = await house.view(house.slack.press(answer, label="Share…"))
        values = {"where": {"value": {"selected_conversation": OTHER}}, "remark": {"value": {"value": None}}}
        (word,) = await house.after(house.slack.submit(window, values))
        assert word["text"].startswith("I am not set up to write there")
        assert (word["channel"], word["ephemeral_to"]) == (GENERAL, ALICE)

    slack(acts, allow=(f"slack:{GENERAL}",))
