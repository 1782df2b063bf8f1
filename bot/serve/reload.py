"""A changed knowledge taken over while the bot runs: noticed, learned elsewhere, swapped in. A bad one leaves the last good one serving.

https://watchfiles.helpmanual.io tells of changes; SIGHUP looks at once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from watchfiles import awatch

from bot.assembly import faq_of, handler_of, room_of
from bot.assembly.learning import LearningError, learned
from bot.contracts.errors import StoreError
from bot.knowledge.files import version_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from watchfiles import Change

    from bot.assembly import Bot
    from bot.contracts.ports import Store, Supervisor
    from bot.delivery.gateway import EventGateway
    from bot.settings import Settings
    from bot.telemetry.metrics import Metrics

SETTLED = 500
"""Milliseconds in which nothing changes any more before a change counts: an editor writes several files."""
LOOK = 30.0
"""Seconds after which is looked without being told: some file systems tell nothing."""

log = logging.getLogger("careerbot.knowledge")


class Reloader:
    """Keeps a bot and its gateway up to date with the knowledge that the settings name."""

    def __init__(self, settings: Settings, bot: Bot, store: Store, gateway: EventGateway, metrics: Metrics) -> None:
        self._settings = settings
        self._bot = bot
        self._store = store
        self._gateway = gateway
        self._metrics = metrics
        self._seen = bot.base.version
        self._changed = asyncio.Event()
        self._asked = False
        self._refused = False
        metrics.knows(bot.base.version, len(bot.base.entries), time.time())

    def look(self) -> None:
        """Look soon, and say what was found also if nothing has changed."""
        self._asked = True
        self._changed.set()

    @asynccontextmanager
    async def following(self, supervisor: Supervisor) -> AsyncIterator[None]:
        """Follow changes while the block runs; what is just being learned at its end is left."""
        tasks = [supervisor.start("notice of changed knowledge", self._watch()), supervisor.start("reloading", self._run())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self) -> None:
        folder = faq_of(self._settings).absolute().parent  # not where links lead: it is the links that Kubernetes changes
        try:
            async for _ in awatch(folder, watch_filter=_is_knowledge, step=SETTLED, recursive=False):
                self._changed.set()
        except (OSError, RuntimeError) as error:  # no more watches, a file system that has none: then LOOK has to do
            log.warning("Changes of the knowledge are noticed late: the folder cannot be watched (%s).", type(error).__name__)

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), LOOK)
            told = self._changed.is_set()
            self._changed.clear()
            asked, self._asked = self._asked, False
            try:
                await self._take_over(asked=asked, told=told)
            except (OSError, StoreError) as error:  # the bot goes on with what it knows
                log.error("The knowledge could not be looked at (%s).", type(error).__name__)  # noqa: TRY400 - no trace

    async def _take_over(self, *, asked: bool, told: bool) -> None:
        """Look, and answer from what is new. A refused knowledge is tried again once anything changed: tests.yaml may have been mended."""
        now = await asyncio.to_thread(version_of, faq_of(self._settings))
        if now == self._seen and not (told and self._refused):
            if asked:
                log.info("The knowledge has not changed.")
            return
        log.info("The knowledge is learned again." if now == self._seen else "The knowledge has changed; it is read now.")
        self._seen = now
        begun = time.monotonic()
        try:
            new = await learned(self._settings, self._bot)
        except LearningError as error:
            await self._refuse(error.faults)
            return
        self._refused = False
        self._seen = new.base.version  # it was read later than it was looked at
        how = "nothing had to be learned" if new.base.learning_key == self._bot.base.learning_key else "learned"
        self._bot.become(new)
        rooms = room_of(self._settings.desk), room_of(self._settings.team_room)
        await self._gateway.take_over(handler_of(self._settings, self._bot, self._store, *rooms))
        self._metrics.knows(new.base.version, len(new.base.entries), time.time())
        log.info("The new knowledge answers: %d entries, %s, in %.1f s.", len(new.base.entries), how, time.monotonic() - begun)

    async def _refuse(self, faults: list[str]) -> None:
        self._refused = True
        self._metrics.refused(len(faults))
        for fault in faults:
            log.error("The knowledge cannot be used: %s", fault)
        log.warning("The last good knowledge goes on answering.")
        await self._gateway.refuse(faults)


def _is_knowledge(_: Change, path: str) -> bool:
    return path.endswith((".yaml", ".yml")) or "..data" in path  # the latter is how Kubernetes changes a mounted folder
