"""What Slack sends, as what was done: who is answered and who is left alone; and nothing that it sends breaks anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.slack import addresses, texts
from bot.channels.slack.addresses import SlackAddress
from bot.channels.slack.reader import Reader
from bot.contracts.events import DeskTalk, InboundEvent
from bot.dialogue.turn import Command, Utterance

Json = dict[str, Any]
PAYLOADS = sorted((Path(__file__).parents[2] / "data" / "slack" / "payloads").rglob("*.json"))
KINDS = ["event", "press", "command", "shortcut", "submission"]
DESK = "slack:C0DESK"
BY_ANN = {"team": {"id": "T0"}, "user": {"id": "U0ANN"}, "trigger_id": "1.2"}
ASKED, LATER = "1700000000.000100", "1700000100.000200"


def message(text: str = "when?", channel: str = "D0ANN", **more: object) -> Json:
    kind = {"D": "im", "G": "group"}.get(channel[0], "channel")
    return {"type": "message", "user": "U0ANN", "text": text, "ts": ASKED, "channel": channel, "channel_type": kind, **more}


def mention(text: str = "<@U0BOT> when?", **more: object) -> Json:
    return {**message(text, "C0GENERAL"), "type": "app_mention", **more}


def edit(text: str = "how?", at: str = LATER, **more: object) -> Json:
    old = message("when?", **more)
    return {
        "type": "message",
        "subtype": "message_changed",
        "channel": old["channel"],
        "ts": at,
        "message": {**old, "text": text},
        "previous_message": old,
    }


def wrapped(event: Json) -> Json:
    return {"token": "secret", "team_id": "T0", "event_id": "Ev1", "event": event, "authorizations": [{"user_id": "U0BOT"}]}


def heard(event: Json, reader: Reader | None = None, **known: str) -> InboundEvent | None:
    reader = reader or Reader(DESK)
    found = reader.event("event", wrapped(event), me="U0BOT")
    return reader.read({**found.payload, **known}) if found else None


def where(event: InboundEvent) -> SlackAddress:
    return addresses.unpacked(event.address.place)


def test_a_direct_message_is_a_question_and_its_answer_goes_back_there() -> None:
    found = heard(message("hello &amp; hi"))
    assert found == InboundEvent(
        id="Ev1",
        platform="slack",
        conversation="slack:T0/D0ANN/~U0ANN",
        person="slack:T0/U0ANN",
        payload=found.payload,
        act=Utterance("hello & hi"),
        address=SlackAddress(channel="D0ANN", user="U0ANN").packed(),
        twin=f"D0ANN/{ASKED}",
        room="slack:T0/D0ANN",
        places=("slack:T0/D0ANN", "slack:D0ANN", "slack:T0"),
        name="U0ANN",
        source=f"slack:D0ANN/{ASKED}",
    )
    assert where(found) == SlackAddress(channel="D0ANN", user="U0ANN")
    assert where(heard(message(thread_ts="1.2"))).thread == "1.2"


@pytest.mark.parametrize(
    ("event", "said", "thread"),
    [
        (mention(), "when?", ASKED),
        (mention("when, <@U0BOT>?", thread_ts="1.2"), "when, ?", "1.2"),
        (message("<@U0BOT> when?", "C0GENERAL"), "when?", ASKED),
        (message("<@U0BOT|bot> when?", "G0GROUP"), "when?", ASKED),
    ],
)
def test_a_mention_is_answered_in_its_thread(event: Json, said: str, thread: str) -> None:
    found = heard(event)
    assert (found.act.text, where(found).thread, found.overheard) == (said, thread, False)


def test_a_bare_mention_asks_for_help() -> None:
    assert heard(mention("<@U0BOT>  ")).act == Command("help")


def test_a_mention_and_its_twin_are_one_message() -> None:
    one, two = (Reader().event("event", wrapped(event), me="U0BOT") for event in (mention(), message("<@U0BOT> when?", "C0GENERAL")))
    assert one.twin == two.twin == f"C0GENERAL/{ASKED}"
    assert (one.conversation, one.person) == (two.conversation, two.person) == (f"slack:T0/C0GENERAL/{ASKED}", "slack:T0/U0ANN")


def test_a_message_in_a_thread_is_overheard() -> None:
    found = heard(message("and how?", "C0GENERAL", thread_ts="1.2"))
    assert found.overheard
    assert where(found) == SlackAddress(channel="C0GENERAL", user="U0ANN", thread="1.2")


@pytest.mark.parametrize(
    "event",
    [
        message(channel="C0GENERAL"),
        message("<@U0BOB> when?", "C0GENERAL", thread_ts="1.2"),
        message("", "C0GENERAL", thread_ts="1.2", subtype="file_share"),
        message(bot_id="B0OTHER"),
        message(app_id="A0OTHER"),
        message(bot_profile={"id": "B0"}),
        message(user="U0BOT"),
        message(user="USLACKBOT"),
        message(user=""),
        *(
            message(subtype=kind)
            for kind in ("channel_join", "bot_message", "me_message", "message_deleted", "channel_topic", "message_replied")
        ),
        edit("when?"),
        edit(at="1700000700.000200"),
        edit(bot_id="B0OTHER"),
        {"type": "app_home_opened", "user": "U0ANN", "channel": "D0ANN", "tab": "home"},
        {"type": "member_joined_channel", "user": "U0ANN", "channel": "C0GENERAL"},
        {"type": "reaction_added", "user": "U0ANN"},
        {},
    ],
    ids=str,
)
def test_what_is_not_for_the_bot_is_left_alone(event: Json) -> None:
    assert heard(event) is None


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_captions_and_threads_shown_in_the_channel_are_messages_too(subtype: str) -> None:
    assert heard(message("when?", subtype=subtype)).act.text == "when?"
    assert heard(message("", subtype="file_share")).act.text == ""


def test_an_edit_within_ten_minutes_is_an_edit_of_the_same_message() -> None:
    for at in (LATER, "1700000600.000100"):
        found = heard(edit(at=at))
        assert (found.act.text, found.edited, found.source) == ("how?", True, f"slack:D0ANN/{ASKED}")
    event = Reader().event("event", wrapped(edit()), me="U0BOT")
    assert (event.twin, event.id) == ("", "Ev1")


def test_a_conversation_opened_and_a_channel_joined_are_occasions() -> None:
    opened = heard({"type": "app_home_opened", "user": "U0ANN", "channel": "D0ANN", "tab": "messages"})
    assert (opened.act.name, where(opened).channel) == ("greeting", "D0ANN")
    joined = heard({"type": "member_joined_channel", "user": "U0BOT", "channel": "C0NEW"})
    assert (joined.act.name, where(joined)) == ("joined", SlackAddress(channel="C0NEW"))


def test_what_is_said_in_a_thread_of_the_desk_stays_there_and_a_mention_there_is_a_question() -> None:
    for desk in (DESK, "slack:T0/C0DESK"):
        found = heard(message("On Fridays.", "C0DESK", thread_ts="1.2"), Reader(desk))
        assert (found.act, found.room) == (DeskTalk("slack:C0DESK/1.2"), desk)
    assert heard(mention(channel="C0DESK", thread_ts="1.2")).act == Utterance("when?")
    assert heard(message(channel="C0DESK")) is None
    assert heard(edit(channel="C0DESK", thread_ts="1.2")) is None


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("<@U0BOT> what is <https://x.example|this>?", "what is this (https://x.example)?"),
        ("see <https://x.example> now", "see https://x.example now"),
        ("see <http://x.example|x.example> or <https://x.example/|x.example>", "see http://x.example or https://x.example/"),
        ("<https://x.example/?a=1&amp;b=2|Q&amp;A>", "Q&A (https://x.example/?a=1&b=2)"),
        ("in <#C0GENERAL|general>, <#C0X>, <#C0Y|> or <#C0Z>", "in #general, #cakes, #pies or #C0Z"),
        ("ask <@U0ANN>, <@U0BOB|bob> or <@W0GRETA>", "ask @Ann\u00a0Lee, @bob or @W0GRETA"),
        ("<!channel> <!subteam^S1|@team> hi <!subteam^S2> <!here|here>", "@team hi @S2"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("<mailto:a@b.example|a@b.example> <mailto:a@b.example|Ann>", "a@b.example Ann (a@b.example)"),
        ("two\nlines  here", "two\nlines here"),
        ("<tel:+491|+491> on <!date^1^{date}|Feb 1>", "+491 on Feb 1"),
        ("<@U0BOT>\u00a0when?", "when?"),
        ("<@U0BAD>", "@<!channel>"),
        ("a <b> <c|d> <> <@> <@U 1> <#c>", "a <b> <c|d> <> <@> <@U 1> <#c>"),
    ],
)
def test_a_text_of_slack_as_a_person_reads_it(text: str, readable: str) -> None:
    names = {"U0ANN": "Ann  Lee", "C0X": "cakes", "C0Y": "pies", "U0BAD": "<!channel>"}
    assert texts.readable(text, names, "U0BOT") == readable


def test_only_what_has_no_name_and_is_not_the_bot_needs_one() -> None:
    text = "<@U0BOT> <@U0ANN> <@U0BOB|bob> <#C0X> <#C0Y|> <#C0Z|z> <@U0ANN> <!subteam^S1> <https://x.example>"
    shortcut = {**BY_ANN, "callback_id": "answer_message", "channel": {"id": "C0X"}, "message": {"ts": "1.2", "text": text}}
    for kind, body in (("event", wrapped(message(text))), ("event", wrapped(edit(text))), ("shortcut", shortcut)):
        event = Reader().event(kind, body, me="U0BOT")
        assert Reader().unnamed(event) == ("U0ANN", "C0X", "C0Y")


def test_what_a_message_names_is_kept_with_it() -> None:
    reader = Reader(DESK)
    event = reader.event("event", wrapped(message("ask <@U0ANN> in <#C0X>")), me="U0BOT")
    assert event.act == Utterance("ask @U0ANN in #C0X")
    told = reader.introduced(event, "member", "Bob", {"U0ANN": "Ann Lee"})
    assert (told.act, told.name) == (Utterance("ask @Ann\u00a0Lee in #C0X"), "Bob")
    assert reader.read(told.payload) == told


FILES = [
    {"id": "F1", "title": "the  plan", "name": "plan.pdf", "permalink": "https://x.example/F1", "url_private": "https://secret.example"},
    {"id": "F2", "name": "b.png", "permalink": "https://x.example/F2"},
    {"id": "F3", "title": "gone"},
    {"id": "F4", "file_access": "check_file_info"},
    "F5",
]
SHOWN = "📎 the plan (https://x.example/F1)\n📎 b.png (https://x.example/F2)\n📎 gone"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (message("see &amp; say", subtype="file_share", files=FILES), f"see & say\n{SHOWN}"),
        (message("", subtype="file_share", files=FILES), SHOWN),
        (mention("<@U0BOT>", subtype="file_share", files=FILES), SHOWN),
        (message("when?", files="F1"), "when?"),
        (edit("how?", files=FILES), f"how?\n{SHOWN}"),
    ],
)
def test_files_are_told_of_by_what_they_are_called_and_where_they_are(event: Json, said: str) -> None:
    found = heard(event)
    assert found.act == Utterance(said)
    assert "secret" not in json.dumps(found.payload)


def test_what_is_kept_has_no_token_and_no_blocks() -> None:
    body = {**wrapped(message(blocks=[{"type": "rich_text"}], files=[{"id": "F1"}])), "response_urls": []}
    kept = json.dumps(Reader().event("event", body, me="U0BOT").payload)
    for word in ("secret", "rich_text", "authorizations", "F1"):
        assert word not in kept


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda held: st.lists(held, max_size=2) | st.dictionaries(st.text(max_size=5), held, max_size=2),
    max_leaves=4,
)


def spoilt(value: object, draw: st.DrawFn) -> object:
    """A payload with something else in some places."""
    if draw(st.integers(0, 9)) == 0:
        return draw(junk)
    if isinstance(value, dict):
        return {key: spoilt(held, draw) for key, held in value.items()}
    return [spoilt(held, draw) for held in value] if isinstance(value, list) else value


def read_all(body: object) -> None:
    for kind in KINDS:
        for reader in (Reader(), Reader(DESK, "deny")):
            event = reader.event(kind, body if isinstance(body, dict) else {"event": body}, me="U0BOT")
            if event is not None:
                assert reader.read(event.payload) is not None
                if event.address:
                    where(event)


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_every_shape_that_slack_sends_is_read(path: Path) -> None:
    read_all(json.loads(path.read_text("utf-8")))


def test_there_are_shapes() -> None:
    assert len(PAYLOADS) > 25


@settings(max_examples=150, deadline=None)
@given(
    st.data(),
    st.sampled_from(
        [
            wrapped(message()),
            wrapped(edit()),
            wrapped(mention()),
            {**BY_ANN, "container": {"channel_id": "C0X", "message_ts": ASKED}, "actions": [{"action_id": "pick:0", "value": "hours"}]},
            {**BY_ANN, "container": {"channel_id": "C0X", "is_ephemeral": True}, "actions": [{"action_id": "share_here", "value": "a|1"}]},
            {**BY_ANN, "view": {"callback_id": "share_answer", "private_metadata": '{"entry": "a", "back": {"channel": "C"}}'}},
            {
                **BY_ANN,
                "container": {"channel_id": "C0X"},
                "actions": [{"action_id": "menu", "selected_option": {"value": "share_here:a|1"}}],
            },
            {**BY_ANN, "view": {"callback_id": "desk_answer", "private_metadata": '{"question": "q", "channel": "C0DESK", "thread": "1"}'}},
            {**BY_ANN, "view": {"callback_id": "ask_question", "state": {"values": {"question": {"value": {"value": "when?"}}}}}},
            *(json.loads(path.read_text("utf-8")) for path in PAYLOADS),
        ]
    ),
)
def test_nothing_breaks_on_a_payload_with_something_else_in_it(data: st.DataObject, body: Json) -> None:
    read_all(spoilt(body, data.draw))
