"""The limits of Slack's messages and views: the one place that knows them.

https://docs.slack.dev/reference/block-kit/blocks and what is not documented there: all blocks of a message together hold about
13,200 characters, and `chat.update` refuses a `text` above 4,000.
"""

from __future__ import annotations

import re

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
ANSWER = 3000
"""Characters of what is typed into a window."""
METADATA = 3000
BUTTONS = 5
"""Buttons of one message that stand open; Slack takes 25 side by side, nobody reads them."""
SHOWN = 4
"""Of more choices than there is room for, so many stand open; all of them are in a menu."""
FOLLOW_UPS = 3
"""Buttons beneath an answer that lead on."""
OPTION, OPTION_VALUE = 75, 150
"""Characters of an option of a menu, and of what it carries."""
OPTIONS = 100
"""Options of a menu that one picks from."""
CELL = 300
ROWS, COLUMNS = 30, 6
"""Rows and columns of a table; Slack takes 100 and 20, but all blocks share 13,200 characters."""
TABLE = 6000
"""Characters of a table; a longer one is told in lines."""
BLOCKS = 50
NOTES = 10
PROMPTS = 4
"""Prompts of an agent's conversation."""
POPULAR = 3
"""Questions on the home page that many ask."""
ALL = 12_000
"""Characters of all blocks of a message together."""

_TORN = re.compile(r"(?:&\w{0,4}|<[^<>\s]*)$")


def fitted(text: str, longest: int) -> str:
    """The text in at most so many characters, with an ellipsis where it was cut; escapes and links are not torn."""
    if len(text) <= longest:
        return text
    return f"{_TORN.sub('', text[: longest - 1]).rstrip()}…"
