"""What Telegram tells is brought to the gateway, or answered on the spot where it would be worthless later. A thin loop."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from bot.channels.background import BackgroundTasks
from bot.channels.telegram import addresses, inline, keys, limits
from bot.channels.telegram.payload import number_at, text_at
from bot.channels.telegram.web import MovedError, UnchangedError, UnparsedError
from bot.contracts.errors import ChannelError, Later, Refused, StoreError, Unreachable, Unsure
from bot.contracts.ports import UNOBSERVED
from bot.dialogue.targets import ReasonTarget, read_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.channels.telegram.reader import Reader
    from bot.channels.telegram.web import Web
    from bot.contracts.ports import Gateway, Observer, Words

KINDS = ["message", "callback_query", "inline_query", "chosen_inline_result", "my_chat_member"]
"""What is asked for; edited messages are not: the answer to what was written first stands."""
AGAIN, LONGEST = 1.0, 30.0
"""Seconds before the next poll after one that failed, and after many."""
FAILURES = (Refused, Later, Unreachable, Unsure, UnparsedError, UnchangedError, MovedError, ChannelError, StoreError)

log = logging.getLogger("careerbot.telegram")


class Listener:
    """Brings updates to `gateway`; `me` is what getMe tells of the bot."""

    def __init__(
        self, gateway: Gateway, reader: Reader, web: Web, words: Words, me: Mapping[str, Any], observer: Observer = UNOBSERVED
    ) -> None:
        self._gateway = gateway
        self._reader = reader
        self._web = web
        self._words = words
        self._me = me
        self._observer = observer
        self._aside = BackgroundTasks(log, "A press or an inline query could not be answered", FAILURES)

    async def settled(self) -> None:
        """Return once nothing is done on the side."""
        await self._aside.settled()

    async def take(self, update: Mapping[str, Any]) -> None:
        """Return once an update is safe; raises `StoreError` if it must come again."""
        pressed, query = update.get("callback_query"), update.get("inline_query")
        if isinstance(pressed, dict):
            self._aside.do(self._web.call("answerCallbackQuery", callback_query_id=text_at(pressed, "id"), **self._toast(pressed)))
        if isinstance(query, dict):
            self._aside.do(self._list(query))
        elif event := self._reader.event(update, self._me):
            begun = time.monotonic()
            await self._gateway.accept(event)
            self._observer.acknowledged(addresses.PLATFORM, time.monotonic() - begun)

    async def poll(self) -> None:
        """Take updates, forever; raises `ChannelError` once the token is refused. What is not safe yet is not confirmed."""
        offset, failed = 0, 0
        while True:
            try:
                updates = await self._web.updates(offset, KINDS)
                failed = 0
            except Later as later:
                await asyncio.sleep(later.seconds)
                continue
            except FAILURES as error:
                if isinstance(error, ChannelError) and error.lasting:
                    raise
                failed += 1
                if failed == 1 or isinstance(error, ChannelError):
                    log.warning("Telegram: %s It is tried again.", error)
                await asyncio.sleep(min(LONGEST, AGAIN * failed))
                continue
            taken = await asyncio.gather(*map(self._is_taken, updates))
            for update, safe in zip(updates, taken, strict=True):
                if not safe:
                    await asyncio.sleep(AGAIN)
                    break
                offset = update["update_id"] + 1

    async def _is_taken(self, update: Mapping[str, Any]) -> bool:
        """Whether an update is safe. One that breaks the bot is left: it would break it again and hold up all others."""
        try:
            await self.take(update)
        except StoreError as error:
            log.warning("An update could not be taken in: %s", error)
            return False
        except Exception as error:  # noqa: BLE001 - as above
            log.warning("An update could not be taken in (%s); it is left.", type(error).__name__)
        return True

    def _toast(self, pressed: Mapping[str, Any]) -> dict[str, str]:
        """A word of thanks over the chat for a rating; nothing for all else."""
        action, key = keys.read_data(text_at(dict(pressed), "data"))
        line = "rated_up" if action == "up" else "rated_reason" if isinstance(read_target(key), ReasonTarget) else ""
        return {"text": limits.fitted(self._words(line), limits.TOAST)} if line else {}

    async def _list(self, query: Mapping[str, Any]) -> None:
        """The answer to an inline query, which Telegram waits for about ten seconds; empty for those whom the bot does not answer."""
        text = text_at(dict(query), "query").strip().removeprefix("#")
        person = addresses.person(number_at(dict(query), "from", "id"))
        found = await self._gateway.search(text, limits.RESULTS) if self._gateway.admits(addresses.names("", person), person) else ()
        await self._web.call("answerInlineQuery", inline_query_id=text_at(dict(query), "id"), **inline.answer(text, found, self._words))
