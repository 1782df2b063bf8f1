"""What goes wrong between Telegram and the bot: each fault leads to exactly one answer or one plain sentence."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest
from loopback.running_telegram import WAYS, House, answers, running, visit
from loopback.standin import until
from loopback.telegram import ApiError, FakeTelegram, Fault

from bot.channels.telegram import channel, listener
from bot.contracts.errors import ChannelError, StoreError
from bot.delivery import sending

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.assembly import Bot

    Play = Callable[..., None]

CAKE = "how much is a cake?"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, unhurried: None) -> None:  # noqa: ARG001 - for what it does
    monkeypatch.setattr(sending, "LONGEST_PAUSE", 0.1)
    monkeypatch.setattr(listener, "AGAIN", 0.05)
    monkeypatch.setattr(channel, "AGAIN", 0.05)


@pytest.fixture(params=WAYS)
def scene(request: pytest.FixtureRequest, bakery: Bot, tmp_path: Path) -> Play:
    return partial(visit, bakery, tmp_path, request.param)


@pytest.mark.parametrize("kind", ["429", "500", "502"])
def test_what_telegram_did_not_take_is_said_again(scene: Play, kind: str) -> None:
    async def acts(house: House) -> None:
        house.tg.faults = [Fault(kind, "sendMessage", retry_after=1)]
        house.tg.send(house.chat, house.ann, CAKE)
        await until(lambda: answers(house), 6.0)
        await house.gateway.settled()
        assert len(answers(house)) == 1

    scene(acts)


@pytest.mark.parametrize(("kind", "arrived"), [("drop_after", 2), ("drop", 1)])
def test_what_may_have_arrived_is_said_once_more_and_the_log_says_so(
    scene: Play, kind: str, arrived: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def acts(house: House) -> None:
        house.tg.faults = [Fault(kind, "sendMessage")]
        await house.after(lambda: house.tg.send(house.chat, house.ann, CAKE))
        await until(lambda: len(answers(house)) == arrived)
        await house.gateway.settled()
        assert len(answers(house)) == arrived
        assert "it is sent once more" in caplog.text

    scene(acts)


def test_a_chat_that_takes_nothing_more_waits_alone(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg = house.tg
        tg.faults = [Fault("429", "sendMessage", retry_after=1, where=lambda params: int(params["chat_id"]) == house.ann["id"])]
        tg.send(house.chat, house.ann, CAKE)
        await tg.wait_call("sendMessage")
        bob, mark = tg.private(house.bob), tg.mark()
        tg.send(bob, house.bob, CAKE)
        await tg.wait_sent(bob, since=mark, timeout=0.9)
        assert answers(house) == []
        await until(lambda: answers(house), 6.0)

    scene(acts)


def test_html_that_cannot_be_parsed_is_sent_plain_once(scene: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.channels.telegram import drawing

    async def acts(house: House) -> None:
        monkeypatch.setattr(drawing, "text", lambda *_: "<nope>")
        await house.after(lambda: house.tg.send(house.chat, house.ann, CAKE))
        assert [text.partition("\n")[0] for text in answers(house)] == ["A cake is 20 euros."]

    scene(acts)


def test_somebody_who_blocked_the_bot_is_told_to_the_desk(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg = house.tg
        await house.one(lambda: tg.send(house.chat, house.ann, "do you deliver to my house?"))
        consent = await house.one(lambda: tg.command(house.chat, house.ann, "human"))
        _, post = [call.result for call in await house.after(lambda: tg.press(consent, "without my name", house.ann))]
        tg.blocked[house.ann["id"]] = "Forbidden: bot was blocked by the user"
        said = await house.after(lambda: tg.send(house.desk, house.dora, "On Fridays.", reply_to=post))
        await house.gateway.settled()
        told = [message["text"] for (chat, _), message in tg.messages.items() if chat == house.desk["id"]]
        assert any(text.startswith("Whoever asked cannot be reached") for text in told), said

    scene(acts)


def test_an_anonymous_admin_answers_at_the_desk(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg = house.tg
        await house.one(lambda: tg.send(house.chat, house.ann, "do you deliver to my house?"))
        consent = await house.one(lambda: tg.command(house.chat, house.ann, "human"))
        _, post = [call.result for call in await house.after(lambda: tg.press(consent, "without my name", house.ann))]
        anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
        group = {key: value for key, value in house.desk.items() if not key.startswith("_")}
        await house.after(lambda: tg.send(house.desk, anonymous, "On Fridays.", reply_to=post, sender_chat=group))
        assert any("On Fridays." in text for text in answers(house))

    scene(acts)


def test_a_group_that_has_moved_is_followed(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg = house.tg
        new = tg.group("Team, grown", members=[house.ann])
        house.team["_migrated"] = new["id"]
        calls = await house.after(lambda: tg.command(house.team, house.ann, "ask", CAKE))
        assert [(int(call.params["chat_id"]), call.ok) for call in calls] == [(house.team["id"], False), (new["id"], True)]

    scene(acts)


def test_what_cannot_be_kept_is_answered_and_not_confirmed_before(scene: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    async def acts(house: House) -> None:
        async def down(*_: object, **__: object) -> bool:
            raise StoreError

        monkeypatch.setattr(house.store, "put", down)
        await house.after(lambda: house.tg.send(house.chat, house.ann, CAKE))
        assert len(answers(house)) == 1

    scene(acts)


def test_polls_that_fail_are_tried_again(bakery: Bot, tmp_path: Path) -> None:
    async def played() -> None:
        async with running(bakery, tmp_path) as house:
            house.tg.faults = [Fault("502", "getUpdates", times=3), Fault("drop", "getUpdates")]
            house.tg.send(house.chat, house.ann, CAKE)
            await until(lambda: answers(house), 6.0)

    asyncio.run(played())


def test_another_poller_is_told_in_one_sentence(bakery: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def played() -> None:
        async with running(bakery, tmp_path) as house:
            polls = house.tg.methods["getupdates"]

            def conflict(_: object) -> None:
                house.tg.methods["getupdates"] = polls
                raise ApiError(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")

            house.tg.methods["getupdates"] = conflict
            house.tg.send(house.chat, house.ann, CAKE)
            await until(lambda: answers(house), 6.0)
            house.tg.send(house.chat, house.ann, "when are you open?")
            await until(lambda: len(answers(house)) > 1, 6.0)

    asyncio.run(played())
    assert caplog.text.count("Another process polls with the same TELEGRAM_BOT_TOKEN") == 1


def test_telegram_that_cannot_be_reached_at_the_start_is_reached_later(bakery: Bot, tmp_path: Path) -> None:
    async def played() -> None:
        async with FakeTelegram(rate="off") as tg:
            tg.faults = [Fault("502", "getMe", times=3)]
            async with running(bakery, tmp_path, tg=tg) as house:
                await until(lambda: house.channel.ready)
                tg.send(house.chat, house.ann, CAKE)
                await until(lambda: answers(house))

    asyncio.run(played())


def test_a_token_that_telegram_does_not_take_is_told_in_one_sentence(bakery: Bot, tmp_path: Path) -> None:
    async def played() -> None:
        async with FakeTelegram() as tg:
            with pytest.raises(ChannelError, match="TELEGRAM_BOT_TOKEN") as refused:
                async with running(bakery, tmp_path, tg=tg, ready=False, telegram_bot_token="7:wrong"):  # noqa: S106 - it opens nothing
                    pass
            assert "7:wrong" not in str(refused.value)

    asyncio.run(played())


def test_pace_is_kept_when_many_write_at_once(bakery: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    async def played() -> None:
        async with FakeTelegram(rate="record") as tg, running(bakery, tmp_path, tg=tg) as house:
            people = [tg.user(f"P{number}") for number in range(40)]
            mark = tg.mark()
            for person in people:
                tg.send(tg.private(person), person, CAKE)
            for _ in range(4):
                tg.send(house.chat, house.ann, CAKE)
            await tg.wait(lambda: sum(call.method == "sendMessage" and call.ok for call in tg.calls[mark:]) == 44, 12.0)
            assert tg.check() == []

    asyncio.run(played())
