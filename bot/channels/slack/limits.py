"""The limits of Slack's messages and views: the one place that knows them.

https://docs.slack.dev/reference/block-kit/blocks and what is not documented there: all blocks of a message together hold about
13,200 characters, and `chat.update` refuses a `text` above 4,000.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

T = TypeVar("T")

TEXT = 3000
"""Characters of a message's `text`."""
PARAGRAPH = 3000
"""Characters of a text within the blocks."""
STYLES = 200
"""Pieces of a text that differ in style."""
ASIDE = 300
"""Characters of a line beside the answer: a note, a source, an echo."""
BUTTON = 75
VALUE = 2000
TITLE = 24
HEADER = 150
REMARK = 1000
QUESTION = 2000
METADATA = 3000
ROW = 5
"""Buttons that stand side by side; Slack takes 25, nobody reads them."""
CELL = 300
ROWS, COLUMNS = 30, 6
"""Rows and columns of a table; Slack takes 100 and 20, but all blocks share 13,200 characters."""
TABLE = 6000
"""Characters of a table; a longer one is told in lines."""
PICKS = 40
"""Buttons of choices in one message."""
BLOCKS = 50
NOTES = 10
PROMPTS = 4
"""Prompts of an agent's conversation."""
ALL = 12_000
"""Characters of all blocks of a message together."""

_TORN = re.compile(r"(?:&\w{0,4}|<[^<>\s]*)$")


def fitted(text: str, longest: int) -> str:
    """The text in at most so many characters, with an ellipsis where it was cut; escapes and links are not torn."""
    if len(text) <= longest:
        return text
    return f"{_TORN.sub('', text[: longest - 1]).rstrip()}…"


def in_rows(things: Iterable[T], length: int = ROW) -> Iterator[Sequence[T]]:
    """The things in rows of so many."""
    held = list(things)
    for start in range(0, len(held), length):
        yield held[start : start + length]
