"""What Telegram sends, as what was done: who is answered and who is left alone; and nothing that it sends breaks anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram import addresses, keys, texts
from bot.channels.telegram.addresses import TelegramAddress
from bot.channels.telegram.reader import Reader
from bot.contracts.events import DeskReply, InboundEvent
from bot.dialogue.targets import EntryTarget
from bot.dialogue.turn import Browse, Command, Occasion, Selection, Share, UserAct, Utterance

Json = dict[str, Any]
ME = {"id": 7, "username": "CareerBot", "is_bot": True}
ANN, GROUP, DESK = 5, -100123, -100999
BY_ANN = {"id": ANN, "is_bot": False, "first_name": "Ann"}
BY_BOT = {"id": 7, "is_bot": True, "first_name": "Bot"}
ADMIN = {"from": {"id": 1087968824, "is_bot": True}, "sender_chat": {"id": GROUP, "title": "Us", "type": "supergroup"}}
ROWS = [[{"text": "👍", "callback_data": "v1:u:abc"}]]
SHARED = {"chosen_inline_result": {"result_id": "pay:0123", "from": BY_ANN, "query": "pay"}}
PHOTO = [{"file_id": "PICTURE"}]
HELP = Command("help")


def private(text: str | None = "when?", **more: object) -> Json:
    said = {} if text is None else {"text": text}
    return {"message_id": 3, "from": BY_ANN, "chat": {"id": ANN, "type": "private"}, "date": 1, **said, **more}


def group(text: str | None = "when?", chat: int = GROUP, **more: object) -> Json:
    return {**private(text), "chat": {"id": chat, "type": "supergroup", "title": "Us"}, **more}


def to_bot(text: str | None = "and how?", chat: int = GROUP, **more: object) -> Json:
    return group(text, chat, reply_to_message={"message_id": 2, "from": BY_BOT, "chat": {"id": chat}, "text": "Asked."}, **more)


def press(data: str, message: Json | None = None, **more: object) -> Json:
    on = {**(message or private()), "from": BY_BOT, "reply_markup": {"inline_keyboard": ROWS}}
    return {"callback_query": {"id": "1", "from": BY_ANN, "chat_instance": "c", "message": on, "data": data, **more}}


def member(before: str, after: str, kind: str = "group") -> Json:
    chat = {"id": ANN if kind == "private" else GROUP, "type": kind}
    changed = {"chat": chat, "from": BY_ANN, "old_chat_member": {"status": before}, "new_chat_member": {"status": after, "user": BY_BOT}}
    return {"my_chat_member": changed}


def heard(update: Json, reader: Reader | None = None) -> InboundEvent | None:
    reader = reader or Reader(f"telegram:{DESK}")
    event = reader.event({"update_id": 9, **update}, ME)
    return reader.read(json.loads(json.dumps(event.payload))) if event else None


def where(event: InboundEvent) -> TelegramAddress:
    return addresses.unpacked(event.address.place)


def is_heard(found: InboundEvent, done: UserAct, address: TelegramAddress | None, room: str, name: str = "") -> bool:
    """Whether that and nothing more was heard: where the answer goes, where it was done, and by whom."""
    packed = address.packed() if address else None
    expected = (done, packed, room, name, "", False, False, "", None)
    extra = (found.source, found.edited, found.overheard, found.edits, found.share_into)
    return (found.act, found.address, found.room, found.name, *extra) == expected and (address is None or where(found) == address)


def act(update: Json) -> UserAct | DeskReply | None:
    found = heard(update)
    return found.act if found else None


def said(text: str) -> Utterance:
    return Utterance(text)


def test_a_private_message_is_a_question_and_its_answer_goes_back_there() -> None:
    address = TelegramAddress(chat="5", user="5")
    assert is_heard(heard({"message": private("a <b> &amp; c")}), said("a <b> &amp; c"), address, "telegram:5", "Ann")
    event = Reader().event({"update_id": 9, "message": private()}, ME)
    assert (event.id, event.platform, event.conversation, event.person) == ("9", "telegram", "telegram:5", "telegram:5")


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (private(None, photo=PHOTO, caption="when?"), "when?"),
        (private(None, photo=PHOTO), ""),
        *((private(None, **{kind: {"file_id": "V"}}), "") for kind in sorted(texts.UNREADABLE)),
        (private("/me.too"), "/me.too"),
        (private("see /help"), "see /help"),
        (private("@careerbot when?"), "@careerbot when?"),
    ],
)
def test_all_that_is_said_in_private_is_for_the_bot(message: Json, text: str) -> None:
    assert act({"message": message}) == said(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/start", Occasion("start")),
        ("/start junk!", Occasion("start")),
        ("/start q_pay", Selection(EntryTarget("pay"))),
        ("/start f_pay", Selection(EntryTarget("pay", "full"))),
        (f"/start@careerbot {keys.query_link('how much?')}", said("how much?")),
        ("/help", HELP),
        ("/HELP@careerBOT", HELP),
        ("/privacy", Command("privacy")),
        ("/forget", Command("forget")),
        ("/human", Command("person")),
        ("/topics", Browse()),
        ("/compare pay", said("compare pay")),
        ("/compare", said("compare")),
        ("/ask", HELP),
        ("/ask  when?\nhow? ", said("when?\nhow?")),
        ("/ask@CareerBot when?", said("when?")),
        ("/ask@otherbot when?", None),
        ("/help@otherbot", None),
        ("/unknown x", None),
    ],
)
def test_commands_are_the_same_in_private_and_in_groups_but_for_unknown_ones(text: str, expected: UserAct | None) -> None:
    assert act({"message": group(text)}) == expected
    assert act({"message": private(text)}) == (HELP if "unknown" in text else expected)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (group("@CareerBot when?"), said("when?")),
        (group("when, @careerbot"), said("when,")),
        (group("@careerbot "), HELP),
        (group(None, photo=PHOTO, caption="@careerbot when?"), said("when?")),
        (to_bot(), said("and how?")),
        (to_bot("", photo=PHOTO), HELP),
        (to_bot("@careerbot and how?"), said("and how?")),
        (group("/ask", reply_to_message={"message_id": 2, "from": BY_ANN, "text": "when?"}), said("when?")),
        (group("/ask", reply_to_message={"message_id": 2, "from": BY_ANN, "caption": "when?"}), said("when?")),
        (group("/ask how?", reply_to_message={"message_id": 2, "from": BY_ANN, "text": "when?"}), said("how?")),
    ],
)
def test_what_is_addressed_to_the_bot_in_a_group_is_answered_beneath_it(message: Json, expected: UserAct) -> None:
    address = TelegramAddress(chat=str(GROUP), reply="3", user="5")
    assert is_heard(heard({"message": message}), expected, address, f"telegram:{GROUP}", "Ann")


@pytest.mark.parametrize(
    "update",
    [
        {"message": group()},
        {"message": group(None, photo=PHOTO)},
        {"message": group("@careerbots or me@careerbot or @careerbot_x")},
        {"message": group(reply_to_message={"message_id": 2, "from": BY_ANN, "text": "hi"})},
        {"message": group(None, new_chat_members=[BY_BOT])},
        {"message": group(None, migrate_to_chat_id=-1009)},
        {"message": private(None, pinned_message=private())},
        {"message": private(None, migrate_from_chat_id=-9)},
        {"message": private(None, checklist_tasks_done={"marked_as_done_task_ids": [1]})},
        {"message": private(None, giveaway_created={})},
        {"message": to_bot(None, pinned_message=private())},
        {"message": to_bot(None, DESK, checklist_tasks_done={"marked_as_done_task_ids": [1]})},
        {"message": private(**{"from": {**BY_ANN, "is_bot": True}})},
        {"message": private(via_bot=BY_BOT)},
        {"message": group("@careerbot when?", via_bot=BY_BOT)},
        {"message": {key: held for key, held in private().items() if key != "from"}},
        {"message": group("/help", **{"from": {"id": 777000, "is_bot": False}}, sender_chat={"id": -1007, "type": "channel"})},
        {"message": group("/help", **{"from": {"id": 136817688, "is_bot": True}}, sender_chat={"id": -1007, "type": "channel"})},
        {"edited_message": private()},
        {"channel_post": group("/help")},
        {"inline_query": {"id": "1", "from": BY_ANN, "query": "pay"}},
        {"poll": {"id": "1"}},
        {},
        member("member", "left"),
        member("left", "left"),
        member("member", "administrator"),
        member("member", "kicked", "private"),
        member("kicked", "member", "private"),
        member("left", "administrator", "channel"),
        {"callback_query": {"id": "1", "from": BY_ANN, "data": "v1:p:pay"}},
        {"callback_query": {"id": "1", "data": "v1:p:pay", "message": private()}},
        {"chosen_inline_result": {"result_id": "", "from": BY_ANN}},
    ],
    ids=str,
)
def test_what_is_not_for_the_bot_is_left_alone(update: Json) -> None:
    assert heard(update) is None


def test_an_anonymous_admin_is_the_group_and_has_one_conversation_there() -> None:
    message = group("/help", **ADMIN, message_thread_id=8, is_topic_message=True)
    event = Reader().event({"message": message}, ME)
    assert (event.person, event.conversation) == (f"telegram:{GROUP}", f"telegram:{GROUP}:8/{GROUP}")
    assert heard({"message": message}).name == "Us"


@pytest.mark.parametrize(("is_topic", "topic"), [(True, 8), (False, 0), (None, 0)])
def test_a_topic_is_a_room_and_a_thread_of_replies_is_none(is_topic: object, topic: int) -> None:
    message = group("/help", message_thread_id=8, is_topic_message=is_topic)
    room = f"telegram:{GROUP}:8" if topic else f"telegram:{GROUP}"
    event = Reader().event({"message": message}, ME)
    assert event.conversation == f"{room}/5"
    found = heard({"message": message})
    assert (found.room, where(found).topic) == (room, "8" if topic else "")
    shown = heard(press("v1:s:topic:x", message))
    assert (shown.room, where(shown).topic) == (room, "8" if topic else "")
    assert Reader().event(press("v1:s:topic:x", message), ME).conversation == event.conversation


@pytest.mark.parametrize("topic", [0, 8])
def test_a_reply_to_the_bot_at_the_desk_is_an_answer_unless_nothing_was_asked_there(topic: int) -> None:
    where = {"message_thread_id": topic, "is_topic_message": True} if topic else {}
    reader = Reader(addresses.room(DESK, topic))
    found = heard({"message": to_bot("On Fridays.", DESK, **where)}, reader)
    assert found.act == DeskReply("On Fridays.", f"telegram:{DESK}/2", otherwise=said("On Fridays."))
    assert found.room == reader.desk
    assert found.source == f"telegram:{DESK}/3"
    for kind in ("photo", "document", "sticker"):
        bare = heard({"message": to_bot("", DESK, **where, **{kind: PHOTO})}, reader)
        assert bare.act == DeskReply("", f"telegram:{DESK}/2", otherwise=HELP)
    assert heard({"message": to_bot("/help", DESK, **where)}, reader).act == HELP
    assert heard({"message": group("@careerbot when?", DESK, **where)}, reader).act == said("when?")
    assert heard({"message": group("On Fridays.", DESK, **where)}, reader) is None
    assert heard({"message": to_bot("On Fridays.", **where)}, reader).act == said("On Fridays.")


@pytest.mark.parametrize("message", [to_bot("On Fridays.", DESK), to_bot(None, DESK, photo=PHOTO, caption="On Fridays.")])
def test_an_edited_answer_of_the_desk_is_that_answer_in_other_words(message: Json) -> None:
    found = heard({"edited_message": {**message, "edit_date": 2}})
    assert (found.act, found.edited, found.source) == (DeskReply("On Fridays.", f"telegram:{DESK}/2"), True, f"telegram:{DESK}/3")


@pytest.mark.parametrize(
    "message", [private(), group("/ask when?"), to_bot(), to_bot("/help", DESK), to_bot("", DESK, photo=PHOTO), group("On Fridays.", DESK)]
)
def test_nothing_else_that_is_edited_is_heard(message: Json) -> None:
    assert heard({"edited_message": {**message, "edit_date": 2}}) is None


@pytest.mark.parametrize("before", ["left", "kicked"])
def test_the_bot_says_hello_in_a_group_that_it_was_added_to_and_nothing_where_it_was_shared(before: str) -> None:
    assert is_heard(heard(SHARED), Share("pay"), None, "telegram:inline")
    for kind, after in (("group", "member"), ("supergroup", "administrator")):
        found = heard(member(before, after, kind))
        assert is_heard(found, Occasion("joined_group"), TelegramAddress(chat=str(GROUP)), f"telegram:{GROUP}")
    assert Reader().event(member(before, "member"), ME).person == ""


SHAPES: list[Json] = [
    {"message": private(None, photo=PHOTO, caption="x", caption_entities=[{"type": "bold"}], reply_to_message=private(entities=[{}]))},
    {"message": to_bot("/ask@careerbot when?", DESK, entities=[{"type": "bot_command"}], message_thread_id=8, is_topic_message=True)},
    {"message": group("/start q_pay", **ADMIN)},
    {"message": private("/start a_cGF5"), "edited_message": private()},
    press("v1:p:reason:abc:wrong", group()),
    {"callback_query": {"id": "1", "from": BY_ANN, "data": "v1:s:full:pay", "inline_message_id": "A"}},
    SHARED,
    member("left", "member"),
    {"inline_query": {"id": "1", "from": BY_ANN, "query": "pay"}},
]
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda held: st.lists(held, max_size=2) | st.dictionaries(st.text(max_size=5) | st.sampled_from(["id", "from"]), held, max_size=2),
    max_leaves=4,
) | st.integers(1, 200).map(lambda depth: json.loads('{"a":[' * depth + "1" + "]}" * depth))


def spoilt(value: object, draw: st.DrawFn) -> object:
    """An update with something else in some places."""
    if draw(st.integers(0, 9)) == 0:
        return draw(junk)
    if isinstance(value, dict):
        return {key: spoilt(held, draw) for key, held in value.items()}
    return [spoilt(held, draw) for held in value] if isinstance(value, list) else value


def read_all(update: Json) -> None:
    for reader in (Reader(), Reader(f"telegram:{DESK}:8")):
        event = reader.event(update, ME)
        if event is not None:
            kept = json.dumps(event.payload)
            assert not any(f'"{key}"' in kept for key in ("file_id", "bold", "user_id"))
            assert reader.read(json.loads(kept)) == reader.read(event.payload) == event
            if event.address is not None:
                where(event)


def test_what_is_kept_has_no_pictures_and_is_read_again() -> None:
    for update in SHAPES:
        read_all({"update_id": 9, **update})


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(SHAPES))
def test_nothing_breaks_on_an_update_with_something_else_in_it(data: st.DataObject, update: Json) -> None:
    read_all({"update_id": 9, **{key: spoilt(held, data.draw) for key, held in update.items()}})
