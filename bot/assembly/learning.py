"""Learning in a process of its own, so that the bot goes on answering meanwhile: python -m bot.assembly.learning FAQ DATA_DIR [KEY].

Knowledge with the learning key KEY teaches what the bot has learned already; then only the knowledge comes back, and its model stays.
What was learned comes back over a pipe as this project's own objects, from this project's own child; nothing else writes there.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.assembly.knowledge import Bot, bot_of, faq_of, trained
from bot.knowledge.loader import KnowledgeError, load
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.knowledge.entry import KnowledgeBase
    from bot.matching.model import Model

    Learned = tuple[KnowledgeBase, Model | None]

PATIENCE = 19
"""How far the learning process stands back behind all others (its niceness)."""
ALONE = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")
"""It computes on one core: the others are left to those who ask."""


_NO_PICKLE = (pickle.UnpicklingError, AttributeError, EOFError, ImportError, LookupError, TypeError, ValueError)
"""What reading a pickle raises that is none, or one of classes that are not like that any more."""


class LearningError(Exception):
    """A changed knowledge cannot be used; `faults` are the reasons, a line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


async def learned(settings: Settings, running: Bot | None = None) -> Bot:
    """The bot on the knowledge as it is now, learned elsewhere; raises `LearningError`. Cancelled, the learning is stopped.

    Where the knowledge teaches what `running` has learned already, its model is taken and nothing is learned.
    """
    faq, data = str(faq_of(settings).absolute()), str(settings.data_dir)
    key = running.base.learning_key if running else ""
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "bot.assembly.learning", faq, data, key,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, **ALONE},
        )  # fmt: skip
    except OSError as error:  # no memory, no more processes
        raise LearningError([f"The knowledge could not be learned; no process can be started for it ({type(error).__name__})."]) from None
    try:
        answer, _ = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if process.returncode:
        raise LearningError([f"The knowledge could not be learned; the process that was to do it ended with {process.returncode}."])
    return await asyncio.to_thread(_assembled, answer, running)


def _assembled(answer: bytes, running: Bot | None = None) -> Bot:
    try:
        found = pickle.loads(answer)  # noqa: S301 - from our own child, see above
    except _NO_PICKLE as error:  # something else wrote to its output, or the package was changed under a running bot
        message = f"The knowledge could not be learned; what came of it cannot be read ({type(error).__name__})."
        raise LearningError([message]) from None
    if isinstance(found, list):
        raise LearningError(found)
    base, model = found
    return bot_of(base, running.matcher.model if model is None and running else model)


def _learn(faq: str, data_dir: str, known: str = "") -> Learned | list[str]:
    """The knowledge and its model, or its faults; no model where the learning key is the one that is `known`."""
    settings = Settings(faq=Path(faq), data_dir=Path(data_dir))
    try:
        base = load(Path(faq))
    except KnowledgeError as error:
        return [str(replace(fault, file=Path(fault.file).name)) for fault in error.faults]  # all lie beside each other
    return base, None if base.learning_key == known else trained(base, settings)


def _stand_back() -> None:
    """Compute only while nobody else wants to, where the system knows that; elsewhere last of all."""
    os.nice(PATIENCE)
    if hasattr(os, "SCHED_IDLE"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


if __name__ == "__main__":
    _stand_back()
    sys.stdout.buffer.write(pickle.dumps(_learn(*sys.argv[1:])))
