"""All that follows from one event: the reply, what is remembered, what is kept, who else hears of it. Decides; does nothing.

There is one way to decide. While nothing can be kept, the same handler is given a journal that holds nothing (`EMPTY_JOURNAL`), and
each `Outcome` says whether it has to be kept before any of it may be done.
"""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from bot.contracts.addresses import Recipient
from bot.contracts.events import DeskReply, DeskTalk
from bot.contracts.outcomes import DoneOnce, Message, Notice, Outcome, TurnRecord
from bot.delivery.overhearing import concerns
from bot.delivery.status import Status
from bot.desk.desk import Desk
from bot.dialogue import wording
from bot.dialogue.masking import masked
from bot.dialogue.targets import DeskTarget, EntryTarget, TeamTarget
from bot.dialogue.turn import (
    SYSTEM_ACTS,
    USER_ACTS,
    Answer,
    Command,
    Compare,
    Context,
    Forget,
    HandOff,
    HashedKey,
    Occasion,
    Rating,
    Selection,
    Share,
    Utterance,
    turn_id,
)

if TYPE_CHECKING:
    from bot.contracts.addresses import Address, Room
    from bot.contracts.errors import Refusal
    from bot.contracts.events import InboundEvent, LeasedEvent
    from bot.contracts.ports import Journal
    from bot.dialogue.assistant import Assistant, Turn
    from bot.dialogue.reply import Reply
    from bot.dialogue.turn import UserAct


class EventHandler:
    """Answers events for one assistant; `desk` is None where nobody stands by, `team` where no room is shared with.

    `admins` may ask how the bot stands, `faults` are those of the last change of the knowledge. Synchronous; what it reads from a
    journal may raise `StoreError`.
    """

    def __init__(
        self, assistant: Assistant, desk: Room | None = None, team: Room | None = None, *, admins: frozenset[HashedKey] = frozenset()
    ) -> None:
        self.assistant = assistant
        self.desk = Desk(assistant.base, desk)
        self.status = Status(assistant.base, desk)
        self.faults = 0
        self._team = team
        self._admins = admins

    def handle(self, event: InboundEvent, leased: LeasedEvent, journal: Journal) -> Outcome:
        """What follows from an event."""
        context = leased.context
        match event.act:
            case DeskReply() as reply:
                return self._at_desk(reply, event, leased, journal)
            case DeskTalk() as talk:
                return replace(self.desk.talked(talk, event, journal), needs_store=True)
            case Share() | Selection(TeamTarget()) if event.address and event.once and journal.done_once(event.once):
                return Outcome(Message(event.address, wording.notice(self.assistant.base, "shared_before")), needs_store=True)
            case Selection(DeskTarget() as target):
                return replace(self.desk.pressed(target, event, journal), needs_store=True)
            case Selection(TeamTarget(entry)):
                return self._answered(Share(entry), replace(event, share_into=self._team.address if self._team else None), leased, journal)
            case Command("status") if context.person in self._admins and event.address:
                return Outcome(Message(event.address, self.status.report(journal.depth(), self.faults)), needs_store=True)
            case Share(entry) if event.address is None:  # shared by the platform itself: it only counts
                return Outcome(changes=(Share(entry, room=event.room),))
            case Occasion("greeting") if journal.greeted(context.person):
                return Outcome(needs_store=True)
            case act if event.edited:
                post = journal.answer_to(event.source)
                return self._answered(act, replace(event, edits=post), leased, journal) if post else Outcome(needs_store=True)
            case act:
                return self._answered(act, event, leased, journal)

    def no_memory(self, address: Address) -> Message:
        """Word that something has to wait, because nothing can be kept now."""
        return Message(address, wording.notice(self.assistant.base, "no_memory"))

    def broken(self, address: Address, context: Context) -> Outcome:
        """A word to whoever waits at an address for an answer that three tries could not give."""
        message = Message(address, wording.notice(self.assistant.base, "broken"))
        return Outcome(notices=(Notice(f"broken:{context.event}", context.conversation, context.person, message),))

    def shown(self, act: UserAct) -> Reply:
        """The reply to an act by itself, of which nothing is remembered."""
        return self.assistant.turn(act, None, Context(HashedKey(""))).reply

    def delivered(self, message: Message, cause: str, journal: Journal) -> Outcome:
        """What follows once a message has arrived; `cause` is the id of the event that it belonged to."""
        if message.share is not None:
            once = (DoneOnce(message.once),) if message.once else ()
            return Outcome(changes=(message.share, *once), notices=self._to_sharer(message, cause, "shared"))
        return self.desk.delivered(message, cause, journal)

    def taken_part(self, entry: str, beneath: Context) -> Outcome:
        """The session of those who write beneath an entry that was shared, in a conversation of their own."""
        return Outcome(session=self.assistant.turn(Selection(EntryTarget(entry)), None, beneath).session)

    def undelivered(self, message: Message, cause: str, journal: Journal, reason: Refusal = "") -> Outcome:
        """What follows when a message can never arrive; `cause` is the id of the event that it belonged to."""
        if message.share is not None:
            return Outcome(notices=self._to_sharer(message, cause, f"not_shared_{reason}" if reason else "not_shared"))
        return self.desk.undelivered(message, cause, journal)

    def _at_desk(self, reply: DeskReply, event: InboundEvent, leased: LeasedEvent, journal: Journal) -> Outcome:
        """What follows from something written at the desk. Only the journal knows what it is about, so it waits for that."""
        outcome = self.desk.replied(reply, event, leased.context, journal)
        if outcome is None and reply.otherwise is not None:
            outcome = self._answered(reply.otherwise, event, leased, journal)
        return replace(outcome or Outcome(), needs_store=True)

    def _answered(self, act: UserAct, event: InboundEvent, leased: LeasedEvent, journal: Journal) -> Outcome:
        """The turn that answers an act, and what it leads to beyond its reply."""
        begun = perf_counter()
        turn = self.assistant.turn(act, leased.session, leased.context)
        milliseconds = (perf_counter() - begun) * 1000
        if event.overheard and not concerns(turn, act):
            return Outcome()
        further = self._further(turn, event, leased.context, journal)
        if isinstance(turn.act, HandOff) and turn.act.step == "passed" and not further.changes:
            turn = replace(turn, reply=wording.compose(HandOff("enough"), self.assistant.base, turn.session))
        return replace(
            further,
            message=self._message(turn, event, leased.context),
            session=None if isinstance(turn.act, Forget) else turn.session,
            turn=_record(turn, act, leased, milliseconds, self.assistant.base.version),
        )

    def _further(self, turn: Turn, event: InboundEvent, context: Context, journal: Journal) -> Outcome:
        """What a decision leads to beyond its reply."""
        match turn.act:
            case Rating() as rating:
                return Outcome(changes=(replace(rating, reason=masked(rating.reason)),), needs_store=True)
            case Forget():
                return replace(self.desk.forgotten(context.person, journal.waiting(context.person)), needs_store=True)
            case HandOff("passed") as passed if event.address:
                asker = Recipient(event.address, context.conversation, context.person)
                outcome = self.desk.passed(passed.question, event.name if passed.named else "", asker, context, journal)
                return replace(outcome or Outcome(), needs_store=True)
            case HandOff(step):
                return Outcome(needs_store=step not in {"nobody", "kept"})
            case Share():
                return Outcome(needs_store=event.share_into is not None)
            case _:
                return Outcome()

    def _message(self, turn: Turn, event: InboundEvent, context: Context) -> Message | None:
        """The message that says a turn to whoever did something, or to the room that they share into."""
        if event.address is None:
            return None
        if isinstance(turn.act, Share) and event.share_into:
            sharer = Recipient(event.address, context.conversation, context.person)
            return self._shared(turn.act, turn.reply, event, event.share_into, sharer, context)
        source = "" if isinstance(turn.act, Forget) else event.source
        return Message(event.address, turn.reply, turn_id(context.event), edits=event.edits, source=source)

    def _shared(self, share: Share, reply: Reply, event: InboundEvent, into: Address, sharer: Recipient, context: Context) -> Message:
        """The message that shares an entry. The team's room may be on another platform, where only a name tells who shares it."""
        room = event.room
        if self._team is not None and into is self._team.address:
            by = wording.line(self.assistant.base, "shared_by", values={"name": event.name}) if event.name else ""
            reply = replace(reply, notes=(*reply.notes, *([by] if by else [])))
            room = self._team.key
        return Message(into, reply, turn_id(context.event), share=Share(share.entry, room=room), sharer=sharer, once=event.once)

    def _to_sharer(self, message: Message, cause: str, key: str) -> tuple[Notice, ...]:
        """Word to whoever shared something how that went."""
        if message.sharer is None:
            return ()
        said = Message(message.sharer.address, wording.notice(self.assistant.base, key))
        return (Notice(f"shared:{cause}", message.sharer.conversation, message.sharer.person, said),)


def _record(turn: Turn, act: UserAct, leased: LeasedEvent, milliseconds: float, knowledge: str) -> TurnRecord:
    """What is kept of a turn; of one that forgets a person, that there was one."""
    decided, match, forgotten = turn.act, turn.match, isinstance(turn.act, Forget)
    nobody = replace(leased.context, conversation=HashedKey(""), person=HashedKey(""))
    return TurnRecord(
        id=turn_id(leased.context.event),
        context=nobody if forgotten else leased.context,
        platform=leased.platform,
        said=USER_ACTS[type(act)],
        act=SYSTEM_ACTS[type(decided)],
        text=masked(act.text) if isinstance(act, Utterance) and not forgotten else "",
        entries=decided.entries if isinstance(decided, Answer) else (decided.entry,) if isinstance(decided, Compare) else (),
        scope=match.scope if match else 0.0,
        choice=match.choice if match else 0.0,
        confidence=turn.reply.confidence,
        milliseconds=milliseconds,
        knowledge=knowledge,
    )
