"""A reply in words, before a channel draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.dialogue.targets import KeptTarget  # noqa: TC001 - read at run time where replies are kept
from bot.knowledge.markup import Span, plain, spans

ActName = Literal["answer", "clarify", "out_of_scope", "fallback", "social", "handoff"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be picked: where it leads, and the words on its button."""

    target: KeptTarget
    label: str


@dataclass(frozen=True, slots=True)
class Table:
    """A comparison in plain text: the head of each column, and rows of a label and as many cells."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]

    def lines(self) -> str:
        """The table as lines of text, for channels without tables."""
        return "\n".join(
            f"{label}: {'; '.join(f'{column} {cell}' for column, cell in zip(self.columns, cells, strict=True))}"
            for label, cells in self.rows
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said. `text` is Markdown (bold, italic, lists, links); `sources` are headings, exactly as in the source.

    `choices` must be answered or refused, `follow_ups` only invite; `more` tells that there is more to say on request,
    `offers_person` that a person could help. `notes` and `quote` are plain text, the quote in somebody's own words.
    `confidence` is in [0, 1]; `entries` are the ids of what is answered, `detail` is the rest of it
    (Markdown), where both are said.
    """

    act: ActName
    text: str
    kind: str | None = None
    confidence: float = 0.0
    table: Table | None = None
    sources: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    follow_ups: tuple[Choice, ...] = ()
    more: bool = False
    offers_person: bool = False
    notes: tuple[str, ...] = ()
    quote: str = ""
    entries: tuple[str, ...] = ()
    detail: str = ""

    @property
    def spans(self) -> tuple[Span, ...]:
        """The text in pieces, each in one style."""
        return spans(self.text)

    @property
    def plain_detail(self) -> str:
        """The rest of the answer without marks."""
        return plain(self.detail)

    @property
    def plain_text(self) -> str:
        """The text without marks, its table left out."""
        return plain(self.text)

    @property
    def plain_body(self) -> str:
        """All that is said without marks: text, table as lines, quote, notes."""
        table = (self.table.lines(),) if self.table else ()
        quote = (f"“{self.quote}”",) if self.quote else ()
        detail = (self.plain_detail,) if self.detail else ()
        return "\n".join((self.plain_text, *table, *detail, *quote, *self.notes))
