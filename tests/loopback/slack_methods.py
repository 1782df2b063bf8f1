"""The methods of the Web API that the loopback Slack knows."""

from __future__ import annotations

import re
import time
import uuid
from collections import deque
from typing import TYPE_CHECKING, Any

from loopback.blockkit import Json, Problem, check_message, check_prompts, check_view
from loopback.slack_delivery import Delivering
from loopback.slack_state import APP, BOT, BOT_USER, KEPT, USER, Code, SlackError, kind_of, with_ids

if TYPE_CHECKING:
    from collections.abc import Callable

TRIGGER_LASTS = 3.0  # seconds; and it opens one view
BURST = 3  # seconds over which the rate of posts is taken
NAMED = re.compile(r"no_text|markdown_text_conflict|msg_blocks_too_long")  # problems that have an error code of their own


class Methods(Delivering):
    """`methods` gives a handler for each name: arguments to the fields of the answer. A KeyError is a missing argument."""

    methods: dict[str, Callable[[Json], Json | None]]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.methods = {
            "agents.sessions.rename": lambda args: _needs(args, "channel_id", "title"),
            "agents.sessions.setStatus": lambda args: {"status": args["status"], "channel_id": args["channel_id"]},
            "apps.connections.open": self._open_connection,
            "assistant.threads.setStatus": lambda args: _needs(args, "channel_id", "thread_ts", "status"),
            "assistant.threads.setSuggestedPrompts": self._set_prompts,
            "assistant.threads.setTitle": lambda args: _needs(args, "channel_id", "thread_ts", "title"),
            "auth.test": self._who_am_i,
            "chat.appendStream": self._append_stream,
            "chat.delete": self._delete,
            "chat.getPermalink": lambda args: {"permalink": f"https://fake.slack.com/archives/{args['channel']}/p{args['message_ts']}"},
            "chat.postEphemeral": self._post_ephemeral,
            "chat.postMessage": self._post,
            "chat.startStream": lambda args: {"ts": self._store(args["channel"], {**args, "text": _streamed(args)})["ts"]},
            "chat.stopStream": self._stop_stream,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.info": lambda args: {"channel": self._channel(args["channel"])},
            "conversations.join": lambda args: {"channel": self._channel(args["channel"])},
            "conversations.members": self._members,
            "conversations.open": lambda args: {"channel": {"id": self.dm_channel(args["users"].split(",")[0])}},
            "conversations.replies": self._history,
            "oauth.v2.access": self._install,
            "reactions.add": self._add_reaction,
            "reactions.remove": self._remove_reaction,
            "users.info": lambda args: {"user": self._user(args["user"])},
            "views.open": self._open_view,
            "views.publish": lambda args: self._keep_view(args["view"], f"home:{args['user_id']}"),
            "views.push": self._open_view,
            "views.update": self._update_view,
        }

    def _checked(self, method: str, problems: list[Problem], code: str = "invalid_blocks") -> None:
        """Keep the problems, and refuse the call if Slack would."""
        self.problems += [(method, problem) for problem in problems]
        wrong = [problem for problem in problems if problem.severity == "error"]
        if wrong and self.enforce:
            named = NAMED.match(wrong[0].what)
            told = [f"[ERROR] {problem.what} [json-pointer:/{problem.where}]" for problem in wrong]
            raise SlackError(named[0] if named else code, {"errors": told, "response_metadata": {"messages": told}})

    def _store(self, channel: str, args: Json, ephemeral_to: str | None = None) -> Json:
        """A new message of the bot, seen by all or by one person."""
        message: Json = {"type": "message", "channel": channel, "ts": self.ts(), "user": BOT_USER, "bot_id": BOT, "app_id": APP}
        message |= {key: args[key] for key in KEPT if args.get(key) is not None}
        if args.get("blocks"):
            message["blocks"] = with_ids(args["blocks"])
        if ephemeral_to:
            message["ephemeral_to"] = ephemeral_to
        self._notify(self._keep(message))
        if self.echo_bot_messages and not ephemeral_to:
            self._spawn(self._echo({**message, "channel_type": kind_of(channel), "event_ts": message["ts"], "team": self.team}))
        return message

    async def _echo(self, message: Json) -> None:
        await self.event(message)

    def _who_am_i(self, _: Json) -> Json:
        place = {"url": "https://fake.slack.com/", "team": "Fake", "team_id": self.team}
        return {**place, "user": "bot", "user_id": BOT_USER, "bot_id": BOT}

    def _open_connection(self, _: Json) -> Json:
        ticket = uuid.uuid4().hex
        self._tickets.add(ticket)
        return {"url": f"ws{self.url.removeprefix('http')}/link?ticket={ticket}&app_id={APP}"}

    def _install(self, _: Json) -> Json:
        token, team = f"xoxb-installed-{next(self._ids)}", f"T{next(self._ids):08d}"
        self.tokens[token] = team
        app = {"token_type": "bot", "scope": "chat:write", "bot_user_id": BOT_USER, "app_id": APP, "authed_user": {"id": USER}}
        return {**app, "access_token": token, "team": {"id": team, "name": team}, "enterprise": None, "is_enterprise_install": False}

    def _post(self, args: Json) -> Json:
        channel = self.dm_channel(args["channel"]) if args["channel"][0] == "U" else args["channel"]
        if not re.fullmatch(r"[CDG][A-Z0-9]+", channel):
            raise SlackError(Code.CHANNEL_NOT_FOUND)
        self._not_archived(channel)
        self._meter(channel)
        self._checked("chat.postMessage", check_message(args))
        message = self._store(channel, args)
        return {"channel": channel, "ts": message["ts"], "message": message}

    def _not_archived(self, channel: str) -> None:
        if self._channel(channel)["is_archived"]:
            raise SlackError(Code.IS_ARCHIVED)

    def _meter(self, channel: str) -> None:
        """A channel takes about a message a second; short bursts go through."""
        stamps = self._buckets.setdefault(channel, deque())
        while stamps and time.monotonic() - stamps[0] > BURST:
            stamps.popleft()
        if self.post_rate and len(stamps) >= BURST * self.post_rate:
            raise SlackError(Code.RATELIMITED)
        stamps.append(time.monotonic())

    def _post_ephemeral(self, args: Json) -> Json:
        self._not_archived(args["channel"])
        self._checked("chat.postEphemeral", check_message(args))
        return {"message_ts": self._store(args["channel"], args, args["user"])["ts"]}

    def _mine(self, args: Json) -> Json:
        message = self.messages.get((args["channel"], args["ts"]))
        if message is None or message.get("deleted") or message.get("ephemeral_to"):
            raise SlackError(Code.MESSAGE_NOT_FOUND)
        if not message.get("bot_id"):
            raise SlackError(Code.CANT_UPDATE_MESSAGE)
        return message

    def _update(self, args: Json) -> Json:
        message = self._mine(args)
        self._checked("chat.update", check_message(args))
        self._replace(message, args)
        return {"channel": args["channel"], "ts": args["ts"], "text": message.get("text"), "message": message}

    def _delete(self, args: Json) -> Json:
        self._mine(args)["deleted"] = True
        return {"channel": args["channel"], "ts": args["ts"]}

    def _append_stream(self, args: Json) -> None:
        message = self._mine(args)
        self._replace(message, {"text": message["text"] + _streamed(args)})

    def _stop_stream(self, args: Json) -> None:
        self._append_stream(args)
        self._checked("chat.stopStream", check_message({"text": "x", "blocks": args.get("blocks")}))
        self._replace(self._mine(args), {"blocks": args.get("blocks")})

    def _history(self, args: Json) -> Json:
        """What was said in a channel, newest first and without replies in threads; or a thread, oldest first."""
        root, oldest = args.get("ts"), float(args.get("oldest", 0))
        here = [message for message in self.messages.values() if message["channel"] == args["channel"] and not message.get("deleted")]
        seen = [message for message in here if float(message["ts"]) > oldest and not message.get("ephemeral_to")]
        thread = [message for message in seen if root in (message["ts"], message.get("thread_ts"))]
        whole = [message for message in seen if message.get("thread_ts") in (None, message["ts"])][::-1]
        found, cursor = _paged(thread if root else whole, args, 100)
        shown = found if args.get("include_all_metadata") else [_without(message, "metadata") for message in found]
        return {"messages": shown, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}

    def _members(self, args: Json) -> Json:
        """Who is in a channel: whom a test has put there, else everybody."""
        everybody = [BOT_USER, *self.users]
        found, cursor = _paged(self._channel(args["channel"]).get("members", everybody), args, 100)
        return {"members": found, "response_metadata": {"next_cursor": cursor}}

    def _add_reaction(self, args: Json) -> None:
        self._reactions(args).append(args["name"])

    def _remove_reaction(self, args: Json) -> None:
        reactions = self._reactions(args)
        if args["name"] not in reactions:
            raise SlackError(Code.NO_REACTION)
        reactions.remove(args["name"])

    def _reactions(self, args: Json) -> list[str]:
        message = self.messages.get((args["channel"], args["timestamp"]))
        if message is None:
            raise SlackError(Code.MESSAGE_NOT_FOUND)
        reactions: list[str] = message.setdefault("reactions_by_bot", [])
        return reactions

    def _open_view(self, args: Json) -> Json:
        begun = self._triggers.pop(args["trigger_id"], None)
        if begun is None or time.monotonic() - begun > TRIGGER_LASTS:
            raise SlackError(Code.EXPIRED_TRIGGER_ID)
        return self._keep_view(args["view"], f"V{next(self._ids):08d}")

    def _update_view(self, args: Json) -> Json:
        known = self.views.get(args["view_id"])
        if known is None:
            raise SlackError(Code.NOT_FOUND)
        if args.get("hash") not in (None, known["hash"]):
            raise SlackError(Code.HASH_CONFLICT)
        return self._keep_view(args["view"], args["view_id"])

    def _keep_view(self, view: Json, name: str) -> Json:
        self._checked("views", check_view(view), "invalid_arguments")
        own = {"id": name, "hash": uuid.uuid4().hex[:8], "team_id": self.team, "app_id": APP, "bot_id": BOT}
        self.views[name] = {**view, "blocks": with_ids(view.get("blocks") or []), **own}
        return {"view": self.views[name]}

    def _set_prompts(self, args: Json) -> None:
        _needs(args, "channel_id", *([] if self.agent_view else ["thread_ts"]))
        self._checked("assistant.threads.setSuggestedPrompts", check_prompts(args, agent_view=self.agent_view), "invalid_arguments")


def _paged(things: list[Any], args: Json, page: int) -> tuple[list[Any], str]:
    """The things on a page, and the cursor of the next one; empty if there is none."""
    first, many = int(args.get("cursor") or 0), int(args.get("limit", page))
    return things[first : first + many], str(first + many) if first + many < len(things) else ""


def _without(message: Json, *keys: str) -> Json:
    return {key: value for key, value in message.items() if key not in keys}


def _needs(args: Json, *names: str) -> None:
    for name in names:
        args[name]


def _streamed(args: Json) -> str:
    return (args.get("markdown_text") or "") + "".join(chunk.get("text", "") for chunk in args.get("chunks") or [])
