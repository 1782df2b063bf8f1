"""Moves within a conversation: which texts are read as which move, and which are left to be matched."""

from __future__ import annotations

import pytest

from bot.dialogue.moves import Another, Example, More, Pick, Refuse, Topics, Why, WrongNumber, Yes, read_move
from bot.dialogue.reply import Choice
from bot.dialogue.session import Session
from bot.dialogue.targets import EntryTarget

BREAD, CAKE = Choice(EntryTarget("bread-price"), "How much is a loaf?"), Choice(EntryTarget("cake-price"), "And a cake?")
NOTHING = Session()
OFFERED = Session(offered=(BREAD, CAKE))
ASKED = Session(offered=(BREAD, CAKE), awaiting=True)


@pytest.mark.parametrize(
    ("text", "move"),
    [
        ("1", Pick(BREAD)),
        ("2.", Pick(CAKE)),
        ("(2)", Pick(CAKE)),
        ("#2", Pick(CAKE)),
        ("no. 2", Pick(CAKE)),
        ("number 1", Pick(BREAD)),
        ("option 2 please", Pick(CAKE)),
        ("I'll take the first", Pick(BREAD)),
        ("the second one", Pick(CAKE)),
        ("2nd", Pick(CAKE)),
        ("two", Pick(CAKE)),
        ("one", Pick(BREAD)),
        ("the last one", Pick(CAKE)),
        ("how much is a LOAF", Pick(BREAD)),
        ("And a cake?", Pick(CAKE)),
        ("cake-price", Pick(CAKE)),
        ("0", WrongNumber(0)),
        ("3", WrongNumber(3)),
        ("the third one", WrongNumber(3)),
        ("99", WrongNumber(99)),
        ("more", More()),
        ("tell me more", More()),
        ("Tell me more, please!", More()),
        ("go on", More()),
        ("more details please", More()),
        ("can you elaborate", More()),
        ("yes", Yes()),
        ("Yes please!", Yes()),
        ("ok", Yes()),
        ("sure, go ahead", Yes()),
        ("why", Why()),
        ("but why?", Why()),
        ("how come?", Why()),
        ("for example", Example()),
        ("an example please", Example()),
        ("do you have any stories", Example()),
        ("another", Another()),
        ("another one?", Another()),
        ("topics", Topics()),
        ("/topics", Topics()),
        ("show me all topics", Topics()),
        ("", None),
        ("?!", None),
        ("🥖", None),
        ("how much is a cake", None),
        ("why is bread so dear", None),
        ("1234", None),
        ("1 or 2", None),
        ("neither", None),
    ],
)
def test_a_text_after_an_offer_is_read_as_a_move(text: str, move: object) -> None:
    assert read_move(text, OFFERED) == move


@pytest.mark.parametrize("text", ["none", "none of these", "neither", "no", "nope", "not those", "None of the above."])
def test_only_a_question_back_can_be_refused(text: str) -> None:
    assert read_move(text, ASKED) == Refuse()
    assert read_move(text, OFFERED) != Refuse()


@pytest.mark.parametrize("text", ["1", "the second one", "one", "How much is a loaf?", "none of these"])
def test_without_an_offer_there_is_nothing_to_pick(text: str) -> None:
    assert read_move(text, NOTHING) is None


@pytest.mark.parametrize(("text", "move"), [("more", More()), ("yes", Yes()), ("why", Why()), ("topics", Topics())])
def test_other_moves_need_no_offer(text: str, move: object) -> None:
    assert read_move(text, NOTHING) == move
