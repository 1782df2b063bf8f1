"""What the parts of the knowledge say about one another: ids that must exist, headings, figures, facets, duplicates."""

from __future__ import annotations

import re
from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bot.knowledge import markup
from bot.knowledge.schema import EntryModel, FollowUpModel
from bot.language import wording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from bot.knowledge.loaded import Loaded
    from bot.knowledge.yaml_source import Document, Fault

FIGURE = re.compile(r"\{([a-z0-9-]+)\}")
_WORD = re.compile(r"[^\W_]+")
GAP = re.compile(r"\{([^{}]*)\}|[{}]")
SHOWN = 300
"""Characters that an answer may have once its figures are filled in."""


def check(loaded: Loaded) -> list[Fault]:
    """Every fault between the parts, each at the place of the one that names what is not there."""
    return [
        *_ids(loaded),
        *_sources(loaded),
        *(fault for position, entry in enumerate(loaded.main.entries) for fault in _entry(loaded, entry, position)),
        *_phrasings(loaded),
        *_subjects(loaded),
        *_tests(loaded),
        *_texts(loaded),
        *_clarify(loaded),
        *_prompts(loaded),
    ]


def live(loaded: Loaded) -> set[str]:
    """The ids of the entries that people can see."""
    return {entry.id for entry in loaded.main.entries if entry.status == "live"}


def _ids(loaded: Loaded) -> Iterator[Fault]:
    main = loaded.documents["main"]
    seen: dict[str, str] = {}
    for position, entry in enumerate(loaded.main.entries):
        if entry.id in seen:
            yield main.at(("entries", position, "id"), f"The id {entry.id!r} is used twice; the first is {seen[entry.id]}.")
            continue
        line, _ = main.places.get(("entries", position, "id"), (0, 0))
        seen[entry.id] = f"in line {line}"
    topics = Counter(topic.id for topic in loaded.main.topics)
    for position, topic in enumerate(loaded.main.topics):
        if topics[topic.id] > 1 and [t.id for t in loaded.main.topics].index(topic.id) < position:
            yield main.at(("topics", position, "id"), f"The topic {topic.id!r} is listed twice.")
    for part, ids in (("out_of_scope", loaded.out_of_scope), ("social", loaded.social)):
        for name in ids:
            if name in seen:
                yield loaded.documents[part].at((name,), f"The id {name!r} is used twice; the other is {seen[name]}.")
            seen[name] = f"in {loaded.documents[part].file}"


def _sources(loaded: Loaded) -> Iterator[Fault]:
    headings = {heading for source in loaded.main.sources.values() for heading in source.headings}
    for name, figure in loaded.main.figures.items():
        if headings and figure.heading not in headings:
            where = ("figures", name, "heading")
            yield loaded.documents["main"].at(where, f"No source has the heading {figure.heading!r}{_close(figure.heading, headings)}")
    if not live(loaded):
        yield loaded.documents["main"].at(("entries",), "No entry is live, so there is nothing to answer.")


def _entry(loaded: Loaded, entry: EntryModel, position: int) -> Iterator[Fault]:
    main, at = loaded.documents["main"], ("entries", position)
    sources = loaded.main.sources
    if entry.source is not None and entry.source not in sources:
        yield main.at((*at, "source"), f"There is no source {entry.source!r}{_close(entry.source, sources)}")
    elif sources:
        source = sources[entry.source or next(iter(sources))]
        if entry.heading is None:
            yield main.at(at, f"The entry {entry.id!r} has no heading; name the one of its source that it is taken from.")
        elif entry.heading not in source.headings:
            yield main.at((*at, "heading"), f"The source has no heading {entry.heading!r}{_close(entry.heading, source.headings)}")
    topics = {topic.id for topic in loaded.main.topics}
    if entry.topic is not None and entry.topic not in topics:
        yield main.at((*at, "topic"), f"There is no topic {entry.topic!r}{_close(entry.topic, topics)}")
    yield from _about(loaded, entry, position)
    yield from _follow_ups(loaded, entry, position)
    yield from _written(loaded, entry, position)
    yield from _rows(loaded, entry, position)
    yield from _never(loaded, entry, position)


def _about(loaded: Loaded, entry: EntryModel, position: int) -> Iterator[Fault]:
    facets = loaded.main.facets
    for name, value in entry.about.items():
        where = ("entries", position, "about", name)
        if name not in facets:
            yield loaded.documents["main"].at(where, f"There is no facet {name!r}{_close(name, facets)}")
        elif value not in facets[name].values:
            yield loaded.documents["main"].at(where, f"The facet {name!r} has no value {value!r}{_close(value, facets[name].values)}")


def _follow_ups(loaded: Loaded, entry: EntryModel, position: int) -> Iterator[Fault]:
    known = live(loaded)
    for i, follow in enumerate(entry.follow_ups):
        target = follow.to if isinstance(follow, FollowUpModel) else follow
        where = ("entries", position, "follow_ups", i)
        if target == entry.id:
            yield loaded.documents["main"].at(where, f"The entry {entry.id!r} offers itself as a follow-up.")
        elif target not in known:
            yield loaded.documents["main"].at(where, f"There is no live entry {target!r} to follow up with{_close(target, known)}")


def _written(loaded: Loaded, entry: EntryModel, position: int) -> Iterator[Fault]:
    main, figures = loaded.documents["main"], loaded.main.figures
    for key in ("answer", "more"):
        text = getattr(entry, key) or ""
        for name in FIGURE.findall(text):
            if name not in figures:
                yield main.at(("entries", position, key), f"There is no figure {name!r}{_close(name, figures)}")
        problem = markup.problem(text)
        if problem:
            yield main.at(("entries", position, key), problem)
    filled = FIGURE.sub(lambda found: figures[found[1]].text if found[1] in figures else found[0], entry.answer)
    if len(filled) > SHOWN:
        yield main.at(
            ("entries", position, "answer"), f"With its figures the answer has {len(filled)} characters; at most {SHOWN} are allowed."
        )


def _rows(loaded: Loaded, entry: EntryModel, position: int) -> Iterator[Fault]:
    main, known = loaded.documents["main"], live(loaded)
    for i, row in enumerate(entry.rows):
        at = ("entries", position, "rows", i)
        for key in ("label", *entry.columns):
            if not isinstance(row.get(key), str):
                yield main.at(at, f"The row has no {key!r}.")
        for key, cell in row.items():
            if key == "see":
                targets = cell if isinstance(cell, list) else [cell]
                yield from (main.at((*at, key), f"There is no live entry {to!r}{_close(to, known)}") for to in targets if to not in known)
            elif key != "label" and key not in entry.columns:
                yield main.at((*at, key), f"The comparison has no column {key!r}{_close(key, entry.columns)}")
            elif isinstance(cell, str):
                unknown = [name for name in FIGURE.findall(cell) if name not in loaded.main.figures]
                yield from (main.at((*at, key), f"There is no figure {name!r}.") for name in unknown)


def _never(loaded: Loaded, entry: EntryModel, position: int) -> Iterator[Fault]:
    asked = (entry.question, entry.title or "", *entry.phrasings, *loaded.phrasings.get(entry.id, ()))
    known = {_bare(text) for text in asked} - {()}
    for i, text in enumerate(entry.never):
        if _bare(text) in known:
            sentence = f"{text!r} is a phrasing of {entry.id!r} and must never reach it; it cannot be both."
            yield loaded.documents["main"].at(("entries", position, "not", i), sentence)


def _bare(text: str) -> tuple[str, ...]:
    """The words of a text, whatever their case and whatever stands between them."""
    return tuple(_WORD.findall(text.casefold()))


def _phrasings(loaded: Loaded) -> Iterator[Fault]:
    known = {entry.id for entry in loaded.main.entries}
    for name in loaded.phrasings:
        if name not in known:
            yield loaded.documents["phrasings"].at((name,), f"There is no entry {name!r}{_close(name, known)}")


def _subjects(loaded: Loaded) -> Iterator[Fault]:
    known = live(loaded)
    for name, subject in loaded.out_of_scope.items():
        for i, target in enumerate(subject.instead):
            if target not in known:
                where = (name, "instead", i)
                yield loaded.documents["out_of_scope"].at(where, f"There is no live entry {target!r}{_close(target, known)}")


def _tests(loaded: Loaded) -> Iterator[Fault]:
    known = {entry.id for entry in loaded.main.entries}
    for i, question in enumerate(loaded.tests.questions):
        yield from _expected(loaded.documents["tests"], ("questions", i, "expect"), question.expect, known)
    for i, conversation in enumerate(loaded.tests.conversations):
        key = "talks" if ("talks",) in loaded.documents["tests"].places else "conversations"
        for j, turn in enumerate(conversation):
            yield from _expected(loaded.documents["tests"], (key, i, j, "expect"), turn.expect or [], known)


def _expected(document: Document, where: tuple[str | int, ...], expect: list[str] | str, known: Collection[str]) -> Iterator[Fault]:
    if isinstance(expect, str):
        return
    for i, name in enumerate(expect):
        if name not in known:
            yield document.at((*where, i), f"There is no entry {name!r}{_close(name, known)}")


def _texts(loaded: Loaded) -> Iterator[Fault]:
    main = loaded.documents["main"]
    for name, lines in loaded.main.texts.items():
        if name not in wording.TEXTS:
            yield main.at(("texts", name), f"There is no text {name!r}{_close(name, wording.TEXTS)}")
            continue
        gaps = set(GAP.findall(" ".join(wording.TEXTS[name])))
        for i, line in enumerate(lines):
            if set(GAP.findall(line)) - gaps:
                known = ", ".join(f"{{{gap}}}" for gap in sorted(gaps)) or "none"
                yield main.at(("texts", name, i), f"The text {name!r} has a gap that nothing fills; it can have: {known}.")


def _clarify(loaded: Loaded) -> Iterator[Fault]:
    known = live(loaded)
    for i, question in enumerate(loaded.main.clarify):
        for j, target in enumerate(question.choices):
            if target not in known:
                where = ("clarify", i, "choices", j)
                yield loaded.documents["main"].at(where, f"There is no live entry {target!r} to choose{_close(target, known)}")


def _prompts(loaded: Loaded) -> Iterator[Fault]:
    known = live(loaded)
    for i, target in enumerate(loaded.main.prompts):
        if target not in known:
            yield loaded.documents["main"].at(("prompts", i), f"There is no live entry {target!r} to begin with{_close(target, known)}")


def _close(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else "."
