"""The loopback Telegram itself: a client of a few lines asks it, and it tells and refuses what Telegram does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web
from loopback.telegram import Fault
from loopback.telegram_client import Refused, hook, live

if TYPE_CHECKING:
    from loopback.telegram import FakeTelegram
    from loopback.telegram_client import Client
    from loopback.telegram_text import Json

HTML = {"parse_mode": "HTML"}
LETTER = {"text": "b", "callback_data": "x"}
ARTICLE = {"type": "article", "id": "a1", "title": "Title", "input_message_content": {"message_text": "shared"}}


def keyboard(*buttons: Json) -> Json:
    return {"inline_keyboard": [list(buttons)]}


def kinds(tg: FakeTelegram) -> list[str]:
    return [violation.kind for violation in tg.check()]


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


TEXTS = [  # what sendMessage refuses
    (HTML | {"text": "a < b"}, "Unclosed start tag at byte offset 2"),
    (HTML | {"text": "é <h1>x</h1>"}, 'Unsupported start tag "h1" at byte offset 3'),
    (HTML | {"text": "<b>x"}, 'end tag corresponding to start tag "b"'),
    (HTML | {"text": "x</b>"}, "Unexpected end tag"),
    (HTML | {"text": "<b><i>x</b></i>"}, "Unmatched end tag"),
    (HTML | {"text": "<span>x</span>"}, "tg-spoiler"),
    (HTML | {"text": "<b> </b>"}, "text must be non-empty"),
    (HTML | {"text": "<b>" + "x" * 4097 + "</b>"}, "message is too long"),
    ({"text": ""}, "message text is empty"),
    ({"text": "a.b", "parse_mode": "MarkdownV2"}, "reserved and must be escaped"),
    ({"text": "*a", "parse_mode": "MarkdownV2"}, "can't parse entities"),
    ({"text": "snake_case", "parse_mode": "Markdown"}, "can't parse entities"),
    ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
    ({"text": "x", "reply_parameters": {"message_id": 9999}}, "message to be replied not found"),
]
KEYBOARDS = [  # below a message or an inline result
    (keyboard({"text": "b", "callback_data": "é" * 32 + "x"}), "BUTTON_DATA_INVALID"),
    (keyboard({"text": "b", "callback_data": ""}), "BUTTON_DATA_INVALID"),
    (keyboard({"text": "b"}), "Text buttons are unallowed"),
    (keyboard({"text": " ", "callback_data": "x"}), "BUTTON_TEXT_INVALID"),
    (keyboard({"text": "b", "callback_data": "x", "url": "https://x.org"}), "exactly one action"),
    (keyboard({"text": "b", "url": "not a link"}), "Wrong HTTP URL"),
    (keyboard(*[LETTER] * 9), "reply markup is too long"),
    ({"inline_keyboard": [[LETTER]] * 101}, "reply markup is too long"),
    ({"inline_keyboard": [LETTER]}, "Array of Arrays"),
]
ANSWERS = [  # what answerInlineQuery refuses
    ({"results": [ARTICLE | {"id": str(number)} for number in range(51)]}, "too many inline query results"),
    ({"results": [ARTICLE, ARTICLE]}, "RESULT_ID_DUPLICATE"),
    ({"results": [ARTICLE | {"id": "x" * 65}]}, "RESULT_ID_INVALID"),
    ({"results": [ARTICLE | {"title": ""}]}, 'Can\'t find field "title"'),
    ({"results": [ARTICLE | {"input_message_content": {"message_text": "<b>"} | HTML}]}, "can't parse entities"),
    ({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
    ({"results": [], "button": {"text": "Ask", "start_parameter": "no spaces"}}, "START_PARAM_INVALID"),
    ({"results": [], "inline_query_id": "1"}, "query is too old"),
]
REFUSED = [
    *[("sendMessage", params, why) for params, why in TEXTS],
    *[("sendMessage", {"text": "x", "reply_markup": markup}, why) for markup, why in KEYBOARDS],
    *[("answerInlineQuery", {"results": [ARTICLE | {"reply_markup": markup}]}, why) for markup, why in KEYBOARDS],
    *[("answerInlineQuery", params, why) for params, why in ANSWERS],
    ("sendChatAction", {"action": "yawning"}, "wrong parameter action"),
    ("setMyCommands", {"commands": [{"command": "Ask-me", "description": "d"}]}, "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"commands": [{"command": "ask", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ("setMyDescription", {"description": "x" * 513}, "DESCRIPTION_INVALID"),
    ("setWebhook", {"url": "nowhere"}, "invalid webhook URL"),
    ("setWebhook", {"url": "https://x.org", "secret_token": "a b"}, "unallowed characters"),
]


@pytest.mark.parametrize(("method", "params", "why"), REFUSED)
def test_what_the_real_server_refuses_is_refused_and_reported(method: str, params: Json, why: str) -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        ann = tg.user()
        with pytest.raises(Refused, match=f"400 Bad Request: .*{why}"):
            await bot(method, **{"chat_id": tg.private(ann)["id"], "inline_query_id": tg.inline_query(ann, "x"), **params})
        assert kinds(tg) == ["rejected"]
        assert not tg.messages

    live(scenario)


@pytest.mark.parametrize(
    ("params", "shown"),
    [
        ({"text": "*a*\\.b `x.y`", "parse_mode": "MarkdownV2"}, "a.b x.y"),
        ({"text": "a.b [link](https://x.org) _i_", "parse_mode": "Markdown"}, "a.b link i"),
        ({"text": "<b>" + "&lt;" * 4096 + "</b>", "parse_mode": "HTML"}, "<" * 4096),
        ({"text": "x", "reply_markup": keyboard({"text": "b", "callback_data": "é" * 32})}, "x"),
        ({"text": "x", "reply_markup": keyboard({"text": "b", "switch_inline_query": ""}, {"text": "c", "url": "x.org/y"})}, "x"),
        ({"text": "x", "reply_markup": {"keyboard": [[{"text": "b"}]]}}, "x"),
        ({"text": "x", "reply_parameters": {"message_id": 9999, "allow_sending_without_reply": True}}, "x"),
    ],
)
def test_what_is_just_within_the_rules_is_taken(params: Json, shown: str) -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        message = await bot.say(tg.private(tg.user()), **params)
        assert message["text"] == shown
        assert "reply_to_message" not in message

    live(scenario)


def test_html_becomes_text_and_entities() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        text = "🙂 <b>bold <i>both</i></b> &lt;3 &#65;&#x42; &nbsp;<a href='https://x.org/?a=1&amp;b=2'>link</a><blockquote expandable>q</blockquote>"
        message = await bot.say(tg.private(tg.user()), text, parse_mode="HTML")
        assert message["text"] == "🙂 bold both <3 AB &nbsp;linkq"
        assert message["entities"] == [
            {"type": "bold", "offset": 3, "length": 9},
            {"type": "italic", "offset": 8, "length": 4},
            {"type": "text_link", "offset": 25, "length": 4, "url": "https://x.org/?a=1&b=2"},
            {"type": "expandable_blockquote", "offset": 29, "length": 1},
        ]

    live(scenario)


@pytest.mark.parametrize(
    ("how", "heard"),
    [
        ({}, ["/ask@faq_test_bot x", "reply"]),
        ({"mentions_reach_bot": True}, ["@faq_test_bot mention", "/ask@faq_test_bot x", "reply"]),
        ({"privacy": False}, ["chatter", "@faq_test_bot mention", "/ask@other_bot", "/ask@faq_test_bot x", "reply"]),
    ],
)
def test_privacy_mode_hides_what_is_not_for_the_bot(how: Json, heard: list[str]) -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        ann = tg.user()
        team = tg.group("Team", members=[ann])
        tg.send(team, ann, "chatter")
        tg.send(team, ann, "mention", mention=True)
        tg.send(team, ann, "/ask@other_bot")
        tg.command(team, ann, "ask", "x")
        tg.send(team, ann, "reply", reply_to=await bot.say(team))
        assert [update["message"]["text"] for update in await bot.told()] == heard

    live(scenario, **how)


def test_a_bare_command_is_for_the_bot_that_spoke_last_and_an_administrator_hears_all() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        ann = tg.user()
        team, led = tg.group(), tg.group("Led", bot_admin=True)
        assert tg.command(team, ann, "ask", at=False)["_update"] is None
        await bot.say(team)
        assert tg.command(team, ann, "ask", at=False)["_update"]
        assert tg.send(led, ann, "chatter")["_update"]
        member = await bot("getChatMember", chat_id=led["id"], user_id=ann["id"])
        assert (member["status"], member["user"]) == ("member", ann)

    live(scenario)


def test_topics_keep_their_messages() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        ann = tg.user()
        forum, plain = tg.group("Forum", forum=True, bot_admin=True), tg.group("Plain", bot_admin=True)
        jobs = tg.topic(forum, "Jobs")
        asked = tg.send(forum, ann, "in a topic", thread=jobs)
        (update,) = await bot.told()
        assert (update["message"]["message_thread_id"], update["message"]["is_topic_message"]) == (jobs, True)
        reply = await bot.say(forum, reply_parameters={"message_id": asked["message_id"]})
        there = await bot.say(forum, message_thread_id=jobs)
        assert [one["message_thread_id"] for one in (reply, there)] == [jobs, jobs]
        for chat in (forum, plain, tg.private(ann)):
            with pytest.raises(Refused, match="message thread not found"):
                await bot.say(chat, message_thread_id=9999)
        answered = tg.send(plain, ann, "no topic", reply_to=await bot.say(plain))
        assert answered["message_thread_id"]  # of a mere reply; no message can be sent there
        assert "is_topic_message" not in answered

    live(scenario)


def test_an_inline_result_is_chosen_pressed_and_edited() -> None:
    async def scenario(tg: FakeTelegram, bot: Client) -> None:
        ann = tg.user()
        query = tg.inline_query(ann, "rai")
        silent = ARTICLE | {"id": "a2"}
        assert await bot("answerInlineQuery", inline_query_id=query, results=[ARTICLE | {"reply_markup": keyboard(LETTER)}, silent])
        assert len((await tg.wait(lambda: tg.inline_queries[query]["answer"]))["results"]) == 2
        shared, other = tg.choose(query, "a1", ann), tg.choose(query, "a2", ann)
        tg.press(shared, "b", ann)
        asked, chosen, unknown, pressed = await bot.told()
        assert (asked["inline_query"]["query"], chosen["chosen_inline_result"]["result_id"]) == ("rai", "a1")
        assert "inline_message_id" not in unknown["chosen_inline_result"]  # it has no keyboard
        name = pressed["callback_query"]["inline_message_id"]
        assert name == chosen["chosen_inline_result"]["inline_message_id"]
        assert await bot("editMessageText", inline_message_id=name, text="edited") is True
        assert (shared["text"], other["text"]) == ("edited", "shared")
        with pytest.raises(Refused, match="MESSAGE_ID_INVALID"):
            await bot("editMessageText", inline_message_id="INLINE99", text="edited")

    live(scenario)


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
