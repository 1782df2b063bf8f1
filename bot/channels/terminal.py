"""The terminal: a talk with prompts where a person types, plain lines where a program pipes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table as Grid
from rich.text import Text

from bot.dialogue.turn import Utterance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from bot.dialogue.assistant import Assistant
    from bot.dialogue.reply import Choice, Reply, Table

HERE = "terminal"
_LEAVE = frozenset({"exit", "quit", ":q", "/exit", "/quit"})


def welcome(assistant: Assistant, console: Console) -> None:
    """Say what this is and how to begin."""
    console.print(f"[bold]{escape(assistant.base.title)}[/bold]  {len(assistant.base.entries)} answers; I say so when I don't know.")
    console.print("[dim]Ask in your own words. A number picks, “more” tells more, “topics” lists, “exit” leaves.[/dim]\n")


def converse(assistant: Assistant, lines: Iterable[str], console: Console, *, echo: bool) -> None:
    """Answer line after line until they end or somebody leaves. `echo` repeats each question, for piped talks."""
    for line in lines:
        said = line.strip("\r\n")
        if said.strip().casefold() in _LEAVE:
            break
        if not said.strip() and echo:
            continue
        if echo:
            console.print(Text(f"> {said}", style="bold"))
        show(assistant.respond(Utterance(conversation=HERE, text=said, at=time.time())).reply, console)
        console.print()


def prompts(console: Console) -> Iterable[str]:
    """What a person types, prompt after prompt, until they end the input or interrupt."""
    while True:
        try:
            yield console.input("[bold cyan]you ›[/bold cyan] ")
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        except UnicodeDecodeError:
            console.print("That was not readable text.")


def show(reply: Reply, console: Console) -> None:
    """Draw a reply: text, table, source, and what can be picked with its number."""
    console.print(Text(reply.plain_text))
    if reply.table:
        console.print(_grid(reply.table))
    for note in reply.notes:
        console.print(Text(note, style="dim"))
    if reply.sources:
        console.print(Text(f"Source: {' · '.join(reply.sources)}", style="dim italic"))
    options = reply.choices or reply.follow_ups
    if options:
        console.print(_numbered(options, more=reply.more))
    elif reply.more:
        console.print(Text("  more: the rest of it", style="cyan"))


def _grid(table: Table) -> Grid:
    grid = Grid(show_edge=False, pad_edge=False, header_style="bold")
    for head in ("", *table.columns):
        grid.add_column(Text(head), overflow="fold")
    for label, cells in table.rows:
        grid.add_row(Text(label), *map(Text, cells))
    return grid


def _numbered(options: tuple[Choice, ...], *, more: bool) -> Text:
    lines = [f"  {number}  {option.label}" for number, option in enumerate(options, 1)]
    if more:
        lines.append("  more: the rest of it")
    return Text("\n".join(lines), style="cyan")
