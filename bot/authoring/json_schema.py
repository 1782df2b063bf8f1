"""The JSON Schema of the knowledge files, for editors that complete and check while one types."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from bot.knowledge.schema import Includes, KnowledgeModel

NAMES = ("faq", *Includes)


def schema(name: str = "faq") -> dict[str, Any]:
    """The schema of one of the files (`NAMES`), as JSON Schema 2020-12; raises `KeyError` for another name."""
    model: Any = KnowledgeModel if name == "faq" else Includes[name]
    found = TypeAdapter(model).json_schema(by_alias=True)
    return {**found, "$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"careerbot {name}.yaml"}
