"""The two sides of a turn as facts: what a person did (`UserAct`), what the bot decided (`SystemAct`).

Decisions hold ids and numbers, no words; `bot.dialogue.wording` says them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bot.knowledge.entry import SocialKind


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """Who did it, where and when: `at` is in seconds since the epoch, `event` the platform's id for the event."""

    conversation: str
    person: str = ""
    event: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance(_Said):
    """Something typed."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection(_Said):
    """A choice or follow-up tapped: the id of an entry, or `NONE`."""

    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Browse(_Said):
    """The menu opened: all topics, or the entries of one."""

    topic: str = ""


UserAct = Utterance | Selection | Browse

NONE = "none-of-these"
"""The target of the choice that refuses all choices."""
TOPIC = "topic:"
"""What the target of a topic begins with; the topic's id follows."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Entries answered: one, or two for a question in two parts. `detail` tells whether the rest of it is said."""

    entries: tuple[str, ...]
    confidence: float
    detail: Literal["answer", "more"] = "answer"


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison answered."""

    entry: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Clarify:
    """A question back, with at most three entries to choose from; `ask` is the question where an editor wrote one."""

    choices: tuple[str, ...]
    confidence: float
    ask: str = ""


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """Understood, but not covered: the `subject`, or else `what` was named that is not covered; and the nearest entries."""

    subject: str
    what: str
    nearest: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Fallback:
    """Not understood."""

    confidence: float


@dataclass(frozen=True, slots=True)
class Social:
    """Small talk: which group of the knowledge replies, as what it counts, and the how-manieth of its replies to take."""

    id: str
    kind: SocialKind
    turn: int
    confidence: float


@dataclass(frozen=True, slots=True)
class HandOff:
    """A person was asked for."""

    id: str
    turn: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Listing:
    """A menu: the topics, or the entries of `topic`."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A short line in answer to a move that leads nowhere; `text` is its key in the wording, `values` fill its gaps."""

    text: str
    values: dict[str, str] = field(default_factory=dict)


SystemAct = Answer | Compare | Clarify | OutOfScope | Fallback | Social | HandOff | Listing | Acknowledge
