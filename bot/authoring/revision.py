"""The knowledge as it was at another revision of its repository."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from bot.knowledge.schema import Includes

if TYPE_CHECKING:
    from pathlib import Path


class RevisionError(Exception):
    """The knowledge of a revision cannot be had; the text says why in one sentence."""


def knowledge_at(revision: str, faq: Path, into: Path) -> Path:
    """The knowledge file of a revision, with what it can include, written into a directory; raises `RevisionError`."""
    into.mkdir(parents=True, exist_ok=True)
    (into / faq.name).write_bytes(_shown(revision, faq))
    for name in Includes:
        try:
            (into / f"{name}.yaml").write_bytes(_shown(revision, faq.with_name(f"{name}.yaml")))
        except RevisionError:
            continue  # it may not have been there yet; what the main file names and is missing is a fault of its own
    return into / faq.name


def _shown(revision: str, path: Path) -> bytes:
    command = ["git", "-C", str(path.resolve().parent), "show", "--end-of-options", f"{revision}:./{path.name}"]
    try:
        return subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603 - fixed command, no shell
    except FileNotFoundError:
        message = "Comparing needs git."
        raise RevisionError(message) from None
    except subprocess.CalledProcessError as error:
        told = error.stderr.decode("utf-8", "replace").strip().splitlines()
        message = f"There is no knowledge at {revision!r}: {told[-1] if told else 'git said nothing'}."
        raise RevisionError(message) from None
