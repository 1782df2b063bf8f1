"""The terms of the knowledge: entries, topics, subjects, facets, and the `KnowledgeBase` that holds them.

Everything here is frozen and free of I/O; `bot.knowledge.loader` builds it from files and guarantees that every id that is
named somewhere exists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

EntryKind = Literal["answer", "compare"]
SocialKind = Literal[
    "greeting", "thanks", "goodbye", "identity", "capabilities", "help", "acknowledge", "smalltalk", "complaint", "abuse",
    "refusal", "privacy", "optout", "empty", "handoff",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A text that answers are taken from, with its exact headings."""

    id: str
    title: str
    publisher: str
    url: str
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A heading of the browse menu."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a comparison: a cell for each column, and the entries that say more."""

    label: str
    cells: Mapping[str, str]
    see: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """An entry that is offered after another, and the words on its button."""

    to: str
    label: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A question with its answer, as an editor wrote it; figures are filled in, `heading` is a heading of its source.

    A `story` is what is told when somebody asks for an example.
    """

    id: str
    question: str
    title: str
    answer: str
    more: str
    heading: str
    topic: str
    kind: EntryKind
    about: Mapping[str, str]
    phrasings: tuple[str, ...]
    never: tuple[str, ...]
    follow_ups: tuple[FollowUp, ...]
    story: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that people ask and that is not covered: an honest line, and the nearest entries that are."""

    id: str
    title: str
    reply: str
    instead: tuple[str, ...]
    phrasings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Social:
    """A kind of small talk with its replies, which take turns."""

    id: str
    kind: SocialKind
    phrasings: tuple[str, ...]
    replies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facet:
    """A dimension of questions (role, level …).

    `values` maps each covered value to its surface forms; `others` are groups of surface forms that people mention and the
    knowledge does not cover, the first form of a group being its name.
    """

    name: str
    values: Mapping[str, tuple[str, ...]]
    others: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Underspecified:
    """Messages of a word or two (`when`) that leave open what is meant, the question that decides, and its answers."""

    when: tuple[str, ...]
    ask: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """All that the bot says and how people ask for it. Ids are unique over entries, subjects and social kinds."""

    title: str
    sources: tuple[Source, ...]
    topics: tuple[Topic, ...]
    facets: tuple[Facet, ...]
    synonyms: tuple[tuple[str, ...], ...]
    clarify: tuple[Underspecified, ...]
    texts: Mapping[str, tuple[str, ...]]
    entries: Mapping[str, Entry]
    subjects: Mapping[str, Subject]
    social: Mapping[str, Social]
    prompts: tuple[Entry, ...]
    """What one could ask first: at most four."""
    version: str
    """Names exactly the bytes that were read, comments included."""
    learning_key: str = ""
    """Names what is learned; the same key means the same trained model."""
    content_key: str = ""
    """Names what is not learned: what is said, and what rules an entry out."""

    def under(self, topic: str) -> tuple[Entry, ...]:
        """The entries of a topic, in the order of the file."""
        return tuple(entry for entry in self.entries.values() if entry.topic == topic)
