"""Answering at the desk: which press opens the window to answer in, the window, and what was typed into it. Pure functions.

Only what is typed there leaves the desk: whatever else is said in its channel stays (`bot.contracts.events.DeskTalk`).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.channels.slack import addresses, blocks, limits, views
from bot.channels.slack.addresses import SlackAddress
from bot.channels.slack.payload import at, text_at
from bot.channels.slack.pressed import PICK, read_pressed
from bot.contracts.events import DeskReply
from bot.dialogue.targets import DeskTarget, read_target

if TYPE_CHECKING:
    from bot.channels.slack.envelope import Envelope
    from bot.channels.slack.payload import Body
    from bot.contracts.events import InboundEvent
    from bot.contracts.ports import Words
    from bot.contracts.questions import Question

    View = dict[str, Any]

ANSWER = "desk_answer"
"""The callback id of the window, and the block id of its field."""
WRITTEN = frozenset({"answer", "change"})
"""Moves of the desk that are made by writing."""


def wanted(body: Body, team: str, desk: str) -> DeskTarget | None:
    """The answer that a press wants to write or to change; None for any other press, and outside of the channel of the `desk`."""
    pressed, channel = read_pressed(body), text_at(body, "container", "channel_id")
    target = read_target(pressed.value) if pressed.kind == PICK else None
    at_desk = bool(desk) and addresses.room(team, channel, desk) == desk
    return target if at_desk and isinstance(target, DeskTarget) and target.move in WRITTEN else None


def window(target: DeskTarget, question: Question | None, body: Body, words: Words) -> View:
    """The window to answer a question, which may be unknown by now; `body` is the press that opens it.

    An answer that is to be changed stands in it already.
    """
    changes = target.move == "change"
    typed = {"type": "plain_text_input", "action_id": "value", "multiline": True, "max_length": limits.ANSWER}
    if changes and (before := limits.fitted(_quoted(body), limits.ANSWER)):
        typed["initial_value"] = before
    fields = [
        *([blocks.quote(question.text)] if question and question.text else []),
        blocks.field(ANSWER, words("desk_answer_label"), typed, hint=words("desk_answer_hint")),
    ]
    message = at(body, "container")
    thread = text_at(message, "thread_ts") or ("" if at(message, "is_ephemeral") else text_at(message, "message_ts"))
    place = {"question": target.question, "answer": target.answer, "channel": text_at(message, "channel_id"), "thread": thread}
    return views.window(ANSWER, words("desk_answer"), words("desk_answer_send"), fields, {**place, "changes": changes})


def read_answer(view: Body, user: str, envelope: Envelope) -> InboundEvent | None:
    """The answer that was typed, word for word; None for one that says nothing, and for a window that was forged elsewhere."""
    try:
        place = json.loads(text_at(view, "private_metadata") or "{}")
    except (ValueError, RecursionError):
        return None
    text, question = views.typed(view, ANSWER), text_at(place, "question")
    channel, thread = text_at(place, "channel"), text_at(place, "thread")
    if not (text and question and channel and envelope.desk):
        return None
    address = SlackAddress(channel=channel, user=user, thread=thread)
    conversation = addresses.conversation(envelope.team, channel, thread=thread, alone=user)
    event = envelope.event(DeskReply(text, question=question, answer=text_at(place, "answer")), address, conversation)
    return replace(event, edited=at(place, "changes") is True) if event.room == envelope.desk else None


def _quoted(body: Body) -> str:
    """What the pressed message quotes: the answer that was passed on."""
    parts = (part for block in _list(at(body, "message"), "blocks") for part in _list(block, "elements"))
    quotes = (part for part in parts if text_at(part, "type") == "rich_text_quote")
    return "".join(_spelled(piece) for piece in _list(next(quotes, None), "elements"))


def _list(held: object, key: str) -> list[Body]:
    found = at(held, key)
    return found if isinstance(found, list) else []


def _spelled(piece: Body) -> str:
    """A piece of rich text as it was typed; Slack makes pieces of their own of emoji."""
    if text_at(piece, "type") == "emoji":
        return f":{text_at(piece, 'name')}:"
    return text_at(piece, "text") or text_at(piece, "url")
