"""Forgetting a person, and time: what is erased is in no row and, on SQLite, in no file any more; what only counts stays."""

from __future__ import annotations

import asyncio
import random
import string
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from loopback.standin import DESK, PLATFORM, event

from bot.contracts.addresses import Address, Recipient
from bot.contracts.outcomes import (
    Change,
    DraftKept,
    Message,
    Notice,
    Outcome,
    PersonErased,
    QuestionChanged,
    QuestionOpened,
    SendResult,
    TurnRecord,
)
from bot.contracts.questions import Question
from bot.dialogue.reply import Reply
from bot.dialogue.session import Session
from bot.dialogue.turn import Context, HashedKey, Rating, RawKey, Share
from bot.store import database, handoffs, journal, writer
from bot.store.database import engine_of, reading, sqlite_url
from bot.store.retention import DAY
from bot.store.store import Store
from bot.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import sqlalchemy as sa

    from bot.contracts.events import LeasedEvent

    Rows = Callable[[str], list[sa.Row]]

NOW = 1_800_000_000.0
PEOPLE = ("ANNANN", "BOBBOB", "EVEEVE", "JOEJOE", "KIMKIM")
OLD = {"ANNANN", "EVEEVE"}
LONG_AGO = NOW - 200 * DAY
TURNS = 150
DONE = SendResult("nothing")
HERE = Address(PLATFORM, {"room": "here"})
NOWHERE = Address(PLATFORM, {})
STATES = ("open", "claimed", "answered", "declined", "withdrawn", "failed")


def keep(store: Store, *changes: Change, context: Context | None = None) -> None:
    asyncio.run(store.keep(Outcome(changes=changes), context or by("")))


def by(person: str, conversation: str = "", event: str = "", at: float = NOW) -> Context:
    """Something that a person did."""
    return Context(HashedKey(conversation), HashedKey(person), event, at)


def answer(
    store: Store, id_: str, text: str, person: str, conversation: str, at: float = NOW, changes: tuple[Change, ...] = ()
) -> LeasedEvent:
    """An event put, taken and decided, with turn and session."""
    asyncio.run(store.put(event(id_, text, conversation=conversation, person=person)))
    (taken,) = asyncio.run(store.take(1, fresh=True))
    taken = replace(taken, context=replace(taken.context, at=at))
    turn = TurnRecord(id_, taken.context, PLATFORM, "utterance", "answer", text, ("hours",), 0.5, 0.5, 0.5)
    reply = Message(HERE, Reply("answer", text, quote=text))
    asyncio.run(store.decide(taken, Outcome(reply, Session(at=at, question=text), turn, changes)))
    return taken


def everything(rows: Rows) -> str:
    return "\n".join(repr(row) for table in metadata.tables for row in rows(f"SELECT * FROM {table}"))  # noqa: S608


def question_of(person: str, id_: str, text: str, **more: object) -> Question:
    asker = Recipient(Address(PLATFORM, {"room": person}), HashedKey(f"talk of {person}"), HashedKey(person))
    return replace(Question(id_, asker, text, DESK.address, at=NOW), **more)  # type: ignore[arg-type]


def test_nothing_that_is_left_tells_of_a_person_who_was_forgotten(store: Store, rows: Rows) -> None:
    ann, bob = (store.keys.hashed(f"standin:{name}") for name in ("ann", "bob"))
    for name, key in (("ann", ann), ("bob", bob)):
        opened = [question_of(key, f"{name}{state}", f"{name} asked", state=state) for state in ("open", "claimed", "answered", "declined")]
        changes = (
            Rating(up=False, turn="t", reason=f"{name} rated"),
            Share("hours", room=RawKey("room")),
            *map(QuestionOpened, opened),
            QuestionChanged(replace(opened[2], answer=f"{name} heard", notice="n"), "answered"),
            DraftKept(replace(opened[2], answer=f"{name} heard")),
        )
        asyncio.run(store.finish(answer(store, f"1 {name}", f"{name} wrote", f"standin:{name}", f"talk of {name}", changes=changes), DONE))
    asyncio.run(store.put(event("later", "ann wrote", person="standin:ann", conversation="elsewhere")))
    told = Notice("n", HashedKey("x"), ann, Message(NOWHERE, Reply("answer", "to ann")))
    asyncio.run(store.keep(Outcome(notices=(told,)), by(ann)))
    keep(store, PersonErased(ann))
    left = everything(rows)
    for gone in (ann, "ann wrote", "ann rated", "ann asked", "ann heard", store.keys.hashed("talk of ann")):
        assert gone not in left
    for kept in (bob, "bob wrote", "bob rated", "bob asked", "bob heard", store.keys.hashed("talk of bob")):
        assert kept in left
    assert [(row.text, row.person, row.conversation, row.entries, row.scope) for row in rows("SELECT * FROM turns WHERE id = '1 ann'")] == [
        ("", "", "", "hours", 0.5)
    ]
    assert rows("SELECT * FROM inbox") == []


def test_questions_of_a_forgotten_person_stay_as_tombstones_and_what_waited_is_withdrawn(store: Store) -> None:
    states = {"open": "withdrawn", "claimed": "withdrawn", "answered": "answered", "declined": "declined", "failed": "failed"}
    for state in states:
        keep(store, QuestionOpened(question_of("ann", state, "why?", state=state, answer="so", post=f"standin:{state}")))
    keep(store, PersonErased("ann"))
    for before, after in states.items():
        tombstone = Question(before, None, "", DESK.address, state=after, at=NOW, post=f"standin:{before}")  # type: ignore[arg-type]
        assert store.question(before) == tombstone
        assert store.question_of_post(f"standin:{before}") == tombstone
    assert store.waiting("ann") == store.waiting("") == store.overdue(NOW + 1) == []
    keep(store, PersonErased("ann"))
    assert store.question("open").state == "withdrawn"  # type: ignore[union-attr]


def test_sessions_of_conversations_in_which_the_person_took_part_are_gone(store: Store, rows: Rows) -> None:
    for id_, person, conversation in (("1", "ann", "shared"), ("2", "bob", "shared"), ("3", "bob", "bob's"), ("4", "ann", "ann's")):
        asyncio.run(store.finish(answer(store, id_, "when?", f"standin:{person}", conversation), DONE))
    keep(store, PersonErased(store.keys.hashed("standin:ann")))
    assert [row.conversation for row in rows("SELECT conversation FROM sessions")] == [store.keys.hashed("bob's")]
    assert [row.text for row in rows("SELECT text FROM turns ORDER BY id")] == ["", "when?", "when?", ""]


def test_what_a_person_asked_before_they_were_forgotten_is_gone(store: Store, rows: Rows) -> None:
    for line in ("1 ann b", "2 ann b", "forget ann a", "3 ann a", "4 bob a", "5 bob c"):
        id_, person, conversation = line.split()
        asyncio.run(store.put(event(id_, conversation=conversation, person=f"standin:{person}")))
    at_once, worked_on, _ = asyncio.run(store.take(32, fresh=True))
    person = store.keys.hashed("standin:ann")
    withdrawn = Notice("withdrawn", HashedKey("desk"), HashedKey(""), Message(NOWHERE, Reply("handoff", "Withdrawn.")))
    said = Message(NOWHERE, Reply("answer", "Forgotten."))
    asyncio.run(store.decide(worked_on, Outcome(said, changes=(PersonErased(person),), notices=(withdrawn,))))
    left = [row.id.removeprefix("standin:") for row in rows("SELECT id FROM inbox ORDER BY seq")]
    assert left == ["forget", "3", "4", "5", "withdrawn"]
    turn = TurnRecord("t", by(person, "b"), PLATFORM, "utterance", "answer", "x")
    assert not asyncio.run(store.decide(at_once, Outcome(said, Session(), turn)))
    asyncio.run(store.finish(worked_on, DONE))
    for taken in asyncio.run(store.take(32, fresh=True)):
        assert taken.context.event in {"standin:3", "withdrawn"}
        asyncio.run(store.finish(taken, DONE))
    assert person not in everything(rows)


def words(random_: random.Random, person: str) -> str:
    """A text of any length of words that only this person writes."""
    wanted, text = random_.choice([8, 10, 30, 80, 200, 400, random_.randint(8, 1500)]), ""
    while len(text) < wanted:
        text += f"{person}{''.join(random_.choices(string.ascii_lowercase, k=random_.randint(3, 12)))} "
    return text[:wanted]


def write_on(connection: sa.Connection, store: Store, ids: list[tuple[str, str]], random_: random.Random) -> None:
    """All that people write, kept under ids; what an id had before is changed where it can be."""
    for id_, person in ids:
        key, at = person.lower(), LONG_AGO if person in OLD else NOW
        question = question_of(key, id_, words(random_, person), at=at)
        cause = journal.Cause(by(key, key, at=at), store.keys)
        journal.apply(Rating(up=False, turn=id_, reason=words(random_, person)), connection, cause)
        journal.apply(QuestionOpened(question), connection, cause)
        draft = replace(question, text=words(random_, person), answer=words(random_, person))
        journal.apply(DraftKept(draft), connection, cause)
        known = handoffs.question(connection, id_, store.keys, set())
        assert known is not None
        changed = QuestionChanged(known.answered(words(random_, person), notice="", source=""), known.state)
        journal.apply(changed, connection, cause)
        journal.record(connection, TurnRecord(id_, cause.context, PLATFORM, "utterance", "answer", words(random_, person)))
        journal.remember(connection, by(key, f"{key} {id_[:2]}"), Session(at=at, question=words(random_, person)))


@pytest.fixture(params=[1, 3, 4])
def full(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A SQLite store in which five people have written much and changed much, each between the others."""
    random_ = random.Random(request.param)  # noqa: S311 - nothing depends on it but the order
    store = Store(sqlite_url(tmp_path), lambda _: "a secret of the tests", platforms=[PLATFORM], clock=lambda: NOW)
    ids = [(f"{random_.getrandbits(40):x}", random_.choice(PEOPLE)) for _ in range(TURNS)]
    for _ in range(3):
        random_.shuffle(ids)
        store.write(partial(write_on, store=store, ids=ids, random_=random_))
    yield store
    store.close()


def found(directory: Path, text: str) -> list[str]:
    return [path.name for path in sorted(directory.iterdir()) if text.encode() in path.read_bytes()]


def counted(store: Store) -> dict[str, int]:
    return {
        table: store.read(lambda connection, table=table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar())  # type: ignore[misc]  # noqa: S608
        for table in ("turns", "ratings", "questions", "drafts", "sessions")
    }


def test_no_word_of_a_forgotten_person_is_in_any_file(full: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "PAUSE", 0.0)
    assert all(found(tmp_path, person) for person in PEOPLE)
    for number, person in enumerate(PEOPLE, start=1):
        beside = engine_of(sqlite_url(tmp_path))
        with beside.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM turns").scalar() == TURNS
        keep(full, PersonErased(person.lower()))
        beside.dispose()
        assert [name for name in PEOPLE if found(tmp_path, name)] == [*PEOPLE[number:]]
    assert counted(full) == {"turns": TURNS, "ratings": 0, "questions": TURNS, "drafts": 0, "sessions": 0}


def test_no_word_of_a_forgotten_person_outlives_the_process(full: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "PAUSE", 60.0)
    keep(full, PersonErased("annann"))
    random_ = random.Random(2)  # noqa: S311 - as above
    ids = [(f"{random_.getrandbits(40):x}", random_.choice(PEOPLE[1:])) for _ in range(TURNS)]
    for _ in range(3):
        random_.shuffle(ids)
        full.write(partial(write_on, store=full, ids=ids, random_=random_))
    for person in ("bobbob", "eveeve"):
        keep(full, PersonErased(person))
    full.close()
    assert [name for name in PEOPLE if found(tmp_path, name)] == ["JOEJOE", "KIMKIM"]


def test_words_that_somebody_still_reads_are_gone_soon_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY", 0.05)
    monkeypatch.setattr(writer, "PAUSE", 0.0)
    store = Store(sqlite_url(tmp_path), lambda _: "a secret of the tests", platforms=[PLATFORM])
    keep(store, Rating(up=False, turn="t", reason="ANNANN"), context=by("ann"))
    engine = engine_of(sqlite_url(tmp_path))
    with reading(engine).begin() as connection:
        assert connection.exec_driver_sql("SELECT reason FROM ratings").scalar() == "ANNANN"
        keep(store, PersonErased("ann"))
        assert connection.exec_driver_sql("SELECT reason FROM ratings").scalar() == "ANNANN"
    engine.dispose()
    asyncio.run(store.put(event("1")))
    assert found(tmp_path, "ANNANN") == []
    store.close()


def test_no_word_that_was_kept_long_enough_is_in_any_file(full: Store, tmp_path: Path) -> None:
    before = counted(full)
    asyncio.run(full.tidy(90))
    assert [name for name in PEOPLE if found(tmp_path, name)] == [name for name in PEOPLE if name not in OLD]
    after = counted(full)
    assert after | {"drafts": 0, "sessions": 0} == before | {"drafts": 0, "sessions": 0}
    assert 0 < after["drafts"] < before["drafts"]
    assert 0 < after["sessions"] < before["sessions"]


def test_texts_go_after_their_days_and_counts_stay(open_store: Callable[..., Store], rows: Rows) -> None:
    store = open_store(clock=lambda: NOW)
    for name, at in (("old", NOW - 90.5 * DAY), ("new", NOW - 89.5 * DAY)):
        opened = [question_of("ann", f"{name}{state}", f"{name} asked", at=at, state=state, answer=f"{name} heard") for state in STATES]
        changes = (
            Rating(up=False, turn=name, reason=f"{name} rated"),
            *map(QuestionOpened, opened),
            DraftKept(replace(opened[0], id=name)),
        )
        asyncio.run(store.finish(answer(store, name, f"{name} wrote", "ann", name, at, changes), DONE))
    asyncio.run(store.tidy(90))
    left = everything(rows)
    assert all(f"old {done}" not in left and f"new {done}" in left for done in ("wrote", "rated", "asked", "heard"))
    assert [(row.id, row.text, row.entries, row.person == "") for row in rows("SELECT * FROM turns ORDER BY at")] == [
        ("old", "", "hours", False),
        ("new", "new wrote", "hours", False),
    ]
    assert [(row.turn, row.reason, bool(row.up)) for row in rows("SELECT * FROM ratings ORDER BY at")] == [
        ("old", "", False),
        ("new", "new rated", False),
    ]
    states = {row.id: row.state for row in rows("SELECT id, state FROM questions")}
    waited = {"open", "claimed"}
    assert states == {f"old{state}": "failed" if state in waited else state for state in STATES} | {
        f"new{state}": state for state in STATES
    }
    assert [question.id for question in store.waiting("ann")] == ["newopen", "newclaimed"]
    assert store.question("oldanswered") == question_of("ann", "oldanswered", "", at=NOW - 90.5 * DAY, state="answered", asker=None)
    asyncio.run(store.tidy(90))
    assert everything(rows) == left


def test_keys_of_events_go_after_a_week_and_sessions_after_a_day(open_store: Callable[..., Store], rows: Rows) -> None:
    clock = [NOW]
    store = open_store(clock=lambda: clock[0])
    for days, id_ in ((7.5, "long ago"), (6.5, "days ago"), (1.5, "yesterday"), (0.5, "today")):
        clock[0] = NOW - days * DAY
        asyncio.run(store.finish(answer(store, id_, "when?", "ann", id_, clock[0]), DONE))
    clock[0] = NOW
    asyncio.run(store.tidy(90))
    assert {row.key for row in rows("SELECT key FROM seen")} == {"standin:days ago", "standin:yesterday", "standin:today"}
    assert [row.conversation for row in rows("SELECT * FROM sessions")] == [store.keys.hashed("today")]
    assert [asyncio.run(store.put(event(id_))).new for id_ in ("long ago", "days ago")] == [True, False]


def test_an_event_that_was_set_aside_is_kept_no_longer_than_any_text(open_store: Callable[..., Store], rows: Rows) -> None:
    clock = [NOW - 90.5 * DAY]
    store = open_store(clock=lambda: clock[0])
    asyncio.run(store.put(event("old")))
    clock[0] = NOW - 89.5 * DAY
    asyncio.run(store.put(event("new", conversation="another")))
    rows("UPDATE inbox SET aside = (1 = 1)")
    clock[0] = NOW
    asyncio.run(store.tidy(90))
    assert [row.id for row in rows("SELECT id FROM inbox")] == ["standin:new"]


def test_the_file_is_built_anew_only_if_something_was_dropped(open_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch) -> None:
    clock, scrubbed = [NOW], list[bool]()
    monkeypatch.setattr(writer, "scrub", lambda _: scrubbed.append(True) or True)
    store = open_store(clock=lambda: clock[0])
    asyncio.run(store.put(event("1")))
    asyncio.run(store.tidy(90))
    assert scrubbed == []
    clock[0] = NOW + 8 * DAY
    asyncio.run(store.tidy(90))
    assert scrubbed == [True]
