"""A message that has left and of which nobody knows whether it has arrived: looked for where that is possible, else sent once more."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from loopback.standin import PLATFORM, StandIn, event, turns, turns_of, until

from bot.assembly import gateway_of
from bot.contracts.addresses import Address
from bot.contracts.errors import Unsure
from bot.contracts.outcomes import Message, Notice, Outcome
from bot.contracts.ports import NullObserver
from bot.dialogue.reply import Reply
from bot.dialogue.turn import Context, HashedKey, turn_id
from bot.serve.supervisor import Supervisor
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from bot.assembly import Bot
    from bot.contracts.events import InboundEvent
    from bot.store.store import Store

    Rows = Callable[[str], list[sa.Row[Any]]]

only_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


class House(NullObserver):
    """The bot before one channel, started as often as a test wants; what it counts, and what it says of messages it has sent."""

    def __init__(self, bot: Bot, open_store: Callable[[], Store]) -> None:
        self._bot, self._open = bot, open_store
        self.counts: Counter[str] = Counter()

    def counted(self, what: str, platform: str) -> None:
        assert platform == PLATFORM
        self.counts[what] += 1

    def run(self, channel: StandIn, *events: InboundEvent, done: Callable[[], bool], first: Outcome | None = None) -> None:
        """Start, bring events, and stop again once they are done with."""

        async def main() -> None:
            store = self._open()
            if first is not None:
                await store.keep(first, Context(HashedKey("")))
            async with gateway_of(Settings(), self._bot, store, {PLATFORM: channel}, None, observer=self).working(Supervisor()) as gateway:
                for one in events:
                    await gateway.accept(one)
                await until(done)
            store.close()

        asyncio.run(main())


@pytest.fixture
def house(bakery: Bot, open_store: Callable[[], Store], monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr("bot.delivery.worker.POLL", 0.02)
    return House(bakery, open_store)


@only_sqlite
@pytest.mark.parametrize(
    ("found", "cuts", "sent", "uncertain"),
    [("standin:7", 1, 0, False), ("", 3, 1, False), (None, 1, 1, False), (None, 2, 0, True)],
    ids=["found", "not there", "cannot be told", "cannot be told, and is cut again"],
)
def test_what_may_have_arrived_is_looked_for_or_sent_once_more(
    house: House, rows: Rows, caplog: pytest.LogCaptureFixture, found: str | None, cuts: int, sent: int, *, uncertain: bool
) -> None:
    channel = StandIn(found=found)
    channel.faults.extend([Unsure("It timed out.")] * cuts)
    house.run(channel, event("1"), event("2"), done=lambda: not rows("SELECT * FROM inbox"))
    assert turns_of(channel.sent) == [*turns("1") * sent, *turns("2")]  # the second one waits for it
    assert channel.looked_for == turns("1") * (cuts if found == "" else 1)
    assert {turn.id: bool(turn.uncertain) for turn in rows("SELECT * FROM turns")} == dict(
        zip(turns("1", "2"), (uncertain, False), strict=True)
    )
    told = [message for message in caplog.messages if "sent once more" in message]
    assert house.counts["sent_again"] == len(told) == (found is None)
    assert all(turns("1")[0] in message for message in told)


@pytest.mark.parametrize("found", ["standin:7", ""])
def test_what_was_to_be_looked_for_still_is_after_another_start(
    house: House, rows: Rows, monkeypatch: pytest.MonkeyPatch, found: str
) -> None:
    monkeypatch.setattr("bot.delivery.sending.LOOK_AFTER", 60.0)
    cut, channel = StandIn(), StandIn(found=found)
    cut.faults.append(Unsure("It timed out."))
    house.run(cut, event("1"), done=lambda: bool(rows("SELECT * FROM inbox WHERE due > 0")))
    rows("UPDATE inbox SET due = 0")
    house.run(channel, done=lambda: not rows("SELECT * FROM inbox"))
    assert (cut.looked_for, channel.looked_for) == ([], turns("1"))
    assert turns_of(channel.sent) == ([] if found else turns("1"))


@only_sqlite
def test_an_edit_that_may_have_arrived_is_made_again_without_a_word(house: House, rows: Rows, caplog: pytest.LogCaptureFixture) -> None:
    edit = Message(Address(PLATFORM, {"room": "here"}), Reply("answer", "Ten to six."), edits="standin:7")
    channel = StandIn()
    channel.faults.extend([Unsure("It timed out."), Unsure("It timed out."), None])
    notice = Notice("n", HashedKey("x"), HashedKey(""), edit)
    house.run(channel, done=lambda: not rows("SELECT * FROM inbox"), first=Outcome(notices=(notice,)))
    assert [(message.edits, message.id) for message in channel.sent] == [("standin:7", turn_id("n"))]
    assert (channel.looked_for, house.counts["sent_again"]) == ([], 0)
    assert "sent once more" not in caplog.text
