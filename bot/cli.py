"""The command line. Each command reads the settings, calls what does the work, and turns failures into one sentence."""

from __future__ import annotations

import json
import sys
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import TYPE_CHECKING, Annotated

import typer

from bot import __version__
from bot.authoring.revision import RevisionError
from bot.channels.progress import LearningBar
from bot.knowledge.loader import KnowledgeError
from bot.settings import SettingsError, read_settings

if TYPE_CHECKING:
    from bot.assembly import Bot

WRONG_USE = 2
FOUND_SOMETHING = 1

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, no_args_is_help=False)

HELP = """\
careerbot answers career questions (AI PM or AI Researcher?) from a folder of written answers.
It says so when it does not know. Nothing leaves this machine.

  careerbot chat              talk with it here
  careerbot ask "..."         one question, one answer
  careerbot why "..."         why it answers as it does
  careerbot lint              check the answers that you wrote
  careerbot test              see how well it finds them

Options of a command: careerbot COMMAND --help"""


def main() -> None:
    """Run the command line; the entry point of the package."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        app()
    except (KnowledgeError, SettingsError, RevisionError) as error:
        typer.echo(str(error), err=True)
        sys.exit(WRONG_USE)


@app.callback(invoke_without_command=True, help=HELP)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,  # noqa: FBT002
) -> None:
    if version:
        typer.echo(f"careerbot {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(HELP)


@app.command()
def chat() -> None:
    """Talk with the bot in this terminal, or pipe a talk through it."""
    from rich.console import Console  # noqa: PLC0415 - only where something is drawn

    from bot.channels import terminal  # noqa: PLC0415

    console = Console(highlight=False)
    assistant = _bot().assistant
    if sys.stdin.isatty():
        terminal.welcome(assistant, console)
        terminal.converse(assistant, terminal.prompts(console), console, echo=False)
    else:
        lines = (line.decode("utf-8", "replace") for line in sys.stdin.buffer)
        terminal.converse(assistant, lines, console, echo=True)


@app.command()
def ask(
    text: Annotated[str | None, typer.Argument(help="The question.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reply as one JSON object.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Read JSON objects line by line, answer each with one.")] = False,
) -> None:
    """Answer one question, or a stream of them."""
    from bot.channels import lines, terminal  # noqa: PLC0415
    from bot.dialogue.turn import Utterance  # noqa: PLC0415

    if jsonl == (text is not None):
        message = "Give either a question or --jsonl."
        raise typer.BadParameter(message)
    if jsonl:
        for answer in lines.answers(_bot().assistant, sys.stdin.buffer):
            sys.stdout.write(f"{answer}\n")
            sys.stdout.flush()
        return
    reply = _bot().assistant.respond(Utterance(conversation=terminal.HERE, text=text or "")).reply
    if as_json:
        typer.echo(json.dumps(lines.drawn(reply, terminal.HERE), ensure_ascii=False, indent=1))
    else:
        from rich.console import Console  # noqa: PLC0415

        terminal.show(reply, Console(highlight=False))


@app.command()
def why(text: Annotated[str, typer.Argument(help="The question.")]) -> None:
    """Show what was understood, what was weighed, and which phrasing is nearest."""
    from rich.console import Console  # noqa: PLC0415

    from bot.authoring.why import explain  # noqa: PLC0415
    from bot.dialogue.turn import Utterance  # noqa: PLC0415

    bot = _bot()
    turn = bot.assistant.respond(Utterance(conversation="why", text=text))
    Console(highlight=False).print(explain(text, turn, bot.base))


@app.command()
def lint(path: Annotated[Path | None, typer.Argument(help="The knowledge file; default: the one in use.")] = None) -> None:
    """Check the knowledge: every fault at once, with file and line. Exit code 1: warnings, 2: it cannot be used."""
    from bot.assembly import faq_of  # noqa: PLC0415
    from bot.authoring.lint import lint as check  # noqa: PLC0415

    faults = check(path or faq_of(read_settings()))
    for fault in faults:
        typer.echo(f"{fault}{' (warning)' if fault.warning else ''}")
    if any(not fault.warning for fault in faults):
        raise typer.Exit(WRONG_USE)
    if faults:
        raise typer.Exit(FOUND_SOMETHING)
    typer.echo("The knowledge is fine.")


@app.command("test")
def held_out(
    *,
    compare: Annotated[str | None, typer.Option(metavar="REV", help="Compare with the knowledge of a git revision.")] = None,
    misses: Annotated[bool, typer.Option("--misses", help="Print every question and turn that went wrong.")] = False,
) -> None:
    """Put the held-out questions and talks of the knowledge to the bot. Exit code 1: a threshold of tests.yaml is missed."""
    from bot.examination import examine  # noqa: PLC0415

    with LearningBar() as progress:
        lines, held = examine(read_settings(), progress, compare=compare, misses=misses)
        for line in lines:
            typer.echo(line)
    if not held:
        raise typer.Exit(FOUND_SOMETHING)


@app.command()
def serve() -> None:
    """Start the channels whose tokens are set."""
    typer.echo("This version has no Slack or Telegram channel yet. Talk with it here: careerbot chat", err=True)
    raise typer.Exit(WRONG_USE)


@app.command()
def schema(name: Annotated[str, typer.Argument(help="faq, phrasings, out_of_scope, social or tests.")] = "faq") -> None:
    """Print the JSON Schema of a knowledge file, for your editor."""
    from bot.authoring import schema as schemas  # noqa: PLC0415

    if name not in schemas.NAMES:
        message = f"There is no file {name!r}; there are {', '.join(schemas.NAMES)}."
        raise typer.BadParameter(message)
    typer.echo(json.dumps(schemas.schema(name), indent=2))


def _bot() -> Bot:
    """The bot of the current settings; what takes long is shown on stderr."""
    from bot.assembly import assemble  # noqa: PLC0415

    with LearningBar() as progress:
        return assemble(read_settings(), progress)
