"""The worker: takes events from the inbox, conversations side by side and each in order, until all that is due is done."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from bot.contracts.events import Outcome, Sent
from bot.contracts.ports import UNOBSERVED, OvertakenError, StoreError
from bot.delivery import access
from bot.delivery.sending import send

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.contracts.events import Heard, LeasedEvent, Message
    from bot.contracts.ports import Channel, Inbox, Observer
    from bot.delivery.handler import EventHandler
    from bot.delivery.memory import Memory

SLOTS = 16
"""Conversations worked on at once, and so the most that a kill can double.

What waited from before the start gets at most half of them: who asks now is not kept waiting.
"""
DECIDING = 2
"""Decisions made at once: they need the processor and nothing else, so more at once would only make each later."""
POLL = 1.0
"""Seconds after which the inbox is looked into without being told: what was put back is due, other processes put events there."""
RENEW = 3.0
"""Seconds after which leases are renewed; they last for 10."""
GIVE_UP = 3600.0
"""Seconds after its first attempt at which a message that none could send is given up."""

log = logging.getLogger("careerbot.delivery")


@dataclass(slots=True)
class _Work:
    """An event in hand; `taken` gets its message as soon as that is kept."""

    taken: LeasedEvent


class Worker:
    """Works on the events of `channels` (by platform). `down` is awaited when the inbox cannot be read."""

    def __init__(
        self,
        inbox: Inbox,
        clerk: EventHandler,
        channels: Mapping[str, Channel],
        memory: Memory,
        clock: Callable[[], float],
        down: Callable[[], Awaitable[None]],
        watch: Observer = UNOBSERVED,
    ) -> None:
        self._inbox = inbox
        self.clerk = clerk
        self._channels = channels
        self._memory = memory
        self._down = down
        self._watch = watch
        self._clock = clock
        self._running: dict[int, asyncio.Task[None]] = {}
        self._waited: set[int] = set()
        self._attempts: dict[int, tuple[int, float]] = {}
        self._deciding = asyncio.Semaphore(DECIDING)
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()
        self._stopping = False
        self._look_back = 0.0

    def wake(self) -> None:
        """Look into the inbox soon."""
        self._idle.clear()
        self._woken.set()

    async def settled(self) -> None:
        """Return once nothing is worked on and nothing is due."""
        await self._idle.wait()

    async def run(self) -> None:
        """Work until stopped."""
        renewing = asyncio.create_task(self._renew())
        try:
            while not self._stopping:
                await self._fill()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), POLL)
        finally:
            renewing.cancel()

    async def stop(self, seconds: float) -> None:
        """Take nothing more and let what is in hand be finished within so many seconds; the rest waits for the next start."""
        self._stopping = True
        self._woken.set()
        if self._running:
            _, late = await asyncio.wait(self._running.values(), timeout=seconds)
            for task in late:
                task.cancel()

    async def _fill(self) -> None:
        """Take as many events as there are free slots."""
        self._woken.clear()
        try:
            self._start(await self._take(SLOTS, fresh=True), waited=False)
            await self._fill_with_what_waited()
        except StoreError as error:
            log.warning("The inbox cannot be read now: %s", error)
            await self._down()
        except Exception as error:  # noqa: BLE001 - the worker must outlive whatever happens
            log.error("The inbox could not be read (%s)", type(error).__name__)  # noqa: TRY400 - as above, no trace
        if not self._running and not self._woken.is_set():
            self._idle.set()

    async def _fill_with_what_waited(self) -> None:
        """The same with what waited from before the start; once there is nothing left of it, only a look now and then."""
        now = asyncio.get_running_loop().time()
        if now >= self._look_back:
            waited = await self._take(SLOTS // 2 - len(self._waited), fresh=False)
            self._start(waited, waited=True)
            if not waited and not self._waited:
                self._look_back = now + POLL

    async def _take(self, most: int, *, fresh: bool) -> list[LeasedEvent]:
        free = min(most, SLOTS - len(self._running))
        return list(await self._inbox.take(free, fresh=fresh, but=tuple(self._running))) if free > 0 else []

    def _start(self, events: list[LeasedEvent], *, waited: bool) -> None:
        for taken in () if self._stopping else events:
            self._memory.accepted.pop(taken.id, None)
            task = asyncio.create_task(self._work(taken))
            self._running[taken.seq] = task
            if waited:
                self._waited.add(taken.seq)
            task.add_done_callback(partial(self._ended, taken.seq))

    def _ended(self, seq: int, _task: asyncio.Task[None]) -> None:
        self._running.pop(seq, None)
        self._waited.discard(seq)
        self.wake()

    async def _work(self, taken: LeasedEvent) -> None:
        """Work on one event until it is done, put back, or counted as a try; a database that is down is waited for."""
        work = _Work(taken)
        while not await self._attempt(work) and not self._stopping:  # noqa: ASYNC110 - nothing tells when a database is back
            await asyncio.sleep(POLL)

    async def _attempt(self, work: _Work) -> bool:
        """Whether an attempt came to an end, good or bad."""
        try:
            await self._handle(work)
        except StoreError as error:
            log.warning("InboundEvent %s waits: %s", work.taken.seq, error)
            return False
        except Exception as error:  # noqa: BLE001 - one event must not stop the others
            log.warning("InboundEvent %s went wrong (%s)", work.taken.seq, type(error).__name__)  # no trace: it may hold what was written
            await self._failed(work.taken, error)
        return True

    async def _handle(self, work: _Work) -> None:
        finish = self._memory.finishing.get(work.taken.id)
        if finish is None:
            message = work.taken.message if work.taken.payload is None else await self._decided(work)
            finish = await self._sent(work, message) if message else Sent()
        if finish is not None:
            await self._inbox.finish(work.taken, finish)
            self._memory.finishing.pop(work.taken.id, None)
            self._attempts.pop(work.taken.seq, None)

    async def _decided(self, work: _Work) -> Message | None:
        """The reply to an event, kept together with all else that follows from it."""
        taken = work.taken
        heard = access.read(self._channels[taken.platform], taken.payload or {})
        if heard is None:
            return None
        while True:
            try:
                async with self._deciding:
                    outcome = await asyncio.to_thread(self.clerk.attend, heard, taken)
                if not await self._inbox.decide(taken, outcome):
                    return None
            except OvertakenError:
                continue
            except StoreError:
                return await self._without_memory(heard, work)
            work.taken = replace(taken, payload=None, message=outcome.message)
            if outcome.turn is not None:
                self._watch.turned(outcome.turn, self._clock() - taken.received)
            return outcome.message

    async def _without_memory(self, heard: Heard, work: _Work) -> Message:
        """The reply to an event that is safe in the inbox while nothing more can be kept; what must be kept waits."""
        message, _, complete = await asyncio.to_thread(self.clerk.without_memory, heard, work.taken)
        if not complete:
            raise StoreError("it must be kept to be done")  # noqa: EM101, TRY003 - logged, never shown
        return message

    async def _sent(self, work: _Work, message: Message) -> Sent | None:
        """What has become of the message of an event, or None if it has to be sent again later."""
        taken = work.taken
        attempts, since = self._attempts.setdefault(taken.seq, (0, self._clock()))
        fate = await send(self._channels[message.platform], message, attempts)
        self._watch.sent(message.platform, fate.what)
        if fate.what == "again" and self._clock() - since < GIVE_UP:
            self._attempts[taken.seq] = attempts + 1, since
            await self._inbox.put_back(taken, fate.pause)
            asyncio.get_running_loop().call_later(fate.pause, self.wake)
            return None
        if fate.what in {"again", "never"}:
            await self._inbox.keep(await asyncio.to_thread(self.clerk.undelivered, message, taken.id, fate.why))
        question = message.question if message.told == "post" else ""
        sent = Sent(fate.post, question, message.source, uncertain=fate.what == "unsure")
        self._memory.answered(taken.id, sent)
        if taken.payload is not None:
            self._memory.unkept += 1
            self._watch.counted("unkept", taken.platform)
        if fate.what == "arrived" and message.card:
            with suppress(StoreError):  # it is there for all to see; only word of that would be late
                await self._inbox.keep(self.clerk.delivered(message, taken.id, self._clock()))
        return sent

    async def _failed(self, taken: LeasedEvent, error: Exception) -> None:
        """Count a try; after the last one, whoever waits for an answer hears that there is none."""
        self._attempts.pop(taken.seq, None)
        with suppress(StoreError):
            if await self._inbox.fail(taken, type(error).__name__, POLL):
                self._watch.counted("set_aside", taken.platform)
                await self._inbox.keep(await asyncio.to_thread(self._given_up, taken))

    def _given_up(self, taken: LeasedEvent) -> Outcome:
        with suppress(Exception):  # it broke before; this is only to say so
            if taken.message is not None and taken.message.question:
                return self.clerk.undelivered(taken.message, taken.id)
            heard = self._channels[taken.platform].read(taken.payload or {}) if taken.message is None else None
            address = taken.message.address if taken.message else heard.address if heard else None
            return Outcome(notices=(self.clerk.broken(address, taken),)) if address is not None else Outcome()
        return Outcome()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW)
            if self._running:
                with suppress(StoreError):
                    await self._inbox.renew(tuple(self._running))
