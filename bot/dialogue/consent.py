"""On the way to a person: which question is passed on, and whether the asker agrees. Nothing is passed on without a yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogue.masking import masked
from bot.dialogue.moves import ForgetMe, Thumb, Topics, read_move
from bot.dialogue.targets import ConsentTarget, NoneOfThese, PersonTarget
from bot.dialogue.turn import HandOff
from bot.language import conversation
from bot.matching.text import normalise

if TYPE_CHECKING:
    from bot.dialogue.session import Session
    from bot.dialogue.targets import Target


def wished(wish: HandOff, session: Session, *, desk: bool) -> HandOff:
    """The first step once a person was asked for; `desk` tells whether somebody stands by."""
    if not desk:
        return HandOff("nobody", wish.confidence, wish.group, wish.turn)
    if session.question:
        return HandOff("consent", wish.confidence, question=masked(session.question))
    return HandOff("question", wish.confidence, wish.group, wish.turn)


def heard(text: str, session: Session) -> HandOff | None:
    """What something typed means while a question or consent is awaited, or None if it means nothing of that."""
    said = _bare(text)
    if not session.handing or not said:
        return None
    if conversation.CANCELS.fullmatch(said):
        return HandOff("kept")
    if isinstance(read_move(text, session), ForgetMe | Thumb | Topics):
        return None
    if session.handing == "question":
        return HandOff("consent", question=masked(text))
    if conversation.AGREES_WITH_NAME.fullmatch(said):
        return _passed(session, named=True)
    return _passed(session, named=False) if conversation.AGREES_WITHOUT_NAME.fullmatch(said) else None


def rest(text: str, session: Session) -> str:
    """What is asked after words that turn away from a hand-off: "never mind, how much do they earn?"; empty if it goes on."""
    turned = conversation.TURNS_AWAY.match(text.strip())
    return text.strip()[turned.end() :] if turned and session.handing and not conversation.CANCELS.fullmatch(_bare(text)) else ""


def _bare(text: str) -> str:
    return normalise(text).replace(",", "").strip(" .!?")


def chosen(target: Target, session: Session, *, desk: bool) -> HandOff | None:
    """The step that a picked target makes, or None if it has nothing to do with a hand-off."""
    match target:
        case PersonTarget():
            return wished(HandOff("wished"), session, desk=desk)
        case NoneOfThese() if session.handing == "consent":
            return HandOff("kept")
        case ConsentTarget("other"):
            return HandOff("question" if desk else "nobody")
        case ConsentTarget(consent):
            return _passed(session, named=consent == "named")
        case _:
            return None


def _passed(session: Session, *, named: bool) -> HandOff:
    """Passed on, if there is still something to pass: an old button asks for the question again."""
    return HandOff("passed", question=session.to_desk, named=named) if session.to_desk else HandOff("question")
