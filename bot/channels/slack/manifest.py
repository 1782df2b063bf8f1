"""The app manifest, made from one table of surfaces: what the app may do, what it is told, where it shows.

https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.channels.slack import limits
from bot.channels.slack.addresses import PATH
from bot.channels.slack.presses import TO_ANSWER, TO_ASK

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND = "/career"
_NAME = "careerbot"
_WHAT = "Short answers to career questions, and people to ask when there is none."


@dataclass(frozen=True, slots=True)
class Surface:
    """Somewhere people meet the bot: which scopes it needs and which events tell of it.

    `scopes` must be granted, `optional` ones may be. A surface that listens to whole channels is `wide`: some workspaces do not
    want that.
    """

    name: str
    scopes: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    wide: bool = False
    agent: bool = False


SURFACES = (
    Surface("direct messages", ("chat:write", "im:history", "im:write"), ("message.im",)),
    Surface("mentions", ("app_mentions:read",), ("app_mention",)),
    Surface("the command and the shortcuts", ("commands",)),
    Surface("the home page, and the first opening of a conversation", events=("app_home_opened",)),
    Surface("names, and who is a guest", ("users:read",)),
    Surface(
        "added to a channel, shared into one", ("channels:read", "groups:read"), ("member_joined_channel",), optional=("chat:write.public",)
    ),
    Surface(
        "threads without a mention, and the desk",
        ("channels:history", "groups:history", "mpim:history"),
        ("message.channels", "message.groups", "message.mpim"),
        wide=True,
    ),
    Surface("the agent's view with its prompts", ("assistant:write",), agent=True),
    Surface("the end", events=("app_uninstalled", "tokens_revoked")),
)


def manifest(prompts: Sequence[str], *, url: str = "", agent: bool = False, mentions_only: bool = False) -> dict[str, Any]:
    """The manifest of the app; with the public `url` of the bot Slack calls it over HTTP, else the bot calls Slack.

    `agent` makes the direct message an agent's conversation, which offers `prompts` (needs a paid plan of Slack); with `mentions_only` the
    app hears nothing of channels but its mentions.
    """
    shown = [surface for surface in SURFACES if (agent or not surface.agent) and not (mentions_only and surface.wide)]
    optional = sorted({scope for surface in shown for scope in surface.optional})
    called = f"{url.rstrip('/')}{PATH}" if url else ""
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {"name": _NAME, "description": _WHAT, "background_color": "#1d3557"},
        "features": _features(prompts, called, agent=agent),
        "oauth_config": {
            "scopes": {
                "bot": sorted({scope for surface in shown for scope in surface.scopes}),
                **({"bot_optional": optional} if optional else {}),
            }
        },
        "settings": {
            "event_subscriptions": {
                **({"request_url": called} if called else {}),
                "bot_events": sorted({event for surface in shown for event in surface.events}),
            },
            "interactivity": {"is_enabled": True, **({"request_url": called} if called else {})},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not called,
            "token_rotation_enabled": False,
        },
    }


def _features(prompts: Sequence[str], called: str, *, agent: bool) -> dict[str, Any]:
    command = {
        "command": COMMAND,
        "description": "Ask a career question; only you see the answer",
        "usage_hint": "[question | topics | help]",
        "should_escape": False,
        **({"url": called} if called else {}),
    }
    features: dict[str, Any] = {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": _NAME, "always_online": True},
        "slash_commands": [command],
        "shortcuts": [
            {"name": "Ask a question", "type": "global", "callback_id": TO_ASK, "description": "Ask a career question"},
            {"name": "Answer this", "type": "message", "callback_id": TO_ANSWER, "description": "Look for an answer to this message"},
        ],
    }
    if agent:
        suggested = [{"title": prompt[: limits.BUTTON], "message": prompt} for prompt in prompts[: limits.PROMPTS]]
        features["agent_view"] = {"agent_description": _WHAT, **({"suggested_prompts": suggested} if suggested else {})}
    return features
