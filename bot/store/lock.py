"""One process at a time works on the inbox of a SQLite database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from bot.contracts.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = "careerbot.lock"


@contextmanager
def only_one(directory: Path) -> Iterator[None]:
    """Hold a directory's lock; raises `StoreError` if another process holds it. The end of a process frees it, however it ends."""
    try:
        lock = FileLock(directory / FILE, timeout=0)
        lock.acquire()
    except Timeout:
        message = f"Another careerbot already works with {directory}."
        raise StoreError(message) from None
    except OSError:
        message = f"Nothing can be written to {directory}."
        raise StoreError(message) from None
    try:
        yield
    finally:
        lock.release()
