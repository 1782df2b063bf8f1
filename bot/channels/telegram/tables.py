"""A comparison in letters of one width, as wide as a phone. Pure functions."""

from __future__ import annotations

from itertools import zip_longest
from textwrap import wrap

from bot.channels.telegram import limits
from bot.dialogue.reply import Table

WIDE, GAP = 34, 2
"""Letters of a line, and between two columns."""
HALF = (WIDE - GAP) // 2
TALL = 3
"""Lines of a cell that stands beside another."""


def table(shown: Table) -> str:
    """A grid if it is narrow enough; else two columns side by side under each label; else, where a cell is wide, a line for each."""
    rows = tuple((_fitted(label), tuple(map(_fitted, cells))) for label, cells in shown.rows)
    fitted = Table(tuple(map(_fitted, shown.columns)), rows)
    return _grid(fitted) or _beside(fitted) or _listed(fitted)


def _grid(shown: Table) -> str:
    """A line for each row; nothing where that is too wide."""
    lines = [("", *shown.columns), *((label, *cells) for label, cells in shown.rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    if sum(widths) + GAP * (len(widths) - 1) > WIDE:
        return ""
    gap = " " * GAP
    return "\n".join(gap.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def _beside(shown: Table) -> str:
    """Two columns, half a line each, under the label of each row; nothing for other tables, and where a cell is too tall for that."""
    if len(shown.columns) != 2:  # noqa: PLR2004 - halves
        return ""
    rows = [("", shown.columns), *shown.rows]
    halves = [[wrap(cell, HALF) for cell in cells] for _, cells in rows]
    if max(len(half) for cells in halves for half in cells) > TALL or max(len(word) for _, cells in rows for word in _words(cells)) > HALF:
        return ""
    parts = []
    for (label, _), cells in zip(rows, halves, strict=True):
        lines = [f"{left:{HALF + GAP}}{right}".rstrip() for left, right in zip_longest(*cells, fillvalue="")]
        parts.append("\n".join([*wrap(label, WIDE), *lines]))
    return "\n\n".join(parts)


def _listed(shown: Table) -> str:
    """Each row's label, and a line for each column."""
    parts = []
    for label, cells in shown.rows:
        lines = [f"{column}: {cell}" for column, cell in zip(shown.columns, cells, strict=True)]
        wrapped = [piece for line in lines for piece in wrap(line, WIDE, initial_indent="  ", subsequent_indent="    ")]
        parts.append("\n".join([*wrap(label, WIDE), *wrapped]))
    return "\n\n".join(parts)


def _fitted(cell: str) -> str:
    """A cell without breaks, and not endless."""
    return " ".join(limits.fitted(cell, limits.ASIDE).split())


def _words(cells: tuple[str, ...]) -> list[str]:
    return [word for cell in cells for word in cell.split()] or [""]
