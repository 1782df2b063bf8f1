"""The requests the bot makes: Web API calls and posts to a response_url, taken, answered or spoiled."""

from __future__ import annotations

import asyncio
import json
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

from loopback.blockkit import Json, check_message
from loopback.slack_methods import Methods
from loopback.slack_state import Call, Code, Fault, SlackError

if TYPE_CHECKING:
    from collections.abc import Callable

JSON_ARGS = ("blocks", "attachments", "view", "prompts", "metadata", "loading_messages", "chunks")  # JSON also within a form


class WebApi(Methods):
    """Records each request, and lets it go wrong if a fault waits for it."""

    async def _api(self, request: web.Request) -> web.Response:
        args: Json = dict(request.query)
        args |= await request.json() if request.content_type == "application/json" else dict(await request.post())
        args |= {name: json.loads(args[name]) for name in JSON_ARGS if isinstance(args.get(name), str)}
        token = args.pop("token", None) or request.headers.get("Authorization", "").removeprefix("Bearer ") or None
        call = Call(request.match_info["method"], args, token, time.monotonic())
        if (fault := await self._served(call, self._answer)) and (fault.drop or fault.drop_before):
            return _cut(request)
        headers = {"Retry-After": str(fault.retry_after if fault else 1)} if call.status == HTTPStatus.TOO_MANY_REQUESTS else {}
        return web.json_response(call.reply, status=call.status, headers=headers)

    async def _respond(self, request: web.Request) -> web.Response:
        """A post to a response_url: a new message (ephemeral if not told otherwise), or the original replaced or deleted."""
        key = request.match_info["key"]
        call = Call("response_url", await request.json(), None, time.monotonic())
        if (fault := await self._served(call, lambda call: self._responded(key, call))) and (fault.drop or fault.drop_before):
            return _cut(request)
        return web.Response(text="ok" if call.reply["ok"] else call.reply["error"], status=call.status)

    async def _served(self, call: Call, act: Callable[[Call], None]) -> Fault | None:
        """Let the call take effect unless a fault forbids it; gives the fault."""
        if self.record:
            self.calls.append(call)
        waiting = self._faults.get(call.method)
        fault = waiting.popleft() if waiting else None
        if fault is None or fault.drop:
            act(call)
        else:
            call.status = fault.status
            call.reply = {"ok": False, "error": Code.RATELIMITED if call.status == HTTPStatus.TOO_MANY_REQUESTS else fault.error}
        if fault:
            await asyncio.sleep(fault.delay)
            if fault.drop or fault.drop_before:
                call.status = 0
        self._notify(call)
        return fault

    def _answer(self, call: Call) -> None:
        try:
            call.reply = {"ok": True, **self._acted(call)}
        except SlackError as refused:
            call.reply = refused.answer
        except KeyError as missing:
            told = [f"[ERROR] missing {missing}"]
            call.reply = {"ok": False, "error": "invalid_arguments", "response_metadata": {"messages": told}}
        if call.reply.get("error") == Code.RATELIMITED:
            call.status = HTTPStatus.TOO_MANY_REQUESTS

    def _acted(self, call: Call) -> Json:
        handler = self.methods.get(call.method)
        if handler is None:
            raise SlackError(Code.UNKNOWN_METHOD, {"req_method": call.method})
        known = [self.app_token] if call.method == "apps.connections.open" else self.tokens
        if call.method != "oauth.v2.access" and call.token not in known:
            raise SlackError(Code.INVALID_AUTH if call.token else "not_authed")
        channel = call.args.get("channel") or call.args.get("channel_id")
        if channel in self.channel_errors:
            raise SlackError(self.channel_errors[channel])
        return handler(call.args) or {}

    def _responded(self, key: str, call: Call) -> None:
        spot, args = self._responders.get(key), call.args
        if spot is None or spot.left <= 0:
            call.status, call.reply = HTTPStatus.NOT_FOUND, {"ok": False, "error": "expired_url"}
            return
        spot.left -= 1
        call.reply = {"ok": True}
        source = self.messages.get((spot.channel, spot.ts)) if spot.ts else None
        if not args.get("delete_original"):
            self.problems += [("response_url", problem) for problem in check_message(args)]
        if source and args.get("delete_original"):
            source["deleted"] = True
        elif source and args.get("replace_original"):
            self._replace(source, args)
        else:
            self._store(spot.channel, args, None if args.get("response_type") == "in_channel" else spot.user)


def _cut(request: web.Request) -> web.Response:
    """Close the connection under the answer: the client cannot know what became of its call."""
    if request.transport:
        request.transport.close()
    return web.Response()
