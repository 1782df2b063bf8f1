"""What nobody may get past the Telegram channel, and what it must never let out."""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
import pytest
from loopback.running_telegram import WAYS, House, answers, play, visit
from loopback.standin import until
from loopback.telegram import Fault

from bot.channels.telegram import channel, listener, web

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.assembly import Bot

    Play = Callable[..., None]

CAKE = "how much is a cake?"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, unhurried: None) -> None:  # noqa: ARG001 - for what it does
    monkeypatch.setattr(listener, "AGAIN", 0.05)
    monkeypatch.setattr(channel, "AGAIN", 0.05)


@pytest.fixture(params=WAYS)
def scene(request: pytest.FixtureRequest, bakery: Bot, tmp_path: Path) -> Play:
    return partial(visit, bakery, tmp_path, request.param)


def test_only_telegram_may_call_the_webhook(bakery: Bot, tmp_path: Path) -> None:
    async def acts(house: House) -> None:
        url, right = house.tg.webhook.url, {"X-Telegram-Bot-Api-Secret-Token": house.tg.webhook.secret}
        body = json.dumps(
            {
                "update_id": 1,
                "message": {"message_id": 1, "chat": {"id": 1, "type": "private"}, "from": {"id": 1, "is_bot": False}, "text": CAKE},
            }
        )
        async with aiohttp.ClientSession() as session:

            async def status(data: str | bytes, headers: dict[str, str]) -> int:
                async with session.post(url, data=data, headers=headers) as answer:
                    return answer.status

            assert await status(body, {}) == 403
            assert await status(body, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}) == 403
            assert [await status(junk, right) for junk in (b"\xff", b"{", b"")] == [400, 400, 400]
            assert [await status(junk, right) for junk in (b"[]", b"null", b"{}", b'{"update_id": 2, "message": []}')] == [200] * 4
        await house.gateway.settled()
        assert answers(house) == []

    play(bakery, tmp_path, "webhook", acts)


@pytest.mark.parametrize(
    "text", ["cake " * 800, "🎂🎂", "كم سعر الكعكة؟", "\u202ehow much is a cake", "<b>bold</b> & <3", "&lt;", "*_~`", "\u200b", "/"]
)
def test_whatever_somebody_writes_gets_one_reply(scene: Play, text: str) -> None:
    async def acts(house: House) -> None:
        await house.after(lambda: house.tg.send(house.chat, house.ann, text))
        assert len(answers(house)) == 1
        assert house.tg.check() == []

    scene(acts)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "v0:p:hours",
        "v1:p:gone",
        "v1:p:",
        "v1:x:hours",
        "v1:u:",
        "v1:d:0123",
        "v1:p:desk:claim:1",
        "v1:s:topic:gone",
        "x" * 64,
    ],
)
def test_a_button_that_is_old_or_forged_is_answered_and_harms_nobody(scene: Play, data: str) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(lambda: house.tg.send(house.chat, house.ann, "when are you open?"))
        await house.after(lambda: house.tg.press_data(answer, data, house.ann))
        assert house.tg.check() == []
        assert (await house.one(lambda: house.tg.send(house.chat, house.ann, CAKE)))["text"].startswith("A cake is 20 euros.")

    scene(acts)


def test_a_button_that_leads_nowhere_is_a_toast_and_no_message(scene: Play) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(lambda: house.tg.send(house.chat, house.ann, "when are you open?"))
        for data in ("v0:p:hours", "v1:p:gone", "v1:s:topic:gone", "v1:u:"):
            assert await house.after(lambda data=data: house.tg.press_data(answer, data, house.ann)) == []
        toasts = [call.params["text"] for call in house.tg.calls if call.method == "answerCallbackQuery"]
        assert toasts == ["That answer has changed since. Ask again in your own words."] * 4

    scene(acts)


def test_nothing_that_anybody_wrote_and_no_token_is_ever_logged(scene: Play, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def acts(house: House) -> None:
        tg = house.tg
        await house.after(lambda: tg.send(house.chat, house.ann, "how much is a cake for my zebra?"))
        for kind in ("500", "drop", "drop_after"):
            tg.faults = [Fault(kind, "sendMessage")]
            await house.after(lambda: tg.send(house.chat, house.ann, "zebra?"))
        tg.faults = [Fault("500", "answerInlineQuery")]
        tg.inline_query(house.ann, "walrus")
        await tg.wait_call("answerInlineQuery")
        house.channel.read = None  # something is broken: every try goes wrong
        before = caplog.text.count("went wrong")
        tg.send(house.chat, house.ann, "zebra and walrus")
        await until(lambda: caplog.text.count("went wrong") > before)
        assert tg.token not in caplog.text

    scene(acts)
    ours = [record for record in caplog.records if not record.name.startswith(("aiohttp", "asyncio"))]
    said = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in ours).casefold()
    for word in ("zebra", "walrus", "cake", "traceback"):
        assert word not in said


def test_the_errors_of_the_library_never_hold_the_token() -> None:
    from telegram.error import InvalidToken, NetworkError

    for error in (NetworkError("https://api.telegram.org/bot7:secret/getMe failed"), InvalidToken("7:secret")):
        assert "secret" not in str(web.delivery_error(error))
