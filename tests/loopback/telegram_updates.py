"""How the loopback Telegram tells the bot: by getUpdates or by its webhook, and again until the bot confirms."""

from __future__ import annotations

import asyncio
import json
import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp

from loopback.telegram_state import ASKED_FOR, DAY, UPDATES, Call, Pending, State, Webhook
from loopback.telegram_text import ApiError, Json, refuse

if TYPE_CHECKING:
    from collections import deque

MOST_UPDATES, LONGEST_POLL, LONGEST_RETRY = 100, 50, 60  # the latter two in seconds


class Updates(State):
    """Updates wait in `pending` until a higher offset or a 2xx of the webhook confirms them, or they expire."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.methods |= {
            "deletewebhook": lambda call: self._set_webhook(call.params, "", ""),
            "getupdates": self._get_updates,
            "getwebhookinfo": self._webhook_info,
            "setwebhook": lambda call: self._set_webhook(call.params, call.params.get("url") or "", call.params.get("secret_token") or ""),
        }

    def _push(self, kind: str, body: Json, queue: int, ttl: float = DAY) -> int | None:
        """Tell the bot; gives the update id, or None if allowed_updates leaves this kind out."""
        if kind not in self.allowed:
            return None
        self._update_id += 1
        item = Pending({"update_id": self._update_id, kind: body}, (kind, queue), time.monotonic() + ttl)
        self.pending[self._update_id] = item
        self._news.set()
        if self.webhook.url:
            self._enqueue(item)
        return self._update_id

    def _allow(self, params: Json) -> None:
        wanted = params.get("allowed_updates")
        if isinstance(wanted, list):
            self.allowed = UPDATES & set(wanted) if wanted else UPDATES - ASKED_FOR

    async def _get_updates(self, call: Call) -> list[Json]:
        params = call.params
        if self.webhook.url:
            text = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            raise ApiError(409, f"Conflict: {text}")
        offset, limit = int(params.get("offset") or 0), max(1, min(MOST_UPDATES, int(params.get("limit") or MOST_UPDATES)))
        self._allow(params)
        now = time.monotonic()
        gone = list(self.pending)[:offset] if offset < 0 else []
        for uid in [*gone, *(uid for uid, item in self.pending.items() if uid < offset or item.expires < now)]:
            self.pending.pop(uid, None)
        if not self.pending:
            await self._poll_until(now + min(LONGEST_POLL, int(params.get("timeout") or 0)))
        return [item.update for uid, item in list(self.pending.items())[:limit] if uid >= offset]

    async def _poll_until(self, deadline: float) -> None:
        """Wait for an update. Raises ApiError if someone else polls meanwhile, or a webhook is set."""
        if time.monotonic() >= deadline:
            return
        self._end_poll(ApiError(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"))
        mine = self._poll = asyncio.get_running_loop().create_future()
        while not self.pending and (left := deadline - time.monotonic()) > 0:
            self._news.clear()
            news = asyncio.ensure_future(self._news.wait())
            await asyncio.wait({news, mine}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
            if mine.done():
                mine.result()  # raises
        mine.cancel()

    def _end_poll(self, why: ApiError) -> None:
        if self._poll and not self._poll.done():
            self._poll.set_exception(why)

    def _set_webhook(self, params: Json, url: str, secret: str) -> bool:
        if url and not re.match(r"https?://[^/]+", url):
            refuse("invalid webhook URL specified")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            refuse("secret token contains unallowed characters")
        if url:
            self._end_poll(ApiError(409, "Conflict: terminated by setWebhook request"))
        self._allow(params)
        self.webhook = Webhook(url, secret, int(params.get("max_connections") or 40))
        self._slots = asyncio.Semaphore(self.webhook.connections)
        if str(params.get("drop_pending_updates")).lower() == "true":
            self.pending.clear()
        for item in self.pending.values() if url else ():
            self._enqueue(item)
        return True

    def _webhook_info(self, _: Call) -> Json:
        hook = self.webhook
        info = {"url": hook.url, "has_custom_certificate": False, "pending_update_count": len(self.pending)}
        if hook.url:
            info |= {"max_connections": hook.connections, "allowed_updates": sorted(self.allowed)}
        if hook.last_error:
            info |= {"last_error_date": int(time.time()), "last_error_message": hook.last_error}
        return info

    def _enqueue(self, item: Pending) -> None:
        queue = self.webhook.queues[item.queue]
        queue.append(item)
        if len(queue) == 1:
            task = asyncio.create_task(self._deliver(self.webhook, queue))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, hook: Webhook, queue: deque[Pending]) -> None:
        """Post a queue in order: the next update waits for a 2xx to the one before."""
        delay = self.retry_base
        while queue and hook is self.webhook:
            update = queue[0].update
            status, body, retry_after = await self._posted(hook, update)
            hook.deliveries.append((update["update_id"], status))
            if isinstance(status, int) and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
                queue.popleft()
                self.pending.pop(update["update_id"], None)
                delay = self.retry_base
                await self._take_reply(body)
                self._activity.set()
                continue
            hook.last_error = f"Wrong response from the webhook: {status}"
            self._activity.set()
            await asyncio.sleep(retry_after or delay)
            delay = min(LONGEST_RETRY, delay * 2)

    async def _posted(self, hook: Webhook, update: Json) -> tuple[int | str, str, float]:
        """Status (or the name of the exception), body and Retry-After of the answer."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        try:
            async with self._slots, self._http.post(hook.url, json=update, headers=headers) as answer:
                return answer.status, await answer.text(), float(answer.headers.get("Retry-After", 0))
        except (aiohttp.ClientError, TimeoutError, OSError) as failed:
            return type(failed).__name__, "", 0.0

    async def _take_reply(self, body: str) -> None:
        """A bot may make a call in its answer to the webhook; it is not told what becomes of it."""
        try:
            reply = json.loads(body)
        except ValueError:
            return
        if not isinstance(reply, dict) or "method" not in reply:
            return
        call = Call(reply.pop("method"), reply, time.monotonic())
        self.calls.append(call)
        try:
            await self._run(call)
        except ApiError as refused:
            call.status, call.error = refused.code, refused.text
