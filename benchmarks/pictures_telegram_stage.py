"""The loopback Telegram as a stage for pictures: people do something there, and what they then see is put on a screen."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from loopback.running_telegram import House, running
from loopback.telegram import FakeTelegram

from benchmarks import pictures_telegram as look
from benchmarks.pictures_html import did
from benchmarks.pictures_page import Screen
from benchmarks.telegram import Unpaced
from bot import assembly
from bot.channels.telegram import channel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from pathlib import Path

    from loopback.telegram import Call

    from bot.assembly import Bot
    from bot.contracts.ports import Words

    Json = dict[str, Any]

LATEST = 30.0
"""Seconds within which an answer of the desk arrives; for a while it may be taken back."""


@dataclass(frozen=True)
class Sent:
    """A message of the bot as it stands: HTML, what can be pressed, and the text that it replies to."""

    html: str
    keyboard: list[list[Json]] = field(default_factory=list)
    answers: str = ""

    @property
    def drawn(self) -> str:
        """It as the app shows it."""
        return look.message(self.html, self.keyboard, answers=self.answers)


Messages = dict[tuple[int, int], Sent]


def folded(messages: Messages, calls: Iterable[Call]) -> Messages:
    """The messages by chat and number that there are once calls were made, those that were sent or changed last at the end."""
    after = dict(messages)
    for call in calls:
        if call.ok and isinstance(call.result, dict) and "message_id" in call.result:
            key = call.result["chat"]["id"], call.result["message_id"]
            after[key] = _made(after.pop(key, Sent("")), call)
    return after


def _made(before: Sent, call: Call) -> Sent:
    """A message after a call that sent or changed it; a change of the text without a keyboard takes the keyboard away."""
    keyboard = (call.params.get("reply_markup") or {}).get("inline_keyboard", [])
    if "text" not in call.params:
        return replace(before, keyboard=keyboard)
    html = call.params["text"] if call.params.get("parse_mode") == "HTML" else escape(call.params["text"], quote=False)
    return Sent(html, keyboard, call.result.get("reply_to_message", {}).get("text", ""))


@dataclass
class Stage:
    """The bot among Ann, who asks and holds the phone, Bob, and Dora at the desk."""

    house: House
    words: Words
    messages: Messages = field(default_factory=dict)

    @property
    def tg(self) -> FakeTelegram:
        """The platform."""
        return self.house.tg

    def newest(self, chat: Json | None = None) -> tuple[int, int]:
        """What the bot has said or changed last in a chat: Ann's, if not told otherwise."""
        place = (chat or self.house.chat)["id"]
        return next(key for key in reversed(self.messages) if key[0] == place)

    async def after(self, act: Callable[[], object], chat: Json | None = None) -> list[str]:
        """What the bot says, changes or tells for a moment in a chat because something was done."""
        mark, place = self.tg.mark(), (chat or self.house.chat)["id"]
        calls = await self.house.after(act)
        self.messages = folded(self.messages, calls)
        drawn = [self.messages[key].drawn for key in folded({}, calls) if key[0] == place]
        told = [call.params.get("text") for call in self.tg.calls[mark:] if call.method == "answerCallbackQuery"]
        return [*drawn, *(look.toast(text) for text in told if text)]

    async def until(self, text: str) -> list[str]:
        """What the bot says in Ann's chat until something was said there. Raises TimeoutError."""
        chat = self.house.chat["id"]
        await self.tg.wait(lambda: any(text in message.html for (there, _), message in self._all().items() if there == chat), LATEST)
        self.messages = self._all()
        return [message.drawn for (there, _), message in self.messages.items() if there == chat and text in message.html]

    def _all(self) -> Messages:
        return folded({}, (call for call in self.tg.calls if call.method != "getUpdates"))

    async def asked(self, text: str) -> list[str]:
        """A message of Ann's, and what the bot says."""
        return [look.said(text), *await self.after(lambda: self.tg.send(self.house.chat, self.house.ann, text))]

    async def pressed(self, label: str, chat: Json | None = None, user: Json | None = None) -> list[str]:
        """A press on what the bot has said or changed last in a chat, and what follows. Raises LookupError, with what there is."""
        key, who = self.newest(chat), user or self.house.ann
        buttons = [button for row in self.messages[key].keyboard for button in row]
        data = next((button.get("callback_data") for button in buttons if button["text"] == label), None)
        if data is None:
            message = f"nothing is called {label}; there is {[button['text'] for button in buttons]}"
            raise LookupError(message)
        followed = await self.after(lambda: self.tg.press_data(self.tg.messages[key], data, who), chat)
        return [did(f"{who['first_name']} presses “{label}”"), *followed]

    def shown(self, name: str, caption: str, *drawn: str, bar: str = "") -> Screen:
        """A screen; of Ann's chat, if no bar is given."""
        return Screen(f"telegram-{name}", caption, bar or look.bar(look.BOT, "bot"), "".join(drawn))


@asynccontextmanager
async def stage(bot: Bot, directory: Path) -> AsyncIterator[Stage]:
    """The stage while the block runs; what the bot keeps is kept in the directory."""
    async with FakeTelegram(username=look.BOT, rate="off") as tg:
        with patch.object(channel, "Pace", Unpaced):
            async with running(bot, directory, tg=tg, rate="0") as house:
                yield Stage(house, assembly.words_of(bot))
