"""Replies as Slack messages: pure functions from a reply to `text` and `blocks`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.channels.slack import blocks, limits, pressed
from bot.channels.slack.pressed import MENU, PICK, RATE
from bot.dialogue.targets import DeskTarget, EntryTarget, PersonTarget, TeamTarget, TopicTarget, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.contracts.ports import Words
    from bot.dialogue.reply import Choice, Reply

    Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """What a message needs to know besides the reply.

    `turn` is what a rating names, `echo` the question where nobody else sees it, `sharer` the id of whoever shares it, `desk`
    whether a person can be asked, `team` whether there is a room to share with. With `alone` only the asker sees it and may share
    it right there, in the thread with the timestamp `thread` if that is set.
    """

    turn: str = ""
    echo: str = ""
    sharer: str = ""
    desk: bool = False
    team: bool = False
    alone: bool = False
    thread: str = ""


def message(reply: Reply, words: Words, frame: Frame) -> dict[str, Any]:
    """A reply as the `text` and `blocks` of a message. `text` holds all of it, for notifications and screen readers.

    What an answer says, its source with a menu of what else can be done, where it leads on, its thumbs: in that order, and no more.
    """
    person = _person(reply, words, frame)
    buttons, menus = picks(offered(reply), PICK, words, limits.BUTTONS - len(person))
    options = _options(reply, words, frame)
    menu = blocks.overflow(MENU, options) if options else None
    drawn = [
        *([blocks.aside(f"{words('asked_head')} {frame.echo}")] if frame.echo else []),
        *([blocks.attributed(words("shared_by", name="{name}"), frame.sharer)] if frame.sharer else []),
        *body(reply),
        *([blocks.line(_source(reply, words), menu)] if reply.sources else []),
        *blocks.actions(buttons, PICK),
        *blocks.actions([*menus, *person, *([menu] if menu and not reply.sources else [])], "tools"),
        *_thumbs(reply, words, frame),
    ]
    return {"text": _text(reply, words, frame), "blocks": blocks.within(drawn)}


def body(reply: Reply) -> list[Block]:
    """What a reply says in a message, without its source and without anything to press."""
    drawn = [blocks.paragraph(reply)]
    if reply.table:
        drawn.append(blocks.table(reply.table) if blocks.fits(reply.table) else blocks.table_lines(reply.table))
    return [*drawn, *besides(reply)]


def besides(reply: Reply) -> list[Block]:
    """What a reply says beyond its text and its table: a quote, notes."""
    return [*([blocks.quote(reply.quote)] if reply.quote else []), *([blocks.aside(*reply.notes)] if reply.notes else [])]


def offered(reply: Reply) -> Sequence[Choice]:
    """What can be picked after a reply; an answer leads on in few ways."""
    onward = reply.follow_ups[: limits.FOLLOW_UPS] if reply.entries else reply.follow_ups
    return reply.choices or onward


def picks(choices: Sequence[Choice], action: str, words: Words, room: int = limits.BUTTONS) -> tuple[list[Block], list[Block]]:
    """Choices as buttons and as menus: topics in a menu of their own, and all others in one too if there are more than there is room."""
    topics = [choice for choice in choices if isinstance(choice.target, TopicTarget)]
    others = [choice for choice in choices if not isinstance(choice.target, TopicTarget)]
    shown = others if len(others) <= room else others[: limits.SHOWN]
    return [_button(f"{action}:{number}", choice, first=number == 0) for number, choice in enumerate(shown)], [
        *([_select(f"{action}:questions", words("pick_question"), others)] if len(others) > len(shown) else []),
        *([_select(f"{action}:topics", words("pick_topic"), topics)] if topics else []),
    ]


def _button(action: str, choice: Choice, *, first: bool) -> Block:
    """A choice as a button; to answer stands out at the desk, where it is what is to be done first."""
    answers = isinstance(choice.target, DeskTarget) and choice.target.move == "answer"
    return blocks.button(action, choice.label, written(choice.target), primary=first and answers)


def _select(action: str, placeholder: str, choices: Sequence[Choice]) -> Block:
    return blocks.select(action, placeholder, [blocks.option(choice.label, written(choice.target)) for choice in choices])


def _options(reply: Reply, words: Words, frame: Frame) -> list[Block]:
    """What else can be done with an answer."""
    if not reply.entries:
        return []
    entry = reply.entries[0]
    more = [blocks.option(words("button_more"), written(EntryTarget(entry, "more")))] if reply.more else []
    team = [blocks.option(words("button_share_team"), written(TeamTarget(entry)))] if frame.team else []
    shares = [] if frame.sharer else [_share(entry, words, frame), *team]
    asks = frame.desk and frame.turn and not reply.offers_person
    return [*more, *shares, *([blocks.option(words("button_person"), written(PersonTarget()))] if asks else [])]


def _share(entry: str, words: Words, frame: Frame) -> Block:
    if not frame.alone:
        return blocks.option(words("button_share"), pressed.share(entry))
    label = words("button_share_thread" if frame.thread else "button_share_here")
    return blocks.option(label, pressed.share_here(entry, frame.thread))


def _person(reply: Reply, words: Words, frame: Frame) -> list[Block]:
    """A button to ask a person, where there is no answer or none that helped."""
    if reply.offers_person or (frame.desk and reply.act in {"fallback", "out_of_scope"}):
        return [blocks.button(f"{PICK}:person", words("button_person"), written(PersonTarget()))]
    return []


def _thumbs(reply: Reply, words: Words, frame: Frame) -> list[Block]:
    if not (reply.entries and frame.turn):
        return []
    up = blocks.thumb(words("button_up"), pressed.rating(frame.turn, up=True), words("button_up_label"))
    down = blocks.thumb(words("button_down"), pressed.rating(frame.turn, up=False), words("button_down_label"))
    return [blocks.thumbs(RATE, up, down)]


def _source(reply: Reply, words: Words) -> str:
    return f"{words('sources_head')} {' · '.join(reply.sources)}"


def _text(reply: Reply, words: Words, frame: Frame) -> str:
    labels = " · ".join(choice.label for choice in offered(reply))
    source = _source(reply, words) if reply.sources else ""
    onward = f"{words('next_head')} {labels}" if labels and reply.act == "answer" and not reply.choices else labels
    said = blocks.escaped("\n".join(part for part in (reply.plain_body, source, onward) if part))
    by = f"{blocks.escaped(words('shared_by', name='{name}')).replace('{name}', f'<@{frame.sharer}>')}\n" if frame.sharer else ""
    return limits.fitted(f"{by}{said}", limits.TEXT) or "…"
