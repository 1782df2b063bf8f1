"""From what a person typed to words that can be compared.

Everything that two people may write differently and mean alike is made one here: case and width, dashes and quotes,
money and percentages, look-alike letters, marks that cannot be seen. Nothing here knows the knowledge base, and what depends
on the language stands in `bot.language`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from bot.language import numbers, questions, vocabulary

LONGEST = 2000
"""Characters of a message that are read; the rest of a longer one is ignored (and the person is told)."""

# Letters of other scripts that look Latin, as spoofers and careless keyboards mix them into Latin words.
_LOOK_ALIKES = str.maketrans(
    "авсԁеɡһіјӏмоорԛѕтхуѡкԝαβеικνορτυχѵꜱ",
    "abcdeghijlmoopqstxywkwabeikvoptuxvs",
)
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_QUOTES = str.maketrans("\u2018\u2019\u201b\u02bc\u201c\u201d\u201f\u00b4`", "''''\"\"\"''")
# Mentions (no-break spaces join the words of a name), links with the brackets around them, lines that tell of a file.
_ADDRESSED = re.compile(
    "<[@#!][^>\\s]*>|(?<!\\w)@\\w+(?:[-.'’]\\w+)*(?:\u00a0\\S+)*|\\(https?://\\S*?\\)(?![\\w)])|<?https?://\\S+>?|\\bwww\\.\\S+|📎[^\n]*"
)
_THOUSANDS = re.compile(r"(?<=\d)[,'](?=\d{3}\b)")
_MONEY = re.compile(r"[$€£]\s?(?=\d)")
_WORD = re.compile(r"[^\W_]+")
_LETTERS = re.compile("[\\w\u0300-\u036f]+")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+|(?<=\w)\s+-\s+|;\s+")


@lru_cache(maxsize=64)  # a turn asks for the same text several times
def normalise(text: str) -> str:
    """One spelling for what means the same: lower case, plain letters, single spaces, at most `LONGEST` characters read.

    Mentions, links and invisible marks are gone; `$450,000` and `450 grand` are `450k`, `18%` is `18 percent`, `A/B` is
    `ab`, `Level 5` is `l5`. The result is empty when nothing can be read (a picture, a row of emoji).
    """
    if text.isascii():
        text = " ".join(text[:LONGEST].lower().replace("`", "'").split())
    else:
        text = _ADDRESSED.sub(" ", text[:LONGEST])  # before no-break spaces become blanks
        text = unicodedata.normalize("NFKC", text).casefold()
        text = "".join(c for c in text if unicodedata.category(c) not in {"Cf", "Cs", "Co", "Cn"})
        text = " ".join(_DASHES.sub("-", text).translate(_QUOTES).split())
    text = _ADDRESSED.sub(" ", text)
    text = _unmask(text)
    text = _MONEY.sub("", _THOUSANDS.sub("", text))
    text = numbers.IN_THOUSANDS.sub(r"\1k", text)
    text = text.replace("%", f" {numbers.PERCENT} ").replace("'", "")
    text = vocabulary.JOINS_LETTERS.sub(lambda found: "".join(filter(None, found.groups())), text)
    text = numbers.NAMES_LEVEL.sub(lambda found: "l" + next(filter(None, found.groups())), text)
    return " ".join(text.split())


def _unmask(text: str) -> str:
    """Latin letters for their look-alikes, in words that also hold Latin letters or nothing but look-alikes."""
    if text.isascii():
        return text
    return _LETTERS.sub(lambda word: _plain(word[0]), text)


def _plain(word: str) -> str:
    swapped = word.translate(_LOOK_ALIKES)
    if swapped == word:
        return _without_accents(word)
    mixed = any("a" <= c <= "z" for c in word)
    return _without_accents(swapped) if mixed or swapped.isascii() else word


def _without_accents(word: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return bare if bare.isascii() else word


def symbols(text: str) -> str:
    """The symbols of a raw text (emoji, arrows, signs) without what modifies them, for messages that hold no words."""
    return "".join(c for c in text[:LONGEST] if unicodedata.category(c) == "So")


def without_opening(text: str) -> str:
    """A normalised text without the courtesy it opens with ("sorry, dumb question but"), unless there is nothing else."""
    rest = questions.OPENS_POLITELY.sub("", text, count=1)
    return rest if words(rest) else text


def words(text: str) -> list[str]:
    """The words of a normalised text, in order: runs of letters and digits."""
    return _WORD.findall(text)


def sentences(text: str) -> list[str]:
    """The sentences and lines of a raw text that hold a word, in order; one for a short message."""
    return [part for part in (p.strip() for p in _SENTENCE.split(text)) if _WORD.search(part)]
