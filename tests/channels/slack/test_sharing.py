"""Share into channels, who may and where, and the home page; over a socket and over HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from loopback.running_slack import OTHER, House, Json, buttons, labels, play, running, written

from bot.channels.slack.addresses import SlackAddress
from bot.contracts.addresses import Address, Recipient
from bot.contracts.errors import Refused
from bot.contracts.outcomes import Message
from bot.dialogue.reply import Reply
from bot.dialogue.turn import HashedKey, Share
from bot.language.english.wording import TEXTS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.assembly import Bot

    Play = Callable[..., None]

REMARK = "for <!channel> & <@U0BOB>"


@pytest.fixture(params=["socket", "http"])
def scene(request: pytest.FixtureRequest, bakery: Bot, tmp_path: Path) -> Play:
    def played(acts: Callable[[House], Awaitable[None]], **more: object) -> None:
        play(bakery, tmp_path, request.param, acts, **more)

    return played


async def share(house: House, answer: Json, remark: str | None = None, user: str = "U0ALICE") -> list[Json]:
    """What the bot says once an answer was shared into another channel."""
    window = await house.view(house.slack.press(answer, label="Share…", user=user))
    values = {"where": {"value": {"selected_conversation": OTHER}}, "remark": {"value": {"value": remark}}}
    return await house.after(house.slack.submit(window, values, user=user))


def test_a_card_names_the_sharer_cites_the_source_and_can_be_asked_on(scene: Play) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(house.slack.dm("when are you open?"))
        card, told = await share(house, answer, REMARK)
        assert card["channel"] == OTHER
        assert card["blocks"][0]["elements"][0]["elements"] == [
            {"type": "text", "text": "Shared by "},
            {"type": "user", "user_id": "U0ALICE"},
        ]
        assert "Source: Opening hours" in written(card["blocks"])
        assert REMARK in written(card["blocks"])
        assert "for &lt;!channel&gt; &amp; &lt;@U0BOB&gt;" in card["text"]
        assert told["text"].startswith("Done")
        on = await house.one(house.slack.press(card, label="And what do you bake?", user="U0BOB"))
        assert (on["channel"], on["thread_ts"]) == (OTHER, card["ts"])

    scene(acts)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("not_in_channel", "I am not in that channel"),
        ("is_archived", "That channel is archived"),
        ("restricted_action", "Not everybody may post"),
        ("channel_not_found", "I cannot find that channel"),
        ("something_new", "That could not be shared."),
    ],
)
def test_what_goes_wrong_is_told_to_the_sharer_alone(scene: Play, code: str, told: str) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(house.slack.mention("when are you open?"))
        house.slack.channel_errors[OTHER] = code
        (word,) = await share(house, answer)
        assert word["text"].startswith(told)
        assert (word["ephemeral_to"], word["thread_ts"]) == ("U0ALICE", answer["thread_ts"])

    scene(acts)


@pytest.mark.parametrize(("guests", "shared"), [("ask", False), ("deny", False), ("allow", True)])
def test_nothing_is_shared_where_other_companies_read_unless_that_is_allowed(scene: Play, guests: str, *, shared: bool) -> None:
    async def acts(house: House) -> None:
        house.slack.channels[OTHER] = {"id": OTHER, "name": "partners", "is_archived": False, "is_ext_shared": True}
        answer = await house.one(house.slack.dm("when are you open?"))
        said = await share(house, answer)
        assert [message["channel"] == OTHER for message in said] == ([True, False] if shared else [False])
        assert shared or said[0]["text"].startswith("People from other companies")

    scene(acts, guests=guests)


def at_home(house: House, channel: str, *members: str) -> None:
    house.slack.channels[channel] = {"id": channel, "name": "room", "is_archived": False, "members": [*members]}


NOT_IN = "You are not in that room"


def test_nobody_shares_into_a_channel_that_they_are_not_in(scene: Play) -> None:
    async def acts(house: House) -> None:
        at_home(house, OTHER, "U0BOT", "U0BOB")
        answer = await house.one(house.slack.dm("when are you open?"))
        assert [message["text"][: len(NOT_IN)] for message in await share(house, answer)] == [NOT_IN]
        house.slack.channels[OTHER]["members"] += [f"U{number}" for number in range(3000)] + ["U0ALICE"]
        card, told = await share(house, answer)  # she is on the fourth page
        assert (card["channel"], told["text"][:4]) == (OTHER, "Done")
        house.slack.fail("conversations.members", error="missing_scope")
        assert [message["text"][: len(NOT_IN)] for message in await share(house, answer)] == [NOT_IN]

    scene(acts)


def test_nobody_shares_where_they_are_not_by_one_press_either(scene: Play) -> None:
    async def acts(house: House) -> None:
        at_home(house, "C0TEAM", "U0BOT")
        at_home(house, OTHER, "U0BOT")
        answer = await house.one(house.slack.dm("how much is a cake?"))
        assert (await house.one(house.slack.press(answer, label="Share with the team")))["text"].startswith(NOT_IN)
        alone = await house.one(house.slack.slash("/career", "how much is a cake?", channel=OTHER))
        assert (await house.one(house.slack.press(alone, label="Share here")))["text"].startswith(NOT_IN)

    scene(acts, team_room="slack:C0TEAM")


@pytest.mark.parametrize(
    ("place", "shares"),
    [
        (Address("telegram", {"chat": 1}), False),
        (None, False),
        (SlackAddress(channel="D0BOB", user="U0BOB").packed(), False),
        (SlackAddress(channel="D0ALICE", user="U0ALICE").packed(), True),
    ],
    ids=["telegram", "nobody", "stranger", "member"],
)
def test_only_whom_slack_knows_to_be_in_the_room_shares_into_it(
    bakery: Bot, tmp_path: Path, place: Address | None, *, shares: bool
) -> None:
    async def acts(house: House) -> None:
        at_home(house, "C0TEAM", "U0BOT", "U0ALICE")
        sharer = Recipient(place, HashedKey("c"), HashedKey("p")) if place else None
        card = Message(SlackAddress(channel="C0TEAM").packed(), Reply("answer", "Yes."), share=Share("hours"), sharer=sharer)
        if shares:
            assert await house.channel.send(card)
            return
        with pytest.raises(Refused) as refused:
            await house.channel.send(card)
        assert (refused.value.reason, house.shown("chat.postMessage")) == ("stranger", [])

    async def played() -> None:
        async with running(bakery, tmp_path) as house:
            await acts(house)

    asyncio.run(played())


@pytest.mark.parametrize("label", ["Share here", "Share with the team"])
def test_a_button_pressed_twice_shares_once_and_says_so(scene: Play, label: str) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(house.slack.slash("/career", "how much is a cake?"))
        first = await house.slack.press(answer, label=label)
        await (await house.slack.press(answer, label=label)).done()
        await first.done()
        await house.gateway.settled()
        await house.slack.wait_call("response_url", lambda call: call.args["text"].startswith("That is there already"))
        posted = [message for message in house.new() if message.get("bot_id") and "ephemeral_to" not in message]
        assert [message["text"].startswith("Shared by") or "A cake" in message["text"] for message in posted] == [True]

    scene(acts, team_room="slack:C0TEAM")


def test_once_the_bot_is_invited_it_shares_here_and_only_then_counts_as_done(scene: Play) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(house.slack.slash("/career", "when are you open?", channel=OTHER))
        house.slack.fail("chat.postMessage", error="not_in_channel")
        refused = await house.one(house.slack.press(answer, label="Share here"))
        assert (refused["text"], refused["ephemeral_to"]) == (TEXTS["not_shared_outside"][0], "U0ALICE")
        card, told = await house.after(house.slack.press(answer, label="Share here"))  # somebody has invited the bot
        assert (card["channel"], "We are open" in card["text"], "ephemeral_to" in card) == (OTHER, True, False)
        assert (told["text"], told["ephemeral_to"]) == (TEXTS["shared"][0], "U0ALICE")
        again = await house.one(house.slack.press(answer, label="Share here"))
        assert (again["text"], again["ephemeral_to"]) == (TEXTS["shared_before"][0], "U0ALICE")

    scene(acts)


def test_a_reply_beneath_a_shared_card_is_answered_without_a_mention(scene: Play) -> None:
    async def acts(house: House) -> None:
        card, _ = await share(house, await house.one(house.slack.dm("when are you open?")))
        said = await house.one(house.slack.say(OTHER, "how much is a cake?", user="U0BOB", thread_ts=card["ts"]))
        assert (said["text"].startswith("A cake"), said["thread_ts"]) == (True, card["ts"])
        assert await house.after(house.slack.say(OTHER, "thanks, see you at lunch", user="U0BOB", thread_ts=card["ts"])) == []

    scene(acts)


def test_a_message_in_a_thread_is_answered_in_that_thread_for_whoever_asked_and_shared_there(scene: Play) -> None:
    async def acts(house: House) -> None:
        slack = house.slack
        asked = slack.user_message(OTHER, "when are you open?", user="U0BOB", thread_ts="1700000000.000100")
        answer = await house.one(slack.shortcut("answer_message", asked))
        assert (answer["ephemeral_to"], answer["thread_ts"]) == ("U0ALICE", "1700000000.000100")
        more = await house.one(slack.press(answer, label="More"))
        assert (more["ephemeral_to"], more["thread_ts"]) == ("U0ALICE", "1700000000.000100")
        assert await house.after(slack.say(OTHER, "how much is a cake?", user="U0BOB", thread_ts="1700000000.000100")) == []
        card, _ = await house.after(slack.press(more, label="Share in the thread"))
        assert card["thread_ts"] == "1700000000.000100"

    scene(acts)


def test_a_message_in_a_thread_that_the_bot_cannot_write_in_is_answered_all_the_same(scene: Play) -> None:
    async def acts(house: House) -> None:
        house.slack.channel_errors[OTHER] = "not_in_channel"
        asked = house.slack.user_message(OTHER, "when are you open?", user="U0BOB", thread_ts="1700000000.000100")
        answer = await house.one(house.slack.shortcut("answer_message", asked))
        assert (answer["ephemeral_to"], "You asked:" in written(answer["blocks"])) == ("U0ALICE", True)
        assert (await house.one(house.slack.press(answer, label="More")))["ephemeral_to"] == "U0ALICE"

    scene(acts)


def test_one_press_shares_with_the_team(scene: Play) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(house.slack.dm("how much is a cake?"))
        card, told = await house.after(house.slack.press(answer, label="Share with the team"))
        assert (card["channel"], "A cake is 20 euros." in card["text"], "Share with the team" in labels(card)) == ("C0TEAM", True, False)
        assert told["text"].startswith("Done")

    scene(acts, team_room="slack:C0TEAM")


def guest(house: House, user: str = "U0GUEST") -> str:
    house.slack.users[user] = {"id": user, "name": "gus", "team_id": house.slack.team, "is_restricted": True}
    return user


def test_guests_may_ask_but_not_share_by_default(scene: Play) -> None:
    async def acts(house: House) -> None:
        user = guest(house)
        answer = await house.one(house.slack.slash("/career", "how much is a cake?", user=user))
        assert "20 euros" in answer["text"]
        assert (await house.one(house.slack.press(answer, label="Share here", user=user)))["text"].startswith("Sharing is for members")
        direct = await house.one(house.slack.dm("how much is a cake?", user=user))
        (refused,) = [message async for message in told_to(house, house.slack.press(direct, label="Share…", user=user))]
        assert refused["text"].startswith("Sharing is for members")
        assert house.shown("views.open") == []

    scene(acts)


async def told_to(house: House, telling: Awaitable) -> object:
    """What is said beside, without the inbox."""
    await (await telling).done()
    await house.slack.wait_call("chat.postEphemeral")
    for message in house.new():
        yield message


def test_guests_are_kept_out_where_that_is_wished(scene: Play) -> None:
    async def acts(house: House) -> None:
        user = guest(house)
        assert (await house.one(house.slack.dm("how much is a cake?", user=user)))["text"].startswith("I am here for members")
        home = await house.view(house.slack.open_home(user), "views.publish")
        assert "I am here for members" in written(home["blocks"])
        assert "20 euros" in (await house.one(house.slack.dm("how much is a cake?")))["text"]

    scene(acts, guests="deny")


def test_somebody_who_cannot_be_looked_up_may_ask_but_not_share(scene: Play) -> None:
    async def acts(house: House) -> None:
        house.slack.fail("users.info", error="user_not_found", times=99)
        answer = await house.one(house.slack.slash("/career", "how much is a cake?"))
        assert "20 euros" in answer["text"]
        assert (await house.one(house.slack.press(answer, label="Share here")))["text"].startswith("Sharing is for members")

    scene(acts)


def test_the_home_page_leads_from_topics_to_answers_and_back(scene: Play) -> None:
    async def acts(house: House) -> None:
        async def page(telling: Awaitable) -> Json:
            return await house.view(telling, "views.publish")

        await house.one(house.slack.dm("how much is a cake?"))
        await house.one(house.slack.dm("zxqv blorp?"))
        home = await page(house.slack.open_home())
        assert labels(home)[-5:] == ["Visit us", "Bread and cake", "how much is a cake?", "What is kept of me", "Forget me"]
        assert "How much is a cake?" in buttons(home)
        assert "Questions that I cannot answer can go to people at the desk." in written(home["blocks"])
        topic = await page(house.slack.press(home, label="Visit us"))
        assert labels(topic) == ["Opening hours", "All topics", "What is kept of me", "Forget me"]
        answer = await page(house.slack.press(topic, label="Opening hours"))
        assert "We are open from" in written(answer["blocks"])
        assert "On Sundays" in written((await page(house.slack.press(answer, label="More")))["blocks"])
        assert "how much is a cake?" in labels(await page(house.slack.press(answer, label="All topics")))
        assert "for 90 days" in written((await page(house.slack.press(home, label="What is kept of me")))["blocks"])
        assert "20 euros" in written((await page(house.slack.press(home, label="how much is a cake?")))["blocks"])

    scene(acts)


def test_the_home_page_erases_after_a_second_question(scene: Play) -> None:
    async def acts(house: House) -> None:
        await house.one(house.slack.dm("how much is a cake?"))
        home = await house.view(house.slack.open_home(), "views.publish")
        button = next(
            element for block in home["blocks"] if block["type"] == "actions" for element in block["elements"] if "confirm" in element
        )
        assert "cannot be undone" in button["confirm"]["text"]["text"]
        said = await house.one(house.slack.press(home, label="Forget me"))
        assert said["text"].startswith("Done. What you wrote")
        after = await house.view(house.slack.open_home(), "views.publish")
        assert "how much is a cake?" not in labels(after)

    scene(acts)
