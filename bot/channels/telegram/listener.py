"""What Telegram tells is brought to the gateway, or answered on the spot where it would be worthless later. A thin loop."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bot.channels.background import BackgroundTasks
from bot.channels.telegram import addresses, inline, limits
from bot.channels.telegram.payload import number_at, text_at
from bot.channels.telegram.presses import Press, Presses
from bot.channels.telegram.web import NO_ANSWER, POLLED_WITHIN, UnchangedError
from bot.contracts.errors import ChannelError, Later, SendError, StoreError, Unsure
from bot.contracts.ports import UNOBSERVED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.channels.telegram.reader import Reader
    from bot.channels.telegram.web import Web
    from bot.contracts.ports import Gateway, Observer, Words

KINDS = ["message", "edited_message", "callback_query", "inline_query", "chosen_inline_result", "my_chat_member"]
"""What is asked for. Of edited messages only the desk's answers count: the answer to what was asked first stands."""
AGAIN, LONGEST = 1.0, 30.0
"""Seconds before the next poll after one that failed, and after many."""
FAILURES = (SendError, ChannelError, StoreError)

log = logging.getLogger("careerbot.telegram")


class Tries:
    """How it goes to reach Telegram: how many tries in a row have failed, and what was said of that."""

    def __init__(self) -> None:
        self.failed = 0
        self._said: set[str] = set()

    def has_failed(self, error: Exception) -> float:
        """Seconds to wait before the next try. What is wrong is said once until a try succeeds."""
        self.failed += 1
        why = "Telegram asks to wait." if isinstance(error, Later) else str(error)
        if why not in self._said:
            self._said.add(why)
            lasting = isinstance(error, ChannelError) and error.lasting
            log.log(logging.ERROR if lasting else logging.WARNING, "%s It is tried again.", why)
        return max(AGAIN, error.seconds) if isinstance(error, Later) else min(LONGEST, AGAIN * self.failed)

    def has_succeeded(self) -> None:
        """Telegram has answered."""
        if self.failed:
            log.info("Telegram answers again.")
        self.failed = 0
        self._said.clear()


class Listener:
    """Brings updates to `gateway`; `me` is what getMe tells of the bot, `team` whether there is a room to share with."""

    def __init__(
        self,
        gateway: Gateway,
        reader: Reader,
        web: Web,
        words: Words,
        me: Mapping[str, Any],
        observer: Observer = UNOBSERVED,
        *,
        team: bool = False,
    ) -> None:
        self._gateway = gateway
        self._reader = reader
        self._web = web
        self._words = words
        self._me = me
        self._presses = Presses(words, text_at(me, "username"), gateway.leads, team)
        self._observer = observer
        self._aside = BackgroundTasks(log, "A press or an inline query could not be answered", FAILURES)

    async def settled(self) -> None:
        """Return once nothing is done on the side."""
        await self._aside.settled()

    async def take(self, update: Mapping[str, Any]) -> None:
        """Return once an update is safe; raises `StoreError` if it must come again."""
        pressed, query = update.get("callback_query"), update.get("inline_query")
        if isinstance(pressed, dict):
            await self._press(pressed, update)
        elif isinstance(query, dict):
            self._aside.do(self._list(query))
        else:
            await self._accept(update)

    async def _press(self, pressed: Mapping[str, Any], update: Mapping[str, Any]) -> None:
        """Answer a press, at once if it may be: Telegram shows whoever pressed that something is under way until then."""
        press = self._presses.understood(pressed)
        self._aside.do(self._answer(pressed, press))
        if press.event:
            await self._accept(update)

    async def _accept(self, update: Mapping[str, Any]) -> None:
        """Bring an update to the gateway, if it is an event."""
        event = self._reader.event(update, self._me)
        if event is not None:
            begun = time.monotonic()
            await self._gateway.accept(event)
            self._observer.acknowledged(addresses.PLATFORM, time.monotonic() - begun)

    async def poll(self, tries: Tries) -> None:
        """Take updates, forever. What is not safe yet is not confirmed.

        After a poll that failed the next one does not wait for updates, so that Telegram's return shows at once. Where another process
        polls it does: that process is interrupted by any poll, and one that does not wait would always succeed.
        """
        offset, held = 0, POLLED_WITHIN
        while True:
            try:
                updates = numbered(await self._web.updates(offset, KINDS, held))
            except FAILURES as error:
                held = POLLED_WITHIN if isinstance(error, ChannelError) and not error.lasting else 0
                await asyncio.sleep(tries.has_failed(error))
                continue
            held = POLLED_WITHIN
            tries.has_succeeded()
            taken = await asyncio.gather(*map(self.is_done, updates))
            for update, safe in zip(updates, taken, strict=True):
                if not safe:
                    await asyncio.sleep(AGAIN)
                    break
                offset = max(offset, update["update_id"] + 1)

    async def is_done(self, update: Mapping[str, Any]) -> bool:
        """Whether an update need not come again. One that breaks the bot is left: it would break it again and hold up all others."""
        try:
            await self.take(update)
        except StoreError as error:
            log.warning("An update could not be taken in: %s", error)
            return False
        except Exception as error:  # noqa: BLE001 - as above
            log.warning("An update could not be taken in (%s); it is left.", type(error).__name__)
        return True

    async def _answer(self, pressed: Mapping[str, Any], press: Press) -> None:
        """Answer a press, and change the keyboard that it is on; pressed twice, there is nothing to change."""
        await self._web.call("answerCallbackQuery", callback_query_id=text_at(pressed, "id"), **press.answer)
        if press.keyboard is not None:
            place = {"chat_id": number_at(pressed, "message", "chat", "id"), "message_id": number_at(pressed, "message", "message_id")}
            with suppress(UnchangedError):
                await self._web.call("editMessageReplyMarkup", **place, reply_markup={"inline_keyboard": press.keyboard})

    async def _list(self, query: Mapping[str, Any]) -> None:
        """The answer to an inline query, which Telegram waits for about ten seconds; empty for those whom the bot does not answer."""
        text = text_at(query, "query").strip().removeprefix("#")
        person = addresses.person(number_at(query, "from", "id"))
        found = await self._gateway.search(text, limits.RESULTS) if self._gateway.admits(addresses.names("", person), person) else ()
        await self._web.call(
            "answerInlineQuery",
            inline_query_id=text_at(query, "id"),
            **inline.answer(text, found, self._words, text_at(self._me, "username")),
        )


def is_numbered(update: object) -> bool:
    """Whether something is an update that can be confirmed."""
    return isinstance(update, dict) and type(update.get("update_id")) is int


def numbered(updates: list[Any]) -> list[dict[str, Any]]:
    """Those of the updates that have a number; the others are left. Raises `Unsure` if none has one."""
    found = [update for update in updates if is_numbered(update)]
    if updates and not found:
        raise Unsure(NO_ANSWER)
    if left := len(updates) - len(found):
        log.warning("Telegram: %d updates without a number were left.", left)
    return found
