"""Updates of Telegram as events for the inbox, and as what was done. Pure functions.

https://core.telegram.org/bots/api#update. With privacy mode on, a bot in a group hears commands, replies to what it said, and its own
additions: https://core.telegram.org/bots/features#privacy-mode.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.channels.telegram import addresses, keys, texts
from bot.channels.telegram.addresses import TelegramAddress
from bot.channels.telegram.payload import Json, at, number_at, text_at
from bot.contracts.events import DeskReply, InboundEvent
from bot.dialogue.targets import EntryTarget, ReasonTarget, TeamTarget, read_target
from bot.dialogue.turn import NO_KEY, Browse, Command, Occasion, Rating, RawKey, Selection, Share, Utterance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.dialogue.turn import UserAct

_COMMAND = re.compile(r"/([A-Za-z0-9_]+)(?:@(\w+))?(?:\s+|$)")
_ANONYMOUS = 1087968824
"""The account that stands for a group's anonymous admins: https://core.telegram.org/bots/api#message, `sender_chat`."""
_ABSENT = frozenset({"left", "kicked"})


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads updates. `desk` is the key of the desk's room, empty if it is not in Telegram."""

    desk: str = ""

    def event(self, update: Mapping[str, Any], me: Mapping[str, Any]) -> InboundEvent | None:
        """The event that an update is; None if there is nothing to answer. `me` is what getMe tells of the bot."""
        return self.read({"update": texts.shortened(update), "me": {"id": me.get("id", 0), "username": me.get("username", "")}})

    def read(self, payload: Mapping[str, Any]) -> InboundEvent | None:
        """The event that a kept update is."""
        update, me = at(payload, "update"), at(payload, "me")
        if isinstance(message := at(update, "message"), dict):
            return _message(message, me, self.desk, payload)
        if isinstance(edited := at(update, "edited_message"), dict):
            return _message(edited, me, self.desk, payload, edited=True)
        if isinstance(pressed := at(update, "callback_query"), dict):
            return _pressed(pressed, payload)
        if isinstance(chosen := at(update, "chosen_inline_result"), dict):
            return _chosen(chosen, payload)
        if isinstance(changed := at(update, "my_chat_member"), dict):
            return _joined(changed, payload)
        return None


def _event(
    act: UserAct | DeskReply,
    address: TelegramAddress | None,
    payload: Mapping[str, Any],
    *,
    conversation: RawKey,
    user: int = 0,
    **more: Any,  # noqa: ANN401
) -> InboundEvent:
    """The event that `user` has caused; `more` are further fields of it."""
    person, room = addresses.person(user) if user else NO_KEY, more.get("room", NO_KEY)
    return InboundEvent(
        id=str(number_at(payload, "update", "update_id")),
        platform=addresses.PLATFORM,
        conversation=conversation,
        person=person,
        payload=payload,
        act=act,
        address=replace(address, user=str(user or "")).packed() if address else None,
        places=addresses.names(room, person),
        **more,
    )


def _message(message: Json, me: Json, desk: str, payload: Mapping[str, Any], *, edited: bool = False) -> InboundEvent | None:
    """A message: in private all of it is for the bot, in a group what is addressed to it. Of what was edited, answers of the desk."""
    chat, number = number_at(message, "chat", "id"), number_at(message, "message_id")
    topic = number_at(message, "message_thread_id") if at(message, "is_topic_message") is True else 0
    (user, name), said = _who(message), texts.said(message)
    if not (chat and number and user and (said or (texts.is_unreadable(message) and not edited))):
        return None
    private = text_at(message, "chat", "type") == addresses.PRIVATE
    room = addresses.room(chat, topic)
    to_bot = number_at(message, "reply_to_message", "from", "id") == number_at(me, "id") != 0
    asked = None if edited else _asked(message, said, text_at(me, "username"), private=private, to_bot=to_bot)
    act: UserAct | DeskReply | None = asked
    if answers := to_bot and room == desk and not said.startswith("/"):
        act = DeskReply(said, addresses.post(chat, number_at(message, "reply_to_message", "message_id")), otherwise=asked)
    if act is None:
        return None
    address = TelegramAddress(chat=str(chat), topic=str(topic or ""), reply="" if private else str(number))
    source = addresses.post(chat, number) if answers else ""
    conversation = addresses.conversation(chat, topic, user)
    return _event(act, address, payload, conversation=conversation, user=user, room=room, name=name, source=source, edited=edited)


def _asked(message: Json, said: str, username: str, *, private: bool, to_bot: bool) -> UserAct | None:
    """What a message asks of the bot; None if it is for somebody else, or for nobody."""
    command = _COMMAND.match(said)
    if command:
        if command[2] and command[2].casefold() != username.casefold():
            return None
        return _commanded(command[1].casefold(), said[command.end() :].strip(), message, private=private)
    if private:
        return Utterance(said)
    named = re.sub(rf"(?i)(?<!\w)@{re.escape(username)}\b", " ", said).strip() if username else said
    if to_bot or (username and named != said.strip()):
        return Utterance(named) if named else Command("help")
    return None


def _commanded(name: str, rest: str, message: Json, *, private: bool) -> UserAct | None:
    match name:
        case "start":
            return _started(rest)
        case "ask":
            said = rest or texts.said(at(message, "reply_to_message"))
            return Utterance(said) if said else Command("help")
        case "compare":
            return Utterance(f"compare {rest}".strip())
        case "topics":
            return Browse()
        case "help" | "privacy" | "forget" | "status":
            return Command(name)
        case "human":
            return Command("person")
        case _:
            return Command("help") if private else None


def _started(payload: str) -> UserAct:
    kind, key = keys.read_link(payload)
    match kind:
        case "entry":
            return Selection(read_target(key))
        case "full":
            return Selection(EntryTarget(key, "full"))
        case "query":
            return Utterance(key)
        case _:
            return Occasion("start")


def _pressed(pressed: Json, payload: Mapping[str, Any]) -> InboundEvent | None:
    """A button of a message that the bot has sent. In a group its keyboard is everybody's: a rating changes nothing there.

    What is answered where it is pressed is no event: a card that somebody has shared, and what only folds and unfolds.
    """
    action, key = keys.read_data(text_at(pressed, "data"))
    user = number_at(pressed, "from", "id")
    chat, number = number_at(pressed, "message", "chat", "id"), number_at(pressed, "message", "message_id")
    private, target = text_at(pressed, "message", "chat", "type") == addresses.PRIVATE, read_target(key if action else "")
    if not (user and chat and number) or action in {"menu", "less"} or (isinstance(target, ReasonTarget) and not private):
        return None
    act = Rating(action == "up", key) if action in {"up", "down"} else Selection(target)
    topic = number_at(pressed, "message", "message_thread_id") if at(pressed, "message", "is_topic_message") is True else 0
    address: TelegramAddress | None = TelegramAddress(chat=str(chat), topic=str(topic or ""))
    edits = once = ""
    if isinstance(act, Rating) or isinstance(target, ReasonTarget):
        address = _rated(pressed, chat) if private else None
        edits = addresses.post(chat, number) if private else ""
    elif action == "show":
        edits = addresses.post(chat, number)
    elif not private:
        address = TelegramAddress(chat=str(chat), topic=str(topic or ""), reply=str(number))
    if isinstance(target, TeamTarget):
        once = f"{addresses.post(chat, number)}/{user}/{key}"
    conversation, room = addresses.conversation(chat, topic, user), addresses.room(chat, topic)
    more = {"name": text_at(pressed, "from", "first_name"), "edits": edits, "once": RawKey(once)}
    return _event(act, address, payload, conversation=conversation, user=user, room=room, **more)


def _rated(pressed: Json, chat: int) -> TelegramAddress:
    """Where a rating changes a message: only its thumbs, so its keyboard comes along."""
    rows = at(pressed, "message", "reply_markup", "inline_keyboard")
    return TelegramAddress(chat=str(chat), keyboard=json.dumps(rows or [], separators=(",", ":")))


def _chosen(chosen: Json, payload: Mapping[str, Any]) -> InboundEvent | None:
    """An inline result that was sent somewhere; it is counted, there is nothing to say."""
    user, entry = number_at(chosen, "from", "id"), text_at(chosen, "result_id").partition(":")[0]
    if not (user and entry):
        return None
    return _event(Share(entry), None, payload, conversation=RawKey(f"{addresses.INLINE}/{user}"), user=user, room=addresses.INLINE)


def _joined(changed: Json, payload: Mapping[str, Any]) -> InboundEvent | None:
    """The bot added to a group."""
    chat, kind = number_at(changed, "chat", "id"), text_at(changed, "chat", "type")
    before, after = text_at(changed, "old_chat_member", "status"), text_at(changed, "new_chat_member", "status")
    if kind not in {"group", "supergroup"} or before not in _ABSENT or after in {*_ABSENT, ""} or not chat:
        return None
    if at(changed, "new_chat_member", "is_member") is False:
        return None  # restricted, and not there
    room = addresses.room(chat)
    return _event(Occasion("joined_group"), TelegramAddress(chat=str(chat)), payload, conversation=RawKey(f"{room}/joined"), room=room)


def _who(message: Json) -> tuple[int, str]:
    """Who wrote a message, and what they are called; nobody for a bot or a channel. An anonymous admin is the group itself."""
    if number_at(message, "from", "id") == _ANONYMOUS and at(message, "sender_chat"):
        return number_at(message, "sender_chat", "id"), text_at(message, "sender_chat", "title")
    if at(message, "from", "is_bot") is not False or at(message, "via_bot") or at(message, "sender_chat"):
        return 0, ""
    return number_at(message, "from", "id"), text_at(message, "from", "first_name")
