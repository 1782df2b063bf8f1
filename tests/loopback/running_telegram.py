"""The bot at work in a loopback Telegram, in this process: by polling or by webhook, on the bakery's knowledge."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot import assembly
from bot.serve import web
from bot.serve.supervisor import Supervisor
from bot.settings import Settings
from bot.telemetry.metrics import Metrics
from loopback.running_slack import free_port
from loopback.telegram import FakeTelegram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from bot.assembly import Bot
    from bot.channels.telegram.channel import Telegram
    from bot.delivery.gateway import EventGateway
    from bot.store.store import Store

Json = dict[str, Any]
WAYS = ("polling", "webhook")
SAYING = frozenset({"sendMessage", "editMessageText", "editMessageReplyMarkup"})


@dataclass
class House:
    """The bot in Telegram. Ann and Bob are people, Dora sits at the `desk`; `team` is a group that they are all in."""

    tg: FakeTelegram
    channel: Telegram
    gateway: EventGateway
    store: Store
    ann: Json
    bob: Json
    dora: Json
    desk: Json
    team: Json

    @property
    def chat(self) -> Json:
        """Ann's private chat."""
        return self.tg.private(self.ann)

    async def after(self, act: Callable[[], object]) -> list[Any]:
        """The calls that the bot makes because of something, once all of it is done."""
        mark, update = self.tg.mark(), self.tg._update_id
        act()
        if self.tg._update_id > update:
            await self.tg.wait(lambda: not self.tg.pending)
            await self.gateway.settled()
            if self.channel._listener is not None:
                await self.channel._listener.settled()
        return [call for call in self.tg.calls[mark:] if call.method in SAYING]

    async def unfolded(self, message: Json) -> Json:
        """An answer with all that can be done about it: its button for that is pressed."""
        return await self.one(lambda: self.tg.press(message, "⋯", self.ann), "editMessageReplyMarkup")

    async def one(self, act: Callable[[], object], method: str = "sendMessage") -> Json:
        """The one message that the bot sends or changes."""
        (call,) = await self.after(act)
        assert (call.method, call.ok) == (method, True)
        result: Json = call.result
        return result


@asynccontextmanager
async def running(
    bot: Bot, directory: Path, way: str = "polling", tg: FakeTelegram | None = None, *, ready: bool = True, **more: object
) -> AsyncIterator[House]:
    """A house that is open while the block runs; `more` are settings."""
    supervisor = Supervisor()
    async with AsyncExitStack() as stack:
        tg = tg or await stack.enter_async_context(FakeTelegram(rate="off"))
        ann, bob, dora = (tg.user(name) for name in ("Ann", "Bob", "Dora"))
        desk, team = tg.group("Desk", members=[dora]), tg.group("Team", members=[ann, bob])
        port = free_port()
        wanted = {
            "telegram_bot_token": tg.token,
            "telegram_api_url": tg.root_url,
            "telegram_webhook_url": f"http://127.0.0.1:{port}/telegram/webhook" if way == "webhook" else None,
            "desk": f"telegram:{desk['id']}",
            "team_room": f"telegram:{team['id']}",
        }
        settings = Settings(data_dir=directory, port=port, **{**wanted, **more})
        store = stack.enter_context(assembly.opened_store(settings, ["telegram"]))
        channel = await stack.enter_async_context(assembly.telegram_of(settings, bot))
        await stack.enter_async_context(web.serving(settings, web.application({"telegram": channel}, store, Metrics()), supervisor))
        rooms = assembly.room_of(settings.desk), assembly.room_of(settings.team_room)
        gateway = assembly.gateway_of(settings, bot, store, {"telegram": channel}, *rooms)
        await stack.enter_async_context(gateway.working(supervisor))
        await stack.enter_async_context(channel.listening(gateway, supervisor))
        if ready:
            await tg.wait(lambda: tg.webhook.url if way == "webhook" else any(call.method == "getUpdates" for call in tg.calls))
        yield House(tg, channel, gateway, store, ann, bob, dora, desk, team)
    supervisor.check()


def visit(bot: Bot, directory: Path, way: str, acts: Callable[[House], Awaitable[None]], **more: object) -> None:
    """Play a scene that need not end clean."""

    async def within() -> None:
        async with running(bot, directory, way, **more) as house:
            await acts(house)

    asyncio.run(within())


def answers(house: House) -> list[str]:
    """What has arrived in Ann's chat."""
    return [message["text"] for (chat, _), message in house.tg.messages.items() if chat == house.ann["id"] and message["from"]["is_bot"]]


def play(bot: Bot, directory: Path, way: str, scene: Callable[[House], Awaitable[None]], **more: object) -> None:
    """Play a scene; afterwards no call was refused, no press left unanswered, nothing sent too fast."""

    async def played() -> None:
        async with running(bot, directory, way, **more) as house:
            await scene(house)
            assert house.tg.check() == []

    asyncio.run(played())


def labels(message: Json) -> list[str]:
    """The labels of what can be pressed."""
    markup = message.get("reply_markup") or {}
    markup = json.loads(markup) if isinstance(markup, str) else markup
    return [button["text"] for row in markup.get("inline_keyboard", []) for button in row]
