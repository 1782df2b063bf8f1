"""What people name, link to and attach arrives, at the desk and with whoever asked; a message of nothing else is not met with silence."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from loopback.running_slack import DESK, House, play, written
from loopback.slack_state import GENERAL

from bot.channels.slack import listener
from bot.channels.slack.names import ASKED, Names
from bot.channels.slack.people import People
from bot.contracts.errors import Later, Refused, Unreachable, Unsure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.assembly import Bot

    Play = Callable[..., None]

EMPTY = "I can only read text."
FILE = {"id": "F1", "name": "plan.pdf", "title": "The plan", "permalink": "https://fake.slack.com/files/U0ALICE/F1/plan.pdf"}


@pytest.fixture
def scene(bakery: Bot, tmp_path: Path) -> Play:
    def played(acts: Callable[[House], Awaitable[None]], mode: str = "socket", **more: object) -> None:
        play(bakery, tmp_path, mode, acts, **more)

    return played


async def passed_on(house: House, text: str, **event: object) -> str:
    """What the desk reads of a question."""
    await house.one(house.slack.dm("talk to a human"))
    consent = await house.one(house.slack.dm(text, **event))
    said = await house.after(house.slack.press(consent, label="Yes, without my name"))
    return written(next(message for message in said if message["channel"] == DESK)["blocks"])


def test_what_reaches_the_desk_is_complete(scene: Play) -> None:
    async def acts(house: House) -> None:
        house.slack.users["U0BOB"] = {"name": "bob", "profile": {"display_name": "Bob Baker"}}
        text = "See <https://wiki/ladder|the ladder>, ask <@U0BOB> in <#C0GENERAL> or <!subteam^S1|@bakers>: <https://x.example>?"
        read = await passed_on(house, text, subtype="file_share", files=[FILE])
        named = "See the ladder (https://wiki/ladder), ask @Bob\u00a0Baker in #general or @bakers: https://x.example?"
        assert f"{named}\n📎 The plan ({FILE['permalink']})" in read

    scene(acts)


def test_a_name_or_a_link_does_not_stand_between_a_question_and_its_answer(scene: Play) -> None:
    async def acts(house: House) -> None:
        house.slack.users["U0BOB"] = {"name": "bob", "profile": {"display_name": "Bob Open Bread"}}
        for text in ("<@U0BOB> how much is a cake?", "how much is a <https://wiki/bread/open|cake>?"):
            assert (await house.one(house.slack.dm(text)))["text"].startswith("A cake")
        file = {**FILE, "title": "When are you open and what is a loaf of bread"}
        assert (await house.one(house.slack.dm("how much is a cake?", subtype="file_share", files=[file])))["text"].startswith("A cake")

    scene(acts)


@pytest.mark.parametrize(
    ("text", "event"),
    [("<https://wiki/ladder>", {}), ("<@U0BOB>", {}), ("", {"subtype": "file_share", "files": [FILE]}), ("", {"subtype": "file_share"})],
    ids=["link", "mention", "file", "nothing"],
)
def test_a_message_of_nothing_that_can_be_read_gets_a_kind_line(scene: Play, text: str, event: dict[str, Any]) -> None:
    async def acts(house: House) -> None:
        assert (await house.one(house.slack.dm(text, **event)))["text"].startswith(EMPTY)
        if text or "files" in event:  # else it is a bare mention, which asks for help
            assert (await house.one(house.slack.mention(text, **event)))["text"].startswith(EMPTY)
        thread = (await house.one(house.slack.mention("how much is a cake?")))["thread_ts"]
        assert await house.after(house.slack.say(GENERAL, text, thread_ts=thread, **event)) == []

    scene(acts)


def test_an_acknowledgement_does_not_wait_for_names(scene: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "KNOWN_WITHIN", 0.1)

    async def acts(house: House) -> None:
        house.slack.users["U0BOB"] = {"name": "bob", "profile": {"display_name": "Bob"}}
        house.slack.fail("conversations.info", status=429, retry_after=9)
        command = await house.one(house.slack.shortcut("answer_message", house.slack.user_message(GENERAL, "<@U0BOB> in <#C0SLOW>: hi")))
        assert "@Bob in #C0SLOW: hi" in written(command["blocks"])

    scene(acts)


class Answering:
    """Slack as far as names are concerned: `answers` by id; those that are errors are raised."""

    def __init__(self, **answers: object) -> None:
        self.answers, self.asked = answers, []

    async def ask(self, _: str, **arguments: str) -> object:
        (id_,) = arguments.values()
        self.asked.append(id_)
        answer = self.answers.get(id_, {})
        if isinstance(answer, Exception):
            raise answer
        return answer


def learned(slack: Answering, *ids: str, times: int = 1) -> dict[str, str]:
    async def looked() -> dict[str, str]:
        names = Names(slack, People(slack))
        for _ in range(times):
            await names.learn(ids, "T1")
        return names.known(ids, "T1")

    return asyncio.run(looked())


def test_people_and_channels_are_called_what_they_are_and_asked_for_once() -> None:
    slack = Answering(U1={"user": {"name": "ann", "team_id": "T2"}}, C1={"channel": {"name": "cakes"}})
    assert learned(slack, "U1", "C1", times=2) == {"U1": "ann", "C1": "cakes"}
    assert sorted(slack.asked) == ["C1", "U1"]


def test_what_a_private_channel_is_called_is_told_to_nobody() -> None:
    assert learned(Answering(C1={"channel": {"name": "layoffs", "is_private": True}}), "C1") == {}


@pytest.mark.parametrize(("fault", "asked"), [(Refused(), 1), (Later(1.0), 2), (Unreachable(), 2), (Unsure(), 2)], ids=repr)
def test_what_cannot_be_looked_up_has_no_name(fault: Exception, asked: int) -> None:
    slack = Answering(C1=fault)
    assert learned(slack, "C1", times=2) == {}
    assert len(slack.asked) == asked


def test_of_many_names_only_the_first_are_looked_up() -> None:
    slack = Answering()
    learned(slack, *(f"C{number}" for number in range(100)))
    assert len(slack.asked) == ASKED
