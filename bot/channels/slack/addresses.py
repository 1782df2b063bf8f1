"""Where things happen in Slack: the keys of conversations, people, rooms and messages, and the addresses that messages go to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.contracts.addresses import Address
from bot.dialogue.turn import RawKey

if TYPE_CHECKING:
    from collections.abc import Mapping

PLATFORM = "slack"
PATH = "/slack/events"
"""Where Slack calls the bot over HTTP."""
_TEXTS, _FLAGS = ("channel", "user", "thread", "url"), ("private", "by_url", "replace")
_LOOK = ("echo", "sharer", "share_in")
_NO_ADDRESS = "This is no address in Slack."


@dataclass(frozen=True, slots=True)
class Look:
    """How a message is drawn where it goes.

    `echo` is the question where nobody else sees it, `sharer` the id of whoever shares it. What only the asker sees can be shared in
    the thread with the timestamp `share_in` if that is set.
    """

    echo: str = ""
    sharer: str = ""
    share_in: str = ""


PLAIN = Look()


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackAddress:
    """Where a message goes in Slack, and how it looks there.

    `channel` and `thread`; `user` is whoever asked, and with `private` nobody else is to see it. `url` is where a press or a command
    is answered; with `by_url` only there, since the bot may not be in that channel, and it may `replace` what was pressed.
    """

    channel: str
    user: str = ""
    thread: str = ""
    private: bool = False
    url: str = ""
    by_url: bool = False
    replace: bool = False
    look: Look = PLAIN

    def packed(self) -> Address:
        """The address as all others know it."""
        held = {name: value for name in (*_TEXTS, *_FLAGS) if (value := getattr(self, name))}
        return Address(PLATFORM, {**held, "look": {name: value for name in _LOOK if (value := getattr(self.look, name))}})


def unpacked(place: Mapping[str, Any]) -> SlackAddress:
    """The address in a packed place; raises `ValueError` for one that is none."""
    held = place if "look" in place else _from_0_1(place)
    texts, flags = _part(held, _TEXTS, str), _part(held, _FLAGS, bool)
    if not texts.get("channel"):
        raise ValueError(_NO_ADDRESS)
    return SlackAddress(**texts, **flags, look=Look(**_part(held["look"], _LOOK, str)))


def _part(held: object, names: tuple[str, ...], kind: type) -> dict[str, Any]:
    """What is held under some names, all of it of one type; raises `ValueError`."""
    part = {name: held[name] for name in names if name in held} if isinstance(held, dict) else None
    if part is None or not all(type(value) is kind for value in part.values()):
        raise ValueError(_NO_ADDRESS)
    return part


def _from_0_1(place: Mapping[str, Any]) -> dict[str, Any]:
    """A place as version 0.1 kept it: everything in texts, side by side."""
    if not isinstance(place, dict):
        raise ValueError(_NO_ADDRESS)  # noqa: TRY004 - like all that is no address
    flags = {"private": "only" in place, "by_url": "via" in place, "replace": "replace" in place}
    look = {"echo": place.get("echo", ""), "sharer": place.get("by", ""), "share_in": place.get("share_in", "")}
    return {**place, **flags, "look": look}


def person(team: str, user: str) -> RawKey:
    """The key of a person."""
    return RawKey(f"{PLATFORM}:{team}/{user}")


def read_person(key: RawKey) -> tuple[str, str]:
    """The workspace and the id of a person."""
    team, _, user = key.removeprefix(f"{PLATFORM}:").partition("/")
    return team, user


def room(team: str, channel: str, desk: str = "") -> RawKey:
    """The key of a channel; that of the `desk` is as the operator wrote it, with the workspace or without."""
    return RawKey(desk if desk == f"{PLATFORM}:{channel}" else f"{PLATFORM}:{team}/{channel}")


def names(team: str, channel: str) -> tuple[str, ...]:
    """The names that an operator may have for a channel, the narrowest first: with the workspace, without it, the workspace."""
    rooms = (f"{PLATFORM}:{team}/{channel}", f"{PLATFORM}:{channel}") if channel else ()
    return (*rooms, f"{PLATFORM}:{team}")


def read_room(key: str) -> Address:
    """The address of a channel that an operator named: slack:C0123, or slack:T0123/C0456."""
    return SlackAddress(channel=key.removeprefix(f"{PLATFORM}:").rpartition("/")[2]).packed()


def conversation(team: str, channel: str, *, thread: str = "", alone: str = "") -> RawKey:
    """The key of a conversation: a thread of a channel, or what one person (`alone`) has with the bot there.

    A direct message is of one person as a whole: others may be in it, if it is not the bot's and `/career` is given there.
    """
    if is_direct(channel):
        return RawKey(f"{PLATFORM}:{team}/{channel}/~{alone}")
    return RawKey(f"{PLATFORM}:{team}/{channel}/{thread or f'~{alone}'}")


def post(channel: str, stamp: str) -> str:
    """The key of a message."""
    return f"{PLATFORM}:{channel}/{stamp}"


def read_post(key: str) -> tuple[str, str]:
    """The channel and the timestamp of a message, empty if the key is none of Slack's."""
    platform, _, rest = key.partition(":")
    channel, _, stamp = rest.partition("/") if platform == PLATFORM else ("", "", "")
    return channel, stamp


def is_direct(channel: str) -> bool:
    """Whether a channel is a direct message with the bot."""
    return channel.startswith("D")
