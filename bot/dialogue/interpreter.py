"""What to do about something typed or tapped: a move within the conversation, else a question for the matcher."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot.dialogue import consent, context, moves, wording
from bot.dialogue.parts import asked_parts
from bot.dialogue.policy import as_answer, decide, small_talk
from bot.dialogue.targets import EntryTarget, NoneOfThese, ReasonTarget, TopicTarget
from bot.dialogue.turn import (
    Acknowledge,
    Answer,
    Clarify,
    Compare,
    Fallback,
    Forget,
    HandOff,
    Listing,
    Rating,
    SystemAct,
)
from bot.language import questions
from bot.matching.facets import FacetFinder
from bot.matching.text import normalise, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from bot.dialogue.policy import Limits
    from bot.dialogue.session import Session
    from bot.dialogue.targets import Target
    from bot.knowledge.entry import KnowledgeBase
    from bot.matching.candidate import Match


class Ranks(Protocol):
    """Whatever can say what a message may be asking for."""

    def ruled_out(self, text: str) -> frozenset[str]:
        """The entries that must never answer a raw message."""

    def rank(self, text: str, *others: str, boosts: Mapping[str, float] | None = None, without: Collection[str] = ()) -> Match:
        """The candidates for a raw message.

        `others`: the same in other words; `boosts`: what has become likelier; `without`: what is ruled out.
        """


class Interpreter:
    """Decides about utterances and targets, from one knowledge base. Holds nothing between turns.

    `desk` tells whether a person can be asked.
    """

    def __init__(self, base: KnowledgeBase, matcher: Ranks, limits: Limits, *, desk: bool) -> None:
        self.base = base
        self._matcher = matcher
        self._limits = limits
        self._desk = desk
        self._facets = FacetFinder(base.facets)
        self._underspecified = {_bare(normalise(form)): question for question in base.clarify for form in question.when}

    def interpret(self, text: str, session: Session) -> tuple[SystemAct, Match | None]:
        """What to do about something typed: a move within the conversation, else a question to match."""
        move = moves.read_move(text, session)
        if isinstance(move, moves.Pick) and _reaches(move.choice.target, self._matcher.ruled_out(text)):
            move = None  # a label that must never reach its entry
        match move:
            case moves.Topics():
                return Listing(), None
            case moves.ForgetMe():
                return Forget(), None
            case moves.Thumb(up):
                return Rating(up, session.turn) if session.turn else Acknowledge("nothing_to_rate"), None
            case moves.Pick(choice):
                return self.open(choice.target, session), None
            case moves.Refuse():
                return Acknowledge("none_picked"), None
            case moves.WrongNumber(number):
                return Acknowledge("not_a_choice", {"number": str(number)}), None
            case None:
                return self._asked(text, session)
            case _:
                return self._moved(move, text, session)

    def _moved(self, move: moves.Move, text: str, session: Session) -> tuple[SystemAct, Match | None]:
        """What to do about a move that goes on from the last answer; without one it is just words."""
        if isinstance(move, moves.Yes):
            return self._agreed(text, session)
        last = context.last_entry(session, self.base)
        if last is None:
            return (Acknowledge("nothing_before"), None) if isinstance(move, moves.More) else self._asked(text, session)
        if isinstance(move, moves.More | moves.Why) and session.more_of(last):
            return Answer((last.id,), 1.0, "more"), None
        match move:
            case moves.Why():
                return self._related(context.why(last, self.base, session), "no_more"), None
            case moves.Example():
                return self._related(context.example(last, self.base, session), "no_example"), None
            case moves.Another():
                return self._related(context.another(last, self.base, session), "no_more"), None
        following_up = wording.follow_ups([last], self.base, session)
        return (self.open(following_up[0].target, session), None) if following_up else (Acknowledge("no_more"), None)

    def _agreed(self, text: str, session: Session) -> tuple[SystemAct, Match | None]:
        """What "yes" takes: a person where one was offered, the only choice, the rest of the last answer."""
        if session.person_offered:
            return HandOff("wished"), None
        takable = tuple(choice.target for choice in session.offered if not isinstance(choice.target, NoneOfThese))
        known = self._entries_of(takable)
        if session.awaiting and len(known) > 1:
            return Clarify(known, 0.0), None
        last = context.last_entry(session, self.base)
        if last is not None and session.more_of(last) and not session.awaiting:
            return Answer((last.id,), 1.0, "more"), None
        return (self.open(takable[0], session), None) if takable else self._asked(text, session)

    def _related(self, asked: context.Query, otherwise: str) -> SystemAct:
        """The entry that goes on from the last answer, or word that there is none."""
        found = self._rank(asked)
        if found.empty or found.confidence < self._limits.related:
            return Acknowledge(otherwise)
        return as_answer(found.entries[0].id, found.confidence, self.base)

    def _asked(self, text: str, session: Session) -> tuple[SystemAct, Match | None]:
        """What to do about a question: by what it says alone, and where that is not enough by what the conversation is about."""
        said, never = normalise(text), self._matcher.ruled_out(text)
        chosen = self._named_choice(said, session, never) or self._left_open(said, session, never)
        if chosen is not None:
            return chosen, None
        turned = context.turned(said, session, self.base, self._facets)
        found = self._rank(turned, never) if turned else self._matcher.rank(text)
        if found.empty:
            return (Fallback(0.0) if said else Acknowledge("empty")), found  # nothing is left of links and mentions
        decided = small_talk(found, self.base, session, self._limits) or self._in_parts(text, found, never)
        if decided is not None:
            return decided, found
        leaning = None if turned else context.leaning(said, session, self.base, self._facets)
        if leaning and not self._stands_alone(said, found, session) and not self._foreign(found):
            found = self._rank(leaning, never)
        return decide(found, self.base, self._limits), found

    def _rank(self, asked: context.Query, never: Collection[str] = ()) -> Match:
        return self._matcher.rank(asked.text, *asked.others, boosts=asked.boosts, without=never)

    def _stands_alone(self, said: str, found: Match, session: Session) -> bool:
        """Whether a message is clear by itself, and its answer is about the facets of the conversation where it names none."""
        if not found.entries:
            return False
        named = {mention.facet for mention in found.mentions}
        about = self.base.entries[found.entries[0].id].about
        agrees = all(about.get(facet, value) == value for facet, value in session.about.items() if facet not in named)
        last = [self.base.entries[id_] for id_ in session.last if id_ in self.base.entries]
        near = {id_ for entry in last for id_ in (entry.id, *(follow.to for follow in entry.follow_ups))}
        fits = found.entries[0].id in near or not context.points_back(said)
        return found.confidence >= self._limits.alone and agrees and fits

    def _foreign(self, found: Match) -> bool:
        """Whether a message is clearly about something that is not covered, whatever the conversation is about."""
        return bool(found.subjects) and found.subjects[0].probability >= self._limits.foreign

    def _left_open(self, said: str, session: Session, never: Collection[str]) -> SystemAct | None:
        """The question that decides, for a word or two that leave open what is meant; or the answer that the conversation decides."""
        question = self._underspecified.get(_bare(said))
        if question is None:
            return None
        choices = tuple(id_ for id_ in question.choices if id_ not in never)
        fitting = [id_ for id_ in choices if _fits(self.base.entries[id_].about, session.about)]
        if session.about and len(fitting) == 1:
            return self.open(EntryTarget(fitting[0]), session)
        return Clarify(choices, 0.0, question.ask) if len(choices) > 1 else None

    def _named_choice(self, said: str, session: Session, never: Collection[str]) -> SystemAct | None:
        """The one choice offered that fits the facets which a message names, if it does nothing else: "for the PM"."""
        if not session.awaiting or not context.names_only(said, self._facets):
            return None
        named = {mention.facet: mention.value for mention in self._facets.find(words(said))}
        offered = self._entries_of((choice.target for choice in session.offered), never)
        fitting = [id_ for id_ in offered if all(self.base.entries[id_].about.get(f) == value for f, value in named.items())]
        return self.open(EntryTarget(fitting[0]), session) if len(fitting) == 1 else None

    def _in_parts(self, text: str, whole: Match, never: Collection[str]) -> Answer | Compare | None:
        """A message that asks two clear things, as one answer in two parts; a long one that asks one, as its answer."""
        clear: dict[str, float] = {}
        for part in asked_parts(text):
            found = self._matcher.rank(part, without=never)
            if not found.empty and found.confidence >= self._limits.part:
                clear.setdefault(found.entries[0].id, found.confidence)
        pair = tuple(clear)[:2]
        if len(pair) > 1:
            return Answer(pair, min(clear.values()))
        unclear = whole.confidence < self._limits.answer and len(whole.words) >= self._limits.long
        sure = bool(pair) and clear[pair[0]] >= self._limits.sentence
        return as_answer(pair[0], clear[pair[0]], self.base) if sure and unclear else None

    def find(self, text: str) -> list[str]:
        """The entries that a text may be looking for, likeliest first: an id, or what the matcher finds worth showing."""
        if text in self.base.entries:
            return [text]
        found = self._matcher.rank(text)
        return [candidate.id for candidate in found.entries if candidate.probability >= self._limits.clarify]

    def open(self, target: Target, session: Session) -> SystemAct:
        """What to do about something picked. A target that the knowledge no longer has degrades politely."""
        handing = consent.chosen(target, session, desk=self._desk)
        if handing is not None:
            return handing
        match target:
            case ReasonTarget(turn, reason):
                return Rating(up=False, turn=turn, reason=reason) if turn else Acknowledge("nothing_to_rate")
            case NoneOfThese():
                return Acknowledge("none_picked" if session.awaiting else "picked_nothing_left")
            case TopicTarget(topic):
                return Listing(topic if self.base.under(topic) else "")
            case EntryTarget(entry, detail) if entry in self.base.entries:
                if detail == "answer":
                    return as_answer(entry, 1.0, self.base)
                return Answer((entry,), 1.0, detail) if self.base.entries[entry].more else Acknowledge("gone")
            case _:
                return Acknowledge("gone")

    def _entries_of(self, targets: Iterable[Target], never: Collection[str] = ()) -> tuple[str, ...]:
        """The entries among targets that the knowledge has, and that are not ruled out."""
        named = (target.entry for target in targets if isinstance(target, EntryTarget))
        return tuple(entry for entry in named if entry in self.base.entries and entry not in never)


def _reaches(target: Target, entries: Collection[str]) -> bool:
    """Whether a target leads to one of some entries."""
    return isinstance(target, EntryTarget) and target.entry in entries


def _bare(said: str) -> str:
    """The words of a normalised message without those that add nothing: "what about the salary?" is "salary"."""
    return " ".join(word for word in words(said) if word not in questions.FILLERS)


def _fits(about: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether an entry is about nothing else than what is wanted, and shares a facet with it."""
    shared = set(about) & set(wanted)
    return bool(shared) and all(about[facet] == wanted[facet] for facet in shared)
