"""What can be pressed beneath a reply, row by row, and what becomes of it when it is pressed. Pure functions.

An answer is calm: what one could ask next, then one row to rate it, with a button that unfolds all else.
https://core.telegram.org/bots/api#inlinekeyboardmarkup
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.channels.telegram import keys, limits
from bot.dialogue.targets import DeskTarget, EntryTarget, PersonTarget, ReasonTarget, TeamTarget, TopicTarget, read_target, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.channels.telegram.keys import Tool
    from bot.contracts.ports import Words
    from bot.dialogue.reply import Choice, Reply
    from bot.dialogue.targets import DeskMove

Button = dict[str, Any]
Keyboard = list[list[Button]]

FEW = 4
"""Short choices up to which each gets a row of its own."""
FOLLOW_UPS = 3
MOST = 6
"""Buttons beneath what is no menu."""
BY_WRITING: dict[DeskMove, str] = {"answer": "desk_by_reply", "change": "desk_by_edit"}
"""What the desk does by writing, and the key of what says so."""
_TURNS: tuple[keys.Action, ...] = ("menu", "less")
EVERYWHERE = {"allow_user_chats": True, "allow_group_chats": True, "allow_channel_chats": True}


@dataclass(frozen=True, slots=True)
class Frame:
    """What a message needs to know besides the reply.

    `turn` is what a rating names, `desk` whether a person can be asked, `inline` whether the bot may be called in any chat, `team`
    whether there is a room to share with.
    """

    turn: str = ""
    desk: bool = False
    inline: bool = False
    team: bool = False


def keyboard(reply: Reply, words: Words, frame: Frame) -> Keyboard:
    """What can be pressed beneath a reply."""
    if reply.entries:
        row = _rating(reply, words, frame)
        return [*_picks((reply.choices or reply.follow_ups)[:FOLLOW_UPS]), *([row] if row else [])]
    helpless = reply.act in {"fallback", "out_of_scope"}
    person = [[_person(words)]] if reply.offers_person or (frame.desk and helpless) else []
    return [*_offers(reply, words, MOST - len(person)), *person]


def links(card: Reply, words: Words, bot: str) -> Keyboard:
    """What a card offers that stands in somebody's name where the bot is not: all of it leads into the private chat with `bot`."""
    more = [(EntryTarget(card.entries[0], "full"), words("button_more"))] if card.more and card.entries else []
    offered = [*((choice.target, choice.label) for choice in card.follow_ups[:FOLLOW_UPS]), *more]
    return [[{"text": _label(label), "url": address}] for target, label in offered if (address := keys.url(bot, keys.entry_link(target)))]


def unfolds(shown: Keyboard, key: str) -> bool:
    """Whether a keyboard has the button that unfolds or folds the tools of a key."""
    return any(_does(button, action, key) for row in shown for button in row for action in _TURNS)


def unfolded(shown: Keyboard, key: str, words: Words) -> Keyboard:
    """A keyboard with the tools of an answer beneath the button that has unfolded them and folds them now."""
    less = {"text": words("button_less"), "callback_data": keys.data("less", key)}
    rows: Keyboard = []
    for row in folded(shown, key, words):
        opened = [less if _does(button, "menu", key) else button for button in row]
        rows += [opened, *(_tools(key, words) if opened != row else [])]
    return rows


def folded(shown: Keyboard, key: str, words: Words) -> Keyboard:
    """A keyboard without the tools that were unfolded."""
    menu = {"text": words("button_menu"), "callback_data": keys.data("menu", key)}
    rows = [[menu if _does(button, "less", key) else button for button in row if not _is_tool(button)] for row in shown]
    return [row for row in rows if row]


def rated(markup: str, reply: Reply) -> Keyboard:
    """A keyboard (JSON) without its thumbs, and with what the reply asks instead: reasons, which go once one is given."""
    try:
        shown = rows_of(json.loads(markup or "[]"))
    except ValueError:
        shown = []
    rows = [[button for button in row if not _is_rating(button)] for row in shown]
    return [*(row for row in rows if row), *_in_rows(_buttons(reply.follow_ups), 2)]


def rows_of(held: object) -> Keyboard:
    """The rows of a keyboard as it came from Telegram; what is none has none."""
    rows = held if isinstance(held, list) else []
    return [[button for button in row if isinstance(button, dict)] for row in rows if isinstance(row, list)]


def _offers(reply: Reply, words: Words, most: int) -> Keyboard:
    """What a reply without an answer offers: all of a menu, else few things and, for its topics, one button."""
    offered = (reply.choices or reply.follow_ups)[: limits.BUTTONS]
    direct = [choice for choice in offered if not isinstance(choice.target, TopicTarget)]
    all_topics = [[{"text": words("button_topics"), "callback_data": keys.data("show", written(TopicTarget()))}]]
    if reply.choices or (reply.kind == "help" and reply.text == words("topics")):
        return _picks(offered)
    if len(direct) < len(offered):
        return [*_picks(direct[: most - 1]), *all_topics]
    if reply.kind == "help" and direct:
        return [*_picks(direct), *all_topics]
    return _picks(direct[:most])


def _rating(reply: Reply, words: Words, frame: Frame) -> list[Button]:
    """The one row beneath an answer and what could be asked next: thumbs, and the button that unfolds the rest."""
    thumbs: dict[keys.Action, str] = {"up": "button_up", "down": "button_down"} if frame.turn else {}
    row = [{"text": words(label), "callback_data": keys.data(action, frame.turn)} for action, label in thumbs.items()]
    can: dict[Tool, bool] = {"more": reply.more, "share": frame.inline, "team": frame.team, "person": frame.desk or reply.offers_person}
    tools = [tool for tool, possible in can.items() if possible]
    if tools and (packed := keys.data("menu", keys.tools_key(tools, reply.entries[0]))):
        row.append({"text": words("button_menu"), "callback_data": packed})
    return row


def _tools(key: str, words: Words) -> Keyboard:
    """What unfolds: each tool that a key names, two a row."""
    tools, entry = keys.read_tools(key)
    made: dict[Tool, Button] = {
        "more": {"text": words("button_more"), "callback_data": keys.data("show", written(EntryTarget(entry, "full")))},
        "share": {"text": words("button_share"), "switch_inline_query_chosen_chat": {"query": f"#{entry}", **EVERYWHERE}},
        "team": {"text": words("button_share_team"), "callback_data": keys.data("pick", written(TeamTarget(entry)))},
        "person": _person(words),
    }
    return _in_rows([made[tool] for tool in tools if made[tool].get("callback_data", "-")], 2)


def _picks(choices: Sequence[Choice]) -> Keyboard:
    """A choice a row, and menus two. Menus change in place."""
    rows = _buttons([choice for choice in choices if not isinstance(choice.target, TopicTarget)])
    menu = _buttons([choice for choice in choices if isinstance(choice.target, TopicTarget)])
    width = 2 if len(rows) > FEW and all(len(button["text"]) < limits.BUTTON // 2 for button in rows) else 1
    return [*_in_rows(rows, width), *_in_rows(menu, 2)]


def _buttons(choices: Sequence[Choice]) -> list[Button]:
    """A button for each choice that can be one: too long an id is none, and the desk answers by replying."""
    made = []
    for choice in choices:
        action: keys.Action = "show" if isinstance(choice.target, TopicTarget) else "pick"
        packed = keys.data(action, written(choice.target))
        if packed and not is_written(choice):
            made.append({"text": _label(choice.label), "callback_data": packed})
    return made


def is_written(choice: Choice) -> bool:
    """Whether a choice of the desk is made by writing: an answer is a reply here, and changed by editing that. No button does it."""
    return isinstance(choice.target, DeskTarget) and choice.target.move in BY_WRITING


def _person(words: Words) -> Button:
    return {"text": words("button_person"), "callback_data": keys.data("pick", written(PersonTarget()))}


def _label(text: str) -> str:
    fitted = limits.fitted(text.strip(), limits.BUTTON)
    return "…" if limits.blank(fitted) else fitted


def _in_rows(buttons: list[Button], width: int) -> Keyboard:
    return [buttons[start : start + width] for start in range(0, len(buttons), width)]


def _carried(button: Button) -> tuple[keys.Action | None, str]:
    held = button.get("callback_data", "")
    return keys.read_data(held if isinstance(held, str) else "")


def _does(button: Button, action: keys.Action, key: str) -> bool:
    return _carried(button) == (action, key)


def _is_rating(button: Button) -> bool:
    action, key = _carried(button)
    return action in {"up", "down"} or isinstance(read_target(key), ReasonTarget)


def _is_tool(button: Button) -> bool:
    """Whether a button is one that unfolds: none of those can be what an answer leads to."""
    action, key = _carried(button)
    target = read_target(key)
    whole = isinstance(target, EntryTarget) and action == "show"
    return "switch_inline_query_chosen_chat" in button or (action is not None and (whole or isinstance(target, TeamTarget | PersonTarget)))
