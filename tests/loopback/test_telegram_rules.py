"""The loopback Telegram itself: what it takes, what it refuses, and how it hides and keeps messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loopback.telegram_client import ARTICLE, HTML, LETTER, Refused, keyboard, kinds, live

if TYPE_CHECKING:
    from loopback.telegram import FakeTelegram
    from loopback.telegram_client import Client
    from loopback.telegram_text import Json

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
