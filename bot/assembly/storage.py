"""What the bot keeps: settings -> store, its secret, and what is erased from it."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bot.assembly.knowledge import faq_of
from bot.contracts.errors import StoreError
from bot.dialogue.turn import Context, HashedKey, RawKey
from bot.knowledge.loader import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bot.settings import Settings
    from bot.store.store import Store


@contextmanager
def opened_store(settings: Settings, platforms: Sequence[str] = ()) -> Iterator[Store]:
    """The store that the settings name. With `platforms` to work on the inbox of, which on SQLite only one process may do.

    Raises `StoreError` when it cannot be opened.
    """
    from bot.store.database import sqlite_url  # noqa: PLC0415 - most commands keep nothing
    from bot.store.lock import only_one  # noqa: PLC0415
    from bot.store.store import Store  # noqa: PLC0415

    with ExitStack() as stack:
        if settings.database_url is None:
            directory = _made(settings.data_dir)
            if platforms:
                stack.enter_context(only_one(directory))
            store = Store(sqlite_url(directory), _secret_of(settings), platforms=platforms, alone=bool(platforms))
        else:
            store = Store(settings.database_url.get_secret_value(), _secret_of(settings), platforms=platforms, alone=False)
        stack.callback(store.close)
        yield store


@contextmanager
def store_or_none_kept(settings: Settings, platforms: Sequence[str]) -> Iterator[tuple[Store, str]]:
    """The store that the settings name; where it cannot be opened one that is gone afterwards, and why in a sentence."""
    with ExitStack() as stack:
        why = ""
        try:
            store = stack.enter_context(opened_store(settings, platforms))
        except StoreError as error:
            why = str(error)
            directory = Path(stack.enter_context(TemporaryDirectory(prefix="careerbot-")))
            aside = settings.model_copy(update={"data_dir": directory, "database_url": None})
            store = stack.enter_context(opened_store(aside, platforms))
        yield store, why


def forget(settings: Settings, person: str) -> tuple[int, int]:
    """How many turns of a person were kept and how many of their questions waited at the desk; all of it is erased now."""
    from bot.desk.desk import Desk  # noqa: PLC0415
    from bot.store import admin  # noqa: PLC0415

    with opened_store(settings) as store:
        key = store.hashed(RawKey(person))
        turns, questions = store.read(partial(admin.turns_of, person=key)), store.waiting(key)
        forgotten = Desk(load(faq_of(settings)), None).forgotten(key, questions)
        store.keep_now(forgotten, Context(HashedKey(""), key, at=time.time()))
    return turns, len(questions)


def _made(directory: Path) -> Path:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        message = f"The directory {directory} cannot be made; set CAREERBOT_DATA_DIR to one that can."
        raise StoreError(message) from None
    return directory


def _secret_of(settings: Settings) -> Callable[[bool], str]:
    """How a store gets its secret: from the settings, else from the data directory, where the first start makes one."""

    def secret(may_make: bool) -> str:  # noqa: FBT001 - the one thing that the store has to say
        from bot.store.crypto import FILE, LOST, made_secret  # noqa: PLC0415

        if settings.secret is not None:
            return settings.secret.get_secret_value()
        if settings.database_url is not None:
            message = "With DATABASE_URL, CAREERBOT_SECRET must be set too: any long random text, the same at every start."
            raise StoreError(message)
        if not may_make and not (settings.data_dir / FILE).exists():
            raise StoreError(LOST)
        try:
            return made_secret(settings.data_dir)
        except (OSError, ValueError):
            message = f"The secret in {settings.data_dir} can be neither read nor made."
            raise StoreError(message) from None

    return secret
