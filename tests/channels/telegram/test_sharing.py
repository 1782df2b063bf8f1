"""Share from Telegram: inline in any chat, and with the room of the team, if one is in it; and a desk on the other platform."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
from loopback.running_slack import free_port
from loopback.running_telegram import House, labels, play
from loopback.slack import FakeSlack
from loopback.telegram import FakeTelegram

from bot import assembly
from bot.channels.telegram.keys import query_link
from bot.serve.supervisor import Supervisor
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.assembly import Bot

    Play = Callable[..., None]


pytestmark = pytest.mark.usefixtures("unhurried")


@pytest.fixture
def scene(bakery: Bot, tmp_path: Path) -> Play:
    def played(acts: Callable, **more: object) -> None:
        play(bakery, tmp_path, "polling", acts, **more)

    return played


async def asked_inline(house: House, query: str) -> tuple[str, dict]:
    """An inline query and what the bot answers it with."""
    id_ = house.tg.inline_query(house.ann, query)
    answer = await house.tg.wait(lambda: house.tg.inline_queries[id_]["answer"])
    return id_, answer


def test_a_few_words_list_entries_and_one_tap_sends_a_card_that_lives_on(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg = house.tg
        query, answer = await asked_inline(house, "when open")
        first = answer["results"][0]
        assert (first["title"], first["description"].startswith("We are open from 7 to 18")) == ("When are you open?", True)
        assert int(answer["cache_time"]) <= 60
        card = tg.choose(query, first["id"], house.ann)
        assert labels(card)[-1] == "More"
        assert [button["url"].partition("?")[2] for button in tg.buttons(card)][-2:] == ["start=q_cake-price", "start=f_hours"]
        whole = await house.one(lambda: tg.deep_link(house.bob, "f_hours"))
        assert "On Sundays" in whole["text"]

    scene(acts)


def test_a_card_of_before_is_not_rewritten_by_whoever_taps_it_but_leads_them_to_the_bot(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg = house.tg
        query, answer = await asked_inline(house, "when open")
        card = tg.choose(query, answer["results"][0]["id"], house.ann)
        said = card["text"]
        for data in ("v1:s:sorts", "v1:s:full:hours", "v1:s:gone", "v1:u:0123"):
            assert await house.after(lambda data=data: tg.press_data(card, data, house.bob)) == []
        answered = [(call.params.get("url"), call.params.get("text")) for call in tg.calls if call.method == "answerCallbackQuery"]
        gone = (None, "That answer has changed since. Ask again in your own words.")
        links = [(f"https://t.me/{tg.username}?start={payload}", None) for payload in ("q_sorts", "f_hours")]
        assert answered == [*links, gone, gone]
        assert card["text"] == said

    scene(acts)


def test_no_words_list_what_one_could_begin_with_and_an_id_its_entry(scene: Play) -> None:
    async def acts(house: House) -> None:
        assert [result["title"] for result in (await asked_inline(house, ""))[1]["results"]] == [
            "When are you open?",
            "How much is a loaf of bread?",
        ]
        assert [result["id"].partition(":")[0] for result in (await asked_inline(house, "#cake-price"))[1]["results"]] == ["cake-price"]

    scene(acts)


def test_what_is_asked_most_is_listed_first(scene: Play) -> None:
    async def acts(house: House) -> None:
        for _ in range(2):
            await house.one(lambda: house.tg.send(house.chat, house.ann, "how much is a cake?"))
        assert [result["id"].partition(":")[0] for result in (await asked_inline(house, ""))[1]["results"]] == [
            "cake-price",
            "hours",
            "bread-price",
        ]

    scene(acts)


def test_nothing_found_leads_into_private_with_the_question(scene: Play) -> None:
    async def acts(house: House) -> None:
        _, answer = await asked_inline(house, "#zxqv")
        nothing = answer["results"] == [] or answer["results"] == "[]"
        if nothing:
            assert answer["button"]["start_parameter"] == query_link("zxqv")
        assert (await house.one(lambda: house.tg.deep_link(house.ann, query_link("how much is a cake"))))["text"].startswith(
            "A cake is 20 euros."
        )

    scene(acts)


def test_a_result_that_was_sent_is_counted(scene: Play) -> None:
    async def acts(house: House) -> None:
        query, answer = await asked_inline(house, "#cake-price")
        assert await house.after(lambda: house.tg.choose(query, answer["results"][0]["id"], house.ann)) == []
        assert house.store.read(lambda connection: connection.exec_driver_sql("SELECT entry FROM shares").scalars().all()) == ["cake-price"]

    scene(acts)


def test_share_opens_any_chat_where_inline_mode_is_on(scene: Play) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(lambda: house.tg.send(house.chat, house.ann, "how much is a cake?"))
        share = next(button for button in house.tg.buttons(await house.unfolded(answer)) if button["text"] == "Share…")
        assert share["switch_inline_query_chosen_chat"]["query"] == "#cake-price"

    scene(acts)


async def shared(house: House, answer: dict, **who: dict) -> list[dict]:
    """What is said when somebody shares an answer with the team."""
    calls = await house.after(lambda: house.tg.press(answer, "Share with the team", who.get("by", house.ann)))
    return [call.result for call in calls if call.ok]


async def shareable(house: House) -> dict:
    return await house.unfolded(await house.one(lambda: house.tg.send(house.chat, house.ann, "how much is a cake?")))


def test_one_press_shares_with_the_team_and_a_second_one_does_not(scene: Play) -> None:
    async def acts(house: House) -> None:
        answer = await shareable(house)
        card, word = await shared(house, answer)
        assert card["chat"]["id"] == house.team["id"]
        assert card["text"].startswith("How much is a cake?\nA cake is 20 euros.")
        assert "Shared by Ann" in card["text"]
        assert labels(card) == ["👍", "👎", "⋯"]
        assert word["text"].startswith("Done")
        (again,) = await shared(house, answer)
        assert again["text"].startswith("That is there already.")

    scene(acts)


@pytest.mark.parametrize(
    ("standing", "may"),
    [
        ({"status": "administrator"}, True),
        ({"status": "restricted", "is_member": True}, True),
        ({"status": "restricted", "is_member": False}, False),
        ({"status": "left"}, False),
        ({"status": "kicked"}, False),
        (None, False),
    ],
)
def test_whoever_is_not_in_the_teams_room_pushes_nothing_into_it(scene: Play, standing: dict | None, may: bool) -> None:  # noqa: FBT001 - a table
    async def acts(house: House) -> None:
        answer = await shareable(house)
        if standing is None:
            del house.team["_members"][house.ann["id"]]
        else:
            house.team["_standing"] = {house.ann["id"]: standing}
        said = await shared(house, answer)
        assert [message["chat"]["id"] == house.team["id"] for message in said] == ([True, False] if may else [False])
        assert may or said[-1]["text"].startswith("You are not in that room")
        house.tg.violations.clear()  # it has asked about somebody who is not there

    scene(acts)


def test_a_team_that_cannot_be_reached_is_told(scene: Play) -> None:
    async def acts(house: House) -> None:
        answer = await shareable(house)
        house.tg.blocked[house.team["id"]] = "Forbidden: bot was kicked from the supergroup chat"
        assert (await shared(house, answer))[-1]["text"].startswith("I am not in that channel")
        house.tg.violations.clear()  # it tried

    scene(acts)


@pytest.mark.parametrize("team_room", [None, "slack:C0TEAM"])
def test_without_such_a_room_here_there_is_no_such_button(scene: Play, team_room: str | None) -> None:
    async def acts(house: House) -> None:
        answer = await shareable(house)
        assert "Share with the team" not in labels(answer)
        assert await house.after(lambda: house.tg.press_data(answer, "v1:p:team:cake-price", house.ann)) == []

    scene(acts, team_room=team_room)


def test_a_question_from_telegram_is_answered_at_a_desk_in_slack(bakery: Bot, tmp_path: Path) -> None:
    async def played() -> None:
        async with AsyncExitStack() as stack:
            slack, tg = await stack.enter_async_context(FakeSlack()), await stack.enter_async_context(FakeTelegram(rate="off"))
            settings = Settings(
                data_dir=tmp_path, port=free_port(), slack_bot_token=slack.bot_token, slack_app_token=slack.app_token, slack_api_url=slack.api_url,
                telegram_bot_token=tg.token, telegram_api_url=tg.root_url, desk="slack:C0DESK",
            )  # fmt: skip
            store = stack.enter_context(assembly.opened_store(settings, ["slack", "telegram"]))
            channels = {
                name: await stack.enter_async_context(assembly.channel_of(name, settings, bakery, store))
                for name in assembly.platforms_of(settings)
            }
            assert set(channels) == {"slack", "telegram"}
            rooms = assembly.room_of(settings.desk), assembly.room_of(settings.team_room)
            supervisor = Supervisor()
            gateway = assembly.gateway_of(settings, bakery, store, channels, *rooms)
            await stack.enter_async_context(gateway.working(supervisor))
            for channel in channels.values():
                await stack.enter_async_context(channel.listening(gateway, supervisor))
            ann = tg.user("Ann")
            chat, mark = tg.private(ann), tg.mark()
            tg.send(chat, ann, "do you deliver to my house?")
            await tg.wait_sent(chat, since=mark)
            tg.command(chat, ann, "human")
            consent = await tg.wait_sent(chat, since=mark, n=2)
            tg.press(consent, "with my name", ann)
            post = await slack.wait_message(lambda message: message["channel"] == "C0DESK")
            assert "Asked by Ann." in post["text"]
            await slack.press(post, label="Answer")
            window = (await slack.wait_call("views.open")).reply["view"]
            await slack.submit(window, {"desk_answer": {"value": {"value": "On Fridays."}}})
            assert "On Fridays." in (await tg.wait_sent(chat, since=mark, n=4))["text"]
            assert slack.errors() == []
            assert tg.check() == []
        supervisor.check()

    asyncio.run(played())
