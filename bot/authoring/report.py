"""What `careerbot test` prints: shares by kind, calibration, confused pairs, and which thresholds are missed."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bot.authoring.scoring import Asked

Shares = dict[str, dict[str, float]]

BUCKETS = 10
MOST_PAIRS = 12
_HARMFUL = frozenset({"wrong", "false answer", "no answer"})


def table(shares: Shares) -> Iterator[str]:
    """A line for each kind of question: how many, and the share of each verdict."""
    for kind, row in shares.items():
        yield f"{kind:24s}" + "  ".join(f"{name} {share}" for name, share in row.items())


def calibration(asked: Sequence[Asked]) -> Iterator[str]:
    """The reliability table: of answers that were given so much confidence, how many were right; and the mean gap, weighed."""
    buckets = _buckets(asked)
    for number in sorted(buckets):
        said, true = _said_and_true(buckets[number])
        span = f"{number / BUCKETS:.1f}-{(number + 1) / BUCKETS:.1f}"
        yield f"confidence {span}   n {len(buckets[number]):4d}   said {said:.2f}   right {true:.2f}"
    yield f"calibration error {calibration_error(asked):.3f}"


def calibration_error(asked: Sequence[Asked]) -> float:
    """The mean gap between confidence and share of right entries over ten buckets, weighed by their size; in [0, 1]."""
    gaps = ((len(group), *_said_and_true(group)) for group in _buckets(asked).values())
    return sum(n * abs(said - true) for n, said, true in gaps) / max(1, len(asked))


def _buckets(asked: Sequence[Asked]) -> dict[int, list[Asked]]:
    """The questions by the tenth in which their confidence lies."""
    buckets: dict[int, list[Asked]] = defaultdict(list)
    for one in asked:
        buckets[min(BUCKETS - 1, int(one.sure * BUCKETS))].append(one)
    return buckets


def _said_and_true(group: Sequence[Asked]) -> tuple[float, float]:
    return sum(one.sure for one in group) / len(group), sum(one.top in one.wanted for one in group) / len(group)


def confusions(asked: Sequence[Asked], because: Callable[[str, str, str], Sequence[str]]) -> Iterator[str]:
    """The pairs of entries that are taken for one another most often, with the words that weigh for the wrong one.

    `because` names the words of a text that speak for its first entry against its second.
    """
    pairs: Counter[tuple[str, str]] = Counter()
    words: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in asked:
        if one.wanted and one.top and one.top not in one.wanted:
            pair = (one.wanted[0], one.top)
            pairs[pair] += 1
            words[pair].update(because(one.text, one.top, one.wanted[0]))
    for (wanted, got), n in pairs.most_common(MOST_PAIRS):
        yield f"{n}  {wanted} taken for {got}: {', '.join(word for word, _ in words[wanted, got].most_common(5))}"


def missed(shares: Shares, thresholds: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """A sentence for each threshold that is not held: at most so much harm, at least so much good."""
    for kind, limits in thresholds.items():
        row = shares.get(kind, {})
        for name, limit in limits.items():
            reached = row.get(name, 0.0)
            if name == "right or one tap":
                reached = round(row.get("right", 0.0) + row.get("one tap", 0.0), 3)
            if name in _HARMFUL and reached > limit:
                yield f"{kind}: {name} is {reached:.3f}; at most {limit} is allowed."
            elif name not in _HARMFUL and reached < limit:
                yield f"{kind}: {name} is {reached:.3f}; at least {limit} is wanted."


def changes(before: Sequence[Asked], after: Sequence[Asked]) -> Iterator[str]:
    """The questions whose verdict changed, those that got worse first; `before` and `after` answer the same questions."""
    good = {"right": 2, "refused": 2, "one tap": 1}
    pairs = [(good.get(new.verdict, 0) - good.get(old.verdict, 0), old, new) for old, new in zip(before, after, strict=True)]
    for change, old, new in sorted(pairs, key=lambda pair: pair[0]):
        if change:
            yield f"{'better' if change > 0 else 'worse':6s} {old.verdict} -> {new.verdict}: {new.text!r} ({new.got})"
