"""The manifest of the Slack app: valid by Slack's own schema, and nothing in it that the bot does not use or hear."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema.validators import validator_for
from typer.testing import CliRunner

from bot.channels.slack import manifest as made
from bot.channels.slack.presses import TO_ANSWER, TO_ASK
from bot.cli import app

SCHEMAS = sorted((Path(__file__).parents[2] / "data" / "slack" / "manifest").glob("*.json"))
WAYS = [{}, {"agent": True}, {"url": "https://bot.example.org/"}, {"mentions_only": True}, {"agent": True, "url": "https://b.example"}]
NEEDS = {
    "message.im": "im:history", "message.channels": "channels:history", "message.groups": "groups:history",
    "message.mpim": "mpim:history", "app_mention": "app_mentions:read", "member_joined_channel": "channels:read",
}  # fmt: skip
CALLS = {
    "chat.postMessage": "chat:write", "users.info": "users:read", "conversations.info": "channels:read",
    "conversations.open": "im:write", "assistant.threads.setSuggestedPrompts": "assistant:write",
}  # fmt: skip


def scopes(manifest: dict) -> set[str]:
    return set(manifest["oauth_config"]["scopes"]["bot"])


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem[-5:])
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_the_manifest_is_valid(schema: Path, way: dict) -> None:
    rules = json.loads(schema.read_text("utf-8"))
    assert [error.message for error in validator_for(rules)(rules).iter_errors(made.manifest(["Who earns more?"] * 6, **way))] == []


def test_there_are_schemas_to_be_valid_by() -> None:
    assert len(SCHEMAS) == 2


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_every_event_has_the_scope_that_it_needs(way: dict) -> None:
    manifest = made.manifest([], **way)
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert {NEEDS[event] for event in events if event in NEEDS} <= scopes(manifest)


def test_every_call_that_the_channel_makes_has_its_scope() -> None:
    source = "".join(path.read_text("utf-8") for path in Path(made.__file__).parent.glob("*.py"))
    made_calls = set(re.findall(r'"((?:chat|users|conversations|assistant)\.[a-zA-Z.]+)"', source))
    assert {name for name in CALLS if name in made_calls} == set(CALLS)
    assert {CALLS[name] for name in CALLS} <= scopes(made.manifest([], agent=True))


def test_over_http_slack_is_given_the_address_and_the_bot_opens_no_socket() -> None:
    manifest = made.manifest([], url="https://bot.example.org/")
    address = "https://bot.example.org/slack/events"
    settings = manifest["settings"]
    assert settings["event_subscriptions"]["request_url"] == settings["interactivity"]["request_url"] == address
    assert manifest["features"]["slash_commands"][0]["url"] == address
    assert not settings["socket_mode_enabled"]
    assert made.manifest([])["settings"]["socket_mode_enabled"]


def test_an_agents_talk_shows_at_most_four_prompts() -> None:
    view = made.manifest(["a" * 100, "b", "c", "d", "e"], agent=True)["features"]["agent_view"]
    assert [len(prompt["title"]) for prompt in view["suggested_prompts"]] == [75, 1, 1, 1]
    assert "agent_view" not in made.manifest(["a"])["features"]
    assert "suggested_prompts" not in made.manifest([], agent=True)["features"]["agent_view"]


def test_mentions_only_reads_no_channel() -> None:
    manifest = made.manifest([], mentions_only=True)
    assert not {scope for scope in scopes(manifest) if scope.endswith(":history")} - {"im:history"}
    assert not {event for event in manifest["settings"]["event_subscriptions"]["bot_events"] if "message.ch" in event}


def test_people_can_write_to_the_bot_and_find_the_command_and_both_shortcuts() -> None:
    features = made.manifest([])["features"]
    assert features["app_home"] == {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False}
    assert [command["command"] for command in features["slash_commands"]] == ["/career"]
    assert {shortcut["callback_id"] for shortcut in features["shortcuts"]} == {TO_ASK, TO_ANSWER}


def test_the_command_prints_it_with_the_prompts_of_the_knowledge() -> None:
    printed = CliRunner().invoke(app, ["slack", "manifest", "--agent"])
    prompts = json.loads(printed.stdout)["features"]["agent_view"]["suggested_prompts"]
    assert len(prompts) == 4
    assert all(prompt["message"].endswith("?") for prompt in prompts)


def test_an_address_that_slack_would_not_call_is_refused() -> None:
    refused = CliRunner().invoke(app, ["slack", "manifest", "--http", "http://bot.example.org"])
    assert refused.exit_code == 2
    assert "https://" in refused.stderr
