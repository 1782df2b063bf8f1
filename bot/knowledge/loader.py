"""YAML files -> KnowledgeBase, or every fault at once with file, line and column.

Three passes, each of which reports all that it finds: the files are read (`places`), their shape is checked (`document`),
and what one part says about another is checked here. Only a knowledge base without faults is built.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from bot.knowledge import build, references
from bot.knowledge.loaded import Loaded
from bot.knowledge.schema import Includes, KnowledgeModel
from bot.knowledge.validation_errors import told
from bot.knowledge.yaml_source import Document, Fault, read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.knowledge.entry import KnowledgeBase


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
    loaded = _models(path)
    faults = references.check(loaded)
    if faults:
        raise KnowledgeError(faults)
    return build.knowledge_base(loaded, fingerprint(path)), loaded


def fingerprint(path: Path) -> str:
    """A hash of the file and of everything beside it that it can include (tests excepted); 32 hexadecimal digits."""
    digest = hashlib.sha256()
    names = [path, *(path.with_name(f"{name}.yaml") for name in Includes if name != "tests")]
    for name in names:
        digest.update(name.read_bytes() if name.is_file() else b"-")
        digest.update(b"\0")
    return digest.hexdigest()[:32]


def _models(path: Path) -> Loaded:
    document = read(path)
    main, faults = _parse(KnowledgeModel, document)
    documents = {"main": document}
    parts: dict[str, Any] = {}
    for position, name in enumerate(_included(document)):
        kind = Path(name).stem
        if kind not in Includes or Path(name).name != name or Path(name).suffix != ".yaml":
            expected = ", ".join(f"{known}.yaml" for known in Includes)
            faults.append(document.at(("include", position), f"{name!r} cannot be included; it can be {expected}, beside this file."))
            continue
        documents[kind] = part = read(path.with_name(name))
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
        return None, [told(document, detail) for detail in error.errors(include_url=False)]
