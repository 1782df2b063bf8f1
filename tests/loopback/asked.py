"""A question of Ann's at the desk, a journal that holds it, what Dora does there, and who hears what of that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.contracts.addresses import Address, Recipient, Room
from bot.contracts.events import DeskReply, DeskTalk, InboundEvent
from bot.contracts.questions import WAITING, Question
from bot.delivery.empty_journal import EmptyJournal
from bot.dialogue.targets import DeskMove, DeskTarget
from bot.dialogue.turn import Context, HashedKey, RawKey, Selection, turn_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.contracts.outcomes import Message, Notice, Outcome
    from bot.desk.desk import Desk

HERE = Address("slack", {"channel": "D1", "thread": "99"})
ROOM = Room(RawKey("slack:D1"), Address("slack", {"channel": "D1"}))
ANN = Recipient(Address("telegram", {"chat": "7"}), HashedKey("talk"), HashedKey("ann"))
ASKED = Question(
    id=turn_id("telegram:e0"),
    asker=ANN,
    text="Do you bake for weddings?",
    desk=ROOM.address,
    at=50.0,
    post="slack:99",
)
Q1 = ASKED.id
A1 = turn_id("slack:e1")
ANSWERED = ASKED.answered("We do.", notice=f"answer:{A1}", source="slack:50")
ERASED = replace(ASKED, asker=None, text="", state="withdrawn")
OVER = "That question is closed; nothing was passed on."
WORDS = "We do. Write to **Dora** at dora@example.org, or 0170 1234567."


class Kept(EmptyJournal):
    """A journal that holds these questions; notices that are `yet` to go, and confirmations of notices by their keys."""

    def __init__(self, *questions: Question, yet: Sequence[str] = (), confirmed: dict[str, str] | None = None) -> None:
        self.questions, self.yet, self.confirmed = questions, yet, confirmed or {}

    def waits(self, notice: str) -> bool:
        return notice in self.yet

    def answer_to(self, source: str) -> str:
        return self.confirmed.get(source, "")

    def question(self, id_: str) -> Question | None:
        return next((question for question in self.questions if question.id == id_), None)

    def question_of_post(self, post: str) -> Question | None:
        return next((question for question in self.questions if question.post == post), None)

    def waiting(self, person: HashedKey) -> Sequence[Question]:
        return [question for question in self.questions if question.state in WAITING and question.asker and question.asker.person == person]


def replied(
    desk: Desk, question: Question, text: str = WORDS, event: str = "slack:e1", *, room: str = ROOM.key, act: DeskReply | None = None
) -> Outcome | None:
    act = act or DeskReply(text, question.post)
    return desk.replied(act, at_desk(act, room), by_dora(event), Kept(question))


def by_dora(event: str) -> Context:
    return Context(HashedKey("desk talk"), HashedKey("dora"), event, 60.0)


def pressed(desk: Desk, move: DeskMove, question: Question, *, room: str = ROOM.key, id_: str = Q1) -> Outcome:
    target = DeskTarget(move, id_)
    return desk.pressed(target, at_desk(Selection(target), room), Kept(question))


def at_desk(act: DeskReply | DeskTalk | Selection, room: str = ROOM.key) -> InboundEvent:
    """Something that Dora did."""
    return InboundEvent(
        id="e1", platform="slack", conversation=RawKey("c"), person=RawKey("d"), payload={}, act=act, address=HERE, room=RawKey(room), name="Dora"
    )  # fmt: skip


def said(outcome: Outcome | None) -> str:
    """What the desk hears at once, where it did something."""
    assert outcome is not None
    assert outcome.message is not None
    assert (outcome.message.address, outcome.message.reply.act) == (HERE, "handoff")
    return outcome.message.reply.text


def told_asker(outcome: Outcome | None) -> Message:
    """The one message that goes to whoever asked, where they are; an answer holds up nothing that they ask meanwhile."""
    notice = only(outcome)
    answer = notice.message.purpose == "answer"
    assert (notice.conversation, notice.person) == (f"answer:{Q1}" if answer else "talk", "ann")
    assert (notice.message.address, notice.message.question) == (ANN.address, Q1)
    return notice.message


def told_desk(outcome: Outcome) -> Message:
    """The one message that goes to the desk, beneath its message about the question."""
    notice = only(outcome)
    assert notice.conversation == f"desk:{Q1}"
    assert (notice.message.address, notice.message.under, notice.message.question) == (ROOM.address, "slack:99", Q1)
    return notice.message


def only(outcome: Outcome | None) -> Notice:
    assert outcome is not None
    assert len(outcome.notices) == 1
    assert (outcome.session, outcome.turn) == (None, None)
    return outcome.notices[0]
