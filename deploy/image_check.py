"""`make image-check`: the steps of the Dockerfile without an engine, and what has to be true of what they install.

The context is what git knows or would add, less what .dockerignore keeps out. RUN lines that call a script of `deploy/` run in a
temporary directory: `/opt/careerbot` is then a path in there. RUN lines that need an image are named and not run.
"""

# ruff: noqa: INP001, S603, T201 - a script that prints and runs what the Dockerfile says

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LARGEST = 200_000_000
"""Bytes that the installed bot and its libraries may take."""
ANSWERED_WITHIN = 5.0
"""Seconds for the first answer; learning the knowledge takes far longer."""
QUESTION = "AI PM or AI Researcher?"
NEEDLESS = ("pip", "setuptools", "wheel", "hatchling", "ensurepip", "pkg_resources", "Cython")
COMPILERS = ("cc", "gcc", "g++", "c++", "clang", "ld", "as", "make", "rustc", "cargo")
NOBODY = 65534


@dataclass
class Stage:
    """One FROM of the Dockerfile and the lines that follow."""

    base: str
    lines: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [rest for name, rest in self.lines if name == instruction]


@dataclass(frozen=True)
class Installed:
    """What the steps installed: where, by which Python, and where the rest of the image's paths are."""

    prefix: Path
    python: str
    environment: dict[str, str]
    data: Path

    def run(self, *words: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """Run a command of the image with its environment, from an empty directory."""
        command = [*before, str(self.prefix / "bin" / words[0]), *words[1:]]
        cwd = Path(tempfile.mkdtemp(dir=self.data.parent))
        cwd.chmod(0o755)
        return subprocess.run(command, check=False, capture_output=True, text=True, env=self.environment, cwd=cwd, timeout=120)


def stages_of(text: str) -> list[Stage]:
    """The stages of a Dockerfile; continued lines are joined, comments dropped."""
    lines = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text)).splitlines()
    stages: list[Stage] = []
    for line in filter(str.strip, lines):
        name, rest = line.split(maxsplit=1)
        if name == "FROM":
            stages.append(Stage(rest.split()[0]))
        else:
            stages[-1].lines.append((name, rest.strip()))
    return stages


def kept_out(path: str, patterns: list[str]) -> bool:
    """Whether .dockerignore keeps a path out: the last pattern that meets it or a folder above decides."""
    above = [str(parent) for parent in (Path(path), *Path(path).parents)][:-1]
    out = False
    for pattern in patterns:
        wanted = pattern.removeprefix("!").strip("/")
        if any(_meets(each, wanted) for each in above):
            out = not pattern.startswith("!")
    return out


def _meets(path: str, pattern: str) -> bool:
    parts, wanted = path.split("/"), pattern.split("/")
    if wanted[0] == "**":
        parts, wanted = parts[-len(wanted) + 1 :], wanted[1:]
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def ignored_patterns(text: str) -> list[str]:
    """The patterns of a .dockerignore."""
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def context(directory: Path) -> int:
    """Copy the build context; gives how many files it has."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, check=True, capture_output=True, text=True, cwd=ROOT).stdout.split("\0")
    patterns = ignored_patterns((ROOT / ".dockerignore").read_text("utf-8"))
    files = sorted({name for name in names if name and (ROOT / name).is_file() and not kept_out(name, patterns)})
    for name in files:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, directory / name)
    return len(files)


def python_for(base: str) -> str:
    """An interpreter of the version that the image has, else the one that runs this."""
    version = re.search(r"python:(\d+\.\d+)", base)
    wanted = version[1] if version else ""
    for python in (sys.executable, shutil.which(f"python{wanted}") or ""):
        if python and _version(python) == wanted:
            return python
    print(f"note  the image has Python {wanted}; here the steps run with {_version(sys.executable)}")
    return sys.executable


def _version(python: str) -> str:
    tell = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(tell, check=False, capture_output=True, text=True).stdout.strip()


def build(stages: list[Stage], work: Path) -> Installed:
    """Run the steps; absolute paths of the image lie below `work/image`."""
    image, source = work / "image", work / "context"
    print(f"context: {context(source)} files")
    python = python_for(stages[0].base)
    for number, stage in enumerate(stages):
        here = work / f"stage{number}"
        here.mkdir()
        for name, rest in stage.lines:
            words = shlex.split(rest) if name in {"COPY", "RUN"} else []
            if name == "COPY" and not words[0].startswith("--from="):
                _copy(source, words, here)
            elif name == "RUN":
                _run(rest, words, here, image, python)
    final = stages[-1]
    prefix = next(Path(words[-1]) for words in map(shlex.split, final.all("COPY")) if words[0].startswith("--from="))
    inside = image / prefix.relative_to("/")
    data = work / "data"
    told = dict(word.split("=", 1) for line in final.all("ENV") for word in shlex.split(line))
    told |= {"PATH": f"{inside / 'bin'}:/usr/bin:/bin", "CAREERBOT_DATA_DIR": str(data), "HOME": str(data)}
    return Installed(inside, python, told, data)


def _copy(source: Path, words: list[str], here: Path) -> None:
    *what, where = words
    for each in what:
        target = here / where if each == "." else here / where / Path(each).name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (source / each).is_dir() else shutil.copy2)(
            source / each, target, **({"dirs_exist_ok": True} if each == "." else {})
        )


def _run(line: str, words: list[str], here: Path, image: Path, python: str) -> None:
    if words[0] != "sh" or not words[1].startswith("deploy/"):
        print(f"not run, needs an image: RUN {' '.join(line.split())}")
        return
    command = [str(image / word[1:]) if word.startswith("/") else word for word in words]
    started = time.monotonic()
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=here, env={**os.environ, "PYTHON": python})
    if done.returncode:
        sys.exit(f"FAIL  RUN {line}\n{done.stdout}{done.stderr}")
    print(f"RUN {line}: {time.monotonic() - started:.0f} s")


def standing(directory: Path) -> dict[str, tuple[int, int]]:
    """Every file of a directory, with its size and when it was written."""
    return {str(path): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in sorted(directory.rglob("*"))}


def weigh(installed: Installed) -> tuple[bool, str]:
    """Whether the size is within its bound; the ten largest parts are printed."""
    site = next(installed.prefix.glob("lib/python*/site-packages"))
    parts = {path.name: _bytes(path) for path in site.iterdir()}
    total = _bytes(installed.prefix)
    for name, size in sorted(parts.items(), key=lambda part: -part[1])[:10]:
        print(f"      {size / 1e6:6.1f} MB  {name}")
    return total <= LARGEST, f"{total / 1e6:.1f} MB are installed, of at most {LARGEST / 1e6:.0f}"


def _bytes(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() and not path.is_symlink() else [path]
    return sum(file.lstat().st_size for file in files if file.is_symlink() or file.is_file())


def spare(installed: Installed) -> tuple[bool, str]:
    """Whether nothing that builds or installs was left."""
    site = next(installed.prefix.glob("lib/python*/site-packages"))
    left = [name for name in NEEDLESS if (site / name).exists() or list(site.glob(f"{name}-*.dist-info"))]
    left += [name for name in COMPILERS if list(installed.prefix.rglob(f"bin/{name}"))]
    return not left, f"left inside: {', '.join(left)}" if left else "no compiler, pip or build tool is inside"


def answers(installed: Installed) -> tuple[bool, str]:
    """Whether a first question is answered by the model that is inside, and nothing is written."""
    models = list(installed.prefix.glob("lib/python*/site-packages/bot/shipped/model.npz"))
    before = standing(installed.prefix)
    started = time.monotonic()
    done = installed.run("careerbot", "ask", QUESTION)
    took = time.monotonic() - started
    wrong = [
        said
        for said, so in (
            ("no model is inside", not models),
            (f"exit {done.returncode}: {done.stderr}", bool(done.returncode)),
            ("nothing was said", not done.stdout.strip()),
            ("it learned", "earning" in done.stderr or installed.data.exists()),
            (f"it took {took:.1f} s", took > ANSWERED_WITHIN),
            ("it wrote into what is installed", standing(installed.prefix) != before),
        )
        if so
    ]
    return not wrong, "; ".join(wrong) or f"{QUESTION!r} answered in {took:.1f} s by the model inside, nothing written"


def says_what_is_missing(installed: Installed) -> tuple[bool, str]:
    """Whether `serve` without tokens says one sentence and leaves with 2."""
    done = installed.run("careerbot", *json.loads(_last("CMD")))
    said = done.stderr.strip()
    so = done.returncode == 2 and said.startswith("No channel is set up") and "\n" not in said and not done.stdout  # noqa: PLR2004
    return so, "serve without tokens says what is missing, exit 2" if so else f"serve without tokens: exit {done.returncode}, {said!r}"


def _last(instruction: str) -> str:
    return stages_of((ROOT / "Dockerfile").read_text("utf-8"))[-1].all(instruction)[-1]


def runs_as_another(installed: Installed) -> tuple[bool, str]:
    """Whether it runs as somebody who owns nothing of it."""
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0 or setpriv is None:
        return True, "skipped as another user: that takes root and setpriv"
    before = (setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs")
    if subprocess.run([*before, installed.python, "-c", ""], check=False, capture_output=True).returncode:
        return True, f"skipped as another user: only root can run {installed.python}"
    told = installed.run("careerbot", "--version", before=before)
    asked = installed.run("careerbot", "ask", QUESTION, before=before)
    if told.returncode or asked.returncode or not told.stdout.startswith("careerbot "):
        return False, f"as another user: {told.stdout}{told.stderr}{asked.stderr}"
    return True, f"as another user: {told.stdout.strip()}, and it answers"


def main() -> None:
    """Build, then check; exit code 1 if something is not as it has to be."""
    with tempfile.TemporaryDirectory(prefix="careerbot-image-") as directory:
        work = Path(directory)
        work.chmod(0o755)  # another user has to get in
        installed = build(stages_of((ROOT / "Dockerfile").read_text("utf-8")), work)
        held = True
        for check in (weigh, spare, answers, says_what_is_missing, runs_as_another):
            so, said = check(installed)
            print(f"{'ok  ' if so else 'FAIL'}  {said}")
            held = held and so
    sys.exit(not held)


if __name__ == "__main__":
    main()
