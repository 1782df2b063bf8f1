"""`careerbot test`: the bot of the settings, and of another revision of its knowledge, put to the held-out questions."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bot.authoring import report
from bot.authoring.revision import knowledge_at
from bot.authoring.robustness import disturbed
from bot.authoring.scoring import Result, evaluate
from bot.knowledge.loader import load_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.dialogue.assistant import Assistant
    from bot.knowledge.schema import HeldOutModel
    from bot.matching.matcher import Matcher


class Bot(Protocol):
    """What is put to the test."""

    matcher: Matcher
    assistant: Assistant


def examine(faq: Path, build: Callable[[Path], Bot], *, compare: str | None, misses: bool) -> tuple[list[str], bool]:
    """The lines to print for the knowledge at `faq`, and whether all thresholds are held; `build` makes the bot of a knowledge file.

    Raises `KnowledgeError` for knowledge with faults and `RevisionError` for a revision that cannot be had.
    """
    _, loaded = load_all(faq)
    bot = build(faq)
    result = evaluate(loaded.tests, bot.assistant)
    lines = [*report.table(result.shares()), "", *_details(bot, loaded.tests, result, misses=misses)]
    if compare:
        lines += ["", f"Against {compare}:", *_compared(compare, faq, build, loaded.tests, result)]
    missed = list(report.missed(result.shares(), loaded.tests.thresholds))
    return [*lines, *missed], not missed


def _details(bot: Bot, tests: HeldOutModel, result: Result, *, misses: bool) -> Iterator[str]:
    yield from report.calibration(result.questions)
    yield ""
    for way, questions in disturbed(tests).items():
        yield from report.table({way: evaluate(questions, bot.assistant).shares().get("all", {})})
    yield ""
    yield from report.confusions(result.questions, bot.matcher.because)
    if misses:
        good = {"right", "one tap", "refused"}
        wrong = [asked for asked in (*result.questions, *result.turns) if asked.verdict not in good]
        yield from (f"{a.verdict}: {a.text!r} wants {', '.join(a.wanted) or 'nothing'}, got {a.got} ({a.confidence:.2f})" for a in wrong)


def _compared(revision: str, faq: Path, build: Callable[[Path], Bot], tests: HeldOutModel, result: Result) -> Iterator[str]:
    """The same questions put to the knowledge of a revision: its shares, and what changed since."""
    with tempfile.TemporaryDirectory() as directory:
        before = evaluate(tests, build(knowledge_at(revision, faq, Path(directory))).assistant)
    yield from report.table(before.shares())
    yield from report.changes(before.questions, result.questions)
