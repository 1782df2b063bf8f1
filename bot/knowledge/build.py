"""Models of a faultless knowledge base -> the frozen terms that the rest of the bot works with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast, get_args

from bot.knowledge import keys
from bot.knowledge.entry import Entry, Facet, FollowUp, KnowledgeBase, Row, Social, SocialKind, Source, Subject, Topic, Underspecified
from bot.knowledge.markup import shortened
from bot.knowledge.references import FIGURE
from bot.knowledge.schema import MOST_PROMPTS, FollowUpModel
from bot.language import wording

if TYPE_CHECKING:
    from bot.knowledge.loaded import Loaded
    from bot.knowledge.schema import EntryModel, KnowledgeModel, SocialModel

LONGEST_TITLE = 40
SOCIAL_KINDS = get_args(SocialKind)


def knowledge_base(loaded: Loaded, version: str) -> KnowledgeBase:
    """The knowledge base that the models describe: live entries only, figures filled in, titles cut where none is given."""
    base = _built(loaded, version)
    return replace(base, learning_key=keys.learning_key(base), content_key=keys.content_key(base))


def _built(loaded: Loaded, version: str) -> KnowledgeBase:
    main = loaded.main
    shown = [entry for entry in main.entries if entry.status == "live"]
    titles = {entry.id: entry.title or shortened(entry.question, LONGEST_TITLE) for entry in shown}
    entries = {entry.id: _entry(loaded, entry, titles) for entry in shown}
    return KnowledgeBase(
        title=main.title,
        sources=tuple(Source(id_, s.title, s.publisher, s.url, tuple(s.headings)) for id_, s in main.sources.items()),
        topics=tuple(Topic(topic.id, topic.title) for topic in main.topics),
        facets=tuple(
            Facet(name, {value: tuple(forms) for value, forms in f.values.items()}, tuple(map(tuple, f.other)))
            for name, f in main.facets.items()
        ),
        synonyms=tuple(map(tuple, main.synonyms)),
        clarify=tuple(Underspecified(tuple(c.when), c.ask, tuple(c.choices)) for c in main.clarify),
        texts=_texts(main),
        entries=entries,
        subjects={
            id_: Subject(id_, s.title or id_.replace("-", " "), s.reply, tuple(s.instead), tuple(s.phrasings))
            for id_, s in loaded.out_of_scope.items()
        },
        social={id_: _social(id_, social) for id_, social in loaded.social.items()},
        prompts=tuple(entries[id_] for id_ in main.prompts) or _prompts(main, entries),
        version=version,
    )


def _texts(main: KnowledgeModel) -> dict[str, tuple[str, ...]]:
    """What the bot says of its own accord: the editor's lines, where they have written any."""
    given = {name: tuple(lines) for name, lines in main.texts.items()}
    also = {other: given[name] for name, others in wording.STANDS_IN.items() if name in given for other in others}
    return {**wording.TEXTS, **also, **given}


def _prompts(main: KnowledgeModel, entries: dict[str, Entry]) -> tuple[Entry, ...]:
    """The first entry of each topic, as many as there may be prompts."""
    firsts = (next((entry for entry in entries.values() if entry.topic == topic.id), None) for topic in main.topics)
    return tuple(entry for entry in firsts if entry)[:MOST_PROMPTS]


def _entry(loaded: Loaded, entry: EntryModel, titles: dict[str, str]) -> Entry:
    def filled(text: str) -> str:
        return FIGURE.sub(lambda found: loaded.main.figures[found[1]].text, text)

    return Entry(
        id=entry.id,
        question=entry.question,
        title=titles[entry.id],
        answer=filled(entry.answer),
        more=filled(entry.more or ""),
        heading=entry.heading or "",
        topic=entry.topic or "",
        kind=entry.kind,
        about=dict(entry.about),
        phrasings=(*entry.phrasings, *loaded.phrasings.get(entry.id, ())),
        never=tuple(entry.never),
        follow_ups=tuple(FollowUp(f.to, f.label) if isinstance(f, FollowUpModel) else FollowUp(f, titles[f]) for f in entry.follow_ups),
        story=entry.story,
        columns=dict(entry.columns),
        rows=tuple(
            Row(filled(str(row["label"])), {c: filled(str(row[c])) for c in entry.columns}, _see(row.get("see", ()))) for row in entry.rows
        ),
    )


def _see(targets: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (targets,) if isinstance(targets, str) else tuple(targets)


def _social(id_: str, social: SocialModel) -> Social:
    kind = social.kind or (id_ if id_ in SOCIAL_KINDS else "smalltalk")
    return Social(id_, cast("SocialKind", kind), tuple(social.phrasings), tuple(social.replies))
