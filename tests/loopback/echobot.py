"""A small bot of bolt in the process of the test, and a loopback Slack that reaches it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from loopback.slack import FakeSlack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Scenario = Callable[[FakeSlack, "EchoBot"], Awaitable[None]]

Json = dict[str, Any]
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "text"}}
AGAIN = {"type": "button", "action_id": "again", "value": "value", "text": {"type": "plain_text", "text": "Again"}}


class EchoBot:
    """Says what it hears, once for each ts; `deaf` is how many events it takes and does not ack."""

    def __init__(self, slack: FakeSlack) -> None:
        self.heard: list[Json] = []
        self.client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[AsyncRateLimitErrorRetryHandler()])
        self.app = AsyncApp(client=self.client, signing_secret=slack.signing_secret, process_before_response=True)
        self.deaf = 0
        self.app.middleware(self.maybe_deaf)
        for kind in ("message", "app_mention"):
            self.app.event(kind)(self.echo)
        self.app.event("member_joined_channel")(self.note)
        self.app.action("again")(self.pressed)
        self.app.command("/whisper")(self.whisper)

    async def maybe_deaf(self, next: Callable[[], Awaitable[None]]) -> Any:  # noqa: A002, ANN401 - bolt goes by the name
        if self.deaf:
            self.deaf -= 1
            await asyncio.sleep(0.3)
        await next()

    async def note(self, event: Json) -> None:
        self.heard.append(event)

    async def echo(self, event: Json) -> None:
        known = [one.get("ts") for one in self.heard]
        self.heard.append(event)
        if event["ts"] in known or "bot_id" in event or "subtype" in event:
            return
        blocks = [SECTION, {"type": "actions", "elements": [AGAIN]}]
        await self.client.chat_postMessage(channel=event["channel"], text=f"echo: {event['text']}", blocks=blocks, thread_ts=event["ts"])

    async def pressed(self, ack: Any, respond: Any, body: Json) -> None:  # noqa: ANN401 - bolt's
        await ack()
        self.heard.append(body)
        await respond(text="pressed", replace_original=True)

    async def whisper(self, ack: Any, body: Json) -> None:  # noqa: ANN401 - bolt's
        await ack("one moment")
        await self.client.chat_postEphemeral(
            channel=body["channel_id"],
            user=body["user_id"],
            text="psst",
            thread_ts="17.3",
            blocks=[{"type": "actions", "elements": [AGAIN]}],
        )


@asynccontextmanager
async def living(mode: str, **how: Any) -> AsyncIterator[tuple[FakeSlack, EchoBot]]:  # noqa: ANN401 - what FakeSlack takes
    """A Slack and a bot that it reaches."""
    async with FakeSlack(**{"retry_delays": (0.0, 0.1), **how}) as slack:
        bot = EchoBot(slack)
        if mode == "socket":
            handler = AsyncSocketModeHandler(bot.app, slack.app_token, ping_interval=1)
            handler.client.web_client.base_url = slack.api_url
            await handler.connect_async()
            await slack.connected()
            try:
                yield slack, bot
            finally:
                await handler.close_async()
            return
        runner = web.AppRunner(bot.app.web_app(path="/slack/events"), access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.http_target = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        try:
            yield slack, bot
        finally:
            await runner.cleanup()


def live(scenario: Scenario, mode: str = "socket", **how: object) -> None:
    """Run a scenario with both, and stop them."""

    async def main() -> None:
        async with living(mode, **how) as (slack, bot):
            await scenario(slack, bot)

    asyncio.run(main())
