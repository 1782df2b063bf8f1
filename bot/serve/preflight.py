"""Whether the bot could start: what is set, and whether knowledge, database and platforms are as they have to be."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import assembly
from bot.contracts.errors import ChannelError, StoreError
from bot.knowledge.loader import KnowledgeError, load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.assembly import Bot
    from bot.settings import Settings

TOLD = 3
"""Faults of the knowledge that are told; `careerbot lint` tells all."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is good, and what there is to say: how it is, or what to do."""

    what: str
    good: bool
    text: str

    def __str__(self) -> str:
        return f"{'ok  ' if self.good else 'BAD '} {self.what}: {self.text}"


async def check(settings: Settings) -> AsyncIterator[Finding]:
    """What is found, one by one; nothing is learned, sent or changed, but tables are made where there are none."""
    yield Finding("settings", good=True, text=", ".join(_set(settings)) or "none is set; all have their defaults")
    bot = None
    try:
        base = load(assembly.faq_of(settings))
        bot = assembly.Bot(base, None, None, None)  # type: ignore[arg-type]  # for its words; nothing is asked of it
        yield Finding("knowledge", good=True, text=f"{len(base.entries)} answers in {assembly.faq_of(settings)}")
    except KnowledgeError as error:
        more = len(error.faults) - TOLD
        told = [*map(str, error.faults[:TOLD]), *([f"and {more} more: careerbot lint"] if more > 0 else [])]
        yield Finding("knowledge", good=False, text="; ".join(told))
    yield await asyncio.to_thread(_database, settings)
    if bot is not None:
        async for finding in _channels(settings, bot):
            yield finding


def _set(settings: Settings) -> Iterator[str]:
    """The variables that are set, never what to."""
    for name in sorted(settings.model_fields_set):
        alias = type(settings).model_fields[name].validation_alias
        yield alias if isinstance(alias, str) else f"CAREERBOT_{name.upper()}"


def _database(settings: Settings) -> Finding:
    try:
        with assembly.opened_store(settings) as store:
            depth = store.depth()
    except StoreError as error:
        return Finding("database", good=False, text=str(error))
    kind = "PostgreSQL" if settings.database_url else f"SQLite in {settings.data_dir}"
    return Finding("database", good=True, text=f"{kind}; {depth.waiting} events wait, {depth.aside} were set aside")


async def _channels(settings: Settings, bot: Bot) -> AsyncIterator[Finding]:
    if not assembly.platforms_of(settings):
        yield Finding("channels", good=False, text="No token is set; see docs/slack.md, docs/telegram.md and docs/channel.md.")
    for name in assembly.platforms_of(settings):
        try:
            async with assembly.channel_of(name, settings, bot, mailbox=None) as channel:  # type: ignore[arg-type]  # nothing is said
                yield Finding(name, good=True, text=await channel.check())
        except ChannelError as error:
            yield Finding(name, good=False, text=str(error))
    for unserved in assembly.unserved_rooms(settings):
        yield Finding("rooms", good=False, text=unserved)
