"""The shape of the knowledge files, as pydantic models: the door through which YAML comes in, and the JSON Schema.

Lengths and patterns stand here; what one part says about another (ids that must exist) is checked by the loader.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from bot.knowledge.entry import EntryKind, SocialKind

MOST_PROMPTS = 4
"""Questions that somebody new is shown."""
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Line = Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]
Short = Annotated[str, Field(min_length=1, max_length=40, pattern=r"\S")]
Cell = Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S")]
Answer = Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]
Long = Annotated[str, Field(min_length=1, max_length=1500, pattern=r"\S")]
Phrasing = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]


def _listed(value: Any) -> Any:  # noqa: ANN401 - whatever stands in the file
    return [value] if isinstance(value, str) else value


_LISTED = BeforeValidator(_listed, json_schema_input_type=str | list[str])
"""A single text where a list is expected is a list of one."""
Lines = Annotated[list[Line], _LISTED]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceModel(_Part):
    """A text that answers are taken from."""

    title: Line
    publisher: str = ""
    url: str = ""
    headings: list[Line] = Field(min_length=1)


class TopicModel(_Part):
    """A heading of the browse menu."""

    id: Slug
    title: Short


class FacetModel(_Part):
    """A dimension of questions, its covered values and what people mention beside them."""

    values: dict[Slug, Annotated[list[Line], _LISTED]] = {}
    other: list[Lines] = []


class FigureModel(_Part):
    """A number that two or more entries use."""

    text: Line
    heading: Line


class FollowUpModel(_Part):
    """A follow-up with a label of its own."""

    to: Slug
    label: Short


class EntryModel(_Part):
    """A question with its answer."""

    id: Slug
    question: Line
    answer: Answer
    title: Short | None = None
    more: Long | None = None
    heading: Line | None = None
    source: Slug | None = None
    topic: Slug | None = None
    kind: EntryKind = "answer"
    about: dict[Slug, Slug] = {}
    phrasings: list[Phrasing] = []
    never: list[Phrasing] = Field(default=[], alias="not")
    follow_ups: list[Slug | FollowUpModel] = Field(default=[], max_length=3)
    story: bool = False
    status: Literal["draft", "live", "retired"] = "live"
    columns: dict[Slug, Short] = {}
    rows: list[dict[str, Cell | list[Slug]]] = []

    @model_validator(mode="after")
    def _rows_are_for_compare(self) -> EntryModel:
        if self.kind == "compare" and not (self.columns and self.rows):
            message = "An entry of the kind 'compare' needs columns and rows."
            raise ValueError(message)
        if self.kind == "answer" and (self.columns or self.rows):
            message = "Only an entry of the kind 'compare' has columns and rows."
            raise ValueError(message)
        return self


class ClarifyModel(_Part):
    """A word or two that leave open what is meant, and the question that decides."""

    when: Lines
    ask: Line
    choices: list[Slug] = Field(min_length=2, max_length=3)


class KnowledgeModel(_Part):
    """knowledge/faq.yaml: what the bot says."""

    version: Literal[1]
    entries: list[EntryModel] = Field(min_length=1)
    title: Short = "careerbot"
    include: list[str] = []
    sources: dict[Slug, SourceModel] = {}
    topics: list[TopicModel] = []
    prompts: list[Slug] = Field(default=[], max_length=MOST_PROMPTS)
    facets: dict[Slug, FacetModel] = {}
    synonyms: list[Annotated[list[Line], Field(min_length=2)]] = []
    figures: dict[Slug, FigureModel] = {}
    clarify: list[ClarifyModel] = []
    texts: dict[str, Lines] = {}

    @model_validator(mode="before")
    @classmethod
    def _version_is_a_number(cls, data: Any) -> Any:  # noqa: ANN401
        """Scalars arrive as typed; `version: 1` is the only number of the format."""
        if isinstance(data, dict) and isinstance(data.get("version"), str) and data["version"].isdigit():
            return {**data, "version": int(data["version"])}
        return data


class SubjectModel(_Part):
    """Something that people ask and that is not covered."""

    phrasings: list[Phrasing] = Field(min_length=1)
    reply: Line
    title: Short | None = None
    instead: list[Slug] = []


class SocialModel(_Part):
    """A kind of small talk; `kind` says what it is reported as, where the name of the group does not."""

    phrasings: list[Phrasing] = []
    replies: Lines
    kind: SocialKind | None = None


_OLD_NAMES = {"talks": "conversations", "whole talks right": "whole conversations right"}
_TWO_NAMES = "'talks' is the old name of 'conversations'; write all of them under 'conversations'."


class QuestionModel(_Part):
    """A held-out question and the entries that answer it, or `none`."""

    ask: Annotated[str, Field(max_length=2000)]
    expect: list[Slug] | Literal["none"]
    kind: str = "plain"


class TurnModel(_Part):
    """One turn of a held-out conversation: what is said, and the entry or the act expected."""

    say: str
    expect: list[Slug] | Literal["none"] | None = None
    act: Annotated[list[str], _LISTED] = []


class HeldOutModel(_Part):
    """tests.yaml: questions and conversations that are never used for matching, and what must be reached on them.

    Older folders say `talks`; that is read, and handed on under the names of today.
    """

    questions: list[QuestionModel] = []
    conversations: list[list[TurnModel]] = []
    thresholds: dict[str, dict[str, float]] = {}
    talks: list[list[TurnModel]] = Field(default=[], description="The old name of `conversations`.", json_schema_extra={"deprecated": True})

    @field_validator("thresholds")
    @classmethod
    def _kinds_by_one_name(cls, thresholds: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        if {"talks", "conversations"} <= thresholds.keys():
            raise ValueError(_TWO_NAMES)
        renamed = {_OLD_NAMES.get(kind, kind): limits for kind, limits in thresholds.items()}
        return {kind: {_OLD_NAMES.get(name, name): limit for name, limit in limits.items()} for kind, limits in renamed.items()}

    @field_validator("talks")
    @classmethod
    def _talks_alone(cls, talks: list[list[TurnModel]], info: ValidationInfo) -> list[list[TurnModel]]:
        if info.data.get("conversations"):
            raise ValueError(_TWO_NAMES)
        return talks

    @model_validator(mode="after")
    def _talks_are_conversations(self) -> HeldOutModel:
        return self.model_copy(update={"conversations": self.talks, "talks": []}) if self.talks else self


Includes = {
    "phrasings": dict[Slug, list[Phrasing]],
    "out_of_scope": dict[Slug, SubjectModel],
    "social": dict[Slug, SocialModel],
    "tests": HeldOutModel,
}
"""What each included file holds, by the name of the file."""
