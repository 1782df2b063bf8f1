"""Payloads of Slack as events for the inbox, and as what was done. Does no I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from bot.channels.slack import addresses, messages, presses
from bot.channels.slack.addresses import text_at
from bot.contracts.events import DeskReply, Heard, InboundEvent
from bot.dialogue.turn import Occasion, Sharing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.channels.slack.addresses import Body
    from bot.channels.slack.messages import Found

Kind = Literal["event", "press", "command", "shortcut", "submission"]
Guests = Literal["allow", "deny", "ask"]
Standing = Literal["member", "guest", "unknown"]
_UNREAD = frozenset({"token", "blocks", "attachments", "authorizations", "files", "response_urls"})
"""Parts of payloads that nobody reads; they are not kept."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads payloads. `desk` is the key of the desk's room, empty if it is not in Slack.

    `guests` tells what guests and people of other companies may do: all (`allow`), ask but not share (`ask`), or nothing
    (`deny`). Who is unknown may ask, but not share.
    """

    desk: str = ""
    guests: Guests = "ask"

    def event(self, kind: Kind, body: Mapping[str, Any], *, me: str = "") -> InboundEvent | None:
        """The event that a payload makes; None if there is nothing to answer. `me` is the bot's user id."""
        kept = _shortened(body)
        payload = {"kind": kind, "body": kept, "me": me, "standing": "member", "name": ""}
        found = self._found(payload)
        if found is None:
            return None
        person = addresses.person(_team(kept), found.user) if found.user else ""
        where = addresses.names(_team(kept), (found.heard.into or found.heard.address).get("channel", ""))
        return InboundEvent(_id(kind, kept), addresses.PLATFORM, found.talk, person, payload, found.twin, where)

    def introduced(self, event: InboundEvent, standing: Standing, name: str) -> InboundEvent:
        """The event with what is known of who caused it."""
        return replace(event, payload={**event.payload, "standing": standing, "name": name})

    def read(self, payload: Mapping[str, Any]) -> Heard | None:
        """What a kept payload says."""
        found = self._found(payload)
        if found is None:
            return None
        heard = replace(found.heard, name=text_at(payload, "name") or found.user)
        return self._allowed(heard, text_at(payload, "standing"))

    def must_know(self, heard: Heard | None) -> bool:
        """Whether it must be known who somebody is before they are answered."""
        return self.guests == "deny" or (self.guests == "ask" and heard is not None and isinstance(heard.act, Sharing))

    def _found(self, payload: Mapping[str, Any]) -> Found | None:
        body = addresses.at(dict(payload), "body")
        team = _team(body)
        match text_at(payload, "kind"):
            case "event":
                return messages.read_event(addresses.at(body, "event"), team, text_at(payload, "me"), self.desk)
            case "press":
                return presses.read_press(body, team, self.desk)
            case "command":
                return presses.read_command(body, team)
            case "shortcut":
                return presses.read_shortcut(body, team)
            case "submission":
                return presses.read_submission(body, team)
            case _:
                return None

    def _allowed(self, heard: Heard, standing: str) -> Heard:
        """The same, or word that it is not for people from outside."""
        if self.guests == "deny" and standing == "guest" and not isinstance(heard.act, DeskReply):
            return replace(heard, act=Occasion(conversation="", name="guest"), into=None)
        if self.guests != "allow" and standing != "member" and isinstance(heard.act, Sharing):
            return replace(heard, act=Occasion(conversation="", name="no_sharing"), into=None)
        return heard


def _id(kind: Kind, body: Body) -> str:
    """What Slack calls the payload; a second delivery has the same."""
    if kind == "event":
        return text_at(body, "event_id") or f"{text_at(body, 'event', 'channel')}/{text_at(body, 'event', 'event_ts')}"
    view = text_at(body, "view", "id") if kind == "submission" else ""
    return f"{view}/{text_at(body, 'view', 'hash')}" if view else text_at(body, "trigger_id") or text_at(body, "action_ts")


def _team(body: Body) -> str:
    return text_at(body, "team_id") or text_at(body, "team", "id")


def _shortened(value: Any) -> Any:  # noqa: ANN401 - whatever Slack has sent
    if isinstance(value, dict):
        return {key: _shortened(held) for key, held in value.items() if key not in _UNREAD}
    return [_shortened(held) for held in value] if isinstance(value, list) else value
