"""The web server before whoever reaches it: bodies that are too large or too slow, too many at once, forged and broken calls."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
from loopback import running_slack, running_telegram
from loopback.running_slack import free_port
from loopback.standin import until
from starlette.responses import PlainTextResponse, Response

from bot.contracts.errors import StoreError
from bot.contracts.events import Depth
from bot.contracts.ports import Endpoint
from bot.serve import web
from bot.serve.supervisor import Supervisor
from bot.settings import Settings
from bot.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest
    from starlette.requests import Request

    from bot.assembly import Bot

PATH, TOKEN = "/called", "a token of the tests"
DEEP = b'{"a":' * 10_000 + b"1" + b"}" * 10_000


class Called:
    """A channel that a platform calls: it tells how long the body was, and can be held up."""

    platform, ready = "called", True

    def __init__(self) -> None:
        self.endpoints = (Endpoint("POST", PATH, self.webhook),)
        self.held = asyncio.Event()
        self.held.set()
        self.at_work = 0

    async def webhook(self, request: Request) -> Response:
        self.at_work += 1
        body = await request.body()
        await self.held.wait()
        return PlainTextResponse(f"{len(body)}")


class Kept:
    """A store that says how much waits, or that it is down."""

    down, alive = False, True

    def depth(self) -> Depth:
        if self.down:
            raise StoreError
        return Depth(waiting=2, aside=1, oldest=7.0)


class House:
    """A server, what it serves, and a client."""

    def __init__(self, port: int, session: aiohttp.ClientSession) -> None:
        self.port, self.session, self.channel, self.store = port, session, Called(), Kept()

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.get(f"http://127.0.0.1:{self.port}{path}", headers=named) as answer:
            return answer.status, await answer.text()

    async def post(self, body: bytes, path: str = PATH, method: str = "POST") -> tuple[int, str]:
        async with self.session.request(method, f"http://127.0.0.1:{self.port}{path}", data=body) as answer:
            return answer.status, await answer.text()

    async def say(self, raw: bytes) -> bytes:
        """What is answered to these bytes until the server hangs up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(raw)
        await writer.drain()
        said = await asyncio.wait_for(reader.read(), 3)
        writer.close()
        return said


@asynccontextmanager
async def served(token: str = "") -> AsyncIterator[House]:
    async with aiohttp.ClientSession() as session:
        house = House(free_port(), session)
        app = web.application({"called": house.channel}, house.store, Metrics(), token)
        supervisor = Supervisor()
        async with web.serving(Settings(port=house.port), app, supervisor):
            yield house
        supervisor.check()


async def healthy(house: House) -> None:
    assert await house.get("/healthz") == (200, "ok\n")
    assert (await house.get("/readyz"))[0] == 200


def test_a_body_of_up_to_a_megabyte_is_taken_and_none_that_is_larger() -> None:
    async def played() -> None:
        async with served() as house:
            assert await house.post(b"x" * web.LARGEST) == (200, f"{web.LARGEST}")
            assert await house.post(b"") == (200, "0")
            said = await house.say(b"POST /called HTTP/1.1\r\nHost: x\r\nContent-Length: 1000001\r\n\r\n" + b"x" * (web.LARGEST + 1))
            assert said.startswith(b"HTTP/1.1 413 ")
            chunk, last = b"10000\r\n" + b"x" * 65536 + b"\r\n", b"4241\r\n" + b"x" * 16961 + b"\r\n"  # one byte more, and no end
            said = await house.say(b"POST /called HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 15 + last)
            assert said.startswith(b"HTTP/1.1 413 ")
            assert house.channel.at_work == 2
            await healthy(house)

    asyncio.run(played())


def test_who_does_not_say_in_time_what_they_want_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "READ_WITHIN", 0.05)

    async def played() -> None:
        async with served() as house:
            head = b"POST /called HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
            nothing, half, slow = await asyncio.gather(house.say(b""), house.say(b"POST /cal"), house.say(head + b"12345"))
            assert (nothing, half) == (b"", b"")
            assert slow.startswith(b"HTTP/1.1 408 ")
            assert house.channel.at_work == 0
            await healthy(house)
            assert await house.post(b"12345") == (200, "5")

    asyncio.run(played())


def test_more_at_once_than_can_be_worked_on_are_asked_to_come_again_and_health_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "AT_ONCE", 3)

    async def played() -> None:
        async with served() as house:
            house.channel.held.clear()
            held = [asyncio.create_task(house.post(b"x")) for _ in range(3)]
            await until(lambda: house.channel.at_work == 3)
            async with house.session.post(f"http://127.0.0.1:{house.port}{PATH}", data=b"x") as answer:
                assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
            await healthy(house)
            assert (await house.get("/metrics"))[0] == 200
            house.channel.held.set()
            assert await asyncio.gather(*held) == [(200, "1")] * 3
            assert await house.post(b"xx") == (200, "2")

    asyncio.run(played())


def test_what_hangs_up_half_way_leaves_its_place_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "AT_ONCE", 1)

    async def played() -> None:
        async with served() as house:
            for _ in range(5):
                _, writer = await asyncio.open_connection("127.0.0.1", house.port)
                writer.write(b"POST /called HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123")
                await writer.drain()
                writer.close()
                await writer.wait_closed()
            async with asyncio.timeout(3):
                while (await house.post(b"x"))[0] != 200:  # noqa: ASYNC110 - a server in this process has to notice that they left
                    await asyncio.sleep(0.01)
            assert await house.post(b"xyz") == (200, "3")

    asyncio.run(played())


def test_what_is_cut_off_is_not_taken_for_a_whole_body() -> None:
    async def played() -> None:
        async with served() as house:
            _, writer = await asyncio.open_connection("127.0.0.1", house.port)
            writer.write(b"POST /called HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123")
            await writer.drain()
            writer.close()
            await writer.wait_closed()
            await healthy(house)
            assert house.channel.at_work == 0

    asyncio.run(played())


def test_there_is_nothing_else_to_be_found() -> None:
    async def played() -> None:
        async with served() as house:
            for path in ("/", "/nothing", "/called/more", "/slack/events", "/metrics/all"):
                assert (await house.get(path))[0] == 404
            assert (await house.get(PATH))[0] == 405
            assert (await house.post(b"", "/healthz"))[0] == 405
            assert (await house.post(b"", method="DELETE"))[0] == 405
            assert "server" not in (await house.say(b"GET /healthz HTTP/1.0\r\n\r\n")).lower().decode()
            assert (await house.say(b"\x16\x03\x01 no http at all\r\n\r\n")).startswith(b"HTTP/1.1 400 ")

    asyncio.run(played())


def test_metrics_are_for_this_machine_or_for_whoever_shows_the_token() -> None:
    async def played() -> None:
        async with served(TOKEN) as house:
            assert (await house.get("/metrics"))[0] == 200
            for header in ("x_forwarded_for", "forwarded", "x_real_ip"):
                assert (await house.get("/metrics", **{header: "127.0.0.1"}))[0] == 403
            through = {"x_forwarded_for": "203.0.113.1"}
            assert (await house.get("/metrics", authorization=f"Bearer {TOKEN}", **through))[0] == 200
            for wrong in ("Bearer wrong", "Bearer ", TOKEN, f"Bearer {TOKEN}x", "Bearer \xff"):
                status, said = await house.get("/metrics", authorization=wrong, **through)
                assert (status, TOKEN in said) == (403, False)
        async with served() as house:
            assert (await house.get("/metrics"))[0] == 200
            assert (await house.get("/metrics", authorization="Bearer ", **through))[0] == 403

    asyncio.run(played())


def test_health_and_metrics_tell_of_a_database_that_is_down() -> None:
    async def played() -> None:
        async with served() as house:
            _, said = await house.get("/metrics")
            assert 'careerbot_inbox_events{state="waiting"} 2.0' in said
            house.store.down = True
            status, said = await house.get("/readyz")
            told = json.loads(said)
            assert (status, told["ready"], told["database"], told["called"]) == (503, False, False, True)
            assert await house.get("/healthz") == (200, "ok\n")
            assert 'careerbot_ready{part="database"} 0.0' in (await house.get("/metrics"))[1]

    asyncio.run(played())


BROKEN = (b"[1]", b"7", b"null", b'"text"', DEEP, b"[" * 10_000, b"\xff\xfe\x00", b"", b"{", b'{"event": [], "type": "event_callback"}')


def test_signed_nonsense_is_refused_without_a_trace(bakery: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def played() -> list[int]:
        async with running_slack.running(bakery, tmp_path, "http") as house, aiohttp.ClientSession() as session:

            async def status(body: bytes, headers: dict[str, str]) -> int:
                kind = {"Content-Type": "application/json"}
                async with session.post(house.slack.http_target, data=body, headers={**kind, **headers}) as answer:
                    return answer.status

            good = json.dumps({"type": "url_verification", "challenge": "x"})
            right = house.slack.sign(good)
            assert await status(good.encode(), right) == 200
            forged, old = {**right, "X-Slack-Signature": "v0=0"}, house.slack.sign(good, at=time.time() - 400)
            halves = [{name: value} for name, value in right.items()]
            for wrong in ({}, forged, old, *halves):
                assert await status(good.encode(), wrong) in {400, 401, 403}
            return [await status(body, signed(house, body)) for body in BROKEN]

    statuses = asyncio.run(played())
    assert "Traceback" not in caplog.text
    assert {status // 100 for status in statuses[:-1]} == {4}, statuses


def signed(house: running_slack.House, body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    mac = hmac.new(house.slack.signing_secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}


def test_what_telegram_would_never_send_is_refused_or_left(bakery: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def played() -> list[int]:
        async with running_telegram.running(bakery, tmp_path, "webhook") as house, aiohttp.ClientSession() as session:

            async def status(body: bytes, secret: str) -> int:
                given = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
                async with session.post(house.tg.webhook.url, data=body, headers=given) as answer:
                    return answer.status

            right = house.tg.webhook.secret
            assert [await status(b"{}", secret) for secret in ("", "wrong", right[:-1], f"{right}x")] == [403] * 4
            return [await status(body, right) for body in BROKEN]

    statuses = asyncio.run(played())
    assert "Traceback" not in caplog.text
    assert set(statuses) <= {200, 400}, statuses
    assert statuses[4:9] == [400] * 5, statuses
