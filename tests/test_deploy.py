"""What is deployed agrees with what the bot needs: locked libraries, the image, the container set-up, the service."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
sys.path.insert(0, str(DEPLOY))
import image_check  # noqa: E402 - it is no package

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
STAGES = image_check.stages_of((ROOT / "Dockerfile").read_text("utf-8"))
FINAL = STAGES[-1]
IGNORED = image_check.ignored_patterns((ROOT / ".dockerignore").read_text("utf-8"))
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
UNIT = (DEPLOY / "careerbot.service").read_text("utf-8")
VARIABLES = {field.validation_alias or f"CAREERBOT_{name.upper()}" for name, field in Settings.model_fields.items()}
EXPLAINED = {"PGPASSWORD", "POSTGRES_PASSWORD", "POSTGRES_USER", "POSTGRES_DB", "XDG_DATA_HOME", "PATH"}
"""Variables of libpq, of the image of PostgreSQL, of platformdirs and of the system. Those of Python begin with PYTHON."""


def known(name: str) -> bool:
    return name in VARIABLES | EXPLAINED or name.startswith(("PYTHON", "MALLOC_"))


def locked(name: str) -> dict[str, list[tuple[str, int]]]:
    """Name -> the versions that are locked (one for each range of Python), and how many hashes each has."""
    found: dict[str, list[tuple[str, int]]] = {}
    for block in re.split(r"\n(?=[a-z])", (DEPLOY / name).read_text("utf-8")):
        pin = re.match(r"([a-z0-9-]+)==([^\s;]+)", block)
        assert pin, block
        found.setdefault(pin[1], []).append((pin[2], len(re.findall(r"--hash=sha256:[0-9a-f]{64}", block))))
    return found


def release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("requirements.txt", [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["postgres"]]),
        ("build-requirements.txt", PROJECT["build-system"]["requires"]),
    ],
)
def test_what_is_needed_is_locked_with_hashes(name: str, wanted: list[str]) -> None:
    pins = locked(name)
    for requirement in wanted:
        what, floor = re.sub(r"\[.*\]", "", requirement).split(">=")
        assert all(release(version) >= release(floor) for version, _ in pins[what]), requirement
    assert all(hashes for versions in pins.values() for _, hashes in versions)


def test_what_builds_and_what_runs_have_the_same_versions() -> None:
    running = locked("requirements.txt")
    assert {name: pin for name, pin in locked("build-requirements.txt").items() if name in running}.items() <= running.items()


@pytest.mark.parametrize("path", [*sorted(DEPLOY.glob("*")), ROOT / "Dockerfile"], ids=lambda path: path.name)
def test_no_index_and_no_path_of_a_machine_is_named(path: Path) -> None:
    if path.is_file() and path.name != ".env":
        assert not re.search(
            r"index-url|find-links|trusted-host|https?://(?!localhost|127\.)|file://|/(?:home|root|work)/", path.read_text("utf-8")
        )


def test_the_image_runs_as_nobody_special_and_builds_nothing() -> None:
    assert FINAL.all("USER") == ["10001:10001"]
    assert FINAL.all("STOPSIGNAL") == ["SIGTERM"]
    assert [json.loads(FINAL.all(name)[-1]) for name in ("ENTRYPOINT", "CMD")] == [["careerbot"], ["serve"]]
    assert all(re.fullmatch(r"python:3\.\d+-slim", stage.base) for stage in STAGES)
    assert len({stage.base for stage in STAGES}) == 1
    steps = " ".join(line for stage in STAGES for line in stage.all("RUN"))
    assert not re.search(r"apt|gcc|build-essential|pip install", steps)


def test_the_image_has_the_version_of_the_project() -> None:
    assert f'image.version="{PROJECT["project"]["version"]}"' in FINAL.all("LABEL")[0]


def test_every_script_that_is_called_exists_and_is_of_the_context() -> None:
    for line in (line for stage in STAGES for line in stage.all("RUN") if line.startswith("sh ")):
        script = line.split()[1]
        assert (ROOT / script).is_file()
        assert not image_check.kept_out(script, IGNORED)


@pytest.mark.parametrize(
    ("path", "out"),
    [
        (".git/config", True),
        (".venv/bin/python", True),
        (".env", True),
        ("deploy/.env", True),
        ("bot/.env.local", True),
        ("bot/__pycache__/cli.pyc", True),
        ("bot/store/__pycache__/keys.pyc", True),
        ("tests/conftest.py", True),
        ("bot/cli.py", False),
        ("bot/store/keys.py", False),
        ("knowledge/faq.yaml", False),
        ("pyproject.toml", False),
    ],
)
def test_what_the_context_leaves_out(path: str, *, out: bool) -> None:
    assert image_check.kept_out(path, IGNORED) is out


@pytest.fixture
def health() -> Iterator[Callable[[int], int]]:
    """A server whose health is what the test says; gives its port."""
    servers = []

    def served(status: int) -> int:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status if self.path == "/healthz" else 404)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        server = HTTPServer(("127.0.0.1", 0), Answer)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server.server_port

    yield served
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_tells_a_living_bot_from_another(health: Callable[[int], int], status: int, code: int) -> None:
    assert asked_of(health(status)) == code


def test_the_health_check_fails_where_nobody_listens() -> None:
    assert asked_of(9) != 0


def asked_of(port: int) -> int:
    command = json.loads(FINAL.all("HEALTHCHECK")[0].split(" CMD ")[1])
    assert command[0] == "python"
    done = subprocess.run([sys.executable, *command[1:]], check=False, capture_output=True, env={"CAREERBOT_PORT": str(port)}, timeout=10)
    return done.returncode


def test_every_variable_that_is_set_is_known() -> None:
    set_here = {name for service in COMPOSE["services"].values() for name in service["environment"]}
    set_here |= set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text("utf-8")))
    set_here |= {name for line in re.findall(r"^Environment=(.*)", UNIT, re.MULTILINE) for name in re.findall(r"(\w+)=", line)}
    set_here |= {name for line in FINAL.all("ENV") for name in re.findall(r"(\w+)=", line)}
    assert not [name for name in set_here if not known(name)]


def test_containers_may_do_little() -> None:
    for service in COMPOSE["services"].values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in COMPOSE["services"]["bot"]["ports"])
    assert "ports" not in COMPOSE["services"]["postgres"]
    assert re.fullmatch(r"postgres:\d+", COMPOSE["services"]["postgres"]["image"])
    assert COMPOSE["services"]["bot"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_the_bot_has_longer_to_stop_than_it_takes() -> None:
    from bot.serve.server import DRAINED_WITHIN

    assert int(COMPOSE["services"]["bot"]["stop_grace_period"].removesuffix("s")) > DRAINED_WITHIN
    assert int(re.findall(r"^TimeoutStopSec=(\d+)", UNIT, re.MULTILINE)[0]) > DRAINED_WITHIN


def test_the_service_runs_what_the_image_runs() -> None:
    assert re.findall(r"^ExecStart=.*/(\w+ \w+)$", UNIT, re.MULTILINE) == ["careerbot serve"]
    assert {"DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "Restart=always", "KillSignal=SIGTERM"} <= set(
        UNIT.split("\n")
    )
