"""The held-out questions and conversations of the knowledge put to the bot: how many it answers right, and what it gets wrong."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.dialogue.conversations import Conversations
from bot.dialogue.turn import Answer, Clarify, Compare, SystemAct, Utterance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.dialogue.assistant import Assistant, Turn
    from bot.knowledge.schema import HeldOutModel, QuestionModel, TurnModel

NOT_COVERED = "not covered"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question put to the bot.

    `verdict` is right, one tap, wrong or no answer; for what is not covered, refused or false answer. `top` is the likeliest
    entry and `sure` the calibrated probability in [0, 1] that it is right, whatever was decided.
    """

    text: str
    kind: str
    verdict: str
    wanted: tuple[str, ...]
    got: str
    confidence: float
    sure: float = 0.0
    top: str = ""


@dataclass(slots=True)
class Result:
    """What the bot made of all questions and of all turns of the conversations."""

    questions: list[Asked] = field(default_factory=list)
    turns: list[Asked] = field(default_factory=list)
    conversations_right: int = 0
    conversations: int = 0

    def shares(self) -> dict[str, dict[str, float]]:
        """For each kind of question, how many there are and the share of each verdict; conversations as the kind of that name."""
        kinds: dict[str, list[Asked]] = defaultdict(list)
        for asked in self.questions:
            kinds[asked.kind if asked.wanted else f"{asked.kind}, {NOT_COVERED}"].append(asked)
            kinds["all" if asked.wanted else NOT_COVERED].append(asked)
        table = {kind: _share(group) for kind, group in sorted(kinds.items())}
        if self.turns:
            whole = round(self.conversations_right / self.conversations, 3)
            table["conversations"] = {**_share(self.turns), "whole conversations right": whole}
        return table


def evaluate(tests: HeldOutModel, assistant: Assistant) -> Result:
    """Ask every question in a conversation of its own and play every conversation."""
    result, conversations = Result(conversations=len(tests.conversations)), Conversations(assistant)
    for number, question in enumerate(tests.questions):
        result.questions.append(_asked(question, conversations, f"question {number}"))
    for number, conversation in enumerate(tests.conversations):
        played = [_turn(turn, conversations, f"conversation {number}") for turn in conversation]
        result.turns += played
        result.conversations_right += all(turn.verdict == "right" for turn in played)
    return result


def entries_of(act: SystemAct) -> tuple[str, ...]:
    """The entries that an act answers with."""
    if isinstance(act, Answer):
        return act.entries
    return (act.entry,) if isinstance(act, Compare) else ()


def _asked(question: QuestionModel, conversations: Conversations, conversation: str) -> Asked:
    turn = conversations.respond(Utterance(question.ask), conversation)
    wanted = () if isinstance(question.expect, str) else tuple(question.expect)
    verdict = _verdict(turn, wanted) if wanted else ("false answer" if turn.reply.act in {"answer", "social"} else "refused")
    match = turn.match
    likeliest = match.entries[0].id if match and match.entries else ""
    return Asked(
        question.ask, question.kind, verdict, wanted, _got(turn), turn.reply.confidence, match.confidence if match else 0.0, likeliest
    )


def _verdict(turn: Turn, wanted: Sequence[str]) -> str:
    given = entries_of(turn.act)
    if given:
        return "right" if set(given) & set(wanted) else "wrong"
    if isinstance(turn.act, Clarify) and set(turn.act.choices) & set(wanted):
        return "one tap"
    return "no answer"


def _turn(model: TurnModel, conversations: Conversations, conversation: str) -> Asked:
    turn = conversations.respond(Utterance(model.say), conversation)
    wanted = tuple(model.expect) if isinstance(model.expect, list) else ()
    if wanted:
        right = bool(set(entries_of(turn.act)) & set(wanted))
    elif model.expect == "none":
        right = turn.reply.act in {"out_of_scope", "fallback", "clarify"}
    else:
        right = not model.act or turn.reply.act in model.act
    return Asked(model.say, "turn", "right" if right else "wrong", wanted or tuple(model.act), _got(turn), turn.reply.confidence)


def _got(turn: Turn) -> str:
    named = entries_of(turn.act) or (turn.act.choices if isinstance(turn.act, Clarify) else ())
    return f"{turn.reply.act} {', '.join(named)}".strip()


def _share(group: Iterable[Asked]) -> dict[str, float]:
    verdicts = [asked.verdict for asked in group]
    return {"n": len(verdicts), **{name: round(verdicts.count(name) / len(verdicts), 3) for name in dict.fromkeys(verdicts)}}
