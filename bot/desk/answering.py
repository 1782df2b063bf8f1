"""An answer of the desk: it waits a moment in which it can be taken back, goes to the asker word for word, and can be changed later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.contracts.outcomes import Message, Notice, NoticeWithdrawn, Outcome, QuestionChanged
from bot.dialogue import wording
from bot.dialogue.masking import masked
from bot.dialogue.targets import DeskTarget
from bot.dialogue.turn import HashedKey

if TYPE_CHECKING:
    from bot.contracts.addresses import Recipient
    from bot.contracts.events import DeskReply, InboundEvent
    from bot.contracts.ports import Journal
    from bot.contracts.questions import Question
    from bot.dialogue.reply import Reply
    from bot.dialogue.targets import DeskMove, Target
    from bot.dialogue.turn import Context
    from bot.knowledge.entry import KnowledgeBase

TAKE_BACK_WITHIN = 10.0
"""Seconds that an answer waits before it goes. Who wrote it can take it back until then."""
_TO_ASKER, _TO_DESK = "answer", "confirmed"


class Answering:
    """Says what follows from an answer written at the desk, for the asker and for whoever wrote it."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base

    def given(self, act: DeskReply, question: Question, asker: Recipient, event: InboundEvent, context: Context) -> Outcome:
        """A new answer: the desk sees what will go, and can take it back until it does."""
        answered = question.answered(masked(act.text), by=context.event, source=event.source)
        reply = self._to_asker("handoff_answered", act.text, question)
        return Outcome(
            self._confirmed(event, "desk_answered", act.text, answered, ("take_back", "change", "keep")),
            changes=(QuestionChanged(answered, question.state),),
            notices=(_notice(answered, asker, reply, delay=TAKE_BACK_WITHIN),),
        )

    def changed(
        self, act: DeskReply, question: Question, asker: Recipient, event: InboundEvent, context: Context, journal: Journal
    ) -> Outcome:
        """An answer in other words: it takes the place of the one that waits, or of the one that the asker has got."""
        if journal.waits(question.notice):
            outcome = self.given(act, question, asker, event, context)
            return Outcome(outcome.message, changes=(NoticeWithdrawn(question.notice), *outcome.changes), notices=outcome.notices)
        answered = question.answered(masked(act.text), by=context.event, source=event.source)
        reply = self._to_asker("handoff_corrected", act.text, question)
        return Outcome(
            self._confirmed(event, "desk_changed", act.text, answered, ("change", "keep")),
            changes=(QuestionChanged(answered, question.state),),
            notices=(_notice(answered, asker, reply, edits=question.reached),),
        )

    def taken_back(self, question: Question, event: InboundEvent, journal: Journal) -> Outcome:
        """An answer that is not to go after all; or word that it has gone."""
        if event.address is None:
            return Outcome()
        if question.state != "answered" or not journal.waits(question.notice):
            return Outcome(Message(event.address, self._at_desk("desk_too_late", question, ()), question=question.id))
        confirmation = journal.answer_to(question.notice)
        told = Message(
            event.address, self._at_desk("desk_taken_back", question, ("answer",)), edits=event.edits or confirmation, question=question.id
        )
        return Outcome(told, changes=(NoticeWithdrawn(question.notice), QuestionChanged(question.taken_back(), "answered")))

    def delivered(self, message: Message, notice: str, journal: Journal) -> Outcome:
        """What follows once an answer has reached the asker by a notice: the desk's confirmation says so, if it is still known."""
        question, confirmation = journal.question(message.question), journal.answer_to(notice)
        if question is None or question.notice != notice or not confirmation:
            return Outcome()
        told = self._at_desk("desk_delivered", question, ("change", "keep"), quote=message.reply.quote)
        person = question.asker.person if question.asker else HashedKey("")
        edit = Message(question.desk, told, edits=confirmation, question=question.id)
        return Outcome(notices=(Notice(f"{_TO_DESK}:{notice}", HashedKey(f"desk:{question.id}"), person, edit),))

    def _to_asker(self, key: str, text: str, question: Question) -> Reply:
        about = wording.line(self._base, "handoff_about", values={"question": question.text})
        return wording.notice(self._base, key, quote=text, notes=(about,))

    def _confirmed(self, event: InboundEvent, key: str, text: str, question: Question, moves: tuple[DeskMove, ...]) -> Message | None:
        """Word to whoever wrote an answer, kept so that it can be found again by the answer's notice."""
        if event.address is None:
            return None
        reply = self._at_desk(key, question, moves, quote=text)
        return Message(event.address, reply, edits=event.edits, source=question.notice, question=question.id)

    def _at_desk(self, key: str, question: Question, moves: tuple[DeskMove, ...], *, quote: str = "") -> Reply:
        """A word to the desk about a question, with what can be done about it."""
        offers: dict[Target, str] = {DeskTarget(move, question.id): f"desk_{move}" for move in moves}
        return wording.notice(self._base, key, quote=quote, offers=offers)


def _notice(question: Question, asker: Recipient, reply: Reply, *, edits: str = "", delay: float = 0.0) -> Notice:
    """The notice that brings an answer to the asker. It has an order of its own: nothing that they ask meanwhile waits for it."""
    message = Message(asker.address, reply, edits=edits, question=question.id, purpose="answer")
    return Notice(question.notice, HashedKey(f"{_TO_ASKER}:{question.id}"), asker.person, message, delay)
