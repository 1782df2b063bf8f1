"""What people are called in the database, and how what is sealed there is opened again."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from loopback.standin import PLATFORM, event
from pydantic import SecretStr

from bot.assembly import opened_store
from bot.contracts.errors import StoreError
from bot.settings import Settings
from bot.store import crypto, database
from bot.store.crypto import FILE, LOST, Keys, SealError, made_secret
from bot.store.store import Store
from bot.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    Rows = Callable[[str], list[sa.Row]]

SECRET = "a secret of the tests"  # noqa: S105 - it seals nothing but tests
OURS = Keys(SECRET)
THEIRS = Keys("another secret of the tests")


@examples(deadline=None)
@given(st.text(max_size=200))
def test_a_key_has_always_the_same_32_characters_and_others_with_another_secret(key: str) -> None:
    assert OURS.hashed(key) == Keys(SECRET).hashed(key)
    if key:
        assert len(OURS.hashed(key)) == 32
        assert set(OURS.hashed(key)) <= set("0123456789abcdef")
        assert OURS.hashed(key) != THEIRS.hashed(key)


def test_different_keys_have_different_hashes_and_nobody_stays_nobody() -> None:
    hashes = {OURS.hashed(f"slack:T1/U{number}") for number in range(1000)}
    assert len(hashes) == 1000
    assert OURS.hashed("") == THEIRS.hashed("") == ""


def test_a_key_that_is_no_whole_text_has_a_hash_too() -> None:
    assert len(OURS.hashed("telegram:\ud83d")) == 32


@examples(deadline=None)
@given(st.binary(max_size=2000))
def test_what_is_sealed_is_opened_to_the_byte(data: bytes) -> None:
    sealed = OURS.sealed(data)
    assert OURS.opened(sealed) == data
    assert OURS.sealed(data) != sealed
    assert len(data) < 4 or data not in sealed


@examples(deadline=None)
@given(st.binary(max_size=50), st.data())
def test_a_seal_that_was_spoiled_anywhere_is_not_opened(data: bytes, drawn: st.DataObject) -> None:
    sealed = bytearray(OURS.sealed(data))
    sealed[drawn.draw(st.integers(0, len(sealed) - 1))] ^= 1 << drawn.draw(st.integers(0, 7))
    with pytest.raises(SealError):
        OURS.opened(bytes(sealed))


@pytest.mark.parametrize("length", [0, 1, 7, 11, 12, 13, 27])
def test_a_seal_that_was_cut_is_not_opened(length: int) -> None:
    with pytest.raises(SealError, match=r"^Something kept cannot be opened with this secret\.$"):
        OURS.opened(OURS.sealed(b"address")[:length])


def test_only_the_same_secret_opens_a_seal() -> None:
    with pytest.raises(SealError):
        THEIRS.opened(OURS.sealed(b"address"))
    assert Keys(SECRET).opened(OURS.sealed(b"address")) == b"address"


def test_the_check_tells_secrets_apart_and_holds_none() -> None:
    assert OURS.check == Keys(SECRET).check
    assert OURS.check != THEIRS.check
    assert "secret" not in OURS.check


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    secret = made_secret(tmp_path)
    assert len(secret) >= 40
    assert made_secret(tmp_path) == secret
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_every_directory_has_a_secret_of_its_own(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    assert made_secret(tmp_path / "a") != made_secret(tmp_path / "b")


def test_a_secret_that_somebody_wrote_is_taken_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("  chosen by hand\n", "ascii")
    assert made_secret(tmp_path) == "chosen by hand"


def test_an_empty_file_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("\n", "ascii")
    with pytest.raises(ValueError, match="empty"):
        made_secret(tmp_path)
    with pytest.raises(StoreError, match="can be neither read nor made"), opened_store(Settings(data_dir=tmp_path)):
        pass


def test_many_who_start_at_once_get_one_secret(tmp_path: Path) -> None:
    together = threading.Barrier(8)
    secrets: list[str] = []

    def start() -> None:
        together.wait()
        secrets.append(made_secret(tmp_path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(secrets) == 8
    assert {*secrets} == {(tmp_path / FILE).read_text("ascii")}
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_who_comes_second_takes_the_secret_of_who_was_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = crypto.os.link

    def overtaken(new: Path, kept: Path) -> None:
        kept.write_text("the first one's", "ascii")
        link(new, kept)

    monkeypatch.setattr(crypto.os, "link", overtaken)
    assert made_secret(tmp_path) == "the first one's"
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def everything(rows: Rows) -> list[list[object]]:
    return [[*row] for table in metadata.tables for row in rows(f"SELECT * FROM {table}")]  # noqa: S608


def test_another_secret_is_refused_and_changes_nothing(url: str, open_store: Callable[..., Store], rows: Rows) -> None:
    store = open_store()
    asyncio.run(store.put(event("1")))
    asyncio.run(store.take(1, fresh=True))
    before = everything(rows)
    with pytest.raises(StoreError) as caught:
        Store(url, lambda _: "another secret of them")
    assert str(caught.value) == LOST
    assert everything(rows) == before


def test_a_lost_secret_is_told_and_none_is_made_in_its_place(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with opened_store(settings) as store:
        asyncio.run(store.put(event("1")))
    secret = (tmp_path / FILE).read_text("ascii")
    (tmp_path / FILE).unlink()
    data = (tmp_path / database.FILE).read_bytes()
    for _ in range(2):
        with pytest.raises(StoreError, match="The secret does not fit this database"), opened_store(settings):
            pass
    assert not (tmp_path / FILE).exists()
    assert (tmp_path / database.FILE).read_bytes() == data
    with opened_store(settings.model_copy(update={"secret": SecretStr(secret)}), [PLATFORM]) as store:
        assert asyncio.run(store.take(1, fresh=False))[0].payload == {"text": "when are you open"}


def test_a_database_url_needs_a_secret(tmp_path: Path, url: str) -> None:
    settings = Settings(data_dir=tmp_path / "data", database_url=SecretStr(url))
    sentence = r"^With DATABASE_URL, CAREERBOT_SECRET must be set too: any long random text, the same at every start\.$"
    with pytest.raises(StoreError, match=sentence), opened_store(settings):
        pass
    with opened_store(settings.model_copy(update={"secret": SecretStr(SECRET)})) as store:
        assert asyncio.run(store.put(event("1"))).new
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("spoil", "sentence"), [(Path.mkdir, "can be neither read nor made."), (lambda path: path.write_bytes(b"\xff"), "can be neither read nor made.")])  # fmt: skip
def test_a_secret_that_cannot_be_read(tmp_path: Path, spoil: Callable[[Path], object], sentence: str) -> None:
    spoil(tmp_path / FILE)
    with pytest.raises(StoreError, match=sentence), opened_store(Settings(data_dir=tmp_path)):
        pass


def test_two_who_start_at_once_share_one_secret_of_their_own(tmp_path: Path) -> None:
    together, checks = threading.Barrier(2), []

    def start() -> None:
        together.wait()
        with opened_store(Settings(data_dir=tmp_path / "data")) as store:
            checks.append(store.keys.check)

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(checks) == 2
    assert len({*checks}) == 1
    assert (tmp_path / "data" / FILE).stat().st_mode & 0o777 == 0o600


def test_of_two_who_open_an_empty_database_at_once_the_second_needs_the_secret_of_the_first(
    open_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store()
    monkeypatch.setattr(Store, "_kept_check", lambda _: None)  # as it was before the first had got so far
    with pytest.raises(StoreError, match="does not fit"):
        open_store("another secret")
