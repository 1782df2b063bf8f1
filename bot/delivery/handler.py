"""All that follows from one event: the reply, what is remembered, what is kept, who else hears of it. Decides; does nothing."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, TypeGuard

from bot.contracts.events import Card, DeskReply, Message, Notice, Outcome, RatingGiven, Shared, TurnRecord
from bot.contracts.questions import DESK, MOST_WAITING, Question, read_target
from bot.delivery.overhearing import concerns
from bot.delivery.status import Standing
from bot.desk.desk import DeskSteps
from bot.dialogue import wording
from bot.dialogue.masking import masked
from bot.dialogue.session import Session, at_time
from bot.dialogue.turn import (
    HAND,
    NONE,
    TEAM,
    Answer,
    Browse,
    Command,
    Compare,
    Forget,
    HandOff,
    Occasion,
    Rated,
    Selection,
    Share,
    Sharing,
    Utterance,
    turn_id,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.contracts.events import Change, Desk, Heard, LeasedEvent
    from bot.contracts.ports import Journal, Refusal
    from bot.dialogue.assistant import Assistant, Turn
    from bot.dialogue.reply import Reply
    from bot.dialogue.turn import SystemAct, UserAct

_NAMES = {"OutOfScope": "out_of_scope", "HandOff": "handoff"}


class EventHandler:
    """Answers events for one assistant; `desk` is None where nobody stands by, `team` where no room is shared with.

    `admins` (hashes) may ask how the bot stands, `faults` are those of the last change of the knowledge. Synchronous;
    `journal` may raise `StoreError`.
    """

    def __init__(
        self,
        assistant: Assistant,
        journal: Journal,
        desk: Desk | None = None,
        team: Desk | None = None,
        *,
        admins: frozenset[str] = frozenset(),
    ) -> None:
        self._assistant = assistant
        self._team = team
        self.journal = journal
        self._desk = desk
        self._side = DeskSteps(assistant.base)
        self._admins = admins
        self.standing = Standing(assistant.base, desk)
        self.faults = 0

    def attend(self, heard: Heard, taken: LeasedEvent) -> Outcome:
        """What follows from an event that was read."""
        act = heard.act
        if isinstance(act, DeskReply):
            return self._replied_at_desk(act, heard, taken)
        if _pressed_at_desk(act):
            return self._pressed(act, heard, taken)
        if isinstance(act, Command) and act.name == "status" and taken.person in self._admins:
            status = self.standing.status(self.journal.depth(), self.faults)
            return Outcome(Message(taken.platform, heard.address, status))
        if isinstance(act, Sharing) and not heard.address:
            return Outcome(changes=(Shared(turn_id(taken.id), act.entry, taken.person, heard.room, taken.received),))
        if isinstance(act, Selection) and act.target.startswith(TEAM):
            act = Sharing(conversation="", entry=act.target.removeprefix(TEAM))
            heard = replace(heard, into=self._team.address if self._team else None)
        if isinstance(act, Occasion) and act.name == "greeting" and self.journal.greeted(taken.person):
            return Outcome()
        if heard.edited:
            post = self.journal.answer_to(heard.source)
            return self._asked(act, replace(heard, address={**heard.address, "edit": post}), taken) if post else Outcome()
        return self._asked(act, heard, taken)

    def without_memory(self, heard: Heard, taken: LeasedEvent) -> tuple[Message, Session, bool]:
        """The reply and the session alone, while nothing can be kept; and whether that is all that was asked for.

        What only makes sense if it is kept (a rating, a hand-off, forgetting, anything at the desk) is not: it has to wait.
        """
        at_desk = isinstance(heard.act, DeskReply) or _pressed_at_desk(heard.act)
        act = Browse(conversation="") if isinstance(heard.act, DeskReply) else heard.act
        turn = self._assistant.turn(self._placed(act, taken), at_time(taken.session, taken.received))
        waits = at_desk or isinstance(turn.act, Forget | HandOff | Rated)
        reply = wording.notice(self._assistant.base, "no_memory") if waits else turn.reply
        return Message(taken.platform, heard.address, reply, turn_id(taken.id)), turn.session, not waits

    def broken(self, address: Mapping[str, str], taken: LeasedEvent) -> Notice:
        """A word to whoever waits at an address for an answer that three tries could not give."""
        reply = wording.notice(self._assistant.base, "broken")
        return Notice(f"broken:{taken.id}", taken.conversation, taken.person, Message(taken.platform, address, reply))

    def reminders(self, before: float) -> Iterable[Outcome]:
        """A reminder for each question that has waited at the desk since before a time."""
        return [self._side.reminder(question) for question in self.journal.overdue(before)]

    def search(self, text: str, most: int, popular: Sequence[str] = ()) -> list[tuple[str, Reply]]:
        """Entries that a few words may be looking for, as cards; without words the popular ones."""
        return self._assistant.search(text, most, popular)

    def shown(self, act: UserAct) -> Reply:
        """The reply to an act by itself, of which nothing is remembered."""
        return self._assistant.turn(act, Session()).reply

    def delivered(self, message: Message, cause: str, at: float) -> Outcome:
        """What follows once a message has arrived; `cause` is the id of the event that it belonged to."""
        card = message.card
        if card is None:
            return Outcome()
        kept = Shared(turn_id(cause), card.entry, card.person, card.room, at)
        return Outcome(changes=(kept,), notices=(self._to_sharer(card, cause, "shared"),))

    def undelivered(self, message: Message, cause: str, why: Refusal = "") -> Outcome:
        """What follows when a message can never arrive; `cause` is the id of the event that it belonged to."""
        if message.card is not None:
            key = f"not_shared_{why}" if why else "not_shared"
            return Outcome(notices=(self._to_sharer(message.card, cause, key),))
        question = self.journal.question(message.question) if message.question else None
        if question is None or not question.person:
            return Outcome()
        if message.told == "post":
            return self._side.unreachable(question)
        return self._side.undelivered(question, cause) if message.told == "answer" else Outcome()

    def _asked(self, act: UserAct, heard: Heard, taken: LeasedEvent) -> Outcome:
        placed = self._placed(act, taken)
        session = at_time(taken.session, taken.received)
        if (others := _handed_by_others(session, taken)) and isinstance(act, Selection) and act.target.startswith((HAND, NONE)):
            return Outcome(Message(taken.platform, heard.address, wording.notice(self._assistant.base, "handoff_not_yours")))
        begun = perf_counter()
        turn = self._assistant.turn(placed, replace(session, handing="", to_desk="", offered=(), awaiting=False) if others else session)
        turn = replace(turn, session=_handing(turn.session, session if others else None, taken))
        milliseconds = (perf_counter() - begun) * 1000
        if heard.overheard and not concerns(turn, placed):
            return Outcome()
        further = self._further(turn.act, heard, taken)
        if isinstance(turn.act, HandOff) and turn.act.step == "passed" and not further.changes:
            turn = replace(turn, reply=wording.compose(HandOff("enough"), self._assistant.base, turn.session))
        record = _record(turn, placed, taken, milliseconds, self._assistant.base.version)
        source = "" if isinstance(turn.act, Forget) else heard.source
        message = Message(taken.platform, heard.address, turn.reply, record.id, source=source)
        if isinstance(turn.act, Share) and heard.into is not None:
            message = self._shared(message, turn.act, heard, heard.into, taken)
        after = None if isinstance(turn.act, Forget) else _masked(turn.session)
        return Outcome(message, after, record, further.changes, further.notices)

    def _shared(self, message: Message, share: Share, heard: Heard, into: Mapping[str, str], taken: LeasedEvent) -> Message:
        """The message as a card on its way to where it is shared; the team's room may be on another platform."""
        if self._team is None or into is not self._team.address:
            card = Card(share.entry, heard.room, taken.person, taken.conversation, heard.address, taken.platform)
            return replace(message, address=into, card=card)
        by = wording.line(self._assistant.base, "shared_by", values={"name": heard.name}) if heard.name else ""
        reply = replace(message.reply, notes=(*message.reply.notes, *([by] if by else [])))
        card = Card(share.entry, self._team.room, taken.person, taken.conversation, heard.address, taken.platform)
        return replace(message, platform=self._team.platform, address=into, reply=reply, card=card)

    def _further(self, decided: SystemAct, heard: Heard, taken: LeasedEvent) -> Outcome:
        """What a decision leads to beyond its reply."""
        match decided:
            case Rated(turn, up, reason):
                given: Change = RatingGiven(turn, taken.person, up, masked(reason), taken.received)
                return Outcome(changes=(given,))
            case Forget():
                return self._side.forgotten(taken.person, self.journal.waiting(taken.person))
            case HandOff("passed") if self._desk and len(self.journal.waiting(taken.person)) < MOST_WAITING:
                return self._side.passed(_question(decided, heard, taken, self._desk), heard.name if decided.named else "")
            case _:
                return Outcome()

    def _replied_at_desk(self, act: DeskReply, heard: Heard, taken: LeasedEvent) -> Outcome:
        question = self.journal.question(act.id) if act.id else self.journal.question_of_post(act.post)
        if question is None and act.otherwise is not None:
            return self._asked(act.otherwise, heard, taken)
        if not self._is_desk(heard) or not act.text.strip() or (question is None and act.post):
            return Outcome()  # from elsewhere, or a reply to something else that was said at the desk
        return self._side.replied(act, question, heard, taken) if question else self._unknown(heard, taken)

    def _pressed(self, act: Selection, heard: Heard, taken: LeasedEvent) -> Outcome:
        if not self._is_desk(heard):
            return Outcome()  # forged, or a button of a desk that is none any more
        question = self.journal.question(read_target(act.target)[1])
        return self._side.pressed(act.target, question, heard, taken) if question else self._unknown(heard, taken)

    def _to_sharer(self, card: Card, cause: str, key: str) -> Notice:
        reply = wording.notice(self._assistant.base, key)
        return Notice(f"shared:{cause}", card.conversation, card.person, Message(card.platform, card.back, reply))

    def _is_desk(self, heard: Heard) -> bool:
        return self._desk is not None and heard.room == self._desk.room

    def _unknown(self, heard: Heard, taken: LeasedEvent) -> Outcome:
        return Outcome(Message(taken.platform, heard.address, wording.notice(self._assistant.base, "desk_unknown")))

    def _placed(self, act: UserAct, taken: LeasedEvent) -> UserAct:
        """The act with who did it, where and when, as the inbox knows it."""
        return replace(act, conversation=taken.conversation, person=taken.person, event=taken.id, at=taken.received)


def _pressed_at_desk(act: UserAct | DeskReply) -> TypeGuard[Selection]:
    return isinstance(act, Selection) and act.target.startswith(DESK)


def _handed_by_others(session: Session, taken: LeasedEvent) -> bool:
    """Whether somebody else in the same talk is about to pass a question on: a thread has many people."""
    return bool(session.handing) and session.asker not in {"", taken.person}


def _handing(after: Session, theirs: Session | None, taken: LeasedEvent) -> Session:
    """The session with whose question is passed on; what somebody else (`theirs`) is about to pass on stays as it is."""
    if theirs is not None and not after.handing:
        return replace(after, handing=theirs.handing, to_desk=theirs.to_desk, asker=theirs.asker)
    return replace(after, asker=taken.person if after.handing else "")


def _question(passed: HandOff, heard: Heard, taken: LeasedEvent, desk: Desk) -> Question:
    return Question(
        id=turn_id(taken.id),
        person=taken.person,
        conversation=taken.conversation,
        platform=taken.platform,
        address=heard.address,
        text=masked(passed.question),
        desk_platform=desk.platform,
        desk=desk.address,
        at=taken.received,
    )


def _masked(session: Session) -> Session:
    return replace(session, question=masked(session.question), to_desk=masked(session.to_desk))


def _record(turn: Turn, act: UserAct, taken: LeasedEvent, milliseconds: float, knowledge: str) -> TurnRecord:
    decided, found = turn.act, turn.match
    forgotten = isinstance(decided, Forget)
    name = type(decided).__name__
    return TurnRecord(
        id=turn_id(taken.id),
        conversation="" if forgotten else taken.conversation,
        person="" if forgotten else taken.person,
        platform=taken.platform,
        at=taken.received,
        said=type(act).__name__.lower(),
        act=_NAMES.get(name, name.lower()),
        text=masked(act.text) if isinstance(act, Utterance) and not forgotten else "",
        entries=decided.entries if isinstance(decided, Answer) else (decided.entry,) if isinstance(decided, Compare) else (),
        scope=found.scope if found else 0.0,
        choice=found.choice if found else 0.0,
        confidence=turn.reply.confidence,
        milliseconds=milliseconds,
        knowledge=knowledge,
    )
