"""The golden talks: what the bot does and says in each turn is what an editor has read and found good.

After a change of the knowledge or the dialogue, `python tests/conversations/record.py` writes them anew; read the difference.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from bot.dialogue.assistant import Assistant
from bot.dialogue.session import Sessions
from bot.dialogue.turn import Utterance

if TYPE_CHECKING:
    from bot.assembly import Bot

TALKS = sorted((Path(__file__).parent / "conversations").glob("*.yaml"))


def test_there_are_talks_enough() -> None:
    assert len(TALKS) >= 30


@pytest.mark.parametrize("path", TALKS, ids=lambda path: path.stem)
def test_the_talk_goes_as_it_was_found_good(shipped: Bot, path: Path) -> None:
    assistant = Assistant(shipped.base, shipped.matcher, Sessions(), desk=True)
    for number, turn in enumerate(yaml.safe_load(path.read_text("utf-8"))["turns"], 1):
        reply = conversations.respond(Utterance(turn["you"]), f"golden {path.stem}").reply
        options = [choice.label for choice in (*reply.choices, *reply.follow_ups)]
        said = {"you": turn["you"], "act": reply.act, "bot": reply.plain_body, "options": options}
        assert said == turn, f"turn {number}"
