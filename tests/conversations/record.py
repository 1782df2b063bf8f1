"""Write anew what the bot says in the golden conversations: python tests/conversations/record.py

Read the difference as an editor before you commit it: each line is what a person would get.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot.assembly import assemble
from bot.dialogue.assistant import Assistant
from bot.dialogue.conversations import Conversations
from bot.dialogue.turn import Rating, Utterance, turn_id
from bot.settings import read_settings

HERE = Path(__file__).parent


def played(conversations: Conversations, golden: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The turns of a conversation with what the bot does and says in each; a rating names the question whose turn it rates."""
    turns = []
    rated = {turn_id(f"e{number}"): turn["you"] for number, turn in enumerate(golden["turns"])}
    for number, turn in enumerate(golden["turns"]):
        taken = conversations.respond(Utterance(turn["you"]), name, event=f"e{number}")
        reply = taken.reply
        options = [choice.label for choice in (*reply.choices, *reply.follow_ups)]
        rates = {"rates": rated[taken.act.turn]} if isinstance(taken.act, Rating) else {}
        turns.append({"you": turn["you"], "act": reply.act, "bot": reply.plain_body, **rates, "options": options})
    return turns


def main() -> None:
    """Rewrite every file of this folder."""
    bot = assemble(read_settings())
    conversations = Conversations(Assistant(bot.base, bot.matcher, desk=True))
    for path in sorted(HERE.glob("*.yaml")):
        golden = yaml.safe_load(path.read_text("utf-8"))
        golden["turns"] = played(conversations, golden, path.stem)
        path.write_text(yaml.safe_dump(golden, sort_keys=False, allow_unicode=True, width=110), "utf-8")


if __name__ == "__main__":
    main()
