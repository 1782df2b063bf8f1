"""What is pressed, commands, shortcuts and windows of Slack as what was done. Pure functions.

https://docs.slack.dev/reference/interaction-payloads. What is pressed carries an id in its value, never text.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.channels.slack import addresses, blocks, desk_window, texts, views
from bot.channels.slack.addresses import Look, SlackAddress
from bot.channels.slack.payload import at, first, text_at
from bot.channels.slack.pressed import DOWN, HERE, PICK, UP, read_pressed
from bot.dialogue.targets import DeskTarget, ReasonTarget, TeamTarget, read_target
from bot.dialogue.turn import Browse, Command, Rating, RawKey, Selection, Share, Utterance

if TYPE_CHECKING:
    from bot.channels.slack.envelope import Envelope
    from bot.channels.slack.payload import Body
    from bot.channels.slack.pressed import Pressed
    from bot.contracts.events import InboundEvent
    from bot.dialogue.turn import UserAct

TO_ASK = "ask_question"
"""The callback id of the shortcut that opens the modal to ask in."""
TO_ANSWER = "answer_message"
"""The callback id of the shortcut that answers somebody's message."""


def read_press(body: Body, envelope: Envelope) -> InboundEvent | None:
    """What was pressed in a message, or what erases on the home page; None for all that only opens something."""
    pressed, user = read_pressed(body), text_at(body, "user", "id")
    if pressed.name == views.FORGET and user:
        address = SlackAddress(channel=user, user=user)
        return envelope.event(Command("forget"), address, addresses.conversation(envelope.team, user, alone=user))
    channel = text_at(body, "container", "channel_id") or text_at(body, "channel", "id")
    act = _done(pressed)
    if act is None or not (channel and user):
        return None
    if isinstance(act, Share):
        return _once(_share_here(act, pressed.value, _address(body, channel, user), envelope), pressed.value, body)
    reading = _pressed_alone if at(body, "container", "is_ephemeral") else _pressed_by_all
    event = reading(act, _address(body, channel, user), body, envelope)
    return _once(event, pressed.value, body) if isinstance(act, Selection) and isinstance(act.target, TeamTarget) else event


def read_command(body: Body, envelope: Envelope) -> InboundEvent | None:
    """`/career` and what follows it; alone it asks for help."""
    channel, user, said = text_at(body, "channel_id"), text_at(body, "user_id"), text_at(body, "text").strip()
    if not (channel and user):
        return None
    asked = texts.readable(said, envelope.names, envelope.me)
    act: UserAct = Utterance(asked)
    match said.casefold():
        case "" | "help":
            act = Command("help")
        case "topics":
            act = Browse()
        case "privacy" | "status" as name:
            act = Command(name)
    look = Look(echo=asked if isinstance(act, Utterance) else "")
    return _answered_alone(act, channel, user, look, body, envelope)


def read_shortcut(body: Body, envelope: Envelope) -> InboundEvent | None:
    """The shortcut on somebody's message: its text is asked, and only who asks sees the answer, which is no part of the thread."""
    channel, user = text_at(body, "channel", "id"), text_at(body, "user", "id")
    stamp = text_at(body, "message", "ts") or text_at(body, "message_ts")
    if text_at(body, "callback_id") != TO_ANSWER or not (channel and user and stamp):
        return None
    said = envelope.said(at(body, "message"))
    thread = text_at(body, "message", "thread_ts")
    return _answered_alone(Utterance(said), channel, user, Look(echo=said, share_in=thread or stamp), body, envelope, thread)


def read_submission(body: Body, envelope: Envelope) -> InboundEvent | None:
    """A window that was sent off: a question, an entry to be shared, or an answer of the desk."""
    user, view = text_at(body, "user", "id"), at(body, "view")
    if not user:
        return None
    if text_at(view, "callback_id") == desk_window.ANSWER:
        return desk_window.read_answer(view, user, envelope)
    if text_at(view, "callback_id") == views.ASK:
        said = views.typed(view, views.QUESTION)
        address = SlackAddress(channel=text_at(body, "direct") or user, user=user, look=Look(echo=said))
        return envelope.event(Utterance(said), address, addresses.conversation(envelope.team, address.channel, alone=user))
    entry, back = _metadata(view)
    channel = text_at(view, "state", "values", views.WHERE, "value", "selected_conversation")
    if text_at(view, "callback_id") != views.SHARE or back is None or not (entry and channel):
        return None
    into = SlackAddress(channel=channel, user=user, look=Look(sharer=user))
    conversation = addresses.conversation(envelope.team, back.channel, alone=user)
    return envelope.event(Share(entry, views.typed(view, views.REMARK)), back, conversation, into=into, user=user)


def back_of(body: Body) -> SlackAddress:
    """Where whoever pressed something alone hears of it: there, or in a direct message."""
    channel, user = text_at(body, "container", "channel_id"), text_at(body, "user", "id")
    if not channel:
        return SlackAddress(channel=user, user=user)
    return SlackAddress(channel=channel, user=user, private=True, thread=text_at(body, "container", "thread_ts"))


def _done(pressed: Pressed) -> UserAct | None:
    """What was done by pressing something in a message."""
    if pressed.kind == PICK:
        target = read_target(pressed.value)
        return None if isinstance(target, DeskTarget) and target.move in desk_window.WRITTEN else Selection(target)
    if pressed.kind in {UP, DOWN}:
        return Rating(pressed.kind == UP, pressed.value)
    return Share(pressed.value.partition("|")[0]) if pressed.kind == HERE else None


def _address(body: Body, channel: str, user: str) -> SlackAddress:
    thread = text_at(body, "container", "thread_ts")
    if not thread and not addresses.is_direct(channel) and not at(body, "container", "is_ephemeral"):
        thread = text_at(body, "container", "message_ts")
    return SlackAddress(channel=channel, user=user, url=text_at(body, "response_url"), thread=thread)


def _pressed_by_all(act: UserAct, address: SlackAddress, body: Body, envelope: Envelope) -> InboundEvent:
    """A button of a message that all see; only who rates hears of that."""
    thread = text_at(body, "container", "thread_ts") or text_at(body, "container", "message_ts")
    conversation = addresses.conversation(envelope.team, address.channel, thread=thread, alone=address.user)
    return envelope.event(act, replace(address, private=isinstance(act, Rating)), conversation)


def _pressed_alone(act: UserAct, address: SlackAddress, body: Body, envelope: Envelope) -> InboundEvent:
    """A button of what only one person sees: it may belong to the thread that it is shown in, or be theirs alone."""
    address, thread = replace(address, private=True, by_url=True), address.thread
    if text_at(first(body, "actions"), "block_id").startswith(blocks.ALONE):
        address, thread = replace(address, by_url=not thread, look=Look(share_in=thread)), ""
    if isinstance(act, Selection) and isinstance(act.target, ReasonTarget):
        address = replace(address, by_url=True, replace=True)
    return envelope.event(act, address, addresses.conversation(envelope.team, address.channel, thread=thread, alone=address.user))


def _once(event: InboundEvent, value: str, body: Body) -> InboundEvent:
    """The press of a button that shares once, however often somebody presses it."""
    channel, stamp = text_at(body, "container", "channel_id"), text_at(body, "container", "message_ts")
    user = text_at(body, "user", "id")
    return replace(event, once=RawKey(f"{addresses.PLATFORM}:{channel}/{stamp}/{user}/{value}")) if stamp else event


def _answered_alone(act: UserAct, channel: str, user: str, look: Look, body: Body, envelope: Envelope, thread: str = "") -> InboundEvent:
    """Something asked where only the asker sees the answer, in a thread if it was asked there."""
    url = text_at(body, "response_url")
    address = SlackAddress(channel=channel, user=user, thread=thread, url=url, private=True, by_url=not thread, look=look)
    return envelope.event(act, address, addresses.conversation(envelope.team, channel, alone=user))


def _share_here(share: Share, value: str, address: SlackAddress, envelope: Envelope) -> InboundEvent:
    """An answer that only the asker saw, shown to all where it was given."""
    into = SlackAddress(channel=address.channel, user=address.user, thread=value.partition("|")[2], look=Look(sharer=address.user))
    back = replace(address, private=True, by_url=True)
    return envelope.event(share, back, addresses.conversation(envelope.team, address.channel, alone=address.user), into=into)


def _metadata(view: Body) -> tuple[str, SlackAddress | None]:
    """The entry that is to be shared, and where the sharer hears of it."""
    try:
        held = json.loads(text_at(view, "private_metadata") or "{}")
        return text_at(held, "entry"), addresses.unpacked(at(held, "back"))
    except (ValueError, RecursionError):
        return "", None
