"""The limits of the Bot API: the one place that knows them (https://core.telegram.org/bots/api, https://core.telegram.org/bots/faq)."""

from __future__ import annotations

from unicodedata import category

TEXT = 4096
"""Characters of a message once its entities are parsed."""
SAID = 3500
"""Characters of a reply's text; the rest is for what stands around it."""
DETAIL = 2000
ASIDE = 300
"""Characters of a line beside the answer."""
DATA = 64
"""Bytes of what a button carries."""
BUTTON = 60
"""Characters of a button's label; phones show about as many."""
BUTTONS = 40
"""Buttons of a message; Telegram takes 100."""
TOAST = 200
RESULTS = 20
"""Inline results; Telegram takes 50."""
RESULT_ID = 64
DESCRIPTION, SHORT_DESCRIPTION, COMMAND = 512, 120, 256
QUERY = 200
"""Characters of an inline query that are carried into a private conversation; a deep link takes 64 of base64."""
PAYLOAD = 64
TITLE = 100
STYLED, ADDRESSES = 90, 8000
"""Pieces of a text that have a style, and bytes of all its links: Telegram reads 100 entities, and HTML of 32 KB."""


def fitted(text: str, longest: int) -> str:
    """The text in at most so many characters, with an ellipsis where it was cut."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def blank(text: str) -> bool:
    """Whether nothing in a text can be seen; Telegram takes that for empty."""
    return all(category(char) in {"Cc", "Cf", "Zl", "Zp", "Zs"} or char in "\u115f\u1160\u2800\u3164\uffa0" for char in text)
