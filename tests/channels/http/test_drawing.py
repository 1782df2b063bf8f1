"""Replies as JSON: what `careerbot ask --jsonl` gives, and what it takes to go on."""

from __future__ import annotations

import json

import pytest

from bot.channels import lines
from bot.channels.http.addresses import HttpAddress
from bot.channels.http.drawing import drawn
from bot.contracts.outcomes import Message
from bot.dialogue.reply import Choice, Reply, Table
from bot.dialogue.targets import ConsentTarget, EntryTarget, NoneOfThese, ReasonTarget, read_target

ADDRESS = HttpAddress("kitchen", "ann", "1").packed()
REPLIES = [
    Reply(
        "answer",
        "We are **open**.",
        sources=("Hours",),
        follow_ups=(Choice(EntryTarget("b"), "B?"),),
        more=True,
        entries=("a",),
        confidence=0.98765,
    ),
    Reply("answer", "See:", table=Table(("Bread", "Cake"), (("Price", ("4", "20")),)), entries=("prices",), detail="*More* of it."),
    Reply("clarify", "Which?", choices=(Choice(EntryTarget("a"), "A"), Choice(EntryTarget("b"), "B"))),
    Reply("handoff", "May I?", kind="person", quote="why <b>?", notes=("You had asked: why?",)),
    Reply("social", " "),
]


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply.text)
def test_a_reply_is_drawn_as_json_lines_are_and_has_more(reply: Reply) -> None:
    found, other = drawn(Message(ADDRESS, reply, "t"), "kitchen"), lines.drawn(reply, "kitchen")
    assert found.keys() - other.keys() == {"turn", "more", "person"}
    assert json.loads(json.dumps(found)) == found
    plain = {"choices", "follow_ups"}
    assert {key: found[key] for key in other.keys() - plain} == {key: other[key] for key in other.keys() - plain}
    assert [[choice["label"] for choice in found[key]] for key in plain] == [[choice["label"] for choice in other[key]] for key in plain]


def test_choices_have_ids_that_pick_them() -> None:
    targets = (EntryTarget("a"), NoneOfThese(), ConsentTarget("named"), ReasonTarget("0123456789abcdef", "wrong"))
    reply = Reply("clarify", "Which?", choices=tuple(Choice(target, "?") for target in targets))
    assert tuple(read_target(choice["id"]) for choice in drawn(Message(ADDRESS, reply), "kitchen")["choices"]) == targets


def test_more_and_a_person_are_offered_only_where_they_are_to_be_had() -> None:
    more = drawn(Message(ADDRESS, Reply("answer", "A.", more=True, entries=("a", "b"))), "kitchen")
    person = drawn(Message(ADDRESS, Reply("fallback", "Eh?", offers_person=True)), "kitchen")
    assert (more["more"], more["person"]) == ("more:a", None)
    assert (person["more"], person["person"]) == (None, "person")
    assert drawn(Message(ADDRESS, Reply("answer", "A.", more=True)), "kitchen")["more"] is None
