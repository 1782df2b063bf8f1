"""What nobody should find in a journal: e-mail addresses, phone and card numbers, tokens. Blotted out before anything is kept.

Rather too much than too little, but never a figure that people ask about: salaries, years, levels and percentages stay.
"""

from __future__ import annotations

import re
from itertools import cycle

_LOCAL = r"[\w.+%'!#$&*/=?^`{|}~-]"
_EMAIL = re.compile(rf"(?<!{_LOCAL}){_LOCAL}++(?:@|\s?[\[(]at[\])]\s?)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_TOKEN = re.compile(
    r"\b(?:xox[a-z]-[\w-]+|xapp-[\w-]+|sk-[\w-]{16,}|gh[pousr]_\w{16,}|github_pat_\w+|glpat-[\w-]+|AKIA[0-9A-Z]{16}|AIza[\w-]{30,}|ya29\.[\w-]+"
    r"|eyJ[\w-]{8,2000}\.[\w-]+(?:\.[\w-]*)?|\d{8,10}:[\w-]{30,})"
)
_OPAQUE = re.compile(r"(?<![\w+=])(?=[A-Za-z_+=]*\d)(?=[\d_+=]*[A-Za-z])[\w+=]{24,}")
_CARD = re.compile(r"(?<![\d$€£.,-])\d(?:[ -]?\d){12,18}(?![\d%])")
_GROUP = re.compile(r"\d+")
_FEWEST_CARD_DIGITS = 12
_PHONE = re.compile(r"(?<![\w$€£.,%+-])(?:\+|00)?\(?\d(?:[\s().\/-]{0,3}\d){7,}(?![\w%])")
_MONEY_OR_YEARS = re.compile(
    r"(?:\d{1,3}(?:(?:[.,]\d{3})+|(?:\s000)+)|(?:19|20)\d\d)(?:\s*[-/]\s*(?:\d{1,3}(?:(?:[.,]\d{3})+|(?:\s000)+)|(?:19|20)\d\d))?"
    r"|\d+00\s*-\s*\d+00|\d{4}-\d\d-\d\d"
)


def masked(text: str) -> str:
    """The text with `[e-mail]`, `[token]`, `[card]` or `[phone]` in the place of what looks like one.

    Characters that no database takes (NUL, halves of surrogate pairs) are replaced too.
    """
    text = text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
    while (less := _once(text)) != text:
        text = less  # what is left may look like something now that its neighbour is gone
    return text


def _once(text: str) -> str:
    text = _EMAIL.sub("[e-mail]", text)
    text = _TOKEN.sub("[token]", text)
    text = _OPAQUE.sub("[token]", text)
    text = _CARD.sub(lambda found: _without_card(found[0]), text)
    return _PHONE.sub(lambda found: found[0] if _MONEY_OR_YEARS.fullmatch(found[0].strip()) else "[phone]", text)


def _without_card(text: str) -> str:
    """Digits without the longest run of their groups that is a card's number; its date and code may follow."""
    ends = [group.end() for group in _GROUP.finditer(text)]
    end = next((end for end in reversed(ends) if sum(c.isdigit() for c in text[:end]) > _FEWEST_CARD_DIGITS and _is_card(text[:end])), 0)
    return f"[card]{text[end:]}" if end else text


def _is_card(text: str) -> bool:
    """Whether the last digit is the check digit that cards have (ISO/IEC 7812-1, Luhn)."""
    digits = [int(c) for c in reversed(text) if c.isdigit()]
    weighed = [digit * weight for digit, weight in zip(digits, cycle((1, 2)), strict=False)]
    return sum(value - 9 if value > 9 else value for value in weighed) % 10 == 0  # noqa: PLR2004 - the sum of both digits
