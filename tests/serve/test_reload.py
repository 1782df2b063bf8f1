"""A knowledge that changes while the bot runs: it is taken over, or the last good one goes on, and nobody's message waits for it."""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import signal
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from loopback.running_slack import free_port, labels, running
from loopback.serving import serving, variables
from loopback.slack import FakeSlack
from loopback.standin import PLATFORM, StandIn, event, until

from bot import assembly
from bot.assembly import learning
from bot.serve import reload
from bot.serve.reload import Reloader
from bot.serve.supervisor import Supervisor
from bot.settings import Settings
from bot.store.database import sqlite_url
from bot.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bot.assembly import Bot
    from bot.delivery.gateway import EventGateway
    from bot.store.store import Store

    Edit = Callable[[str, str], Path]

CAKE, DEARER = "A cake is 20 euros.", "A cake is 22 euros."
SLOWEST = 1.0
"""Seconds that no answer may take while something is learned; the machines of CI are busy."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return sqlite_url(tmp_path)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """An edit is over soon, and nobody looks without being told."""
    monkeypatch.setattr(reload, "SETTLED", 20)
    monkeypatch.setattr(reload, "LOOK", 600.0)
    caplog.set_level(logging.INFO, "careerbot.knowledge")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same is learned the same way, in this process."""

    async def learned(settings: Settings, running: Bot) -> Bot:
        found = await asyncio.to_thread(learning._learn, str(settings.faq), str(settings.data_dir), running.base.learning_key)
        return learning._assembled(pickle.dumps(found), running)

    monkeypatch.setattr(reload, "learned", learned)


def written(path: Path, text: str = "") -> str:
    """What stands in a file; with a text, that from now on."""
    if text:
        path.write_text(text, "utf-8")
    return path.read_text("utf-8")


def _without(text: str, entry: str) -> str:
    """The phrasings of all other entries."""
    kept, leave = [], False
    for line in text.splitlines(keepends=True):
        leave = line.startswith(f"{entry}:") if line[0] not in " -#\n" else leave
        kept += [] if leave else [line]
    return "".join(kept)


class House(StandIn):
    """The bakery's bot, which follows its knowledge; what is said at the desk is in `desk`."""

    def __init__(self, bot: Bot, store: Store, settings: Settings) -> None:
        super().__init__()
        self.bot, self.store, self.settings, self.metrics = replace(bot), store, settings, Metrics()
        self.gateway: EventGateway
        self.reloader: Reloader

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        room = assembly.room_of(self.settings.desk)
        channels = {PLATFORM: self, "slack": self}
        supervisor = Supervisor()
        self.gateway = assembly.gateway_of(self.settings, self.bot, self.store, channels, room, None, self.metrics)
        async with self.gateway.working(supervisor):
            self.reloader = Reloader(self.settings, self.bot, self.store, self.gateway, self.metrics)
            async with self.reloader.following(supervisor):
                await asyncio.sleep(0.05)  # the watch is set up; nothing tells
                yield
        supervisor.check()

    def run(self, main: Callable[[], Awaitable[None]]) -> None:
        async def running() -> None:
            async with self.open():
                await main()

        asyncio.run(running())

    async def asked(self, text: str = "how much is a cake", conversation: str = "one", **more: object) -> str:
        """What is answered first."""
        before = len(self.to("here"))
        await self.gateway.accept(event(f"{time.monotonic()}", text, conversation=conversation, **more))
        await until(lambda: len(self.to("here")) > before)
        return self.to("here")[before].reply.plain_body

    async def knows(self, faults: int = 0, *, other_than: str = "") -> str:
        """Return once a change was taken over or refused; the version that answers."""
        told = self.metrics
        await until(lambda: told.knowledge["faults"] == faults and told.knowledge["version"] != other_than, 10.0)
        return str(told.knowledge["version"])

    @property
    def desk(self) -> list[Any]:
        return [message.reply for message in self.sent if message.address.platform == "slack"]


@pytest.fixture
def here(bakery: Bot, small: Path, tmp_path: Path, open_store: Callable[..., Store]) -> House:
    settings = Settings(faq=small, data_dir=tmp_path / "data", desk="slack:C0DESK")
    return House(bakery, open_store(platforms=[PLATFORM, "slack"]), settings)


def test_a_change_is_noticed_learned_elsewhere_and_taken_over_while_messages_flow(here: House, edit: Edit) -> None:
    took: dict[str, float] = {}

    async def asking(conversation: str, over: asyncio.Event) -> list[str]:
        said = []
        while not over.is_set():
            turn, begun = f"{conversation}.{len(said)}", time.monotonic()
            await here.gateway.accept(event(turn, "how much is a cake", conversation=conversation, room=conversation))
            await until(lambda: len(here.to(conversation)) > len(said))
            took[turn] = time.monotonic() - begun
            said.append(here.to(conversation)[-1].reply.plain_body)
        return said

    async def main() -> None:
        over, old = asyncio.Event(), here.bot.base.version
        conversations = [asyncio.create_task(asking(f"conversation {number}", over)) for number in range(4)]
        await until(lambda: len(took) > 20)
        edit("A cake is 20 euros", "A cake is 22 euros")
        await here.knows(other_than=old)
        new = len(took)
        await until(lambda: len(took) > new + 20)
        over.set()
        for said in await asyncio.gather(*conversations):
            assert [line for line in said if not line.startswith((CAKE, DEARER))] == []
            newer = [line.startswith(DEARER) for line in said]
            assert newer == sorted(newer)
            assert {True, False} == set(newer)

    here.run(main)
    assert len(here.sent) == len(took)
    assert max(took.values()) < SLOWEST
    assert here.desk == []


@pytest.mark.parametrize(
    ("old", "new", "answer"),
    [("A cake is 20 euros.", "A cake is 22 euros.", DEARER), ("version: 1\n", "version: 1  # looked through\n", CAKE)],
)
def test_what_teaches_nothing_is_taken_over_without_learning(
    here: House, edit: Edit, caplog: pytest.LogCaptureFixture, old: str, new: str, answer: str
) -> None:
    async def main() -> None:
        before, model = here.bot.base.version, here.bot.matcher.model
        edit(old, new)
        assert await here.knows(other_than=before) == here.bot.base.version
        assert here.bot.matcher.model is model
        assert (await here.asked()).startswith(answer)

    here.run(main)
    assert "nothing had to be learned" in caplog.text
    assert not (here.settings.data_dir / "models").exists()
    assert here.desk == []


def test_a_change_of_phrasings_is_learned(here: House, edit: Edit, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        before = here.bot.base.version
        edit("phrasings: [loaf price]", "phrasings: [loaf prices]")
        await here.knows(other_than=before)

    here.run(main)
    assert "nothing had to be learned" not in caplog.text
    assert len(list((here.settings.data_dir / "models").iterdir())) == 1


def test_held_out_questions_are_no_change(here: House, small: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        tests = small.with_name("tests.yaml")
        written(tests, written(tests).replace("at what hour", "at what time"))
        here.reloader.look()
        await until(lambda: "The knowledge has not changed." in caplog.text)

    here.run(main)
    assert "answers" not in caplog.text


@pytest.mark.usefixtures("at_once")
def test_a_button_of_an_entry_that_is_gone_gets_a_polite_line(here: House, small: Path) -> None:
    async def main() -> None:
        await here.asked("when are you open")
        text, old = written(small), here.bot.base.version
        before, _, rest = text.partition("  - id: sorts")
        written(
            small,
            before.replace(', {to: sorts, label: "And what do you bake?"}', "") + "  - id: secret" + rest.partition("  - id: secret")[2],
        )
        phrasings = small.with_name("phrasings.yaml")
        written(phrasings, _without(written(phrasings), "sorts"))
        await here.knows(other_than=old)
        assert (await here.asked(target="sorts")).startswith("That answer has changed since.")
        assert (await here.asked("2")).strip()  # the second of what was offered then
        assert (await here.asked("how much is a cake")).startswith(CAKE)

    here.run(main)


def test_the_editors_wording_and_labels_change_in_slack_too(bakery: Bot, edit: Edit, small: Path, tmp_path: Path, at_once: None) -> None:  # noqa: ARG001 - for what it does
    async def played() -> None:
        bot, supervisor = replace(bakery), Supervisor()
        async with running(bot, tmp_path) as house:
            metrics, settings = Metrics(), Settings(faq=small, data_dir=tmp_path / "data")
            async with Reloader(settings, bot, house.store, house.gateway, metrics).following(supervisor):
                await asyncio.sleep(0.05)
                first = await house.one(house.slack.dm("when are you open?"))
                assert {"And what do you bake?", "More"} <= set(labels(first))
                old = metrics.knowledge["version"]
                edit("And what do you bake?", "What comes out of the oven?")
                edit("topics:", "texts: {button_more: Go on}\ntopics:")
                await until(lambda: metrics.knowledge["version"] != old or metrics.knowledge["faults"], 10.0)
                assert metrics.knowledge["faults"] == 0
                again = await house.one(house.slack.dm("when are you open?", user="U0BOB"))
                assert {"What comes out of the oven?", "Go on"} <= set(labels(again))
                assert (await house.one(house.slack.press(first, label="And what do you bake?")))["text"].startswith("Rye bread")

    asyncio.run(played())


def test_a_bad_edit_keeps_the_last_good_one_and_is_told_until_it_is_mended(
    here: House, small: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        good = written(small)
        version = await here.knows()
        written(small, good.replace("topic: bread", "topic: nowhere").replace("heading: Prices", "heading: Costs"))
        await until(lambda: here.metrics.knowledge["faults"], 10.0)
        await until(lambda: here.desk)
        faults = int(str(here.metrics.knowledge["faults"]))
        assert faults > 3
        assert here.metrics.knowledge["version"] == version
        assert (await here.asked()).startswith(CAKE)
        (told,) = here.desk
        assert told.notes[:3] == tuple(record.args[0] for record in caplog.records if "cannot be used" in record.msg)[:3]
        assert all(note.startswith("faq.yaml:") for note in told.notes[:3])
        assert told.notes[3:] == (f"And {faults - 3} faults more: careerbot lint tells them all.",)
        here.reloader.look()
        await until(lambda: "is learned again" in caplog.text)
        assert f"careerbot_knowledge_faults {faults}.0" in here.metrics.text().decode()
        written(small, good)
        await here.knows()
        await until(lambda: len(here.desk) > 1)
        assert "careerbot_knowledge_faults 0.0" in here.metrics.text().decode()

    here.run(main)
    assert [reply.plain_body.partition("\n")[0] for reply in here.desk] == [
        "The knowledge was changed and cannot be used, so I go on with the last good one:",
        "The knowledge can be used again; from now on I answer from it.",
    ]
    assert str(small.parent) not in caplog.text
    assert "The last good knowledge goes on answering." in caplog.text


@pytest.mark.usefixtures("at_once")
def test_held_out_questions_that_are_mended_let_the_change_in_that_they_kept_out(here: House, small: Path, edit: Edit) -> None:
    async def main() -> None:
        before, tests = here.bot.base.version, small.with_name("tests.yaml")
        good = written(tests)
        tests.write_text(good.replace("expect: [hours]", "expect: [ours]"), "utf-8")
        edit("A cake is 20", "A cake is 22")
        await here.knows(1)
        assert (await here.asked()).startswith(CAKE)
        written(tests, good)
        await here.knows(other_than=before)
        assert (await here.asked()).startswith(DEARER)

    here.run(main)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("name", ["faq.yaml", "social.yaml"])
def test_a_file_that_is_deleted_is_a_bad_edit_and_put_back_a_good_one(here: House, small: Path, name: str) -> None:
    async def main() -> None:
        gone = small.with_name(name)
        text = written(gone)
        gone.unlink()
        await here.knows(1)
        assert (await here.asked()).startswith(CAKE)
        await until(lambda: here.desk)
        assert here.desk[0].notes == (f"{name}:1:1: There is no such file.",)
        written(gone, text)
        await here.knows()

    here.run(main)


@pytest.mark.parametrize("ends", ["good", "bad"])
def test_of_two_changes_in_a_row_the_last_one_holds(here: House, edit: Edit, monkeypatch: pytest.MonkeyPatch, ends: str) -> None:
    begun: list[asyncio.Event] = []

    async def learned(settings: Settings, running: Bot) -> Bot:
        found = learning._learn(str(settings.faq), str(settings.data_dir), running.base.learning_key)
        begun.append(go := asyncio.Event())
        await go.wait()
        return learning._assembled(pickle.dumps(found), running)

    monkeypatch.setattr(reload, "learned", learned)

    async def main() -> None:
        edit("A cake is 20", "A cake is 22") if ends == "good" else edit("topic: visit", "topic: nowhere")
        await until(lambda: len(begun) == 1)
        edit("A cake is 22", "A cake is 24") if ends == "good" else edit("topic: nowhere", "topic: visit")
        await asyncio.sleep(0.1)
        begun[0].set()
        await until(lambda: len(begun) == 2)
        begun[1].set()
        await until(lambda: here.reloader._seen == here.bot.base.version)
        assert (await here.asked()).startswith("A cake is 24" if ends == "good" else CAKE)
        await here.knows()

    here.run(main)
    assert len(begun) == 2


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("error", [OSError("no watches left"), RuntimeError("no such thing here")])
def test_a_folder_that_cannot_be_watched_is_looked_at_now_and_then(
    here: House, edit: Edit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def unwatched(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(reload, "awatch", unwatched)
    monkeypatch.setattr(reload, "LOOK", 0.05)

    async def main() -> None:
        old = here.bot.base.version
        edit("A cake is 20", "A cake is 22")
        await here.knows(other_than=old)
        assert (await here.asked()).startswith(DEARER)

    here.run(main)
    assert f"the folder cannot be watched ({type(error).__name__})" in caplog.text


@pytest.mark.usefixtures("at_once")
def test_a_folder_that_kubernetes_mounts_is_followed_from_link_to_link(here: House, small: Path, tmp_path: Path) -> None:
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    small.parent.rename(mounted / "..1")
    (mounted / "..data").symlink_to("..1")
    for file in (mounted / "..1").iterdir():
        (mounted / file.name).symlink_to(Path("..data") / file.name)
    here.settings = here.settings.model_copy(update={"faq": mounted / "faq.yaml"})

    async def main() -> None:
        old, later = here.bot.base.version, mounted / "..2"
        later.mkdir()
        for file in (mounted / "..1").iterdir():
            (later / file.name).write_text(file.read_text("utf-8").replace("A cake is 20", "A cake is 22"), "utf-8")
        (mounted / "..new").symlink_to("..2")
        (mounted / "..new").rename(mounted / "..data")
        await here.knows(other_than=old)
        assert (await here.asked()).startswith(DEARER)

    here.run(main)


@pytest.mark.usefixtures("at_once")
def test_a_knowledge_that_cannot_even_be_looked_at_stops_nothing(
    here: House, edit: Edit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looked = reload.version_of

    def unreadable(_: Path) -> str:
        raise PermissionError(13, "Permission denied", str(here.settings.faq))

    async def main() -> None:
        monkeypatch.setattr(reload, "version_of", unreadable)
        here.reloader.look()
        await until(lambda: "could not be looked at (PermissionError)" in caplog.text)
        assert (await here.asked()).startswith(CAKE)
        monkeypatch.setattr(reload, "version_of", looked)
        old = here.bot.base.version
        edit("A cake is 20", "A cake is 22")
        await here.knows(other_than=old)

    here.run(main)
    assert str(here.settings.faq) not in caplog.text


def test_a_bot_that_serves_looks_when_it_is_told_outlives_its_learning_and_ends_with_it(small: Path, edit: Edit, tmp_path: Path) -> None:
    async def said(process: asyncio.subprocess.Process, words: str) -> None:
        assert process.stderr
        async with asyncio.timeout(20):
            while words not in (line := (await process.stderr.readline()).decode()):
                assert line, f"it ended before it said {words!r}"
                assert "Traceback" not in line

    async def stopped_child(process: asyncio.subprocess.Process) -> psutil.Process:
        """The learning process, stopped before it is done."""
        found: list[psutil.Process] = []
        parent = psutil.Process(process.pid)

        def began() -> bool:
            """Whether it is another program already: stopped before, it would hold up the bot that starts it."""
            with suppress(psutil.Error):
                found[:] = [child for child in parent.children() if "bot.assembly.learning" in child.cmdline()]
            return bool(found)

        await until(began, 10.0)
        found[0].send_signal(signal.SIGSTOP)
        return found[0]

    async def played() -> None:
        async with FakeSlack() as slack, serving(tmp_path, **variables(slack, free_port()), CAREERBOT_FAQ=str(small)) as process:
            await said(process, "Ready: slack")
            process.send_signal(signal.SIGHUP)
            await said(process, "The knowledge has not changed.")
            edit("A cake is 20", "A cake is 22")
            process.send_signal(signal.SIGHUP)
            (await stopped_child(process)).kill()
            await said(process, "ended with -9")
            await (await slack.dm("how much is a cake?")).done()
            assert (await slack.wait_message())["text"].startswith(CAKE)
            process.send_signal(signal.SIGHUP)
            await said(process, "The new knowledge answers")
            edit("A cake is 22", "A cake is 24")
            process.send_signal(signal.SIGHUP)
            child = await stopped_child(process)
            process.terminate()
            begun = time.monotonic()
            _, rest = await process.communicate()
            assert process.returncode == 0
            assert time.monotonic() - begun < 3
            assert b"Traceback" not in rest
            assert not psutil.pid_exists(child.pid) or os.getpgid(child.pid) != child.pid

    asyncio.run(played())
