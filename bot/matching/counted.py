"""The features of very many texts, counted and kept in flat arrays.

A `Terms` takes 6 kB of memory, so a hundred thousand of them would take 0.6 GB; here a feature takes six bytes, and a text 1 kB. What
`Lexicon` does for one text after another is done here for all at once.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.matching.lexical import Lexicon, Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

AT_ONCE = 5_000
"""Texts of which vectors are made at once, so that what that needs in between stays small."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Sparse vectors one after another: row i has the features `ids[start[i]:start[i + 1]]` with the `weights` there."""

    start: NDArray[np.int64]
    ids: NDArray[np.int32]
    weights: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.start) - 1


class CountedTexts:
    """Many `Terms` in little memory; what is asked for by its position is made anew."""

    def __init__(self) -> None:
        self._numbers: defaultdict[str, int] = defaultdict()
        self._numbers.default_factory = self._numbers.__len__
        self._names: list[str] = []
        self._ids, self._counts, self._start = array("i"), array("H"), array("q", [0])

    def add(self, text: Terms) -> None:
        """Put the features of one more text at the end."""
        for counts in (text.words, text.pieces):
            self._ids.extend(map(self._numbers.__getitem__, counts))
            self._counts.extend(counts.values())
        self._start.append(len(self._ids))

    def __len__(self) -> int:
        return len(self._start) - 1

    def __getitem__(self, index: int) -> Terms:
        names = self._all_names()
        span = slice(self._start[index], self._start[index + 1])
        counted = {names[i]: n for i, n in zip(self._ids[span], self._counts[span], strict=True)}
        words = {name: n for name, n in counted.items() if not _is_piece(name)}
        return Terms(words, {name: n for name, n in counted.items() if _is_piece(name)})

    def _all_names(self) -> list[str]:
        if len(self._names) < len(self._numbers):
            self._names = list(self._numbers)
        return self._names

    def lexicon(self, rows: NDArray[np.int64]) -> Lexicon:
        """What `Lexicon.learn` learns from some of the texts."""
        start, ids = np.array(self._start), np.frombuffer(self._ids, np.int32)
        inside = np.zeros(len(self), bool)
        inside[rows] = True
        seen = np.bincount(ids[np.repeat(inside, np.diff(start))], minlength=len(self._numbers)).tolist()
        found = {name: n for name, n in zip(self._numbers, seen, strict=True) if n > 1 or (n and not _needs_two(name))}
        names = sorted(found)
        n = len(rows)
        idf = np.array([1 + math.log((1 + n) / (1 + found[name])) for name in names], np.float32)
        return Lexicon(names, idf, 1 + math.log(1 + n))

    def vectors(self, rows: NDArray[np.int64], lexicon: Lexicon) -> Rows:
        """What `Lexicon.vector` makes of some of the texts, in half floats."""
        place = {name: i for i, name in enumerate(lexicon.names)}
        known = np.array([place.get(name, -1) for name in self._numbers], np.int32)
        rare = np.append(lexicon.idf, np.float32(lexicon.unseen))[known]  # the last for those that are not known (-1)
        piece = np.array([_is_piece(name) for name in self._numbers])
        parts = [self._part(part, known, rare, piece) for part in np.array_split(rows, max(1, len(rows) // AT_ONCE))]
        lengths = np.concatenate([lengths for lengths, _, _ in parts])
        return Rows(
            np.concatenate([[0], np.cumsum(lengths)]), np.concatenate([i for _, i, _ in parts]), np.concatenate([w for *_, w in parts])
        )

    def _part(
        self, rows: NDArray[np.int64], known: NDArray[np.int32], rare: NDArray[np.float32], piece: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float16]]:
        """Number of known features, their ids and their weights, of a few texts."""
        start = np.frombuffer(self._start, np.int64)
        lengths = start[rows + 1] - start[rows]
        text = np.repeat(np.arange(len(rows)), lengths)
        take = spans(start[rows], lengths)
        number = np.frombuffer(self._ids, np.int32)[take]
        weights = rare[number] * (1 + np.log(np.frombuffer(self._counts, np.uint16)[take].astype(np.float32)))
        block = 2 * text + piece[number]
        squares = np.bincount(block, weights * weights, minlength=2 * len(rows))
        whole = np.maximum(1, (squares.reshape(-1, 2) > 0).sum(axis=1))
        weights = weights / np.sqrt(squares[block] * whole[text])
        kept = known[number] >= 0
        return np.bincount(text[kept], minlength=len(rows)), known[number[kept]], weights[kept].astype(np.float16)


def spans(start: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The positions start, start + 1 … of each span, one span after another."""
    before = np.cumsum(lengths) - lengths
    return np.asarray(np.arange(int(lengths.sum())) + np.repeat(start - before, lengths), np.int64)


def _is_piece(name: str) -> bool:
    return name[0] == "~"


def _needs_two(name: str) -> bool:
    return _is_piece(name) or " " in name
