"""Programs that ask over HTTP, from outside: the token, replies, retries, what comes later, what breaks and what is left behind."""

from __future__ import annotations

import asyncio
import json
import random
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from loopback.running_http import TOKEN, House, running
from loopback.running_slack import free_port
from loopback.standin import until
from typer.testing import CliRunner

from bot.channels.http import channel
from bot.channels.http.channel import Http
from bot.cli import app
from bot.contracts.errors import StoreError
from bot.contracts.ports import NullObserver
from bot.serve.preflight import check
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.assembly import Bot

    Scene = Callable[[House], Awaitable[None]]

CAKE, LOAF = "A cake is 20 euros.", "A loaf is 4 euros."
ROOT = Path(__file__).parents[3]


@pytest.fixture
def play(bakery: Bot, tmp_path: Path) -> Callable[..., None]:
    def played(scene: Scene, **settings: object) -> None:
        async def within() -> None:
            async with running(bakery, tmp_path, **settings) as house:
                await scene(house)

        asyncio.run(within())

    return played


async def handed_over(house: House) -> None:
    """A question that lies at the desk, with the asker's name."""
    await house.said("talk to a human")
    await house.said("do you make wedding rings?", id="question")
    await house.said("yes", id="consent")
    await house.gateway.settled()
    assert "wedding rings" in house.mailbox.heard.getvalue()


def test_a_reply_tells_what_was_answered_and_how_to_go_on(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        reply = await house.said("when are you open?", id="1")
        assert {key: reply[key] for key in ("id", "conversation", "act", "kind", "sources", "more", "person")} == {
            "id": "1",
            "conversation": "kitchen",
            "act": "answer",
            "kind": None,
            "sources": ["Opening hours"],
            "more": "more:hours",
            "person": None,
        }
        assert reply["text"] == "We are open from 7 to 18, Monday to Saturday."
        assert {"id": "cake-price", "label": "How much is a cake?"} in reply["follow_ups"]
        assert (await house.said(choice="cake-price"))["text"].startswith(CAKE)
        assert "On Sundays" in (await house.said(choice=reply["more"]))["text"]
        assert (await house.said(rating={"up": True, "turn": reply["turn"]}))["text"] == "Glad that it helped."
        assert (await house.said("how much is a loaf?"))["text"].startswith(LOAF)
        assert (await house.said(choice="person"))["act"] == "handoff"

    play(scene)


def test_a_thumb_right_after_a_refusal_is_for_the_refusal(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        await house.said("how much is a cake?")
        refused = await house.said("do you deliver to my house?")
        for down in (await house.said("👎"), await house.said(rating={"up": False})):
            assert [choice["id"] for choice in down["follow_ups"]][:1] == [f"reason:{refused['turn']}:wrong"]

    play(scene)


@pytest.mark.parametrize(
    "token", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, "Bearer \xe9", "Bearer ï"]
)
def test_nobody_asks_or_reads_without_the_token(token: str, play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        for method, path in (("POST", "/ask"), ("GET", "/conversations/kitchen/messages")):
            status, answer = await house.call(method, path, b"{}" if method == "POST" else None, token)
            assert (status, "CAREERBOT_HTTP_TOKEN" in answer["error"]) == (401, True)
        async with house.session.post(f"{house.url}/ask", data=b"{}") as answer:
            assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")

    play(scene)


def test_a_token_may_hold_any_letters_and_its_scheme_may_be_small(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        status, _ = await house.call("GET", "/conversations/kitchen/messages", token="bearer ein schlüssel für tests")  # noqa: S106 - of tests
        assert status == 200

    play(scene, http_token="ein schlüssel für tests")  # noqa: S106 - of tests


def test_a_call_that_cannot_be_read_hears_why(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        for body in (b"", b"{", b"[]", b"null", b"\xff", b"[" * 50_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000):
            assert await house.call("POST", "/ask", body) == (
                400,
                {"error": 'A JSON object with "conversation" is expected, a text of 1 to 100 printable characters.'},
            )
        for held in (
            {},
            {"text": ["?"]},
            {"text": "\0"},
            {"text": "\ud800"},
            {"text": "?", "choice": "hours"},
            {"choice": "desk:claim:1"},
            {"rating": {"up": 1}},
        ):
            status, answer = await house.ask(**held)  # type: ignore[arg-type]
            assert (status, answer["error"].startswith("Exactly one is expected of")) == (400, True)
        for after in ("", "x", "-1", "1.5", "²", "1" * 5_000, "9" * 19):
            assert await house.call("GET", f"/conversations/kitchen/messages?after={after}") == (
                400,
                {"error": '"after" is expected to be the number of a message.'},
            )
        assert await house.messages(after=int("9" * 18)) == []

    play(scene)


def test_garbage_is_refused_and_the_next_question_is_answered(play: Callable[..., None]) -> None:
    chance = random.Random(7)  # noqa: S311 - the same garbage each time
    junk: list[Any] = [
        None,
        True,
        0,
        10**30,
        "",
        "\0",
        "\ud800",
        "x" * 20_000,
        [],
        {},
        [[]],
        {"up": {}},
        "reason:",
        "team:hours",
        "desk:",
        "topic:\0",
    ]

    async def scene(house: House) -> None:
        for _ in range(60):
            asked = {
                "conversation": "c",
                "person": "p",
                "id": "1",
                chance.choice(["text", "choice", "rating"]): "a",
                chance.choice(["up", "turned_away"]): "a",
            }
            asked[chance.choice([*asked])] = chance.choice(junk)
            status, _ = await house.call("POST", "/ask", json.dumps(asked).encode()[: chance.choice([None, None, None, 9])])
            assert status in {200, 400}
        assert (await house.said("how much is a cake?"))["text"].startswith(CAKE)

    play(scene)


def test_a_request_that_comes_again_gets_the_reply_that_it_got(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        first = await house.said("how much is a cake?", id="1")
        assert await house.said("how much is a cake?", id="1") == first
        assert (await house.said("how much is a cake?", id="1", person="bob"))["number"] != first["number"]
        assert (await house.said("how much is a cake?", id="1", conversation="shop"))["conversation"] == "shop"
        assert len(await house.messages()) == 2

    play(scene)


def test_a_request_that_comes_twice_at_once_is_answered_once_and_both_hear_it(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        replies = await asyncio.gather(*(house.said("how much is a cake?", id="1") for _ in range(8)))
        assert all(reply == replies[0] for reply in replies)
        assert len(await house.messages()) == 1

    play(scene)


def test_a_request_that_comes_again_after_a_restart_gets_the_reply_that_it_got(bakery: Bot, tmp_path: Path) -> None:
    async def played() -> list[Any]:
        async with running(bakery, tmp_path) as house:
            return [await house.said("how much is a cake?", id="1"), len(await house.messages())]

    assert asyncio.run(played()) == asyncio.run(played())


def test_a_caller_who_hangs_up_finds_the_reply(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        body = json.dumps({"conversation": "kitchen", "person": "ann", "text": "how much is a cake?", "id": "1"}).encode()
        _, writer = await asyncio.open_connection("127.0.0.1", int(house.url.rpartition(":")[2]))
        head = f"POST /ask HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()
        await until(lambda: CAKE in house.mailbox.heard.getvalue())
        await house.gateway.settled()
        (message,) = await house.messages()
        assert (message["id"], message["text"].startswith(CAKE)) == ("1", True)
        assert (await house.said("how much is a cake?", id="1"))["number"] == message["number"]

    play(scene)


def test_a_reply_that_takes_too_long_comes_later(play: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "ANSWERED_WITHIN", 0.1)
    monkeypatch.setattr(channel, "LOOK", 0.02)

    async def scene(house: House) -> None:
        post, held = house.mailbox.post, asyncio.Event()

        async def slow(*letter: Any, **more: Any) -> int:  # noqa: ANN401 - as it is
            await held.wait()
            return await post(*letter, **more)

        monkeypatch.setattr(house.mailbox, "post", slow)
        for _ in range(2):
            assert await house.ask("how much is a cake?", id="1") == (202, {"id": "1", "pending": True})
        held.set()
        await house.gateway.settled()
        assert [message["id"] for message in await house.messages()] == ["1"]
        assert (await house.said("how much is a cake?", id="1"))["text"].startswith(CAKE)

    play(scene)


def test_what_another_process_answers_is_found(play: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "LOOK", 0.02)

    async def scene(house: House) -> None:
        other = Http(TOKEN, house.mailbox)
        monkeypatch.setattr(house.channel, "send", other.send)
        assert (await house.said("how much is a cake?"))["text"].startswith(CAKE)

    play(scene)


def test_the_answer_of_the_desk_is_among_the_messages(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        await handed_over(house)
        before = (await house.messages())[-1]
        assert before["id"] == "consent"
        await house.at_desk("take")
        await house.at_desk("We do not, but the jeweller next door does.")
        taken, answered = await house.messages(after=before["number"])
        assert (taken["id"], answered["id"], answered["turn"]) == ("consent", "consent", "")
        assert "the jeweller next door" in answered["text"]
        assert before["number"] < taken["number"] < answered["number"]
        assert before["at"] <= taken["at"] <= answered["at"]
        assert (await house.said("yes", id="consent"))["number"] == before["number"]

    play(scene)


def test_a_person_who_was_forgotten_leaves_nothing_in_the_mailbox(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        await handed_over(house)
        bobs = await house.said("how much is a loaf?", person="bob")
        done = await house.said("forget me")
        assert (done["number"], done["text"].startswith("Done.")) == (None, True)
        await house.gateway.settled()
        await house.at_desk("Too late.")
        assert [message["number"] for message in await house.messages()] == [bobs["number"]]
        assert house.store.read(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM mailbox").scalar()) == 1

    play(scene)


@pytest.mark.parametrize("name", ["a/b", "/", "../ask", "messages", "x/messages", "Küche 🥐", "a?b#c", "%2F", "'", "a b"])
def test_a_conversation_has_any_name(name: str, play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        reply = await house.said("how much is a cake?", conversation=name)
        assert [(message["conversation"], message["number"]) for message in await house.messages(name)] == [(name, reply["number"])]
        assert await house.messages("another") == []

    play(scene)


def test_many_messages_come_a_hundred_at_a_time(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        for number in range(103):
            await house.mailbox.post("http:kitchen", "http:ann", json.dumps({"text": f"{number}"}).encode())  # type: ignore[arg-type]
        first = await house.messages()
        rest = await house.messages(after=first[-1]["number"])
        assert [message["text"] for message in (*first, *rest)] == [f"{number}" for number in range(103)]
        assert len(first) == 100

    play(scene)


def test_whoever_asks_too_much_hears_that_and_is_turned_away_then(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        assert [(await house.said("how much is a cake?"))["act"] for _ in range(2)] == ["answer", "answer"]
        assert (await house.said("how much is a cake?"))["text"] != CAKE
        status, answer = await house.ask("how much is a cake?")
        assert (status, "CAREERBOT_RATE" in answer["error"]) == (429, True)
        assert (await house.said("how much is a cake?", person="bob"))["text"].startswith(CAKE)

    play(scene, rate=(2, 0))


def test_where_only_slack_is_answered_nobody_is_over_http(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        assert CAKE not in (await house.said("how much is a cake?"))["text"]
        assert (await house.ask("how much is a cake?"))[0] == 429

    play(scene, allow=("slack:T1",))


def test_http_is_a_place_that_can_be_allowed(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        assert (await house.said("how much is a cake?"))["text"].startswith(CAKE)

    play(scene, allow=("slack:T1", "http"))


def test_while_the_store_is_away_whoever_waits_is_answered(play: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(house: House) -> None:
        def away(*_: object, **__: object) -> None:
            raise StoreError("It is away.")  # noqa: EM101, TRY003 - of tests

        with monkeypatch.context() as broken:
            broken.setattr(house.store._writer, "_together", away)
            broken.setattr(house.store, "read", away)
            reply = await house.said("how much is a cake?")
            assert (reply["number"], reply["text"].startswith(CAKE)) == (None, True)
            assert not (await house.said("forget me"))["text"].startswith("Done.")
            status, answer = await house.call("GET", "/conversations/kitchen/messages")
            assert (status, answer) == (503, {"error": "Nothing can be taken in or read now; ask again."})
        assert (await house.said("how much is a loaf?"))["number"] == 1

    play(scene)


def test_a_reply_that_cannot_be_put_away_is_given_to_whoever_waits(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        house.mailbox.fault = StoreError("It is away.")
        assert (await house.said("how much is a cake?"))["number"] is None

    play(scene)


def test_before_it_listens_and_afterwards_callers_are_to_come_again(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        house.channel._gateway = None  # type: ignore[attr-defined]
        assert (await house.ask("how much is a cake?"))[0] == 503
        async with house.session.get(f"{house.url}/readyz") as answer:
            assert (answer.status, (await answer.json())["http"]) == (503, False)

    play(scene)


def test_it_is_ready_while_it_listens_and_says_how_it_is_asked(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        async with house.session.get(f"{house.url}/readyz") as answer:
            assert (answer.status, (await answer.json())["http"]) == (200, True)
        assert await house.channel.check() == "callers ask at /ask"
        for method, path in (("GET", "/ask"), ("POST", "/conversations/kitchen/messages")):
            async with house.session.request(method, f"{house.url}{path}") as answer:
                assert answer.status == 405

    play(scene)


def test_a_body_that_is_too_large_is_not_read(play: Callable[..., None]) -> None:
    async def scene(house: House) -> None:
        async with house.session.post(f"{house.url}/ask", data=b"x" * 1_000_001, headers={"Authorization": f"Bearer {TOKEN}"}) as answer:
            assert answer.status == 413

    play(scene)


def test_whoever_observes_hears_how_long_an_event_took_to_be_safe(play: Callable[..., None]) -> None:
    class Heard(NullObserver):
        platforms: list[str] = []  # noqa: RUF012 - of one test

        def acknowledged(self, platform: str, seconds: float) -> None:
            assert seconds >= 0
            self.platforms.append(platform)

    async def scene(house: House) -> None:
        house.channel._observer = Heard()  # type: ignore[attr-defined]
        await house.said("how much is a cake?")
        await house.ask("\0")
        assert Heard.platforms == ["http"]

    play(scene, port=free_port())


def test_what_the_guide_asks_is_answered_and_the_code_that_it_shows_exists(play: Callable[..., None]) -> None:
    guide = (ROOT / "docs" / "channel.md").read_text("utf-8")
    files = (ROOT / "bot" / "channels" / "http").glob("*.py")
    code = {line.strip() for path in files for line in path.read_text("utf-8").splitlines()}
    shown = [line for block in re.findall(r"```python\n(.*?)```", guide, re.DOTALL) for line in block.splitlines()]
    assert len(shown) > 5
    assert [line for line in shown if line.strip() not in code] == []
    bodies = re.findall(r"-d '(.*)'", guide)
    (path,) = re.findall(r'"http://127.0.0.1:8080(/conversations/.*?)"', guide)

    async def scene(house: House) -> None:
        for body in bodies:
            assert (await house.call("POST", "/ask", body.encode()))[0] == 200
        status, answer = await house.call("GET", path)
        assert (status, len(answer["messages"])) == (200, len(bodies) - 1)

    play(scene)


def test_the_command_line_forgets_a_person_of_http(bakery: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def asked(*people: str) -> list[Any]:
        async with running(bakery, tmp_path) as house:
            for person in people:
                await house.said("how much is a cake?", person=person)
            return [message["number"] for message in await house.messages()]

    assert asyncio.run(asked("ann smith", "bob", "ann smith")) == [1, 2, 3]
    monkeypatch.setenv("CAREERBOT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CAREERBOT_FAQ", str(ROOT / "tests" / "bakery" / "faq.yaml"))
    done = CliRunner().invoke(app, ["forget", "http:ann smith"])
    assert (done.exit_code, "2 turns" in done.output) == (0, True)
    assert CliRunner().invoke(app, ["forget", "http:"]).exit_code == 2
    assert asyncio.run(asked()) == [2]


def test_a_check_tells_that_it_is_set_up(tmp_path: Path) -> None:
    async def found() -> list[str]:
        return [str(finding) async for finding in check(Settings(data_dir=tmp_path, http_token=TOKEN))]

    assert asyncio.run(found())[-1] == "ok   http: callers ask at /ask"
