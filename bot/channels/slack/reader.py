"""Payloads of Slack as events. Does no I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from bot.channels.slack import messages, presses
from bot.channels.slack.envelope import Envelope
from bot.channels.slack.payload import at, team_of, text_at
from bot.contracts.events import DeskReply, DeskTalk
from bot.dialogue.turn import Occasion, Share

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.channels.slack.payload import Body
    from bot.contracts.events import InboundEvent

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
        """The event that a payload is; None if there is nothing to answer. `me` is the bot's user id."""
        return self._read({"kind": kind, "body": _shortened(body), "me": me, "standing": "member", "name": ""})

    def introduced(self, event: InboundEvent, standing: Standing, name: str) -> InboundEvent:
        """The event with what is known of who caused it."""
        payload = {**event.payload, "standing": standing, "name": name}
        return self._allowed(replace(event, payload=payload, name=name or event.name), standing)

    def read(self, payload: Mapping[str, Any]) -> InboundEvent | None:
        """The event that a kept payload is."""
        event = self._read(payload)
        return self._allowed(event, text_at(payload, "standing")) if event else None

    def must_know(self, event: InboundEvent) -> bool:
        """Whether it must be known who somebody is before they are answered."""
        return self.guests == "deny" or (self.guests == "ask" and isinstance(event.act, Share))

    def _read(self, payload: Mapping[str, Any]) -> InboundEvent | None:
        kind, body = text_at(payload, "kind"), at(payload, "body")
        envelope = Envelope(_id(kind, body), payload, team_of(body), text_at(payload, "me"), self.desk, text_at(payload, "name"))
        match kind:
            case "event":
                return messages.read_event(at(body, "event"), envelope)
            case "press":
                return presses.read_press(body, envelope)
            case "command":
                return presses.read_command(body, envelope)
            case "shortcut":
                return presses.read_shortcut(body, envelope)
            case "submission":
                return presses.read_submission(body, envelope)
            case _:
                return None

    def _allowed(self, event: InboundEvent, standing: str) -> InboundEvent:
        """The same, or word that it is not for people from outside."""
        if self.guests == "deny" and standing == "guest" and not isinstance(event.act, DeskReply | DeskTalk):
            return replace(event, act=Occasion("guest"), share_into=None)
        if self.guests != "allow" and standing != "member" and isinstance(event.act, Share):
            return replace(event, act=Occasion("no_sharing"), share_into=None)
        return event


def _id(kind: str, body: Body) -> str:
    """What Slack calls the payload; a second delivery has the same."""
    if kind == "event":
        return text_at(body, "event_id") or f"{text_at(body, 'event', 'channel')}/{text_at(body, 'event', 'event_ts')}"
    view = text_at(body, "view", "id") if kind == "submission" else ""
    return f"{view}/{text_at(body, 'view', 'hash')}" if view else text_at(body, "trigger_id") or text_at(body, "action_ts")


def _shortened(value: Any) -> Any:  # noqa: ANN401 - whatever Slack has sent
    if isinstance(value, dict):
        return {key: _shortened(held) for key, held in value.items() if key not in _UNREAD}
    return [_shortened(held) for held in value] if isinstance(value, list) else value
