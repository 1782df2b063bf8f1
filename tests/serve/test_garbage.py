"""Anything at all, sent to whatever reads: it is read, or left, or refused in an orderly way."""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback import running_slack, running_telegram

from bot.channels import lines
from bot.channels.slack import reader as slack
from bot.channels.telegram import keys
from bot.channels.telegram import reader as telegram
from bot.knowledge.loader import KnowledgeError, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.assembly import Bot

MANY, SOME = 10_000, 1_000
KINDS = ("event", "press", "command", "shortcut", "submission")
SLACK_TEAM = {"team_id": "T1", "user": {"id": "U1"}, "container": {"channel_id": "C1", "message_ts": "1.1"}}
SLACK: list[Any] = [
    {"team_id": "T1", "event_id": "E1", "event": {"type": "message", "channel": "D1", "user": "U1", "ts": "1.1", "text": "when?"}},
    {"team_id": "T1", "event": {"type": "app_mention", "channel": "C1", "user": "U1", "ts": "1.1", "thread_ts": "1.0", "text": "<@UB> a"}},
    {**SLACK_TEAM, "actions": [{"action_id": "pick:0", "value": "hours"}]},
    {**SLACK_TEAM, "actions": [{"action_id": "share_here", "value": "hours|1.1"}], "response_url": "https://example.org"},
    {"team_id": "T1", "channel_id": "C1", "user_id": "U1", "text": "help", "trigger_id": "1"},
    {**SLACK_TEAM, "view": {"callback_id": "share_answer", "private_metadata": '{"entry":"a","back":{"channel":"C"}}'}},
    {**SLACK_TEAM, "callback_id": "answer_message", "channel": {"id": "C1"}, "message": {"ts": "1.1", "text": "when?"}},
]
ANN = {"id": 5, "is_bot": False, "first_name": "Ann"}
GROUP = {"id": -100, "type": "supergroup"}
TELEGRAM: list[Any] = [
    {"update_id": 1, "message": {"message_id": 2, "from": ANN, "chat": {"id": 5, "type": "private"}, "text": "/start q_hours"}},
    {"update_id": 1, "message": {"message_id": 2, "from": ANN, "chat": GROUP, "text": "no", "reply_to_message": {"from": {"id": 9}}}},
    {"update_id": 1, "callback_query": {"id": "1", "from": ANN, "data": "v1:p:hours", "message": {"message_id": 2, "chat": GROUP}}},
    {"update_id": 1, "chosen_inline_result": {"from": ANN, "result_id": "hours:1"}},
    {"update_id": 1, "my_chat_member": {"chat": GROUP, "old_chat_member": {"status": "left"}, "new_chat_member": {"status": "member"}}},
]
ME = {"id": 9, "username": "bakery_bot"}


def deep(levels: int) -> object:
    held: object = 1
    for _ in range(levels):
        held = {"a": [held]}
    return held


JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    "",
    "\0",
    "\ud800",
    "x" * 20_000,
    "<@U1|",
    "v1:p",
    "{",
    "[]",
    [],
    {},
    [[]],
    [None],
    {"id": {}},
]
JUNK += [deep(8), deep(50), "q_\ud800", "a_AAAA", "reason:", "²", "\u202e", {"\0": "\ud800"}]


def spoilt(value: Any, chance: random.Random) -> Any:  # noqa: ANN401 - as JSON is
    """A payload with something else, or nothing, in some places."""
    if chance.random() < 0.12:
        return chance.choice(JUNK)
    if isinstance(value, dict):
        return {key: spoilt(held, chance) for key, held in value.items() if chance.random() > 0.04}
    return [spoilt(held, chance) for held in value] if isinstance(value, list) else value


def slack_reads(chance: random.Random) -> None:
    body = spoilt(chance.choice(SLACK), chance)
    reader = slack.Reader("slack:C1", chance.choice(["allow", "deny", "ask"]))
    event = reader.event(chance.choice(KINDS), body if isinstance(body, dict) else {"event": body}, me="UB")
    if event is not None:
        reader.read({**event.payload, "standing": chance.choice(["member", "guest", "unknown"])})


def telegram_reads(chance: random.Random) -> None:
    update = spoilt(chance.choice(TELEGRAM), chance)
    reader = telegram.Reader("telegram:-100")
    event = reader.event(update if isinstance(update, dict) else {"message": update}, ME)
    if event is not None:
        reader.read(event.payload)


def letters(chance: random.Random) -> str:
    return "".join(chance.choices('v1:psud_qa-=\0\ud800é🎂{}[]"\\,:. reason', k=chance.randrange(40)))


def buttons_read(chance: random.Random) -> None:
    text = letters(chance)
    keys.read_data(text)
    keys.read_link(text)
    keys.read_link(f"a_{text}")


@pytest.mark.parametrize("reads", [slack_reads, telegram_reads, buttons_read])
def test_ten_thousand_payloads_of_garbage_break_no_reader(reads: Callable[[random.Random], None]) -> None:
    chance = random.Random(7)  # noqa: S311 - the same garbage each time
    for _ in range(MANY):
        reads(chance)


def test_a_thousand_lines_of_garbage_get_an_answer_each(bakery: Bot) -> None:
    chance = random.Random(7)  # noqa: S311 - the same garbage each time
    asked = [json.dumps(spoilt({"conversation": "c", "text": letters(chance)}, chance)).encode() for _ in range(SOME // 2)]
    asked += [b"x" + chance.randbytes(chance.randrange(40)).replace(b"\n", b"") for _ in range(SOME // 2)]
    answers = [json.loads(answer) for answer in lines.answers(bakery.conversations, asked)]
    assert len(answers) == SOME
    assert all(("error" in answer) != ("text" in answer) for answer in answers)


def test_a_knowledge_file_of_garbage_is_refused_with_its_faults(small: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - the same garbage each time
    good = small.read_bytes()
    for _ in range(150):
        at = chance.randrange(len(good))
        small.write_bytes(good[:at] + chance.randbytes(chance.randrange(1, 9)) + good[at + chance.randrange(30) :])
        try:
            load(small)
        except KnowledgeError as error:
            assert error.faults  # noqa: PT017 - most are refused, some still hold


async def sent(session: aiohttp.ClientSession, url: str, body: bytes, headers: dict[str, str]) -> int:
    begun = time.monotonic()
    async with session.post(url, data=body, headers={"Content-Type": "application/json", **headers}) as answer:
        await answer.read()
    assert time.monotonic() - begun < 1.0
    return answer.status


def test_garbage_that_telegram_calls_with_is_refused_or_left_and_the_next_message_is_answered(
    bakery: Bot,
    tmp_path: Path,
    unhurried: None,  # noqa: ARG001 - for what it does
) -> None:
    chance = random.Random(7)  # noqa: S311 - the same garbage each time

    async def played() -> None:
        async with running_telegram.running(bakery, tmp_path, "webhook") as house, aiohttp.ClientSession() as session:
            secret = {"X-Telegram-Bot-Api-Secret-Token": house.channel._secret}
            for number in range(300):
                body = json.dumps(spoilt({**chance.choice(TELEGRAM), "update_id": 10**6 + number}, chance)).encode()
                assert await sent(session, house.tg.webhook.url, body[: chance.choice([9, None, None, None])], secret) // 100 in {2, 4}
            await house.gateway.settled()
            said = await house.after(lambda: house.tg.send(house.chat, house.ann, "how much is a cake?"))
            assert any("20 euros" in str(call.params) for call in said)

    asyncio.run(played())


def test_garbage_that_slack_has_signed_is_refused_or_left_and_the_next_message_is_answered(bakery: Bot, tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - the same garbage each time

    async def played() -> set[int]:
        async with running_slack.running(bakery, tmp_path, "http") as house, aiohttp.ClientSession() as session:
            statuses = set()
            for _ in range(100):
                body = json.dumps(spoilt({"type": "event_callback", **chance.choice(SLACK)}, chance))
                statuses.add(await sent(session, house.slack.http_target, body.encode(), house.slack.sign(body)))
            await house.gateway.settled()
            house.new()
            assert any("20 euros" in message["text"] for message in await house.after(house.slack.dm("how much is a cake?")))
            return statuses

    assert asyncio.run(played()) <= {200, 400, 404, 503}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda held: st.lists(held, max_size=3) | st.dictionaries(st.text(max_size=8), held, max_size=3),
    max_leaves=6,
)


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - as JSON is
    """The way to each part of a payload."""
    held = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(path for key, part in held for path in paths(part, (*here, key)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:  # noqa: ANN401 - as JSON is
    """A payload with something else in one place."""
    if not path:
        return new
    held = dict(value) if isinstance(value, dict) else list(value)
    held[path[0]] = put(held[path[0]], path[1:], new)
    return held


@settings(max_examples=1_000, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck])
@given(st.data())
def test_whatever_stands_where_something_else_should_breaks_no_reader_of_slack(data: st.DataObject) -> None:
    payload = data.draw(st.sampled_from(SLACK))
    spoiled = put(payload, data.draw(st.sampled_from(paths(payload)[1:])), data.draw(JSON))
    reader = slack.Reader("slack:C1", "ask")
    for kind in KINDS:
        found = reader.event(kind, spoiled, me="UB")
        assert found is None or reader.read(found.payload) is not None


@settings(max_examples=1_000, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck])
@given(st.data())
def test_whatever_stands_where_something_else_should_breaks_no_reader_of_telegram(data: st.DataObject) -> None:
    payload = data.draw(st.sampled_from(TELEGRAM))
    spoiled = put(payload, data.draw(st.sampled_from(paths(payload)[1:])), data.draw(JSON))
    reader = telegram.Reader("telegram:-100")
    found = reader.event(spoiled, ME)
    assert found is None or reader.read(found.payload) is not None
