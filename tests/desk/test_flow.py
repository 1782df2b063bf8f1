"""A question on its way to the desk and back, through delivery, on both databases."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
from loopback.house import QUESTION, TAPS_NAMED, House, press
from loopback.standin import DESK, PLATFORM, event

from bot.contracts.addresses import Address
from bot.contracts.errors import Later, Refused
from bot.dialogue.targets import ConsentTarget, NoneOfThese, written

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from bot.contracts.questions import Question
    from bot.store.store import Store

    Rows = Callable[[str], list[sa.Row[Any]]]

NAMED, ANONYMOUS = ConsentTarget("named"), ConsentTarget("anonymous")
HERE = Address(PLATFORM, {"room": "here"})
CLAIMED = "Somebody at the desk is looking at your question."
WITHDRAWN = "This question was withdrawn, and its words are erased. Nothing needs to be done."
REMINDER = "This question still waits for an answer:"
GOES = "This goes to whoever asked in 10 seconds:"
GOT = "Whoever asked has got this:"
OVER = "That question is closed; nothing was passed on."


@pytest.mark.parametrize(("consent", "who"), [(NAMED, "Asked by Ann."), (ANONYMOUS, "Asked without a name.")])
def test_a_question_goes_to_the_desk_with_consent_and_its_answer_comes_back(
    here: House, rows: Rows, consent: ConsentTarget, who: str
) -> None:
    async def main() -> None:
        offer = await here.ann("do you deliver to my house", QUESTION)
        assert "Shall I pass your question to a person?" in offer.reply.notes[-1]
        asked = await here.ann("yes")
        assert (asked.reply.quote, [choice.target for choice in asked.reply.choices]) == (
            QUESTION,
            [NAMED, ANONYMOUS, ConsentTarget("other"), NoneOfThese()],
        )
        assert here.desk == []
        assert (await here.ann(target=written(consent))).reply.text.startswith("Your question is on its way")
        (post,) = here.desk
        assert (post.address, post.reply.quote, post.reply.notes) == (DESK.address, QUESTION, (who,))
        id_, key = post.question, here.key(post)
        assert [choice.target.move for choice in post.reply.follow_ups] == ["answer", "claim", "decline"]
        assert await here.dora(target=press("claim", id_)) == "Taken. Whoever asked knows that somebody is looking at it."
        assert here.heard == [CLAIMED]
        assert await here.dora("We are, every *spring*.", post=key) == GOES
        assert here.heard == [CLAIMED]
        confirmation = here.key(here.desk[-1])
        await here.ten_seconds_later()
        answer = here.channel.to("here")[-1]
        assert (answer.address, answer.reply.text) == (HERE, "An answer from the desk:")
        assert (answer.reply.quote, answer.reply.notes) == ("We are, every *spring*.", (f"You had asked: {QUESTION}",))
        told = here.desk[-1]
        assert (told.reply.text, told.reply.quote, told.edits) == (GOT, "We are, every *spring*.", confirmation)
        assert [choice.target.move for choice in told.reply.follow_ups] == ["change", "keep"]
        assert (await here.dora(target=press("keep", id_))).startswith("Kept as a draft")

    here.run(main)
    assert [(draft.question, draft.answer) for draft in rows("SELECT * FROM drafts")] == [(QUESTION, "We are, every *spring*.")]
    assert (rows("SELECT state FROM questions"), rows("SELECT * FROM inbox")) == ([("answered",)], [])


def test_a_question_is_taken_once_and_a_second_answer_still_arrives(here: House) -> None:
    async def main() -> None:
        id_, post = await here.passed_on()
        await here.dora(target=press("claim", id_))
        assert await here.dora(target=press("claim", id_)) == "Somebody has taken this one already."
        await here.dora("Yes.", post=post)
        await here.dora("But only bakers.", post=post)
        await here.ten_seconds_later()
        assert await here.dora(target=press("decline", id_)) == OVER

    here.run(main)
    assert here.heard == [CLAIMED, "An answer from the desk:", "An answer from the desk:"]
    assert here.channel.to("here")[-1].reply.quote == "But only bakers."


def test_a_declined_question_is_told_and_closed(here: House, rows: Rows) -> None:
    async def main() -> None:
        id_, post = await here.passed_on()
        assert await here.dora(target=press("decline", id_)) == "Declined. Whoever asked has been told."
        assert here.channel.to("here")[-1].reply.quote == QUESTION
        assert await here.dora("After all: yes.", post=post) == OVER

    here.run(main)
    assert here.heard == ["The people at the desk cannot answer this one; sorry. Your question was:"]
    assert rows("SELECT state FROM questions") == [("declined",)]


def test_what_is_said_at_the_desk_about_something_else_and_what_is_pressed_elsewhere_is_passed_on_to_nobody(here: House) -> None:
    async def main() -> None:
        id_, _ = await here.passed_on()
        sent = list(here.channel.sent)
        await here.dora("Lunch?", post=f"{PLATFORM}:999")
        await here.ann(target=press("claim", id_))
        assert here.channel.sent == sent

    here.run(main)


def test_the_desk_is_reminded_once_after_the_hours(here: House) -> None:
    async def main() -> None:
        id_, post = await here.passed_on()
        _, other = await here.passed_on(conversation="talk2")
        await here.dora("Yes.", post=other)
        for hours, reminders in ((23, []), (25, [id_]), (50, [id_])):
            here.later = hours * 3600.0
            await here.gateway.upkeep.remind()
            await here.gateway.settled()
            assert [message.question for message in here.desk if message.reply.text == REMINDER] == reminders
        assert (here.desk[-1].reply.quote, here.desk[-1].address, here.desk[-1].under) == (QUESTION, DESK.address, post)

    here.run(main)


def test_forgetting_withdraws_the_question_and_a_later_answer_is_not_passed_on(here: House, rows: Rows) -> None:
    async def main() -> None:
        id_, post = await here.passed_on()
        assert (await here.ann("forget me")).reply.text.startswith("Done.")
        told = here.desk[-1]
        assert (told.reply.text, told.reply.quote, told.address, told.under) == (WITHDRAWN, "", DESK.address, post)
        assert await here.dora("Yes.", post=post) == OVER
        assert await here.dora(target=press("claim", id_)) == OVER

    here.run(main)
    assert here.heard == []
    assert rows("SELECT state, person, conversation, text, answer FROM questions") == [("withdrawn", "", "", "", "")]
    assert rows("SELECT * FROM questions WHERE length(address) > 0") == []
    assert (rows("SELECT * FROM turns WHERE text <> ''"), rows("SELECT * FROM sessions")) == ([], [])


def test_the_asker_hears_that_the_desk_cannot_be_reached(here: House, rows: Rows) -> None:
    async def main() -> None:
        await here.ann(QUESTION, "talk to a human")
        here.channel.closed = ("desk", Refused("The room is gone."))
        assert (await here.ann(target=TAPS_NAMED)).reply.text.startswith("The desk cannot be reached, so your question was not passed on")

    here.run(main)
    assert (here.desk, rows("SELECT state FROM questions")) == ([], [("failed",)])


def test_the_desk_hears_that_the_asker_cannot_be_reached(here: House) -> None:
    async def main() -> None:
        _, post = await here.passed_on()
        here.channel.closed = ("here", Refused("The bot was blocked."))
        assert await here.dora("We are.", post=post) == GOES
        await here.ten_seconds_later()
        assert GOT not in [message.reply.text for message in here.desk]
        assert here.desk[-1].reply.text == "Whoever asked cannot be reached any more, so this did not arrive:"
        assert (here.desk[-1].reply.quote, here.desk[-1].address, here.desk[-1].under) == ("We are.", DESK.address, post)

    here.run(main)


@pytest.mark.parametrize("here", [None], indirect=True)
def test_without_a_desk_nobody_stands_by(here: House, rows: Rows) -> None:
    async def main() -> None:
        assert (await here.ann("do you deliver to my house", QUESTION)).reply.notes == ()
        assert "Nobody stands by here yet" in (await here.ann("talk to a human")).reply.text
        await here.ann(target=TAPS_NAMED)

    here.run(main)
    assert (here.desk, rows("SELECT * FROM questions")) == ([], [])


def test_an_answer_that_waits_to_be_sent_does_not_reach_whoever_forgot_meanwhile(here: House, rows: Rows) -> None:
    async def main() -> None:
        id_, post = await here.passed_on()
        here.channel.closed = ("here", Later(60.0))
        await here.dora("We are.", post=post)
        await here.ten_seconds_later()
        assert len(rows("SELECT * FROM inbox")) == 1
        here.channel.closed = None
        await here.ann("forget me", conversation="elsewhere")
        assert await here.dora(target=press("take_back", id_)) == OVER

    here.run(main)
    assert (here.heard, rows("SELECT * FROM inbox")) == ([], [])


@pytest.mark.parametrize("reply", [False, True])
def test_what_the_desk_does_while_the_asker_forgets_does_not_reach_them(
    here: House, store: Store, rows: Rows, monkeypatch: pytest.MonkeyPatch, *, reply: bool
) -> None:
    read, forgotten = threading.Event(), threading.Event()

    def slowly(reading: Callable[[str], Question | None]) -> Callable[[str], Question | None]:
        """Reading, between which and what is decided on it the asker forgets."""

        def slow(key: str) -> Question | None:
            question = reading(key)
            read.set()
            assert forgotten.wait(5)
            return question

        return slow

    monkeypatch.setattr(store, "question", slowly(store.question))
    monkeypatch.setattr(store, "question_of_post", slowly(store.question_of_post))

    async def main() -> None:
        id_, post = await here.passed_on()
        dora = asyncio.create_task(here.dora("Yes.", post=post) if reply else here.dora(target=press("claim", id_)))
        assert await asyncio.to_thread(read.wait, 5)
        await here.gateway.accept(event("forget", "forget me"))
        async with asyncio.timeout(5):
            while not rows("SELECT * FROM questions WHERE state = 'withdrawn'"):  # noqa: ASYNC110 - a row tells nobody
                await asyncio.sleep(0.005)
        forgotten.set()
        await dora

    here.run(main)
    assert here.heard == []
    assert sorted(message.reply.text for message in here.desk[1:]) == [OVER, WITHDRAWN]
    assert (rows("SELECT * FROM inbox"), rows("SELECT * FROM questions WHERE person <> ''")) == ([], [])
