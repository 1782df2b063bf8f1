"""The files of a knowledge base side by side, each of the right shape, before anybody asked whether they fit together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.knowledge.schema import HeldOutModel, KnowledgeModel, SocialModel, SubjectModel

if TYPE_CHECKING:
    from bot.knowledge.yaml_source import Document


@dataclass(slots=True)
class Loaded:
    """The files of a knowledge base as models: `main`, and what was included by name, with the documents they came from."""

    main: KnowledgeModel
    documents: dict[str, Document]
    phrasings: dict[str, list[str]] = field(default_factory=dict)
    out_of_scope: dict[str, SubjectModel] = field(default_factory=dict)
    social: dict[str, SocialModel] = field(default_factory=dict)
    tests: HeldOutModel = field(default_factory=HeldOutModel)
