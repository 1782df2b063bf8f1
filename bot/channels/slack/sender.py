"""One message on its way to Slack: drawn, and sent where its address says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.channels.slack import addresses, drawing
from bot.channels.slack.web import MisdrawnError
from bot.contracts.ports import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.channels.slack.reader import Guests
    from bot.channels.slack.web import Web
    from bot.contracts.events import Message
    from bot.contracts.ports import Words

    Drawn = dict[str, Any]

_QUIET = {"unfurl_links": False, "unfurl_media": False}


class Sender:
    """Sends messages to where their addresses say.

    `channel` and `thread`; `user`, whoever asked, and `only` if nobody else is to see it; `url`, where a press or a command is
    answered (`via` it, if the bot may not be in that channel), to `replace` what was pressed; `edit` or `post`, a message to
    change or to answer beneath; `by`, who shares; `echo` and `share_in` for drawing.
    """

    def __init__(self, web: Web, words: Words, *, desk: bool, team: bool = False, guests: Guests) -> None:
        self._web = web
        self._words = words
        self._desk = desk
        self._team = team
        self._guests = guests

    async def send(self, message: Message) -> str:
        """Send a message and return its key; raises what a `Channel` may raise."""
        address = message.address
        drawn = drawing.message(message.reply, self._words, self._frame(message))
        try:
            if message.card:
                await self._may_be_shared(address["channel"])
            try:
                return await self._sent(address, drawn)
            except MisdrawnError:
                return await self._sent(address, {"text": drawn["text"]})
        except MisdrawnError as error:
            refusal = f"Slack takes it neither with blocks nor without ({error})."
            raise Refused(refusal) from None

    def _frame(self, message: Message) -> drawing.Frame:
        address = message.address
        return drawing.Frame(
            turn=message.turn,
            echo=address.get("echo", ""),
            sharer=address.get("by", ""),
            desk=self._desk and not message.question,
            team=self._team and not message.card,
            alone="via" in address,
            thread=address.get("share_in", ""),
        )

    async def _sent(self, address: Mapping[str, str], drawn: Drawn) -> str:
        if address.get("edit"):
            return await self._edited(address["edit"], drawn)
        if "only" in address:
            return await self._alone(address, drawn)
        try:
            return await self._posted(address, drawn)
        except Refused as refused:
            if refused.why not in {"outside", "gone"} or not address.get("url"):
                raise
            return await self._responded(address, drawn)  # pressed where the bot is not: whoever pressed hears it

    async def _posted(self, address: Mapping[str, str], drawn: Drawn) -> str:
        """https://docs.slack.dev/reference/methods/chat.postMessage."""
        thread = addresses.read_post(address["post"])[1] if address.get("post") else address.get("thread", "")
        place = {"channel": address["channel"], **({"thread_ts": thread} if thread else {})}
        answer = await self._web.call("chat.postMessage", **place, **drawn, **_QUIET)
        return addresses.post(addresses.text_at(answer, "channel"), addresses.text_at(answer, "ts"))

    async def _edited(self, post: str, drawn: Drawn) -> str:
        """https://docs.slack.dev/reference/methods/chat.update."""
        channel, stamp = addresses.read_post(post)
        await self._web.call("chat.update", channel=channel, ts=stamp, **drawn)
        return post

    async def _alone(self, address: Mapping[str, str], drawn: Drawn) -> str:
        """For one person's eyes: where they are, by the address that they may be answered at, else as a direct message."""
        ways = [self._ephemeral, self._responded] if "via" not in address else [self._responded]
        for way in ways:
            try:
                return await way(address, drawn)
            except Refused:
                continue
        return await self._posted({"channel": address["user"]}, drawn)

    async def _ephemeral(self, address: Mapping[str, str], drawn: Drawn) -> str:
        """https://docs.slack.dev/reference/methods/chat.postEphemeral."""
        thread = {"thread_ts": address["thread"]} if address.get("thread") else {}
        await self._web.call("chat.postEphemeral", channel=address["channel"], user=address["user"], **thread, **drawn)
        return ""

    async def _responded(self, address: Mapping[str, str], drawn: Drawn) -> str:
        """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses."""
        if not address.get("url"):
            message = "There is no address to answer at."
            raise Refused(message, "gone")
        how = {"response_type": "ephemeral", "replace_original": "replace" in address}
        await self._web.respond(address["url"], {**drawn, **how, **_QUIET})
        return ""

    async def _may_be_shared(self, channel: str) -> None:
        """Raise `Refused` for a channel that people from outside read, or of which that cannot be told."""
        info = addresses.at(await self._web.ask("conversations.info", channel=channel), "channel")
        outside = any(addresses.at(info, flag) for flag in ("is_ext_shared", "is_pending_ext_shared"))
        if addresses.at(info, "is_archived"):
            message = "The channel is archived."
            raise Refused(message, "archived")
        if self._guests != "allow" and outside:
            message = "People from outside read the channel."
            raise Refused(message, "external")
