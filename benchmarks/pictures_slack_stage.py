"""The loopback Slack as a stage for pictures: people do something there, and what they then see is put on a screen.

Things are pressed by their labels, which may stand on a button, in a menu or on a thumb.
"""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from loopback.blockkit import elements_of
from loopback.running_slack import DESK, House, running
from loopback.slack import GENERAL, USER, FakeSlack

from benchmarks import pictures_slack as look
from benchmarks.pictures_html import did
from benchmarks.pictures_page import Screen
from bot import assembly

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator
    from pathlib import Path

    from loopback.slack import Delivery

    from bot.assembly import Bot
    from bot.contracts.ports import Words

    Json = dict[str, Any]

BOB, DORA, TEAM = "U0BOB", "U0DORA", "C0TEAM"
NAMES = {USER: "Alice", BOB: "Bob", DORA: "Dora", GENERAL: "general", DESK: "career-desk", TEAM: "team"}
LATEST = 30.0
"""Seconds within which an answer of the desk arrives; for a while it may be taken back."""
SIDES = ("positive_button", "negative_button")


@dataclass
class Stage:
    """The bot among Alice, who asks, Bob, and Dora at the desk; `said` is what it has said in each room, the newest at the end.

    `window` is the modal that is open.
    """

    house: House
    words: Words
    said: dict[str, list[Json]] = field(default_factory=dict)
    window: Json | None = None

    @property
    def slack(self) -> FakeSlack:
        """The platform."""
        return self.house.slack

    @property
    def chat(self) -> str:
        """The room of Alice's direct messages."""
        return self.slack.dm_channel(USER)

    def newest(self, room: str = "") -> Json:
        """What the bot has said last in a room: Alice's chat, if not told otherwise."""
        return self.said[room or self.chat][-1]

    async def after(self, telling: Awaitable[Delivery], room: str = "") -> list[str]:
        """What the bot says in a room because something was done, drawn as it is right then."""
        return self._seen(await self.house.after(telling), room)

    async def until(self, text: str, room: str = "") -> list[str]:
        """What the bot says in a room until something was said there. Raises TimeoutError."""
        place = room or self.chat
        await self.slack.wait_message(lambda message: message["channel"] == place and text in message["text"], LATEST)
        await self.house.gateway.settled()
        return self._seen(self.house.new(), room)

    def _seen(self, messages: Iterable[Json], room: str) -> list[str]:
        drawn = []
        for message in messages:
            self.said.setdefault(message["channel"], []).append(message)
            if message["channel"] == (room or self.chat):
                drawn.append(look.message(message, NAMES))
        return drawn

    async def asked(self, text: str) -> list[str]:
        """A message of Alice's, and what the bot says."""
        return [look.said("Alice", text, NAMES), *await self.after(self.slack.dm(text))]

    async def pressed(self, label: str, *, room: str = "", user: str = USER) -> list[str]:
        """A press on what the bot has said last in a room, and what it says then."""
        telling = self.press(self.newest(room), label, user)
        return [did(f"{NAMES[user]} presses “{label}”"), *await self.after(telling, room)]

    def press(self, source: Json, label: str, user: str = USER) -> Awaitable[Delivery]:
        """Press what has a label, wherever in a message or view. Raises LookupError, with what there is."""
        for element, option, shown in pressable(source):
            if shown == label:
                how = {"selected_option": option} if option else {"label": label}
                return self.slack.press(source, re.escape(element["action_id"]), user=user, **how)
        message = f"nothing is called {label}; there is {labels(source)}"
        raise LookupError(message)

    def shown(self, name: str, caption: str, *drawn: str, bar: str = "") -> Screen:
        """A screen; of Alice's chat, if no bar is given."""
        return Screen(f"slack-{name}", caption, bar or look.chat(), "".join(drawn))


def pressable(source: Json) -> Iterator[tuple[Json, Json | None, str]]:
    """What can be pressed in a message or view: the element, its option if it is a menu, and the label."""
    for block in source.get("blocks") or []:
        for element in elements_of(block):
            yield from ((element, option, option["text"]["text"]) for option in element.get("options", []))
            yield from ((element, None, element[side]["text"]["text"]) for side in SIDES if side in element)
            if element["type"] == "button":
                yield element, None, element["text"]["text"]


def labels(source: Json) -> list[str]:
    """The labels of what can be pressed."""
    return [label for *_, label in pressable(source)]


def filled(view: Json, text: str) -> Json:
    """A modal in whose first field of text something was typed."""
    block = next(block for block in view["blocks"] if block.get("element", {}).get("type") == "plain_text_input")
    return {**view, "state": {"values": {block["block_id"]: {block["element"]["action_id"]: {"type": "plain_text_input", "value": text}}}}}


@asynccontextmanager
async def stage(bot: Bot, directory: Path) -> AsyncIterator[Stage]:
    """The stage while the block runs; what the bot keeps is kept in the directory."""
    async with FakeSlack(echo_bot_messages=True) as slack:
        slack.users |= {user: {"name": name, "real_name": name} for user, name in NAMES.items() if user[0] == "U"}
        slack.channels |= {channel: {"name": name} for channel, name in NAMES.items() if channel[0] == "C"}
        async with running(bot, directory, slack=slack, team_room=f"slack:{TEAM}", rate="0") as house:
            yield Stage(house, assembly.words_of(bot))
