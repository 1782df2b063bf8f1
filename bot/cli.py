"""The command line. Each command reads the settings, calls what does the work, and turns failures into one sentence."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import TYPE_CHECKING, Annotated

import typer

from bot import __version__
from bot.authoring.revision import RevisionError
from bot.channels.progress import LearningBar
from bot.dialogue.ports import ChannelError, StoreError
from bot.knowledge.loader import KnowledgeError
from bot.settings import SettingsError, read_settings

if TYPE_CHECKING:
    from bot.assembly import Bot
    from bot.delivery.delivery import Delivery

WRONG_USE = 2
FOUND_SOMETHING = 1
_PERSON = re.compile(r"slack:T\w+/[UW]\w+|telegram:\d+|terminal:.+")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, no_args_is_help=False)

slack = typer.Typer(help="Setting up Slack.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(slack, name="slack")

HELP = """\
careerbot answers career questions (AI PM or AI Researcher?) from a folder of written answers.
It says so when it does not know. Nothing leaves this machine.

  careerbot chat              talk with it here
  careerbot ask "..."         one question, one answer
  careerbot serve             start Slack and Telegram (docs/)
  careerbot slack manifest    what to create the Slack app from
  careerbot why "..."         why it answers as it does
  careerbot lint              check the answers that you wrote
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

    from bot.assembly import delivery_of, store_or_none_kept  # noqa: PLC0415
    from bot.channels import terminal  # noqa: PLC0415

    console = Console(highlight=False)
    bot, settings = _bot(), read_settings()
    here = terminal.Terminal(console)
    typed = sys.stdin.isatty()
    lines = terminal.prompts(console) if typed else (line.decode("utf-8", "replace") for line in sys.stdin.buffer)

    async def talk(delivery: Delivery) -> None:
        async with delivery.working():
            await terminal.converse(delivery, here, lines, console, echo=not typed)

    with store_or_none_kept(settings, [here.platform]) as (store, problem):
        if typed:
            terminal.welcome(bot.assistant, console)
        if problem:
            typer.echo(f"{problem} Nothing of this talk is kept.", err=True)
        asyncio.run(talk(delivery_of(settings, bot, store, {here.platform: here}, terminal.DESK)))


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
    """Start the channels whose tokens are set, and run until stopped (SIGTERM, Ctrl-C)."""
    from bot import server  # noqa: PLC0415 - the SDKs and the web server are for this command alone
    from bot.assembly import opened_store  # noqa: PLC0415

    settings = read_settings()
    platforms = [name for name, token in (("slack", settings.slack_bot_token), ("telegram", settings.telegram_bot_token)) if token]
    if not platforms:
        raise ChannelError(server.NO_CHANNEL)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger("careerbot").setLevel(logging.INFO)
    bot = _bot()
    with opened_store(settings, platforms) as store:
        asyncio.run(server.serve(settings, bot, store))


@slack.command()
def manifest(
    *,
    http: Annotated[str, typer.Option(metavar="URL", help="The bot's public address: Slack calls it instead of being called.")] = "",
    agent: Annotated[bool, typer.Option("--agent", help="Show the talk as an agent's, with prompts (paid plans).")] = False,
    mentions_only: Annotated[bool, typer.Option("--mentions-only", help="Hear nothing of channels but mentions.")] = False,
) -> None:
    """Print the manifest of the Slack app, to create it from (docs/slack.md)."""
    from bot.assembly import faq_of  # noqa: PLC0415
    from bot.channels.slack import manifest as made  # noqa: PLC0415
    from bot.knowledge.loader import load  # noqa: PLC0415

    if http and not http.startswith("https://"):
        message = f"{http!r} is no address that Slack calls; it begins with https://."
        raise typer.BadParameter(message)
    prompts = [entry.question for entry in load(faq_of(read_settings())).prompts]
    typer.echo(json.dumps(made.manifest(prompts, url=http, agent=agent, mentions_only=mentions_only), indent=2, ensure_ascii=False))


@app.command()
def schema(name: Annotated[str, typer.Argument(help="faq, phrasings, out_of_scope, social or tests.")] = "faq") -> None:
    """Print the JSON Schema of a knowledge file, for your editor."""
    from bot.authoring import schema as schemas  # noqa: PLC0415

    if name not in schemas.NAMES:
        message = f"There is no file {name!r}; there are {', '.join(schemas.NAMES)}."
        raise typer.BadParameter(message)
    typer.echo(json.dumps(schemas.schema(name), indent=2))


@app.command()
def inbox(
    *,
    retry: Annotated[list[int] | None, typer.Option(metavar="NUMBER", help="Try an event that was set aside again.")] = None,
    drop: Annotated[list[int] | None, typer.Option(metavar="NUMBER", help="Drop an event that was set aside for good.")] = None,
) -> None:
    """Show what waits to be answered and what was set aside after three tries. Exit code 1: something was."""
    from bot.assembly import opened_store  # noqa: PLC0415
    from bot.store import tools  # noqa: PLC0415

    with opened_store(read_settings()) as store:
        if retry:
            typer.echo(f"To be tried again: {store.write(partial(tools.retry, seqs=retry))}")
        if drop:
            typer.echo(f"Dropped: {store.write(partial(tools.drop, seqs=drop))}")
        count, oldest = store.read(tools.waiting)
        aside = store.read(tools.set_aside)
    typer.echo(f"Waiting: {count}" + (f", since {_when(oldest)}" if count else ""))
    typer.echo(f"Set aside: {len(aside)}" + (" (careerbot inbox --retry NUMBER, or --drop NUMBER)" if aside else ""))
    for event in aside:
        typer.echo(f"  {event.seq}  {event.platform}  {_when(event.received)}  {event.fault}")
    if aside:
        raise typer.Exit(FOUND_SOMETHING)


@app.command()
def drafts(*, drop: Annotated[list[str] | None, typer.Option(metavar="ID", help="Drop a draft.")] = None) -> None:
    """Print the answers of the desk that were kept, as entries to finish and put into the knowledge."""
    from bot.assembly import opened_store  # noqa: PLC0415
    from bot.authoring.drafting import entries  # noqa: PLC0415
    from bot.store import tools  # noqa: PLC0415

    with opened_store(read_settings()) as store:
        if drop:
            typer.echo(f"Dropped: {store.write(partial(tools.drop_drafts, ids=drop), scrub=True)}")
            return
        kept = store.read(tools.kept_drafts)
    typer.echo(entries((draft.id, draft.question, draft.answer) for draft in kept) or "There are no drafts.")


@app.command()
def forget(person: Annotated[str, typer.Argument(metavar="PERSON", help="slack:T…/U…, telegram:123… or terminal:NAME")]) -> None:
    """Erase all that is kept of a person, and tell the desk that their open questions are withdrawn."""
    from bot.assembly import forget as erase  # noqa: PLC0415

    if not _PERSON.fullmatch(person):
        message = f"{person!r} is nobody's key; write slack:T…/U…, telegram:123… or terminal:NAME."
        raise typer.BadParameter(message)
    turns, withdrawn = erase(read_settings(), person)
    typer.echo(f"Erased all that was kept of {person}: {turns} turns; {withdrawn} open questions withdrawn.")


def _when(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _bot() -> Bot:
    """The bot of the current settings; what takes long is shown on stderr."""
    from bot.assembly import assemble  # noqa: PLC0415

    with LearningBar() as progress:
        return assemble(read_settings(), progress)
