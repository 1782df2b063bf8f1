"""What matching says about a message: candidates, and the numbers by which the dialogue decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.matching.facets import Mention


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry, subject or social kind that a message may be asking for, with its probability among all of them."""

    id: str
    probability: float


@dataclass(frozen=True, slots=True)
class Match:
    """A message understood: what was read, and what it may be asking for.

    `entries`, `subjects` and `social` are the best of each, likeliest first. `scope` is the probability mass on all entries
    (without small talk), `choice` the best entry's share of that mass, `confidence` the calibrated probability that the best
    entry is the right answer, `known` the share of the message that the knowledge has words for; all in [0, 1].
    `corrections` maps what was typed to what was read. `ruled_out` are the entries that must never answer the message; they are in
    none of the rest.
    """

    words: tuple[str, ...]
    corrections: tuple[tuple[str, str], ...]
    mentions: tuple[Mention, ...]
    entries: tuple[Candidate, ...]
    subjects: tuple[Candidate, ...]
    social: tuple[Candidate, ...]
    scope: float
    choice: float
    confidence: float
    known: float
    ruled_out: tuple[str, ...] = ()

    @classmethod
    def nothing(cls) -> Match:
        """The match of a message in which nothing can be read."""
        return cls((), (), (), (), (), (), 0.0, 0.0, 0.0, 0.0)

    @property
    def best(self) -> Candidate:
        """The likeliest entry; one without id or probability where all are ruled out."""
        return self.entries[0] if self.entries else Candidate("", 0.0)

    @property
    def empty(self) -> bool:
        """Whether nothing could be read."""
        return not (self.words or self.social)
