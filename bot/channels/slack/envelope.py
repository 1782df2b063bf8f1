"""What a payload of Slack tells besides what was done: its id, the workspace, the bot, the desk, and who caused it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.channels.slack import addresses, texts
from bot.contracts.events import InboundEvent
from bot.dialogue.turn import NO_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.channels.slack.addresses import SlackAddress
    from bot.channels.slack.payload import Body
    from bot.contracts.events import DeskReply, DeskTalk
    from bot.dialogue.turn import RawKey, UserAct


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is the same for all that a payload can be.

    `team` is the workspace that the app is installed in, `me` the bot's user id, `desk` the key of the desk's room, `names` what the
    people and channels are called that are named by their ids.
    """

    id: str
    payload: Mapping[str, Any]
    team: str
    me: str
    desk: str
    name: str
    names: Mapping[str, str]

    def said(self, message: Body) -> str:
        """What a message says, as a person reads it."""
        return texts.said(message, self.names, self.me)

    def event(
        self,
        act: UserAct | DeskReply | DeskTalk,
        address: SlackAddress,
        conversation: RawKey,
        *,
        into: SlackAddress | None = None,
        user: str = "",
    ) -> InboundEvent:
        """The event that `user` has caused in the channel of an address, or of `into`, if something is shared into that."""
        user, channel = user or address.user, (into or address).channel
        return InboundEvent(
            id=self.id,
            platform=addresses.PLATFORM,
            conversation=conversation,
            person=addresses.person(self.team, user) if user else NO_KEY,
            payload=self.payload,
            act=act,
            address=address.packed(),
            room=addresses.room(self.team, channel, self.desk),
            places=addresses.names(self.team, channel),
            name=self.name or user,
            share_into=into.packed() if into else None,
        )
