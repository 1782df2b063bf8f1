"""What Telegram shows of the bot: its commands by kind of chat, its description, the menu button. Set only where it has changed.

https://core.telegram.org/bots/api#setmycommands; these calls are limited far more than messages are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.channels.telegram import limits

if TYPE_CHECKING:
    from bot.channels.telegram.web import Web
    from bot.contracts.ports import Words

_IN_PRIVATE = ("topics", "compare", "human", "privacy", "forget", "help")
_IN_GROUPS = ("ask", "compare", "topics", "help")


def commands(names: tuple[str, ...], words: Words) -> list[dict[str, str]]:
    """Commands with what they do."""
    return [{"command": name, "description": limits.fitted(words(f"commands_{name}"), limits.COMMAND)} for name in names]


async def set_up(web: Web, words: Words, title: str) -> None:
    """Bring the profile up to date; raises what `Web.call` raises."""
    for kind, names in (("all_private_chats", _IN_PRIVATE), ("all_group_chats", _IN_GROUPS)):
        scope, wanted = {"type": kind}, commands(names, words)
        if await web.call("getMyCommands", scope=scope) != wanted:
            await web.call("setMyCommands", commands=wanted, scope=scope)
    about = limits.fitted(words("description", title=title), limits.DESCRIPTION)
    await _described(web, "Description", "description", about)
    await _described(web, "ShortDescription", "short_description", limits.fitted(about, limits.SHORT_DESCRIPTION))
    if (await web.call("getChatMenuButton")) != {"type": "commands"}:
        await web.call("setChatMenuButton", menu_button={"type": "commands"})


async def _described(web: Web, name: str, key: str, wanted: str) -> None:
    held: Any = await web.call(f"getMy{name}")
    if not isinstance(held, dict) or held.get(key) != wanted:
        await web.call(f"setMy{name}", **{key: wanted})
