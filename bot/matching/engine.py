"""What a model asks of the engine inside it: the classifier, or the neighbours that take its place in large knowledge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from bot.matching.lexical import Vector


class Engine(Protocol):
    """From the vector of a text to the classes that it may belong to. Safe to share between threads."""

    @property
    def name(self) -> str:
        """What a model file calls this kind of engine."""

    def probabilities(self, vector: Vector) -> NDArray[np.float32]:
        """The probability of each class (classes,), together 1."""

    def speaks(self, vector: Vector, one: int, other: int) -> NDArray[np.float32]:
        """How much each feature of the vector speaks for class `one` against class `other`, in the order of its ids."""

    def judged(self, vectors: Sequence[Vector], labels: NDArray[np.int64]) -> tuple[Engine, NDArray[np.float32]]:
        """The engine with its constants fitted to held-out texts, if it has any, and the probabilities (n, classes) it gives them."""

    def settled(self, tried: Sequence[Any]) -> Engine:
        """This engine with the constants that engines of its kind found in cross-validation."""

    def arrays(self) -> Mapping[str, Any]:
        """All that the engine consists of, as plain arrays by name."""
