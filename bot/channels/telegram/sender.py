"""One message on its way to Telegram: drawn, paced, and sent where its address says."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.channels.telegram import addresses, drawing, limits
from bot.channels.telegram.web import GroupMigratedError, UnchangedError, UnparsedError
from bot.contracts.ports import Later, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.channels.telegram.pacing import Pace
    from bot.channels.telegram.web import Web
    from bot.contracts.events import Message
    from bot.contracts.ports import Words

log = logging.getLogger("careerbot.telegram")


@dataclass(frozen=True, slots=True)
class Abilities:
    """What can be offered: a person at a desk, being called in any chat (`inline`), a room to share with."""

    desk: bool = False
    inline: bool = False
    team: bool = False


class Sender:
    """Sends messages to where their addresses say.

    `chat` and `topic`; `reply`, the message that is answered; `post`, one of the desk's to answer beneath; `edit`, a message to
    change, and `markup`, the keyboard of a rated one, of which only the thumbs go; `inline`, a message that somebody has shared.
    """

    def __init__(self, web: Web, words: Words, pace: Pace, abilities: Abilities) -> None:
        self._web = web
        self._words = words
        self._pace = pace
        self.abilities = abilities
        self._moved: dict[str, str] = {}

    async def send(self, message: Message) -> str:
        """Send a message and return its key; raises what a `Channel` may raise."""
        address = message.address
        chat = self._now(address.get("chat", ""))
        if wait := self._pace.wait(chat or address.get("user", "")):
            raise Later(wait)
        try:
            return await self._sent(message, {**address, "chat": chat})
        except GroupMigratedError as moved:
            log.warning(
                "A group has moved: telegram:%s is telegram:%s now. Write that into the settings, if they name it.", chat, moved.chat
            )
            self._moved[chat] = str(moved.chat)
        try:
            return await self._sent(message, {**address, "chat": self._now(chat)})
        except GroupMigratedError:
            refusal = "The group moves faster than the bot can follow."
            raise Refused(refusal, "gone") from None

    def _now(self, chat: str) -> str:
        """The id of a chat, also if it has got another one."""
        return self._moved.get(chat, chat)

    async def _sent(self, message: Message, address: Mapping[str, str]) -> str:
        if "markup" in address:
            return await self._rated(message, address)
        frame = self._frame(message)
        drawn = {"text": drawing.text(message.reply, self._words), "parse_mode": "HTML"}
        markup = {"inline_keyboard": drawing.keyboard(message.reply, self._words, frame)}
        try:
            return await self._put(address, drawn, markup)
        except UnparsedError:
            try:
                said = drawing.plain(message.reply, self._words)
                return await self._put(address, {"text": "…" if limits.blank(said) else said}, markup)
            except UnparsedError:
                refusal = "Telegram takes it neither as HTML nor as plain text."
                raise Refused(refusal) from None

    def _frame(self, message: Message) -> drawing.Frame:
        can, about_question = self.abilities, bool(message.question)
        return drawing.Frame(
            turn=message.turn,
            desk=can.desk and not about_question,
            inline=can.inline and not message.card,
            team=can.team and not message.card,
            elsewhere="inline" in message.address,
        )

    async def _put(self, address: Mapping[str, str], drawn: Mapping[str, Any], markup: Mapping[str, Any]) -> str:
        quiet = {"link_preview_options": {"is_disabled": True}}
        if "inline" in address:
            await self._changed(inline_message_id=address["inline"], **drawn, **quiet, reply_markup=markup)
            return addresses.post("inline", address["inline"])
        if address.get("edit"):
            chat, number = addresses.read_post(address["edit"])
            await self._changed(chat_id=int(self._now(chat)), message_id=int(number), **drawn, **quiet, reply_markup=markup)
            return address["edit"]
        return await self._posted(address, {**drawn, **quiet, **({"reply_markup": markup} if markup["inline_keyboard"] else {})})

    async def _posted(self, address: Mapping[str, str], drawn: Mapping[str, Any]) -> str:
        """https://core.telegram.org/bots/api#sendmessage; an answer to a message stays in its topic."""
        number = addresses.read_post(address["post"])[1] if address.get("post") else address.get("reply", "")
        place: dict[str, Any] = {"chat_id": int(address["chat"])}
        if number:
            place["reply_parameters"] = {"message_id": int(number), "allow_sending_without_reply": True}
        if address.get("topic"):
            place["message_thread_id"] = int(address["topic"])
        answer = await self._web.call("sendMessage", **place, **drawn)
        return addresses.post(addresses.number_at(answer, "chat", "id"), addresses.number_at(answer, "message_id"))

    async def _changed(self, **arguments: Any) -> None:  # noqa: ANN401 - JSON
        """https://core.telegram.org/bots/api#editmessagetext; tapped twice, there is nothing to change."""
        with suppress(UnchangedError):
            await self._web.call("editMessageText", **arguments)

    async def _rated(self, message: Message, address: Mapping[str, str]) -> str:
        """The thumbs go, reasons come in their place: https://core.telegram.org/bots/api#editmessagereplymarkup."""
        chat, number = addresses.read_post(address["edit"])
        markup = {"inline_keyboard": drawing.rated(address["markup"], message.reply)}
        with suppress(UnchangedError):
            await self._web.call("editMessageReplyMarkup", chat_id=int(self._now(chat)), message_id=int(number), reply_markup=markup)
        return ""
