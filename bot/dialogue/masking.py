"""What nobody should find in a journal: e-mail addresses, phone and card numbers, tokens. Blotted out before anything is kept.

Rather too much than too little, but never a figure that people ask about: salaries, years, levels and percentages stay.
"""

from __future__ import annotations

import re
from itertools import cycle

_EMAIL = re.compile(r"[\w.+%'-]+(?:@|\s?[\[(]at[\])]\s?)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_TOKEN = re.compile(
    r"\b(?:xox[a-z]-[\w-]+|xapp-[\w-]+|sk-[\w-]{16,}|gh[pousr]_\w{16,}|github_pat_\w+|glpat-[\w-]+|AKIA[0-9A-Z]{16}|AIza[\w-]{30,}|ya29\.[\w-]+"
    r"|eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?|\d{8,10}:[\w-]{30,})"
)
_OPAQUE = re.compile(r"\b(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{24,}")
_CARD = re.compile(r"(?<![\d$€£.,-])\d(?:[ -]?\d){12,18}(?![\d%])")
_PHONE = re.compile(r"(?<![\w$€£.,%+-])(?:\+|00)?\(?\d[\d\s().\/-]{6,20}\d(?![\w%])")
_FEWEST_PHONE_DIGITS, _MOST_PHONE_DIGITS = 8, 15
_MONEY_OR_YEARS = re.compile(
    r"(?:\d{1,3}(?:[.,]\d{3})+|(?:19|20)\d\d)(?:\s*[-/]\s*(?:\d{1,3}(?:[.,]\d{3})+|(?:19|20)\d\d))?|\d+00\s*-\s*\d+00"
)


def masked(text: str) -> str:
    """The text with `[e-mail]`, `[token]`, `[card]` or `[phone]` in the place of what looks like one.

    Characters that no database takes (NUL, halves of surrogate pairs) are replaced too.
    """
    text = text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
    text = _EMAIL.sub("[e-mail]", text)
    text = _TOKEN.sub("[token]", text)
    text = _OPAQUE.sub("[token]", text)
    text = _CARD.sub(lambda found: "[card]" if _is_card(found[0]) else found[0], text)
    return _PHONE.sub(lambda found: "[phone]" if _is_phone(found[0]) else found[0], text)


def _is_card(text: str) -> bool:
    """Whether the last digit is the check digit that cards have (ISO/IEC 7812-1, Luhn)."""
    digits = [int(c) for c in reversed(text) if c.isdigit()]
    weighed = [digit * weight for digit, weight in zip(digits, cycle((1, 2)), strict=False)]
    return sum(value - 9 if value > 9 else value for value in weighed) % 10 == 0  # noqa: PLR2004 - the sum of both digits


def _is_phone(text: str) -> bool:
    digits = sum(c.isdigit() for c in text)
    return _FEWEST_PHONE_DIGITS <= digits <= _MOST_PHONE_DIGITS and not _MONEY_OR_YEARS.fullmatch(text.strip())
