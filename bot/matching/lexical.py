"""Words and pieces of words as numbers: the features that the classifier weighs.

A text becomes the words and pairs of neighbours in it, and the pieces of two to four letters of each word (which forgive
endings and typing errors). Each counts by how often it occurs (damped) and how rare it is. A feature that was never seen
in training weighs as much as the rarest one in the length of a text, so that a message of unknown words is near to nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

PIECE_LENGTHS = (2, 3, 4)


@dataclass(frozen=True, slots=True)
class Terms:
    """The features of one text, counted: words and word pairs, and pieces of words."""

    words: Mapping[str, int]
    pieces: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Vector:
    """A text as a sparse unit vector: `ids` of known features (int32) and their `weights` (float32), same length.

    Its length is below 1 where features are unknown: they count in the norm and nowhere else.
    """

    ids: NDArray[np.int32]
    weights: NDArray[np.float32]


def terms(words: Sequence[str]) -> Terms:
    """The features of a text given as words."""
    pairs = (f"{a} {b}" for a, b in pairwise(words))
    return Terms(Counter([*words, *pairs]), Counter(piece for word in words for piece in _pieces(word)))


@lru_cache(maxsize=50_000)
def _pieces(word: str) -> tuple[str, ...]:
    """The pieces of a word with its borders; facet marks (`role=pm`) have none. A tilde keeps them apart from words."""
    if "=" in word:
        return ()
    padded = f" {word} "
    return tuple(f"~{padded[i : i + n]}" for n in PIECE_LENGTHS for i in range(len(padded) - n + 1))


class Lexicon:
    """The features seen in training and how much each of them says.

    `names` are the features, the position is the id; `idf` (float32, same length) is 1 + ln((1 + n) / (1 + df)) over the n
    texts, `unseen` the same for a feature that occurs nowhere.
    """

    def __init__(self, names: Sequence[str], idf: NDArray[np.float32], unseen: float) -> None:
        self.names = names
        self.idf = idf
        self.unseen = unseen
        self._known = {name: (i, weight) for i, (name, weight) in enumerate(zip(names, idf.tolist(), strict=True))}

    @classmethod
    def learn(cls, texts: Sequence[Terms]) -> Lexicon:
        """The lexicon of a corpus: every word, every pair and piece that occurs in two texts or more."""
        seen: Counter[str] = Counter()
        for text in texts:
            seen.update(text.words.keys())
            seen.update(text.pieces.keys())
        kept = sorted(name for name, n in seen.items() if n > 1 or (name[0] != "~" and " " not in name))
        n = len(texts)
        idf = np.array([1 + math.log((1 + n) / (1 + seen[name])) for name in kept], np.float32)
        return cls(kept, idf, 1 + math.log(1 + n))

    def __len__(self) -> int:
        return len(self.names)

    def vector(self, text: Terms) -> Vector:
        """The text as a vector: words and pieces each brought to length 1, then the whole."""
        ids, weights = self._block(text.words.items())
        more_ids, more_weights = self._block(text.pieces.items())
        whole = math.sqrt(bool(text.words) + bool(text.pieces)) or 1.0
        return Vector(np.array(ids + more_ids, np.int32), np.array(weights + more_weights, np.float32) / np.float32(whole))

    def _block(self, counts: Iterable[tuple[str, int]]) -> tuple[list[int], list[float]]:
        ids: list[int] = []
        weights: list[float] = []
        squares, known_as = 0.0, self._known.get
        for name, count in counts:
            known = known_as(name)
            weight = known[1] if known else self.unseen
            if count > 1:
                weight *= 1 + math.log(count)
            squares += weight * weight
            if known:
                ids.append(known[0])
                weights.append(weight)
        norm = math.sqrt(squares) or 1.0
        return ids, [weight / norm for weight in weights]
