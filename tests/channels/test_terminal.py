"""The terminal: what is drawn where nothing is a terminal, and how a piped conversation goes."""

from __future__ import annotations

import asyncio
from io import StringIO
from typing import TYPE_CHECKING, get_args

import pytest
from rich.console import Console

from bot.assembly import gateway_of, opened_store
from bot.channels import terminal
from bot.channels.progress import LearningBar
from bot.contracts.events import DeskReply
from bot.contracts.outcomes import Message
from bot.dialogue.reply import Choice, Reply, Table
from bot.dialogue.targets import DeskMove, DeskTarget, EntryTarget
from bot.dialogue.turn import Command, Selection, Utterance
from bot.serve.supervisor import Supervisor
from bot.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from bot.assembly import Bot
    from bot.dialogue.turn import UserAct


def drawn(reply: Reply) -> str:
    out = StringIO()
    terminal.show(reply, Console(file=out, width=80))
    assert "\x1b" not in out.getvalue()
    return out.getvalue()


@pytest.fixture
def said(bakery: Bot, tmp_path: Path) -> object:
    """A conversation in the terminal, as it is drawn."""

    def held(*lines: str, echo: bool = True) -> str:
        console = Console(file=StringIO(), width=80)
        here = terminal.Terminal(console)

        async def play() -> None:
            settings = Settings(data_dir=tmp_path)
            with opened_store(settings, [here.platform]) as store:
                async with gateway_of(settings, bakery, store, {here.platform: here}, terminal.DESK).working(Supervisor()) as gateway:
                    await terminal.converse(gateway, here, lines, console, echo=echo)

        asyncio.run(play())
        return console.file.getvalue()

    return held


def test_text_loses_its_marks_and_sources_follow() -> None:
    text = drawn(Reply("answer", "We **bake** [here](https://example.org).", sources=("Prices", "What we bake")))
    assert "We bake here" in text
    assert "Source: Prices · What we bake" in text


def test_choices_are_numbered() -> None:
    lines = drawn(Reply("clarify", "Which?", choices=(Choice(EntryTarget("a"), "Bread"), Choice(EntryTarget("b"), "Cake")))).splitlines()
    assert [line.strip() for line in lines] == ["Which?", "1  Bread", "2  Cake"]


def test_follow_ups_are_numbered_and_more_is_told() -> None:
    text = drawn(Reply("answer", "Yes.", follow_ups=(Choice(EntryTarget("a"), "Bread"),), more=True))
    assert "1  Bread" in text
    assert "more: the rest of it" in text
    assert "more: the rest of it" in drawn(Reply("answer", "Yes.", more=True))


def test_a_table_is_drawn_with_its_heads_and_cells() -> None:
    text = drawn(Reply("answer", "See:", table=Table(("Bread", "Cake"), (("Price", ("4 euros", "20 euros")),))))
    head = next(line for line in text.splitlines() if "Bread" in line)
    row = next(line for line in text.splitlines() if "Price" in line)
    assert head.index("Cake") == row.index("20 euros")


def test_notes_are_drawn() -> None:
    assert "That was long." in drawn(Reply("fallback", "Eh?", notes=("That was long.",)))


def test_square_brackets_are_text_and_not_markup() -> None:
    text = drawn(Reply("answer", "A [bold]loaf[/bold] [/x]", sources=("[red]Prices",), follow_ups=(Choice(EntryTarget("a"), "[1] Bread"),)))
    for part in ("A [bold]loaf[/bold] [/x]", "[red]Prices", "[1] Bread"):
        assert part in text


def test_a_piped_conversation_repeats_the_questions_and_skips_blank_lines(said) -> None:  # noqa: ANN001
    text = said("how much is a cake\n", "\n", "when are you open\r\n")
    assert [line for line in text.splitlines() if line.startswith(">")] == ["> how much is a cake", "> when are you open"]
    assert text.index("A cake is 20 euros.") < text.index("We are open")


@pytest.mark.parametrize("word", ["exit", "QUIT", " :q ", "/exit", "/quit\n"])
def test_a_word_leaves(said, word: str) -> None:  # noqa: ANN001
    text = said("how much is a cake", word, "when are you open")
    assert "20 euros" in text
    assert "We are open" not in text


def test_what_a_person_types_is_not_repeated(said) -> None:  # noqa: ANN001
    text = said("how much is a cake", "", echo=False)
    assert "how much is a cake" not in text
    assert "I can only read text." in text


def test_a_number_picks_in_the_terminal(said) -> None:  # noqa: ANN001
    assert "A cake is 20 euros." in said("how much is a loaf of bread", "1")


@pytest.mark.parametrize(
    ("said", "act"),
    [
        ("how much is a cake", Utterance("how much is a cake")),
        (" /HELP ", Command("help")),
        ("/privacy", Command("privacy")),
        ("/human", Command("person")),
        ("/desktop", Utterance("/desktop")),
    ],
)
def test_what_is_typed_is_for_the_bot(said: str, act: UserAct) -> None:
    event = terminal.Terminal(Console(file=StringIO())).event(said)
    assert (event.act, event.address, event.room, event.conversation) == (act, terminal.ASKER, terminal.HERE, terminal.HERE)


@pytest.mark.parametrize(
    ("said", "act"),
    [
        ("/desk take", Selection(DeskTarget("claim", "q1"))),
        ("/desk Decline", Selection(DeskTarget("decline", "q1"))),
        ("/desk keep", Selection(DeskTarget("keep", "q1"))),
        ("/desk Take back", Selection(DeskTarget("take_back", "q1"))),
        ("/desk In June only.", DeskReply("In June only.", question="q1")),
        ("/desk", DeskReply("", question="q1")),
    ],
)
def test_what_is_typed_at_the_desk_is_about_the_question_that_it_got_last(said: str, act: DeskReply | Selection) -> None:
    here = terminal.Terminal(Console(file=StringIO()))
    reply = Reply("handoff", "A question.", quote="Do you bake for weddings?")
    for question in ("q0", "q1", ""):
        asyncio.run(here.send(Message(terminal.DESK.address, reply, question=question, purpose="post")))
    event = here.event(said)
    assert (event.act, event.address, event.room) == (act, terminal.DESK.address, terminal.DESK.key)
    assert here.read(event.payload) == event


def at_desk(*moves: DeskMove) -> list[str]:
    """What the desk of the terminal reads, line by line, where these moves are offered."""
    console = Console(file=StringIO(), width=100)
    offers = tuple(Choice(DeskTarget(move, "q1"), f"{move}!") for move in moves)
    reply = Reply("handoff", "A question for you:", quote="Do you bake?", notes=("Asked by Ann.",), follow_ups=offers)
    asyncio.run(terminal.Terminal(console).send(Message(terminal.DESK.address, reply, question="q1")))
    return console.file.getvalue().splitlines()[:-1]


def test_a_question_at_the_desk_tells_what_is_typed_to_answer_it_and_else() -> None:
    assert at_desk("answer", "claim", "decline") == [
        "desk │ A question for you:",
        "desk │ “Do you bake?”",
        "desk │ Asked by Ann.",
        "desk │ /desk and your answer: it goes back to whoever asked, word for word",
        "desk │ /desk take: claim!",
        "desk │ /desk decline: decline!",
    ]


def test_what_can_be_done_about_an_answer_is_told_at_the_desk_and_nothing_where_nothing_can_be() -> None:
    assert at_desk("take_back", "keep")[3:] == ["desk │ /desk take back: take_back!", "desk │ /desk keep: keep!"]
    assert at_desk("change")[3:] == at_desk()[3:] == []


def test_each_move_of_the_desk_but_an_answer_can_be_typed() -> None:
    here = terminal.Terminal(Console(file=StringIO()))
    for move in set(get_args(DeskMove)) - {"answer", "change"}:
        (line,) = at_desk(move)[3:]
        assert here.event(line.removeprefix("desk │ ").partition(":")[0]).act == Selection(DeskTarget(move, ""))


def test_each_message_in_the_terminal_has_a_key_of_its_own() -> None:
    here = terminal.Terminal(Console(file=StringIO()))
    sent = [asyncio.run(here.send(Message(address, Reply("answer", "Yes.")))) for address in (terminal.ASKER, terminal.DESK.address)]
    assert sent == ["terminal:1", "terminal:2"]


def test_the_welcome_names_the_knowledge(bakery: Bot) -> None:
    out = StringIO()
    terminal.welcome(bakery.assistant, Console(file=out, width=120))
    assert "The bakery  5 answers" in out.getvalue()
    assert "\x1b" not in out.getvalue()


@pytest.mark.parametrize("end", [EOFError, KeyboardInterrupt])
def test_prompts_end_with_the_input(end: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(file=StringIO(), width=80)
    typed = iter(["hello", UnicodeDecodeError("utf-8", b"x", 0, 1, "bad"), "bye", end()])

    def ask(_prompt: str) -> str:
        item = next(typed)
        if isinstance(item, BaseException):
            raise item
        return item

    monkeypatch.setattr(console, "input", ask)
    assert list(terminal.prompts(console)) == ["hello", "bye"]


def test_training_is_told_in_one_line_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with LearningBar() as bar:
        bar(0, 3)
        bar(3, 3)
    assert capsys.readouterr().err.count("Learning the knowledge") == 1


def test_nothing_is_told_where_nothing_is_trained(capsys: pytest.CaptureFixture[str]) -> None:
    with LearningBar():
        pass
    assert capsys.readouterr().err == ""
