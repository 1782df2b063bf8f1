"""The golden conversations: what the bot does and says in each turn is what an editor has read and found good.

After a change of the knowledge or the dialogue, `python tests/conversations/record.py` writes them anew; read the difference.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from bot.dialogue.assistant import Assistant
from bot.dialogue.conversations import Conversations
from bot.dialogue.turn import Rating, Utterance, turn_id

if TYPE_CHECKING:
    from bot.assembly import Bot

GOLDEN = sorted((Path(__file__).parent / "conversations").glob("*.yaml"))


def test_there_are_conversations_enough() -> None:
    assert len(GOLDEN) >= 30


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_conversation_goes_as_it_was_found_good(shipped: Bot, path: Path) -> None:
    conversations = Conversations(Assistant(shipped.base, shipped.matcher, desk=True))
    turns = yaml.safe_load(path.read_text("utf-8"))["turns"]
    rated = {turn_id(f"e{number}"): turn["you"] for number, turn in enumerate(turns, 1)}
    for number, turn in enumerate(turns, 1):
        taken = conversations.respond(Utterance(turn["you"]), f"golden {path.stem}", event=f"e{number}")
        options = [choice.label for choice in (*taken.reply.choices, *taken.reply.follow_ups)]
        said = {"you": turn["you"], "act": taken.reply.act, "bot": taken.reply.plain_body, "options": options}
        rates = {"rates": rated[taken.act.turn]} if isinstance(taken.act, Rating) else {}
        assert {**said, **rates} == turn, f"turn {number}"
