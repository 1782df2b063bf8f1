"""One contract for all channels: what an event becomes, what a message becomes, and that nothing is answered twice."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from io import StringIO
from itertools import count
from typing import TYPE_CHECKING

import pytest
from loopback import running_http, running_telegram
from loopback.running_slack import DESK, Json, running
from loopback.slack_people import to_press
from loopback.telegram import ApiError, Fault
from rich.console import Console

from bot.assembly import gateway_of, opened_store
from bot.channels import terminal
from bot.channels.http.addresses import HttpAddress, key
from bot.channels.http.reader import sent
from bot.channels.slack.addresses import SlackAddress
from bot.channels.slack.reader import Reader
from bot.channels.telegram.addresses import TelegramAddress
from bot.channels.telegram.reader import Reader as TelegramReader
from bot.contracts.errors import Later, Refused, StoreError, Unreachable, Unsure
from bot.contracts.events import InboundEvent
from bot.contracts.outcomes import Message
from bot.dialogue.reply import Choice, Reply, Table
from bot.dialogue.targets import EntryTarget, NoneOfThese
from bot.serve.supervisor import Supervisor
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from pathlib import Path

    from bot.assembly import Bot
    from bot.contracts.addresses import Address
    from bot.contracts.ports import Channel
    from bot.delivery.gateway import EventGateway


REPLIES = [
    Reply(
        "answer",
        "We are **open**.",
        sources=("Opening hours",),
        follow_ups=(Choice(EntryTarget("hours"), "When?"),),
        more=True,
        entries=("hours",),
    ),
    Reply("answer", "See:", table=Table(("Bread", "Cake"), (("Price", ("4", "20")),)), entries=("prices",)),
    Reply("clarify", "Which?", choices=(Choice(EntryTarget("a"), "Bread"), Choice(NoneOfThese(), "None of these"))),
    Reply("handoff", "May I?", quote="why <b>?", notes=("You had asked: why?",)),
    Reply("fallback", "Eh?", offers_person=True),
    Reply("social", " "),
]

pytestmark = pytest.mark.usefixtures("unhurried")


@dataclass
class Place:
    """A channel at work. A further one needs one of these.

    `said` makes an event of something typed, `picked` of the choice with a number, `answered` of what is said at the desk;
    `heard` gives what has come out. `address` is where somebody asks. `faults` let the next message go wrong so that this is raised.
    """

    channel: Channel
    gateway: EventGateway
    said: Callable[[str], InboundEvent]
    picked: Callable[[int], InboundEvent]
    answered: Callable[[str], InboundEvent]
    heard: Callable[[], str]
    address: Address
    faults: dict[type[Exception], Callable[[], None]] = field(default_factory=dict)


@asynccontextmanager
async def a_terminal(bot: Bot, directory: Path) -> AsyncIterator[Place]:
    console = Console(file=StringIO(), width=80)
    here = terminal.Terminal(console)
    settings, supervisor = Settings(data_dir=directory), Supervisor()
    with opened_store(settings, [here.platform]) as store:
        async with gateway_of(settings, bot, store, {here.platform: here}, terminal.DESK).working(supervisor) as gateway:
            yield Place(
                here,
                gateway,
                said=here.event,
                picked=lambda number: here.event(str(number)),
                answered=lambda text: here.event(f"/desk {text}"),
                heard=console.file.getvalue,
                address=terminal.ASKER,
            )
    supervisor.check()


@asynccontextmanager
async def a_slack(bot: Bot, directory: Path) -> AsyncIterator[Place]:
    async with running(bot, directory) as house:
        slack, reader, windows = house.slack, Reader(f"slack:{DESK}"), count()

        def said(text: str, channel: str = "D0ALICE", **more: str) -> InboundEvent:
            message = slack.user_message(channel, text, **more)
            body = {"event_id": f"Ev{message['ts']}", "team_id": "T0FAKE", "event": message}
            return reader.event("event", body, me="U0BOT")

        def spoken(channel: str = "") -> list[Json]:
            return [message for message in slack.messages.values() if message.get("bot_id") and channel in message["channel"]]

        def picked(number: int) -> InboundEvent:
            shown = spoken("D0ALICE")[-1]
            button = next(element for _, element, _ in to_press(shown) if element["action_id"] == f"pick:{number - 1}")
            return reader.event("press", slack._pressed(shown, button, "U0ALICE"))

        def answered(text: str) -> InboundEvent:
            (question,) = {part["value"].rpartition(":")[2] for _, _, part in to_press(spoken(DESK)[0])}
            metadata = json.dumps({"question": question, "channel": DESK, "thread": spoken(DESK)[0]["ts"]})
            values = {"desk_answer": {"value": {"value": text}}}
            view = {"id": f"V{next(windows)}", "callback_id": "desk_answer", "private_metadata": metadata, "state": {"values": values}}
            return reader.event("submission", {"team": {"id": "T0FAKE"}, "user": {"id": "U0DORA"}, "view": view})

        yield Place(
            house.channel,
            house.gateway,
            said=said,
            picked=picked,
            answered=answered,
            heard=lambda: "\n".join(message["text"] for message in spoken()),
            address=SlackAddress(channel="D0ALICE", user="U0ALICE").packed(),
            faults={
                Refused: lambda: slack.fail("chat.postMessage", error="channel_not_found"),
                Later: lambda: slack.fail("chat.postMessage", status=429),
                Unreachable: lambda: slack.fail("chat.postMessage", status=503),
                Unsure: lambda: slack.fail("chat.postMessage", drop=True),
            },
        )
        assert slack.errors() == []


@asynccontextmanager
async def a_telegram(bot: Bot, directory: Path) -> AsyncIterator[Place]:
    async with running_telegram.running(bot, directory) as house:
        tg, reader, numbers = house.tg, TelegramReader(f"telegram:{house.desk['id']}"), count(10_000)

        def told(**update: Json) -> InboundEvent:
            return reader.event({"update_id": next(numbers), **update}, tg.me)

        def said(text: str) -> InboundEvent:
            chat = {"id": house.ann["id"], "type": "private"}
            return told(message={"message_id": next(numbers), "chat": chat, "from": house.ann, "date": 1, "text": text})

        def seen(message: Json) -> Json:
            return {key: value for key, value in message.items() if not key.startswith("_")}

        def spoken(chat: int) -> list[Json]:
            return [message for (where, _), message in tg.messages.items() if where == chat and message["from"]["is_bot"]]

        def picked(number: int) -> InboundEvent:
            shown = spoken(house.ann["id"])[-1]
            button = tg.buttons(shown)[number - 1]
            return told(callback_query={"id": "1", "from": house.ann, "data": button["callback_data"], "message": seen(shown)})

        def answered(text: str) -> InboundEvent:
            post = seen(spoken(house.desk["id"])[0])
            message = {"message_id": next(numbers), "chat": post["chat"], "from": house.dora, "date": 1, "text": text}
            return told(message={**message, "reply_to_message": post})

        def fails(kind: str) -> Callable[[], None]:
            return lambda: tg.faults.append(Fault(kind, "sendMessage"))

        def refused_once() -> None:
            sends = tg.methods["sendmessage"]

            def refuse(_: object) -> None:
                tg.methods["sendmessage"] = sends
                raise ApiError(403, "Forbidden: bot was blocked by the user")

            tg.methods["sendmessage"] = refuse

        yield Place(
            house.channel,
            house.gateway,
            said=said,
            picked=picked,
            answered=answered,
            heard=lambda: "\n".join(message["text"] for message in tg.messages.values() if message["from"]["is_bot"]),
            address=TelegramAddress(chat=str(house.chat["id"]), user=str(house.ann["id"])).packed(),
            faults={
                Refused: refused_once,
                Later: fails("429"),
                Unreachable: fails("502"),
                Unsure: fails("drop"),
            },
        )


@asynccontextmanager
async def a_http(bot: Bot, directory: Path) -> AsyncIterator[Place]:
    async with running_http.running(bot, directory) as house:
        numbers = count(1)

        def asked(**what: str) -> InboundEvent:
            return sent(json.dumps({"conversation": "kitchen", "person": "ann", "id": f"{next(numbers)}", **what}).encode())

        def picked(number: int) -> InboundEvent:
            shown = json.loads(house.store.fetch(key("kitchen"), 0)[-1].content)
            return asked(choice=(shown["choices"] or shown["follow_ups"])[number - 1]["id"])

        def breaks() -> None:
            house.mailbox.fault = StoreError("It is away.")

        yield Place(
            house.channel,
            house.gateway,
            said=lambda text: asked(text=text),
            picked=picked,
            answered=lambda text: house.desk.event(f"/desk {text}"),
            heard=house.mailbox.heard.getvalue,
            address=HttpAddress("kitchen", "ann", "1").packed(),
            faults={Unreachable: breaks},
        )


@pytest.fixture(params=[a_terminal, a_slack, a_telegram, a_http], ids=["terminal", "slack", "telegram", "http"])
def play(request: pytest.FixtureRequest, bakery: Bot, tmp_path: Path) -> Callable[[Callable[[Place], Awaitable[None]]], None]:
    def played(scene: Callable[[Place], Awaitable[None]]) -> None:
        async def within() -> None:
            async with request.param(bakery, tmp_path) as place:
                await scene(place)

        asyncio.run(within())

    return played


async def conversation(place: Place, *lines: str) -> str:
    """What the channel says to some lines."""
    before = len(place.heard())
    for line in lines:
        await place.gateway.accept(place.said(line))
        await place.gateway.settled()
    return place.heard()[before:]


def test_an_event_is_json_and_reads_as_what_was_done(play: Callable) -> None:
    async def scene(place: Place) -> None:
        event = place.said("how much is a cake?")
        assert isinstance(event, InboundEvent)
        assert (event.platform, event.act.text) == (place.channel.platform, "how much is a cake?")
        assert event.id
        assert event.key == f"{event.platform}:{event.id}"
        assert event.conversation.startswith(f"{place.channel.platform}")
        assert event.person.startswith(f"{place.channel.platform}:")
        assert event.address == place.address
        assert event.address.platform == place.channel.platform
        assert json.loads(json.dumps(event.address.place)) == event.address.place
        assert place.channel.read(event.payload) == event
        assert place.channel.read(json.loads(json.dumps(event.payload))) == event

    play(scene)


def test_a_question_is_answered_once_however_often_it_comes(play: Callable) -> None:
    async def scene(place: Place) -> None:
        event = place.said("how much is a cake?")
        for _ in range(3):
            await place.gateway.accept(event)
        await place.gateway.settled()
        assert place.heard().count("A cake is 20 euros.") == 1

    play(scene)


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply.act)
def test_every_reply_can_be_sent(play: Callable, reply: Reply) -> None:
    async def scene(place: Place) -> None:
        key = await place.channel.send(Message(place.address, reply, "0123456789abcdef"))
        assert key.startswith(f"{place.channel.platform}:")
        assert reply.plain_text in place.heard()

    play(scene)


def test_a_conversation_goes_on(play: Callable) -> None:
    async def scene(place: Place) -> None:
        assert "A loaf is 4 euros." in await conversation(place, "how much is a loaf?")
        assert "A cake is 20 euros." in await conversation(place, "and a cake?")
        assert "We are open" in await conversation(place, "when are you open")
        assert "On Sundays" in await conversation(place, "more")
        assert "Glad that it helped." in await conversation(place, "👍")

    play(scene)


def test_what_is_offered_can_be_picked(play: Callable) -> None:
    async def scene(place: Place) -> None:
        assert "We are open" in await conversation(place, "when are you open?")
        event = place.picked(1)
        for _ in range(2):
            await place.gateway.accept(event)
        await place.gateway.settled()
        assert place.heard().count("A loaf is 4 euros.") == 1

    play(scene)


def test_what_goes_wrong_is_told_in_the_words_of_the_contracts(play: Callable) -> None:
    async def scene(place: Place) -> None:
        message = Message(place.address, REPLIES[0], "0123456789abcdef")
        for raised, prepare in place.faults.items():
            prepare()
            with pytest.raises(raised):
                await place.channel.send(message)
        assert await place.channel.send(message)

    play(scene)


def test_what_the_desk_answers_reaches_whoever_asked(play: Callable) -> None:
    async def scene(place: Place) -> None:
        await conversation(place, "talk to a human", "do you make wedding cakes on Sundays?", "yes")
        event = place.answered("On Fridays only.")
        for _ in range(2):
            await place.gateway.accept(event)
        await place.gateway.settled()
        assert place.heard().count("An answer from the desk:") == 1
        assert any(told in place.heard() for told in ("This goes to whoever asked in 10 seconds:", "Whoever asked has got this:"))
        assert "On Fridays only." in place.heard()

    play(scene)


def test_a_question_is_passed_on_with_consent_and_forgotten_on_request(play: Callable) -> None:
    async def scene(place: Place) -> None:
        assert "May I pass this on" in await conversation(place, "talk to a human", "do you make wedding cakes on Sundays?")
        assert "A question for you:" in await conversation(place, "yes")
        assert "Done. What you wrote" in await conversation(place, "forget me")
        await place.gateway.settled()
        assert "This question was withdrawn" in place.heard()

    play(scene)


WAITS = "I cannot keep or pass on anything right now"
"""What begins the word that something has to wait for the store."""
KEEPS = ("put", "take", "decide", "finish", "put_back", "fail", "renew", "keep", "tidy")
READS = ("question", "question_of_post", "waiting", "overdue", "answer_to", "greeted", "popular", "asked_lately", "takes_part", "depth")


@contextmanager
def away(place: Place) -> Iterator[None]:
    """Inbox and journal are away while the block runs."""
    store = place.gateway.processor.store

    async def keep(*_: object, **__: object) -> None:
        raise StoreError

    def read(*_: object, **__: object) -> None:
        raise StoreError

    with pytest.MonkeyPatch.context() as patched:
        for name in (*KEEPS, *READS):
            patched.setattr(store, name, keep if name in KEEPS else read)
        yield


def test_with_the_store_away_questions_are_answered_and_the_conversation_goes_on(play: Callable) -> None:
    async def scene(place: Place) -> None:
        with away(place):
            assert "A loaf is 4 euros." in await conversation(place, "how much is a loaf?")
            assert "A cake is 20 euros." in await conversation(place, "and a cake?")
            assert "We are open" in await conversation(place, "when are you open")
            assert "On Sundays" in await conversation(place, "more")
            assert await conversation(place, "topics")
        assert "A cake is 20 euros." in await conversation(place, "how much is a cake?")

    play(scene)


def test_with_the_store_away_a_question_that_comes_again_is_answered_once(play: Callable) -> None:
    async def scene(place: Place) -> None:
        event = place.said("how much is a cake?")
        with away(place):
            for _ in range(3):
                await place.gateway.accept(event)
        await place.gateway.accept(event)
        await place.gateway.settled()
        assert place.heard().count("A cake is 20 euros.") == 1

    play(scene)


def test_with_the_store_away_what_was_offered_can_be_picked(play: Callable) -> None:
    async def scene(place: Place) -> None:
        await conversation(place, "when are you open?")
        with away(place):
            await place.gateway.accept(place.picked(1))
        assert place.heard().count("A loaf is 4 euros.") == 1

    play(scene)


@pytest.mark.parametrize("line", ["👍", "👎", "forget me", "talk to a human"])
def test_with_the_store_away_what_must_be_kept_says_that_it_has_to_wait(play: Callable, line: str) -> None:
    async def scene(place: Place) -> None:
        await conversation(place, "how much is a loaf?")
        with away(place):
            await conversation(place, "how much is a loaf?")
            assert WAITS in await conversation(place, line)
        assert "A cake is 20 euros." in await conversation(place, "and a cake?")

    play(scene)


def test_with_the_store_away_nothing_is_passed_on_and_the_consent_holds(play: Callable) -> None:
    async def scene(place: Place) -> None:
        await conversation(place, "talk to a human", "do you make wedding cakes on Sundays?")
        with away(place):
            await place.gateway.accept(place.picked(2))
            assert WAITS in place.heard()
        assert "A question for you:" not in place.heard()
        assert "A question for you:" in await conversation(place, "yes")

    play(scene)


def test_with_the_store_away_an_answer_of_the_desk_is_not_taken_for_a_question(play: Callable) -> None:
    async def scene(place: Place) -> None:
        await conversation(place, "talk to a human", "do you make wedding cakes on Sundays?", "yes")
        event = place.answered("how much is a cake?")
        before = len(place.heard())
        with away(place), suppress(StoreError):
            await place.gateway.accept(event)
        assert "A cake is 20 euros." not in place.heard()[before:]
        assert "An answer from the desk:" not in place.heard()
        again = place.answered("how much is a cake?")
        await place.gateway.accept(again)
        await place.gateway.settled()
        assert place.heard().count("An answer from the desk:") == 1

    play(scene)


def test_who_was_forgotten_is_not_remembered_while_the_store_is_away(play: Callable) -> None:
    async def scene(place: Place) -> None:
        await conversation(place, "when are you open?", "forget me")
        with away(place):
            assert "On Sundays" not in await conversation(place, "more")

    play(scene)
