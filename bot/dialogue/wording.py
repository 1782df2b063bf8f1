"""From what was decided to how it is said, in the words of the editor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.dialogue.reply import Choice, Reply, Table
from bot.dialogue.session import Session
from bot.dialogue.targets import ConsentTarget, EntryTarget, NoneOfThese, ReasonTarget, Target, TopicTarget
from bot.dialogue.turn import (
    Acknowledge,
    Answer,
    Clarify,
    Compare,
    Fallback,
    Forget,
    Greeting,
    HandOff,
    Listing,
    OutOfScope,
    Rating,
    Share,
    Social,
    SystemAct,
)
from bot.knowledge.markup import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.knowledge.entry import Entry, KnowledgeBase

MOST_FOLLOW_UPS = 3
FAIRLY_SURE, UNSURE = 0.5, 0.25
"""Confidence from which on a question back says that it is fairly sure of its choices, and below which it says that it is not.

Of the held-out questions, what is asked for was among the choices of 67 % asked back about at or above the first, of 43 % between
the two, and of 11 % below.
"""
DAYS = "{days}"
"""The gap in replies about privacy that the days fill for which what people write is kept."""
REASONS = ("wrong", "other", "unclear", "old")
"""Why an answer may not have helped; the wording has a `reason_...` for each."""
_CONSENT: tuple[tuple[Target, str], ...] = (
    (ConsentTarget("named"), "handoff_named"),
    (ConsentTarget("anonymous"), "handoff_anonymous"),
    (ConsentTarget("other"), "handoff_other"),
    (NoneOfThese(), "handoff_no"),
)


def compose(act: SystemAct, base: KnowledgeBase, session: Session, days: int = 90) -> Reply:
    """The reply that says an act within a session; `days` is how long what people write is kept."""
    match act:
        case Answer():
            return _answer(act, base, session)
        case Compare():
            return _compare(act, base, session)
        case Clarify():
            return _clarify(act, base, session)
        case OutOfScope():
            return _out_of_scope(act, base, session)
        case Fallback():
            return Reply("fallback", line(base, "fallback", session.line), confidence=act.confidence, follow_ups=_topics(base))
        case Social():
            said = _in_turn(base.social[act.id].replies, act.turn)
            said = said.replace(DAYS, str(days)) if act.kind == "privacy" else said
            return Reply("social", said, act.kind, act.confidence, follow_ups=_topics(base) if act.kind == "help" else ())
        case HandOff():
            return _hand_off(act, base)
        case Rating() | Forget():
            return _done(act, base)
        case Listing() | Greeting():
            return _menu(act, base)
        case Share():
            return _share(act, base)
        case Acknowledge():
            return _acknowledge(act, base, session)


def line(base: KnowledgeBase, key: str, turn: int = 0, values: Mapping[str, str] | None = None) -> str:
    """One of the lines of the wording, in rotation, its gaps filled."""
    return _in_turn(base.texts[key], turn).format_map(values or {})


def notice(
    base: KnowledgeBase, key: str, *, quote: str = "", notes: tuple[str, ...] = (), offers: Mapping[Target, str] | None = None
) -> Reply:
    """Something said unasked, about a hand-off; `offers` maps the targets of what can be done to the keys of their labels."""
    choices = tuple(Choice(target, line(base, label)) for target, label in (offers or {}).items())
    return Reply("handoff", line(base, key), "notice", 1.0, follow_ups=choices, notes=notes, quote=quote)


def choice(entry: Entry) -> Choice:
    """An entry as something to pick."""
    return Choice(EntryTarget(entry.id), entry.title)


def _topics(base: KnowledgeBase) -> tuple[Choice, ...]:
    return tuple(Choice(TopicTarget(topic.id), topic.title) for topic in base.topics)


def _in_turn(lines: tuple[str, ...], turn: int) -> str:
    return lines[turn % len(lines)]


def _answer(act: Answer, base: KnowledgeBase, session: Session) -> Reply:
    entries = [base.entries[id_] for id_ in act.entries]
    text = "\n\n".join(entry.more if act.detail == "more" else entry.answer for entry in entries)
    return Reply(
        "answer",
        text,
        confidence=act.confidence,
        sources=_sources(entries),
        follow_ups=follow_ups(entries, base, session),
        more=act.detail == "answer" and len(entries) == 1 and bool(entries[0].more),
        entries=act.entries,
        detail=entries[0].more if act.detail == "full" else "",
    )


def _share(act: Share, base: KnowledgeBase) -> Reply:
    """An answer as a card for others: complete in itself, the question as its head, and what one could ask next."""
    entry, anew = base.entries[act.entry], Session()
    reply = _compare(Compare(entry.id, 1.0), base, anew) if entry.kind == "compare" else _answer(Answer((entry.id,), 1.0), base, anew)
    return replace(reply, text=f"**{entry.question}**\n{reply.text}", quote=act.remark)


def _compare(act: Compare, base: KnowledgeBase, session: Session) -> Reply:
    entry = base.entries[act.entry]
    rows = tuple((row.label, tuple(plain(row.cells[column]) for column in entry.columns)) for row in entry.rows)
    seen = (base.entries[id_] for row in entry.rows for id_ in row.see)
    return Reply(
        "answer",
        entry.answer,
        confidence=act.confidence,
        table=Table(tuple(entry.columns.values()), rows),
        sources=_sources([entry, *seen]),
        follow_ups=follow_ups([entry], base, session),
        more=bool(entry.more),
        entries=(entry.id,),
    )


def _clarify(act: Clarify, base: KnowledgeBase, session: Session) -> Reply:
    choices = (*(choice(base.entries[id_]) for id_ in act.choices), Choice(NoneOfThese(), line(base, "none_of_these")))
    return Reply("clarify", act.ask or line(base, _how_sure(act), session.line), confidence=act.confidence, choices=choices)


def _how_sure(act: Clarify) -> str:
    """The key of the text that asks back. Where nothing was weighed, "yes" has taken all choices: it is one of them."""
    if len(act.choices) == 1:
        return "clarify_one"
    if act.confidence >= FAIRLY_SURE or not act.confidence:
        return "clarify_sure"
    return "clarify" if act.confidence >= UNSURE else "clarify_unsure"


def _out_of_scope(act: OutOfScope, base: KnowledgeBase, session: Session) -> Reply:
    if act.subject:
        text = base.subjects[act.subject].reply
    elif act.what:
        text = line(base, "out_of_scope_facet", session.line, values={"what": act.what})
    else:
        text = line(base, "out_of_scope", session.line)
    nearest = tuple(choice(base.entries[id_]) for id_ in act.nearest if id_ in base.entries)
    return Reply("out_of_scope", text, confidence=act.confidence, follow_ups=nearest)


def _hand_off(act: HandOff, base: KnowledgeBase) -> Reply:
    if act.step == "question" and act.group:
        return Reply("handoff", _in_turn(base.social[act.group].replies, act.turn), confidence=act.confidence)
    text = line(base, f"handoff_{act.step}", act.turn)
    choices = tuple(Choice(target, line(base, key)) for target, key in _CONSENT) if act.step == "consent" else ()
    return Reply("handoff", text, confidence=act.confidence, choices=choices, quote=act.question)


def _done(act: Rating | Forget, base: KnowledgeBase) -> Reply:
    if isinstance(act, Forget):
        return Reply("social", line(base, "forgotten"), "privacy", 1.0)
    reasons = () if act.up or act.reason else tuple(Choice(ReasonTarget(act.turn, why), line(base, f"reason_{why}")) for why in REASONS)
    key = "rated_up" if act.up else "rated_reason" if act.reason else "rated_down"
    return Reply("social", line(base, key), "acknowledge" if act.up else "complaint", 1.0, follow_ups=reasons)


def _menu(act: Listing | Greeting, base: KnowledgeBase) -> Reply:
    if isinstance(act, Greeting):
        offers = (*(Choice(EntryTarget(entry.id), entry.question) for entry in base.prompts), *_topics(base))
        return Reply("social", line(base, "greeting", values={"title": base.title}), "greeting", 1.0, follow_ups=offers)
    if not act.topic:
        return Reply("social", line(base, "topics"), "help", 1.0, follow_ups=_topics(base))
    title = next(topic.title for topic in base.topics if topic.id == act.topic)
    entries = tuple(choice(entry) for entry in base.under(act.topic))
    return Reply("social", line(base, "topic", values={"topic": title}), "help", 1.0, follow_ups=entries)


def _acknowledge(act: Acknowledge, base: KnowledgeBase, session: Session) -> Reply:
    text = line(base, act.text, values=act.values)
    if act.text == "empty":
        return Reply("social", text, "empty", 1.0)
    if act.text in {"no_more", "no_example"}:
        entries = [base.entries[id_] for id_ in session.last]
        onward = follow_ups(entries, base, session)
        text = text if onward or act.text == "no_example" else line(base, "all_said")
        return Reply("answer", text, confidence=1.0, sources=_sources(entries), follow_ups=onward)
    return Reply("social", text, "acknowledge", 1.0, follow_ups=session.offered if act.text == "not_a_choice" else ())


def _sources(entries: Iterable[Entry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.heading for entry in entries if entry.heading))


def follow_ups(entries: Iterable[Entry], base: KnowledgeBase, session: Session) -> tuple[Choice, ...]:
    """What the entries lead to and has not been shown; then what that leads to, so that a conversation does not run dry."""
    asked = [entry for entry in entries if entry.id in base.entries]
    taken = session.shown | {entry.id for entry in asked}
    offered: dict[str, Choice] = {}
    near = [follow for entry in asked for follow in entry.follow_ups]
    further = [follow for step in near for follow in base.entries[step.to].follow_ups]
    for follow in (*near, *further):
        if follow.to not in taken and len(offered) < MOST_FOLLOW_UPS:
            offered.setdefault(follow.to, Choice(EntryTarget(follow.to), follow.label))
    return tuple(offered.values())
