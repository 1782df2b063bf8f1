"""Rare things that Slack sends: who is answered then, where, and what is kept of it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from loopback.slack_people import carried, to_press

from bot.channels.slack import addresses, drawing, pressed, texts, views
from bot.channels.slack.addresses import Look, SlackAddress
from bot.channels.slack.reader import Reader
from bot.contracts.events import DeskReply, DeskTalk, InboundEvent
from bot.contracts.ports import PastQuestion
from bot.dialogue.reply import Choice, Reply
from bot.dialogue.targets import EntryTarget, PersonTarget, TeamTarget, TopicTarget
from bot.dialogue.turn import Command, Occasion, Rating, Selection, Share, Utterance
from bot.language.english.wording import TEXTS

Json = dict[str, Any]
ME, DESK, READER = "U0BOT", "slack:C0DESK", Reader("slack:C0DESK")
FIRST, ASKED = "1700000000.000100", "1700000050.000200"


def message(text: str, channel: str = "C0GENERAL", **more: object) -> Json:
    return {"type": "message", "user": "U0ANN", "text": text, "ts": ASKED, "channel": channel, **more}


def edited(before: Json, text: str | None, seconds: float, **more: object) -> Json:
    """The event that tells of an edit so many seconds later; None for what Slack itself changed."""
    now = {**before, **more} if text is None else {**before, **more, "text": text}
    stamp = f"{float(before['ts']) + seconds:.6f}"
    event = {"type": "message", "subtype": "message_changed", "hidden": True, "channel": before["channel"], "ts": stamp}
    return {**event, "message": now, "previous_message": before}


def told(kind: str, body: Json, reader: Reader = READER) -> tuple[InboundEvent | None, InboundEvent | None]:
    event = reader.event(kind, body, me=ME)
    return event, reader.read(event.payload) if event else None


def heard(event: Json, team: str = "T1") -> tuple[InboundEvent | None, InboundEvent | None]:
    return told("event", {"team_id": team, "event_id": "Ev1", "event": event})


def where(event: InboundEvent) -> SlackAddress:
    assert event.address is not None
    return addresses.unpacked(event.address.place)


def words(key: str, **values: str) -> str:
    return TEXTS[key][0].format_map(values)


def press(action: Json, **container: object) -> Json:
    held = {"type": "message", "channel_id": "C0GENERAL", "message_ts": ASKED, "is_ephemeral": False, **container}
    return {
        "type": "block_actions", "team": {"id": "T1", "domain": "acme"}, "user": {"id": "U0ANN", "team_id": "T1"}, "token": "secret",
        "trigger_id": "1.2.3", "container": held, "channel": {"id": "C0GENERAL"}, "response_url": "https://hooks.example/1",
        "message": {"ts": ASKED, "blocks": [{"type": "actions"}]}, "actions": [{**action, "action_ts": ASKED}],
    }  # fmt: skip


def actions(drawn: Json) -> list[Json]:
    """The action of each thing that can be pressed."""
    return [{"type": e["type"], "action_id": e["action_id"], **carried(e, part)} for _, e, part in to_press(drawn)]


@pytest.mark.parametrize("seconds", [1.0, 599.0, 600.0])
def test_a_mention_edited_soon_is_an_edit_in_its_thread(seconds: float) -> None:
    event, found = heard(edited(message(f"<@{ME}> when?"), f"<@{ME}> how?", seconds))
    assert event is not None
    assert found is not None
    assert (found.act, found.edited, found.overheard) == (Utterance("how?"), True, False)
    assert (event.twin, event.conversation, found.source) == ("", f"slack:T1/C0GENERAL/{ASKED}", f"slack:C0GENERAL/{ASKED}")


@pytest.mark.parametrize(
    "event",
    [
        edited(message(f"<@{ME}> when?"), f"<@{ME}> how?", 601.0),
        edited(message(f"<@{ME}> when?"), "how?", 1.0),
        edited(message("when?"), "how?", 1.0),
        edited(message("when?", "D0ANN"), None, 1.0, attachments=[{"title": "a preview"}]),
        edited(message("when?", "D0ANN"), None, 1.0, reply_count=1),
        edited(message("when?", "D0ANN"), "how?", 1.0, subtype="tombstone"),
        edited(message("when?", "D0ANN", user=ME), "how?", 1.0),
        edited(message("We do.", "C0DESK", thread_ts=FIRST), "We do not.", 1.0),
        {**edited(message("when?", "D0ANN"), "how?", 1.0), "message": None},
        {"type": "message", "subtype": "message_deleted", "channel": "D0ANN", "ts": ASKED, "previous_message": message("when?", "D0ANN")},
    ],
    ids=["late", "unnamed", "elsewhere", "preview", "replied", "tombstone", "mine", "desk", "empty", "deleted"],
)
def test_an_edit_that_changes_no_question_is_left_alone(event: Json) -> None:
    assert heard(event) == (None, None)


def test_what_was_overheard_and_is_edited_changes_only_an_answer_that_is_there() -> None:
    _, found = heard(edited(message("and how?", thread_ts=FIRST), "and why?", 1.0))
    assert found is not None
    assert (found.edited, found.overheard, where(found).thread) == (True, False, FIRST)


@pytest.mark.parametrize(
    ("event", "overheard"),
    [
        (message("and how?", thread_ts=FIRST, subtype="thread_broadcast"), True),
        (message("look", thread_ts=FIRST, subtype="file_share"), True),
        (message(f"<@{ME}> and how?", thread_ts=FIRST), False),
        (message(f"<@{ME}> ask <@U0BOB>", thread_ts=FIRST), False),
        (message("how?", thread_ts=ASKED), None),
        (message("", thread_ts=FIRST), None),
        (message("ask <@U0BOB|bob>", thread_ts=FIRST), None),
        (message("<!here>", thread_ts=FIRST), None),
    ],
    ids=str,
)
def test_in_a_thread_only_what_may_be_meant_for_the_bot_is_heard(event: Json, overheard: bool | None) -> None:  # noqa: FBT001 - a table
    _, found = heard(event)
    assert (found.overheard if found else None) is overheard


def test_a_file_without_a_word_is_an_utterance_without_words() -> None:
    _, found = heard(message("", "D0ANN", subtype="file_share", files=[{"id": "F1"}]))
    assert found is not None
    assert found.act == Utterance("")


def test_at_the_desk_a_mention_is_what_it_would_be_elsewhere_and_all_else_stays_there() -> None:
    _, asked = heard(message(f"<@{ME}> when?", "C0DESK", thread_ts=FIRST))
    assert asked is not None
    assert (asked.act, where(asked).private) == (Utterance("when?"), False)
    for text in ("when?", "", "<@U0BOB> do you know this one?", "<!here> anybody?"):
        _, said = heard(message(text, "C0DESK", thread_ts=FIRST))
        assert said is not None
        assert (said.act, said.room, said.overheard) == (DeskTalk(f"slack:C0DESK/{FIRST}"), DESK, False)
        assert where(said) == SlackAddress(channel="C0DESK", user="U0ANN", thread=FIRST, private=True)


def test_what_waits_from_version_0_1_in_a_thread_of_the_desk_is_the_answer_that_it_was_then() -> None:
    event, _ = heard(message("On Fridays.", "C0DESK", thread_ts=FIRST))
    assert event is not None
    assert "team" in event.payload
    kept = READER.read({key: value for key, value in event.payload.items() if key != "team"})
    assert kept is not None
    assert (kept.act, kept.room) == (DeskReply("On Fridays.", f"slack:C0DESK/{FIRST}"), DESK)
    assert where(kept) == SlackAddress(channel="C0DESK", user="U0ANN", thread=FIRST)


def test_a_mention_outside_of_the_threads_of_the_desk_is_a_question() -> None:
    _, found = heard(message(f"<@{ME}> when?", "C0DESK"))
    assert found is not None
    assert found.act == Utterance("when?")


@pytest.mark.parametrize("standing", ["guest", "unknown", "member"])
def test_whoever_sits_at_the_desk_may_talk_there(standing: str) -> None:
    reader = Reader(DESK, "deny")
    event, _ = told("event", {"team_id": "T1", "event": message("We do.", "C0DESK", thread_ts=FIRST)}, reader)
    assert event is not None
    found = reader.read(reader.introduced(event, standing, "Dora").payload)
    assert found is not None
    assert (type(found.act), found.name) == (DeskTalk, "Dora")


def test_somebody_without_a_name_is_called_by_their_id() -> None:
    _, found = heard(message("when?", "D0ANN"))
    assert found is not None
    assert found.name == "U0ANN"


def test_two_workspaces_share_no_conversation_and_no_person_but_a_message_told_to_both_is_one() -> None:
    (one, _), (two, _) = (heard(message("when?", "D0ANN"), team) for team in ("T1", "T2"))
    assert one is not None
    assert two is not None
    assert (one.conversation, one.person, one.twin) == ("slack:T1/D0ANN/~U0ANN", "slack:T1/U0ANN", f"D0ANN/{ASKED}")
    assert (two.conversation, two.person, two.twin) == ("slack:T2/D0ANN/~U0ANN", "slack:T2/U0ANN", f"D0ANN/{ASKED}")


@pytest.mark.parametrize("alone", [False, True], ids=["shown to all", "shown to one"])
def test_all_that_can_be_pressed_in_a_full_message_comes_back_as_what_it_says(alone: bool) -> None:  # noqa: FBT001 - a table
    choices = (
        *(Choice(EntryTarget(f"entry-{n}"), "Words") for n in range(3)),
        *(Choice(TopicTarget(f"{n}"), "Topic") for n in range(10)),
    )
    onward = Reply("answer", "Yes.", sources=("Hours",), follow_ups=choices[:3], more=True, entries=("hours",))
    listed = Reply("fallback", "What?", follow_ups=choices, offers_person=True)
    frame = drawing.Frame("0123456789abcdef", desk=True, team=True, alone=alone, thread=FIRST if alone else "")
    acts = []
    for action in [*actions(drawing.message(onward, words, frame)), *actions(drawing.message(listed, words, frame))]:
        body = press(action, is_ephemeral=alone)
        event, found = told("press", body)
        assert found is not None or (pressed.read_pressed(body), alone) == (pressed.Pressed("share", "hours"), False)
        assert event is None or "secret" not in json.dumps(event.payload)
        acts += [found.act] if found else []
    assert acts == [
        Selection(EntryTarget("hours", "more")),
        *([Share("hours")] if alone else []),
        Selection(TeamTarget("hours")),
        Selection(PersonTarget()),
        *(Selection(choice.target) for choice in choices[:3]),
        *(Rating(up=up, turn=frame.turn) for up in (True, False)),
        *(Selection(choice.target) for choice in choices),
        Selection(PersonTarget()),
    ]


def test_of_the_home_page_only_erasing_is_an_event() -> None:
    greeting = Reply("social", "Hello", follow_ups=(Choice(TopicTarget("visit"), "Visit us"),))
    front = views.home(greeting, [Choice(EntryTarget("hours"), "Hours")], (PastQuestion("when?", "hours"),), words, desk=True)
    other = views.page(Reply("social", "Topics", choices=(Choice(EntryTarget("hours"), "Hours"),)), words)
    found = {}
    for view in (front, other):
        for action in actions(view):
            body = {**press(action), "container": {"type": "view", "view_id": "V1"}, "channel": None, "view": view}
            found[action["action_id"]] = told("press", body)[0]
    event = found.pop(views.FORGET)
    assert {*found} == {"home:0", "home:topics", "home:asked", views.PRIVACY, views.TOPICS}
    assert {*found.values()} == {None}
    assert (event.conversation, event.person) == ("slack:T1/U0ANN/~U0ANN", "slack:T1/U0ANN")
    forgotten = READER.read(event.payload)
    assert forgotten is not None
    assert (forgotten.act, where(forgotten)) == (Command("forget"), SlackAddress(channel="U0ANN", user="U0ANN"))


@pytest.mark.parametrize("text", ["@ann & #general", "1 < 2 > 0", "a | b"])
def test_a_command_whose_text_slack_did_not_escape_is_taken_as_typed(text: str) -> None:
    body = {"team_id": "T1", "channel_id": "C0GENERAL", "user_id": "U0ANN", "text": f" {text} ", "trigger_id": "1.2", "response_url": "u"}
    event, found = told("command", body)
    assert event is not None
    assert found is not None
    assert found.act == Utterance(text)
    expected = SlackAddress(channel="C0GENERAL", user="U0ANN", url="u", private=True, by_url=True, look=Look(echo=text))
    assert (where(found), event.conversation) == (expected, "slack:T1/C0GENERAL/~U0ANN")


def test_a_message_without_words_that_is_to_be_answered_has_no_echo() -> None:
    body = {
        "team": {"id": "T1"}, "user": {"id": "U0ANN"}, "channel": {"id": "C0GENERAL"}, "callback_id": "answer_message",
        "trigger_id": "1.2", "message_ts": ASKED, "message": {"ts": ASKED, "thread_ts": FIRST, "text": ""}, "response_url": "u",
    }  # fmt: skip
    event, found = told("shortcut", body)
    assert event is not None
    assert found is not None
    assert where(found).look == Look(echo="", share_in=FIRST)
    assert (found.act, event.conversation) == (Utterance(""), "slack:T1/C0GENERAL/~U0ANN")


@pytest.mark.parametrize("metadata", ["[" * 3000, '{"back":' * 370, "\ud800", "1e999", "NaN"])
def test_a_window_whose_memory_is_spoilt_shares_nothing(metadata: str) -> None:
    values = {views.WHERE: {"value": {"selected_conversation": "C0OTHER"}}}
    view = {"id": "V1", "callback_id": views.SHARE, "private_metadata": metadata, "state": {"values": values}}
    assert told("submission", {"team": {"id": "T1"}, "user": {"id": "U0ANN"}, "view": view}) == (None, None)


def test_sharing_from_outside_becomes_a_word_to_the_sharer_and_goes_nowhere() -> None:
    event, _ = told("press", press({"action_id": "share_here", "value": f"hours|{FIRST}"}, is_ephemeral=True))
    assert event is not None
    found = READER.read(READER.introduced(event, "guest", "Gus").payload)
    assert found is not None
    assert (found.act, found.share_into) == (Occasion("no_sharing"), None)
    allowed = Reader(guests="allow").read(READER.introduced(event, "guest", "Gus").payload)
    assert allowed is not None
    assert allowed.share_into is not None
    into = addresses.unpacked(allowed.share_into.place)
    assert into == SlackAddress(channel="C0GENERAL", user="U0ANN", thread=FIRST, look=Look(sharer="U0ANN"))


@pytest.mark.parametrize("piece", ["<@U1|", "<#C|", "<!", "<https://", "<mailto:|", "&lt;", "&#", "&", " \t", "<"])
def test_no_text_takes_long_to_read(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    started = time.process_time()
    texts.readable(text)
    texts.mentions(text)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(("key", "person"), [("slack:T1/U0ANN", ("T1", "U0ANN")), ("slack:/U0ANN", ("", "U0ANN")), ("", ("", ""))])
def test_a_person_is_read_from_their_key(key: str, person: tuple[str, str]) -> None:
    assert addresses.read_person(key) == person


@pytest.mark.parametrize(
    ("key", "post"), [(addresses.post("C0GENERAL", ASKED), ("C0GENERAL", ASKED)), ("", ("", "")), ("telegram:1/2", ("", ""))]
)
def test_a_message_is_read_from_its_key(key: str, post: tuple[str, str]) -> None:
    assert addresses.read_post(key) == post
