"""What is due from time to time: the desk is reminded, and what was kept long enough is dropped."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.contracts.ports import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.contracts.ports import Inbox
    from bot.delivery.worker import Worker

HOUR = 3600.0
EVERY = 30.0
"""Seconds between two looks at the desk."""
ROUNDS_TO_TIDY = 2880
"""Looks at the desk between two times of tidying: at the start and once a day."""

log = logging.getLogger("careerbot.upkeep")


@dataclass(frozen=True, slots=True)
class Periods:
    """Hours after which the desk is reminded of a question, and days after which texts are dropped."""

    desk_hours: float = 24.0
    retention_days: int = 90


class Upkeep:
    """Does what is due after some `periods`; `clock` gives seconds since the epoch."""

    def __init__(self, inbox: Inbox, worker: Worker, periods: Periods, clock: Callable[[], float]) -> None:
        self._inbox = inbox
        self._worker = worker
        self._periods = periods
        self._clock = clock

    async def run(self) -> None:
        """Look after it all, forever."""
        rounds = 0
        while True:
            try:
                await self.remind()
                if rounds % ROUNDS_TO_TIDY == 0:
                    await self._inbox.tidy(self._periods.retention_days)
                rounds += 1
            except StoreError as error:
                log.warning("Upkeep waits: %s", error)
            await asyncio.sleep(EVERY)

    async def remind(self) -> None:
        """Remind the desk, once, of each question that waits too long."""
        before = self._clock() - self._periods.desk_hours * HOUR
        for outcome in await asyncio.to_thread(self._worker.clerk.reminders, before):
            await self._inbox.keep(outcome)
            self._worker.wake()
