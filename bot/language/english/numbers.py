"""Numbers in words, put to a text in small letters. Docstrings begin as those of `conversation` do."""

from __future__ import annotations

import re

CARDINALS = {"one": 1, "two": 2, "three": 3}
"""A number that is a whole message: "one"."""
ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "last": -1}
"""The place of a choice, from behind below zero: "first", "last"."""
IN_THOUSANDS = re.compile(r"\b(\d{2,3})(?:000\b|\s+(?:grand|thousand|k)\b)")
"""Anywhere in it stands a number in thousands, the group: "about 450 grand", "450 k", "450000"; but not "450 loaves"."""
NAMES_LEVEL = re.compile(r"\b(?:level|lvl)\s?-?(\d)\b|\bl\s?-?\s?(\d)\b")
"""Anywhere in it stands a level of seniority, its number one of the groups: "at level 5", "lvl-5", "an l 5"; but not "5 levels"."""
PERCENT = "percent"
"""What % is read as."""
