"""Pictures of about thirty turns at the width of a phone, drawn from the blocks and the HTML that were really sent. Run by `make pictures`.

    python -m benchmarks.pictures                        all of them into docs/pictures/
    python -m benchmarks.pictures /somewhere/else        or elsewhere

The bot plays scenes with the shipped knowledge over the loopback Slack and the loopback Telegram; what it sends is drawn on a page and
photographed by a Chromium without a window. What cannot be drawn is drawn as a loud mark; that, and a scene that cannot be played, is told
and the end is 1. Without a browser it is 2.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from benchmarks import pictures_browser, pictures_slack_scenes, pictures_slack_stage, pictures_telegram_scenes, pictures_telegram_stage
from benchmarks.beside import HOME, trained
from benchmarks.pictures_page import WIDTH, Screen, listing, page
from bot import assembly
from bot.settings import Settings

DIRECTORY = HOME / "docs" / "pictures"
COMMAND = "make pictures"
SCALE = 2
"""Pixels to a CSS pixel."""
PLATFORMS = (
    (pictures_slack_stage.stage, pictures_slack_scenes.SCENES),
    (pictures_telegram_stage.stage, pictures_telegram_scenes.SCENES),
)


async def played(troubles: list[str]) -> list[Screen]:
    """The screens of all scenes; of one that cannot be played the trouble is told instead."""
    screens = []
    with trained() as home:
        bot = assembly.assemble(Settings(faq=assembly.shipped_faq(), data_dir=home))
        for stage, scenes in PLATFORMS:
            async with stage(bot, Path(tempfile.mkdtemp(dir=home))) as on:
                for scene in scenes:
                    try:
                        screens.append(await scene(on))
                    except Exception as trouble:  # noqa: BLE001 - the others are played all the same
                        troubles.append(f"{scene.__module__}.{scene.__name__}: {type(trouble).__name__}: {trouble}")
    return [screen for screen in screens if screen]


def main(directory: Path) -> int:
    """Play, draw, and tell what went wrong; the exit code."""
    browser = pictures_browser.installed()
    if browser is None:
        print(f"There is no browser to draw with: install one of {', '.join(pictures_browser.NAMES)}.", file=sys.stderr)
        return 2
    troubles: list[str] = []
    screens = asyncio.run(played(troubles))
    troubles += [f"{screen.name}: something on it cannot be drawn" for screen in screens if screen.loud]
    drawn = asyncio.run(pictures_browser.pictures(browser, page(screens), WIDTH, SCALE))
    keep(directory, screens, drawn)
    print(f"{len(drawn)} pictures, {sum(map(len, drawn.values())) / 1e6:.2f} MB")
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    return 1 if troubles else 0


def keep(directory: Path, screens: list[Screen], drawn: dict[str, bytes]) -> None:
    """Put the pictures and their list into a directory, in the place of those that were there."""
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("*.png"):
        old.unlink()
    for name, png in drawn.items():
        (directory / f"{name}.png").write_bytes(png)
    (directory / "README.md").write_text(listing(screens, COMMAND), "utf-8")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else DIRECTORY))
