"""Commands for whoever asks: chat, ask, why."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.channels.progress import LearningBar
from bot.settings import read_settings

if TYPE_CHECKING:
    from bot.assembly import Bot
    from bot.delivery.gateway import EventGateway

app = typer.Typer()


@app.command()
def chat() -> None:
    """Talk with the bot in this terminal, or pipe a conversation through it."""
    from rich.console import Console  # noqa: PLC0415

    from bot.assembly import gateway_of, store_or_none_kept  # noqa: PLC0415
    from bot.channels import terminal  # noqa: PLC0415
    from bot.serve.supervisor import Supervisor  # noqa: PLC0415

    console = Console(highlight=False)
    bot, settings = the_bot(), read_settings().model_copy(update={"rate": (0,), "allow": ()})  # who sits here may ask at will
    here = terminal.Terminal(console)
    typed = sys.stdin.isatty()
    lines = terminal.prompts(console) if typed else (line.decode("utf-8", "replace") for line in sys.stdin.buffer)

    async def converse(gateway: EventGateway) -> None:
        supervisor = Supervisor()
        async with gateway.working(supervisor):
            await supervisor.unless_stopped(terminal.converse(gateway, here, lines, console, echo=not typed))
        supervisor.check()

    with store_or_none_kept(settings, [here.platform]) as (store, problem):
        if typed:
            terminal.welcome(bot.assistant, console)
        if problem:
            typer.echo(f"{problem} Nothing of this conversation is kept.", err=True)
        asyncio.run(converse(gateway_of(settings, bot, store, {here.platform: here}, terminal.DESK)))


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
        for answer in lines.answers(the_bot().conversations, sys.stdin.buffer):
            sys.stdout.write(f"{answer}\n")
            sys.stdout.flush()
        return
    reply = the_bot().conversations.respond(Utterance(text or "")).reply
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

    bot = the_bot()
    turn = bot.conversations.respond(Utterance(text))
    Console(highlight=False).print(explain(text, turn, bot.base))


def the_bot() -> Bot:
    """The bot of the current settings; what takes long is shown on stderr."""
    from bot.assembly import assemble  # noqa: PLC0415

    with LearningBar() as progress:
        return assemble(read_settings(), progress)
