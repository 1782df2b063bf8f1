"""Screens of a phone, the page that shows them all, and the page that lists their pictures. Pure functions but for the styles they read."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.pictures_html import LOUD, piece, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STYLES = Path(__file__).with_suffix(".css")
WIDTH = 390
"""CSS pixels of a phone."""
ACROSS, SHOWN = 3, 270
"""Pictures beside one another in the list, and how wide each is shown there."""
ABOUT = """Turns with the shipped knowledge at the width of a phone, drawn from the blocks and the HTML that were really sent to a Slack and
a Telegram on loopback; their look is near to that of the apps, no more. Yellow notes say what an app does not show. Made anew by"""
TITLES = {"slack": "Slack", "telegram": "Telegram"}


@dataclass(frozen=True, slots=True)
class Screen:
    """What a phone shows: HTML of its bar and of what is beneath; `name` is the platform and a word or two, `caption` a line."""

    name: str
    caption: str
    bar: str
    body: str

    @property
    def platform(self) -> str:
        """Whose app it is."""
        return self.name.partition("-")[0]

    @property
    def loud(self) -> bool:
        """Whether there is something on it that could not be drawn."""
        return f'class="{LOUD}"' in self.bar + self.body


def page(screens: Iterable[Screen]) -> str:
    """A page that shows all screens, each an element whose id is the screen's name."""
    styles = STYLES.read_text("utf-8")
    shown = "\n".join(map(_phone, screens))
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Pictures</title><style>{styles}</style>\n{shown}\n</html>\n'


def listing(screens: Sequence[Screen], command: str) -> str:
    """A page in Markdown that shows all pictures and says how they were made."""
    parts = [
        "# What people see",
        ABOUT,
        f"```sh\n{command}\n```",
    ]
    for platform, title in TITLES.items():
        of_it = [screen for screen in screens if screen.platform == platform]
        rows = [of_it[start : start + ACROSS] for start in range(0, len(of_it), ACROSS)]
        parts += [f"## {title}", "\n".join(["<table>", *map(_row, rows), "</table>"])]
    return "\n\n".join(parts) + "\n"


def _phone(screen: Screen) -> str:
    caption = piece("caption", words(screen.caption))
    return piece(
        f"phone {screen.platform}", caption, piece("screen", screen.bar, piece("talk", screen.body)), id=screen.name, tag="section"
    )


def _row(screens: Sequence[Screen]) -> str:
    return "\n".join(['<tr valign="top">', *map(_cell, screens), "</tr>"])


def _cell(screen: Screen) -> str:
    caption = escape(screen.caption)
    return f'<td>{caption}<br><img src="{screen.name}.png" width="{SHOWN}" alt="{caption}"></td>'
