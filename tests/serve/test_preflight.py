"""`careerbot serve --check`: what is set, and whether the bot could start, in a line each."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from loopback.running_slack import free_port, running
from loopback.slack import FakeSlack
from loopback.telegram import FakeTelegram
from typer.testing import CliRunner

from bot.cli import app
from bot.contracts.errors import ChannelError
from bot.serve import server
from bot.serve.preflight import Finding, check
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.assembly import Bot

FAQ = Path(__file__).parents[1] / "bakery" / "faq.yaml"


async def found(directory: Path, **more: object) -> dict[str, Finding]:
    return {one.what: one async for one in check(Settings(**{"faq": FAQ, "data_dir": directory, **more}))}


def in_slack(slack: FakeSlack) -> dict[str, str]:
    return {"slack_bot_token": slack.bot_token, "slack_app_token": slack.app_token, "slack_api_url": slack.api_url}


def in_telegram(tg: FakeTelegram) -> dict[str, str]:
    return {"telegram_bot_token": tg.token, "telegram_api_url": tg.root_url}


def test_all_is_well_where_all_is_set_up(tmp_path: Path) -> None:
    async def played() -> None:
        async with FakeSlack() as slack, FakeTelegram() as tg:
            all_ = await found(tmp_path, **in_slack(slack), **in_telegram(tg))
            assert {what: one.good for what, one in all_.items()} == dict.fromkeys(
                ("settings", "knowledge", "database", "slack", "telegram"), True
            )
            assert "SQLite" in all_["database"].text
            assert "over a socket" in all_["slack"].text
            assert "by polling" in all_["telegram"].text
            names = all_["settings"].text
            for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "TELEGRAM_BOT_TOKEN", "CAREERBOT_FAQ"):
                assert name in names
            told = "\n".join(map(str, all_.values()))
            for secret in (slack.bot_token, slack.app_token, slack.signing_secret, tg.token):
                assert secret not in told
            assert {call.method for call in slack.calls} == {"auth.test", "apps.connections.open"}
            assert {call.method for call in tg.calls} == {"getMe"}

    asyncio.run(played())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"slack_bot_token": "xoxb-mistyped"}, "Slack does not take SLACK_BOT_TOKEN"),
        ({"slack_app_token": "xapp-mistyped"}, "Slack does not take SLACK_APP_TOKEN"),
        ({"slack_app_token": None}, "set SLACK_APP_TOKEN"),
        ({"slack_api_url": "http://127.0.0.1:9/api/"}, "Slack cannot be reached at"),
    ],
)
def test_what_is_wrong_with_slack_is_told_and_the_rest_is_looked_at(tmp_path: Path, given: dict[str, str | None], told: str) -> None:
    async def played() -> None:
        async with FakeSlack() as slack, FakeTelegram() as tg:
            all_ = await found(tmp_path, **{**in_slack(slack), **in_telegram(tg), **given})
            assert {what for what, one in all_.items() if not one.good} == {"slack"}
            assert told in all_["slack"].text
            assert "mistyped" not in all_["slack"].text

    asyncio.run(played())


@pytest.mark.parametrize("given", [{"telegram_bot_token": "7:mistyped"}, {"telegram_api_url": "http://127.0.0.1:9"}])
def test_what_is_wrong_with_telegram_is_told(tmp_path: Path, given: dict[str, str]) -> None:
    async def played() -> None:
        async with FakeTelegram() as tg:
            all_ = await found(tmp_path, **{**in_telegram(tg), **given})
            assert {what for what, one in all_.items() if not one.good} == {"telegram"}
            assert "Telegram" in all_["telegram"].text
            assert "mistyped" not in all_["telegram"].text

    asyncio.run(played())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"team_room": "slack:T0/C0TEAM", "desk": "telegram:-1009001:7"},
            ["CAREERBOT_TEAM_ROOM names a room in Slack, but SLACK_BOT_TOKEN"],
        ),
        ({"desk": "slack:C0DESK", "team_room": "slack:C0TEAM"}, ["CAREERBOT_DESK names a room in Slack", "CAREERBOT_TEAM_ROOM names"]),
    ],
)
def test_a_room_on_a_platform_without_a_token_is_found_and_refused(tmp_path: Path, given: dict[str, str], told: list[str]) -> None:
    async def played() -> None:
        async with FakeTelegram() as tg:
            settings = Settings(**{"faq": FAQ, "data_dir": tmp_path, **in_telegram(tg), **given})
            bad = [one async for one in check(settings) if not one.good]
            assert [one.what for one in bad] == ["rooms"] * len(told)
            for one, begin in zip(bad, told, strict=True):
                assert one.text.startswith(begin)
                assert one.text.endswith("set it, or name a room of a platform whose token is set.")
            with pytest.raises(ChannelError) as refused:
                server.platforms_to_serve(settings)
            assert str(refused.value).splitlines() == [one.text for one in bad]

    asyncio.run(played())


def test_rooms_on_platforms_with_a_token_are_taken() -> None:
    settings = Settings(telegram_bot_token="t" * 16, http_token="h" * 16, desk="telegram:-1009001:7", team_room="telegram:-1009002")
    assert server.platforms_to_serve(settings) == ["telegram", "http"]


@pytest.mark.parametrize("kind", ["directory", "postgres", "secret"])
def test_a_database_that_cannot_be_opened_is_told_in_a_sentence(tmp_path: Path, kind: str) -> None:
    (tmp_path / "file").write_text("no directory", "utf-8")
    url = f"postgresql://ann:hunter2@127.0.0.1:{free_port()}/none"
    given: dict[str, object] = {
        "directory": {"data_dir": tmp_path / "file" / "data"},
        "postgres": {"database_url": url, "secret": "s" * 32},
        "secret": {"database_url": url},
    }[kind]
    one = asyncio.run(found(tmp_path, **given))["database"]
    assert not one.good
    assert "hunter2" not in str(one)
    assert len(one.text.splitlines()) == 1
    assert one.text.endswith(".")


def test_without_any_token_and_with_faults_in_the_knowledge_all_of_it_is_told(tmp_path: Path, edit: Callable[[str, str], Path]) -> None:
    faq = edit("version: 1", "version: 99")
    all_ = asyncio.run(found(tmp_path, faq=faq))
    assert {what for what, one in all_.items() if not one.good} >= {"knowledge"}
    assert "faq.yaml" in all_["knowledge"].text
    assert all_["database"].good
    assert not asyncio.run(found(tmp_path))["channels"].good


def test_the_exit_code_tells_whether_something_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.telemetry.logs.set_up", lambda _: None)  # it is for the whole process
    monkeypatch.setenv("CAREERBOT_FAQ", str(FAQ))
    monkeypatch.setenv("CAREERBOT_DATA_DIR", str(tmp_path / "data"))
    runner = CliRunner()
    result = runner.invoke(app, ["serve", "--check"])
    assert (result.exit_code, "BAD  channels" in result.output) == (1, True)

    async def all_well(_: Settings) -> object:
        yield Finding("settings", good=True, text="SLACK_BOT_TOKEN")

    monkeypatch.setattr("bot.serve.preflight.check", all_well)
    result = runner.invoke(app, ["serve", "--check"])
    assert (result.exit_code, result.output) == (0, "ok   settings: SLACK_BOT_TOKEN\n")


def test_a_bot_that_runs_on_the_same_database_is_not_disturbed(bakery: Bot, tmp_path: Path) -> None:
    async def played() -> None:
        async with running(bakery, tmp_path) as house:
            for _ in range(2):
                all_ = await found(tmp_path, **in_slack(house.slack))
                assert all(one.good for one in all_.values())
                assert len(await house.after(house.slack.dm("how much is a cake?"))) == 1
            kept = house.store.read(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM turns").scalar_one())
            assert kept == 2  # none was answered without being kept

    asyncio.run(played())
