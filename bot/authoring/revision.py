"""The knowledge as it was at another revision of its repository."""

from __future__ import annotations

import io
import subprocess
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class RevisionError(Exception):
    """The knowledge of a revision cannot be had; the text says why in one sentence."""


def knowledge_at(revision: str, faq: Path, into: Path) -> Path:
    """The knowledge file of a revision, with what stands beside it, written into a directory; raises `RevisionError`."""
    folder = faq.resolve().parent
    command = ["git", "-C", str(folder), "archive", "--format=tar", "--end-of-options", revision, "."]
    try:
        done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - fixed command, no shell
    except FileNotFoundError:
        message = "Comparing needs git."
        raise RevisionError(message) from None
    except subprocess.CalledProcessError as error:
        told = error.stderr.decode("utf-8", "replace").strip().splitlines()
        message = f"There is no knowledge at {revision!r}: {told[-1] if told else 'git said nothing'}."
        raise RevisionError(message) from None
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(into, filter="data")
    return into / faq.name
