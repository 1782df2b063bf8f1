"""The gateway that channels bring events to, and everything behind it that runs while the bot does."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Self

from bot.contracts.errors import StoreError
from bot.contracts.outcomes import SendResult
from bot.contracts.ports import UNOBSERVED
from bot.delivery.access import Access, turned_away
from bot.delivery.memory import Memory
from bot.delivery.processor import Processor
from bot.delivery.upkeep import Periods, Upkeep
from bot.delivery.worker import Worker
from bot.dialogue.turn import Context, HashedKey

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from bot.contracts.events import InboundEvent, Receipt
    from bot.contracts.outcomes import Outcome
    from bot.contracts.ports import Accepted, Channel, Observer, PastQuestion, Store, Supervisor
    from bot.contracts.questions import Question
    from bot.delivery.handler import EventHandler
    from bot.dialogue.reply import Reply
    from bot.dialogue.targets import Target
    from bot.dialogue.turn import RawKey, UserAct

log = logging.getLogger("careerbot.delivery")

KEPT_WITHIN = 2.0
"""Seconds that an event may take to be kept; Slack wants its acknowledgement within 3."""
COUNTED_EVERY = 600.0
"""Seconds after which is counted anew what is asked most; over a million turns that takes a moment."""


class EventGateway:
    """A `Gateway` before a worker; without `access` rules everybody comes in.

    `clock` gives seconds since the epoch; `periods` are for the upkeep.
    """

    def __init__(
        self,
        store: Store,
        handler: EventHandler,
        channels: Mapping[str, Channel],
        *,
        periods: Periods | None = None,
        access: Access | None = None,
        observer: Observer = UNOBSERVED,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._clock = clock
        self._access = access or Access()
        self._observer = observer
        self._memory = Memory()
        self._popular: Sequence[str] = ()
        self._count_again = 0.0
        self.processor = Processor(store, handler, channels, self._memory, clock, observer, self._wake)
        self.worker = Worker(store, self.processor, self._memory, self._answer_what_waits)
        self.upkeep = Upkeep(self.processor, self._wake, periods or Periods(), clock)

    async def accept(self, event: InboundEvent) -> Accepted:
        """Return once an event is kept or answered. Raises `StoreError` if neither can be: then it must come again."""
        if self._memory.knows(event):
            self._observer.counted("again", event.platform)
            return "again"
        admitted = self._admitted(event)
        if admitted is None:
            self._memory.know(event)
            return "turned_away"
        first = event.key not in self._memory.accepted
        self._memory.accepted[event.key] = admitted  # before it is kept: the worker may be faster than this coroutine
        with self.worker.slot() as free:
            try:
                receipt = await asyncio.wait_for(self._store.put(admitted, lease=free), KEPT_WITHIN)
            except (StoreError, TimeoutError):
                if self._memory.accepted.pop(event.key, None) is not None:
                    await self._answer_at_once(admitted)
                else:
                    self._memory.know(event)  # the worker has it already: it was kept, only word of that is late
                return "new"
        self._kept(event, receipt, first=first)
        return "new" if receipt.new else "again"

    def admits(self, places: tuple[str, ...], person: RawKey) -> bool:
        """Whether the bot is to answer somebody in a place."""
        return self._access.rules.admits(places, person)

    async def look(self, act: UserAct) -> Reply:
        """The reply to an act by itself; nothing is remembered of it."""
        return await asyncio.to_thread(self.processor.handler.shown, act)

    async def search(self, text: str, most: int) -> Sequence[tuple[str, Reply]]:
        """Entries that a few words may be looking for, with the cards that show them; without words the popular ones."""
        popular = () if text.strip() else await self._asked_most(most)
        return await asyncio.to_thread(self.processor.handler.assistant.search, text, most, popular)

    async def asked_lately(self, person: RawKey) -> Sequence[PastQuestion]:
        """What a person asked lately, newest first; nothing where it cannot be read."""
        with suppress(StoreError):
            return await asyncio.to_thread(self._store.asked_lately, person)
        return ()

    async def takes_part(self, conversation: RawKey) -> bool:
        """Whether the bot takes part in a conversation, as far as can be told now."""
        with suppress(StoreError):
            return self._memory.takes_part(conversation) or await asyncio.to_thread(self._store.takes_part, conversation)
        return False

    async def take_over(self, handler: EventHandler) -> None:
        """Let another handler answer from now on; the desk hears of it if the last one had met faults."""
        had_faults, self.processor.handler = self.processor.handler.faults, handler
        if had_faults:
            await self._to_desk(handler.status.accepted(self._clock()))

    async def refuse(self, faults: Sequence[str]) -> None:
        """The handler goes on though the knowledge was changed: faults, a line each, keep it from being used. The desk hears of it."""
        handler = self.processor.handler
        handler.faults = len(faults)
        await self._to_desk(handler.status.refused(faults, self._clock()))

    def leads(self, target: Target) -> bool:
        """Whether a target still leads somewhere."""
        return self.processor.handler.assistant.leads(target)

    async def question(self, id_: str) -> Question | None:
        """The question at the desk with an id; None where it cannot be read."""
        with suppress(StoreError):
            return await asyncio.to_thread(self._store.question, id_)
        return None

    async def settled(self) -> None:
        """Return once nothing waits that is due."""
        await self.worker.settled()

    @asynccontextmanager
    async def working(self, supervisor: Supervisor, grace: float = 10.0) -> AsyncIterator[Self]:
        """Work while the block runs; at its end take nothing more and finish what is in hand within `grace` seconds."""
        worker = supervisor.start("worker", self.worker.run())
        others = [supervisor.start("lease renewal", self.worker.renew()), supervisor.start("upkeep", self.upkeep.run())]
        try:
            yield self
        finally:
            others[1].cancel()
            await self.worker.stop(grace)
            others[0].cancel()
            await asyncio.gather(worker, *others, return_exceptions=True)

    def _admitted(self, event: InboundEvent) -> InboundEvent | None:
        """The event, or word to whoever caused it that they are turned away, or None where they have heard that before."""
        barrier = self._access.barrier(event)
        if barrier is None:
            return event
        self._observer.counted(barrier, event.platform)
        return turned_away(event, barrier) if self._access.to_tell(event, barrier) else None

    def _kept(self, event: InboundEvent, receipt: Receipt, *, first: bool) -> None:
        """An event is in the inbox: now, or since before. Only the `first` delivery on its way waits for the worker."""
        self._memory.know(event)
        if not receipt.new:
            if first:
                self._memory.accepted.pop(event.key, None)
            self._observer.counted("again", event.platform)
        elif receipt.leased is not None:
            self.worker.begin([receipt.leased])
        else:
            self.worker.wake()

    async def _answer_at_once(self, event: InboundEvent) -> None:
        """Answer an event that cannot be kept, unless it came before."""
        if self._memory.knows(event):
            self._observer.counted("again", event.platform)
            return
        self._memory.know(event)
        self._memory.finishing[event.key] = SendResult("nothing")  # it may be kept after all, late
        answered = False
        try:
            await self.processor.answer_unkept(event, waits=False)
            answered = True
        finally:
            if not answered:
                self._memory.unknow(event)
                self._memory.finishing.pop(event.key, None)

    async def _answer_what_waits(self) -> None:
        """Answer the events that are safe in the inbox while it cannot be read. What must be kept to be done waits on."""
        for key, event in list(self._memory.accepted.items()):
            if not self._memory.knows_itself(event):
                continue  # it is just being kept
            self._memory.accepted.pop(key, None)
            (answered,) = await asyncio.gather(self.processor.answer_unkept(event, waits=True), return_exceptions=True)
            if answered is True:
                self._memory.finishing[key] = SendResult("nothing")
            elif isinstance(answered, Exception) and not isinstance(answered, StoreError):  # it waits in the inbox, where tries are counted
                log.warning("An event could not be answered without the store (%s).", type(answered).__name__)

    async def _asked_most(self, most: int) -> Sequence[str]:
        """What is asked most, counted anew now and then."""
        now = self._clock()
        if now >= self._count_again:
            self._count_again = now + COUNTED_EVERY
            with suppress(StoreError):
                self._popular = await asyncio.to_thread(self._store.popular, most)
        return self._popular

    def _wake(self) -> None:
        """Let the worker, which is not made yet when its processor is, look for notices."""
        self.worker.wake_for_notices()

    async def _to_desk(self, outcome: Outcome) -> None:
        with suppress(StoreError):  # the log has it too
            await self._store.keep(outcome, Context(HashedKey(""), at=self._clock()))
            self._wake()
