"""The HTML that pictures are drawn with: pieces of it, and what the drawing of each platform has in common. Pure functions."""

from __future__ import annotations

from html import escape

LOUD = "loud"
"""The class of what stands for something that cannot be drawn."""


def words(text: str) -> str:
    """Somebody's words: nothing in them is mark-up, and their lines stay lines."""
    return escape(text).replace("\n", "<br>")


def piece(look: str, *inside: str, tag: str = "div", **attributes: str) -> str:
    """An element with the classes `look` around HTML; attributes are escaped."""
    further = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f'<{tag} class="{escape(look)}"{further}>{"".join(inside)}</{tag}>'


def span(look: str, *inside: str) -> str:
    """A piece within a line."""
    return piece(look, *inside, tag="span")


def loud(what: object) -> str:
    """What stands for something that cannot be drawn, so that nothing is left out in silence."""
    return span(LOUD, words(f"not drawn: {what}"))


def did(what: str) -> str:
    """What somebody did that an app does not show, such as a press."""
    return piece("did", span("", words(what)))


def avatar(name: str) -> str:
    """The picture of a person: their initial; that of the bot for no name."""
    if not name:
        return span("avatar bot", "🤖")
    hue = sum(map(ord, name)) * 47 % 360
    return f'<span class="avatar" style="background:hsl({hue} 45% 45%)">{words(name[:1].upper())}</span>'
