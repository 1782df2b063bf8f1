"""The desk's side of a hand-off: a question taken, answered, declined or kept, and what asker and desk hear of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.contracts.events import DraftKept, Message, Notice, Outcome, PersonErased, QuestionChanged, QuestionOpened, QuestionReminded
from bot.contracts.questions import WAITING, Question, read_target, target
from bot.dialogue import wording
from bot.dialogue.masking import masked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.contracts.events import DeskReply, Heard, LeasedEvent
    from bot.contracts.questions import State
    from bot.dialogue.reply import Reply
    from bot.knowledge.entry import KnowledgeBase


class DeskSteps:
    """Says what follows at the desk and for the asker. Holds nothing; questions come from the journal."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base

    def passed(self, question: Question, name: str) -> Outcome:
        """A question passed on: the desk gets it, with what can be done about it. `name` is empty where none is to be told."""
        who = wording.line(self._base, "desk_from" if name else "desk_from_nobody", values={"name": name})
        offers = {target("claim", question.id): "desk_claim", target("decline", question.id): "desk_decline"}
        reply = wording.notice(self._base, "desk_question", quote=question.text, notes=(who,), offers=offers)
        post = Message(question.desk_platform, question.desk, reply, question=question.id, told="post")
        return Outcome(
            changes=(QuestionOpened(question),), notices=(Notice(f"post:{question.id}", f"desk:{question.id}", question.person, post),)
        )

    def replied(self, act: DeskReply, question: Question, heard: Heard, taken: LeasedEvent) -> Outcome:
        """An answer written at the desk: it goes back to the asker, word for word."""
        if question.state not in {*WAITING, "answered"} or not question.person:
            return self._said(heard, taken, "desk_over")
        moved = question.moved("answered", answer=masked(act.text))
        told = self._to_asker(question, "handoff_answered", f"answer:{taken.id}", quote=act.text, about=True, answer=True)
        offers = {target("keep", question.id): "desk_keep"}
        said = self._message(heard, taken, wording.notice(self._base, "desk_answered", offers=offers))
        return Outcome(said, changes=(QuestionChanged(moved, question.state),), notices=(told,))

    def pressed(self, pressed: str, question: Question, heard: Heard, taken: LeasedEvent) -> Outcome:
        """A choice of the desk taken."""
        move, _ = read_target(pressed)
        if move == "keep" and question.answer:
            kept = DraftKept(question.id, question.person, question.text, question.answer, taken.received)
            return Outcome(self._message(heard, taken, wording.notice(self._base, "desk_kept")), changes=(kept,))
        if move == "claim" and question.state == "claimed":
            return self._said(heard, taken, "desk_taken")
        if move not in {"claim", "decline"} or question.state not in WAITING:
            return self._said(heard, taken, "desk_over")
        state: State = "claimed" if move == "claim" else "declined"
        told = self._to_asker(question, f"handoff_{state}", f"{move}:{question.id}", quote=question.text)
        said = self._message(heard, taken, wording.notice(self._base, f"desk_{state}"))
        return Outcome(said, changes=(QuestionChanged(question.moved(state), question.state),), notices=(told,))

    def forgotten(self, person: str, waiting: Sequence[Question]) -> Outcome:
        """A person forgotten: all is erased, and the desk hears that the questions which wait are withdrawn."""
        told = tuple(self._at_desk(question, "desk_withdrawn", f"withdrawn:{question.id}") for question in waiting)
        return Outcome(changes=(PersonErased(person),), notices=told)

    def reminder(self, question: Question) -> Outcome:
        """A reminder to the desk."""
        notice = self._at_desk(question, "desk_remind", f"remind:{question.id}", quote=question.text)
        return Outcome(changes=(QuestionReminded(question.id),), notices=(notice,))

    def unreachable(self, question: Question) -> Outcome:
        """The desk could not be reached with a question: the asker hears it."""
        told = self._to_asker(question, "handoff_unreachable", f"unreachable:{question.id}", quote=question.text)
        return Outcome(changes=(QuestionChanged(question.moved("failed"), question.state),), notices=(told,))

    def undelivered(self, question: Question, cause: str) -> Outcome:
        """The asker could not be reached with an answer: the desk hears it."""
        return Outcome(notices=(self._at_desk(question, "desk_undelivered", f"undelivered:{cause}", quote=question.answer),))

    def _to_asker(self, question: Question, key: str, id_: str, *, quote: str, about: bool = False, answer: bool = False) -> Notice:
        notes = (wording.line(self._base, "handoff_about", values={"question": question.text}),) if about else ()
        reply = wording.notice(self._base, key, quote=quote, notes=notes)
        told = Message(question.platform, question.address, reply, question=question.id, told="answer" if answer else "")
        return Notice(id_, question.conversation, question.person, told)

    def _at_desk(self, question: Question, key: str, id_: str, *, quote: str = "") -> Notice:
        """A word to the desk beneath its message about the question. Nothing of it is the asker's any more but the quote."""
        address = {**question.desk, "post": question.post}
        told = Message(question.desk_platform, address, wording.notice(self._base, key, quote=quote), question=question.id)
        return Notice(id_, f"desk:{question.id}", question.person if quote else "", told)

    def _said(self, heard: Heard, taken: LeasedEvent, key: str) -> Outcome:
        return Outcome(self._message(heard, taken, wording.notice(self._base, key)))

    def _message(self, heard: Heard, taken: LeasedEvent, reply: Reply) -> Message:
        return Message(taken.platform, heard.address, reply)
