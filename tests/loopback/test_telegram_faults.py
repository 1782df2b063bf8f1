"""The loopback Telegram itself: how calls go wrong, and what is counted, edited, blocked and kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

from loopback.telegram import Fault
from loopback.telegram_client import ARTICLE, LETTER, Refused, keyboard, kinds, live

if TYPE_CHECKING:
    from loopback.telegram import FakeTelegram
    from loopback.telegram_client import Client


@pytest.mark.parametrize(
    ("kind", "status", "effect"),
    [("429", 429, False), ("500", 500, False), ("502", 502, False), ("drop", 0, False), ("drop_after", 0, True)],
)
def test_a_call_goes_wrong_as_often_as_the_test_says(kind: str, status: int, *, effect: bool) -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        chat = tg.private(tg.user())
        tg.faults = [Fault(kind, "sendMessage", times=2, retry_after=7, where=lambda params: params["text"] == "text")]
        await bot.say(chat, "other texts come through")
        mark = tg.mark()
        for _ in range(2):
            with pytest.raises((Refused, aiohttp.ClientError)) as failed:
                await bot.say(chat)
            if isinstance(failed.value, Refused):
                assert failed.value.answer["error_code"] == status
                assert failed.value.answer.get("parameters") == ({"retry_after": 7} if kind == "429" else None)
            else:
                assert isinstance(
                    failed.value, aiohttp.ContentTypeError if status else aiohttp.ClientOSError | aiohttp.ServerDisconnectedError
                )
        assert all(call.error for call in tg.calls[mark:])
        assert len(tg.messages) == (3 if effect else 1)
        await bot.say(chat)
        assert tg.check() == []  # none of this is the bot's doing

    live(scenario)


def test_a_slow_call_is_answered_late_and_polls_are_spared_unless_named() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        chat, seen = tg.private(tg.user()), []
        tg.on_call.append(seen.append)
        tg.faults = [Fault("slow", delay=0.1)]
        await bot("getUpdates")
        assert tg.faults[0].times == 1
        slow = asyncio.create_task(bot.say(chat))
        await tg.wait(lambda: tg.messages)
        assert not slow.done()
        await slow
        tg.faults = [Fault("500", "getUpdates")]
        with pytest.raises(Refused, match="500"):
            await bot("getUpdates")
        assert [(call.method, call.status) for call in seen] == [("getUpdates", 200), ("sendMessage", 200), ("getUpdates", 500)]

    live(scenario)


def test_too_many_messages_are_recorded() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        team = tg.group()
        for _ in range(21):
            await bot.say(team)
        assert set(kinds(tg)) == {"rate_chat", "rate_group"}
        for _ in range(15):
            await bot.say(tg.private(tg.user()))
        assert "rate_global" in kinds(tg)

    live(scenario, rate="record")


def test_too_many_messages_are_refused_where_rates_are_enforced() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        ann = tg.user()
        chat = tg.private(ann)
        await bot.say(chat)
        with pytest.raises(Refused, match="429 Too Many Requests: retry after 1") as refused:
            await bot.say(chat)
        assert refused.value.answer["parameters"] == {"retry_after": 1}
        await bot.say(tg.private(tg.user()))
        assert kinds(tg) == ["rate_chat"]
        tg._sent.clear()  # as after a second
        await bot.say(chat)

    live(scenario, rate="enforce")


def test_an_edit_changes_something_and_only_the_bots_own_messages() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        ann = tg.user()
        chat = tg.private(ann)
        message, asked = await bot.say(chat, "old", reply_markup=keyboard(LETTER)), tg.send(chat, ann, "asked")
        place = {"chat_id": chat["id"], "message_id": message["message_id"]}
        with pytest.raises(Refused, match="message is not modified"):
            await bot("editMessageText", text="<i></i>old", parse_mode="HTML", reply_markup=keyboard(LETTER), **place)
        await bot("editMessageText", text="new", **place)
        assert (message["text"], message.get("reply_markup")) == ("new", None)
        assert tg.sent(chat) == [message]
        with pytest.raises(Refused, match="message is not modified"):
            await bot("editMessageReplyMarkup", **place)
        with pytest.raises(Refused, match="message can't be edited"):
            await bot("editMessageText", text="x", **place | {"message_id": asked["message_id"]})
        await bot("deleteMessage", **place)
        with pytest.raises(Refused, match="message to edit not found"):
            await bot("editMessageText", text="x", **place)
        tg.edit(asked, "corrected")
        assert (await bot.told())[-1]["edited_message"]["text"] == "corrected"

    live(scenario)


def test_the_bot_is_blocked_unblocked_and_unknown_elsewhere() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        ann = tg.user()
        chat, team = tg.private(ann), tg.group(kind="group")
        tg.bot_membership(chat, ann, "member", "kicked")
        tg.bot_membership(team, ann, "member", "left")
        with pytest.raises(Refused, match="403 Forbidden: bot was blocked by the user"):
            await bot.say(chat)
        with pytest.raises(Refused, match="403 Forbidden: bot was kicked from the group chat"):
            await bot.say(team)
        tg.bot_membership(chat, ann, "kicked", "member")
        await bot.say(chat)
        states = [update["my_chat_member"]["new_chat_member"]["status"] for update in await bot.told()]
        assert states == ["kicked", "left", "member"]
        with pytest.raises(Refused, match="chat not found"):
            await bot.say({"id": 42})
        old = tg.group(kind="group")
        old["_migrated"] = team["id"]
        with pytest.raises(Refused, match="upgraded to a supergroup") as moved:
            await bot.say(old)
        assert moved.value.answer["parameters"] == {"migrate_to_chat_id": team["id"]}

    live(scenario)


def test_links_guests_and_channels_reach_the_bot() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        ann = tg.user()
        tg.deep_link(ann, "q_raise")
        with pytest.raises(ValueError, match="start payload"):
            tg.deep_link(ann, "no spaces")
        name, news = tg.guest(ann, "@faq_test_bot raise?"), tg.channel(username="news")
        tg.post(news, "a post")
        start, guest, post = await bot.told()
        assert (start["message"]["text"], post["channel_post"]["text"]) == ("/start q_raise", "a post")
        assert guest["guest_message"]["guest_query_id"] == name
        answer = await bot("answerGuestQuery", guest_query_id=name, result=ARTICLE)
        assert tg.inline_messages[answer["inline_message_id"]]["text"] == "shared"
        assert (await bot("sendMessage", chat_id="@news", text="hello"))["sender_chat"]["id"] == news["id"]

    live(scenario)


def test_the_menu_and_the_profile_are_kept_by_language() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        commands = [{"command": "ask", "description": "Ask a question"}]
        await bot("setMyCommands", commands=commands, language_code="en")
        assert await bot("getMyCommands", language_code="en") == commands
        assert await bot("getMyCommands") == []
        await bot("setMyShortDescription", short_description="[Answers]")
        assert await bot("getMyShortDescription") == {"short_description": "[Answers]"}
        assert (await bot("getMe"))["username"] == tg.username

    live(scenario)


def test_forms_are_read_and_strangers_and_unknown_methods_are_not() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        chat = tg.private(tg.user())
        form = {"chat_id": str(chat["id"]), "text": "[1]", "reply_markup": '{"inline_keyboard": [[{"text": "b", "callback_data": "x"}]]}'}
        async with bot.http.post(f"{tg.base_url}{tg.token}/sendmessage", data=form) as response:
            assert (await response.json())["result"]["text"] == "[1]"
        assert tg.calls[-1].params["reply_markup"] == keyboard(LETTER)
        with pytest.raises(Refused, match="404 Not Found: method not found"):
            await bot("sendMagic")
        with pytest.raises(Refused, match="400 Bad Request: invalid parameter"):
            await bot("deleteMessage", chat_id=chat["id"], message_id="abc")
        async with bot.http.get(f"{tg.base_url}1:other/getMe") as response:
            assert response.status == 401
        with pytest.raises(TimeoutError, match="sendMagic Not Found"):
            await tg.wait_sent(chat, timeout=0.05)

    live(scenario)
