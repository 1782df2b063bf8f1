"""Events of Slack as what was done: messages in their many subtypes, mentions, a conversation opened, the bot added to a channel.

https://docs.slack.dev/reference/events/message. Pure functions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.channels.slack import addresses, texts
from bot.channels.slack.addresses import SlackAddress
from bot.channels.slack.payload import at, text_at
from bot.contracts.events import DeskReply, DeskTalk
from bot.dialogue.turn import NO_KEY, Command, Occasion, RawKey, Utterance

if TYPE_CHECKING:
    from bot.channels.slack.envelope import Envelope
    from bot.channels.slack.payload import Body
    from bot.contracts.events import InboundEvent

EDITED_WITHIN = 600.0
"""Seconds after a question within which an edit changes the answer."""
_SAID = frozenset({"", "file_share", "thread_broadcast"})
"""Subtypes of messages that people write to be read; joins, topics, bots and all others are none of ours."""
_SLACKBOT = "USLACKBOT"


def read_event(event: Body, envelope: Envelope) -> InboundEvent | None:
    """What an event says; None if it is not for the bot."""
    match text_at(event, "type"):
        case "message" if text_at(event, "subtype") == "message_changed":
            return _changed(event, envelope)
        case "message" | "app_mention":
            return _message(event, envelope)
        case "app_home_opened" if text_at(event, "tab") == "messages":
            return _opened(event, envelope)
        case "member_joined_channel" if envelope.me and text_at(event, "user") == envelope.me:
            return _joined(event, envelope)
        case _:
            return None


def _message(event: Body, envelope: Envelope) -> InboundEvent | None:
    """A message of a person: said to the bot, at the desk, or overheard in a thread."""
    channel, stamp, raw = text_at(event, "channel"), text_at(event, "ts"), text_at(event, "text")
    if not (channel and stamp and _human(event, envelope.me)):
        return None
    said, thread, mentions = envelope.said(event), text_at(event, "thread_ts"), texts.mentions(raw)
    named = envelope.me in mentions or text_at(event, "type") == "app_mention"
    asked = Utterance(said) if said or not named else Command("help")
    heard = _heard(event, asked, envelope)
    if addresses.is_direct(channel):
        return heard
    if named:
        return heard
    if thread and heard.room == envelope.desk:
        return _at_desk(heard, said, SlackAddress(channel=channel, user=text_at(event, "user"), thread=thread, private=True), envelope)
    return replace(heard, overheard=True) if thread and thread != stamp and texts.readable(raw) and not mentions else None


def _at_desk(heard: InboundEvent, said: str, alone: SlackAddress, envelope: Envelope) -> InboundEvent:
    """Talk in a thread of the desk; nobody but whoever wrote it reads the hint that it stays there.

    What waits from version 0.1, where such talk was the answer, is one still.
    """
    post = addresses.post(alone.channel, alone.thread)
    if "team" not in envelope.payload:
        return replace(heard, act=DeskReply(said, post))
    return replace(heard, act=DeskTalk(post), address=alone.packed())


def _heard(event: Body, act: Utterance | Command, envelope: Envelope) -> InboundEvent:
    """A message as an event, whatever becomes of it; it is answered in its thread, or in one of its own in a channel.

    Its twin names no workspace: a message in a channel of several may be told of for each of them.
    """
    channel, stamp, user, thread = (text_at(event, key) for key in ("channel", "ts", "user", "thread_ts"))
    answered_in = thread or ("" if addresses.is_direct(channel) else stamp)
    conversation = addresses.conversation(envelope.team, channel, thread=thread or stamp, alone=user)
    heard = envelope.event(act, SlackAddress(channel=channel, user=user, thread=answered_in), conversation)
    return replace(heard, twin=RawKey(f"{channel}/{stamp}"), source=addresses.post(channel, stamp))


def _changed(event: Body, envelope: Envelope) -> InboundEvent | None:
    """A question whose words were changed soon; what Slack itself changes (previews, replies) leaves the words as they were."""
    now, before = at(event, "message"), at(event, "previous_message")
    if not isinstance(now, dict) or text_at(now, "text") == text_at(before, "text") or not _human(now, envelope.me):
        return None
    if _seconds(text_at(event, "ts")) - _seconds(text_at(now, "ts")) > EDITED_WITHIN:
        return None
    heard = _message({**now, "type": "message", "channel": text_at(event, "channel")}, envelope)
    if heard is None or isinstance(heard.act, DeskTalk):
        return None
    return replace(heard, twin=NO_KEY, edited=True, overheard=False)


def _opened(event: Body, envelope: Envelope) -> InboundEvent | None:
    user, channel = text_at(event, "user"), text_at(event, "channel")
    if not (user and channel):
        return None
    conversation = addresses.conversation(envelope.team, channel, alone=user)
    return envelope.event(Occasion("greeting"), SlackAddress(channel=channel, user=user), conversation)


def _joined(event: Body, envelope: Envelope) -> InboundEvent | None:
    channel = text_at(event, "channel")
    if not channel:
        return None
    conversation = addresses.conversation(envelope.team, channel, thread="joined")
    return envelope.event(Occasion("joined"), SlackAddress(channel=channel), conversation)


def _human(message: Body, me: str) -> bool:
    """Whether a person wrote a message: no bot, not this one, not Slack itself."""
    user = text_at(message, "user")
    by_bot = any(at(message, key) for key in ("bot_id", "bot_profile", "app_id"))
    return bool(user) and user not in {me, _SLACKBOT} and not by_bot and text_at(message, "subtype") in _SAID


def _seconds(stamp: str) -> float:
    try:
        return float(stamp)
    except ValueError:
        return 0.0
