"""The terminal: a conversation with prompts where a person types, plain lines where a program pipes; and a stand-in for the desk."""

from __future__ import annotations

import asyncio
from getpass import getuser
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from rich.markup import escape
from rich.table import Table as Grid
from rich.text import Text

from bot.contracts.addresses import Address, Room
from bot.contracts.events import DeskReply, InboundEvent
from bot.dialogue.targets import DeskTarget
from bot.dialogue.turn import NO_KEY, Command, RawKey, Selection, Utterance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from bot.contracts.outcomes import Message
    from bot.contracts.ports import Gateway
    from bot.dialogue.assistant import Assistant
    from bot.dialogue.reply import Choice, Reply, Table
    from bot.dialogue.targets import DeskMove
    from bot.dialogue.turn import UserAct

HERE = RawKey("terminal")
"""The name of the channel, and of its one conversation."""
ASKER = Address(HERE, {"to": "asker"})
DESK = Room(RawKey("terminal:desk"), Address(HERE, {"to": "desk"}))
"""The desk of the terminal: whoever types here plays it too."""
_LEAVE = frozenset({"exit", "quit", ":q", "/exit", "/quit"})
_AT_DESK = "/desk"
_MOVES: dict[DeskMove, str] = {"claim": "take", "decline": "decline", "keep": "keep", "take_back": "take back"}
"""What is typed at the desk for each of its choices; an answer is whatever else is typed."""
_BY_REPLY = f"{_AT_DESK} and your answer: it goes back to whoever asked, word for word"


class Terminal:
    """The channel of one conversation on a console."""

    platform: str = HERE

    def __init__(self, console: Console) -> None:
        self._console = console
        self._question = ""
        self._posts = 0

    def event(self, said: str) -> InboundEvent:
        """Something typed, as an event."""
        return self._event({"text": said, "question": self._question, "id": uuid4().hex})

    def read(self, payload: Mapping[str, Any]) -> InboundEvent | None:
        """What was typed: at the desk where it begins so, else to the bot."""
        return self._event(payload)

    async def send(self, message: Message) -> str:
        """Draw a message; what the desk gets stands behind a bar."""
        if message.address.place.get("to") == "desk":
            self._question = message.question or self._question
            self._show_desk(message.reply)
        else:
            show(message.reply, self._console)
        self._console.print()
        self._posts += 1
        return f"{HERE}:{self._posts}"

    async def find(self, message: Message, since: float) -> str | None:  # noqa: ARG002 - as all channels
        """None: what stands on a screen cannot be read."""
        return None

    def beneath(self, post: str) -> RawKey:  # noqa: ARG002 - as above
        """No key: nobody writes beneath a message."""
        return NO_KEY

    def _event(self, payload: Mapping[str, Any]) -> InboundEvent:
        said: str = payload["text"]
        at_desk = said.strip() == _AT_DESK or said.startswith(f"{_AT_DESK} ")
        return InboundEvent(
            id=payload.get("id", ""),
            platform=HERE,
            conversation=HERE,
            person=RawKey(f"{HERE}:{_user()}"),
            payload=payload,
            act=_at_desk(said.removeprefix(_AT_DESK).strip(), payload["question"]) if at_desk else _act(said),
            address=DESK.address if at_desk else ASKER,
            room=DESK.key if at_desk else HERE,
            name=_user(),
        )

    def _show_desk(self, reply: Reply) -> None:
        quote = [f"“{reply.quote}”"] if reply.quote else []
        for line in (reply.plain_text, *quote, *reply.notes, *filter(None, map(_typed, reply.follow_ups))):
            self._console.print(Text(f"desk │ {line}", style="magenta"))


def welcome(assistant: Assistant, console: Console) -> None:
    """Say what this is and how to begin."""
    console.print(f"[bold]{escape(assistant.base.title)}[/bold]  {len(assistant.base.entries)} answers; I say so when I don't know.")
    console.print("[dim]Ask in your own words. A number picks, “more” tells more, “topics” lists, 👍 and 👎 rate, “exit” leaves.[/dim]\n")


async def converse(gateway: Gateway, terminal: Terminal, lines: Iterable[str], console: Console, *, echo: bool) -> None:
    """Answer line after line until they end or somebody leaves. `echo` repeats each question, for piped conversations."""
    waiting = iter(lines)
    while (line := await asyncio.to_thread(next, waiting, None)) is not None:
        said = line.strip("\r\n")
        if said.strip().casefold() in _LEAVE:
            break
        if not said.strip() and echo:
            continue
        if echo:
            console.print(Text(f"> {said}", style="bold"))
        await gateway.accept(terminal.event(said))
        await gateway.settled()


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
    if reply.quote:
        console.print(Text(f"“{reply.quote}”", style="italic"))
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


def _user() -> str:
    """The name of whoever sits here, empty where nobody knows it."""
    try:
        return getuser()
    except (OSError, KeyError):
        return ""


def _act(said: str) -> UserAct:
    """What was typed to the bot."""
    match said.strip().casefold():
        case "/help":
            return Command("help")
        case "/privacy":
            return Command("privacy")
        case "/human":
            return Command("person")
        case _:
            return Utterance(said)


def _at_desk(said: str, question: str) -> DeskReply | Selection:
    """What was typed at the desk about the question that it got last."""
    picked = next((move for move, word in _MOVES.items() if said.casefold() == word), None)
    return Selection(DeskTarget(picked, question)) if picked else DeskReply(said, question=question)


def _typed(choice: Choice) -> str:
    """What is typed at the desk to pick a choice. An answer is none to pick there: how it is given is told instead.

    Empty for what cannot be done here.
    """
    match choice.target:
        case DeskTarget("answer"):
            return _BY_REPLY
        case DeskTarget("change"):
            return ""  # what is typed here is always another answer
        case DeskTarget(move):
            return f"{_AT_DESK} {_MOVES[move]}: {choice.label}"
        case _:
            return choice.label
