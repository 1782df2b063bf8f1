"""What a press in Telegram is: an event, something that is done where it is pressed, or a toast; and never silence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.channels.telegram import addresses, keyboards, limits
from bot.channels.telegram.addresses import TelegramAddress
from bot.channels.telegram.presses import Press, Presses
from bot.channels.telegram.reader import Reader
from bot.dialogue.reply import Choice, Reply
from bot.dialogue.targets import EntryTarget, ReasonTarget, TeamTarget, TopicTarget
from bot.dialogue.turn import Rating, Selection
from bot.language.english.wording import TEXTS

if TYPE_CHECKING:
    from bot.contracts.events import InboundEvent
    from bot.dialogue.targets import Target
    from bot.dialogue.turn import UserAct

Json = dict[str, Any]
ME = {"id": 7, "username": "career_bot", "is_bot": True}
ANN, GROUP = 5, -100123
BY_ANN = {"id": ANN, "is_bot": False, "first_name": "Ann"}
ROWS = [[{"text": "👍", "callback_data": "v1:u:abc"}, {"text": "S", "switch_inline_query_chosen_chat": {"query": "#a"}}]]
MARKUP = json.dumps(ROWS, separators=(",", ":"))


def words(key: str, **values: str) -> str:
    return TEXTS[key][0].format_map(values)


def press(data: str, chat: int = ANN, user: int = ANN, message: int = 3, rows: list[list[Json]] = ROWS, **more: object) -> Json:
    kind = "private" if chat == ANN else "supergroup"
    on = {"message_id": message, "chat": {"id": chat, "type": kind}, "reply_markup": {"inline_keyboard": rows}}
    return {"callback_query": {"id": "1", "from": {**BY_ANN, "id": user}, "message": on, "data": data, **more}}


def card(data: str) -> Json:
    return {"callback_query": {"id": "1", "from": BY_ANN, "data": data, "inline_message_id": "A/A_"}}


def heard(update: Json) -> InboundEvent | None:
    event = Reader().event({"update_id": 9, **update}, ME)
    return Reader().read(json.loads(json.dumps(event.payload))) if event else None


def where(event: InboundEvent) -> TelegramAddress:
    return addresses.unpacked(event.address.place)


def leads(target: Target) -> bool:
    match target:
        case EntryTarget(known) | TeamTarget(known) | TopicTarget(known):
            return known in {"pay", "bonus"}
        case _:
            return True


def understood(update: Json, *, team: bool = True) -> Press:
    return Presses(words, "career_bot", leads, team).understood(update["callback_query"])


def toast(key: str) -> Press:
    return Press({"text": words(key)})


@pytest.mark.parametrize(
    ("data", "expected", "edits", "keyboard"),
    [
        ("v1:p:pay", Selection(EntryTarget("pay")), False, None),
        ("v1:s:full:pay", Selection(EntryTarget("pay", "full")), True, None),
        ("v1:u:abc", Rating(up=True, turn="abc"), True, MARKUP),
        ("v1:d:abc", Rating(up=False, turn="abc"), True, MARKUP),
        ("v1:p:reason:abc:wrong", Selection(ReasonTarget("abc", "wrong")), True, MARKUP),
        ("v0:p:pay", Selection(EntryTarget("")), False, None),
        ("v1:z:reason:abc", Selection(EntryTarget("")), False, None),
        ("", Selection(EntryTarget("")), False, None),
    ],
)
def test_a_press_is_what_its_button_says_and_changes_its_message_or_is_answered(
    data: str,
    expected: UserAct,
    edits: bool,  # noqa: FBT001 - a table
    keyboard: str | None,
) -> None:
    found = heard(press(data))
    assert (found.act, where(found), found.name) == (expected, TelegramAddress(chat=str(ANN), keyboard=keyboard, user="5"), "Ann")
    assert found.edits == (f"telegram:{ANN}/3" if edits else "")
    if keyboard is None:
        found = heard(press(data, GROUP))
        address = TelegramAddress(chat=str(GROUP), reply="" if edits else "3", user="5")
        assert (found.act, where(found), found.name) == (expected, address, "Ann")
        assert found.edits == (f"telegram:{GROUP}/3" if edits else "")


def test_in_a_group_a_rating_is_kept_and_changes_nothing_and_a_reason_is_nobodys() -> None:
    found = heard(press("v1:d:abc", GROUP))
    assert (found.act, found.address, found.edits, found.room) == (Rating(up=False, turn="abc"), None, "", f"telegram:{GROUP}")
    assert found.places == (f"telegram:{GROUP}",)
    assert heard(press("v1:p:reason:abc:wrong", GROUP)) is None


def test_a_press_on_a_message_that_telegram_has_forgotten_counts() -> None:
    gone = {
        "callback_query": {
            "id": "1",
            "from": BY_ANN,
            "data": "v1:u:abc",
            "message": {"message_id": 3, "chat": {"id": ANN, "type": "private"}, "date": 0},
        }
    }
    assert (where(heard(gone)), heard(gone).edits) == (TelegramAddress(chat="5", keyboard="[]", user="5"), "telegram:5/3")


@pytest.mark.parametrize(
    "update",
    [
        press("v1:m:ms:pay"),
        press("v1:l:ms:pay", GROUP),
        card("v1:s:full:pay"),
    ],
)
def test_what_is_answered_where_it_is_pressed_is_no_event(update: Json) -> None:
    assert heard(update) is None


def test_the_same_person_shares_the_same_from_one_message_once() -> None:
    first, again = heard(press("v1:p:team:pay")), heard(press("v1:p:team:pay", id="2"))
    assert first.once == again.once != ""
    others = [press("v1:p:team:cake"), press("v1:p:team:pay", message=4), press("v1:p:team:pay", GROUP), press("v1:p:team:pay", user=6)]
    assert len({first.once, *(heard(other).once for other in others)}) == 5
    assert heard(press("v1:p:pay")).once == ""


@pytest.mark.parametrize(
    "data", ["", "v0:p:pay", "v9:p:pay", "v1:z:pay", "v1:p:", "v1:p:old", "v1:s:full:old", "v1:s:topic:old", "v1:u:", "v1:m:ms:old"]
)
@pytest.mark.parametrize("chat", [ANN, GROUP])
def test_what_leads_nowhere_is_a_toast_and_no_event(data: str, chat: int) -> None:
    assert understood(press(data, chat)) == toast("gone")
    assert len(words("gone")) <= limits.TOAST


@pytest.mark.parametrize("data", ["v1:p:pay", "v1:s:full:pay", "v1:s:topic:pay", "v1:p:none-of-these", "v1:p:person", "v1:p:desk:keep:1"])
def test_what_leads_on_is_an_event_and_no_word_is_said_over_it(data: str) -> None:
    assert understood(press(data)) == understood(press(data, GROUP)) == Press({}, event=True)


def test_ratings_are_thanked_and_in_a_group_nothing_else_happens() -> None:
    assert understood(press("v1:u:abc")) == understood(press("v1:u:abc", GROUP)) == Press({"text": words("rated_up")}, event=True)
    assert understood(press("v1:d:abc")) == Press({}, event=True)  # its message asks for a reason
    assert understood(press("v1:d:abc", GROUP)) == Press({"text": words("rated_reason")}, event=True)
    assert understood(press("v1:p:reason:abc:wrong")) == Press({"text": words("rated_reason")}, event=True)
    assert understood(press("v1:p:reason:abc:wrong", GROUP)) == toast("gone")


def test_sharing_with_the_team_needs_a_room_here() -> None:
    assert understood(press("v1:p:team:pay")) == Press({}, event=True)
    assert understood(press("v1:p:team:pay"), team=False) == toast("gone")
    assert understood(press("v1:p:team:old")) == toast("gone")


@pytest.mark.parametrize(
    ("data", "payload"), [("v1:p:pay", "q_pay"), ("v1:s:pay", "q_pay"), ("v1:s:full:pay", "f_pay"), ("v1:s:more:pay", "f_pay")]
)
def test_an_old_button_of_a_shared_card_leads_to_the_bot(data: str, payload: str) -> None:
    assert understood(card(data)) == Press({"url": f"https://t.me/career_bot?start={payload}"})


@pytest.mark.parametrize("data", ["v1:s:topic:pay", "v1:s:old", "v1:p:person", "v1:u:abc", "v1:m:ms:pay", "v1:p:team:pay", "junk"])
def test_what_else_is_pressed_on_a_shared_card_is_a_toast(data: str) -> None:
    assert understood(card(data)) == toast("gone")


def test_an_answer_unfolds_and_folds_where_it_is_pressed() -> None:
    frame = keyboards.Frame("abc", desk=True, inline=True, team=True)
    answer = Reply("answer", "Good.", follow_ups=(Choice(EntryTarget("bonus"), "Bonus?"),), more=True, entries=("pay",))
    rows = keyboards.keyboard(answer, words, frame)
    opened = understood(press("v1:m:mstp:pay", GROUP, rows=rows))
    assert (opened.answer, opened.event, opened.keyboard) == ({}, False, keyboards.unfolded(rows, "mstp:pay", words))
    assert understood(press("v1:m:mstp:pay", rows=opened.keyboard)).keyboard == opened.keyboard  # pressed twice
    assert understood(press("v1:l:mstp:pay", rows=opened.keyboard)).keyboard == rows


@pytest.mark.parametrize("rows", [[], [[]], ROWS, [7], None, {"a": 1}])
def test_a_keyboard_that_does_not_hold_the_button_is_not_changed(rows: Any) -> None:  # noqa: ANN401 - junk
    assert understood(press("v1:m:ms:pay", rows=rows)) == toast("gone")
