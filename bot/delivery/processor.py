"""One event worked on: decided, kept, sent, finished. Each step can be taken again by itself when the store was away.

There is one way to decide: the handler. While the store is away it decides with an empty journal, and what an outcome says must be kept
waits until it can be.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.contracts.errors import OvertakenError, StoreError
from bot.contracts.events import LeasedEvent
from bot.contracts.outcomes import Outcome, PersonErased, SendResult
from bot.delivery import access
from bot.delivery.empty_journal import EMPTY_JOURNAL
from bot.delivery.sending import send
from bot.dialogue.turn import NO_KEY, Context, turn_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.contracts.events import InboundEvent
    from bot.contracts.outcomes import Message
    from bot.contracts.ports import Channel, Journal, Observer, Store
    from bot.delivery.handler import EventHandler
    from bot.delivery.memory import Memory

DECIDING = 2
"""Decisions made at once: while one reads the journal the other computes; more at once would only make each later."""
GIVE_UP = 3600.0
"""Seconds after its first attempt at which a message that none could send is given up."""

log = logging.getLogger("careerbot.delivery")


@dataclass(frozen=True, slots=True)
class _Attempts:
    """How often a message was tried to be sent, and since when, in seconds of the clock.

    `unsure`: nobody knows whether the last try has arrived; `blind`: one was made although that could not be told.
    """

    count: int
    since: float
    unsure: bool = False
    blind: bool = False


class Processor:
    """Works on events of `channels` (by platform). `handler` may be changed while it works.

    `clock` gives seconds since the epoch; `wake` is called when something new waits in the inbox.
    """

    def __init__(
        self,
        store: Store,
        handler: EventHandler,
        channels: Mapping[str, Channel],
        memory: Memory,
        clock: Callable[[], float],
        observer: Observer,
        wake: Callable[[], None],
    ) -> None:
        self.store = store
        self.handler = handler
        self._channels = channels
        self._memory = memory
        self._clock = clock
        self._observer = observer
        self._wake = wake
        self._attempts: dict[int, _Attempts] = {}
        self._deciding = asyncio.Semaphore(DECIDING)

    async def decide(self, leased: LeasedEvent) -> LeasedEvent:
        """The event with the message that answers it, kept together with all else that follows, and without its payload then.

        What can be answered but not kept still has its payload. Raises `StoreError` for what has to wait for the store.
        """
        if leased.payload is None or leased.context.event in self._memory.finishing:
            return leased
        event = access.read(self._channels[leased.platform], leased.payload)
        if event is None:
            return replace(leased, payload=None)
        while True:
            try:
                outcome = await self._handled(event, leased, self.store)
                if not await self.store.decide(leased, outcome):
                    return replace(leased, payload=None)  # another process has done it, or nobody is to
                self._observe(outcome, leased)
                if outcome.notices:
                    self._wake()
                return replace(leased, payload=None, message=outcome.message)
            except OvertakenError:
                continue
            except StoreError:
                outcome = await self._handled(event, leased, EMPTY_JOURNAL)
                if outcome.needs_store:
                    raise
                self._observe(outcome, leased)
                return replace(leased, message=outcome.message)

    async def deliver(self, leased: LeasedEvent) -> SendResult:
        """Send the message of a decided event, if it has one: what became of it. One to be sent `again` is back in the inbox.

        One that may have gone before is looked for; where that is not possible it is sent once more, and the log says so.
        """
        done = self._memory.finishing.get(leased.context.event)
        if done is not None:
            return done
        if leased.message is None:
            return SendResult("nothing")
        message = replace(leased.message, id=turn_id(leased.context.event))
        result = await self._sent(message, leased)
        self._observer.sent(message.address.platform, result.status)
        if result.status == "again":
            return result
        if result.status == "never":
            await self._undelivered(message, leased.context, result)
        self._memory.finishing[leased.context.event] = result
        if leased.payload is not None:
            self._observer.counted("unkept", leased.platform)
        if result.status == "arrived":
            await self._arrived(message, leased.context, result)
        return result

    async def finish(self, leased: LeasedEvent, result: SendResult) -> None:
        """Mark an event as done."""
        await self.store.finish(leased, result)
        self._memory.finishing.pop(leased.context.event, None)
        self._attempts.pop(leased.seq, None)

    async def fail(self, leased: LeasedEvent, error: Exception, seconds: float) -> None:
        """Count a try, for another one so much later; after the last one, whoever waits for an answer hears that there is none."""
        self._attempts.pop(leased.seq, None)
        with suppress(StoreError):
            if await self.store.fail(leased, type(error).__name__, seconds):
                self._observer.counted("set_aside", leased.platform)
                await self._keep(await asyncio.to_thread(self._given_up, leased), leased.context)

    async def answer_unkept(self, event: InboundEvent, *, waits: bool) -> bool:
        """Whether an event is answered now though nothing can be kept. One that `waits` in the inbox may be done later instead.

        Raises `StoreError` for one that can be neither answered nor kept: it must come again.
        """
        hashed = self.store.hashed
        context = Context(hashed(event.conversation), hashed(event.person), event.key, self._clock())
        leased = LeasedEvent(0, event.platform, context, session=self._memory.sessions.get(context.conversation))
        outcome = await self._handled(event, leased, EMPTY_JOURNAL)
        message = outcome.message
        if outcome.needs_store:
            if waits:
                return False
            if message is None or event.address is None:
                raise StoreError("It must be kept to be done, and nothing can be kept now.")  # noqa: EM101, TRY003 - logged only
            message = self.handler.no_memory(event.address)
        if message is not None and not await self._has_gone(replace(message, id=turn_id(event.key)), context):
            raise StoreError("Neither the database nor the platform can be reached now.")  # noqa: EM101, TRY003 - as above
        if not outcome.needs_store:
            self._observe(outcome, leased)
        self._observer.counted("unkept", event.platform)
        return True

    async def _sent(self, message: Message, leased: LeasedEvent) -> SendResult:
        """What became of a message; where it is to be sent again, its event is back in the inbox."""
        attempts = self._attempts.setdefault(leased.seq, _Attempts(0, self._clock()))
        if leased.interrupted or attempts.unsure:
            found = await self._found(message, leased.context)
            if found:
                return SendResult("arrived", found, message=message)
            attempts = replace(attempts, blind=attempts.blind or found is None)
        result = await send(self._channels[message.address.platform], message, attempts.count)
        unsure = result.status == "unsure"
        self._attempts[leased.seq] = attempts = replace(attempts, count=attempts.count + 1, unsure=unsure)
        if self._clock() - attempts.since >= GIVE_UP:
            return replace(result, status="never") if result.status == "again" else result
        if result.status == "again" or (unsure and not attempts.blind):
            await self.store.put_back(leased, result.pause, unsure=unsure)
            return replace(result, status="again")
        return result

    async def _found(self, message: Message, context: Context) -> str | None:
        """The key of a message that may have arrived; empty if it has not. None where that cannot be told, which the log says then.

        What only edits another message is not looked for: sent again it changes nothing.
        """
        if message.edits:
            return ""
        found = await self._channels[message.address.platform].find(message, context.at)
        if found is None:
            self._observer.counted("sent_again", message.address.platform)
            log.warning("Whether the message %s has arrived cannot be told; it is sent once more.", message.id)
        return found

    async def _has_gone(self, message: Message, context: Context) -> bool:
        """Whether a message of an event that is not kept has been sent; one that may not have arrived is sent once more."""
        channel = self._channels[message.address.platform]
        result = await send(channel, message, 0)
        if result.status == "unsure" and not await self._found(message, context):
            result = await send(channel, message, 1)
        return result.status != "again"

    async def _handled(self, event: InboundEvent, leased: LeasedEvent, journal: Journal) -> Outcome:
        async with self._deciding:
            return await asyncio.to_thread(self.handler.handle, event, leased, journal)

    def _observe(self, outcome: Outcome, leased: LeasedEvent) -> None:
        """Have a turn counted, and know how its conversation stands."""
        if outcome.session is not None:
            self._memory.sessions[leased.context.conversation] = outcome.session
        if any(isinstance(change, PersonErased) for change in outcome.changes):
            self._memory.sessions.clear()  # whose is whose is not known here
        if outcome.turn is not None:
            self._observer.turned(outcome.turn, self._clock() - leased.context.at)

    async def _undelivered(self, message: Message, context: Context, result: SendResult) -> None:
        """Word to whoever waits for a message, or has sent it, that it never arrives."""
        outcome = await asyncio.to_thread(self.handler.undelivered, message, context.event, self.store, result.reason)
        await self._keep(outcome, context)

    async def _arrived(self, message: Message, context: Context, result: SendResult) -> None:
        """What is kept, and told, once a message is there that others wait for or can answer; only word of that would be late."""
        if not message.share and message.purpose != "answer":
            return
        with suppress(StoreError):
            outcome = await asyncio.to_thread(self.handler.delivered, message, context.event, self.store)
            await self._keep(outcome, context)
            beneath = self._channels[message.address.platform].beneath(result.post) if message.share and result.post else NO_KEY
            if message.share and beneath:
                thread = Context(self.store.hashed(beneath), event=context.event, at=self._clock())
                await self._keep(await asyncio.to_thread(self.handler.taken_part, message.share.entry, thread), thread)

    async def _keep(self, outcome: Outcome, context: Context) -> None:
        """Keep what follows now from an event, if anything does."""
        if outcome == Outcome():
            return
        await self.store.keep(outcome, replace(context, at=self._clock()))
        if outcome.notices:
            self._wake()

    def _given_up(self, leased: LeasedEvent) -> Outcome:
        """Word to whoever waits for an answer that there is none."""
        with suppress(Exception):  # it broke before; this is only to say so
            if leased.message is not None:
                if leased.message.purpose or leased.message.share:
                    return self.handler.undelivered(leased.message, leased.context.event, self.store)
                return self.handler.broken(leased.message.address, leased.context)
            event = self._channels[leased.platform].read(leased.payload or {})
            if event is not None and event.address is not None:
                return self.handler.broken(event.address, leased.context)
        return Outcome()
