"""One message on its way to Slack: drawn, and sent where its address says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.channels.slack import addresses, blocks, drawing
from bot.channels.slack.history import marked, thread_of
from bot.channels.slack.payload import text_at
from bot.channels.slack.sharing import Sharing
from bot.channels.slack.web import MisdrawnError
from bot.contracts.errors import Refused

if TYPE_CHECKING:
    from bot.channels.slack.addresses import SlackAddress
    from bot.channels.slack.reader import Guests
    from bot.channels.slack.web import Web
    from bot.contracts.outcomes import Message
    from bot.contracts.ports import Words

    Drawn = dict[str, Any]

_QUIET = {"unfurl_links": False, "unfurl_media": False}


class Sender:
    """Sends messages to where their addresses say. `desk` tells whether a person can be asked, `team` whether a room is shared with."""

    def __init__(self, web: Web, words: Words, *, desk: bool, team: bool = False, guests: Guests) -> None:
        self._web = web
        self._words = words
        self._desk = desk
        self._team = team
        self._sharing = Sharing(web, guests)

    async def send(self, message: Message) -> str:
        """Send a message and return its key; raises `SendError`."""
        address = addresses.unpacked(message.address.place)
        drawn = drawing.message(message.reply, self._words, self._frame(message, address))
        if address.look.share_in and not address.by_url:
            drawn["blocks"] = blocks.alone(drawn["blocks"])
        if message.share:
            await self._sharing.allow(message, address.channel)
        try:
            return await self._sent(message, address, drawn)
        except MisdrawnError:
            return await self._sent_plain(message, address, drawn)

    def _frame(self, message: Message, address: SlackAddress) -> drawing.Frame:
        return drawing.Frame(
            turn=message.turn,
            echo=address.look.echo,
            sharer=address.look.sharer,
            desk=self._desk and not message.question,
            team=self._team and not message.share,
            alone=address.by_url or bool(address.look.share_in),
            thread=address.look.share_in,
        )

    async def _sent_plain(self, message: Message, address: SlackAddress, drawn: Drawn) -> str:
        """A message whose blocks Slack does not take, as text."""
        try:
            return await self._sent(message, address, {"text": drawn["text"]})
        except MisdrawnError as error:
            refusal = f"Slack takes it neither with blocks nor without ({error})."
            raise Refused(refusal) from None

    async def _sent(self, message: Message, address: SlackAddress, drawn: Drawn) -> str:
        if message.edits:
            return await self._edited(message.edits, drawn)
        if address.private:
            return await self._alone(address, drawn)
        try:
            return await self._posted(address.channel, thread_of(message), {**drawn, **marked(message)})
        except Refused as refused:
            if refused.reason not in {"outside", "gone"} or not address.url:
                raise
            return await self._responded(address, drawn)  # pressed where the bot is not: whoever pressed hears it

    async def _posted(self, channel: str, thread: str, drawn: Drawn) -> str:
        """https://docs.slack.dev/reference/methods/chat.postMessage."""
        place = {"channel": channel, **({"thread_ts": thread} if thread else {})}
        answer = await self._web.call("chat.postMessage", **place, **drawn, **_QUIET)
        return addresses.post(text_at(answer, "channel"), text_at(answer, "ts"))

    async def _edited(self, post: str, drawn: Drawn) -> str:
        """https://docs.slack.dev/reference/methods/chat.update."""
        channel, stamp = addresses.read_post(post)
        await self._web.call("chat.update", channel=channel, ts=stamp, **drawn)
        return post

    async def _alone(self, address: SlackAddress, drawn: Drawn) -> str:
        """For one person's eyes: where they are, by the address that they may be answered at, else as a direct message."""
        for way in [self._responded] if address.by_url else [self._ephemeral, self._responded]:
            try:
                return await way(address, drawn)
            except Refused:
                continue
        return await self._posted(address.user, "", drawn)

    async def _ephemeral(self, address: SlackAddress, drawn: Drawn) -> str:
        """https://docs.slack.dev/reference/methods/chat.postEphemeral."""
        thread = {"thread_ts": address.thread} if address.thread else {}
        await self._web.call("chat.postEphemeral", channel=address.channel, user=address.user, **thread, **drawn)
        return ""

    async def _responded(self, address: SlackAddress, drawn: Drawn) -> str:
        """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses."""
        if not address.url:
            message = "There is no address to answer at."
            raise Refused(message, "gone")
        how = {"response_type": "ephemeral", "replace_original": address.replace}
        await self._web.respond(address.url, {**drawn, **how, **_QUIET})
        return ""
