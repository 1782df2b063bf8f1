"""What stands under `not:` of an entry never reaches it: from outside, a message in and a reply out, and in the matcher's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.assembly import assemble
from bot.authoring.scoring import entries_of
from bot.authoring.why import explain
from bot.dialogue.conversations import Conversations
from bot.dialogue.targets import written
from bot.dialogue.turn import Clarify, Fallback, OutOfScope, Utterance
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.assembly import Bot
    from bot.dialogue.assistant import Turn

    Edit = Callable[[str, str], Path]

ASKED = "cost of the loaf"
NOT = "    not: [how much is a pizza]\n"


@pytest.fixture
def bot(edit: Edit, tmp_path: Path) -> Bot:
    faq = edit(NOT, f"    not: [{ASKED}, and is it expensive, 'what does a loaf cost, and when do you open in the morning']\n")
    return assemble(Settings(faq=faq, data_dir=tmp_path / "data"))


def turns(bot: Bot, *texts: str) -> list[Turn]:
    """The turns of a new conversation."""
    conversations = Conversations(bot.assistant)
    return [conversations.respond(Utterance(text)) for text in texts]


def test_without_it_the_entry_answers(bakery: Bot) -> None:
    (turn,) = turns(bakery, ASKED)
    assert entries_of(turn.act) == ("bread-price",)


@pytest.mark.parametrize(
    "text",
    [
        ASKED,
        "Cost of the LOAF?!",
        "price of the loaf",  # a synonym
        "cost of the loaff",  # a typing error
        "hey, quick question: cost of the loaf please",
    ],
)
def test_a_question_under_not_is_never_answered_with_the_entry(bot: Bot, text: str) -> None:
    (turn,) = turns(bot, text)
    assert "bread-price" not in entries_of(turn.act)
    assert "A loaf is" not in turn.reply.plain_body
    assert "bread-price" not in [written(choice.target) for choice in turn.reply.choices]


def test_other_words_still_reach_the_entry(bot: Bot) -> None:
    for text in ("what does a loaf cost", "cost of a loaf", "loaf price"):
        (turn,) = turns(bot, text)
        assert entries_of(turn.act) == ("bread-price",), text


def test_the_conversation_does_not_bring_it_back(bakery: Bot, bot: Bot) -> None:
    said = ("what does a loaf cost", "and is it expensive")
    assert entries_of(turns(bakery, *said)[1].act) == ("bread-price",)
    assert "bread-price" not in entries_of(turns(bot, *said)[1].act)


def test_a_part_of_the_question_does_not_bring_it_back(bakery: Bot, bot: Bot) -> None:
    text = "what does a loaf cost, and when do you open in the morning"
    assert "bread-price" in entries_of(turns(bakery, text)[0].act)
    assert "bread-price" not in entries_of(turns(bot, text)[0].act)


def test_a_label_that_is_typed_does_not_bring_it_back(bakery: Bot, edit: Edit, tmp_path: Path) -> None:
    said = ("when are you open", "And what do you bake?")
    assert entries_of(turns(bakery, *said)[1].act) == ("sorts",)
    faq = edit("question: What do you bake?\n", "question: What do you bake?\n    not: [and what do you bake]\n")
    bot = assemble(Settings(faq=faq, data_dir=tmp_path / "data"))
    assert "sorts" not in entries_of(turns(bot, *said)[1].act)


def test_the_cards_that_a_few_words_find_leave_it_out(bakery: Bot, bot: Bot) -> None:
    assert "bread-price" in [id_ for id_, _ in bakery.assistant.search(ASKED, 5)]
    assert "bread-price" not in [id_ for id_, _ in bot.assistant.search(ASKED, 5)]


def test_no_number_rests_on_what_is_ruled_out(bakery: Bot, bot: Bot) -> None:
    plain, match = bakery.matcher.rank(ASKED), bot.matcher.rank(ASKED)
    assert (plain.entries[0].id, plain.ruled_out) == ("bread-price", ())
    assert match.ruled_out == ("bread-price",)
    assert "bread-price" not in [entry.id for entry in match.entries]
    assert match.confidence < plain.confidence
    assert [entry.id for entry in match.entries] == [entry.id for entry in plain.entries if entry.id != "bread-price"][: len(match.entries)]
    masses = [sum(c.probability for group in (m.entries, m.subjects, m.social) for c in group) for m in (plain, match)]
    assert masses[1] == pytest.approx(masses[0], abs=0.02)
    assert match.choice == pytest.approx(match.entries[0].probability / sum(entry.probability for entry in match.entries), abs=0.02)


def test_a_misspelt_word_of_the_bot_itself_is_taken_as_it_is_written(edit: Edit, tmp_path: Path) -> None:
    """ "bredd" is read as "bread"; who writes it under `not:` rules out "bredd" only."""
    bot = assemble(Settings(faq=edit(NOT, "    not: [price of bredd]\n"), data_dir=tmp_path / "data"))
    assert bot.matcher.rank("price of bredd").corrections == (("bredd", "bread"),)
    assert "bread-price" not in entries_of(turns(bot, "price of bredd")[0].act)
    assert entries_of(turns(bot, "price of bread")[0].act) == ("bread-price",)


def test_a_phrasing_of_another_entry_answers_with_that(edit: Edit, tmp_path: Path) -> None:
    bot = assemble(Settings(faq=edit(NOT, "    not: [what is in your oven]\n"), data_dir=tmp_path / "data"))
    match = bot.matcher.rank("what is in your oven")
    assert (match.entries[0].id, match.ruled_out) == ("sorts", ("bread-price",))
    assert match.confidence > 0.9


def test_a_question_back_leaves_it_out(edit: Edit, tmp_path: Path) -> None:
    faq = edit("entries:\n", "clarify:\n  - {when: [price], ask: Of what?, choices: [bread-price, cake-price, prices]}\nentries:\n")
    ask = "price"
    assert turns(assemble(Settings(faq=faq, data_dir=tmp_path / "data")), ask)[0].act == Clarify(
        ("bread-price", "cake-price", "prices"), 0.0, "Of what?"
    )
    edit(NOT, "    not: [price]\n")
    assert turns(assemble(Settings(faq=faq, data_dir=tmp_path / "data")), ask)[0].act == Clarify(("cake-price", "prices"), 0.0, "Of what?")


@pytest.mark.parametrize("subject", ["", "delivery"])
def test_where_every_entry_is_ruled_out_nothing_breaks(tmp_path: Path, subject: str) -> None:
    faq = tmp_path / "faq.yaml"
    faq.write_text(
        "version: 1\ninclude: [out_of_scope.yaml]\nentries:\n  - {id: a, question: What is it?, answer: A thing., not: [is it a cake]}\n"
    )
    faq.with_name("out_of_scope.yaml").write_text(
        f"x: {{phrasings: [{'is it cake' if subject else 'how far is the moon'}], reply: Not here., instead: [a]}}\n"
    )
    bot = assemble(Settings(faq=faq, data_dir=tmp_path / "data"))
    match = bot.matcher.rank("is it a cake")
    assert (match.entries, match.confidence, match.best.id) == ((), 0.0, "")
    (before, turn) = turns(bot, "what is it", "is it a cake")
    assert entries_of(before.act) == ("a",)
    assert isinstance(turn.act, OutOfScope | Fallback)
    if isinstance(turn.act, OutOfScope):
        assert turn.act.nearest == ()


def test_why_says_that_it_is_ruled_out(bot: Bot) -> None:
    from io import StringIO

    from rich.console import Console

    (turn,) = turns(bot, ASKED)
    out = StringIO()
    Console(file=out, width=160).print(explain(ASKED, turn, bot.base))
    assert "Ruled out:    bread-price (it is one of the questions under `not`)" in out.getvalue()
    assert not any(line.startswith("bread-price") for line in out.getvalue().splitlines())


def test_it_costs_no_training(bakery: Bot, bot: Bot) -> None:
    assert bot.base.learning_key == bakery.base.learning_key
    assert bot.base.content_key != bakery.base.content_key
