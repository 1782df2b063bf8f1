"""A card that is shared with others: once it is there, they can go on asking beneath it, as if the bot had been asked there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from loopback.standin import PLATFORM, StandIn, event, turns, until

from bot.assembly import gateway_of
from bot.contracts.addresses import Address, Room
from bot.contracts.errors import Refused
from bot.contracts.events import NO_KEY
from bot.dialogue.turn import RawKey
from bot.serve.supervisor import Supervisor
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from bot.assembly import Bot
    from bot.store.store import Store

    Rows = Callable[[str], list[sa.Row[Any]]]

TEAM = Room(RawKey("standin:team"), Address(PLATFORM, {"room": "team"}))
BENEATH = {"conversation": "beneath standin:1", "person": "standin:bob", "room": "team"}


class Apart(StandIn):
    """Has no conversation beneath a message: each who replies has one of their own."""

    def beneath(self, post: str) -> RawKey:  # noqa: ARG002 - as all channels
        return NO_KEY


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("channel", "fault", "part"), [(StandIn, None, True), (Apart, None, False), (StandIn, Refused("Gone."), False)])
def test_beneath_a_shared_card_one_can_go_on_once_it_is_there(
    bakery: Bot, store: Store, rows: Rows, channel: type[StandIn], fault: Exception | None, *, part: bool
) -> None:
    said = channel()
    said.faults.append(fault)

    async def main() -> None:
        async with gateway_of(Settings(), bakery, store, {PLATFORM: said}, None, TEAM).working(Supervisor()) as gateway:
            await gateway.accept(event("1", target="team:hours"))
            await gateway.settled()
            assert await gateway.takes_part(RawKey(BENEATH["conversation"])) is part
            await gateway.accept(event("2", "👍", **BENEATH))
            await gateway.accept(event("3", "more", **BENEATH))
            await gateway.settled()

    asyncio.run(main())
    assert [row.turn for row in rows("SELECT turn FROM ratings")] == (turns("1") if part else [])
    assert said.sent[-1].reply.plain_text.startswith("On Sundays") == part


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_that_a_card_could_not_be_drawn_is_told_to_whoever_shared_it_and_not_to_the_room(
    bakery: Bot, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.worker.POLL", 0.02)
    said = StandIn()
    said.faults.extend([ValueError("cannot be drawn")] * 3)

    async def main() -> None:
        async with gateway_of(Settings(), bakery, store, {PLATFORM: said}, None, TEAM).working(Supervisor()) as gateway:
            await gateway.accept(event("1", target="team:hours"))
            await until(lambda: bool(said.sent))

    asyncio.run(main())
    assert [(message.address.place["room"], message.reply.text[:25]) for message in said.sent] == [("here", "That could not be shared.")]
