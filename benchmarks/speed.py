"""Speed and memory of the bot on the shipped knowledge, beside the bot that tutorials build. Run by `make bench`.

The peer is the naive FAQ bot: rapidfuzz `WRatio` over every phrasing, answer at 60. Times are medians here and now;
compare ratios, not milliseconds.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import process

from bot.assembly import assemble, shipped_faq
from bot.dialogue.turn import Utterance
from bot.knowledge.loader import load, load_all
from bot.matching import training
from bot.matching.model import FORMAT
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROUNDS = 3


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as directory:
        data_dir = Path(directory)
        train_seconds, fit_seconds, train_memory = _in_a_process("train", data_dir)
        first = statistics.median(_first_answer(data_dir) for _ in range(5))
        bare = statistics.median(_seconds(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True)) for _ in range(5))
        median, worst, naive_median, naive_worst, memory = _in_a_process("answer", data_dir)
    print(f"answer in process       median {median:6.2f} ms   p99 {worst:6.2f} ms")
    print(f"naive rapidfuzz WRatio  median {naive_median:6.2f} ms   p99 {naive_worst:6.2f} ms   ({naive_median / median:.0f} times ours)")
    print(f"first answer, fresh process, warm cache  {first:.2f} s   (bare Python {bare:.2f} s)")
    print(f"training with cross-validation  {train_seconds:.1f} s, one fit of it {fit_seconds:.1f} s, peak memory {train_memory:.0f} MB")
    print(f"memory while answering  {memory:.0f} MB")


def _in_a_process(part: str, data_dir: Path) -> list[float]:
    """The numbers of a part measured in a process of its own, so that memory is its own."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.speed", part, str(data_dir)], capture_output=True, text=True, check=True)
    return [float(number) for number in json.loads(done.stdout)]


def train(data_dir: Path) -> list[float]:
    """Seconds of the whole training, seconds of the fit on all phrasings, and peak megabytes."""
    base = load(shipped_faq())
    fits: list[float] = []
    fitted = training._fitted  # noqa: SLF001 - the one fit within training is what is timed

    def timed(*args: object) -> object:
        begin = time.perf_counter()
        result = fitted(*args)  # type: ignore[arg-type]
        fits.append(time.perf_counter() - begin)
        return result

    training._fitted = timed  # type: ignore[assignment]  # noqa: SLF001
    begin = time.perf_counter()
    model = training.train(base)
    seconds = time.perf_counter() - begin
    model.save(data_dir / "models" / f"{base.learning_key}-{FORMAT}.npz")
    return [seconds, fits[-1], _peak()]


def answer(data_dir: Path) -> list[float]:
    """Median and p99 milliseconds of the bot and of the naive peer on the held-out questions, and the bot's peak megabytes."""
    bot = assemble(Settings(faq=shipped_faq(), data_dir=data_dir))
    _, loaded = load_all(shipped_faq())
    questions = [question.ask for question in loaded.tests.questions]
    numbers = iter(range(len(questions) * ROUNDS))
    ours = _times(lambda text: bot.conversations.respond(Utterance(text), str(next(numbers))), questions * ROUNDS)
    memory = _peak()
    phrasings = [phrasing for entry in bot.base.entries.values() for phrasing in (entry.question, *entry.phrasings)]
    naive = _times(lambda text: process.extractOne(text, phrasings, score_cutoff=60), questions[:100])
    return [*_median_and_worst(ours), *_median_and_worst(naive), memory]


def _times(ask: Callable[[str], object], questions: Iterable[str]) -> list[float]:
    return [_seconds(lambda text=text: ask(text)) * 1000 for text in questions]  # type: ignore[misc]


def _median_and_worst(times: list[float]) -> tuple[float, float]:
    return float(np.median(times)), float(np.percentile(times, 99))


def _first_answer(data_dir: Path) -> float:
    command = [str(Path(sys.executable).with_name("careerbot")), "ask", "how much does a staff AI PM make?"]
    environment = {"CAREERBOT_DATA_DIR": str(data_dir), "PATH": "/usr/bin:/bin"}
    return _seconds(lambda: subprocess.run(command, env=environment, capture_output=True, check=True))


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps({"train": train, "answer": answer}[sys.argv[1]](Path(sys.argv[2]))))
    else:
        main()
