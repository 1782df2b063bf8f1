"""Times in which Telegram gives no answer to a poll: told once, `ready` is false meanwhile, and the bot goes on afterwards."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from loopback.running_telegram import WAYS, House, answers, play, running, visit
from loopback.standin import until
from loopback.telegram import ApiError, FakeTelegram, Fault

from bot.channels.telegram import channel, listener
from bot.contracts.errors import ChannelError
from bot.delivery import sending
from bot.serve.supervisor import TaskDiedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.assembly import Bot

CAKE = "how much is a cake?"
ALWAYS = 1_000_000
NO_ANSWER = "Telegram answered something that is no answer."
NONE_OF_THEM = {
    "refused with 200": {"ok": False},
    "a list": [],
    "a number": 7,
    "nothing": None,
    "no result": {"ok": True},
    "a result that is no list": {"ok": True, "result": {"update_id": 1}},
    "an update without a number": {"ok": True, "result": [{"message": {}}]},
    "an update whose number is none": {"ok": True, "result": [{"update_id": "7"}, {"update_id": True}, {"update_id": None}]},
    "updates that are none": {"ok": True, "result": [7, None, "x", []]},
}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, unhurried: None) -> None:  # noqa: ARG001 - for what it does
    monkeypatch.setattr(listener, "AGAIN", 0.05)
    monkeypatch.setattr(channel, "AGAIN", 0.05)


async def asked(house: House, text: str = CAKE) -> int:
    """How many answers there are once one more has come."""
    before = len(answers(house))
    house.tg.send(house.chat, house.ann, text)
    await until(lambda: len(answers(house)) > before, 6.0)
    return len(answers(house))


async def failing(house: House, *faults: Fault) -> None:
    """Let polls go wrong; the one that is held ends, so that the next begins."""
    house.tg.faults = [*faults]
    house.tg._end_poll(ApiError(502, "Bad Gateway"))


def polls(house: House) -> int:
    return sum(call.method == "getUpdates" for call in house.tg.calls)


@pytest.mark.parametrize("answer", NONE_OF_THEM.values(), ids=NONE_OF_THEM)
def test_an_answer_that_is_none_is_a_state_that_is_told_once_and_left_again(
    bakery: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture, answer: object
) -> None:
    caplog.set_level(logging.INFO)

    async def acts(house: House) -> None:
        assert await asked(house) == 1
        for episode in (1, 2):
            await failing(house, Fault("answer", "getUpdates", times=ALWAYS, answer=answer))
            await until(lambda: not house.channel.ready)
            await until(lambda episode=episode: caplog.text.count(NO_ANSWER) == episode)
            before = polls(house)
            await asyncio.sleep(0.3)
            assert 1 <= polls(house) - before <= 6  # tried again, and not as fast as it can be
            assert caplog.text.count(NO_ANSWER) == episode
            house.tg.faults = []
            await until(lambda: house.channel.ready)
            assert await asked(house) == 1 + episode
            assert caplog.text.count("Telegram answers again.") == episode

    visit(bakery, tmp_path, "polling", acts)
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (502, []),
        (500, "oops"),
        (429, {"ok": False, "parameters": ["x"]}),
        (429, {"ok": False, "parameters": {"retry_after": "soon"}}),
        (429, {"ok": False, "parameters": {"retry_after": -5}}),
        (400, {"ok": False, "description": 7}),
    ],
)
def test_an_error_in_a_shape_that_nobody_expects_is_such_a_state_too(bakery: Bot, tmp_path: Path, status: int, answer: object) -> None:
    async def acts(house: House) -> None:
        await failing(house, Fault("answer", "getUpdates", times=ALWAYS, answer=answer, status=status))
        await until(lambda: not house.channel.ready)
        before = polls(house)
        await asyncio.sleep(0.3)
        assert 1 <= polls(house) - before <= 6
        house.tg.faults = []
        await until(lambda: house.channel.ready)
        assert await asked(house) == 1

    visit(bakery, tmp_path, "polling", acts)


def test_a_poll_that_is_to_wait_waits_and_is_no_secret(bakery: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def acts(house: House) -> None:
        await failing(house, Fault("429", "getUpdates", retry_after=1))
        await until(lambda: not house.channel.ready)
        await until(lambda: house.channel.ready)
        assert await asked(house) == 1

    visit(bakery, tmp_path, "polling", acts)
    assert caplog.text.count("Telegram asks to wait.") == 1


REFUSED = "Telegram does not take TELEGRAM_BOT_TOKEN; copy it again from @BotFather."


def refusals(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The levels on which was told that the token is refused."""
    return [record.levelname for record in caplog.records if REFUSED in record.getMessage()]


@pytest.mark.parametrize("way", WAYS)
def test_a_token_that_is_refused_later_is_a_state_that_is_told_once_and_left_again(
    bakery: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(sending, "LONGEST_PAUSE", 0.1)

    async def acts(house: House) -> None:
        await until(lambda: house.channel.ready)
        for episode in (1, 2):
            house.tg.send(house.chat, house.ann, CAKE)
            house.tg.revoke()  # a poll that is held ends, and whatever is said is refused
            await until(lambda: not house.channel.ready)
            await asyncio.sleep(0.1)
            assert refusals(caplog) == ["ERROR"] * episode
            house.tg.revoke(revoked=False)
            await until(lambda: house.channel.ready)
            await until(lambda episode=episode: len(answers(house)) >= episode)

    visit(bakery, tmp_path, way, acts)
    assert caplog.text.count("Telegram answers again.") == 2


@pytest.mark.parametrize("method", ["setWebhook", "getMe"])
def test_a_token_that_is_refused_once_telegram_was_away_at_the_start_is_such_a_state_too(
    bakery: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    async def played() -> None:
        async with FakeTelegram(rate="off") as tg:
            tg.faults = [Fault("502", "getMe"), Fault("answer", method, 2, status=401, answer={"ok": False, "description": "Unauthorized"})]
            async with running(bakery, tmp_path, "webhook", tg=tg) as house:
                assert await asked(house) == 1

    asyncio.run(played())
    assert refusals(caplog) == ["ERROR"]


def test_a_refused_token_is_tried_again_within_half_a_minute() -> None:
    tries = listener.Tries()
    assert max(tries.has_failed(ChannelError(REFUSED)) for _ in range(100_000)) <= 30.0


def test_an_update_without_a_number_is_left_and_holds_up_no_other(
    bakery: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def acts(house: House) -> None:
        plain = house.tg.methods["getupdates"]

        async def spoilt(call: Any) -> list[object]:  # noqa: ANN401 - a call of the loopback's
            updates = await plain(call)
            return [{"message": {}}, "x", *updates, {"update_id": None}] if updates else []

        monkeypatch.setitem(house.tg.methods, "getupdates", spoilt)
        await failing(house)
        assert await asked(house) == 1
        await until(lambda: not house.tg.pending)
        assert await asked(house) == 2
        assert house.channel.ready

    visit(bakery, tmp_path, "polling", acts)
    assert caplog.text.count("Telegram: 3 updates without a number were left.") == 2


def test_a_fault_that_changes_is_told_each_time_and_one_that_comes_back_is_not(
    bakery: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def acts(house: House) -> None:
        faults = [Fault("answer", "getUpdates", times=2), Fault("502", "getUpdates", times=2), Fault("answer", "getUpdates", times=2)]
        await failing(house, *faults)
        await until(lambda: not any(fault.times for fault in faults))
        assert await asked(house) == 1

    visit(bakery, tmp_path, "polling", acts)
    assert [caplog.text.count(text) for text in (NO_ANSWER, "Telegram is in trouble or cannot be reached.")] == [1, 1]


@pytest.mark.parametrize(
    "answer", [{"ok": False}, [], {"ok": True, "result": True}, {"ok": True, "result": []}, {"ok": True, "result": {}}]
)
def test_a_bot_that_telegram_does_not_name_is_asked_for_again(bakery: Bot, tmp_path: Path, answer: object) -> None:
    async def played() -> None:
        async with FakeTelegram(rate="off") as tg:
            tg.faults = [Fault("answer", "getMe", times=3, answer=answer), Fault("answer", "deleteWebhook", times=2, answer=answer)]
            async with running(bakery, tmp_path, tg=tg) as house:
                await until(lambda: house.channel.ready)
                assert await asked(house) == 1

    asyncio.run(played())


async def broken(*_: object) -> None:
    message = "nobody thought of that"
    raise ZeroDivisionError(message)


def test_what_nobody_expects_ends_polling_and_the_process_in_order(
    bakery: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def acts(house: House) -> None:
        assert house.channel.ready
        monkeypatch.setattr(house.channel._web, "updates", broken)
        house.tg.send(house.chat, house.ann, CAKE)  # the poll that is held ends well, the next one breaks
        await until(lambda: "The Telegram channel has died (ZeroDivisionError" in caplog.text)

    with pytest.raises(TaskDiedError):
        visit(bakery, tmp_path, "polling", acts)


def webhook(bakery: Bot, directory: Path, acts: Callable[[House, Callable[[object], Awaitable[int]]], Awaitable[None]]) -> None:
    """A scene in which a test calls the webhook with the right secret."""

    async def scene(house: House) -> None:
        async with aiohttp.ClientSession() as session:

            async def post(body: object) -> int:
                secret = {"X-Telegram-Bot-Api-Secret-Token": house.tg.webhook.secret}
                data = body if isinstance(body, bytes) else json.dumps(body)
                async with session.post(house.tg.webhook.url, data=data, headers=secret) as answer:
                    return answer.status

            await acts(house, post)

    play(bakery, directory, "webhook", scene)


@pytest.mark.parametrize("body", [b"\xff", b"{", b"", b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused_and_told(bakery: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture, body: bytes) -> None:
    async def acts(_: House, post: Callable[[object], Awaitable[int]]) -> None:
        assert await post(body) == 400

    webhook(bakery, tmp_path, acts)
    assert caplog.text.count("was refused") == 1


@pytest.mark.parametrize("body", [[], None, {}, {"message": {"text": CAKE}}, {"update_id": "7"}])
def test_an_update_that_is_called_in_without_a_number_is_left_and_told(
    bakery: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture, body: object
) -> None:
    async def acts(_: House, post: Callable[[object], Awaitable[int]]) -> None:
        assert await post(body) == 200

    webhook(bakery, tmp_path, acts)
    assert caplog.text.count("without a number") == 1


def test_an_update_that_breaks_the_bot_is_left_and_told_in_a_line(
    bakery: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def acts(house: House, post: Callable[[object], Awaitable[int]]) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(house.channel._listener, "take", broken)
            assert await post({"update_id": 1, "message": {"text": "zebra"}}) == 200
        assert await asked(house) == 1

    webhook(bakery, tmp_path, acts)
    said = caplog.text + capfd.readouterr().err
    assert caplog.text.count("An update could not be taken in (ZeroDivisionError); it is left.") == 1
    assert "Traceback" not in said
    assert "zebra" not in said
