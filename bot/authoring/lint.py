"""What an editor should know before the knowledge goes live: every fault, and what is allowed but probably not meant."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.knowledge.loader import KnowledgeError, load_all
from bot.knowledge.references import FIGURE
from bot.matching.analysis import Analyzer
from bot.matching.text import normalise, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.knowledge.entry import KnowledgeBase
    from bot.knowledge.loaded import Loaded
    from bot.knowledge.yaml_source import Document, Fault, Where

FEW_PHRASINGS = 6
"""Phrasings below which an entry is hard to find (with an earlier prototype, 6 found it for 76 % of the questions, 24 for 87 %)."""


def lint(path: Path) -> list[Fault]:
    """Faults and warnings of a knowledge file and all that it includes, in the order of files and lines."""
    try:
        base, loaded = load_all(path)
    except KnowledgeError as error:
        return list(error.faults)
    checks = (_shared_phrasings, _few_phrasings, _ruled_out, _leaks, _idle)
    return sorted(fault for check in checks for fault in check(base, loaded))


def _asked(base: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """Every phrasing with the id that it stands under."""
    for group in (base.entries, base.subjects, base.social):
        for id_, held in group.items():
            yield from ((id_, text) for text in held.phrasings)


def _key(text: str) -> str:
    return " ".join(words(normalise(text)))


def _shared_phrasings(base: KnowledgeBase, loaded: Loaded) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for id_, text in _asked(base):
        key = _key(text)
        other = first.setdefault(key, id_) if key else id_
        if other != id_:
            yield _warn(loaded, id_, text, f"{text!r} stands under {other!r} too; one question can lead to one place only.")


def _warn(loaded: Loaded, id_: str, text: str, sentence: str) -> Fault:
    """A warning at a phrasing of an id."""
    document, where = _phrasing_place(loaded, id_, text)
    return document.at(where, sentence, warning=True)


def _phrasing_place(loaded: Loaded, id_: str, text: str) -> tuple[Document, Where]:
    """The document and path in which a phrasing of an id stands."""
    if text in loaded.phrasings.get(id_, ()):
        return loaded.documents["phrasings"], (id_, loaded.phrasings[id_].index(text))
    for name in ("out_of_scope", "social"):
        group = getattr(loaded, name).get(id_)
        if group is not None:
            return loaded.documents[name], (id_, "phrasings", group.phrasings.index(text))
    position = next(i for i, entry in enumerate(loaded.main.entries) if entry.id == id_)
    return loaded.documents["main"], ("entries", position, "phrasings")


def _few_phrasings(base: KnowledgeBase, loaded: Loaded) -> Iterator[Fault]:
    for position, model in enumerate(loaded.main.entries):
        entry = base.entries.get(model.id)
        if entry is not None and len(entry.phrasings) < FEW_PHRASINGS:
            sentence = f"{entry.id!r} has {len(entry.phrasings)} phrasings; with fewer than {FEW_PHRASINGS} people will rarely find it."
            yield loaded.documents["main"].at(("entries", position, "id"), sentence, warning=True)


def _ruled_out(base: KnowledgeBase, loaded: Loaded) -> Iterator[Fault]:
    """Phrasings that matching takes for the same as a `not:` question of their entry; equal words are a fault already."""
    analyzer = Analyzer(base.facets, base.synonyms)
    for position, model in enumerate(loaded.main.entries):
        entry = base.entries.get(model.id)
        if entry is None or not entry.never:
            continue
        asked = {analyzer.analyze(text).key: text for text in (entry.question, entry.title, *entry.phrasings)}
        for i, text in enumerate(entry.never):
            same = asked.get(analyzer.analyze(text).key)
            if same:
                sentence = f"{text!r} means the same as the phrasing {same!r} of {entry.id!r}, which will never reach it now."
                yield loaded.documents["main"].at(("entries", position, "not", i), sentence, warning=True)


def _leaks(base: KnowledgeBase, loaded: Loaded) -> Iterator[Fault]:
    known = {_key(text): id_ for id_, text in _asked(base)}
    for i, question in enumerate(loaded.tests.questions):
        holder = known.get(_key(question.ask))
        if holder:
            sentence = f"The test question {question.ask!r} is a phrasing of {holder!r} too, so it tests nothing."
            yield loaded.documents["tests"].at(("questions", i, "ask"), sentence, warning=True)


def _idle(base: KnowledgeBase, loaded: Loaded) -> Iterator[Fault]:
    main = loaded.documents["main"]
    cells = (text for entry in loaded.main.entries for row in entry.rows for text in row.values() if isinstance(text, str))
    texts = [text for entry in loaded.main.entries for text in (entry.answer, entry.more or "")]
    used = Counter(name for text in (*texts, *cells) for name in FIGURE.findall(text))
    for name in loaded.main.figures:
        if used[name] <= 1:
            yield main.at(
                ("figures", name),
                f"The figure {name!r} is used {used[name]} times; figures are for numbers used twice or more.",
                warning=True,
            )
    for topic in base.topics:
        if not base.under(topic.id):
            position = [t.id for t in loaded.main.topics].index(topic.id)
            yield main.at(("topics", position), f"No entry stands under the topic {topic.id!r}.", warning=True)
    for position, model in enumerate(loaded.main.entries):
        if base.topics and model.topic is None and model.status == "live":
            yield main.at(("entries", position, "id"), f"{model.id!r} has no topic, so the menu does not show it.", warning=True)
