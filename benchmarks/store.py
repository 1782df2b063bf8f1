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
from bot.contracts.events import Heard, InboundEvent
from bot.contracts.outcomes import Sent
from bot.delivery.handler import EventHandler
from bot.dialogue.turn import Utterance
from bot.settings import read_settings
from bot.store.database import FILE, sqlite_url
from bot.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.contracts.events import LeasedEvent
    from bot.contracts.outcomes import Outcome

PLATFORM = "bench"
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
        clerk = EventHandler(bot.assistant, store)
        heard = Heard(Utterance("how much does a staff AI PM earn?"), {"channel": "D0123456789", "thread": ""})

        async def once() -> Outcome:
            await store.put(_event(0, "talk"))
            return clerk.attend(heard, (await store.take(1, fresh=True))[0])

        made = asyncio.run(once())
        store.close()

    def outcome(taken: LeasedEvent) -> Outcome:
        turn = made.turn and replace(made.turn, id=taken.id, conversation=taken.conversation, person=taken.person)
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
    """Milliseconds of a turn when so many people talk at once, each waiting for an answer before going on."""

    async def work(taken: LeasedEvent) -> None:
        await store.decide(taken, outcome(taken))
        await store.finish(taken, Sent())

    done = 0
    number = 0
    begun = time.perf_counter()
    while done < TURNS:
        events = [_event(f"{name}-{number + i}", f"talk {i}") for i in range(in_flight)]
        number += in_flight
        await asyncio.gather(*(store.put(event) for event in events))
        taken = await store.take(in_flight, fresh=True)
        await asyncio.gather(*(work(one) for one in taken))
        done += len(taken)
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


def _event(id_: object, talk: str) -> InboundEvent:
    payload = {"type": "message", "channel": "D0123456789", "user": "U0123456789", "text": "how much does a staff AI PM earn?", "ts": "1.2"}
    return InboundEvent(f"Ev{id_}", PLATFORM, f"T1/{talk}", f"T1/{talk}", payload, twin=f"T1/{id_}")


if __name__ == "__main__":
    main()
