"""Write anew what the bot says in the golden talks: python tests/conversations/record.py

Read the difference as an editor before you commit it: each line is what a person would get.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot.assembly import assemble
from bot.dialogue.assistant import Assistant
from bot.dialogue.session import Sessions
from bot.dialogue.turn import Utterance
from bot.settings import read_settings

HERE = Path(__file__).parent


def played(assistant: Any, talk: dict[str, Any], name: str) -> list[dict[str, Any]]:  # noqa: ANN401
    """The turns of a talk with what the bot does and says in each."""
    turns = []
    for turn in talk["turns"]:
        reply = conversations.respond(Utterance(turn["you"]), name).reply
        options = [choice.label for choice in (*reply.choices, *reply.follow_ups)]
        turns.append({"you": turn["you"], "act": reply.act, "bot": reply.plain_body, "options": options})
    return turns


def main() -> None:
    """Rewrite every file of this folder."""
    bot = assemble(read_settings())
    assistant = Assistant(bot.base, bot.matcher, Sessions(), desk=True)
    for path in sorted(HERE.glob("*.yaml")):
        talk = yaml.safe_load(path.read_text("utf-8"))
        talk["turns"] = played(assistant, talk, path.stem)
        path.write_text(yaml.safe_dump(talk, sort_keys=False, allow_unicode=True, width=110), "utf-8")


if __name__ == "__main__":
    main()
