"""The loopback Telegram itself: a client of a few lines asks it, and it tells and refuses what Telegram does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from loopback.telegram_client import Refused, hook, keyboard, kinds, live

if TYPE_CHECKING:
    from loopback.telegram import FakeTelegram
    from loopback.telegram_client import Client


def test_a_poll_waits_for_what_a_person_writes_and_the_answer_is_found() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        ann = tg.user("Ann", language_code="de")
        chat, mark = tg.private(ann), tg.mark()
        poll = asyncio.create_task(bot("getUpdates", timeout=5))
        await tg.wait(lambda: tg.calls)
        tg.send(chat, ann, "/help https://x.org 🙂 @faq_test_bot")
        (update,) = await poll
        message = update["message"]
        assert message["from"]["language_code"] == "de"
        assert [(one["type"], one["offset"], one["length"]) for one in message["entities"]] == [
            ("bot_command", 0, 5),
            ("url", 6, 13),
            ("mention", 23, 13),  # counted in UTF-16
        ]
        await bot.say(message["chat"], "first")
        await bot.say(message["chat"], "second", reply_parameters={"message_id": message["message_id"]})
        assert (await tg.wait_sent(chat, since=mark))["text"] == "first"
        answer = await tg.wait_sent(chat, since=mark, n=2)
        assert (answer["text"], answer["reply_to_message"]["message_id"]) == ("second", message["message_id"])
        await tg.quiet(0.1)
        assert tg.check() == []

    live(scenario)


def test_only_a_higher_offset_confirms_updates() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        ann = tg.user()
        for text in ("one", "two", "three"):
            tg.send(tg.private(ann), ann, text)
        first = await bot("getUpdates", limit=2)
        assert [update["message"]["text"] for update in first] == ["one", "two"]
        assert (await bot("getUpdates"))[:2] == first
        (third,) = await bot("getUpdates", offset=first[-1]["update_id"] + 1)
        assert list(tg.pending) == [third["update_id"]]
        assert await bot("getUpdates", offset=third["update_id"] + 1) == []
        for text in ("four", "five"):
            tg.send(tg.private(ann), ann, text)
        assert [update["message"]["text"] for update in await bot("getUpdates", offset=-1)] == ["five"]

    live(scenario)


def test_only_updates_that_are_asked_for_come() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        ann = tg.user()
        await bot("getUpdates", allowed_updates=["callback_query"])
        assert tg.send(tg.private(ann), ann, "unheard")["_update"] is None
        await bot("getUpdates", allowed_updates=[])
        assert tg.send(tg.private(ann), ann, "heard")["_update"] is not None

    live(scenario)


def test_one_polls_at_a_time_and_none_beside_a_webhook() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        first = asyncio.create_task(bot("getUpdates", timeout=5))
        await tg.wait(lambda: tg._poll)
        second = asyncio.create_task(bot("getUpdates", timeout=5))
        with pytest.raises(Refused, match="409 Conflict: terminated by other getUpdates"):
            await first
        second.cancel()
        await tg.wait(second.done)
        await asyncio.sleep(0.05)  # the server learns that it has hung up
        third = asyncio.create_task(bot("getUpdates", timeout=5))
        await tg.wait(lambda: len(tg.calls) > 2)
        ann = tg.user()
        update = tg.send(tg.private(ann), ann, "hello")["_update"]
        assert [one["update_id"] for one in await third] == [update]
        assert kinds(tg) == ["conflict"]
        await bot("setWebhook", url="http://127.0.0.1:1/hook")
        with pytest.raises(Refused, match="409 Conflict: can't use getUpdates method while webhook is active"):
            await bot("getUpdates")
        await bot("deleteWebhook")
        assert await bot("getUpdates", offset=update + 1) == []

    live(scenario)


def test_the_webhook_is_tried_until_it_takes_an_update_and_in_order() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        ann = tg.user()
        chat = tg.private(ann)
        tg.send(chat, ann, "one")  # before there is a webhook
        async with hook([web.Response(status=500), web.Response(status=403)]) as (url, got):
            await bot("setWebhook", url=url, secret_token="abc")  # noqa: S106 - a test's
            tg.send(chat, ann, "two")
            await tg.wait(lambda: not tg.pending)
            assert [(secret, update["message"]["text"]) for secret, update in got] == [
                ("abc", text) for text in ("one", "one", "one", "two")
            ]
            assert [status for _, status in tg.webhook.deliveries] == [500, 403, 200, 200]
        tg.send(chat, ann, "nobody listens")
        await tg.wait(lambda: len(tg.webhook.deliveries) > 4)
        info = await bot("getWebhookInfo")
        assert (info["url"], info["pending_update_count"]) == (url, 1)
        assert "ClientConnectorError" in info["last_error_message"]
        assert await bot("deleteWebhook", drop_pending_updates=True)
        assert not tg.pending

    live(scenario, retry_base=0.01)


def test_the_answer_to_the_webhook_may_be_a_call() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        ann = tg.user()
        chat = tg.private(ann)
        calls = [{"method": "sendMessage", "chat_id": chat["id"], "text": text} for text in ("hello", "")]
        async with hook([web.json_response(call) for call in calls]) as (url, _):
            await bot("setWebhook", url=url)
            tg.send(chat, ann, "hi")
            tg.send(chat, ann, "hi again")
            assert (await tg.wait_sent(chat))["text"] == "hello"
            assert "text is empty" in (await tg.wait_call("sendMessage", where=lambda params: not params["text"])).error

    live(scenario)


def test_a_press_is_answered_in_time_or_reported() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        ann = tg.user()
        message = await bot.say(tg.private(ann), reply_markup=keyboard({"text": "Helpful 👍", "callback_data": "yes:1"}))
        answered, forgotten = tg.press(message, "helpful", ann), tg.press_data(message, "forged", ann)
        assert [update["callback_query"]["data"] for update in await bot.told()] == ["yes:1", "forged"]
        assert await bot("answerCallbackQuery", callback_query_id=answered, text="Thanks")
        assert tg.callbacks[answered]["answer"]["text"] == "Thanks"
        assert [(one.kind, one.detail) for one in tg.check()] == [("unanswered_callback", f"{forgotten} (forged)")]
        tg.callbacks[forgotten]["until"] = 0
        with pytest.raises(Refused, match="query is too old"):
            await bot("answerCallbackQuery", callback_query_id=forgotten)
        with pytest.raises(Refused, match="MESSAGE_TOO_LONG"):
            await bot("answerCallbackQuery", callback_query_id=tg.press(message, "yes:1", ann), text="x" * 201)
        with pytest.raises(LookupError, match="Helpful"):
            tg.press(message, "no such button", ann)

    live(scenario)
