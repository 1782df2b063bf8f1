"""Where things happen over HTTP: callers name their conversations, people and requests as they like."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import blake2s

from bot.contracts.addresses import Address
from bot.dialogue.turn import RawKey

PLATFORM = "http"


@dataclass(frozen=True, slots=True)
class HttpAddress:
    """Where a message goes: to whoever waits for the answer to a `request`, else to what lies there for the `conversation`."""

    conversation: str
    person: str
    request: str

    @property
    def event(self) -> str:
        """The id of the event that the request is. The same name of a request means another one elsewhere; no name can be read off it."""
        return blake2s(f"{self.conversation}\0{self.person}\0{self.request}".encode(), digest_size=16).hexdigest()

    def packed(self) -> Address:
        """The address as all others know it; `HttpAddress(**place)` is the way back."""
        return Address(PLATFORM, asdict(self))


def key(name: str) -> RawKey:
    """The key of a conversation, which is a room of its own, or of a person."""
    return RawKey(f"{PLATFORM}:{name}")
