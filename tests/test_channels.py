"""One contract for all channels: what an event becomes, what a message becomes, and that nothing is answered twice."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console
from slack_running import DESK, running

from bot.assembly import delivery_of, opened_store
from bot.channels import terminal
from bot.channels.slack.reading import Reader
from bot.dialogue.events import Event, Heard, Message
from bot.dialogue.reply import Choice, Reply, Table
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from bot.assembly import Bot
    from bot.delivery.delivery import Delivery
    from bot.dialogue.ports import Channel

    Opened = Callable[[], Any]

REPLIES = [
    Reply("answer", "We are **open**.", sources=("Opening hours",), follow_ups=(Choice("hours", "When?"),), more=True, entries=("hours",)),
    Reply("answer", "See:", table=Table(("Bread", "Cake"), (("Price", ("4", "20")),)), entries=("prices",)),
    Reply("clarify", "Which?", choices=(Choice("a", "Bread"), Choice("none-of-these", "None of these"))),
    Reply("handoff", "May I?", quote="why <b>?", notes=("You had asked: why?",)),
    Reply("fallback", "Eh?", offers_person=True),
    Reply("social", " "),
]


@dataclass
class Place:
    """A channel at work: `said` makes an event of something typed, `heard` gives what has come out."""

    channel: Channel
    delivery: Delivery
    said: Callable[[str], Event]
    heard: Callable[[], str]
    address: dict[str, str]


@asynccontextmanager
async def a_terminal(bot: Bot, directory: Path) -> AsyncIterator[Place]:
    console = Console(file=StringIO(), width=80)
    here = terminal.Terminal(console)
    settings = Settings(data_dir=directory)
    with opened_store(settings, [here.platform]) as store:
        async with delivery_of(settings, bot, store, {here.platform: here}, terminal.DESK).working() as delivery:
            yield Place(here, delivery, here.event, console.file.getvalue, {"to": "asker"})


@asynccontextmanager
async def a_slack(bot: Bot, directory: Path) -> AsyncIterator[Place]:
    async with running(bot, directory) as house:

        def said(text: str) -> Event:
            message = house.slack.user_message("D0ALICE", text)
            body = {"event_id": f"Ev{message['ts']}", "team_id": "T0FAKE", "event": message}
            return Reader(f"slack:{DESK}").event("event", body, me="U0BOT")

        def heard() -> str:
            return "\n".join(message["text"] for message in house.slack.messages.values() if message.get("bot_id"))

        yield Place(house.channel, house.delivery, said, heard, {"channel": "D0ALICE", "user": "U0ALICE"})
        assert house.slack.errors() == []


@pytest.fixture(params=[a_terminal, a_slack], ids=["terminal", "slack"])
def play(request: pytest.FixtureRequest, bakery: Bot, tmp_path: Path) -> Callable[[Callable[[Place], Awaitable[None]]], None]:
    def played(scene: Callable[[Place], Awaitable[None]]) -> None:
        async def within() -> None:
            async with request.param(bakery, tmp_path) as place:
                await scene(place)

        asyncio.run(within())

    return played


async def talk(place: Place, *lines: str) -> str:
    """What the channel says to some lines."""
    before = len(place.heard())
    for line in lines:
        await place.delivery.accept(place.said(line))
        await place.delivery.settled()
    return place.heard()[before:]


def test_an_event_is_json_and_reads_as_what_was_done(play: Callable) -> None:
    async def scene(place: Place) -> None:
        event = place.said("how much is a cake?")
        heard = place.channel.read(event.payload)
        assert isinstance(heard, Heard)
        assert (event.platform, heard.act.text) == (place.channel.platform, "how much is a cake?")
        assert event.id
        assert event.conversation.startswith(f"{place.channel.platform}")
        assert event.person.startswith(f"{place.channel.platform}:")
        assert {type(value) for value in heard.address.values()} == {str}
        assert place.channel.read(event.payload) == heard

    play(scene)


def test_a_question_is_answered_once_however_often_it_comes(play: Callable) -> None:
    async def scene(place: Place) -> None:
        event = place.said("how much is a cake?")
        for _ in range(3):
            await place.delivery.accept(event)
        await place.delivery.settled()
        assert place.heard().count("A cake is 20 euros.") == 1

    play(scene)


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply.act)
def test_every_reply_can_be_sent(play: Callable, reply: Reply) -> None:
    async def scene(place: Place) -> None:
        key = await place.channel.send(Message(place.channel.platform, place.address, reply, "0123456789abcdef"))
        assert key.startswith(f"{place.channel.platform}:")
        assert reply.plain_text in place.heard()

    play(scene)


def test_a_talk_goes_on(play: Callable) -> None:
    async def scene(place: Place) -> None:
        assert "A loaf is 4 euros." in await talk(place, "how much is a loaf?")
        assert "A cake is 20 euros." in await talk(place, "and a cake?")
        assert "We are open" in await talk(place, "when are you open")
        assert "On Sundays" in await talk(place, "more")
        assert "Glad that it helped." in await talk(place, "👍")

    play(scene)


def test_a_question_is_passed_on_with_consent_and_forgotten_on_request(play: Callable) -> None:
    async def scene(place: Place) -> None:
        assert "May I pass this on" in await talk(place, "talk to a human", "do you make wedding cakes on Sundays?")
        assert "A question for you." in await talk(place, "yes")
        assert "Done. What you wrote" in await talk(place, "forget me")
        await place.delivery.settled()
        assert "This question was withdrawn" in place.heard()

    play(scene)
