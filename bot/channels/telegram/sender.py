"""One message on its way to Telegram: drawn, paced, and sent where its address says."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.channels.telegram import addresses, drawing, keyboards, limits
from bot.channels.telegram.payload import at, number_at, text_at
from bot.channels.telegram.web import GroupMigratedError, UnchangedError, UnparsedError
from bot.contracts.errors import Later, Refused, Unreachable, Unsure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.channels.telegram.addresses import TelegramAddress
    from bot.channels.telegram.pacing import Pace
    from bot.channels.telegram.web import Web
    from bot.contracts.outcomes import Message
    from bot.contracts.ports import Words

_PRESENT = frozenset({"creator", "administrator", "member"})

log = logging.getLogger("careerbot.telegram")


@dataclass(frozen=True, slots=True)
class Abilities:
    """What can be offered: a person at a desk, being called in any chat (`inline`), a room to share with."""

    desk: bool = False
    inline: bool = False
    team: bool = False


class Sender:
    """Sends messages to where their addresses say."""

    def __init__(self, web: Web, words: Words, pace: Pace, abilities: Abilities) -> None:
        self._web = web
        self._words = words
        self._pace = pace
        self.abilities = abilities
        self._migrated: dict[str, str] = {}

    async def send(self, message: Message) -> str:
        """Send a message and return its key; raises `SendError`."""
        address = addresses.unpacked(message.address.place)
        if not address.chat:
            refusal = "A card that somebody has shared is changed no more."
            raise Refused(refusal, "gone")
        chat = self._now(address.chat)
        if wait := self._pace.wait(chat):
            raise Later(wait)
        try:
            return await self._sent(message, replace(address, chat=chat))
        except GroupMigratedError as moved:
            log.warning(
                "A group has moved: telegram:%s is telegram:%s now. Write that into the settings, if they name it.", chat, moved.chat
            )
            self._migrated[chat] = str(moved.chat)
        try:
            return await self._sent(message, replace(address, chat=self._now(chat)))
        except GroupMigratedError:
            refusal = "The group moves faster than the bot can follow."
            raise Refused(refusal, "gone") from None

    def _now(self, chat: str) -> str:
        """The id of a chat, also if it has got another one."""
        return self._migrated.get(chat, chat)

    async def _sent(self, message: Message, address: TelegramAddress) -> str:
        if address.keyboard is not None and message.edits:
            return await self._rated(message, address.keyboard)
        if message.share is not None:
            await self._check_sharer(message, address)
        drawn = {"text": drawing.text(message.reply, self._words), "parse_mode": "HTML"}
        markup = {"inline_keyboard": keyboards.keyboard(message.reply, self._words, self._frame(message))}
        try:
            return await self._put(message, address, drawn, markup)
        except UnparsedError:
            try:
                said = drawing.plain(message.reply, self._words)
                return await self._put(message, address, {"text": "…" if limits.blank(said) else said}, markup)
            except UnparsedError:
                refusal = "Telegram takes it neither as HTML nor as plain text."
                raise Refused(refusal) from None

    async def _check_sharer(self, message: Message, address: TelegramAddress) -> None:
        """Raise `Refused` unless whoever shares is in the chat that they share into: where Telegram cannot tell, they are not.

        https://core.telegram.org/bots/api#getchatmember. Whoever shares from another platform was looked at there.
        """
        sharer = message.sharer.address if message.sharer else None
        if sharer is not None and sharer.platform != addresses.PLATFORM:
            return
        place = addresses.unpacked(sharer.place) if sharer else address
        user = int(place.user or place.chat)  # a private chat has the number of its person; version 0.1 kept no other
        stranger = "Whoever shares is not in that chat."
        try:
            found = await self._web.call("getChatMember", chat_id=int(address.chat), user_id=user)
        except Unsure as unsure:
            raise Unreachable(str(unsure)) from None  # nothing was said yet
        except Refused as refused:
            raise refused if refused.reason else Refused(stranger, "stranger") from None
        restricted = text_at(found, "status") == "restricted" and at(found, "is_member") is True
        if text_at(found, "status") not in _PRESENT and not restricted:
            raise Refused(stranger, "stranger")

    def _frame(self, message: Message) -> keyboards.Frame:
        can = self.abilities
        return keyboards.Frame(
            turn=message.turn,
            desk=can.desk and not message.question,
            inline=can.inline and not message.share,
            team=can.team and not message.share,
        )

    async def _put(self, message: Message, address: TelegramAddress, drawn: Mapping[str, Any], markup: Mapping[str, Any]) -> str:
        quiet = {"link_preview_options": {"is_disabled": True}}
        if message.edits:
            chat, number = addresses.read_post(message.edits)
            await self._changed(chat_id=int(self._now(chat)), message_id=int(number), **drawn, **quiet, reply_markup=markup)
            return message.edits
        reply = addresses.read_post(message.under)[1] if message.under else address.reply
        shown = {**drawn, **quiet, **({"reply_markup": markup} if markup["inline_keyboard"] else {})}
        return await self._posted(address, reply, shown)

    async def _posted(self, address: TelegramAddress, reply: str, drawn: Mapping[str, Any]) -> str:
        """https://core.telegram.org/bots/api#sendmessage; an answer to a message stays in its topic."""
        place: dict[str, Any] = {"chat_id": int(address.chat)}
        if reply:
            place["reply_parameters"] = {"message_id": int(reply), "allow_sending_without_reply": True}
        if address.topic:
            place["message_thread_id"] = int(address.topic)
        answer = await self._web.call("sendMessage", **place, **drawn)
        return addresses.post(number_at(answer, "chat", "id"), number_at(answer, "message_id"))

    async def _changed(self, **arguments: Any) -> None:  # noqa: ANN401 - JSON
        """https://core.telegram.org/bots/api#editmessagetext; tapped twice, there is nothing to change."""
        with suppress(UnchangedError):
            await self._web.call("editMessageText", **arguments)

    async def _rated(self, message: Message, keyboard: str) -> str:
        """The thumbs go, reasons come in their place: https://core.telegram.org/bots/api#editmessagereplymarkup."""
        chat, number = addresses.read_post(message.edits)
        markup = {"inline_keyboard": keyboards.rated(keyboard, message.reply)}
        with suppress(UnchangedError):
            await self._web.call("editMessageReplyMarkup", chat_id=int(self._now(chat)), message_id=int(number), reply_markup=markup)
        return ""
