"""The desk's side of a hand-off: a question passed on, taken, answered, declined, kept or withdrawn, and what asker and desk hear of it.

Knows no platform: the desk is a room somewhere, the asker an address somewhere, and both only hear replies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.contracts.outcomes import DraftKept, Message, Notice, Outcome, PersonErased, QuestionChanged, QuestionOpened, QuestionReminded
from bot.contracts.questions import WAITING, Question
from bot.desk.answering import Answering
from bot.dialogue import wording
from bot.dialogue.masking import masked
from bot.dialogue.targets import DeskTarget
from bot.dialogue.turn import HashedKey, turn_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.contracts.addresses import Recipient, Room
    from bot.contracts.events import DeskReply, DeskTalk, InboundEvent
    from bot.contracts.ports import Journal
    from bot.contracts.questions import State
    from bot.dialogue.targets import DeskMove, Target
    from bot.dialogue.turn import Context
    from bot.knowledge.entry import KnowledgeBase

MOST_WAITING = 3
"""Questions of one person that may wait at the desk at once."""


class Desk:
    """Says what follows at the desk in `room` and for the asker; None where nobody stands by. Holds nothing: the journal does."""

    def __init__(self, base: KnowledgeBase, room: Room | None) -> None:
        self._base = base
        self._room = room
        self._answering = Answering(base)

    def is_at(self, event: InboundEvent) -> bool:
        """Whether something was done at the desk."""
        return self._room is not None and event.room == self._room.key

    def passed(self, text: str, name: str, asker: Recipient, context: Context, journal: Journal) -> Outcome | None:
        """A question passed on, with what the desk can do about it; None where there is no desk, or enough of the asker's wait there.

        `name` is empty where none is to be told.
        """
        if self._room is None or len(journal.waiting(asker.person)) >= MOST_WAITING:
            return None
        question = Question(turn_id(context.event), asker, masked(text), self._room.address, at=context.at)
        who = wording.line(self._base, "desk_from" if name else "desk_from_nobody", values={"name": name})
        moves: tuple[DeskMove, ...] = ("answer", "claim", "decline")
        offers: dict[Target, str] = {DeskTarget(move, question.id): f"desk_{move}" for move in moves}
        reply = wording.notice(self._base, "desk_question", quote=question.text, notes=(who,), offers=offers)
        post = Message(question.desk, reply, question=question.id, purpose="post")
        notice = Notice(f"post:{question.id}", _conversation(question), asker.person, post)
        return Outcome(changes=(QuestionOpened(question),), notices=(notice,))

    def replied(self, act: DeskReply, event: InboundEvent, context: Context, journal: Journal) -> Outcome | None:
        """What follows from an answer written at the desk: it goes back to the asker, word for word.

        None for what is written in reply to something else, where `otherwise` says what it is.
        """
        question = journal.question(act.question) if act.question else journal.question_of_post(act.post)
        if question is None and act.otherwise is not None and not event.edited:
            return None
        if not self.is_at(event) or (question is None and act.post):
            return Outcome()  # from elsewhere, or a reply to something else that was said at the desk
        if question is None:
            return self._said(event, "desk_unknown")
        if question.state not in {*WAITING, "answered"} or question.asker is None:
            return self._said(event, "desk_over", question)
        if not act.text.strip():
            return self._said(event, "desk_only_words", question)
        if not event.edited or question.state in WAITING:
            return self._answering.given(act, question, question.asker, event, context)
        if not self._answering.is_last(act, question, event):
            return self._said(event, "desk_not_last", question)
        if event.source and masked(act.text) == question.answer:
            return Outcome()  # Telegram tells of edits that change no word, too
        return self._answering.changed(act, question, question.asker, event, context, journal)

    def talked(self, act: DeskTalk, event: InboundEvent, journal: Journal) -> Outcome:
        """What follows from talk beneath a question that waits: it stays at the desk, which is said once, with how to answer."""
        question = journal.question_of_post(act.post) if self.is_at(event) else None
        if question is None or question.state not in WAITING or event.address is None:
            return Outcome()
        reply = wording.notice(self._base, "desk_stays", offers={DeskTarget("answer", question.id): "desk_answer"})
        hint = Message(event.address, reply, question=question.id)
        return Outcome(notices=(Notice(f"stays:{question.id}", _conversation(question), HashedKey(""), hint),))

    def pressed(self, target: DeskTarget, event: InboundEvent, journal: Journal) -> Outcome:
        """What follows from a choice of the desk."""
        if not self.is_at(event):
            return Outcome()  # forged, or a button of a desk that is none any more
        question = journal.question(target.question)
        if question is None:
            return self._said(event, "desk_unknown")
        if target.move == "take_back":
            return self._answering.taken_back(target.answer, question, event, journal)
        if target.move in {"answer", "change"}:
            return self._said(event, "desk_by_reply", question)  # pressed where no window can be opened to write in
        if target.move == "keep" and question.answer:
            return Outcome(self._said(event, "desk_kept", question).message, changes=(DraftKept(question),))
        if target.move == "claim" and question.state == "claimed":
            return self._said(event, "desk_taken", question)
        if target.move == "keep" or question.state not in WAITING:
            return self._said(event, "desk_over", question)
        state: State = "claimed" if target.move == "claim" else "declined"
        told = self._to_asker(question, f"handoff_{state}", f"{target.move}:{question.id}")
        changed = QuestionChanged(question.changed(state), question.state)
        return Outcome(self._said(event, f"desk_{state}", question).message, changes=(changed,), notices=told)

    def forgotten(self, person: HashedKey, waiting: Sequence[Question]) -> Outcome:
        """A person forgotten: all is erased, and the desk hears that the questions which wait are withdrawn."""
        told = tuple(self._at_desk(question, "desk_withdrawn", f"withdrawn:{question.id}") for question in waiting)
        return Outcome(changes=(PersonErased(person),), notices=told)

    def reminders(self, overdue: Iterable[Question]) -> list[Outcome]:
        """A reminder to the desk of each question that has waited too long."""
        return [
            Outcome(
                changes=(QuestionReminded(question.id),),
                notices=(self._at_desk(question, "desk_remind", f"remind:{question.id}", quote=question.text),),
            )
            for question in overdue
        ]

    def delivered(self, message: Message, cause: str, journal: Journal) -> Outcome:
        """What follows once a message about a question has arrived. `cause` is the id of its event."""
        return self._answering.delivered(message, cause, journal) if message.purpose == "answer" else Outcome()

    def undelivered(self, message: Message, cause: str, journal: Journal) -> Outcome:
        """What follows when a message about a question never arrives: asker or desk hear it. `cause` is the id of its event."""
        question = journal.question(message.question) if message.question else None
        if question is None or question.asker is None:
            return Outcome()
        if message.purpose == "post":
            told = self._to_asker(question, "handoff_unreachable", f"unreachable:{question.id}")
            return Outcome(changes=(QuestionChanged(question.changed("failed"), question.state),), notices=told)
        if message.purpose == "answer":
            return Outcome(notices=(self._at_desk(question, "desk_undelivered", f"undelivered:{cause}", quote=message.reply.quote),))
        return Outcome()

    def _to_asker(self, question: Question, key: str, id_: str) -> tuple[Notice, ...]:
        """Word to the asker about their question, if they still are known."""
        if question.asker is None:
            return ()
        reply = wording.notice(self._base, key, quote=question.text)
        message = Message(question.asker.address, reply, question=question.id)
        return (Notice(id_, question.asker.conversation, question.asker.person, message),)

    def _at_desk(self, question: Question, key: str, id_: str, *, quote: str = "") -> Notice:
        """A word to the desk beneath its message about the question. Nothing of it is the asker's any more but the quote."""
        message = Message(question.desk, wording.notice(self._base, key, quote=quote), under=question.post, question=question.id)
        person = question.asker.person if quote and question.asker else HashedKey("")
        return Notice(id_, _conversation(question), person, message)

    def _said(self, event: InboundEvent, key: str, question: Question | None = None) -> Outcome:
        """A word to whoever did something at the desk; what is written in reply to it is about the same question."""
        if event.address is None:
            return Outcome()
        about = question.id if question else ""
        return Outcome(Message(event.address, wording.notice(self._base, key), edits=event.edits, question=about))


def _conversation(question: Question) -> HashedKey:
    """What is said at the desk about one question stands in one order; no platform has a conversation of that name."""
    return HashedKey(f"desk:{question.id}")
