"""YAML files -> KnowledgeBase, or every fault at once with file, line and column.

The files are read once (`files`). Three passes follow, each of which reports all that it finds: their YAML is parsed
(`yaml_source`), their shape is checked (`schema`), and what one part says about another is checked (`references`). Only a
knowledge base without faults is built.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from bot.knowledge import build, references
from bot.knowledge.files import read_files
from bot.knowledge.loaded import Loaded
from bot.knowledge.schema import Includes, KnowledgeModel
from bot.knowledge.validation_errors import as_fault
from bot.knowledge.yaml_source import Document, Fault, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.knowledge.entry import KnowledgeBase
    from bot.knowledge.files import KnowledgeFiles


class KnowledgeError(Exception):
    """The knowledge cannot be used; `faults` says why, in the order of files and lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(map(str, self.faults)))


def load(path: Path) -> KnowledgeBase:
    """The knowledge base of the file at `path` and what it includes; raises `KnowledgeError` with every fault."""
    base, _ = load_all(path)
    return base


def load_all(path: Path) -> tuple[KnowledgeBase, Loaded]:
    """Like `load`, with the models of the files beside it (for lint, tests and tools)."""
    files = read_files(path)
    loaded = _models(files)
    faults = references.check(loaded)
    if faults:
        raise KnowledgeError(faults)
    return build.knowledge_base(loaded, files.version), loaded


def _models(files: KnowledgeFiles) -> Loaded:
    document = parse(files.main)
    main, faults = _parse(KnowledgeModel, document)
    documents = {"main": document}
    parts: dict[str, Any] = {}
    for position, name in enumerate(_included(document)):
        kind = Path(name).stem
        if kind not in Includes or Path(name).name != name or Path(name).suffix != ".yaml":
            expected = ", ".join(f"{known}.yaml" for known in Includes)
            faults.append(document.at(("include", position), f"{name!r} cannot be included; it can be {expected}, beside this file."))
            continue
        documents[kind] = part = parse(files.beside[kind])
        parts[kind], more = _parse(Includes[kind], part)
        faults += more
    if main is None or faults:
        raise KnowledgeError(faults)
    return Loaded(main, documents, **parts)


def _included(document: Document) -> list[str]:
    listed = document.data.get("include") if isinstance(document.data, dict) else None
    return [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []


def _parse(model: Any, document: Document) -> tuple[Any, list[Fault]]:  # noqa: ANN401 - a model or a mapping of models
    if document.faults:
        return None, list(document.faults)
    try:
        return TypeAdapter(model).validate_python(document.data), []
    except ValidationError as error:
        return None, [as_fault(document, detail) for detail in error.errors(include_url=False)]
