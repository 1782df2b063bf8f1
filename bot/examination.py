"""`careerbot test`: the bot of the settings, and of another revision of its knowledge, put to the held-out questions."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bot.assembly import assemble, faq_of
from bot.authoring import report
from bot.authoring.evaluate import Result, evaluate
from bot.authoring.revision import knowledge_at
from bot.authoring.robustness import disturbed
from bot.knowledge.loader import load_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.assembly import Bot
    from bot.knowledge.document import HeldOutModel
    from bot.matching.training import Progress
    from bot.settings import Settings


def examine(settings: Settings, progress: Progress, *, compare: str | None, misses: bool) -> tuple[list[str], bool]:
    """The lines to print, and whether all thresholds are held.

    Raises `KnowledgeError` for knowledge with faults and `RevisionError` for a revision that cannot be had.
    """
    faq = faq_of(settings)
    _, loaded = load_all(faq)
    bot = assemble(settings, progress)
    result = evaluate(loaded.tests, bot.assistant)
    lines = [*report.table(result.shares()), "", *_details(bot, loaded.tests, result, misses=misses)]
    if compare:
        lines += ["", f"Against {compare}:", *_compared(compare, settings, loaded.tests, result, progress)]
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


def _compared(revision: str, settings: Settings, tests: HeldOutModel, result: Result, progress: Progress) -> Iterator[str]:
    """The same questions put to the knowledge of a revision: its shares, and what changed since."""
    with tempfile.TemporaryDirectory() as directory:
        faq = knowledge_at(revision, faq_of(settings), Path(directory))
        before = evaluate(tests, assemble(settings.model_copy(update={"faq": faq}), progress).assistant)
    yield from report.table(before.shares())
    yield from report.changes(before.questions, result.questions)
