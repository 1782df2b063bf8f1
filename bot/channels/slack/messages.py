"""Events of Slack as what was done: messages in their many subtypes, mentions, a talk opened, the bot added to a channel.

https://docs.slack.dev/reference/events/message. Pure functions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.channels.slack import addresses
from bot.channels.slack.addresses import Body, text_at
from bot.contracts.events import DeskReply, Heard
from bot.dialogue.turn import Command, Occasion, Utterance

if TYPE_CHECKING:
    from bot.dialogue.turn import UserAct

EDITED_WITHIN = 600.0
"""Seconds after a question within which an edit changes the answer."""
_SAID = frozenset({"", "file_share", "thread_broadcast"})
"""Subtypes of messages that people write to be read; joins, topics, bots and all others are none of ours."""
_SLACKBOT = "USLACKBOT"


@dataclass(frozen=True, slots=True)
class Found:
    """An event read: what was heard, and the keys of its conversation, of the person and of the message (`twin`)."""

    heard: Heard
    talk: str
    user: str
    twin: str = ""


def read_event(event: Body, team: str, me: str, desk: str) -> Found | None:
    """What an event says; None if it is not for the bot. `me` is the bot's user id, `desk` the key of the desk's room."""
    match text_at(event, "type"):
        case "message" if text_at(event, "subtype") == "message_changed":
            return _changed(event, team, me, desk)
        case "message" | "app_mention":
            return _message(event, team, me, desk)
        case "app_home_opened" if text_at(event, "tab") == "messages":
            return _opened(event, team)
        case "member_joined_channel" if me and text_at(event, "user") == me:
            return _joined(event, team)
        case _:
            return None


def _message(event: Body, team: str, me: str, desk: str) -> Found | None:
    """A message of a person: said to the bot, at the desk, or overheard in a thread."""
    channel, stamp, user = text_at(event, "channel"), text_at(event, "ts"), text_at(event, "user")
    if not (channel and stamp and _human(event, me)):
        return None
    raw, thread = text_at(event, "text"), text_at(event, "thread_ts")
    said = addresses.readable(raw)
    named = me in addresses.mentions(raw) or text_at(event, "type") == "app_mention"
    talk = addresses.talk(team, channel, thread=thread or stamp, alone=user)
    found = Found(_heard(event, said, team, desk), talk, user, f"{team}/{channel}/{stamp}")
    if named and not said:
        found = replace(found, heard=replace(found.heard, act=Command(conversation="", name="help")))
    if addresses.is_direct(channel):
        return found
    if thread and found.heard.room == desk:
        reply = DeskReply(said, addresses.post(channel, thread), otherwise=_act(found.heard) if named else None)
        return replace(found, heard=replace(found.heard, act=reply))
    if named:
        return found
    to_others = bool(addresses.mentions(raw))
    return replace(found, heard=replace(found.heard, overheard=True)) if thread and thread != stamp and said and not to_others else None


def _changed(event: Body, team: str, me: str, desk: str) -> Found | None:
    """A question whose words were changed soon; what Slack itself changes (previews, replies) leaves the words as they were."""
    now, before = addresses.at(event, "message"), addresses.at(event, "previous_message")
    if not isinstance(now, dict) or text_at(now, "text") == text_at(before, "text") or not _human(now, me):
        return None
    if _seconds(text_at(event, "ts")) - _seconds(text_at(now, "ts")) > EDITED_WITHIN:
        return None
    found = _message({**now, "type": "message", "channel": text_at(event, "channel")}, team, me, desk)
    if found is None or isinstance(found.heard.act, DeskReply):
        return None
    return replace(found, twin="", heard=replace(found.heard, edited=True, overheard=False))


def _opened(event: Body, team: str) -> Found | None:
    user, channel = text_at(event, "user"), text_at(event, "channel")
    if not (user and channel):
        return None
    heard = Heard(Occasion(conversation="", name="greeting"), {"channel": channel, "user": user}, addresses.room(team, channel))
    return Found(heard, addresses.talk(team, channel, alone=user), user)


def _joined(event: Body, team: str) -> Found | None:
    channel = text_at(event, "channel")
    if not channel:
        return None
    heard = Heard(Occasion(conversation="", name="joined"), {"channel": channel}, addresses.room(team, channel))
    return Found(heard, addresses.talk(team, channel, thread="joined"), "")


def _heard(event: Body, said: str, team: str, desk: str) -> Heard:
    channel, thread, stamp = text_at(event, "channel"), text_at(event, "thread_ts"), text_at(event, "ts")
    address = {"channel": channel, "user": text_at(event, "user")}
    if answered_in := thread or ("" if addresses.is_direct(channel) else stamp):
        address["thread"] = answered_in
    act = Utterance(conversation="", text=said)
    return Heard(act, address, addresses.room(team, channel, desk), source=addresses.post(channel, stamp))


def _act(heard: Heard) -> UserAct | None:
    return None if isinstance(heard.act, DeskReply) else heard.act


def _human(message: Body, me: str) -> bool:
    """Whether a person wrote a message: no bot, not this one, not Slack itself."""
    user = text_at(message, "user")
    by_bot = any(addresses.at(message, key) for key in ("bot_id", "bot_profile", "app_id"))
    return bool(user) and user not in {me, _SLACKBOT} and not by_bot and text_at(message, "subtype") in _SAID


def _seconds(stamp: str) -> float:
    try:
        return float(stamp)
    except ValueError:
        return 0.0
