"""What can go wrong between the rooms, each told in one plain sentence that names no person, secret or value."""

from __future__ import annotations

from typing import Literal

Refusal = Literal["", "outside", "archived", "restricted", "external", "stranger", "gone"]


class StoreError(Exception):
    """The store cannot keep or give anything now; the text says why in one sentence."""


class OvertakenError(Exception):
    """What an outcome was decided on has changed meanwhile; it must be decided again."""


class ChannelError(Exception):
    """A platform cannot be used; the text says why and what to do, in one sentence. What is not `lasting` may pass by itself."""

    def __init__(self, text: str, *, lasting: bool = True) -> None:
        super().__init__(text)
        self.lasting = lasting


class SendError(Exception):
    """A message did not arrive, or nobody knows whether it did."""


class Refused(SendError):  # noqa: N818 - it names what happened
    """A message that will never arrive. The text is one plain sentence, `reason` names the cause where it is known.

    `outside`: the bot is not in that room; `archived`; `restricted`: not everybody may write there; `external`: people from
    outside read it; `stranger`: whoever shares is not in it; `gone`: it does not exist, or blocks the bot.
    """

    def __init__(self, text: str = "", reason: Refusal = "") -> None:
        super().__init__(text)
        self.reason: Refusal = reason


class Later(SendError):  # noqa: N818 - as above
    """A message that may go to its room after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds:g} s")
        self.seconds = seconds


class Unreachable(SendError):  # noqa: N818 - as above
    """The platform did not take a message; it may be sent again."""


class Unsure(SendError):  # noqa: N818 - as above
    """A message left and nobody knows whether it arrived: it is looked for, and where that is not possible sent once more."""
