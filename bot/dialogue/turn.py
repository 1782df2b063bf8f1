"""The two sides of a turn as facts: what a person did (`UserAct`), what the bot decided (`SystemAct`).

Decisions hold ids and numbers, no words; `bot.dialogue.wording` says them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2s
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating(_Said):
    """A 👍 or 👎 for an answer: `turn` is the answer's turn, empty for the last one; `reason` why it did not help."""

    up: bool
    turn: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(_Said):
    """Something asked for by name, whatever words would ask for it."""

    name: Literal["help", "privacy", "forget", "person", "status"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing(_Said):
    """An entry shown to others, with a remark of whoever shows it."""

    entry: str
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion(_Said):
    """Something that calls for a word though nothing was asked.

    `greeting`: somebody has opened a talk for the first time; `start`: somebody wants to be greeted, once more maybe; `joined`
    and `joined_group`: the bot was added where it is called by a mention, or by a command; `guest` and `no_sharing`: somebody
    from outside may not ask, or not share; `not_here`: the bot is not to answer in that place, or `not_there`, where something
    was to be shared; `too_fast`: somebody writes more than is answered, `too_many`: all in a room together do.
    """

    name: Literal["greeting", "start", "joined", "joined_group", "guest", "no_sharing", "not_here", "not_there", "too_fast", "too_many"]


UserAct = Utterance | Selection | Browse | Rating | Command | Sharing | Occasion

NONE = "none-of-these"
"""The target of the choice that refuses all choices."""
TOPIC = "topic:"
"""What the target of a topic begins with; the topic's id follows."""
MORE = "more:"
"""What the target that tells the rest of an answer begins with; the entry's id follows."""
FULL = "full:"
"""What the target that tells an answer with its rest begins with; the entry's id follows."""
TEAM = "team:"
"""What the target that shares an entry with the team begins with; the entry's id follows."""
PERSON = "person"
"""The target of the choice that asks for a person."""
HAND = "handoff:"
"""What the targets of consent begin with: `named`, `anonymous` or `other` (ask something else) follows."""
REASON = "reason:"
"""What the target of a reason for a 👎 begins with; the rated turn, a colon and the reason follow."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Entries answered: one, or two for a question in two parts. `detail` tells whether the rest is said, or both (`full`)."""

    entries: tuple[str, ...]
    confidence: float
    detail: Literal["answer", "more", "full"] = "answer"


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


HandOffStep = Literal["wished", "nobody", "question", "consent", "passed", "kept", "enough"]


@dataclass(frozen=True, slots=True)
class HandOff:
    """A step on the way to a person.

    `wished`: a person was asked for; `nobody` stands by; the `question` is asked for; `consent` to pass `question` on is asked
    for; it was `passed` on, with the asker's name or without; it was `kept` back; `enough` of them wait already. `group` is the
    small talk that heard the wish and `turn` the how-manieth of its replies to take.
    """

    step: HandOffStep
    confidence: float = 1.0
    group: str = ""
    turn: int = 0
    question: str = ""
    named: bool = False


@dataclass(frozen=True, slots=True)
class Rated:
    """An answer was rated; `turn` is the rated one."""

    turn: str
    up: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Forget:
    """All that is kept of a person is to be erased."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A menu: the topics, or the entries of `topic`."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class Greeting:
    """A first word: what the bot is for, what one could ask, the topics."""


@dataclass(frozen=True, slots=True)
class Share:
    """An entry put before others, with a remark in somebody's own words."""

    entry: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A short line in answer to a move that leads nowhere; `text` is its key in the wording, `values` fill its gaps."""

    text: str
    values: dict[str, str] = field(default_factory=dict)


SystemAct = (
    Answer | Compare | Clarify | OutOfScope | Fallback | Social | HandOff | Rated | Forget | Listing | Greeting | Share | Acknowledge
)


def turn_id(event: str) -> str:
    """The id of the turn that answers an event: 16 characters for a button or a key, the same for a second delivery."""
    return blake2s(event.encode(), digest_size=8).hexdigest() if event else ""
