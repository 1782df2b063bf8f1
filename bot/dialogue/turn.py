"""The two sides of a turn as facts: what a person did (`UserAct`), what the bot decided (`SystemAct`).

What the bot says is in neither: `bot.dialogue.wording` says what was decided. Who did it, where and when goes beside them, as
`Context`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2s
from typing import TYPE_CHECKING, Final, Literal, NewType

if TYPE_CHECKING:
    from bot.dialogue.targets import Detail, Target
    from bot.knowledge.entry import SocialKind

RawKey = NewType("RawKey", str)
"""A platform's name of a person, conversation or room, as `slack:T1/C1`. It is never kept."""
NO_KEY = RawKey("")
"""The key of nothing."""
HashedKey = NewType("HashedKey", str)
"""What stands for a raw key in all that is kept; empty for nobody."""


@dataclass(frozen=True, slots=True)
class Context:
    """Who did something, where, by which event, and when (seconds since the epoch)."""

    conversation: HashedKey
    person: HashedKey = HashedKey("")
    event: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Selection:
    """A choice or follow-up picked."""

    target: Target


@dataclass(frozen=True, slots=True)
class Browse:
    """The menu opened: all topics, or the entries of one."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class Rating:
    """A 👍 or 👎 for an answer, given, decided and kept: `turn` is the answer's, empty for the last one; `reason` why it did not help."""

    up: bool
    turn: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """Something asked for by name, whatever words would ask for it."""

    name: Literal["help", "privacy", "forget", "person", "status"]


@dataclass(frozen=True, slots=True)
class Share:
    """An entry shown to others, asked for, decided and kept, with a remark of whoever shows it; `room` is where it was shown."""

    entry: str
    remark: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that calls for a word though nothing was asked.

    `greeting`: somebody has opened a conversation for the first time; `start`: somebody wants to be greeted, once more maybe; `joined`
    and `joined_group`: the bot was added where it is called by a mention, or by a command; `guest` and `no_sharing`: somebody from
    outside may not ask, or not share; `not_here`: the bot is not to answer in that place, or `not_there`, where something was to be
    shared; `unknown`: only members may ask, and it cannot be told now whether somebody is one; `too_fast`: somebody writes more than is
    answered, `too_many`: all in a room together do.
    """

    name: Literal[
        "greeting", "start", "joined", "joined_group", "guest", "unknown", "no_sharing", "not_here", "not_there", "too_fast", "too_many"
    ]


UserAct = Utterance | Selection | Browse | Rating | Command | Share | Occasion


@dataclass(frozen=True, slots=True)
class Answer:
    """Entries answered: one, or two for a question in two parts. `detail` tells whether the rest is said, or both (`full`)."""

    entries: tuple[str, ...]
    confidence: float
    detail: Detail = "answer"


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
class Acknowledge:
    """A short line in answer to a move that leads nowhere; `text` is its key in the wording, `values` fill its gaps."""

    text: str
    values: dict[str, str] = field(default_factory=dict)


SystemAct = (
    Answer | Compare | Clarify | OutOfScope | Fallback | Social | HandOff | Rating | Forget | Listing | Greeting | Share | Acknowledge
)

USER_ACTS: Final[dict[type[UserAct], str]] = {
    Utterance: "utterance",
    Selection: "selection",
    Browse: "browse",
    Rating: "rating",
    Command: "command",
    Share: "sharing",
    Occasion: "occasion",
}
"""The names under which what people did is kept and counted."""
SYSTEM_ACTS: Final[dict[type[SystemAct], str]] = {
    Answer: "answer",
    Compare: "compare",
    Clarify: "clarify",
    OutOfScope: "out_of_scope",
    Fallback: "fallback",
    Social: "social",
    HandOff: "handoff",
    Rating: "rated",
    Forget: "forget",
    Listing: "listing",
    Greeting: "greeting",
    Share: "share",
    Acknowledge: "acknowledge",
}
"""The names under which what was decided is kept and counted."""


def turn_id(event: str) -> str:
    """The id of the turn that answers an event: 16 characters for a button or a key, the same for a second delivery."""
    return blake2s(event.encode(), digest_size=8).hexdigest() if event else ""
