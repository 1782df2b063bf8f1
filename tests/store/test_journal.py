"""The journal, on both databases: what follows from an event is kept as a whole, and nobody can read it who has not the secret."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from loopback.standin import DESK, PLATFORM, event

from bot.contracts.addresses import Address, Recipient
from bot.contracts.errors import OvertakenError
from bot.contracts.events import Depth, LeasedEvent
from bot.contracts.outcomes import (
    Change,
    DraftKept,
    Message,
    Notice,
    Outcome,
    QuestionChanged,
    QuestionOpened,
    QuestionReminded,
    SendResult,
    TurnRecord,
)
from bot.contracts.questions import Question
from bot.dialogue.reply import Reply
from bot.dialogue.session import Session
from bot.dialogue.turn import Context, HashedKey, Rating, RawKey, Share, turn_id
from bot.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from bot.store.store import Store

    Rows = Callable[[str], list[sa.Row]]

HERE = Address(PLATFORM, {"room": "here"})
MESSAGE = Message(HERE, Reply("answer", "Nine to five."))
ASKER = Recipient(HERE, HashedKey("talk"), HashedKey("ann"))
QUESTION = Question("q", ASKER, "why?", DESK.address, at=1.0)
DONE = SendResult("nothing")
LEFT = "UPDATE inbox SET lease = 1 WHERE lease > 0"


def take(store: Store) -> list[LeasedEvent]:
    return list(asyncio.run(store.take(32, fresh=True)))


def taken_of(store: Store, *ids: str) -> list[LeasedEvent]:
    for id_ in ids:
        asyncio.run(store.put(event(id_)))
    return take(store)


def keep(store: Store, *changes: Change, context: Context | None = None) -> None:
    asyncio.run(store.keep(Outcome(changes=changes), context or by("ann", 1.0)))


def by(person: str, at: float, event: str = "") -> Context:
    """Something that a person did at a time."""
    return Context(HashedKey("talk"), HashedKey(person), event, at)


def notice(id_: str, message: Message = MESSAGE, conversation: str = "x", person: str = "ann") -> Notice:
    return Notice(id_, HashedKey(conversation), HashedKey(person), message)


def turn_of(taken: LeasedEvent, text: str = "when?") -> TurnRecord:
    return TurnRecord(turn_id(taken.context.event), replace(taken.context, at=1.0), PLATFORM, "utterance", "answer", text)


def test_what_follows_from_an_event_is_kept_together_and_never_decided_twice(store: Store, rows: Rows) -> None:
    (taken,) = taken_of(store, "1", "2")
    session = Session(at=5.0, last=("hours",), shown=frozenset({"hours"}))
    told = notice("post:q", replace(MESSAGE, question="q", purpose="post"), "desk:q", taken.context.person)
    assert asyncio.run(store.decide(taken, Outcome(MESSAGE, session, turn_of(taken), (QuestionOpened(QUESTION),), (told,))))
    assert [row.id for row in rows("SELECT id FROM turns")] == [turn_id("standin:1")]
    assert store.question("q") == QUESTION
    rows(LEFT)
    again, post = take(store)
    assert again == replace(taken, payload=None, message=MESSAGE, session=session, interrupted=True)
    context = Context(HashedKey("desk:q"), taken.context.person, "post:q", post.context.at)
    assert post == LeasedEvent(post.seq, PLATFORM, context, None, told.message)
    asyncio.run(store.finish(again, DONE))
    (following,) = take(store)
    assert (following.context.event, following.session) == ("standin:2", session)


def test_an_event_with_nothing_to_say_is_done_when_it_is_taken_again(store: Store, rows: Rows) -> None:
    asyncio.run(store.decide(taken_of(store, "1")[0], Outcome()))
    rows(LEFT)
    (again,) = take(store)
    assert (again.payload, again.message, again.session) == (None, None, None)


def test_nothing_of_an_overtaken_outcome_is_kept(store: Store, rows: Rows) -> None:
    keep(store, QuestionOpened(QUESTION))
    (taken,) = taken_of(store, "1")
    changes = (Rating(up=True, turn="t"), QuestionChanged(QUESTION.changed("answered"), "claimed"))
    with pytest.raises(OvertakenError):
        asyncio.run(store.decide(taken, Outcome(MESSAGE, Session(at=5.0), turn_of(taken), changes, (notice("n"),))))
    assert [rows(f"SELECT * FROM {table}") for table in ("turns", "sessions", "ratings")] == [[], [], []]  # noqa: S608
    assert store.question("q") == QUESTION
    rows(LEFT)
    assert take(store) == [taken]


def test_nothing_is_kept_of_an_event_that_is_gone(store: Store, rows: Rows) -> None:
    (taken,) = taken_of(store, "1")
    rows("DELETE FROM inbox")
    draft = DraftKept(replace(QUESTION, answer="so"))
    outcome = Outcome(MESSAGE, Session(at=5.0), turn_of(taken), (draft,), (notice("n"),))
    assert asyncio.run(store.decide(taken, outcome)) is False
    assert [rows(f"SELECT * FROM {table}") for table in ("turns", "sessions", "drafts", "inbox")] == [[]] * 4  # noqa: S608


def test_what_is_done_is_gone_its_posts_are_kept_and_what_is_uncertain_is_marked(store: Store, rows: Rows) -> None:
    keep(store, QuestionOpened(QUESTION), QuestionOpened(replace(QUESTION, id="other")))
    asyncio.run(store.put(event("2", conversation="other")))
    post = replace(MESSAGE, question="q", purpose="post")
    results = (SendResult("unsure", message=replace(post, question="other")), SendResult("arrived", "standin:77", message=post))
    for taken, result in zip(reversed(taken_of(store, "1")), results, strict=True):
        asyncio.run(store.decide(taken, Outcome(MESSAGE, turn=turn_of(taken))))
        asyncio.run(store.finish(taken, result))
    assert rows("SELECT * FROM inbox") == []
    assert store.question("q") == replace(QUESTION, post="standin:77")
    assert store.question("other") == replace(QUESTION, id="other")
    assert {row.id: bool(row.uncertain) for row in rows("SELECT id, uncertain FROM turns")} == {
        turn_id("standin:1"): True,
        turn_id("standin:2"): False,
    }


def test_a_notice_is_put_once_however_often_its_cause_makes_it(store: Store, rows: Rows) -> None:
    reminder = Outcome(notices=(notice("remind:q", conversation="desk:q"),))
    (taken,) = taken_of(store, "1")
    for _ in range(2):
        asyncio.run(store.decide(taken, reminder))
    (told,) = take(store)
    asyncio.run(store.finish(told, DONE))
    asyncio.run(store.keep(reminder, by("", 1.0)))
    store.keep_now(reminder, by("", 2.0))
    assert [row.id for row in rows("SELECT id FROM inbox")] == ["standin:1"]


def test_a_turn_is_kept_with_all_that_is_known_of_it(store: Store, rows: Rows) -> None:
    (taken,) = taken_of(store, "1")
    found = {"entries": ("hours", "prices"), "scope": 0.5, "choice": 0.25, "confidence": 0.75, "milliseconds": 1.5, "knowledge": "f00d"}
    asyncio.run(store.decide(taken, Outcome(MESSAGE, turn=replace(turn_of(taken), **found))))
    asyncio.run(store.decide(taken, Outcome(MESSAGE, turn=turn_of(taken, "decided anew"))))
    (row,) = rows("SELECT * FROM turns")
    assert row._asdict() == {
        "id": turn_id("standin:1"),
        "conversation": store.keys.hashed("talk"),
        "person": store.keys.hashed("standin:ann"),
        "platform": PLATFORM,
        "at": 1.0,
        "said": "utterance",
        "act": "answer",
        "text": "when?",
        "uncertain": row.uncertain,
        **found,
        "entries": "hours prices",
    }
    assert not row.uncertain


def test_a_session_is_the_last_one_of_its_conversation(store: Store, rows: Rows) -> None:
    for number in range(3):
        (taken,) = taken_of(store, str(number))
        assert taken.session == (Session(at=number - 1.0, question=f"{number - 1}?") if number else None)
        asyncio.run(store.decide(taken, Outcome(MESSAGE, Session(at=float(number), question=f"{number}?"))))
        asyncio.run(store.finish(taken, DONE))
    assert [(row.conversation, row.at) for row in rows("SELECT * FROM sessions")] == [(store.keys.hashed("talk"), 2.0)]


def test_a_rating_can_be_changed_and_is_one_of_each_person(store: Store, rows: Rows) -> None:
    keep(store, Rating(up=True, turn="t"), context=by("ann", 1.0))
    keep(store, Rating(up=True, turn="t"), context=by("bob", 2.0))
    keep(store, Rating(up=False, turn="t", reason="too long"), context=by("ann", 3.0))
    keep(store, Rating(up=True, turn="t2"), context=by("ann", 4.0))
    kept = [(row.turn, row.person, bool(row.up), row.reason, row.at) for row in rows("SELECT * FROM ratings ORDER BY at")]
    assert kept == [("t", "bob", True, "", 2.0), ("t", "ann", False, "too long", 3.0), ("t2", "ann", True, "", 4.0)]


def test_what_is_shared_is_kept_once(store: Store, rows: Rows) -> None:
    for event_, at in (("e1", 1.0), ("e1", 2.0), ("e2", 3.0)):
        keep(store, Share("hours", room=RawKey("room")), context=by("ann", at, event_))
    assert [(row.id, row.entry, row.person, row.room, row.at) for row in rows("SELECT * FROM shares ORDER BY at")] == [
        (turn_id("e1"), "hours", "ann", store.keys.hashed("room"), 1.0),
        (turn_id("e2"), "hours", "ann", store.keys.hashed("room"), 3.0),
    ]


def test_a_question_goes_from_state_to_state_and_keeps_its_last_answer(store: Store) -> None:
    keep(store, QuestionOpened(QUESTION), QuestionOpened(replace(QUESTION, text="opened again?")))
    assert store.question("q") == QUESTION
    keep(store, QuestionChanged(QUESTION.changed("claimed"), "open"))
    answered = QUESTION.answered("so", notice="answer:1", source="standin:5", reached="standin:6")
    keep(store, QuestionChanged(answered, "claimed"))
    assert store.question("q") == answered
    again = answered.answered("or so", notice="answer:2", source="standin:7")
    keep(store, QuestionChanged(again, "answered"))
    assert store.question("q") == again
    with pytest.raises(OvertakenError):
        keep(store, QuestionChanged(QUESTION.changed("declined"), "claimed"))
    with pytest.raises(OvertakenError):
        keep(store, QuestionChanged(replace(QUESTION, id="unknown"), "open"))
    assert store.question("unknown") is None


def test_of_two_who_claim_a_question_at_once_one_is_overtaken(store: Store) -> None:
    keep(store, QuestionOpened(QUESTION))
    claim = Outcome(changes=(QuestionChanged(QUESTION.changed("claimed"), "open"),))

    async def both() -> list[BaseException | None]:
        return await asyncio.gather(*(store.keep(claim, by("dora", at)) for at in (1.0, 2.0)), return_exceptions=True)

    assert [type(result) for result in asyncio.run(both())] == [type(None), OvertakenError]


def test_a_question_is_found_by_its_post(store: Store, rows: Rows) -> None:
    keep(store, QuestionOpened(QUESTION), QuestionOpened(replace(QUESTION, id="other")))
    assert store.question_of_post("") is None
    assert store.question_of_post("standin:7") is None
    rows("UPDATE questions SET post = 'standin:7' WHERE id = 'other'")
    assert store.question_of_post("standin:7") == replace(QUESTION, id="other", post="standin:7")


def test_questions_that_wait_are_those_of_the_person_oldest_first(store: Store) -> None:
    states = {"a": "open", "b": "claimed", "c": "answered", "d": "declined", "e": "withdrawn", "f": "failed"}
    for number, (id_, state) in enumerate(states.items()):
        keep(store, QuestionOpened(replace(QUESTION, id=id_, state=state, at=10.0 - number)))
    keep(store, QuestionOpened(replace(QUESTION, id="bob's", asker=replace(ASKER, person=HashedKey("bob")))))
    assert [question.id for question in store.waiting("ann")] == ["b", "a"]
    assert store.waiting("nobody") == []


def test_the_desk_is_reminded_once_of_what_waits_too_long(store: Store) -> None:
    keep(store, *(QuestionOpened(replace(QUESTION, id=id_, at=at)) for id_, at in (("new", 30.0), ("old", 20.0), ("older", 10.0))))
    keep(store, QuestionOpened(replace(QUESTION, id="answered", state="answered")))
    assert [question.id for question in store.overdue(30.0)] == ["older", "old"]
    keep(store, QuestionReminded("older"), QuestionReminded("unknown"))
    assert [question.id for question in store.overdue(30.0)] == ["old"]
    assert [question.id for question in store.waiting("ann")] == ["older", "old", "new"]


def test_a_draft_holds_the_last_answer(store: Store, rows: Rows) -> None:
    for at, answer in ((1.0, "so"), (2.0, "or so")):
        keep(store, DraftKept(replace(QUESTION, answer=answer)), context=by("dora", at))
    assert [(row.id, row.person, row.question, row.answer, row.at) for row in rows("SELECT * FROM drafts")] == [
        ("q", "ann", "why?", "or so", 1.0)
    ]


@pytest.mark.parametrize("text", ["wie spät? 🕘", "'; DROP TABLE turns; --", "100% :name %(name)s", "\\ \" ' \n\t", "x" * 20_000])
def test_what_is_written_is_kept_to_the_letter(store: Store, rows: Rows, text: str) -> None:
    (taken,) = taken_of(store, "1")
    opened = replace(QUESTION, text=text, asker=replace(ASKER, address=Address(PLATFORM, {text: text})))
    reply = replace(MESSAGE, reply=Reply("answer", text, quote=text))
    asyncio.run(store.decide(taken, Outcome(reply, Session(question=text), turn_of(taken, text), (QuestionOpened(opened),))))
    assert [row.text for row in rows("SELECT text FROM turns")] == [text]
    assert store.question("q") == opened
    rows(LEFT)
    (again,) = take(store)
    assert (again.message, again.session) == (reply, Session(question=text))


def test_nobody_is_told_where_what_or_who_by_the_rows(store: Store, rows: Rows) -> None:
    secret = Address(PLATFORM, {"room": "C0SECRETROOM", "thread": "17.SECRETTHREAD"})
    asyncio.run(store.put(event("1", "SECRETPAYLOAD", conversation="SECRETTALK", person="standin:SECRETPERSON", twin="SECRETTWIN")))
    asyncio.run(store.put(event("2", "SECRETPAYLOAD", conversation="SECRETTALK", person="standin:SECRETPERSON")))
    (taken,) = take(store)
    asker = Recipient(secret, taken.context.conversation, taken.context.person)
    opened = QuestionOpened(replace(QUESTION, asker=asker, desk=Address(PLATFORM, {"room": "SECRETDESK"})))
    said = Message(secret, Reply("answer", "SECRETREPLY"))
    told = notice("n", replace(said, reply=Reply("handoff", "SECRETNOTICE")))
    asyncio.run(store.decide(taken, Outcome(said, Session(), turn_of(taken), (opened,), (told,))))
    kept = [value for table in metadata.tables for row in rows(f"SELECT * FROM {table}") for value in row]  # noqa: S608
    assert len(kept) > 60
    assert all(b"SECRET" not in (bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()) for value in kept)
    assert {row.conversation for row in rows("SELECT conversation FROM turns UNION SELECT conversation FROM sessions")} == {
        store.keys.hashed("SECRETTALK")
    }
    assert {
        row.person for row in rows("SELECT person FROM turns UNION SELECT person FROM sessions UNION SELECT person FROM questions")
    } == {store.keys.hashed("standin:SECRETPERSON")}


def test_a_change_that_nobody_can_keep_is_an_error_and_keeps_nothing(store: Store) -> None:
    with pytest.raises(TypeError, match="There is no way to keep str"):
        keep(store, QuestionOpened(QUESTION), "nonsense")  # type: ignore[arg-type]
    assert store.question("q") is None
    assert store.depth() == Depth(0, 0.0, 0)
