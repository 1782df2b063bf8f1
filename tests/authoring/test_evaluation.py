"""The held-out questions put to the bot: verdicts, the report, thresholds, disturbed questions, another revision."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from bot.assembly import Bot, assemble
from bot.authoring import report
from bot.authoring.evaluation import examine
from bot.authoring.revision import RevisionError, knowledge_at
from bot.authoring.robustness import disturbed
from bot.authoring.scoring import Asked, evaluate
from bot.knowledge.schema import HeldOutModel
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TESTS = HeldOutModel.model_validate(
    {
        "questions": [
            {"ask": "when do you open in the morning", "expect": ["hours"]},
            {"ask": "how expensive is your rye bread", "expect": ["cake-price"]},
            {"ask": "can you send bread by mail", "expect": "none", "kind": "near"},
            {"ask": "opening hours", "expect": "none", "kind": "near"},
        ],
        "conversations": [
            [{"say": "what does a loaf cost", "expect": ["bread-price"]}, {"say": "thanks", "act": "social"}],
            [{"say": "home delivery", "expect": "none"}, {"say": "hello", "act": ["answer"]}],
        ],
    }
)


def asked(sure: float, *, right: bool) -> Asked:
    return Asked("q", "plain", "right", ("a",), "answer a", sure, sure, "a" if right else "b")


def test_each_question_gets_its_verdict(bakery: Bot) -> None:
    result = evaluate(TESTS, bakery.assistant)
    assert [one.verdict for one in result.questions] == ["right", "wrong", "refused", "false answer"]
    assert [one.verdict for one in result.turns] == ["right", "right", "right", "wrong"]
    shares = result.shares()
    assert shares["all"] == {"n": 2, "right": 0.5, "wrong": 0.5}
    assert shares["near, not covered"] == {"n": 2, "refused": 0.5, "false answer": 0.5}
    assert shares["conversations"]["whole conversations right"] == 0.5


def test_calibration_is_zero_where_confidence_comes_true_and_large_where_not() -> None:
    fair = [asked(0.75, right=True)] * 3 + [asked(0.75, right=False)]
    assert report.calibration_error(fair) == pytest.approx(0)
    assert report.calibration_error([asked(0.95, right=False)]) == pytest.approx(0.95)
    assert list(report.calibration(fair)) == ["confidence 0.7-0.8   n    4   said 0.75   right 0.75", "calibration error 0.000"]


def test_confused_pairs_are_told_with_the_words_that_weigh_for_the_wrong_one(bakery: Bot) -> None:
    result = evaluate(TESTS, bakery.assistant)
    (line,) = report.confusions(result.questions, bakery.matcher.because)
    assert line.startswith("1  cake-price taken for bread-price: ")
    assert "bread" in line


def test_a_missed_threshold_is_told_in_a_sentence() -> None:
    shares = {"all": {"right": 0.7, "one tap": 0.2, "wrong": 0.1}}
    assert list(report.missed(shares, {"all": {"right": 0.7, "right or one tap": 0.9, "wrong": 0.1}})) == []
    assert list(report.missed(shares, {"all": {"right": 0.8, "wrong": 0.05}})) == [
        "all: right is 0.700; at least 0.8 is wanted.",
        "all: wrong is 0.100; at most 0.05 is allowed.",
    ]


def test_what_changed_is_told_worst_first() -> None:
    good, bad = asked(0.5, right=True), Asked("q", "plain", "wrong", ("a",), "answer b", 0.5, 0.5, "b")
    told = list(report.changes([bad, good, good], [good, bad, good]))
    assert [line.split()[0] for line in told] == ["worse", "better"]


def test_disturbed_questions_are_the_same_each_time_and_differ_from_the_plain_ones() -> None:
    once, again = disturbed(TESTS), disturbed(TESTS)
    assert once == again
    plain = [question.ask for question in TESTS.questions if question.expect != "none"]
    for way, tests in once.items():
        assert [question.ask for question in tests.questions] != plain, way
        assert len(tests.questions) == len(plain)


def builder(directory: Path) -> Callable[[Path], Bot]:
    """What makes the bot of a knowledge file."""
    return lambda faq: assemble(Settings(faq=faq, data_dir=directory / "data"))


def test_the_examination_holds_or_misses_the_thresholds_of_the_file(small: Path, tmp_path: Path) -> None:
    build = builder(tmp_path)
    lines, held = examine(small, build, compare=None, misses=True)
    assert held
    assert any(line.startswith("calibration error") for line in lines)
    tests = small.with_name("tests.yaml")
    tests.write_text(tests.read_text("utf-8") + "thresholds:\n  all: {right: 1.1}\n", "utf-8")
    lines, held = examine(small, build, compare=None, misses=False)
    assert not held
    assert lines[-1].endswith("at least 1.1 is wanted.")


def test_the_knowledge_is_compared_with_another_revision(small: Path, tmp_path: Path) -> None:
    folder = small.parent

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)  # noqa: S607

    git("init")
    git("add", ".")
    git("commit", "-m", "first")
    small.write_text(small.read_text("utf-8").replace("7 to 18", "8 to 18"), "utf-8")
    before = knowledge_at("HEAD", small, tmp_path / "before")
    assert "7 to 18" in before.read_text("utf-8")
    assert assemble(Settings(faq=before, data_dir=tmp_path / "data")).base.entries
    lines, _ = examine(small, builder(tmp_path), compare="HEAD", misses=False)
    assert "Against HEAD:" in lines
    with pytest.raises(RevisionError, match="There is no knowledge at 'nowhere'"):
        knowledge_at("nowhere", small, tmp_path / "nowhere")
