"""The methods of the Bot API that the loopback Telegram knows, but for those that fetch updates."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

from loopback.telegram_rules import (
    ACTIONS,
    PROFILE,
    check_commands,
    check_inline_answer,
    check_inline_result,
    check_reaction,
    markup_of,
)
from loopback.telegram_state import Call, public
from loopback.telegram_text import ApiError, Json, refuse, text_of
from loopback.telegram_updates import Updates

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_NOTICE = 200  # characters of the answer to a press
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
UNCHANGED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


class Messages(Updates):
    """Sends, changes, forwards and deletes messages."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.methods |= {
            "copymessage": lambda call: {"message_id": self._forward(call, shown=False)["message_id"]},
            "deletemessage": self._delete,
            "editmessagereplymarkup": lambda call: self._edit(call.params, {"reply_markup": markup_of(call.params)}),
            "editmessagetext": self._edit_text,
            "forwardmessage": lambda call: self._forward(call, shown=True),
            "sendchataction": self._act,
            "sendmessage": self._send,
            "setmessagereaction": self._react,
        }

    def _send(self, call: Call) -> Json:
        params, chat = call.params, self._chat(call.params)
        text, entities = text_of(params)
        markup, place = markup_of(params, chat), self._place(params, chat)
        if chat["type"] == "channel" and chat["id"] not in self.admin_in:
            raise ApiError(403, "Forbidden: bot is not a member of the channel chat")
        self._throttle(call, chat)
        self._bot_spoke.add(chat["id"])
        shown = {"entities": entities, "reply_markup": markup, "link_preview_options": params.get("link_preview_options")}
        return self._store(chat, chat if chat["type"] == "channel" else self.me, text=text, **shown, **place)

    def _place(self, params: Json, chat: Json) -> Json:
        """The topic a new message goes to, and the message it answers."""
        fields: Json = {}
        if thread := params.get("message_thread_id"):
            if not chat.get("is_forum") or int(thread) not in self.topics[chat["id"]]:
                refuse("message thread not found")
            fields |= {"message_thread_id": int(thread), "is_topic_message": True}
        reply = params.get("reply_parameters") or {"message_id": params.get("reply_to_message_id")}
        if not reply["message_id"]:
            return fields
        try:
            target = self._find(int(reply.get("chat_id") or chat["id"]), reply["message_id"], "message to be replied")
        except ApiError:
            if not reply.get("allow_sending_without_reply"):
                raise
            return fields
        fields["reply_to_message"] = {key: value for key, value in public(target).items() if key != "reply_to_message"}
        if target.get("is_topic_message"):
            fields |= {"message_thread_id": target["message_thread_id"], "is_topic_message": True}
        return fields

    def _edit_text(self, call: Call) -> Json | bool:
        text, entities = text_of(call.params)
        return self._edit(call.params, {"text": text, "entities": entities or None, "reply_markup": markup_of(call.params)})

    def _edit(self, params: Json, changes: Json) -> Json | bool:
        """Change a message of the bot, or one that a person sent through it."""
        inline = params.get("inline_message_id")
        if inline and inline not in self.inline_messages:
            refuse("MESSAGE_ID_INVALID")
        if inline:
            message = self.inline_messages[inline]
        else:
            message = self._find(self._chat(params)["id"], params.get("message_id"), "message to edit")
            if message.get("from", {}).get("id") != self.me["id"] and "sender_chat" not in message:
                refuse("message can't be edited")
        if all(message.get(key) == value for key, value in changes.items()):
            refuse(UNCHANGED)
        for key, value in changes.items():
            if value is None:
                message.pop(key, None)
            else:
                message[key] = value
        message["edit_date"] = int(time.time())
        return True if inline else message

    def _delete(self, call: Call) -> bool:
        message = self._find(self._chat(call.params)["id"], call.params.get("message_id"), "message to delete")
        del self.messages[message["chat"]["id"], message["message_id"]]
        return True

    def _forward(self, call: Call, *, shown: bool) -> Json:
        """A message once more; `shown`: with the name of who wrote it."""
        chat, home = self._chat(call.params), self._chat(call.params, "from_chat_id")
        source = self._find(home["id"], call.params.get("message_id"), f"message to {'forward' if shown else 'copy'}")
        place, markup = self._place(call.params, chat), None if shown else markup_of(call.params, chat)
        self._throttle(call, chat)
        origin = {"type": "user", "date": source["date"], "sender_user": source.get("from", self.me)} if shown else None
        fields = {"text": source.get("text"), "entities": source.get("entities"), "forward_origin": origin, "reply_markup": markup}
        return self._store(chat, self.me, **fields, **place)

    def _act(self, call: Call) -> bool:
        self._chat(call.params)
        if call.params.get("action") not in ACTIONS:
            refuse("wrong parameter action in request")
        return True

    def _react(self, call: Call) -> bool:
        message = self._find(self._chat(call.params)["id"], call.params.get("message_id"), "message to react")
        check_reaction(call.params.get("reaction") or [])
        message["_reaction"] = call.params.get("reaction") or []
        return True


class Methods(Messages):
    """Answers queries, and keeps the bot's profile, menu and chats."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.methods |= dict.fromkeys(("close", "leavechat", "logout"), lambda _: True)
        self.methods |= {
            "answercallbackquery": self._answer_callback,
            "answerguestquery": self._answer_guest,
            "answerinlinequery": self._answer_inline,
            "createforumtopic": self._create_topic,
            "getchat": self._get_chat,
            "getchatmember": self._get_member,
            "getchatmenubutton": lambda _: self.menu_button,
            "getme": lambda _: self.me,
            "getmycommands": lambda call: self.commands.get(_scope(call.params), []),
            "setchatmenubutton": self._set_menu_button,
            "setmycommands": self._set_commands,
        }
        for field, longest in PROFILE.items():
            name = field.replace("_", "")
            self.methods[f"getmy{name}"] = self._profile_getter(field)
            self.methods[f"setmy{name}"] = self._profile_setter(field, longest)

    def _profile_getter(self, field: str) -> Callable[[Call], Json]:
        return lambda call: {field: self.profile.get((field, call.params.get("language_code") or ""), "")}

    def _profile_setter(self, field: str, longest: int) -> Callable[[Call], bool]:
        def set_field(call: Call) -> bool:
            text = call.params.get(field) or ""
            if len(text) > longest:
                refuse(f"{field.upper()}_INVALID")
            self.profile[field, call.params.get("language_code") or ""] = text
            return True

        return set_field

    def _answer_callback(self, call: Call) -> bool:
        entry = _open_entry(self.callbacks, call.params.get("callback_query_id"))
        if len(call.params.get("text") or "") > LONGEST_NOTICE:
            refuse("MESSAGE_TOO_LONG")
        if (url := call.params.get("url")) and not re.fullmatch(rf"https://t\.me/{self.username}\?start=[A-Za-z0-9_-]{{1,64}}", url):
            refuse("URL_INVALID")
        entry["answer"] = call.params
        return True

    def _answer_inline(self, call: Call) -> bool:
        entry = _open_entry(self.inline_queries, call.params.get("inline_query_id"))
        check_inline_answer(call.params)
        entry["answer"] = call.params
        return True

    def _answer_guest(self, call: Call) -> Json:
        check_inline_result(call.params.get("result"))
        return {"inline_message_id": self._inline_message(call.params["result"])}

    def _inline_message(self, result: Json) -> str:
        """Send an inline result; gives the id under which the bot can change it."""
        name, content = f"INLINE{self._number('inline')}", result.get("input_message_content") or {}
        text, entities = text_of(content, "message_text") if "message_text" in content else ("", [])
        shown = {"text": text, "entities": entities, "reply_markup": result.get("reply_markup") or {}}
        self.inline_messages[name] = {"_inline": name, **shown}
        return name

    def _set_commands(self, call: Call) -> bool:
        commands = call.params.get("commands") or []
        check_commands(commands)
        self.commands[_scope(call.params)] = commands
        return True

    def _set_menu_button(self, call: Call) -> bool:
        self.menu_button = call.params.get("menu_button") or {"type": "default"}
        return True

    def _get_chat(self, call: Call) -> Json:
        given = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(GIFTS, False)}
        return public(self._chat(call.params)) | given

    def _get_member(self, call: Call) -> Json:
        chat, name = self._chat(call.params), int(call.params.get("user_id") or 0)
        bot = name == self.me["id"]
        user = self.me if bot else chat.get("_members", {}).get(name)
        if user is None:
            refuse("member not found")
        if standing := chat.get("_standing", {}).get(name):  # a test sets it: {"status": "restricted", "is_member": False}
            return {"user": user, **standing}
        if name in chat.get("_admins", ()) or (bot and chat["id"] in self.admin_in):
            return {"status": "creator", "user": user, "is_anonymous": False}
        return {"status": "member", "user": user}

    def _create_topic(self, call: Call) -> Json:
        chat, name = self._chat(call.params), call.params.get("name", "")
        return {"message_thread_id": self.topic(chat, name), "name": name, "icon_color": 7322096}

    def topic(self, chat: Json, name: str) -> int:
        """A new topic of a forum; gives its message_thread_id."""
        thread = self._number(chat["id"])
        self.topics[chat["id"]][thread] = name
        return thread


def _open_entry(entries: dict[str, Json], name: object) -> Json:
    """The query of this id, if there is still time to answer it."""
    entry = entries.get(str(name))
    if entry is None or time.monotonic() > entry["until"]:
        refuse(TOO_OLD)
    return entry


def _scope(params: Json) -> tuple[str, str]:
    scope: Any = params.get("scope") or {"type": "default"}
    return json.dumps(scope, sort_keys=True), params.get("language_code") or ""
