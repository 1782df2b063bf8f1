"""The bot at work in a loopback Slack, in this process: over a socket or over HTTP, on the bakery's knowledge."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot import assembly
from bot.serve import web
from bot.serve.supervisor import Supervisor
from bot.settings import Settings
from bot.telemetry.metrics import Metrics
from loopback.slack import FakeSlack
from loopback.slack_people import to_press
from loopback.slack_state import BOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from bot.assembly import Bot
    from bot.channels.slack.channel import Slack
    from bot.delivery.gateway import EventGateway
    from bot.store.store import Store
    from loopback.slack_state import Delivery as Told

Json = dict[str, Any]
DESK, OTHER = "C0DESK", "C0OTHER"
SLOWEST_ACK = 0.5


@dataclass
class House:
    """The bot in Slack. `new` gives what it has said since the last look."""

    slack: FakeSlack
    channel: Slack
    gateway: EventGateway
    store: Store
    looked: set[tuple[str, str]] = field(default_factory=set)

    async def after(self, telling: Awaitable[Told]) -> list[Json]:
        """What the bot says once something was told to it, taken in and worked on."""
        await (await telling).done()
        await self.gateway.settled()
        return self.new()

    async def one(self, telling: Awaitable[Told]) -> Json:
        """The one message that the bot says."""
        (message,) = await self.after(telling)
        return message

    def new(self) -> list[Json]:
        said = {key: message for key, message in self.slack.messages.items() if message.get("bot_id") == BOT and key not in self.looked}
        self.looked |= {*said}
        return list(said.values())

    async def view(self, telling: Awaitable[Told], method: str = "views.open") -> Json:
        """The view that the bot shows once something was told to it."""
        before = len(self.shown(method))
        await (await telling).done()
        await self.slack.wait_call(method, lambda _: len(self.shown(method)) > before)
        answer: Json = self.shown(method)[-1].reply["view"]
        return answer

    async def answered(self, post: Json, text: str, user: str = "U0DORA") -> list[Json]:
        """What the bot says once somebody at the desk has answered the question of a post."""
        window = await self.view(self.slack.press(post, label="Answer", user=user))
        return await self.after(self.slack.submit(window, {"desk_answer": {"value": {"value": text}}}, user=user))

    def shown(self, method: str) -> list[Any]:
        return [call for call in self.slack.calls if call.method == method]

    async def clean(self) -> None:
        """Nothing was refused, everything was acknowledged, and soon; what Slack tells of the bot's own messages comes a little later."""
        await asyncio.gather(*(told.done() for told in self.slack.deliveries))
        assert self.slack.errors() == []
        assert [told.payload for told in self.slack.deliveries if told.ack_delay is None] == []
        assert max(told.ack_delay for told in self.slack.deliveries) < SLOWEST_ACK


@asynccontextmanager
async def running(bot: Bot, directory: Path, mode: str = "socket", slack: FakeSlack | None = None, **more: object) -> AsyncIterator[House]:
    """A house that is open while the block runs; `more` are settings. Over a socket it serves its health only where a `port` is given."""
    supervisor = Supervisor()
    async with AsyncExitStack() as stack:
        slack = slack or await stack.enter_async_context(FakeSlack(echo_bot_messages=True, retry_delays=(0.05, 0.1, 0.2), ack_timeout=1.0))
        wanted = {
            "desk": f"slack:{DESK}",
            "slack_bot_token": slack.bot_token,
            "slack_app_token": slack.app_token if mode == "socket" else None,
            "slack_signing_secret": slack.signing_secret,
            "slack_api_url": slack.api_url,
        }
        settings = Settings(data_dir=directory, **{"port": free_port(), **wanted, **more})
        store = stack.enter_context(assembly.opened_store(settings, ["slack"]))
        channel = await stack.enter_async_context(assembly.slack_of(settings, bot))
        if mode == "http" or "port" in more:
            await stack.enter_async_context(web.serving(settings, web.application({"slack": channel}, store, Metrics()), supervisor))
        rooms = assembly.room_of(settings.desk), assembly.room_of(settings.team_room)
        gateway = assembly.gateway_of(settings, bot, store, {"slack": channel}, *rooms)
        await stack.enter_async_context(gateway.working(supervisor))
        await stack.enter_async_context(channel.listening(gateway, supervisor))
        if mode == "http":
            slack.http_target = f"http://127.0.0.1:{settings.port}/slack/events"
        yield House(slack, channel, gateway, store)
    supervisor.check()


def play(bot: Bot, directory: Path, mode: str, scene: Callable[[House], Awaitable[None]], **more: object) -> None:
    """Play a scene, and look afterwards whether it was clean."""

    async def played() -> None:
        async with running(bot, directory, mode, **more) as house:
            await scene(house)
            await house.clean()

    asyncio.run(played())


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


def labels(message: Json) -> list[str]:
    """The labels of all that can be pressed, from the top: buttons, options of menus, thumbs."""
    return [part["text"]["text"] for _, _, part in to_press(message)]


def buttons(message: Json) -> list[str]:
    """The labels of the plain buttons: what stands open."""
    return [part["text"]["text"] for _, element, part in to_press(message) if element["type"] == "button"]


def written(block: Json) -> str:
    """All texts of a block or view."""
    if isinstance(block, dict):
        return " ".join(
            filter(None, (written(value) for key, value in block.items() if key not in {"type", "value", "action_id", "block_id"}))
        )
    return " ".join(map(written, block)) if isinstance(block, list) else block if isinstance(block, str) else ""
