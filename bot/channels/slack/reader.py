"""Payloads of Slack as events. Does no I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from bot.channels.slack import messages, presses, texts
from bot.channels.slack.envelope import Envelope
from bot.channels.slack.payload import at, installed_in, team_of, text_at
from bot.contracts.events import DeskReply, DeskTalk
from bot.dialogue.targets import TeamTarget
from bot.dialogue.turn import Occasion, Selection, Share

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.channels.slack.payload import Body
    from bot.contracts.events import InboundEvent

Kind = Literal["event", "press", "command", "shortcut", "submission"]
Guests = Literal["allow", "deny", "ask"]
Standing = Literal["member", "guest", "unknown"]
_UNREAD = frozenset({"token", "blocks", "attachments", "authorizations", "response_urls"})
"""Parts of payloads that nobody reads; they are not kept."""
_FILES = "files"


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads payloads. `desk` is the key of the desk's room, empty if it is not in Slack.

    `guests` tells what guests and people of other companies may do: all (`allow`), ask but not share (`ask`), or nothing
    (`deny`). Whoever is unknown may do no more than they.
    """

    desk: str = ""
    guests: Guests = "ask"

    def event(self, kind: Kind, body: Mapping[str, Any], *, me: str = "", team: str = "") -> InboundEvent | None:
        """The event that a payload is; None if there is nothing to answer. `me` is the bot's user id, `team` its workspace."""
        known = {"me": me, "team": installed_in(body) or team, "standing": "member", "name": ""}
        return self._read({"kind": kind, "body": _shortened(body), **known})

    def unnamed(self, event: InboundEvent) -> tuple[str, ...]:
        """The ids of people and channels in what was said, where they have no name; the bot's own is none of them."""
        body, me = at(event.payload, "body"), text_at(event.payload, "me")
        match text_at(event.payload, "kind"):
            case "event":
                said = f"{text_at(body, 'event', 'text')} {text_at(body, 'event', 'message', 'text')}"
            case "shortcut":
                said = text_at(body, "message", "text")
            case _:
                said = ""
        return tuple(id_ for id_ in texts.unnamed(said) if id_ != me)

    def beneath_bot(self, event: InboundEvent) -> bool:
        """Whether a message was written beneath one of the bot's."""
        said, me = at(event.payload, "body", "event"), text_at(event.payload, "me")
        return bool(me) and me in {text_at(said, "parent_user_id"), text_at(said, "message", "parent_user_id")}

    def introduced(self, event: InboundEvent, standing: Standing, name: str, names: Mapping[str, str] | None = None) -> InboundEvent:
        """The event with what is known of who caused it, and the `names` of whom and what it names by ids."""
        return self.read({**event.payload, "standing": standing, "name": name, "names": dict(names or {})}) or event

    def read(self, payload: Mapping[str, Any]) -> InboundEvent | None:
        """The event that a kept payload is."""
        event = self._read(payload)
        return self._allowed(event, text_at(payload, "standing")) if event else None

    def must_know(self, event: InboundEvent) -> bool:
        """Whether it must be known who somebody is before they are answered."""
        return bool(event.person) and (self.guests == "deny" or (self.guests == "ask" and _shares(event)))

    def _read(self, payload: Mapping[str, Any]) -> InboundEvent | None:
        kind, body = text_at(payload, "kind"), at(payload, "body")
        team = text_at(payload, "team") or team_of(body)  # earlier versions kept no team
        names = at(payload, "names") or {}
        envelope = Envelope(_id(kind, body), payload, team, text_at(payload, "me"), self.desk, text_at(payload, "name"), names)
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
        """The same, or word that it is not for people from outside; who only was overheard hears nothing."""
        if self.guests == "allow" or standing == "member" or not event.person:
            return event
        shares = _shares(event)
        if shares:
            event = replace(event, share_into=None)
        if self.guests == "deny" and not isinstance(event.act, DeskReply | DeskTalk):
            word = Occasion("guest" if standing == "guest" else "unknown")
            return replace(event, act=word, address=None if event.overheard else event.address)
        return replace(event, act=Occasion("no_sharing")) if shares else event


def _shares(event: InboundEvent) -> bool:
    """Whether somebody shares something, here or with the team."""
    act = event.act
    return isinstance(act, Share) or (isinstance(act, Selection) and isinstance(act.target, TeamTarget))


def _id(kind: str, body: Body) -> str:
    """What Slack calls the payload; a second delivery has the same."""
    if kind == "event":
        return text_at(body, "event_id") or f"{text_at(body, 'event', 'channel')}/{text_at(body, 'event', 'event_ts')}"
    view = text_at(body, "view", "id") if kind == "submission" else ""
    return f"{view}/{text_at(body, 'view', 'hash')}" if view else text_at(body, "trigger_id") or text_at(body, "action_ts")


def _shortened(value: Any) -> Any:  # noqa: ANN401 - whatever Slack has sent
    if isinstance(value, dict):
        return {key: _files(held) if key == _FILES else _shortened(held) for key, held in value.items() if key not in _UNREAD}
    return [_shortened(held) for held in value] if isinstance(value, list) else value


def _files(held: object) -> list[dict[str, str]]:
    """What a person is told of files: what they are called, and where they are."""
    files = held if isinstance(held, list) else []
    return [{"title": text_at(file, "title") or text_at(file, "name"), "permalink": text_at(file, "permalink")} for file in files]
