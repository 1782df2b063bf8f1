"""An answer of the desk: it waits a moment in which it can be taken back, goes to the asker word for word, and can be changed later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.contracts.outcomes import Message, Notice, NoticeWithdrawn, Outcome, QuestionChanged
from bot.contracts.questions import WAITING
from bot.dialogue import wording
from bot.dialogue.masking import masked
from bot.dialogue.targets import DeskTarget
from bot.dialogue.turn import HashedKey, turn_id

if TYPE_CHECKING:
    from bot.contracts.addresses import Recipient
    from bot.contracts.events import DeskReply, InboundEvent
    from bot.contracts.ports import Journal
    from bot.contracts.questions import Question
    from bot.dialogue.reply import Reply
    from bot.dialogue.targets import Target
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
        id_ = turn_id(context.event)
        answered = question.answered(masked(act.text), notice=_notice_id(id_), source=event.source)
        take_back = DeskTarget("take_back", question.id, id_)
        return Outcome(
            self._confirmed(event, "desk_answered", act.text, answered, (take_back, *_later(answered))),
            changes=(QuestionChanged(answered, question.state),),
            notices=(_notice(answered, asker, self._to_asker("handoff_answered", act.text, question), delay=TAKE_BACK_WITHIN),),
        )

    def is_last(self, act: DeskReply, question: Question, event: InboundEvent) -> bool:
        """Whether it is the last answer that is to get other words, by what a button has told or by the message that holds it."""
        return _notice_id(act.answer) == question.notice if act.answer else event.source == question.source

    def changed(
        self, act: DeskReply, question: Question, asker: Recipient, event: InboundEvent, context: Context, journal: Journal
    ) -> Outcome:
        """An answer in other words: it takes the place of the one that waits, or of the one that the asker has got."""
        waits = journal.waits(question.notice)
        withdrawn = (NoticeWithdrawn(question.notice),) if waits else ()
        event = replace(event, edits=event.edits or journal.answer_to(question.notice))
        if waits and not question.reached:
            anew = self.given(act, question, asker, event, context)
            return replace(anew, changes=(*withdrawn, *anew.changes))
        notice = _notice_id(turn_id(context.event))
        answered = question.answered(masked(act.text), notice=notice, source=event.source, reached=question.reached)
        corrected = self._to_asker("handoff_corrected", act.text, question)
        return Outcome(
            self._confirmed(event, "desk_changed", act.text, answered, _later(answered)),
            changes=(*withdrawn, QuestionChanged(answered, question.state)),
            notices=(_notice(answered, asker, corrected, edits=question.reached),),
        )

    def taken_back(self, answer: str, question: Question, event: InboundEvent, journal: Journal) -> Outcome:
        """An answer (if none is named, the last one) that is not to go after all; or word that it has gone, or that nobody waits for it."""
        notice = _notice_id(answer) if answer else question.notice
        last = notice == question.notice
        if question.asker is None or question.state not in {*WAITING, "answered"}:
            return self._told(event, "desk_over", question)
        if not journal.waits(notice) or (last and question.reached):
            before = last and question.state in WAITING
            return self._told(event, "desk_taken_back" if before else "desk_too_late", question)
        on_confirmation = replace(event, edits=event.edits or journal.answer_to(notice))
        told = self._told(on_confirmation, "desk_taken_back", question, (DeskTarget("answer", question.id),))
        changed = (QuestionChanged(question.taken_back(), question.state),) if last else ()
        return replace(told, changes=(NoticeWithdrawn(notice), *changed))

    def delivered(self, message: Message, notice: str, journal: Journal) -> Outcome:
        """What follows once an answer has reached the asker by a notice: the desk's confirmation says so, if it is still known."""
        question, confirmation = journal.question(message.question), journal.answer_to(notice)
        if question is None or not confirmation:
            return Outcome()
        offers = _later(question) if question.notice == notice else ()
        told = self._at_desk("desk_delivered", offers, quote=message.reply.quote)
        person = question.asker.person if question.asker else HashedKey("")
        edit = Message(question.desk, told, edits=confirmation, question=question.id)
        return Outcome(notices=(Notice(f"{_TO_DESK}:{notice}", HashedKey(f"desk:{question.id}"), person, edit),))

    def _to_asker(self, key: str, text: str, question: Question) -> Reply:
        about = wording.line(self._base, "handoff_about", values={"question": question.text})
        return wording.notice(self._base, key, quote=text, notes=(about,))

    def _confirmed(self, event: InboundEvent, key: str, text: str, question: Question, offers: tuple[DeskTarget, ...]) -> Message | None:
        """Word to whoever wrote an answer, kept so that it can be found again by the answer's notice."""
        if event.address is None:
            return None
        reply = self._at_desk(key, offers, quote=text)
        return Message(event.address, reply, edits=event.edits, source=question.notice, question=question.id)

    def _told(self, event: InboundEvent, key: str, question: Question, offers: tuple[DeskTarget, ...] = ()) -> Outcome:
        """A word to whoever wants to take an answer back."""
        if event.address is None:
            return Outcome()
        return Outcome(Message(event.address, self._at_desk(key, offers), edits=event.edits, question=question.id))

    def _at_desk(self, key: str, offers: tuple[DeskTarget, ...], *, quote: str = "") -> Reply:
        """A word to the desk, with what can be done now."""
        labels: dict[Target, str] = {target: f"desk_{target.move}" for target in offers}
        return wording.notice(self._base, key, quote=quote, offers=labels)


def _later(question: Question) -> tuple[DeskTarget, ...]:
    """What can still be done about the last answer once it cannot be taken back any more."""
    answer = question.notice.removeprefix(f"{_TO_ASKER}:")
    return DeskTarget("change", question.id, answer), DeskTarget("keep", question.id)


def _notice_id(answer: str) -> str:
    return f"{_TO_ASKER}:{answer}"


def _notice(question: Question, asker: Recipient, reply: Reply, *, edits: str = "", delay: float = 0.0) -> Notice:
    """The notice that brings an answer to the asker. It has an order of its own: nothing that they ask meanwhile waits for it."""
    message = Message(asker.address, reply, edits=edits, question=question.id, purpose="answer")
    return Notice(question.notice, HashedKey(f"{_TO_ASKER}:{question.id}"), asker.person, message, delay)
