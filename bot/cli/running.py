"""Commands for whoever runs the bot: serve, slack manifest, inbox, forget."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.asking import the_bot
from bot.cli.codes import FOUND_SOMETHING
from bot.settings import read_settings

if TYPE_CHECKING:
    from bot.settings import Settings

_PERSON = re.compile(r"slack:T\w+/[UW]\w+|telegram:\d+|http:.+|terminal:.+")

app = typer.Typer()
slack = typer.Typer(help="Setting up Slack.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(slack, name="slack")


@app.command()
def serve(
    *,
    check: Annotated[bool, typer.Option("--check", help="Only look whether all is set up; exit code 1: something is not.")] = False,
) -> None:
    """Start the channels whose tokens are set, and run until stopped (SIGTERM, Ctrl-C). SIGHUP: look at the knowledge again."""
    from bot.assembly import opened_store  # noqa: PLC0415
    from bot.serve import server  # noqa: PLC0415 - the SDKs and the web server are for this command alone
    from bot.telemetry import logs  # noqa: PLC0415

    settings = read_settings()
    if check:
        logs.set_up("error")
        raise typer.Exit(FOUND_SOMETHING if asyncio.run(_checked(settings)) else 0)
    platforms = server.platforms_to_serve(settings)
    logs.set_up(settings.log_level)
    bot = the_bot()
    with opened_store(settings, platforms) as store:
        asyncio.run(server.serve(settings, bot, store))


async def _checked(settings: Settings) -> bool:
    """Print what a check finds; True if something is wrong."""
    from bot.serve.preflight import check  # noqa: PLC0415

    bad = False
    async for finding in check(settings):
        typer.echo(str(finding))
        bad = bad or not finding.good
    return bad


@slack.command()
def manifest(
    *,
    http: Annotated[str, typer.Option(metavar="URL", help="The bot's public address: Slack calls it instead of being called.")] = "",
    agent: Annotated[bool, typer.Option("--agent", help="Show the conversation as an agent's, with prompts (paid plans).")] = False,
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
def inbox(
    *,
    retry: Annotated[list[int] | None, typer.Option(metavar="NUMBER", help="Try an event that was set aside again.")] = None,
    drop: Annotated[list[int] | None, typer.Option(metavar="NUMBER", help="Drop an event that was set aside for good.")] = None,
) -> None:
    """Show what waits to be answered and what was set aside after three tries. Exit code 1: something was."""
    from bot.assembly import opened_store  # noqa: PLC0415
    from bot.store import admin  # noqa: PLC0415

    with opened_store(read_settings()) as store:
        if retry:
            typer.echo(f"To be tried again: {store.write(partial(admin.retry, seqs=retry))}")
        if drop:
            typer.echo(f"Dropped: {store.write(partial(admin.drop, seqs=drop))}")
        depth = store.depth()
        aside = store.read(admin.set_aside)
    typer.echo(f"Waiting: {depth.waiting}" + (f", since {_when(depth.oldest)}" if depth.waiting else ""))
    typer.echo(f"Set aside: {len(aside)}" + (" (careerbot inbox --retry NUMBER, or --drop NUMBER)" if aside else ""))
    for event in aside:
        typer.echo(f"  {event.seq}  {event.platform}  {_when(event.received)}  {event.fault}")
    if aside:
        raise typer.Exit(FOUND_SOMETHING)


@app.command()
def forget(person: Annotated[str, typer.Argument(metavar="PERSON", help="slack:T…/U…, telegram:123…, http:NAME or terminal:NAME")]) -> None:
    """Erase all that is kept of a person, and tell the desk that their open questions are withdrawn."""
    from bot.assembly import forget as erase  # noqa: PLC0415

    if not _PERSON.fullmatch(person):
        message = f"{person!r} is nobody's key; write slack:T…/U…, telegram:123…, http:NAME or terminal:NAME."
        raise typer.BadParameter(message)
    turns, withdrawn = erase(read_settings(), person)
    typer.echo(f"Erased all that was kept of {person}: {turns} turns; {withdrawn} open questions withdrawn.")


def _when(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
