"""Faults of shape in the words of an editor: what pydantic found wrong, in one sentence with its place."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from bot.knowledge import schema as shapes

if TYPE_CHECKING:
    from pydantic import BaseModel

    from bot.knowledge.yaml_source import Document, Fault, Where

_SHAPES: dict[str, type[BaseModel]] = {
    "entries": shapes.EntryModel,
    "follow_ups": shapes.FollowUpModel,
    "sources": shapes.SourceModel,
    "topics": shapes.TopicModel,
    "facets": shapes.FacetModel,
    "figures": shapes.FigureModel,
    "clarify": shapes.ClarifyModel,
    "questions": shapes.QuestionModel,
    "conversations": shapes.TurnModel,
    "talks": shapes.TurnModel,
}
"""The model of the values under a key, for suggestions."""


_SENTENCES: dict[str, str] = {
    "string_too_long": "{name} has {length} characters; at most {max_length} are allowed.",
    "too_long": "{name} has {actual_length} items; at most {max_length} are allowed.",
    "string_too_short": "{name} is empty.",
    "too_short": "{name} is empty.",
    "string_type": "{name} must be text.",
    "list_type": "{name} must be a list.",
    "dict_type": "{name} must be a mapping of keys to values.",
    "model_type": "{name} must be a mapping of keys to values.",
    "literal_error": "{name} must be {expected}, not {value!r}.",
    "value_error": "{error}",
}
"""What is said of each kind of fault that pydantic knows; other kinds keep pydantic's words."""


def as_fault(document: Document, detail: Any) -> Fault:  # noqa: ANN401 - pydantic's ErrorDetails
    """The fault that pydantic found in a document, in one sentence, at the place where the value stands."""
    where: Where = tuple(part for part in detail["loc"] if not _is_internal(part))
    if detail["type"] == "missing":
        return document.at(where[:-1], f"The key {where[-1]!r} is missing.")
    return document.at(where, _sentence(where, detail, document.kind))


def _sentence(where: Where, detail: Any, kind: str) -> str:  # noqa: ANN401
    name = repr(where[-1]) if where else "the file"
    value, limits = detail["input"], detail.get("ctx", {})
    if detail["type"] == "extra_forbidden":
        return f"The key {name} is not known here{_suggestion(str(where[-1]), where, kind)}"
    if detail["type"] == "string_pattern_mismatch":
        is_id = "a-z" in limits["pattern"]
        return f"{value!r} is not an id; ids are lower-case words joined by hyphens." if is_id else f"{name} is empty."
    sentence = _SENTENCES.get(detail["type"])
    if sentence is None:
        return f"{name}: {detail['msg'].lower()}."
    return sentence.format(name=name, value=value, length=len(value) if isinstance(value, str) else 0, **limits)


def _is_internal(part: str | int) -> bool:
    """Branches of unions and the mark of a key, which pydantic puts into the path of a fault."""
    return isinstance(part, str) and (
        part in {"[key]", "FollowUpModel"} or part.startswith(("list[", "constrained-", "literal[", "function-"))
    )


def _suggestion(name: str, where: Where, kind: str) -> str:
    known = _known_keys(where[:-1], kind)
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}."


def _known_keys(above: Where, kind: str) -> list[str]:
    """The keys that may stand under a path: those of the nearest key above that has a shape, else of the whole file."""
    whole: dict[str, type[BaseModel]] = {"out_of_scope": shapes.SubjectModel, "social": shapes.SocialModel, "tests": shapes.HeldOutModel}
    nearest = (_SHAPES[part] for part in reversed(above) if isinstance(part, str) and part in _SHAPES)
    model = next(nearest, whole.get(kind, shapes.KnowledgeModel))
    return sorted(item.alias or key for key, item in model.model_fields.items())
