"""What both measurements of a killed bot share: the people who speak, and what counts as lost, said twice and out of order."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

KNOWLEDGE = Path(__file__).parents[1] / "tests" / "bakery" / "faq.yaml"
RATE = 50.0
ONE_WAY = 0.010
CONVERSATIONS = 25
AGAIN = 1.0
"""Seconds after which an event that is not acknowledged is delivered again."""
LONGEST_LIFE = 2.0
"""Seconds that a bot lives at most before the next kill, counted from when it is ready."""
TIME_LIMIT = 60.0
TWICE = 0.02
"""How many of the events may be answered twice where a platform does not tell what has arrived."""


async def speak(say: Callable[[int], Awaitable[None]], events: int) -> None:
    """Let somebody say something 50 times a second."""
    begun = time.monotonic()
    for number in range(events):
        await asyncio.sleep(max(0.0, begun + number / RATE - time.monotonic()))
        await say(number)


def judge(
    name: str, replies: Sequence[int], conversation_of: Sequence[int], precedes: Callable[[int, int], bool], *, twice: float, ending: str
) -> bool:
    """Print what was lost and doubled; True if nothing was that must not be.

    `replies` are the numbers of the events that were answered, in the order of the replies; `conversation_of` tells where each event
    was; `precedes` tells of two events of one conversation whether the bot had to answer the first of them first. `twice` is how many
    of the events may be answered twice: none where the platform tells what has arrived.
    """
    events, said = len(conversation_of), Counter(replies)
    by_conversation: dict[int, list[int]] = defaultdict(list)
    for number in dict.fromkeys(replies):
        by_conversation[conversation_of[number]].append(number)
    out_of_order = sum(
        any(late < early and precedes(late, early) for early, late in combinations(numbers, 2)) for numbers in by_conversation.values()
    )
    lost, doubled = events - len(said), len(replies) - len(said)
    print(
        f"{name:24} {events} events, {lost} lost, {doubled} doubled ({doubled / events:.1%}), "
        f"{out_of_order} of {len({*conversation_of})} conversations out of order, {ending}",
        flush=True,
    )
    return not lost and not out_of_order and doubled <= twice * events
