"""Moves that only make sense within a conversation: a number, a label, "more", "topics", a thumb. Everything else is a question."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.dialogue.targets import written
from bot.language import conversation, numbers
from bot.matching.text import normalise, words

if TYPE_CHECKING:
    from bot.dialogue.reply import Choice
    from bot.dialogue.session import Session

_NUMBERS = numbers.CARDINALS | numbers.ORDINALS
_DIGITS = 2
_THUMBS = {"👍": True, ":+1:": True, "👎": False, ":-1:": False}
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]")


@dataclass(frozen=True, slots=True)
class Pick:
    """One of the things offered, taken."""

    choice: Choice


@dataclass(frozen=True, slots=True)
class WrongNumber:
    """A number with nothing behind it."""

    number: int


@dataclass(frozen=True, slots=True)
class Refuse:
    """None of the things offered."""


@dataclass(frozen=True, slots=True)
class More:
    """More about the last answer."""


@dataclass(frozen=True, slots=True)
class Topics:
    """The menu."""


@dataclass(frozen=True, slots=True)
class ForgetMe:
    """Everything kept about the person, gone. Only the exact words do it."""


@dataclass(frozen=True, slots=True)
class Thumb:
    """The last answer, rated."""

    up: bool


@dataclass(frozen=True, slots=True)
class Yes:
    """Whatever was offered, taken."""


@dataclass(frozen=True, slots=True)
class Why:
    """The reason behind the last answer."""


@dataclass(frozen=True, slots=True)
class Example:
    """A story behind the last answer."""


@dataclass(frozen=True, slots=True)
class Another:
    """One more answer to the last question."""


Move = Yes | Why | Example | Another | Pick | WrongNumber | Refuse | More | Topics | ForgetMe | Thumb


_SAID: tuple[tuple[re.Pattern[str], type[Yes | Why | Example | Another | More]], ...] = (
    (conversation.AGREES, Yes),
    (conversation.WANTS_MORE, More),
    (conversation.ASKS_WHY, Why),
    (conversation.WANTS_EXAMPLE, Example),
    (conversation.WANTS_ANOTHER, Another),
)


def read_move(text: str, session: Session) -> Move | None:
    """The move that a text makes in this session, or None if it is to be matched as a question."""
    thumb = _THUMBS.get(_SKIN.sub("", text.strip()))
    if thumb is not None:
        return Thumb(thumb)
    said = normalise(text).strip(" .!?()#,;:…")
    if not said:
        return None
    if conversation.WANTS_TOPICS.fullmatch(said):
        return Topics()
    if conversation.FORGETS_ME.fullmatch(said):
        return ForgetMe()
    said = said.replace(",", "")
    if session.offered:
        picked = _picked(said, session)
        if picked is not None:
            return picked
    return next((move() for pattern, move in _SAID if pattern.fullmatch(said)), None)


def _picked(said: str, session: Session) -> Move | None:
    for choice in session.offered:
        if said in {normalise(choice.label).replace(",", "").strip(" .!?"), written(choice.target)}:
            return Pick(choice)
    if session.awaiting and conversation.REFUSES.fullmatch(said):
        return Refuse()
    number = _number(said)
    if number is None:
        return None
    if number == -1:
        return Pick(session.offered[-1])
    if 1 <= number <= len(session.offered):
        return Pick(session.offered[number - 1])
    return WrongNumber(number)


def _number(said: str) -> int | None:
    """The number that a short text names: "2", "the second one", "option 3"; -1 is the last."""
    parts = words(said)
    if len(parts) == 1 and parts[0] in numbers.CARDINALS:
        return numbers.CARDINALS[parts[0]]
    telling = [part for part in parts if part not in conversation.FILLERS_OF_CHOICES]
    if len(telling) != 1 or len(parts) > len(telling) + 5:
        return None
    if telling[0].isascii() and telling[0].isdigit() and len(telling[0]) <= _DIGITS:
        return int(telling[0])
    return _NUMBERS.get(telling[0])
