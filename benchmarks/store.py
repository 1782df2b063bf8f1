"""What remembering costs: inbox and journal together, a turn at a time and many at once. Run by `make bench`.

A turn is an event put, taken, decided (session, turn and reply kept together) and finished; the assistant's own millisecond is not
in it. Times are medians of rounds here and now.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from bot.assembly import assemble
from bot.contracts.addresses import Address
from bot.contracts.events import InboundEvent
from bot.contracts.outcomes import SendResult
from bot.delivery.handler import EventHandler
from bot.dialogue.turn import RawKey, Utterance
from bot.settings import read_settings
from bot.store.database import FILE, sqlite_url
from bot.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.contracts.events import LeasedEvent
    from bot.contracts.outcomes import Outcome

PLATFORM = "bench"
QUESTION = "how much does a staff AI PM earn?"
IN_FLIGHT = 50
TURNS = 500
ROUNDS = 5
MANY = 1_000_000


def main() -> None:
    """Print the table."""
    outcome = _real_outcome()
    print(f"a turn alone, SQLite          {_rounds(outcome, 1):6.2f} ms")
    print(f"a turn of {IN_FLIGHT} in flight, SQLite {_rounds(outcome, IN_FLIGHT):6.2f} ms")
    if "million" in sys.argv:
        _million(outcome)


def _real_outcome() -> Callable[[LeasedEvent], Outcome]:
    """What a real answer makes to be kept, for any event."""
    bot = assemble(read_settings())
    with tempfile.TemporaryDirectory() as directory:
        store = _store(Path(directory))
        handler, event = EventHandler(bot.assistant), _event(0, "conversation")

        async def once() -> Outcome:
            await store.put(event)
            return handler.handle(event, (await store.take(1, fresh=True))[0], store)

        made = asyncio.run(once())
        store.close()

    def outcome(leased: LeasedEvent) -> Outcome:
        turn = made.turn and replace(made.turn, id=leased.context.event, context=leased.context)
        return replace(made, turn=turn)

    return outcome


def _rounds(outcome: Callable[[LeasedEvent], Outcome], in_flight: int) -> float:
    """Milliseconds of a turn, the median of rounds."""
    with tempfile.TemporaryDirectory() as directory:
        store = _store(Path(directory))
        times = [asyncio.run(_round(store, outcome, in_flight, f"{number}")) for number in range(ROUNDS)]
        store.close()
    return statistics.median(times)


async def _round(store: Store, outcome: Callable[[LeasedEvent], Outcome], in_flight: int, name: str) -> float:
    """Milliseconds of a turn when so many people write at once, each waiting for an answer before going on. Events are leased as kept."""

    async def work(event: InboundEvent) -> None:
        leased = (await store.put(event, lease=True)).leased
        if leased is None:
            raise RuntimeError(event.id)
        await store.decide(leased, outcome(leased))
        await store.finish(leased, SendResult("nothing"))

    done = 0
    number = 0
    begun = time.perf_counter()
    while done < TURNS:
        await asyncio.gather(*(work(_event(f"{name}-{number + i}", f"conversation {i}")) for i in range(in_flight)))
        number += in_flight
        done += in_flight
    return (time.perf_counter() - begun) * 1000 / done


def _million(outcome: Callable[[LeasedEvent], Outcome]) -> None:
    """Fill a journal with a million turns; then open it and go on."""
    import sqlalchemy as sa  # noqa: PLC0415

    from bot.store.tables import turns  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        store = _store(directory)
        asyncio.run(_round(store, outcome, 1, "first"))
        row = store.read(lambda connection: connection.execute(sa.select(turns).limit(1)).mappings().one())
        for start in range(0, MANY, 10_000):
            rows = [
                {**row, "id": token_hex(8), "person": f"{(start + i) % 5000:032x}", "conversation": f"{(start + i) % 9000:032x}"}
                for i in range(10_000)
            ]
            store.write(lambda connection, rows=rows: connection.execute(turns.insert(), rows))
        store.close()
        begun = time.perf_counter()
        store = _store(directory)
        opening = time.perf_counter() - begun
        with tempfile.TemporaryDirectory() as other:
            empty = _store(Path(other))  # beside it, in turns, so that both see the same machine
            pairs = [[asyncio.run(_round(one, outcome, 1, f"then {i}")) for one in (empty, store)] for i in range(2 * ROUNDS)]
            empty.close()
        before, after = (statistics.median(times) for times in zip(*pairs, strict=True))
        store.close()
        size = sum(path.stat().st_size for path in directory.glob(f"{FILE}*")) / 2**20
    print(
        f"with {MANY:,} turns: opened in {opening:.2f} s, a turn alone {after:.2f} ms (beside an empty one: {before:.2f} ms), {size:.0f} MB"
    )


def _store(directory: Path) -> Store:
    return Store(sqlite_url(directory), lambda _: "only for the benchmark", platforms=[PLATFORM])


def _event(id_: object, conversation: str) -> InboundEvent:
    key = RawKey(f"T1/{conversation}")
    payload = {"type": "message", "channel": "D0123456789", "user": "U0123456789", "text": QUESTION, "ts": "1.2"}
    address = Address(PLATFORM, {"channel": "D0123456789", "thread": ""})
    return InboundEvent(
        id=f"Ev{id_}",
        platform=PLATFORM,
        conversation=key,
        person=key,
        payload=payload,
        act=Utterance(QUESTION),
        address=address,
        twin=RawKey(f"T1/{id_}"),
    )


if __name__ == "__main__":
    main()
