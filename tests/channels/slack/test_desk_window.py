"""Answering at the desk in Slack: only what is typed into the window leaves it, and the window opens nowhere else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback.blockkit import check_view
from loopback.running_slack import DESK, OTHER, play, written

from bot.channels.slack import addresses, desk_window, drawing
from bot.channels.slack.addresses import SlackAddress
from bot.channels.slack.reader import Reader
from bot.contracts.addresses import Address
from bot.contracts.events import DeskReply
from bot.contracts.outcomes import Message
from bot.contracts.questions import Question
from bot.dialogue.reply import Choice, Reply
from bot.dialogue.targets import DeskTarget
from bot.dialogue.targets import written as carried
from bot.dialogue.turn import Selection
from bot.language.english.wording import TEXTS

if TYPE_CHECKING:
    from pathlib import Path

    from loopback.running_slack import House

    from bot.assembly import Bot

Json = dict[str, Any]
ROOM, ID = f"slack:{DESK}", "0123456789abcdef"
STAMP, THREAD = "1700000050.000200", "1700000000.000100"
QUESTION = Question(ID, None, "Do you deliver <!here>?", Address("slack", {"channel": DESK}))
TO_ANSWER, TO_CHANGE = DeskTarget("answer", ID), DeskTarget("change", ID, "fedcba9876543210")
ANSWER, CHANGE = Choice(TO_ANSWER, "Answer"), Choice(TO_CHANGE, "Change it")
CLAIM, KEEP, TAKE_BACK = (
    Choice(DeskTarget(move, ID), label)
    for move, label in (("claim", "I take it"), ("keep", "Keep as draft"), ("take_back", "Take it back"))
)


def words(key: str, **values: str) -> str:
    return TEXTS[key][0].format_map(values)


def press(value: str = f"desk:answer:{ID}", channel: str = DESK, message: Json | None = None, **container: object) -> Json:
    held = {"type": "message", "channel_id": channel, "message_ts": STAMP, **container}
    return {
        "team": {"id": "T0"}, "user": {"id": "U0DORA"}, "trigger_id": "1.2.3", "container": held, "channel": {"id": channel},
        "actions": [{"type": "button", "action_id": "pick:0", "value": value}], **({"message": message} if message else {}),
    }  # fmt: skip


def submission(text: str, question: str = ID, channel: str = DESK, **more: object) -> Json:
    metadata = json.dumps({"question": question, "channel": channel, "thread": THREAD})
    values = {"desk_answer": {"value": {"value": text}}}
    view = {"id": "V1", "hash": "h", "callback_id": "desk_answer", "private_metadata": metadata, "state": {"values": values}, **more}
    return {"team": {"id": "T0"}, "user": {"id": "U0DORA"}, "view": view}


def post(*offers: Choice, quote: str = QUESTION.text) -> Json:
    return drawing.message(Reply("handoff", "A question for you:", follow_ups=offers, quote=quote), words, drawing.Frame())


def field(view: Json) -> Json:
    found: Json = view["blocks"][-1]
    return found


@pytest.mark.parametrize("desk", [ROOM, f"slack:T0/{DESK}"])
def test_to_answer_opens_a_window_at_the_desk_and_is_no_event(desk: str) -> None:
    for move in ("answer", "change"):
        assert desk_window.wanted(press(f"desk:{move}:{ID}"), "T0", desk) == DeskTarget(move, ID)
        assert Reader(desk).event("press", press(f"desk:{move}:{ID}")) is None


@pytest.mark.parametrize(
    ("body", "desk"),
    [
        (press(channel=OTHER), ROOM),
        (press(), ""),
        (press(), "telegram:-1001"),
        (press(), "slack:T9/C0DESK"),
        (press(f"desk:claim:{ID}"), ROOM),
        (press(f"desk:answer:{ID}") | {"actions": [{"action_id": "home:0", "value": f"desk:answer:{ID}"}]}, ROOM),
        ({}, ROOM),
    ],
)
def test_nothing_else_opens_it(body: Json, desk: str) -> None:
    assert desk_window.wanted(body, "T0", desk) is None


@pytest.mark.parametrize("move", ["claim", "decline", "keep", "take_back"])
def test_all_other_moves_of_the_desk_are_events(move: str) -> None:
    event = Reader(ROOM).event("press", press(f"desk:{move}:{ID}"))
    assert event is not None
    assert (event.act, event.room) == (Selection(DeskTarget(move, ID)), ROOM)


def test_the_window_shows_the_question_and_says_what_its_button_does() -> None:
    view = desk_window.window(TO_ANSWER, QUESTION, press(message=post(ANSWER, CLAIM)), words)
    assert check_view(view) == []
    assert "Do you deliver <!here>?" in written(view["blocks"])
    assert (view["callback_id"], view["submit"]["text"]) == ("desk_answer", "Send the answer")
    assert field(view)["hint"]["text"] == "It goes back to whoever asked, word for word."
    assert (field(view)["element"]["max_length"], "initial_value" in field(view)["element"]) == (3000, False)
    assert json.loads(view["private_metadata"]) == {"question": ID, "answer": "", "channel": DESK, "thread": STAMP, "changes": False}


def test_without_the_question_there_is_a_window_all_the_same() -> None:
    view = desk_window.window(TO_ANSWER, None, press(thread_ts=THREAD), words)
    assert ([block["type"] for block in view["blocks"]], json.loads(view["private_metadata"])["thread"]) == (["input"], THREAD)


def test_an_answer_that_is_to_be_changed_stands_in_the_window() -> None:
    message = post(TAKE_BACK, CHANGE, KEEP, quote="On Fridays & so on.")
    view = desk_window.window(TO_CHANGE, QUESTION, press(message=message), words)
    assert field(view)["element"]["initial_value"] == "On Fridays & so on."
    assert "initial_value" not in field(desk_window.window(TO_ANSWER, QUESTION, press(message=message), words))["element"]
    pieces = [{"type": "text", "text": "On Fridays "}, {"type": "emoji", "name": "cake"}, {"type": "link", "url": "https://a.example"}]
    message["blocks"][1]["elements"][0]["elements"] = pieces  # as Slack gives back what was sent
    changed = field(desk_window.window(TO_CHANGE, QUESTION, press(message=message), words))["element"]["initial_value"]
    assert changed == "On Fridays :cake:https://a.example"


def test_what_is_sent_off_from_there_changes_the_answer() -> None:
    for target, changes in ((TO_ANSWER, False), (TO_CHANGE, True)):
        metadata = desk_window.window(target, QUESTION, press(), words)["private_metadata"]
        body = submission("On Fridays.")
        event = Reader(ROOM).event("submission", {**body, "view": {**body["view"], "private_metadata": metadata}})
        assert event is not None
        assert (event.act, event.edited) == (DeskReply("On Fridays.", question=ID, answer=target.answer), changes)
        assert Reader(ROOM).read(event.payload).edited == changes


junk = st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda held: st.lists(held, max_size=2), max_leaves=3)


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.sampled_from(["elements", "type", "value", "text"]), junk | st.just(carried(DeskTarget("keep", ID)))), junk)
def test_a_message_with_something_else_in_it_opens_an_empty_window(block: Json, other: object) -> None:
    for blocks in ([block, other], [{"type": "actions", "elements": [block, other]}], other):
        assert check_view(desk_window.window(TO_CHANGE, QUESTION, press(message={"blocks": blocks}), words)) == []


def test_what_is_typed_is_the_answer_word_for_word() -> None:
    event = Reader(ROOM).event("submission", submission(" ask <!everyone> &amp; <@U0BOB> "))
    found = Reader(ROOM).read(event.payload)
    assert (found.act, found.room) == (DeskReply("ask <!everyone> &amp; <@U0BOB>", question=ID), ROOM)
    assert (event.id, event.person, event.source, event.conversation) == ("V1/h", "slack:T0/U0DORA", "", f"slack:T0/{DESK}/{THREAD}")
    assert addresses.unpacked(found.address.place) == SlackAddress(channel=DESK, user="U0DORA", thread=THREAD)


@pytest.mark.parametrize(
    ("body", "desk"),
    [
        (submission("On Fridays.", channel=OTHER), ROOM),
        (submission("On Fridays."), ""),
        (submission("On Fridays."), "telegram:-1001"),
        (submission("  "), ROOM),
        (submission("On Fridays.", question=""), ROOM),
        (submission("On Fridays.", private_metadata="{"), ROOM),
        (submission("On Fridays.", private_metadata="[1]"), ROOM),
        (submission("On Fridays.", private_metadata="[" * 3000), ROOM),
    ],
    ids=["elsewhere", "no desk", "other desk", "empty", "no question", "torn", "list", "deep"],
)
def test_a_window_that_was_forged_or_says_nothing_is_no_answer(body: Json, desk: str) -> None:
    assert Reader(desk).event("submission", body) is None


def test_an_answer_goes_through_the_window_and_the_desk_hears_in_its_thread_that_it_goes_on(bakery: Bot, tmp_path: Path) -> None:
    async def acts(house: House) -> None:
        slack = house.slack
        asked = await house.one(slack.dm("do you deliver to my house?"))
        consent = await house.one(slack.press(asked, label="Ask a person"))
        _, passed = await house.after(slack.press(consent, label="Yes, with my name"))
        (question,) = {element["value"].rpartition(":")[2] for element in passed["blocks"][-1]["elements"]}
        offer = Reply("handoff", "Still open:", follow_ups=(Choice(DeskTarget("answer", question), "Answer it"),))
        key = await house.channel.send(Message(SlackAddress(channel=DESK, thread=passed["ts"]).packed(), offer))
        window = await house.view(slack.press(slack.messages[DESK, addresses.read_post(key)[1]], label="Answer it", user="U0DORA"))
        assert "do you deliver to my house?" in written(window["blocks"])
        empty = await (await slack.submit(window, {"desk_answer": {"value": {"value": " \n"}}}, user="U0DORA")).done()
        assert empty.response["errors"] == {"desk_answer": "Write an answer first."}
        house.new()
        said = await house.after(slack.submit(window, {"desk_answer": {"value": {"value": "On Fridays."}}}, user="U0DORA"))
        (told,) = [message for message in said if message["channel"] == DESK]
        assert (told["text"].startswith(TEXTS["desk_delivered"][0]), told["thread_ts"]) == (True, passed["ts"])

    play(bakery, tmp_path, "socket", acts)


def test_what_is_said_at_the_desk_never_leaves_it(bakery: Bot, tmp_path: Path) -> None:
    async def acts(house: House) -> None:
        asked = await house.one(house.slack.dm("do you deliver to my house?"))
        consent = await house.one(house.slack.press(asked, label="Ask a person"))
        _, passed = await house.after(house.slack.press(consent, label="Yes, with my name"))
        for text in ("<@U0BOB> do you know this one?", "On Fridays, I think."):
            said = await house.after(house.slack.say(DESK, text, user="U0DORA", thread_ts=passed["ts"]))
            assert [message for message in said if message["channel"] != DESK or "ephemeral_to" not in message] == []

    play(bakery, tmp_path, "socket", acts)
