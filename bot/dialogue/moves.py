"""Moves that only make sense within a conversation: a number, a label, "more", "topics", a thumb. Everything else is a question."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.dialogue.targets import written
from bot.matching.text import normalise, words

if TYPE_CHECKING:
    from bot.dialogue.reply import Choice
    from bot.dialogue.session import Session

_ORDINALS = {
    "first": 1, "1st": 1, "one": 1, "second": 2, "2nd": 2, "two": 2, "third": 3, "3rd": 3, "three": 3, "last": -1,
}  # fmt: skip
_FILLER = frozenset(
    "the a one option choice number no nr answer please pls i ll ill take pick go with want that s thats its".split()  # noqa: SIM905
)
_DIGITS = 2
_MORE = re.compile(
    r"(?:(?:yes|ok|please|and|sure|tell|say|show|give|go|can you|could you|anything|what)\s+)*(?:me\s+)*(?:some\s+)?"
    r"(?:more|else|go on|continue|elaborate|expand|more details?|details?|further|deeper)"
    r"(?:\s+(?:please|pls|info|information|about (?:it|that|this)|on (?:it|that|this)|to (?:it|that|this)))*"
)
_YES = re.compile(
    r"(?:(?:yes|yeah|yep|yup|sure|ok(?:ay)?|please|y|of course|go ahead|do it|absolutely|why not)[\s,]*)+(?:that(?: one)?|do|please|pls)?"
)
_WHY = re.compile(
    r"(?:(?:but|and|ok|so|hm+)\s+)*"
    r"(?:why(?: (?:so|not|is that|is it|is it so|that|though|exactly))?|how come|what(?: i|')?s the reason|for what reason)"
)
_EXAMPLE = re.compile(
    r"(?:(?:ok|and|do you have|have you got|got|give me|can you give me|any|an|some|a|like|for|with|real)\s+)*"
    r"(?:example|examples|instance|story|stories|case|cases)(?:\s+(?:please|pls|of (?:that|this|it)|for (?:that|this|it)|maybe))*"
)
_ANOTHER = re.compile(
    r"(?:(?:and|ok|do you have|have you got|got|give me|tell me|any|show me)\s+)*(?:another|one more|others?|more|a different)"
    r"(?:\s+(?:one|ones|example|examples|story|stories|case|cases|please|pls))*"
)
_TOPICS = re.compile(
    r"/?(?:topics?|browse|back|go back|start over|main menu|the topics|show (?:me )?(?:the |all )?topics|list (?:the |all )?topics)"
)
_FORGET = re.compile(r"/?forget ?me")
_THUMBS = {"👍": True, ":+1:": True, "👎": False, ":-1:": False}
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]")
_NONE = re.compile(r"(?:no(?:ne)?|neither|nope|not (?:that|those|these))(?:\s+of\s+(?:these|those|them|the above))?")


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
    (_YES, Yes),
    (_MORE, More),
    (_WHY, Why),
    (_EXAMPLE, Example),
    (_ANOTHER, Another),
)


def read_move(text: str, session: Session) -> Move | None:
    """The move that a text makes in this session, or None if it is to be matched as a question."""
    thumb = _THUMBS.get(_SKIN.sub("", text.strip()))
    if thumb is not None:
        return Thumb(thumb)
    said = normalise(text).strip(" .!?()#,;:…")
    if not said:
        return None
    if _TOPICS.fullmatch(said):
        return Topics()
    if _FORGET.fullmatch(said):
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
    if session.awaiting and _NONE.fullmatch(said):
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
    if parts in (["one"], ["two"], ["three"]):
        return _ORDINALS[parts[0]]
    telling = [part for part in parts if part not in _FILLER]
    if len(telling) != 1 or len(parts) > len(telling) + 5:
        return None
    if telling[0].isascii() and telling[0].isdigit() and len(telling[0]) <= _DIGITS:
        return int(telling[0])
    return _ORDINALS.get(telling[0])
