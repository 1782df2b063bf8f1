"""The command line as a process: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

COMMAND = Path(sys.executable).with_name("careerbot")
SMALL = Path(__file__).parents[1] / "bakery" / "faq.yaml"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cli")


@pytest.fixture
def run(data_dir: Path, tmp_path: Path) -> Run:
    """Run the command in an empty directory, with the bakery as its knowledge."""

    def ran(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        settings = {"CAREERBOT_FAQ": str(SMALL), "CAREERBOT_DATA_DIR": str(data_dir), "COLUMNS": "120", "PYTHONUTF8": "1"}
        cwd = tmp_path / "cwd"
        cwd.mkdir(exist_ok=True)
        done = subprocess.run(
            [COMMAND, *arguments],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=30,
            check=False,
            cwd=cwd,
            env=settings | environment,
        )
        assert "Traceback" not in done.stderr
        assert "\x1b" not in done.stdout
        return done

    return ran


def test_without_arguments_it_prints_help(run: Run) -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    for word in ("chat", "ask", "why", "lint", "--help"):
        assert word in done.stdout


def test_it_tells_its_version(run: Run) -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"careerbot {version('careerbot')}\n")


def test_a_question_is_answered(run: Run) -> None:
    done = run("ask", "how much is a loaf of bread")
    assert done.returncode == 0
    assert "A loaf is 4 euros." in done.stdout
    assert "Source: Prices" in done.stdout
    assert "1  How much is a cake?" in done.stdout


def test_an_answer_can_be_json(run: Run) -> None:
    done = run("ask", "--json", "when are you open")
    answer = json.loads(done.stdout)
    assert answer["text"] == "We are open from 7 to 18, Monday to Saturday."
    assert answer["sources"] == ["Opening hours"]


def test_lines_of_json_are_answered_line_by_line(run: Run) -> None:
    done = run("ask", "--jsonl", stdin='{"conversation": "a", "text": "how much is a cake"}\n\nnonsense\n{"text": "hello"}\n')
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [answer.get("text") for answer in found] == ["A cake is 20 euros.", None, "Hello! What would you like to know?"]
    assert found[1]["error"] == "line 3: this is not JSON"


def test_no_lines_of_json_are_no_answers(run: Run) -> None:
    done = run("ask", "--jsonl")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("arguments", [("ask",), ("ask", "--json"), ("ask", "--jsonl", "a question")])
def test_either_a_question_or_lines_must_be_given(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("Give either a question or --jsonl.") == 1


def test_a_conversation_can_be_piped(run: Run) -> None:
    done = run("chat", stdin="how much is a loaf of bread\n2\n\nexit\nwhen are you open\n")
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if line.startswith(">")] == ["> how much is a loaf of bread", "> 2"]
    assert "Cake, by far." in done.stdout
    assert "We are open" not in done.stdout


@pytest.mark.parametrize("command", ["ask", "why"])
def test_a_question_that_is_no_text_is_answered(run: Run, command: str) -> None:
    done = run(command, "how much is a cake \udcff")
    assert done.returncode == 0
    assert done.stdout


def test_why_shows_what_was_weighed(run: Run) -> None:
    done = run("why", "how mcuh is a loaf")
    assert done.returncode == 0
    for part in ("Read as:", "About:", "product bread", "Decided:", "answer", "bread-price", "probability"):
        assert part in done.stdout


def test_lint_finds_nothing_wrong_and_says_so(run: Run, small: Path) -> None:
    text = small.read_text("utf-8")
    small.write_text(
        text.replace(
            "    follow_ups: [cake-price, prices]", "    more: Half a loaf is half of {loaf}.\n    follow_ups: [cake-price, prices]"
        ),
        "utf-8",
    )
    done = run("lint", str(small))
    assert (done.returncode, done.stdout) == (0, "The knowledge is fine.\n")


def test_lint_warns_with_exit_code_1(run: Run, small: Path) -> None:
    phrasings = small.with_name("phrasings.yaml")
    phrasings.write_text(phrasings.read_text("utf-8").replace("  - do you bake rye\n", "  - price of bread\n"), "utf-8")
    done = run("lint", str(small))
    assert done.returncode == 1
    assert done.stdout.splitlines()
    assert all(line.endswith("(warning)") for line in done.stdout.splitlines())
    assert "phrasings.yaml:" in done.stdout


def test_lint_of_what_cannot_be_used_has_exit_code_2(run: Run, edit: Callable[[str, str], Path]) -> None:
    done = run("lint", str(edit("topic: visit", "topic: visits")))
    assert done.returncode == 2
    assert "There is no topic 'visits'; did you mean 'visit'?" in done.stdout
    assert "(warning)" not in done.stdout


def test_lint_checks_the_knowledge_in_use(run: Run, edit: Callable[[str, str], Path]) -> None:
    path = edit("topic: visit", "topic: visits")
    assert run("lint", CAREERBOT_FAQ=str(path)).returncode == 2


@pytest.mark.parametrize("arguments", [("schema",), ("schema", "tests")])
def test_a_schema_is_json(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 0
    assert json.loads(done.stdout)["$schema"].startswith("https://json-schema.org/")


def test_a_schema_of_no_file_names_those_that_there_are(run: Run) -> None:
    done = run("schema", "fqa")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no file 'fqa'; there are faq, phrasings" in done.stderr


@pytest.mark.parametrize("arguments", [("ask", "hello"), ("chat",), ("why", "hello")])
def test_missing_knowledge_is_told_in_one_line(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, CAREERBOT_FAQ=str(tmp_path / "nowhere.yaml"))
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "nowhere.yaml" in done.stderr


def test_every_fault_of_the_knowledge_is_told_in_a_line(run: Run, edit: Callable[[str, str], Path]) -> None:
    edit("topic: visit", "topic: visits")
    path = edit("about: {product: cake}", "about: {product: pie}")
    done = run("ask", "hello", CAREERBOT_FAQ=str(path))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2


def test_a_file_in_the_way_of_the_data_directory_costs_no_answer(run: Run, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file", "utf-8")
    done = run("ask", "how much is a cake", CAREERBOT_DATA_DIR=str(blocked))
    assert done.returncode == 0
    assert "A cake is 20 euros." in done.stdout
    assert blocked.read_text("utf-8") == "a file"


def test_an_unknown_command_is_wrong_use(run: Run) -> None:
    done = run("tlak")
    assert done.returncode == 2
    assert "tlak" in done.stderr
