"""What is done about a press where it is pressed, and whether it is an event for the gateway besides. Pure functions.

https://core.telegram.org/bots/api#answercallbackquery
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.channels.telegram import keyboards, keys, limits
from bot.channels.telegram.addresses import PRIVATE
from bot.channels.telegram.payload import at, text_at
from bot.dialogue.targets import EntryTarget, ReasonTarget, TeamTarget, read_target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.channels.telegram.keyboards import Keyboard
    from bot.contracts.ports import Words
    from bot.dialogue.targets import Target

    Leads = Callable[[Target], bool]


@dataclass(frozen=True, slots=True)
class Press:
    """A press: how Telegram is answered, what its keyboard becomes at once, and whether it is an event.

    `answer` holds the arguments of answerCallbackQuery but for the id.
    """

    answer: Mapping[str, str]
    event: bool = False
    keyboard: Keyboard | None = None


@dataclass(frozen=True, slots=True)
class Presses:
    """Understands presses of the bot with the username `bot`.

    `leads` tells whether a target is still known, `team` whether there is a room to share with.
    """

    words: Words
    bot: str
    leads: Leads
    team: bool = False

    def understood(self, pressed: Mapping[str, Any]) -> Press:
        """What a press is. One that leads nowhere (a button of another version or knowledge, or a forged one) is told so."""
        action, key = keys.read_data(text_at(pressed, "data"))
        private = text_at(pressed, "message", "chat", "type") == PRIVATE
        if text_at(pressed, "inline_message_id"):
            return self._on_a_card(read_target(key)) if action in {"pick", "show"} else self._gone()
        match action:
            case "up" | "down" if key:
                return Press(self._thanks(action, private=private), event=True)
            case "menu" | "less":
                return self._turned(pressed, action, key)
            case "pick" | "show":
                return self._chosen(read_target(key), private=private)
            case _:
                return self._gone()

    def _chosen(self, target: Target, *, private: bool) -> Press:
        match target:
            case ReasonTarget():  # in a group nobody can tell whose reason it is
                return Press(self._toast("rated_reason"), event=True) if private else self._gone()
            case TeamTarget() if not self.team:
                return self._gone()
            case _:
                return Press({}, event=True) if self.leads(target) else self._gone()

    def _on_a_card(self, target: Target) -> Press:
        """A card stands in the name of whoever sent it, and is not changed: its buttons lead to the bot."""
        address = keys.url(self.bot, keys.entry_link(target)) if self.leads(target) else ""
        return Press({"url": address}) if address else self._gone()

    def _turned(self, pressed: Mapping[str, Any], action: str, key: str) -> Press:
        """The tools of an answer unfolded or folded, in the keyboard that has come with the press."""
        shown = keyboards.rows_of(at(pressed, "message", "reply_markup", "inline_keyboard"))
        if not (keyboards.unfolds(shown, key) and self.leads(EntryTarget(keys.read_tools(key)[1]))):
            return self._gone()
        return Press({}, keyboard=(keyboards.unfolded if action == "menu" else keyboards.folded)(shown, key, self.words))

    def _thanks(self, action: str, *, private: bool) -> dict[str, str]:
        """A word for a rating; in private reasons are asked for on the message after 👎."""
        if action == "up":
            return self._toast("rated_up")
        return {} if private else self._toast("rated_reason")

    def _gone(self) -> Press:
        return Press(self._toast("gone"))

    def _toast(self, key: str) -> dict[str, str]:
        return {"text": limits.fitted(self.words(key), limits.TOAST)}
