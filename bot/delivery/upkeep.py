"""What is due from time to time: the desk is reminded, and what was kept long enough is dropped."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.contracts.errors import StoreError
from bot.dialogue.turn import Context, HashedKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.delivery.processor import Processor

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
    """Does what is due after some `periods`; `wake` is called when there is something to send, `clock` gives seconds since the epoch."""

    def __init__(self, processor: Processor, wake: Callable[[], None], periods: Periods, clock: Callable[[], float]) -> None:
        self._processor = processor
        self._wake = wake
        self._periods = periods
        self._clock = clock

    async def run(self) -> None:
        """Look after it all, forever. While the store is away it waits; raises `StoreError` once the store has ended for good."""
        rounds = 0
        while True:
            try:
                await self.remind()
                if rounds % ROUNDS_TO_TIDY == 0:
                    await self._processor.store.tidy(self._periods.retention_days)
                rounds += 1
            except StoreError as error:
                if not self._processor.store.alive:
                    raise
                log.warning("Upkeep waits: %s", error)
            await asyncio.sleep(EVERY)

    async def remind(self) -> None:
        """Remind the desk, once, of each question that waits too long."""
        before = self._clock() - self._periods.desk_hours * HOUR
        overdue = await asyncio.to_thread(self._processor.store.overdue, before)
        for outcome in self._processor.handler.desk.reminders(overdue):
            await self._processor.store.keep(outcome, Context(HashedKey(""), at=self._clock()))
            self._wake()
