"""The command line. Each command reads the settings, calls what does the work, and turns failures into one sentence."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bot import __version__
from bot.authoring.revision import RevisionError
from bot.cli import asking, running, writing
from bot.cli.codes import FOUND_SOMETHING, WRONG_USE
from bot.contracts.errors import ChannelError, StoreError
from bot.knowledge.loader import KnowledgeError
from bot.serve.supervisor import TaskDiedError
from bot.settings import SettingsError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, no_args_is_help=False)
for commands in (asking, running, writing):
    app.add_typer(commands.app)

HELP = """\
careerbot answers career questions (AI PM or AI Researcher?) from a folder of written answers.
It says so when it does not know. Nothing leaves this machine.

  careerbot chat              talk with it here
  careerbot ask "..."         one question, one answer
  careerbot serve             start Slack, Telegram and HTTP (docs/); --check: look whether all is set up
  careerbot slack manifest    what to create the Slack app from
  careerbot why "..."         why it answers as it does
  careerbot lint              check the answers that you wrote
  careerbot schema            the JSON Schema of a knowledge file, for your editor
  careerbot test              see how well it finds them
  careerbot drafts            answers that people at the desk gave, to make entries of
  careerbot inbox             what waits to be answered, what was set aside
  careerbot forget PERSON     erase all that is kept of somebody

Options of a command: careerbot COMMAND --help"""


def main() -> None:
    """Run the command line; the entry point of the package."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        app()
    except (KnowledgeError, SettingsError, RevisionError, StoreError, ChannelError) as error:
        typer.echo(str(error), err=True)
        sys.exit(WRONG_USE)
    except TaskDiedError as error:
        typer.echo(str(error), err=True)
        sys.exit(FOUND_SOMETHING)


@app.callback(invoke_without_command=True, help=HELP)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,  # noqa: FBT002
) -> None:
    if version:
        typer.echo(f"careerbot {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(HELP)
