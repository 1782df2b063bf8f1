"""The mailbox: messages in order, replies once, nothing of the forgotten, nothing that is too old or cannot be read."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from loopback.standin import PLATFORM, event

from bot.contracts.outcomes import Outcome, PersonErased, TurnRecord
from bot.contracts.ports import Letter
from bot.dialogue.turn import Context, HashedKey, RawKey

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from bot.store.store import Store

    Rows = Callable[[str], list[sa.Row]]

KITCHEN, SHOP, ANN, BOB = (RawKey(f"http:{name}") for name in ("kitchen", "shop", "ann", "bob"))
DAY, NOW = 24 * 3600.0, 2_000_000_000.0


def post(store: Store, content: str, turn: str = "", person: RawKey = ANN, conversation: RawKey = KITCHEN) -> int:
    return asyncio.run(store.post(conversation, person, content.encode(), turn))


def contents(store: Store, conversation: RawKey = KITCHEN, after: int = 0) -> list[str]:
    return [letter.content.decode() for letter in store.fetch(conversation, after)]


def erase(store: Store, person: RawKey) -> None:
    key = store.hashed(person)
    asyncio.run(store.keep(Outcome(changes=(PersonErased(key),)), Context(HashedKey(""), key)))


def turned(store: Store, turn: str, person: RawKey = ANN) -> None:
    """Keep a turn."""
    leased = asyncio.run(store.put(event(turn, person=person, conversation=person)))
    assert leased.new
    (taken,) = asyncio.run(store.take(1, fresh=True))
    assert asyncio.run(store.decide(taken, Outcome(turn=TurnRecord(turn, taken.context, PLATFORM, "utterance", "answer", "when?"))))


def test_messages_lie_in_their_conversation_in_order(open_store: Callable[..., Store]) -> None:
    store = open_store(clock=lambda: NOW)
    numbers = [post(store, "one"), post(store, "two", person=BOB), post(store, "elsewhere", conversation=SHOP), post(store, "three")]
    assert numbers == sorted({*numbers})
    assert min(numbers) > 0
    assert store.fetch(KITCHEN, 0)[0] == Letter(numbers[0], NOW, b"one")
    assert contents(store) == ["one", "two", "three"]
    assert contents(store, after=numbers[0]) == ["two", "three"]
    assert contents(store, after=numbers[3]) == contents(store, after=10**18 - 1) == contents(store, RawKey("http:nowhere")) == []
    assert contents(store, SHOP) == ["elsewhere"]


def test_a_number_is_never_given_again(store: Store) -> None:
    first = post(store, "one")
    erase(store, ANN)
    assert post(store, "two") > first


def test_at_most_a_hundred_come_at_once(store: Store) -> None:
    for number in range(105):
        post(store, f"{number}")
    first = store.fetch(KITCHEN, 0)
    assert len(first) == 100
    assert contents(store, after=first[-1].number) == ["100", "101", "102", "103", "104"]


def test_a_reply_is_kept_once_and_found_by_its_turn(store: Store) -> None:
    number = post(store, "one", "t1")
    assert post(store, "one again", "t1") == number
    assert post(store, "two", "t2") != number
    assert post(store, "later") != post(store, "later still")
    assert contents(store) == ["one", "two", "later", "later still"]
    found = store.answer("t1")
    assert found is not None
    assert (found.number, found.content) == (number, b"one")
    assert store.answer("t3") is None


def test_what_lies_there_is_sealed_and_names_nobody(store: Store, rows: Rows) -> None:
    post(store, "a secret word", "t")
    (row,) = rows("SELECT * FROM mailbox")
    assert all(word not in bytes(row.content) for word in (b"secret", b"ann", b"kitchen"))
    assert (row.conversation, row.person) == (store.hashed(KITCHEN), store.hashed(ANN))


def test_a_person_who_was_forgotten_leaves_nothing_and_gets_nothing_more_of_before(store: Store, rows: Rows) -> None:
    for turn, person in (("before", ANN), ("bobs", BOB)):
        turned(store, turn, person)
    for turn, person in (("answered", ANN), ("", ANN), ("bobs", BOB)):
        post(store, f"to {person}", turn, person)
    erase(store, ANN)
    assert contents(store) == ["to http:bob"]
    assert post(store, "late", "before") == 0
    assert store.answer("answered") is store.answer("before") is None
    assert [row.person for row in rows("SELECT person FROM mailbox")] == [store.hashed(BOB)]
    assert post(store, "new", "after") > 0


def test_messages_go_after_their_days(open_store: Callable[..., Store]) -> None:
    clock = [NOW - 90.5 * DAY]
    store = open_store(clock=lambda: clock[0])
    post(store, "old")
    clock[0] = NOW - 89.5 * DAY
    post(store, "new")
    clock[0] = NOW
    asyncio.run(store.tidy(90))
    assert contents(store) == ["new"]


def test_a_message_that_cannot_be_opened_is_passed_over(store: Store, rows: Rows) -> None:
    numbers = [post(store, text, f"t{text}") for text in ("one", "two", "three")]
    assert contents(store) == ["one", "two", "three"]
    spoiled = f"CAST('spoiled' AS {'BLOB' if store._alone else 'BYTEA'})"
    rows(f"UPDATE mailbox SET content = {spoiled} WHERE number = {numbers[1]}")  # noqa: S608
    assert contents(store) == ["one", "three"]
    assert store.answer("ttwo") is None
