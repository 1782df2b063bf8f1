"""Buttons, commands, shortcuts and modals of Slack as what was done. Pure functions.

https://docs.slack.dev/reference/interaction-payloads. What is pressed carries an id in its value, never text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.channels.slack import addresses, drawing, views
from bot.channels.slack.addresses import Body, text_at
from bot.channels.slack.messages import Found
from bot.contracts.events import Heard
from bot.dialogue.turn import REASON, Browse, Command, Rating, Selection, Sharing, Utterance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.dialogue.turn import UserAct

TO_ANSWER = "answer_message"
"""The callback id of the shortcut that answers somebody's message."""


def read_press(body: Body, team: str, desk: str) -> Found | None:
    """A button of a message, or the one of the home page that erases; None for all that only opens something."""
    actions = addresses.at(body, "actions")
    action = actions[0] if isinstance(actions, list) and actions else {}
    name, value, user = text_at(action, "action_id"), text_at(action, "value"), text_at(body, "user", "id")
    if name == views.FORGET and user:
        return Found(
            Heard(Command(conversation="", name="forget"), {"channel": user, "user": user}), addresses.talk(team, user, alone=user), user
        )
    channel = text_at(body, "container", "channel_id") or text_at(body, "channel", "id")
    if not (channel and user):
        return None
    act = _pressed(name, value)
    if act is None:
        return None
    address = _address(body, channel, user)
    alone = bool(addresses.at(body, "container", "is_ephemeral"))
    if isinstance(act, Sharing):
        return _share_here(act, value, address, team, user)
    if alone or isinstance(act, Rating):
        address = {**address, "only": "yes", **({"via": "url"} if alone else {})}
    if alone and value.startswith(REASON):
        address = {**address, "replace": "yes"}
    thread = text_at(body, "container", "thread_ts") or ("" if alone else text_at(body, "container", "message_ts"))
    return Found(Heard(act, address, addresses.room(team, channel, desk)), addresses.talk(team, channel, thread=thread, alone=user), user)


def read_command(body: Body, team: str) -> Found | None:
    """`/career` and what follows it; alone it asks for help."""
    channel, user, said = text_at(body, "channel_id"), text_at(body, "user_id"), text_at(body, "text").strip()
    if not (channel and user):
        return None
    act: UserAct = Utterance(conversation="", text=addresses.readable(said))
    match said.casefold():
        case "" | "help":
            act = Command(conversation="", name="help")
        case "topics":
            act = Browse(conversation="")
        case "privacy" | "status" as name:
            act = Command(conversation="", name=name)
    address = {"channel": channel, "user": user, "url": text_at(body, "response_url"), "only": "yes", "via": "url"}
    if isinstance(act, Utterance):
        address["echo"] = addresses.readable(said)
    return Found(Heard(act, address, addresses.room(team, channel)), addresses.talk(team, channel, alone=user), user)


def read_shortcut(body: Body, team: str) -> Found | None:
    """The shortcut on somebody's message: its text is asked, and only who asks sees the answer; it is no part of the thread."""
    channel, user = text_at(body, "channel", "id"), text_at(body, "user", "id")
    stamp = text_at(body, "message", "ts") or text_at(body, "message_ts")
    if text_at(body, "callback_id") != TO_ANSWER or not (channel and user and stamp):
        return None
    said = addresses.readable(text_at(body, "message", "text"))
    thread = text_at(body, "message", "thread_ts") or stamp
    address = {"channel": channel, "user": user, "url": text_at(body, "response_url"), "only": "yes", "via": "url"}
    address["share_in"] = thread
    if said:
        address["echo"] = said
    heard = Heard(Utterance(conversation="", text=said), address, addresses.room(team, channel))
    return Found(heard, addresses.talk(team, channel, alone=user), user)


def read_submission(body: Body, team: str) -> Found | None:
    """A modal that was sent off: a question, or an entry to be shared."""
    user, view = text_at(body, "user", "id"), addresses.at(body, "view")
    if not user:
        return None
    if text_at(view, "callback_id") == views.ASK:
        said = field(view, views.QUESTION)
        address = {"channel": text_at(body, "direct") or user, "user": user, "echo": said}
        return Found(Heard(Utterance(conversation="", text=said), address), addresses.talk(team, address["channel"], alone=user), user)
    entry, back = _metadata(view)
    channel = text_at(view, "state", "values", views.WHERE, "value", "selected_conversation")
    if text_at(view, "callback_id") != views.SHARE or not (entry and channel):
        return None
    act = Sharing(conversation="", entry=entry, remark=field(view, views.REMARK))
    into = {"channel": channel, "user": user, "by": user}
    return Found(Heard(act, back, addresses.room(team, channel), into=into), addresses.talk(team, back["channel"], alone=user), user)


def field(view: Body, name: str) -> str:
    """What was typed into a field of a modal."""
    return text_at(view, "state", "values", name, "value", "value").strip()


def back_of(body: Body) -> dict[str, str]:
    """The address where whoever pressed something alone hears of it: there, or in a direct message."""
    channel, user = text_at(body, "container", "channel_id"), text_at(body, "user", "id")
    if not channel:
        return {"channel": user, "user": user}
    thread = text_at(body, "container", "thread_ts")
    return {"channel": channel, "user": user, "only": "yes", **({"thread": thread} if thread else {})}


def _pressed(name: str, value: str) -> UserAct | None:
    kind = name.partition(":")[0]
    if kind == drawing.PICK:
        return Selection(conversation="", target=value)
    if kind in {drawing.UP, drawing.DOWN}:
        return Rating(conversation="", up=kind == drawing.UP, turn=value)
    return Sharing(conversation="", entry=value.partition("|")[0]) if kind == drawing.HERE else None


def _address(body: Body, channel: str, user: str) -> dict[str, str]:
    address = {"channel": channel, "user": user, "url": text_at(body, "response_url")}
    thread = text_at(body, "container", "thread_ts")
    if not thread and not addresses.is_direct(channel) and not addresses.at(body, "container", "is_ephemeral"):
        thread = text_at(body, "container", "message_ts")
    return {**address, "thread": thread} if thread else address


def _share_here(act: Sharing, value: str, address: Mapping[str, str], team: str, user: str) -> Found:
    """An answer that only the asker saw, shown to all where it was given."""
    thread = value.partition("|")[2]
    into = {"channel": address["channel"], "user": user, "by": user, **({"thread": thread} if thread else {})}
    heard = Heard(act, {**address, "only": "yes", "via": "url"}, addresses.room(team, address["channel"]), into=into)
    return Found(heard, addresses.talk(team, address["channel"], alone=user), user)


def _metadata(view: Body) -> tuple[str, dict[str, str]]:
    try:
        held = json.loads(text_at(view, "private_metadata") or "{}")
    except (ValueError, RecursionError):
        return "", {}
    back = addresses.at(held, "back")
    texts = isinstance(back, dict) and all(isinstance(value, str) for value in back.values())
    return (text_at(held, "entry"), back) if texts and "channel" in back else ("", {})
