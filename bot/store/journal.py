"""The journal in SQL: what an outcome changes, and what is asked about questions at the desk."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.contracts.errors import OvertakenError
from bot.contracts.outcomes import (
    Change,
    DoneOnce,
    DraftKept,
    NoticeWithdrawn,
    PersonErased,
    QuestionChanged,
    QuestionOpened,
    QuestionReminded,
)
from bot.contracts.ports import PastQuestion
from bot.contracts.questions import WAITING
from bot.dialogue.turn import Context, Rating, RawKey, Share, turn_id
from bot.store.codec import mapping_json, session_json
from bot.store.crypto import SealError
from bot.store.handoffs import sealed
from bot.store.inbox import insert_new, withdraw
from bot.store.tables import answers, drafts, inbox, mailbox, questions, ratings, seen, sessions, shares, turns

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.contracts.outcomes import TurnRecord
    from bot.dialogue.session import Session
    from bot.dialogue.turn import HashedKey
    from bot.store.crypto import Keys

log = logging.getLogger("careerbot.store")

_ASKED = ("answer", "compare", "clarify", "out_of_scope", "fallback")
"""What turns decide that answer questions, unlike small talk and moves."""
_SESSION = (
    sessions.update()
    .where(sessions.c.conversation == sa.bindparam("this"))
    .values({column: sa.bindparam(f"new_{column}") for column in ("person", "at", "state")})
)

_ANSWER = sa.select(answers.c.post).where(answers.c.source == sa.bindparam("this"))
_GREETING = sa.select(turns.c.id).where(turns.c.person == sa.bindparam("this"), turns.c.act == "greeting").limit(1)
_POPULAR = (
    sa.select(turns.c.entries)
    .where(turns.c.act.in_(("answer", "compare")), turns.c.entries != "", ~turns.c.entries.contains(" "))
    .group_by(turns.c.entries)
    .order_by(sa.func.count().desc(), turns.c.entries)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_KEPT = sa.select(sessions.c.at).where(sessions.c.conversation == sa.bindparam("this"))
_LATELY = (
    sa.select(turns.c.text, turns.c.entries)
    .where(turns.c.person == sa.bindparam("this"), turns.c.said == "utterance", turns.c.text != "", turns.c.act.in_(_ASKED))
    .order_by(turns.c.at.desc())
    .limit(50)
)


def record(connection: Connection, turn: TurnRecord) -> None:
    """Keep a turn; one that was kept already stays as it is."""
    insert_new(
        connection,
        turns,
        {
            "id": turn.id,
            "conversation": turn.context.conversation,
            "person": turn.context.person,
            "platform": turn.platform,
            "at": turn.context.at,
            "said": turn.said,
            "act": turn.act,
            "text": turn.text,
            "entries": " ".join(turn.entries),
            "scope": turn.scope,
            "choice": turn.choice,
            "confidence": turn.confidence,
            "milliseconds": turn.milliseconds,
            "knowledge": turn.knowledge,
        },
    )


def remember(connection: Connection, context: Context, session: Session) -> None:
    """Keep a session as the one of its conversation."""
    row = {"person": context.person, "at": session.at, "state": session_json(session)}
    if not connection.execute(_SESSION, {"this": context.conversation, **{f"new_{key}": value for key, value in row.items()}}).rowcount:
        connection.execute(sessions.insert(), {"conversation": context.conversation, **row})


@dataclass(frozen=True, slots=True)
class Cause:
    """What a change follows from: the event number `seq` (0 for none) and its context, in a store with these keys."""

    context: Context
    keys: Keys
    seq: int = 0


@singledispatch
def apply(change: Change, _connection: Connection, _cause: Cause) -> None:
    """Make a change of an outcome; raises `OvertakenError` where it does not hold any more."""
    message = f"There is no way to keep {type(change).__name__}."
    raise TypeError(message)


@apply.register(Rating)
def _(rating: Rating, connection: Connection, cause: Cause) -> None:
    person, values = cause.context.person, {"up": rating.up, "reason": rating.reason, "at": cause.context.at}
    if not insert_new(connection, ratings, {"turn": rating.turn, "person": person, **values}):
        theirs = (ratings.c.turn == rating.turn) & (ratings.c.person == person)
        connection.execute(ratings.update().where(theirs).values(values))


@apply.register(Share)
def _(share: Share, connection: Connection, cause: Cause) -> None:
    context, room = cause.context, cause.keys.hashed(RawKey(share.room))
    row = {"id": turn_id(context.event), "entry": share.entry, "person": context.person, "room": room, "at": context.at}
    insert_new(connection, shares, row)


@apply.register(QuestionOpened)
def _(opened: QuestionOpened, connection: Connection, cause: Cause) -> None:
    question, asker, keys = opened.question, opened.question.asker, cause.keys
    if asker is None:
        return  # they were forgotten before it was passed on
    row = {
        "id": question.id,
        "person": asker.person,
        "conversation": asker.conversation,
        "platform": asker.address.platform,
        "address": keys.sealed(mapping_json(asker.address.place)),
        "text": question.text,
        "desk_platform": question.desk.platform,
        "desk": keys.sealed(mapping_json(question.desk.place)),
        "state": question.state,
        "at": question.at,
        "answer": question.answer,
        "post": question.post,
        "reminded": False,
    }
    insert_new(connection, questions, row)


@apply.register(QuestionChanged)
def _(changed: QuestionChanged, connection: Connection, cause: Cause) -> None:
    new = changed.question
    held = (questions.c.id == new.id) & (questions.c.state == changed.before)
    values = {
        "state": new.state,
        "answer": new.answer,
        "notice": new.notice,
        "source": sealed(new.source, cause.keys),
        "reached": sealed(new.reached, cause.keys),
    }
    if not connection.execute(questions.update().where(held).values(values)).rowcount:
        raise OvertakenError


@apply.register(NoticeWithdrawn)
def _(withdrawn: NoticeWithdrawn, connection: Connection, _cause: Cause) -> None:
    if not withdraw(connection, withdrawn.notice):
        raise OvertakenError


@apply.register(DoneOnce)
def _(done: DoneOnce, connection: Connection, cause: Cause) -> None:
    insert_new(connection, seen, {"key": cause.keys.hashed(done.key), "at": cause.context.at})


@apply.register(QuestionReminded)
def _(reminded: QuestionReminded, connection: Connection, _cause: Cause) -> None:
    connection.execute(questions.update().where(questions.c.id == reminded.question).values(reminded=True))


@apply.register(DraftKept)
def _(kept: DraftKept, connection: Connection, cause: Cause) -> None:
    question, person = kept.question, kept.question.asker.person if kept.question.asker else ""
    row = {"id": question.id, "person": person, "question": question.text, "answer": question.answer, "at": cause.context.at}
    if not insert_new(connection, drafts, row):
        connection.execute(drafts.update().where(drafts.c.id == question.id).values(answer=question.answer))


@apply.register(PersonErased)
def _(erased: PersonErased, connection: Connection, cause: Cause) -> None:
    """Nothing that is left tells of the person; what only counts stays."""
    person = erased.person
    if not person:
        return  # nobody: what is nobody's any more must stay
    theirs_in = sa.select(turns.c.conversation).where(turns.c.person == person, turns.c.conversation != "")
    connection.execute(sessions.delete().where((sessions.c.person == person) | sessions.c.conversation.in_(theirs_in)))
    asked_before = inbox.c.seq < cause.seq if cause.seq else sa.true()  # what they ask after they were forgotten is answered
    told = inbox.c.id.not_like(inbox.c.platform + ":%")  # a notice: it follows from what they did before, whenever it was put there
    connection.execute(inbox.delete().where(inbox.c.person == person, asked_before | inbox.c.aside | told))
    for table in (ratings, shares, drafts, answers, mailbox):
        connection.execute(table.delete().where(table.c.person == person))
    connection.execute(turns.update().where(turns.c.person == person).values(person="", conversation="", text=""))
    theirs = questions.update().where(questions.c.person == person)
    connection.execute(theirs.where(questions.c.state.in_(WAITING)).values(state="withdrawn"))
    connection.execute(theirs.values(person="", conversation="", address=b"", text="", answer="", notice=None, source=None, reached=None))


def answer_to(connection: Connection, source: str, keys: Keys) -> str:
    """The key of the message that answers another one, empty if it is not known any more or cannot be read."""
    hashed = keys.hashed(RawKey(source))
    sealed = connection.execute(_ANSWER, {"this": hashed}).scalar()
    try:
        return keys.opened(sealed).decode() if sealed else ""
    except (SealError, ValueError):
        log.warning("Where the message %s was answered cannot be read.", hashed)
        return ""


def greeted(connection: Connection, person: HashedKey) -> bool:
    """Whether a person was greeted."""
    return bool(person) and connection.execute(_GREETING, {"this": person}).first() is not None


def popular(connection: Connection, most: int) -> list[str]:
    """The entries that were answered most often, the most popular first; answers in two parts do not count."""
    return list(connection.execute(_POPULAR, {"most": most}).scalars())


def asked_lately(connection: Connection, person: HashedKey, most: int) -> list[PastQuestion]:
    """The last questions of a person, newest first, each once, and the entry that answered it."""
    asked: dict[str, PastQuestion] = {}
    for row in connection.execute(_LATELY, {"this": person}):
        asked.setdefault(row.text.casefold(), PastQuestion(row.text, row.entries.partition(" ")[0]))
    return list(asked.values())[:most]


def takes_part(connection: Connection, conversation: HashedKey) -> bool:
    """Whether a session is kept of a conversation."""
    return connection.execute(_KEPT, {"this": conversation}).first() is not None
