"""What people do in the loopback Slack: write, edit, press, open, submit, come in."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from loopback.blockkit import Json, elements_of
from loopback.slack_delivery import Delivering
from loopback.slack_state import APP, BOT_USER, GENERAL, USER, Delivery, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class People(Delivering):
    """Each act gives the Delivery that tells the bot of it; it is under way, and `done()` waits for its end."""

    async def dm(self, text: str, user: str = USER, **event: object) -> Delivery:
        """Someone writes to the bot directly."""
        return await self.say(self.dm_channel(user), text, user, **event)

    async def say(self, channel: str, text: str, user: str = USER, **event: object) -> Delivery:
        """Someone writes in a channel; keywords go into the event (thread_ts, subtype, bot_id, user_team ...)."""
        return await self.event(self.user_message(channel, text, user, **event))

    async def mention(self, text: str, channel: str = GENERAL, user: str = USER, *, twin: bool = False, **event: object) -> Delivery:
        """`@bot text` in a channel; `twin` adds the message event that Slack sends beside app_mention to a bot that reads the channel."""
        message = self.user_message(channel, f"<@{BOT_USER}> {text}", user, **event)
        if twin:
            await self.event(message)
        return await self.event({**{key: value for key, value in message.items() if key != "channel_type"}, "type": "app_mention"})

    def user_message(self, channel: str, text: str, user: str = USER, **event: object) -> Json:
        """The message event of a person, kept but not delivered."""
        ts = self.ts()
        above = self.messages.get((channel, str(event.get("thread_ts", ""))))
        event = {**({"parent_user_id": above["user"]} if above else {}), **event}
        message = {"type": "message", "user": user, "text": text, "ts": ts, "event_ts": ts, "channel": channel, "team": self.team}
        return self._keep({**message, "channel_type": kind_of(channel), "client_msg_id": str(uuid.uuid4()), **event})

    async def edit(self, message: Json, text: str | None) -> Delivery:
        """The author edits a message, or deletes it (None). Give the message, or the event that told of it."""
        channel, now = message["channel"], self.ts()
        kept = self.messages.get((channel, message["ts"]), message)
        old = dict(kept)
        event: Json = {"type": "message", "channel": channel, "channel_type": kind_of(channel), "ts": now, "event_ts": now, "hidden": True}
        if text is None:
            kept["deleted"] = True
            return await self.event({**event, "subtype": "message_deleted", "deleted_ts": old["ts"], "previous_message": old})
        kept |= {"text": text, "edited": {"user": kept["user"], "ts": now}}
        return await self.event({**event, "subtype": "message_changed", "message": kept, "previous_message": old})

    async def joined(self, channel: str, user: str = BOT_USER) -> Delivery:
        """Someone (the bot itself, if not told otherwise) comes into a channel; alice has invited the bot."""
        event: Json = {"type": "member_joined_channel", "user": user, "channel": channel, "channel_type": channel[0], "team": self.team}
        return await self.event(event | {"event_ts": self.ts()} | ({"inviter": USER} if user == BOT_USER else {}))

    async def slash(self, command: str, text: str = "", user: str = USER, channel: str = GENERAL) -> Delivery:
        """Someone gives a slash command."""
        place = self._place(channel)
        return await self.deliver(
            "slash_commands",
            {
                "token": "verif",
                "team_id": self.team,
                "team_domain": "fake",
                "channel_id": channel,
                "channel_name": place["name"],
                "user_id": user,
                "user_name": self._user(user)["name"],
                "command": command,
                "text": text,
                "api_app_id": APP,
                "is_enterprise_install": "false",
                "response_url": self._response_url(channel, user),
                "trigger_id": self._trigger(),
            },
        )

    async def press(
        self, source: Json, action_id: str = ".*", label: str | None = None, value: str | None = None, user: str = USER, **extra: object
    ) -> Delivery:
        """Press the first thing in a message or view whose action_id (a regular expression), label and value fit: a button, a thumb,
        an option of a menu.

        Keywords go into the action (selected_option ...). Raises LookupError, with what there is to press.
        """
        for block, element, part in to_press(source):
            fits = label in (None, (part.get("text") or {}).get("text")) and value in (None, part.get("value"))
            if fits and re.fullmatch(action_id, element.get("action_id", "")):
                action: Json = {"type": element["type"], "action_id": element.get("action_id"), "block_id": block.get("block_id")}
                action |= {"action_ts": self.ts(), **carried(element, part), **extra}
                return await self.deliver("interactive", self._pressed(source, action, user))
        there = [(element.get("type"), element.get("action_id"), part.get("value")) for _, element, part in to_press(source)]
        message = f"nothing to press; there is {there}"
        raise LookupError(message)

    def _pressed(self, source: Json, action: Json, user: str) -> Json:
        body = {**self._body("block_actions", user), "trigger_id": self._trigger(), "actions": [action], "state": {"values": {}}}
        if "ts" not in source:
            return {**body, "container": {"type": "view", "view_id": source["id"]}, "view": source}
        channel, hidden = source["channel"], bool(source.get("ephemeral_to"))
        container = {"type": "message", "message_ts": source["ts"], "channel_id": channel, "is_ephemeral": hidden}
        if source.get("thread_ts"):  # of an ephemeral message this is all that tells of the thread
            container["thread_ts"] = source["thread_ts"]
        body |= {"container": container, "channel": self._place(channel), "response_url": self._response_url(channel, user, source["ts"])}
        return body if hidden else {**body, "message": source}  # Slack sends no body of an ephemeral message

    async def shortcut(self, callback_id: str, message: Json | None = None, user: str = USER) -> Delivery:
        """A shortcut on a message, or a global one without it."""
        body = self._body("message_action" if message else "shortcut", user)
        body |= {"callback_id": callback_id, "trigger_id": self._trigger(), "action_ts": self.ts()}
        if message:
            channel = message["channel"]
            body |= {"message": message, "message_ts": message["ts"], "channel": self._place(channel)}
            body["response_url"] = self._response_url(channel, user)
        return await self.deliver("interactive", body)

    async def submit(self, view: Json, values: Mapping[str, object] | None = None, user: str = USER, *, close: bool = False) -> Delivery:
        """Submit (or close) a modal; `values` are {block_id: {action_id: {"type": ..., "value": ...}}}."""
        body = self._body("view_closed" if close else "view_submission", user)
        body |= {"view": {**view, "state": {"values": values or {}}}, "trigger_id": self._trigger(), "response_urls": []}
        return await self.deliver("interactive", body)

    async def open_home(self, user: str = USER, tab: str = "home", entities: list[Json] | None = None) -> Delivery:
        """Open the Home tab or (tab="messages") the direct messages: the start of a chat under agent_view."""
        event: Json = {"type": "app_home_opened", "user": user, "channel": self.dm_channel(user), "tab": tab, "event_ts": self.ts()}
        return await self.event(event | ({"context": {"entities": entities}} if entities else {}))

    async def assistant_thread_started(self, user: str = USER, channel: str = GENERAL) -> Delivery:
        """Open the assistant beside a channel; only under the older assistant_view."""
        context = {"channel_id": channel, "team_id": self.team, "enterprise_id": None}
        thread = {"user_id": user, "channel_id": self.dm_channel(user), "thread_ts": self.ts(), "context": context}
        return await self.event({"type": "assistant_thread_started", "event_ts": self.ts(), "assistant_thread": thread})


def to_press(source: Json) -> Iterator[tuple[Json, Json, Json]]:
    """Block, element, and what is pressed of it: one of two sides, one of its options, or the element itself."""
    for block in source.get("blocks") or []:
        for element in elements_of(block):
            sides = [element[side] for side in ("positive_button", "negative_button") if side in element]
            for part in sides or element.get("options") or [element]:
                yield block, element, part


def carried(element: Json, part: Json) -> Json:
    """What the action tells of what was pressed of an element."""
    shown: Json = {key: part[key] for key in ("text", "value") if key in part}
    placeholder = {"placeholder": element["placeholder"]} if "placeholder" in element else {}
    return {**placeholder, "selected_option": shown} if "options" in element else shown
