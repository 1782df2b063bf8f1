"""Commands for whoever writes the answers: lint, test, schema, drafts."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import TYPE_CHECKING, Annotated

import typer

from bot.channels.progress import LearningBar
from bot.cli.codes import FOUND_SOMETHING, WRONG_USE
from bot.settings import read_settings

if TYPE_CHECKING:
    from bot.assembly import Bot

app = typer.Typer()


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
    """Put the held-out questions and conversations of the knowledge to the bot. Exit code 1: a threshold of tests.yaml is missed."""
    from bot.assembly import assemble, faq_of  # noqa: PLC0415
    from bot.authoring.evaluation import examine  # noqa: PLC0415

    settings = read_settings()
    with LearningBar() as progress:

        def build(faq: Path) -> Bot:
            return assemble(settings.model_copy(update={"faq": faq}), progress)

        lines, held = examine(faq_of(settings), build, compare=compare, misses=misses)
        for line in lines:
            typer.echo(line)
    if not held:
        raise typer.Exit(FOUND_SOMETHING)


@app.command()
def schema(name: Annotated[str, typer.Argument(help="faq, phrasings, out_of_scope, social or tests.")] = "faq") -> None:
    """Print the JSON Schema of a knowledge file, for your editor."""
    from bot.authoring import json_schema as schemas  # noqa: PLC0415

    if name not in schemas.NAMES:
        message = f"There is no file {name!r}; there are {', '.join(schemas.NAMES)}."
        raise typer.BadParameter(message)
    typer.echo(json.dumps(schemas.schema(name), indent=2))


@app.command()
def drafts(*, drop: Annotated[list[str] | None, typer.Option(metavar="ID", help="Drop a draft.")] = None) -> None:
    """Print the answers of the desk that were kept, as entries to finish and put into the knowledge."""
    from bot.assembly import opened_store  # noqa: PLC0415
    from bot.authoring.drafting import entries  # noqa: PLC0415
    from bot.store import admin  # noqa: PLC0415

    with opened_store(read_settings()) as store:
        if drop:
            typer.echo(f"Dropped: {store.write(partial(admin.drop_drafts, ids=drop), scrub=True)}")
            return
        kept = store.read(admin.kept_drafts)
    typer.echo(entries((draft.id, draft.question, draft.answer) for draft in kept) or "There are no drafts.")
