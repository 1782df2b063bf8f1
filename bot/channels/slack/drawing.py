"""Replies as Slack messages: pure functions from a reply to `text` and `blocks`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.channels.slack import blocks, limits
from bot.dialogue.targets import EntryTarget, PersonTarget, TeamTarget, TopicTarget, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.contracts.ports import Words
    from bot.dialogue.reply import Choice, Reply

    Block = dict[str, Any]

PICK, HOME = "pick", "home"
"""What the action ids of choices begin with: in a message, on the home page."""
UP, DOWN, SHARE, HERE = "rate_up", "rate_down", "share", "share_here"
"""The action ids of what can be done with an answer."""


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
    """A reply as the `text` and `blocks` of a message. `text` holds all of it, for notifications and screen readers."""
    drawn = [
        *([blocks.aside(f"{words('asked_head')} {frame.echo}")] if frame.echo else []),
        *([blocks.attributed(words("shared_by", name="{name}"), frame.sharer)] if frame.sharer else []),
        *body(reply, words),
        *picks(reply.choices or reply.follow_ups, PICK),
        *blocks.buttons(_tools(reply, words, frame), "tools"),
    ]
    return {"text": _text(reply, words, frame), "blocks": blocks.within(drawn)}


def body(reply: Reply, words: Words, *, tables: bool = True) -> list[Block]:
    """What a reply says, without anything to press; views take no `tables`."""
    drawn = [blocks.paragraph(reply)]
    if reply.table:
        drawn.append(blocks.table(reply.table) if tables and blocks.fits(reply.table) else blocks.table_lines(reply.table))
    if reply.quote:
        drawn.append(blocks.quote(reply.quote))
    if reply.notes:
        drawn.append(blocks.aside(*reply.notes))
    if reply.sources:
        drawn.append(blocks.aside(_source(reply, words)))
    return drawn


def picks(choices: Sequence[Choice], action: str) -> list[Block]:
    """Choices as buttons, topics in rows of their own."""
    topics: list[Block] = []
    others: list[Block] = []
    for number, choice in enumerate(choices[: limits.PICKS]):
        button = blocks.button(f"{action}:{number}", choice.label, written(choice.target))
        (topics if isinstance(choice.target, TopicTarget) else others).append(button)
    return [*blocks.buttons(others, action), *blocks.buttons(topics, f"{action}:topics")]


def _tools(reply: Reply, words: Words, frame: Frame) -> list[Block]:
    """What can be done with an answer, or about there being none."""
    tools: list[Block] = []
    if reply.more and reply.entries:
        tools.append(blocks.button(f"{PICK}:more", words("button_more"), written(EntryTarget(reply.entries[0], "more"))))
    if reply.entries and frame.turn:
        tools.append(blocks.button(UP, words("button_up"), frame.turn, words("button_up_label")))
        tools.append(blocks.button(DOWN, words("button_down"), frame.turn, words("button_down_label")))
    if reply.entries and not frame.sharer:
        tools.append(_share(reply.entries[0], words, frame))
        if frame.team:
            tools.append(blocks.button(f"{PICK}:team", words("button_share_team"), written(TeamTarget(reply.entries[0]))))
    helpless = reply.act in {"fallback", "out_of_scope"} or bool(reply.entries and frame.turn)
    if reply.offers_person or (frame.desk and helpless):
        tools.append(blocks.button(f"{PICK}:person", words("button_person"), written(PersonTarget())))
    return tools


def _share(entry: str, words: Words, frame: Frame) -> Block:
    if not frame.alone:
        return blocks.button(SHARE, words("button_share"), entry)
    label = words("button_share_thread" if frame.thread else "button_share_here")
    return blocks.button(HERE, label, f"{entry}|{frame.thread}")


def _source(reply: Reply, words: Words) -> str:
    return f"{words('sources_head')} {' · '.join(reply.sources)}"


def _text(reply: Reply, words: Words, frame: Frame) -> str:
    labels = " · ".join(choice.label for choice in reply.choices)
    parts = [reply.plain_body, labels, _source(reply, words) if reply.sources else ""]
    said = blocks.escaped("\n".join(part for part in parts if part))
    by = f"{blocks.escaped(words('shared_by', name='{name}')).replace('{name}', f'<@{frame.sharer}>')}\n" if frame.sharer else ""
    return limits.fitted(f"{by}{said}", limits.TEXT) or "…"
