"""What Telegram answers to a call, in the words of the delivery; and what it shows of the bot."""

from __future__ import annotations

import asyncio
import copy
import json
from typing import Any

import httpx
import pytest
from loopback.telegram_rules import PROFILE, check_commands
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest

from bot.channels.telegram import profile
from bot.channels.telegram.web import GroupMigratedError, UnchangedError, UnparsedError, Web, delivery_error
from bot.contracts.errors import ChannelError, Later, Refused, Unreachable, Unsure
from bot.language.english.wording import TEXTS

Json = dict[str, Any]
TOKEN = "123:SECRET"  # noqa: S105 - none
REQUEST = httpx.Request("POST", f"https://api.telegram.example/bot{TOKEN}/sendMessage")


def words(key: str, **values: str) -> str:
    return TEXTS[key][0].format_map(values)


def caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


class Answers(BaseRequest):
    """The wire, without a network: each call gets one answer, or one exception."""

    def __init__(self, status: int, body: object) -> None:
        self.status, self.body, self.asked = status, body, []

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    @property
    def read_timeout(self) -> float:
        return 1.0

    async def do_request(self, url: str, method: str, request_data: Any = None, **_: object) -> tuple[int, bytes]:  # noqa: ANN401
        self.asked.append((method, url, request_data.json_parameters if request_data else {}))
        if isinstance(self.body, Exception):
            raise self.body
        return self.status, self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def called(status: int, body: object, **arguments: object) -> tuple[object, Answers]:
    """What a call gives or raises where Telegram answers so."""
    answers = Answers(status, body)

    async def call() -> object:
        async with Web(TOKEN, "https://api.telegram.example/") as web:
            web._bot._request = (answers, answers)
            try:
                return await web.call("sendMessage", **arguments)
            except Exception as error:  # noqa: BLE001 - what it is, is what is asked
                return error

    return asyncio.run(call()), answers


def failure(code: int, text: str, **parameters: int) -> Json:
    return {"ok": False, "error_code": code, "description": text, **({"parameters": parameters} if parameters else {})}


def test_a_call_is_made_once_and_gives_what_telegram_answers() -> None:
    answer, wire = called(200, {"ok": True, "result": {"message_id": 3}}, chat_id=5, text="hi", reply_markup={"inline_keyboard": []})
    assert answer == {"message_id": 3}
    sent = {"chat_id": "5", "text": "hi", "reply_markup": '{"inline_keyboard": []}'}
    assert wire.asked == [("POST", f"https://api.telegram.example/bot{TOKEN}/sendMessage", sent)]


def test_all_connections_are_closed_at_the_end_those_for_polling_too() -> None:
    async def used() -> list[bool]:
        async with Web(TOKEN, "https://api.telegram.example") as web:
            clients = [request._client for request in web._bot._request]
        return [client.is_closed for client in clients]

    assert asyncio.run(used()) == [True, True]


@pytest.mark.parametrize(
    ("code", "text", "why"),
    [
        (400, "Bad Request: chat not found", "gone"),
        (400, "Bad Request: message to edit not found", "gone"),
        (400, "Bad Request: not enough rights to send text messages to the chat", "restricted"),
        (400, "Bad Request: have no rights to send a message", "restricted"),
        (400, "Bad Request: TOPIC_CLOSED", "restricted"),
        (400, "Bad Request: message is too long", ""),
        (403, "Forbidden: bot was blocked by the user", "gone"),
        (403, "Forbidden: user is deactivated", "gone"),
        (403, "Forbidden: the group chat was deleted", "gone"),
        (403, "Forbidden: bot was kicked from the supergroup chat", "outside"),
    ],
)
def test_an_error_that_lasts_refuses_and_says_why(code: int, text: str, why: str) -> None:
    answer, wire = called(code, failure(code, text))
    assert isinstance(answer, Refused)
    assert (answer.reason, len(wire.asked)) == (why, 1)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, failure(400, "Bad Request: can't parse entities: Unsupported start tag"), UnparsedError),
        (400, failure(400, "Bad Request: message is not modified: specified new message content"), UnchangedError),
        (500, failure(500, "Internal Server Error"), Unreachable),
        (502, failure(502, "Bad Gateway"), Unreachable),
        (503, b"", Unreachable),
        (200, b"<html>Sign in to this network</html>", Unsure),
    ],
)
def test_other_errors_are_told_apart(status: int, body: object, expected: type[Exception]) -> None:
    assert type(called(status, body)[0]) is expected


@pytest.mark.parametrize(
    ("status", "text", "lasting"),
    [(401, "Unauthorized", True), (404, "Not Found", True), (409, "Conflict: terminated by other getUpdates request", False)],
)
def test_what_the_operator_must_mend_is_a_sentence_without_the_token(status: int, text: str, lasting: bool) -> None:  # noqa: FBT001
    answer, _ = called(status, failure(status, text))
    assert (type(answer), answer.lasting) == (ChannelError, lasting)
    assert TOKEN not in str(answer)
    assert str(answer).endswith(".")


def test_telegram_is_waited_for_as_long_as_it_says_and_a_group_that_moved_is_told() -> None:
    later, _ = called(429, failure(429, "Too Many Requests: retry after 7", retry_after=7))
    assert (type(later), later.seconds) == (Later, 7.0)
    moved, _ = called(400, failure(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009))
    assert (type(moved), moved.chat) == (GroupMigratedError, -1009)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (caused(NetworkError("x"), httpx.ConnectError("x")), Unreachable),
        (caused(TimedOut(), httpx.ConnectTimeout("x")), Unreachable),
        (caused(TimedOut(), httpx.PoolTimeout("x")), Unreachable),
        (caused(TimedOut(), httpx.ReadTimeout("x")), Unsure),
        (caused(NetworkError("x"), httpx.ReadError("x")), Unsure),
        (caused(NetworkError("Bad Gateway"), TelegramError("Invalid server response")), Unreachable),
        (NetworkError("Bad Gateway"), Unreachable),
        (TelegramError("Invalid server response"), Unsure),
    ],
    ids=repr,
)
def test_only_what_cannot_have_left_may_be_sent_again(error: TelegramError, expected: type[Exception]) -> None:
    assert type(delivery_error(error)) is expected


def test_no_error_is_told_with_the_token() -> None:
    text = f"https://api.telegram.example/bot{TOKEN}/x"
    kinds = (BadRequest, Forbidden, InvalidToken, NetworkError, TelegramError, TimedOut, Conflict)
    for error in (*(kind(text) for kind in kinds), RetryAfter(1), ChatMigrated(-1)):
        assert "SECRET" not in str(delivery_error(caused(error, httpx.ReadError(text, request=REQUEST))))


class Shown:
    """Telegram as far as the bot's profile is concerned."""

    def __init__(self) -> None:
        self.held: dict[str, Any] = {}
        self.set: list[str] = []

    async def call(self, method: str, **arguments: Any) -> Any:  # noqa: ANN401 - JSON
        name = method[3:] + arguments.get("scope", {}).get("type", "")
        if method.startswith("set"):
            (self.held[name],) = [value for key, value in arguments.items() if key != "scope"]
            self.set.append(name)
            return True
        held = copy.deepcopy(self.held.get(name, [] if "Commands" in name else ""))
        if method.startswith("getMy") and "Commands" not in name:
            return {"short_description" if "Short" in method else "description": held}
        return held or ({"type": "default"} if "Menu" in name else [])


def test_the_profile_is_set_once_and_then_only_what_has_changed() -> None:
    shown = Shown()

    def set_up(title: str) -> list[str]:
        shown.set.clear()
        asyncio.run(profile.set_up(shown, words, title))
        return list(shown.set)

    commands = ["MyCommandsall_private_chats", "MyCommandsall_group_chats"]
    assert set_up("Careers") == [*commands, "MyDescription", "MyShortDescription", "ChatMenuButton"]
    assert set_up("Careers") == []
    assert set_up("Bread") == ["MyDescription", "MyShortDescription"]
    shown.held[commands[1]] = []
    assert set_up("Bread") == [commands[1]]
    shown.held["ChatMenuButton"] = {"type": "default"}
    assert set_up("Bread") == ["ChatMenuButton"]


@pytest.mark.parametrize("title", ["", "x" * 2000])
def test_the_profile_is_one_that_telegram_takes(title: str) -> None:
    shown = Shown()
    asyncio.run(profile.set_up(shown, words, title))
    for kind in ("private", "group"):
        check_commands(shown.held[f"MyCommandsall_{kind}_chats"])
    assert 0 < len(shown.held["MyDescription"]) <= PROFILE["description"]
    assert 0 < len(shown.held["MyShortDescription"]) <= PROFILE["short_description"]
