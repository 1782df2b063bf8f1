"""Why the bot answers as it does: what it read, what it weighed, which limits decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from bot.matching.similarity import nearest_phrasing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from bot.dialogue.assistant import Turn
    from bot.knowledge.entry import KnowledgeBase
    from bot.matching.candidate import Candidate, Match


def explain(text: str, turn: Turn, base: KnowledgeBase) -> RenderableType:
    """The explanation of a turn that answered a text, to be printed by rich."""
    if turn.match is None or turn.match.empty:
        reason = "It is a move within a conversation, so nothing was matched." if turn.match is None else "Nothing in it can be read."
        return Text(f"{reason}\nDecided: {turn.reply.act}")
    match = turn.match
    return Group(
        Text("\n".join(_read(match))),
        Text(f"Decided:      {turn.reply.act}   (confidence {match.confidence:.2f}, scope {match.scope:.2f}, choice {match.choice:.2f})\n"),
        _candidates(text, match, base),
    )


def _read(match: Match) -> Iterator[str]:
    yield f"Read as:      {' '.join(match.words)}"
    yield f"Corrected:    {', '.join(f'{typed} → {meant}' for typed, meant in match.corrections) or '–'}"
    named = (f"{m.facet} {m.value}{'' if m.covered else ' (not covered)'}" for m in match.mentions)
    yield f"Known words:  {match.known:.0%} of it"
    yield f"About:        {', '.join(dict.fromkeys(named)) or '–'}"
    if match.ruled_out:
        yield f"Ruled out:    {', '.join(match.ruled_out)} (it is one of the questions under `not`)"


def _candidates(text: str, match: Match, base: KnowledgeBase) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for head in ("candidate", "what", "probability", "choice", "because people ask it like"):
        table.add_column(head, overflow="fold")
    for kind, candidates in (("entry", match.entries), ("not covered", match.subjects[:2]), ("small talk", match.social[:1])):
        for candidate in candidates:
            share = f"{candidate.probability / _mass(match):.2f}" if kind == "entry" else ""
            table.add_row(candidate.id, kind, f"{candidate.probability:.3f}", share, _nearest(text, candidate, base))
    return table


def _mass(match: Match) -> float:
    """The probability on all entries, from the best one and its share."""
    return match.entries[0].probability / match.choice if match.choice else 1.0


def _nearest(text: str, candidate: Candidate, base: KnowledgeBase) -> Text:
    held = base.entries.get(candidate.id) or base.subjects.get(candidate.id) or base.social[candidate.id]
    found = nearest_phrasing(text, held.phrasings)
    return Text(f"{found[0]} ({found[1]:.2f})" if found else "–")
