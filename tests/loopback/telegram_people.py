"""What people do in the loopback Telegram: write, edit, press, ask inline, let the bot in and throw it out."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from loopback.telegram_methods import Methods
from loopback.telegram_rules import START
from loopback.telegram_state import public
from loopback.telegram_text import Json, auto_entities

if TYPE_CHECKING:
    from collections.abc import Sequence

CALLBACK_WAITS, INLINE_WAITS, CHOICE_WAITS = 150, 30, 600  # seconds an update is kept for a bot that does not fetch it
LONGEST_QUERY = 256


class People(Methods):
    """Users, chats and messages are plain objects of the Bot API; what begins with an underscore is the server's own."""

    def user(self, first_name: str = "Ann", *, user_id: int | None = None, username: str | None = None, language_code: str = "en") -> Json:
        """A person."""
        user: Json = {"id": user_id or 5000 + self._number("user"), "is_bot": False}
        user |= {"first_name": first_name, "language_code": language_code}
        return user | ({"username": username} if username else {})

    def private(self, user: Json) -> Json:
        """The chat of a person with the bot."""
        chat = {"id": user["id"], "type": "private", "first_name": user["first_name"], "_members": {user["id"]: user}}
        return self.chats.setdefault(user["id"], chat)

    def group(
        self,
        title: str = "Team",
        *,
        forum: bool = False,
        kind: str = "supergroup",
        bot_admin: bool = False,
        username: str | None = None,
        members: Sequence[Json] = (),
        admins: Sequence[Json] = (),
    ) -> Json:
        """A group the bot is in; `kind` may be "group" and "channel" too."""
        number = (0 if kind == "group" else -1_000_000_000_000) - 9000 - self._number("group")
        chat: Json = {"id": number, "type": kind, "title": title, "_admins": {user["id"] for user in admins}}
        chat |= {"_members": {user["id"]: user for user in [*members, *admins]}}
        chat |= ({"is_forum": True} if forum else {}) | ({"username": username} if username else {})
        self.chats[number] = chat
        if bot_admin:
            self.admin_in.add(number)
        return chat

    def channel(self, title: str = "News", *, bot_admin: bool = True, username: str | None = None) -> Json:
        """A channel."""
        return self.group(title, kind="channel", bot_admin=bot_admin, username=username)

    def _bot_sees(self, chat: Json, message: Json) -> bool:
        """What privacy mode lets through: answers to the bot, commands for it, and all where the bot is an administrator."""
        if chat["type"] in ("private", "channel") or not self.privacy or chat["id"] in self.admin_in:
            return True
        if message.get("reply_to_message", {}).get("from", {}).get("id") == self.me["id"]:
            return True
        text, at = message.get("text", ""), f"@{self.username}".lower()
        if command := re.match(r"/\w+(@\w+)?", text):
            return command[1].lower() == at if command[1] else chat["id"] in self._bot_spoke
        return self.mentions_reach_bot and at in text.lower()

    def send(
        self,
        chat: Json,
        user: Json,
        text: str,
        *,
        reply_to: Json | None = None,
        thread: int | None = None,
        mention: bool = False,
        **extra: object,
    ) -> Json:
        """Someone writes; message["_update"] is the update id, or None where the bot is not told. Keywords go into the message."""
        text = f"@{self.username} {text}" if mention else text
        chat.setdefault("_members", {})[user["id"]] = user
        fields: Json = {"text": text, "entities": auto_entities(text)} | extra
        if reply_to:
            fields["reply_to_message"] = {key: value for key, value in public(reply_to).items() if key != "reply_to_message"}
            thread = thread or (reply_to.get("message_thread_id") if reply_to.get("is_topic_message") else None)
            if chat["type"] == "supergroup" and not chat.get("is_forum"):
                fields["message_thread_id"] = reply_to["message_id"]  # as the real server does, although it is no topic
        if thread:
            fields |= {"message_thread_id": thread, "is_topic_message": True}
        message = self._store(chat, user, **fields)
        kind = "channel_post" if chat["type"] == "channel" else "message"
        message["_update"] = self._push(kind, public(message), chat["id"]) if self._bot_sees(chat, message) else None
        return message

    def command(self, chat: Json, user: Json, name: str, args: str = "", *, at: bool | None = None, **how: Any) -> Json:  # noqa: ANN401 - what `send` takes
        """Someone gives a command; `at` (in groups, if not told otherwise) puts the name of the bot after it."""
        at = chat["type"] != "private" if at is None else at
        return self.send(chat, user, f"/{name}{f'@{self.username}' if at else ''} {args}".strip(), **how)

    def deep_link(self, user: Json, payload: str) -> Json:
        """Someone opens t.me/<bot>?start=payload and presses Start. Raises ValueError if no link can carry the payload."""
        if not START.match(payload):
            message = f"not a valid start payload: {payload!r}"
            raise ValueError(message)
        return self.command(self.private(user), user, "start", payload)

    def post(self, channel: Json, text: str) -> Json:
        """A post in a channel."""
        return self.send(channel, channel, text)

    def edit(self, message: Json, text: str) -> int | None:
        """The author edits a message; gives the update id, or None where the bot is not told."""
        message |= {"text": text, "entities": auto_entities(text), "edit_date": int(time.time())}
        kind = "edited_channel_post" if message["chat"]["type"] == "channel" else "edited_message"
        seen = self._bot_sees(self.chats[message["chat"]["id"]], message)
        return self._push(kind, public(message), message["chat"]["id"]) if seen else None

    def buttons(self, message: Json) -> list[Json]:
        """The buttons below a message."""
        return [button for row in message.get("reply_markup", {}).get("inline_keyboard", []) for button in row]

    def press(self, message: Json, button: str, user: Json) -> str:
        """Press the callback button whose text contains `button`, or whose data equals it. Raises LookupError, with what there is."""
        for one in self.buttons(message):
            if "callback_data" in one and (button == one["callback_data"] or button.lower() in one["text"].lower()):
                return self.press_data(message, one["callback_data"], user)
        text = f"no callback button {button!r} in {[one['text'] for one in self.buttons(message)]}"
        raise LookupError(text)

    def press_data(self, message: Json, data: str, user: Json) -> str:
        """As press, with any data: a stale or a forged button. Gives the id of the query."""
        name = str(77_000_000 + self._number("query"))
        self.callbacks[name] = {"answer": None, "until": time.monotonic() + self.callback_ttl, "data": data}
        body = {"id": name, "from": user, "chat_instance": "1", "data": data}
        body |= {"inline_message_id": message["_inline"]} if "_inline" in message else {"message": public(message)}
        self._push("callback_query", body, user["id"], CALLBACK_WAITS)
        return name

    def inline_query(self, user: Json, query: str, offset: str = "", chat_type: str = "sender") -> str:
        """Someone types @bot and a query in any chat. Gives the id of the query."""
        name = str(88_000_000 + self._number("query"))
        self.inline_queries[name] = {"answer": None, "until": time.monotonic() + self.inline_ttl, "query": query}
        body = {"id": name, "from": user, "query": query[:LONGEST_QUERY], "offset": offset, "chat_type": chat_type}
        self._push("inline_query", body, user["id"], INLINE_WAITS)
        return name

    def choose(self, query_id: str, result_id: str, user: Json) -> Json:
        """Someone sends an inline result; the bot learns the id of the message only if it has a keyboard. Gives the message."""
        entry = self.inline_queries[query_id]
        result = next(result for result in entry["answer"]["results"] if result["id"] == result_id)
        name = self._inline_message(result)
        body = {"result_id": result_id, "from": user, "query": entry["query"]}
        body |= {"inline_message_id": name} if result.get("reply_markup") else {}
        self._push("chosen_inline_result", body, user["id"], CHOICE_WAITS)
        return self.inline_messages[name]

    def guest(self, user: Json, text: str, title: str = "Elsewhere") -> str:
        """Someone mentions the bot in a chat it is not in (guest mode, Bot API 10.0). Gives the id of the query."""
        name = f"guest{self._number('query')}"
        chat: Json = {"id": -1_000_000_099_999, "type": "supergroup", "title": title}
        message: Json = {"message_id": 1, "date": int(time.time()), "chat": chat, "from": user, "text": text}
        message |= {"entities": auto_entities(text), "guest_query_id": name}
        self._push("guest_message", message, chat["id"])
        return name

    def bot_membership(self, chat: Json, user: Json, old: str, new: str) -> None:
        """Someone adds, removes, blocks ("kicked") or unblocks the bot; where it is out, its messages get a 403."""
        if new in ("kicked", "left"):
            what = "blocked by the user" if chat["type"] == "private" else f"kicked from the {chat['type']} chat"
            self.blocked[chat["id"]] = f"Forbidden: bot was {what}"
        else:
            self.blocked.pop(chat["id"], None)
        was, now = ({"user": self.me, "status": status} | ({"until_date": 0} if status == "kicked" else {}) for status in (old, new))
        body = {"chat": public(chat), "from": user, "date": int(time.time()), "old_chat_member": was, "new_chat_member": now}
        self._push("my_chat_member", body, chat["id"])
