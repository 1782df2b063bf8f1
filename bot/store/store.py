"""The store: inbox and journal over one database, written by one thread, read beside it."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from bot.contracts.errors import StoreError
from bot.contracts.outcomes import PersonErased
from bot.store import admin, handoffs, inbox, journal, mailbox, retention
from bot.store.codec import message_json
from bot.store.crypto import LOST, Keys
from bot.store.database import LockedError, engine_of, reading, store_error
from bot.store.migrate import migrate, revision_of
from bot.store.tables import meta
from bot.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from bot.contracts.events import Depth, InboundEvent, LeasedEvent, Receipt
    from bot.contracts.outcomes import Outcome, SendResult
    from bot.contracts.ports import Letter, PastQuestion
    from bot.contracts.questions import Question
    from bot.dialogue.turn import Context, HashedKey, RawKey

T = TypeVar("T")

_CHECK = sa.select(meta.c.value).where(meta.c.key == "secret")
OPENED_WITHIN = 10.0
"""Seconds that opening waits for another process that is just making the tables."""


LATELY = 5
"""Questions that a person is shown of those they asked."""


class Store:
    """`Inbox`, `Journal` and `Mailbox` over one database. Raises `StoreError` when it cannot be opened.

    `secret` gives the secret and may make a new one if told that the database has none yet. `alone` tells that no other process
    works on this inbox, so that what was leased before is free again. `platforms` are those whose events are taken.
    """

    def __init__(
        self,
        url: str,
        secret: Callable[[bool], str],
        *,
        platforms: Sequence[str] = (),
        alone: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine_of(url)
        self._reading = reading(self._engine)
        self._platforms = tuple(platforms)
        self._clock = clock
        self._alone = alone and self._engine.dialect.name == "sqlite"
        self.unreadable: set[str] = set()
        """The questions at the desk that were met and could not be read, by their ids."""
        self.keys = self._opened(secret, alone=alone)
        self._writer = Writer(self._engine)

    @property
    def alive(self) -> bool:
        """Whether anything can still be written; once it cannot, only another start helps."""
        return self._writer.alive

    def close(self) -> None:
        """Finish what is being written, and let go of the database."""
        self._writer.close()
        self._engine.dispose()

    # Inbox

    def hashed(self, key: RawKey) -> HashedKey:
        """What stands for a key in all that is kept."""
        return self.keys.hashed(key)

    async def put(self, event: InboundEvent, *, lease: bool = False) -> Receipt:
        """Keep an event: it has reached the disk then. Only who works alone gets a lease with it."""
        lease = lease and self._alone and event.platform in self._platforms
        return await self._writer.run(partial(inbox.put, event=event, at=self._clock(), keys=self.keys, lease=lease), durable=True)

    async def take(self, most: int, *, fresh: bool, but: Sequence[int] = ()) -> Sequence[LeasedEvent]:
        """The oldest events that may be worked on."""
        work = partial(
            inbox.take, platforms=self._platforms, most=most, opened=self._newest_at_start, keys=self.keys, fresh=fresh, but=tuple(but)
        )
        return await self._writer.run(work)

    async def decide(self, leased: LeasedEvent, outcome: Outcome) -> bool:
        """Keep all that follows from an event, as a whole or not at all; False if the event is gone."""
        # A server may crash while this process remembers what it has sent; SQLite goes down with it and all is done again.
        apart = self._engine.dialect.name != "sqlite"
        return await self._writer.run(partial(self._decide, leased=leased, outcome=outcome), durable=apart, scrub=_erases(outcome))

    async def finish(self, leased: LeasedEvent, result: SendResult) -> None:
        """Drop an event that is done."""
        await self._writer.run(partial(inbox.finish, leased=leased, result=result, at=self._clock(), keys=self.keys))

    async def put_back(self, leased: LeasedEvent, seconds: float, *, unsure: bool = False) -> None:
        """Let an event wait for so many seconds; if `unsure`, its message may have gone."""
        await self._writer.run(partial(inbox.put_back, seq=leased.seq, seconds=seconds, unsure=unsure))

    async def fail(self, leased: LeasedEvent, fault: str, seconds: float) -> bool:
        """Count a try; True if it was the last."""
        return await self._writer.run(partial(inbox.fail, seq=leased.seq, fault=fault, seconds=seconds))

    async def renew(self, seqs: Sequence[int]) -> None:
        """Go on leasing events."""
        await self._writer.run(partial(inbox.renew, seqs=tuple(seqs)))

    async def keep(self, outcome: Outcome, context: Context) -> None:
        """Keep what follows from no event in the inbox."""
        await self._writer.run(
            partial(self._keep, outcome=outcome, cause=journal.Cause(context, self.keys)), scrub=_erases(outcome), durable=True
        )

    async def tidy(self, retention_days: int) -> None:
        """Drop what is kept long enough; only then is there anything to leave no trace of."""
        if await self._writer.run(partial(retention.tidy, now=self._clock(), retention_days=retention_days)):
            await self._writer.run(lambda _: None, scrub=True)

    # Mailbox

    async def post(self, conversation: RawKey, person: RawKey, content: bytes, turn: str = "") -> int:
        """Keep a message to a person, the reply to a turn once; return its number, 0 if nothing is kept."""
        owner = self.hashed(conversation), self.hashed(person)
        return await self._writer.run(lambda connection: mailbox.post(connection, *owner, content, self._clock(), self.keys, turn))

    def fetch(self, conversation: RawKey, after: int) -> Sequence[Letter]:
        """The messages of a conversation after a number."""
        return self.read(partial(mailbox.fetch, conversation=self.hashed(conversation), after=after, keys=self.keys))

    def answer(self, turn: str) -> Letter | None:
        """The message that is the reply to a turn."""
        return self.read(partial(mailbox.answer, turn=turn, keys=self.keys))

    # Journal

    def question(self, id_: str) -> Question | None:
        """The question with an id."""
        return self.read(partial(handoffs.question, id_=id_, keys=self.keys, unreadable=self.unreadable))

    def question_of_post(self, post: str) -> Question | None:
        """The question that a message of the desk is about."""
        return self.read(partial(handoffs.question_of_post, post=post, keys=self.keys, unreadable=self.unreadable))

    def waiting(self, person: HashedKey) -> Sequence[Question]:
        """The questions of a person that wait."""
        return self.read(partial(handoffs.waiting, person=person, keys=self.keys, unreadable=self.unreadable))

    def depth(self) -> Depth:
        """How much waits."""
        return self.read(admin.depth)

    def overdue(self, before: float) -> Sequence[Question]:
        """The questions that have waited since before a time in seconds."""
        return self.read(partial(handoffs.overdue, before=before, keys=self.keys, unreadable=self.unreadable))

    def answer_to(self, source: str) -> str:
        """The key of the message that answers another one."""
        return self.read(partial(journal.answer_to, source=source, keys=self.keys))

    def greeted(self, person: HashedKey) -> bool:
        """Whether a person was greeted before."""
        return self.read(partial(journal.greeted, person=person))

    def popular(self, most: int) -> Sequence[str]:
        """The entries that were answered most often."""
        return self.read(partial(journal.popular, most=most))

    def asked_lately(self, person: RawKey) -> Sequence[PastQuestion]:
        """What a person asked lately, newest first."""
        return self.read(partial(journal.asked_lately, person=self.keys.hashed(person), most=LATELY))

    def takes_part(self, conversation: RawKey) -> bool:
        """Whether a session is kept of a conversation."""
        return self.read(partial(journal.takes_part, conversation=self.keys.hashed(conversation)))

    def waits(self, notice: str) -> bool:
        """Whether a notice is yet to go, and nobody has begun to send it."""
        return self.read(partial(inbox.waits, notice=notice))

    def done_once(self, key: RawKey) -> bool:
        """Whether something was done that is not to be done again."""
        return self.read(partial(inbox.has_seen, key=self.keys.hashed(key)))

    # For the command line

    def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` reads; raises `StoreError`."""
        try:
            with self._reading.begin() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise store_error(error) from None

    def write(self, work: Callable[[Connection], T], *, scrub: bool = False) -> T:
        """What `work` returns once it has reached the disk; raises `StoreError`. For code without an event loop."""
        return self._writer.submit(work, durable=True, scrub=scrub).result()

    def keep_now(self, outcome: Outcome, context: Context) -> None:
        """The same as `keep`, for code without an event loop."""
        self.write(partial(self._keep, outcome=outcome, cause=journal.Cause(context, self.keys)), scrub=_erases(outcome))

    def _decide(self, connection: Connection, leased: LeasedEvent, outcome: Outcome) -> bool:
        sealed = self.keys.sealed(message_json(outcome.message)) if outcome.message else None
        if not inbox.decided(connection, leased.seq, sealed):
            return False
        self._keep(connection, outcome, journal.Cause(leased.context, self.keys, leased.seq))
        return True

    def _keep(self, connection: Connection, outcome: Outcome, cause: journal.Cause) -> None:
        for change in outcome.changes:
            journal.apply(change, connection, cause)
        for notice in outcome.notices:
            inbox.put_notice(connection, notice, self._clock(), self.keys)
        if outcome.turn is not None:
            journal.record(connection, outcome.turn)
        if outcome.session is not None:
            journal.remember(connection, cause.context, outcome.session)

    def _opened(self, secret: Callable[[bool], str], *, alone: bool) -> Keys:
        """The keys of the database, its tables brought up to date. Waits for whoever else is just opening it."""
        give_up = time.monotonic() + OPENED_WITHIN
        while True:
            try:
                return self._open(secret, alone=alone)
            except (SQLAlchemyError, StoreError) as error:
                failed = error if isinstance(error, StoreError) else store_error(error)
                if not isinstance(failed, LockedError) or time.monotonic() > give_up:
                    self._engine.dispose()
                    raise failed from None
                time.sleep(0.05)

    def _open(self, secret: Callable[[bool], str], *, alone: bool) -> Keys:
        kept = self._kept_check()
        keys = Keys(secret(kept is None))
        if kept is not None and kept != keys.check:
            raise StoreError(LOST)
        migrate(self._engine)
        with self._engine.begin() as connection:
            inbox.insert_new(connection, meta, {"key": "secret", "value": keys.check})
            if connection.execute(_CHECK).scalar() != keys.check:
                raise StoreError(LOST)  # another process was first, with another secret
            if alone:
                inbox.void_leases(connection)
            self._newest_at_start = inbox.newest(connection)
        return keys

    def _kept_check(self) -> str | None:
        if not revision_of(self._engine):
            return None
        with self._reading.begin() as connection:
            return connection.execute(_CHECK).scalar()


def _erases(outcome: Outcome) -> bool:
    return any(isinstance(change, PersonErased) for change in outcome.changes)
