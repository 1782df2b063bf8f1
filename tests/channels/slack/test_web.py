"""What Slack answers to a call, in the words of the delivery; and who people are, as far as Slack tells."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web as served
from aiohttp.test_utils import TestServer
from loopback.running_slack import free_port
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack import people as looking
from bot.channels.slack.people import People, Person
from bot.channels.slack.web import MISDRAWN, PAUSE, MisdrawnError, Web
from bot.contracts.errors import Later, Refused, Unreachable, Unsure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Json = dict[str, Any]
JSON, PLAIN, HTML = "application/json", "text/plain", "text/html"


def told(
    call: Callable[[Web, str], Awaitable[object]],
    status: int = 200,
    body: str = '{"ok": true}',
    kind: str = JSON,
    headers: Json | None = None,
) -> tuple[object, list[tuple[str, str, str]]]:
    """What a call gives or raises where Slack answers so, and what Slack was asked; without a status it hangs up."""
    asked: list[tuple[str, str, str]] = []

    async def answer(request: served.Request) -> served.Response:
        asked.append((request.method, request.path_qs, await request.text()))
        if not status and request.transport:
            request.transport.close()
        return served.Response(status=status or 500, body=body.encode(), headers={"Content-Type": kind, **(headers or {})})

    async def called() -> object:
        application = served.Application()
        application.router.add_route("*", "/{rest:.*}", answer)
        async with TestServer(application) as server, aiohttp.ClientSession() as session:
            client = AsyncWebClient("xoxb-1", base_url=str(server.make_url("/api/")), session=session, retry_handlers=[])
            try:
                return await call(Web(client), str(server.make_url("/respond")))
            except (Later, Refused, Unreachable, Unsure, MisdrawnError) as error:
                return error

    return asyncio.run(called()), asked


def posting(web: Web, _: str) -> Awaitable[object]:
    return web.call("chat.postMessage", channel="C1", text="hi", blocks=[])


def responding(web: Web, url: str) -> Awaitable[object]:
    return web.respond(url, {"text": "hi", "replace_original": False})


def error(code: str) -> str:
    return f'{{"ok": false, "error": "{code}"}}'


def test_what_is_done_is_sent_as_json_and_what_is_read_is_asked_without() -> None:
    answer, asked = told(posting, body='{"ok": true, "ts": "1.2"}')
    assert (answer, asked) == (
        {"ok": True, "ts": "1.2"},
        [("POST", "/api/chat.postMessage", '{"channel": "C1", "text": "hi", "blocks": []}')],
    )
    assert told(lambda web, _: web.ask("users.info", user="U1"))[1] == [("GET", "/api/users.info?user=U1", "")]
    assert told(responding) == (None, [("POST", "/respond", '{"text": "hi", "replace_original": false}')])


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("not_in_channel", "outside"),
        ("is_archived", "archived"),
        ("restricted_action_thread_locked", "restricted"),
        ("channel_not_found", "gone"),
        ("cannot_dm_bot", "gone"),
        ("missing_scope", ""),
        ("something_new", ""),
    ],
)
def test_an_error_that_lasts_refuses_and_says_why(code: str, why: str) -> None:
    answer, _ = told(posting, body=error(code))
    assert isinstance(answer, Refused)
    assert (answer.reason, str(answer)) == (why, f"Slack says {code}.")


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "invalid_auth", "token_revoked", "service_unavailable"])
def test_an_error_that_passes_or_that_an_operator_ends_is_waited_out(code: str) -> None:
    assert isinstance(told(posting, body=error(code))[0], Unreachable)


@pytest.mark.parametrize("code", sorted(MISDRAWN))
def test_blocks_that_slack_does_not_take_are_told_apart(code: str) -> None:
    assert isinstance(told(posting, body=error(code))[0], MisdrawnError)


@pytest.mark.parametrize("call", [posting, responding])
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Retry-After": "7"}, 7.0), ({"retry-after": "0"}, 0.0), ({"Retry-After": "-3"}, 0.0), ({"Retry-After": "soon"}, PAUSE), ({}, PAUSE)],
)
def test_slack_is_waited_for_as_long_as_it_says(call: Callable, headers: Json, seconds: float) -> None:
    answer, _ = told(call, 429, error("ratelimited"), headers=headers)
    assert isinstance(answer, Later)
    assert answer.seconds == seconds


@pytest.mark.parametrize(("body", "kind"), [("no JSON", JSON), ("wait", PLAIN), ("<p>wait</p>", HTML), ("", JSON)])
def test_slack_is_waited_for_whatever_else_it_says(body: str, kind: str) -> None:
    answer, _ = told(posting, 429, body, kind, {"Retry-After": "7"})
    assert isinstance(answer, Later)
    assert answer.seconds == 7.0


def test_a_limit_told_without_its_status_is_waited_for() -> None:
    answer, _ = told(posting, body=error("rate_limited"))
    assert isinstance(answer, Later)
    assert answer.seconds == PAUSE


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize(("body", "kind"), [(error("channel_not_found"), JSON), ("oops", JSON), ("oops", PLAIN), ("<p>oops</p>", HTML)])
def test_slack_in_trouble_took_nothing(status: int, body: str, kind: str) -> None:
    answers = [told(call, status, body, kind)[0] for call in (posting, responding)]
    assert [type(answer) for answer in answers] == [Unreachable, Unreachable]
    assert str(status) in str(answers[0])


@pytest.mark.parametrize(("body", "kind"), [("ok", PLAIN), ('["ok"]', JSON), ('"ok"', JSON)])
def test_an_answer_that_is_none_of_slacks_leaves_it_open_whether_anything_arrived(body: str, kind: str) -> None:
    assert isinstance(told(posting, 200, body, kind)[0], Unsure)


@pytest.mark.parametrize("call", [posting, responding])
def test_whether_anything_arrived_is_open_where_slack_hangs_up(call: Callable) -> None:
    answer, asked = told(call, 0)
    assert isinstance(answer, Unsure)
    assert len(asked) == 1


@pytest.mark.parametrize("status", [404, 410, 403, 400])
def test_an_address_to_answer_at_that_is_spent_is_gone(status: int) -> None:
    answer, _ = told(responding, status, "expired_url", PLAIN)
    assert isinstance(answer, Refused)
    assert answer.reason == "gone"


class Failing:
    """A client whose calls all fail in one way."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def api_call(self, *_: object, **__: object) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (aiohttp.ConnectionTimeoutError(), Unreachable),
        (aiohttp.SocketTimeoutError(), Unsure),
        (aiohttp.ServerDisconnectedError(), Unsure),
        (aiohttp.ClientPayloadError(), Unsure),
        (TimeoutError(), Unsure),
        (ConnectionResetError(), Unsure),
    ],
)
def test_only_what_cannot_have_left_may_be_sent_again(error: Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        asyncio.run(Web(Failing(error)).call("chat.postMessage"))


def test_nobody_at_the_other_end_is_unreachable() -> None:
    async def called() -> None:
        async with aiohttp.ClientSession() as session:
            address = f"http://127.0.0.1:{free_port()}/"
            web = Web(AsyncWebClient("xoxb-1", base_url=address, session=session, retry_handlers=[]))
            for call in (posting, responding):
                with pytest.raises(Unreachable):
                    await call(web, address)

    asyncio.run(called())


class Answering:
    """Slack as far as people are concerned: gives `answers` in turn, and raises those that are errors."""

    def __init__(self, *answers: object) -> None:
        self.answers, self.asked = list(answers), []

    async def ask(self, method: str, **arguments: object) -> object:
        self.asked.append((method, arguments))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    call = ask


ANN = {"name": "ann", "team_id": "T1"}
FAULTS = [Refused(), Later(1.0), Unreachable(), Unsure(), MisdrawnError()]


def known(user: Json, team: str = "T1") -> Person:
    return asyncio.run(People(Answering({"ok": True, "user": user})).look_up("U1", team))


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"name": "ann", "real_name": "Ann B", "profile": {"display_name": "Annie"}}, "Annie"),
        ({"name": "ann", "real_name": "Ann B", "profile": {"display_name": ""}}, "Ann B"),
        ({"name": "ann", "profile": None}, "ann"),
        ({"id": "U1", "name": 7}, ""),
    ],
)
def test_people_are_called_what_they_call_themselves(user: Json, name: str) -> None:
    assert known({**user, "team_id": "T1"}) == Person(name, "member")


@pytest.mark.parametrize(
    ("user", "standing"),
    [
        ({"team_id": "T1"}, "member"),
        ({"team_id": "T2"}, "guest"),
        ({"team_id": "T1", "is_restricted": True}, "guest"),
        ({"team_id": "T1", "is_ultra_restricted": True}, "guest"),
        ({"team_id": "T1", "is_stranger": True}, "guest"),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E1", "teams": ["T2", "T1"]}}, "member"),
        ({"team_id": "E1", "enterprise_user": {"enterprise_id": "E1", "teams": ["T1"]}}, "member"),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E1", "teams": ["T2", "T3"]}}, "guest"),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E1", "teams": ["T1"]}, "is_restricted": True}, "guest"),
        ({"team_id": "T2", "enterprise_user": "T1"}, "guest"),
        ({"team_id": "T2", "enterprise_user": {"teams": "T1"}}, "guest"),
        ({"name": "ann"}, "unknown"),
        ({}, "unknown"),
        (None, "unknown"),
    ],
)
def test_people_from_outside_are_guests_and_nobody_is_a_member_unless_slack_says_so(user: Json, standing: str) -> None:
    assert known(user).standing == standing


def test_all_workspaces_of_an_organization_that_has_the_app_are_at_home() -> None:
    user = {"team_id": "T2", "enterprise_user": {"enterprise_id": "E1", "teams": ["T2"]}}
    assert [known(user, team).standing for team in ("E1", "E2", "")] == ["member", "guest", "unknown"]


def test_somebody_may_be_a_member_of_one_workspace_and_a_guest_of_another() -> None:
    async def looked() -> None:
        people = People(Answering(*[{"user": {"name": "ann", "team_id": "T1"}}] * 2))
        found = [(await people.look_up("U1", team)).standing for team in ("T1", "T2", "T1", "T2")]
        assert (found, len(people._web.asked)) == (["member", "guest"] * 2, 2)

    asyncio.run(looked())


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_who_cannot_be_looked_up_is_unknown_and_looked_up_the_next_time(fault: Exception) -> None:
    async def looked() -> None:
        people = People(Answering(fault, {"user": ANN}))
        assert await people.look_up("U1", "T1") == people.known("U1", "T1") == Person()
        assert await people.look_up("U1", "T1") == people.known("U1", "T1") == Person("ann", "member")

    asyncio.run(looked())


def test_a_look_up_that_takes_long_is_made_once_and_what_it_finds_is_learned() -> None:
    async def looked() -> None:
        answer = asyncio.Event()
        slack = Answering({"user": ANN})
        ask = slack.ask

        async def slow(method: str, **arguments: object) -> object:
            await answer.wait()
            return await ask(method, **arguments)

        slack.ask = slow
        people = People(slack)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(people.look_up("U1", "T1"), 0.001)
        both = asyncio.gather(*(people.look_up("U1", "T1") for _ in range(2)))
        answer.set()
        assert await both == [Person("ann", "member")] * 2
        assert people.known("U1", "T1") == Person("ann", "member")
        assert len(slack.asked) == 1

    asyncio.run(looked())


def test_nobody_is_looked_up_any_more_at_the_end() -> None:
    async def looked() -> None:
        slack = Answering()
        slack.ask = lambda *_, **__: asyncio.Event().wait()
        people = People(slack)
        asking = asyncio.ensure_future(people.look_up("U1", "T1"))
        await asyncio.sleep(0)
        await people.stop()
        await asyncio.wait({asking})
        assert asking.cancelled()

    asyncio.run(looked())


def test_people_are_asked_for_once_an_hour() -> None:
    async def looked() -> None:
        slack = Answering({"user": ANN}, {"user": {**ANN, "name": "anna"}})
        now = 0.0
        people = People(slack, lambda: now)
        for now, name in ((10.0, "ann"), (3609.0, "ann"), (3611.0, "anna")):  # noqa: B007 - the clock reads it
            assert (await people.look_up("U1", "T1")).name == name
        assert slack.asked == [("users.info", {"user": "U1"})] * 2

    asyncio.run(looked())


def test_only_so_many_people_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    async def looked() -> None:
        people = People(Answering(*({"user": {**ANN, "name": name}} for name in "abc")))
        for user in ("U1", "U2", "U3"):
            await people.look_up(user, "T1")
        assert [people.known(user, "T1").name for user in ("U1", "U2", "U3")] == ["", "b", "c"]

    monkeypatch.setattr(looking, "MOST", 2)
    asyncio.run(looked())


def test_only_so_many_direct_messages_are_remembered_those_used_last(monkeypatch: pytest.MonkeyPatch) -> None:
    async def opened() -> None:
        slack = Answering(*({"channel": {"id": f"D{number}"}} for number in (1, 2, 3, 4)))
        people = People(slack)
        found = [await people.direct(user) for user in ("U1", "U2", "U1", "U3", "U1", "U2")]
        assert found == ["D1", "D2", "D1", "D3", "D1", "D4"]  # U2 was forgotten for U3

    monkeypatch.setattr(looking, "MOST", 2)
    asyncio.run(opened())


@pytest.mark.parametrize("fault", [*FAULTS, {"ok": True}], ids=repr)
def test_a_direct_message_is_opened_once_and_a_fault_is_not_remembered(fault: object) -> None:
    async def opened() -> None:
        slack = Answering(fault, {"channel": {"id": "D1"}})
        people = People(slack)
        assert [await people.direct("U1") for _ in range(3)] == ["", "D1", "D1"]
        assert slack.asked == [("conversations.open", {"users": "U1"})] * 2

    asyncio.run(opened())
