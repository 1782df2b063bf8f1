"""Answers that people gave at the desk, as entries that an editor only has to finish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDTH = 120


def entries(drafts: Iterable[tuple[str, str, str]]) -> str:
    """YAML for the `entries` of a knowledge file, an entry for each draft (id, question, answer); empty without drafts."""
    return "\n".join(_entry(*draft) for draft in drafts)


def _entry(id_: str, question: str, answer: str) -> str:
    entry = {"id": f"draft-{id_}", "status": "draft", "question": question, "answer": answer}
    text = yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=WIDTH)
    return f"# Once it is in the knowledge: careerbot drafts --drop {id_}\n{text}"
