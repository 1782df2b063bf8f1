"""How the loopback Slack tells the bot: over Socket Mode or by signed POSTs, and again when nobody acks."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
import urllib.parse
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

from loopback.blockkit import Json, Problem
from loopback.slack_state import APP, BOT_USER, Attempt, Delivery, State

if TYPE_CHECKING:
    from collections.abc import Mapping

HTTP_REASONS = {"timeout": "http_timeout", "connection_failed": "connection_failed"}  # else http_error


class Delivering(State):
    """Events, interactions and commands on their way to the bot. Only events are delivered again."""

    async def event(self, event: Mapping[str, object], team: str | None = None, **wrapper: object) -> Delivery:
        """Any event of the Events API in Slack's wrapper; keywords override its fields (authorizations, is_ext_shared_channel ...)."""
        team = team or self.team
        channel = event.get("channel")
        shared = self._channel(channel)["is_ext_shared"] if isinstance(channel, str) and channel else False
        return await self.deliver(
            "events_api",
            {
                "token": "verif",
                "team_id": team,
                "context_team_id": team,
                "context_enterprise_id": None,
                "api_app_id": APP,
                "event": event,
                "type": "event_callback",
                "event_id": f"Ev{next(self._ids):08d}",
                "event_time": int(time.time()),
                "authorizations": [
                    {"enterprise_id": None, "team_id": team, "user_id": BOT_USER, "is_bot": True, "is_enterprise_install": False}
                ],
                "is_ext_shared_channel": shared,
                "event_context": "4-fake",
                **wrapper,
            },
        )

    async def deliver(self, kind: str, payload: Json) -> Delivery:
        """Begin to deliver any payload; a later change of what it was made from does not change it."""
        delivery = Delivery(kind, json.loads(json.dumps(payload)))
        if self.record:
            self.deliveries.append(delivery)
        self._spawn(self._run(delivery))
        return delivery

    async def repeat(self, delivery: Delivery) -> Delivery:
        """Deliver the same payload (the same event_id) once more: Slack may do so even after an ack."""
        return await self.deliver(delivery.kind, delivery.payload)

    def sign(self, body: str, at: float | None = None) -> dict[str, str]:
        """The headers that sign a raw body; `at` (seconds since the epoch) makes them old."""
        stamp = str(int(at or time.time()))
        mac = hmac.new(self.signing_secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}

    async def _run(self, delivery: Delivery) -> None:
        for delay in (0.0, *self.retry_delays) if delivery.kind == "events_api" else (0.0,):
            await asyncio.sleep(delay)
            before = delivery.attempts[-1].outcome if delivery.attempts else ""
            attempt = Attempt(time.monotonic())
            delivery.attempts.append(attempt)
            if self.http_target:
                await self._by_http(delivery, attempt, before)
            else:
                await self._by_socket(delivery, attempt)
            if attempt.outcome == "ok" or attempt.outcome.endswith("!"):
                break
        delivery.finished.set()

    async def _by_socket(self, delivery: Delivery, attempt: Attempt) -> None:
        live = [socket for socket in self._sockets if not socket.closed]
        if not live:
            attempt.outcome = "no_connection"
            await asyncio.sleep(self.ack_timeout)  # Slack has no ack then, and waits for it as always
            return
        number, is_event = len(delivery.attempts) - 1, delivery.kind == "events_api"
        name, answered = str(uuid.uuid4()), asyncio.Event()
        envelope: Json = {"envelope_id": name, "type": delivery.kind, "payload": delivery.payload, "accepts_response_payload": not is_event}
        if is_event:
            envelope |= {"retry_attempt": number, "retry_reason": "timeout" if number else ""}
        self._pending[name] = (delivery, attempt, answered)  # stays when time is out: a late ack is no error
        try:
            attempt.sent = time.monotonic()
            await live[next(self._turn) % len(live)].send_str(json.dumps(envelope))
            async with asyncio.timeout(self.ack_timeout):
                await answered.wait()
            attempt.outcome = "ok"
        except TimeoutError:
            attempt.outcome = "timeout"
        except ConnectionError:
            attempt.outcome = "connection_failed"

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        """A Socket Mode connection, from hello to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.discard(ticket)  # one ticket opens one connection
        socket = web.WebSocketResponse(timeout=1)
        await socket.prepare(request)
        self._sockets[socket] = request
        self.connections += 1
        self._opened.set()
        hello = {"type": "hello", "num_connections": len(self._sockets), "connection_info": {"app_id": APP}}
        try:
            await socket.send_json({**hello, "debug_info": {"host": "fake", "approximate_connection_time": 3600}})
            async for frame in socket:
                self._acked(frame.data)
        finally:
            self._sockets.pop(socket, None)
        return socket

    def _acked(self, frame: str) -> None:
        answer = json.loads(frame)
        pending = self._pending.pop(answer.get("envelope_id"), None)
        if pending is None:
            self.problems.append(("socket", Problem("error", "envelope_id", f"unknown or acked twice: {frame[:200]}")))
            return
        delivery, attempt, answered = pending
        attempt.acked = time.monotonic()
        delivery.response = answer.get("payload", delivery.response)
        answered.set()

    async def _by_http(self, delivery: Delivery, attempt: Attempt, before: str) -> None:
        is_event = delivery.kind == "events_api"
        form = delivery.payload if delivery.kind == "slash_commands" else {"payload": json.dumps(delivery.payload)}
        body = json.dumps(delivery.payload) if is_event else urllib.parse.urlencode(form)
        headers = self.sign(body) | {"Content-Type": "application/json" if is_event else "application/x-www-form-urlencoded"}
        if before:
            headers["X-Slack-Retry-Num"] = str(len(delivery.attempts) - 1)
            headers["X-Slack-Retry-Reason"] = HTTP_REASONS.get(before, "http_error")
        limit = aiohttp.ClientTimeout(total=self.ack_timeout)
        try:
            attempt.sent = time.monotonic()
            async with self._http.post(str(self.http_target), data=body, headers=headers, timeout=limit) as response:
                text = await response.text()
                attempt.acked = time.monotonic()
                stop = "!" if "X-Slack-No-Retry" in response.headers else ""
                attempt.outcome = "ok" if response.status < HTTPStatus.MULTIPLE_CHOICES else f"http_{response.status}{stop}"
                delivery.response = json.loads(text) if text and "json" in response.content_type else text
        except TimeoutError:
            attempt.outcome = "timeout"
        except aiohttp.ClientError:
            attempt.outcome = "connection_failed"
