"""The ten seconds of an answer, and what comes after them, through delivery; what races for the database, on both."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
from loopback.house import House, button

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from bot.contracts.outcomes import Message
    from bot.store.store import Store

    Rows = Callable[[str], list[sa.Row[Any]]]

ANSWER, CORRECTED = "An answer from the desk:", "An answer from the desk, corrected:"
GOES, GOT, READS = "This goes to whoever asked in 10 seconds:", "Whoever asked has got this:", "Whoever asked now reads this instead:"
TAKEN_BACK = "Taken back; nothing was passed on."
TOO_LATE = "Too late to take it back: it has gone to whoever asked. You can write them another answer."
STAYS = "What is said here stays here. To answer whoever asked, press the button."
CAKE = "how much is a cake"


def told(message: Message) -> tuple[str, str, str]:
    """What a message says, the words in it, and the key of the one whose place it takes."""
    return message.reply.text, message.reply.quote, message.edits


def test_an_answer_can_be_taken_back_for_ten_seconds_in_which_the_asker_is_answered_as_ever(here: House, rows: Rows) -> None:
    async def main() -> None:
        _, post = await here.passed_on()
        assert await here.dora("We are.", post=post) == GOES
        take_back, confirmation = button(here.desk[-1], "take_back"), here.key(here.desk[-1])
        assert (await here.ann(CAKE)).reply.text == "A cake is 20 euros."
        assert await here.dora(target=take_back) == TAKEN_BACK
        assert told(here.desk[-1]) == (TAKEN_BACK, "", confirmation)
        assert (rows("SELECT state, answer FROM questions"), rows("SELECT * FROM inbox")) == ([("claimed", "")], [])
        assert await here.dora(target=take_back) == TAKEN_BACK
        await here.ten_seconds_later()
        assert here.heard == []
        await here.dora("We are, in spring.", post=post)
        again = button(here.desk[-1], "take_back")
        await here.ten_seconds_later()
        assert told(here.desk[-1])[:2] == (GOT, "We are, in spring.")
        assert await here.dora(target=again) == TOO_LATE

    here.run(main)
    assert [told(message)[:2] for message in here.channel.to("here") if message.reply.kind == "notice"] == [(ANSWER, "We are, in spring.")]


def test_what_was_taken_back_before_a_crash_stays_so_and_the_desk_hears_it_at_the_next_start(
    here: House, rows: Rows, open_store: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash() -> None:
        _, post = await here.passed_on()
        await here.dora("We are.", post=post)
        take_back = button(here.desk[-1], "take_back")
        here.channel.round_trip = 60.0
        pressed = asyncio.create_task(here.dora(target=take_back))
        async with asyncio.timeout(5):
            while not here.channel.at_work:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.005)
        pressed.cancel()

    async def again() -> None:
        monkeypatch.setattr(here.handler, "handle", lambda *_: pytest.fail("decided again"))
        await here.ten_seconds_later()

    here.run(crash, grace=0.0)
    here.store.close()
    rows("UPDATE inbox SET lease = 1 WHERE lease > 0")
    here.channel.round_trip, here.store = 0.0, open_store()
    here.run(again)
    assert (here.heard, here.desk[-1].reply.text, rows("SELECT * FROM inbox")) == ([], TAKEN_BACK, [])


def test_an_answer_that_begins_to_go_while_it_is_taken_back_goes_once(here: House, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, gone = threading.Event(), threading.Event()
    reading = store.waits

    def slowly(notice: str) -> bool:
        waits = reading(notice)
        asked.set()
        assert gone.wait(5)
        return waits

    monkeypatch.setattr(store, "waits", slowly)

    async def main() -> None:
        _, post = await here.passed_on()
        await here.dora("We are.", post=post)
        pressed = asyncio.create_task(here.dora(target=button(here.desk[-1], "take_back")))
        assert await asyncio.to_thread(asked.wait, 5)
        here.rows("UPDATE inbox SET due = 0")
        async with asyncio.timeout(5):
            while not here.heard:
                here.gateway.worker.wake()
                await asyncio.sleep(0.005)
        gone.set()
        await pressed

    here.run(main)
    assert here.heard == [ANSWER]
    assert TOO_LATE in [message.reply.text for message in here.desk]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("keyless", ["", "here"])
def test_an_answer_is_changed_while_it_waits_and_after_it_has_arrived(here: House, rows: Rows, keyless: str) -> None:
    here.channel.keyless = keyless

    async def main() -> None:
        _, post = await here.passed_on()
        await here.dora("We are.", post=post, source="standin:dora1")
        confirmation = here.key(here.desk[-1])
        await here.dora("We are not.", post=post, source="standin:dora1", edited=True)
        assert told(here.desk[-1]) == (GOES, "We are not.", confirmation)
        await here.ten_seconds_later()
        assert told(here.desk[-1]) == (GOT, "We are not.", confirmation)
        first = here.channel.to("here")[-1]
        assert told(first) == (ANSWER, "We are not.", "")
        for words in ("We are, in May.", "We are, in June."):
            await here.dora(words, post=post, source="standin:dora1", edited=True)
            await here.gateway.settled()
            assert READS in [message.reply.text for message in here.desk]
            assert told(here.desk[-1]) in {(GOT, words, confirmation), (READS, words, confirmation)}
            assert told(here.channel.to("here")[-1]) == (CORRECTED, words, "" if keyless else here.key(first))
        await here.dora("And bring a cake.", post=post, source="standin:dora2")
        await here.dora("We are, in July.", post=post, source="standin:dora1", edited=True)
        assert here.desk[-1].reply.text.startswith("Only the last answer can be changed")
        await here.ten_seconds_later()

    here.run(main)
    assert here.heard == [ANSWER, CORRECTED, CORRECTED, ANSWER]
    assert rows("SELECT state, answer FROM questions") == [("answered", "And bring a cake.")]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_of_two_who_answer_at_once_each_takes_back_their_own(here: House) -> None:
    async def main() -> None:
        _, post = await here.passed_on()
        await asyncio.gather(here.dora("We are.", post=post), here.dora("We are not.", post=post))
        first, second = (next(message for message in here.desk if message.reply.quote == words) for words in ("We are.", "We are not."))
        await here.dora(target=button(first, "take_back"))
        assert told(here.desk[-1]) == (TAKEN_BACK, "", here.key(first))
        await here.ten_seconds_later()
        assert told(here.desk[-1]) == (GOT, "We are not.", here.key(second))

    here.run(main)
    assert [told(message)[1] for message in here.channel.to("here") if message.reply.text == ANSWER] == ["We are not."]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_talk_at_the_desk_stays_there_and_a_reply_to_any_word_about_the_question_is_an_answer(here: House) -> None:
    async def main() -> None:
        _, post = await here.passed_on()
        for _ in range(2):
            await here.dora("do you know this one?", post=post, talk=True)
        assert [message.reply.text for message in here.desk].count(STAYS) == 1
        here.later = 25 * 3600.0
        await here.gateway.upkeep.remind()
        await here.gateway.settled()
        for words in ("One.", "Two.", "Three."):  # in reply to the reminder, and to each confirmation
            assert await here.dora(words, post=here.key(here.desk[-1])) == GOES
        await here.dora("and this one?", post=post, talk=True)
        await here.dora("Lunch?", post="standin:999", talk=True)
        assert here.heard == []
        await here.ten_seconds_later()
        answer = next(message for message in here.channel.to("here") if message.reply.quote == "Three.")
        sent = list(here.channel.sent)
        await here.dora("Thanks!", post=here.key(answer))  # in reply to what the asker has got, where that is at the desk
        assert here.channel.sent == sent

    here.run(main)
    assert [message.reply.text for message in here.desk].count(STAYS) == 1
    assert [message.reply.quote for message in here.channel.to("here") if message.reply.text == ANSWER] == ["One.", "Two.", "Three."]
