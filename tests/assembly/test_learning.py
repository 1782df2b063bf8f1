"""Learning in a process of its own: what comes back, and what happens to the process."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
from typing import TYPE_CHECKING, Any

import pytest

from bot.assembly import assemble, learning
from bot.assembly.learning import LearningError, learned
from bot.dialogue.turn import Utterance
from bot.settings import Settings

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def settings(small: Path, tmp_path: Path) -> Settings:
    return Settings(faq=small, data_dir=tmp_path / "data")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """The processes that were started, each stopped before it has done anything."""
    processes: list[Process] = []
    start = asyncio.create_subprocess_exec

    async def starting(*command: str, **how: Any) -> Process:  # noqa: ANN401 - as asyncio takes it
        process = await start(*command, **how)
        os.kill(process.pid, signal.SIGSTOP)
        processes.append(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", starting)
    return processes


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def first(processes: list[Process]) -> Process:
    async with asyncio.timeout(10):
        while not processes:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.005)
    return processes[0]


def test_what_was_learned_elsewhere_answers_as_what_was_learned_here(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "bot").mkdir(parents=True)
    (elsewhere / "bot" / "__init__.py").write_text("raise SystemExit('another bot')")
    monkeypatch.chdir(elsewhere)
    there, here = asyncio.run(learned(settings)), assemble(settings.model_copy(update={"data_dir": tmp_path / "here"}))
    assert there.base == here.base
    assert [path.name for path in (tmp_path / "data" / "models").iterdir()] == [path.name for path in (tmp_path / "here/models").iterdir()]
    for text in ("how much is a cake", "when are you open", "pizza?"):
        replies = [bot.conversations.respond(Utterance(text), "c").reply for bot in (there, here)]
        assert replies[0] == replies[1]


def test_knowledge_that_teaches_the_same_keeps_the_model_of_the_running_bot(
    edit: Callable[[str, str], Path], settings: Settings, tmp_path: Path
) -> None:
    running = assemble(settings.model_copy(update={"data_dir": tmp_path / "elsewhere"}))
    edit("A cake is 20 euros.", "A cake is 22 euros.")
    new = asyncio.run(learned(settings, running))
    assert new.matcher.model is running.matcher.model
    assert new.base.entries["cake-price"].answer == "A cake is 22 euros."
    assert not settings.data_dir.exists()  # nothing was learned, so nothing was kept
    edit("phrasings: [loaf price]", "phrasings: [loaf prices]")
    assert asyncio.run(learned(settings, running)).matcher.model.learning_key != running.base.learning_key


def test_faults_are_told_with_file_and_line_and_without_a_directory(edit: Callable[[str, str], Path], settings: Settings) -> None:
    faq = edit("topic: visit", "topic: nowhere")
    faq.with_name("social.yaml").unlink()
    with pytest.raises(LearningError) as refused:
        asyncio.run(learned(settings))
    assert refused.value.faults
    assert all(fault.startswith(("faq.yaml:", "social.yaml:")) for fault in refused.value.faults)
    assert str(faq.parent) not in str(refused.value)


def test_a_learning_process_that_is_killed_is_told_in_a_sentence(settings: Settings, started: list[Process]) -> None:
    async def played() -> None:
        learning = asyncio.create_task(learned(settings))
        (await first(started)).kill()
        with pytest.raises(LearningError, match=r"^The knowledge could not be learned; the process .* ended with -9\.$"):
            await learning

    asyncio.run(played())


def test_a_learning_that_is_given_up_leaves_no_process(settings: Settings, started: list[Process]) -> None:
    async def played() -> None:
        learning = asyncio.create_task(learned(settings))
        process = await first(started)
        learning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await learning
        assert is_gone(process.pid)

    asyncio.run(played())


def test_where_no_process_can_be_started_that_is_told_in_a_sentence(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning.sys, "executable", "/no/such/python")
    with pytest.raises(LearningError, match=r"no process can be started for it \(FileNotFoundError\)"):
        asyncio.run(learned(settings))


@pytest.mark.parametrize("answer", [b"", b"hello", b"hello\n" + pickle.dumps(["a fault"]), b"\x80\x04cbot.nowhere\nNothing\n."])
def test_what_is_no_answer_of_the_learning_process_is_a_fault_and_no_death(answer: bytes) -> None:
    with pytest.raises(learning.LearningError, match="what came of it cannot be read"):
        learning._assembled(answer)
