"""Messages of Telegram as its app shows them on a phone: from HTML and a keyboard of the Bot API to HTML of a page. Pure functions.

https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from benchmarks.pictures_html import avatar, loud, piece, span, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    Json = dict[str, Any]
    Keyboard = Sequence[Sequence[Json]]

BOT, CLOCK = "careerbot", "9:41"
TAGS = {
    "b": "b",
    "strong": "b",
    "i": "i",
    "em": "i",
    "u": "u",
    "ins": "u",
    "s": "s",
    "strike": "s",
    "del": "s",
    "code": "code",
    "pre": "pre",
}
"""Tags of the Bot API that a page has too."""
LOOKS = {"a": "link", "blockquote": "quote", "tg-spoiler": "spoiler", "span": "spoiler"}
"""Those that are a look here."""
APART = {"pre", "blockquote"}
"""Those that stand apart from the lines around them."""
SIGNS = {"url": "↗", "login_url": "↗", "web_app": "▣", "copy_text": "⧉", "switch_inline_query_chosen_chat": "↱"}
"""What the app draws into the corner of a button that does not call the bot, by the field of the button."""
CALLS = "callback_data"


def message(html: str, keyboard: Keyboard = (), *, answers: str = "", sharer: str = "") -> str:
    """A message of the bot: HTML as it was sent, and what can be pressed beneath it.

    `answers` is the text of the message that it replies to, `sharer` the person who sent it by way of the bot.
    """
    author = piece("author", words(sharer), span("via", f" via @{BOT}")) if sharer else ""
    return _bubble(author + _answered(answers), parsed(html), _keyboard(keyboard))


def said(text: str, *, name: str = "", answers: str = "") -> str:
    """A message of a person: of somebody else where there is a name, else of whoever holds the phone."""
    author = piece("author", words(name)) if name else ""
    return _bubble(author + _answered(answers), words(text), own=not name)


def toast(text: str) -> str:
    """What is told for a moment when something was pressed."""
    return piece("toast", span("", words(text)))


def bar(title: str, below: str) -> str:
    """What stands above a chat."""
    picture = avatar("" if title == BOT else title)
    return piece("bar", span("back", "‹"), piece("where", piece("title", words(title)), piece("below", words(below))), picture)


def parsed(html: str) -> str:
    """HTML of the Bot API as HTML of a page; a tag that is not known is told of."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.pieces)


def _bubble(above: str, text: str, beneath: str = "", *, own: bool = False) -> str:
    bubble = piece("bubble", above, piece("text", text, span("clock", CLOCK)))
    return piece("message own" if own else "message", piece("column", bubble, beneath))


def _answered(text: str) -> str:
    """The message that is replied to, on one line."""
    return piece("answered", words(" ".join(text.split()))) if text else ""


def _keyboard(keyboard: Keyboard) -> str:
    rows = (piece("row", *map(_button, row)) for row in keyboard)
    return piece("keyboard", *rows) if keyboard else ""


def _button(button: Json) -> str:
    """A button; one that does what is not known says so."""
    does = next((key for key in button if key != "text"), "nothing")
    sign = "" if does == CALLS else span("sign", SIGNS[does]) if does in SIGNS else loud(does)
    return span("button", span("label", words(button["text"])), sign)


class _Reader(HTMLParser):
    """Puts down what it reads as pieces of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._ends: list[str] = []
        self._after_block = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag of the page, or a piece with a look."""
        if tag in TAGS:
            start, end = f"<{TAGS[tag]}>", f"</{TAGS[tag]}>"
        elif tag in LOOKS:
            folded = " folded" if "expandable" in dict(attrs) else ""
            start, end = f'<span class="{LOOKS[tag]}{folded}">', "</span>"
        else:
            start, end = loud(tag), ""
        self.pieces.append(start)
        self._ends.append(end)

    def handle_endtag(self, tag: str) -> None:
        """The end of what was begun last."""
        self._after_block = tag in APART
        self.pieces.append(self._ends.pop() if self._ends else loud(f"/{tag}"))

    def handle_data(self, data: str) -> None:
        """What stands between tags; the line that a block ends is no empty one."""
        self.pieces.append(words(data.removeprefix("\n") if self._after_block else data))
        self._after_block = False
