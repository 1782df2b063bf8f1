"""What a choice leads to: one union of targets, one way to write each on a button and one way to read it back.

A target is written as a few letters and an id, so it fits on a button of any platform, and anybody can forge it: whoever reads one
must not trust it further than that. Buttons are pressed years later, so the written forms never change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from pydantic import PlainSerializer, PlainValidator

Detail = Literal["answer", "more", "full"]
"""How much of an entry is told: its answer, only the rest of it, or both."""
Consent = Literal["named", "anonymous", "other"]
DeskMove = Literal["claim", "decline", "keep", "answer", "change", "take_back"]


@dataclass(frozen=True, slots=True)
class EntryTarget:
    """An entry, which the knowledge may not have any more."""

    entry: str
    detail: Detail = "answer"


@dataclass(frozen=True, slots=True)
class TopicTarget:
    """The menu of a topic; without one, of all topics."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class NoneOfThese:
    """All choices are refused."""


@dataclass(frozen=True, slots=True)
class PersonTarget:
    """A person is asked for."""


@dataclass(frozen=True, slots=True)
class ConsentTarget:
    """A question is passed on with the asker's name or without it, or another question is to be asked instead."""

    consent: Consent


@dataclass(frozen=True, slots=True)
class ReasonTarget:
    """Why the answer of a turn did not help."""

    turn: str
    reason: str


@dataclass(frozen=True, slots=True)
class TeamTarget:
    """An entry is shared with the team."""

    entry: str


@dataclass(frozen=True, slots=True)
class DeskTarget:
    """What the desk does about a question; `answer` is the one of its answers that is changed or taken back."""

    move: DeskMove
    question: str
    answer: str = ""


Target = EntryTarget | TopicTarget | NoneOfThese | PersonTarget | ConsentTarget | ReasonTarget | TeamTarget | DeskTarget


def written(target: Target) -> str:
    """A target as it stands on a button."""
    match target:
        case EntryTarget(entry, detail):
            return entry if detail == "answer" else f"{detail}:{entry}"
        case TopicTarget(topic):
            return f"topic:{topic}"
        case NoneOfThese():
            return "none-of-these"
        case PersonTarget():
            return "person"
        case ConsentTarget(consent):
            return f"handoff:{consent}"
        case ReasonTarget(turn, reason):
            return f"reason:{turn}:{reason}"
        case TeamTarget(entry):
            return f"team:{entry}"
        case DeskTarget(move, question, answer):
            return f"desk:{move}:{question}:{answer}" if answer else f"desk:{move}:{question}"


def read_target(text: str) -> Target:
    """The target that stands on a button. What is none of the others names an entry, of which there may be none."""
    kind, _, rest = text.partition(":")
    first, _, second = rest.partition(":")
    match kind:
        case "none-of-these" | "person" if kind == text:
            return NoneOfThese() if kind == "none-of-these" else PersonTarget()
        case "more" | "full" if rest:
            return EntryTarget(rest, kind)
        case "topic" if kind != text:
            return TopicTarget(rest)
        case "team" if rest:
            return TeamTarget(rest)
        case "handoff" if rest in get_args(Consent):
            return ConsentTarget(rest)  # type: ignore[arg-type] # as was just seen
        case "reason" if kind != text:
            return ReasonTarget(first, second)
        case "desk" if first in {"change", "take_back"} and second.partition(":")[2]:
            question, _, answer = second.partition(":")
            return DeskTarget(first, question, answer)  # type: ignore[arg-type] # as was just seen
        case "desk" if first in get_args(DeskMove):
            return DeskTarget(first, second)  # type: ignore[arg-type] # as was just seen
        case _:
            return EntryTarget(text)


KeptTarget = Annotated[Target, PlainValidator(lambda held: read_target(held) if isinstance(held, str) else held), PlainSerializer(written)]
"""A target in what is kept: as it stands on a button."""
