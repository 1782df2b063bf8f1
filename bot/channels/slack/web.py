"""Calls to Slack's Web API and to response URLs, their failures told in the words of the delivery.

https://docs.slack.dev/apis/web-api. A call is made once: what may be tried again is tried again by the delivery.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.channels.background import called
from bot.channels.slack.addresses import PLATFORM
from bot.contracts.errors import Later, Refused, SendError, Unreachable, Unsure
from bot.contracts.ports import UNOBSERVED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from slack_sdk.web.async_client import AsyncWebClient
    from slack_sdk.web.async_slack_response import AsyncSlackResponse

    from bot.contracts.errors import Refusal
    from bot.contracts.ports import Observer

PAUSE = 1.0
"""Seconds to wait where Slack asks to wait and does not say how long."""
LONGEST_PAUSE = 600.0
"""Seconds that are waited at most, whatever Slack says."""
_WHY: Mapping[str, Refusal] = {
    "not_in_channel": "outside",
    "user_not_in_channel": "outside",
    "is_archived": "archived",
    "restricted_action": "restricted",
    "restricted_action_read_only_channel": "restricted",
    "restricted_action_thread_only_channel": "restricted",
    "restricted_action_non_threadable_channel": "restricted",
    "restricted_action_thread_locked": "restricted",
    "posting_to_channel_denied": "restricted",
    "channel_type_not_supported": "restricted",
    "channel_not_found": "gone",
    "user_not_found": "gone",
    "message_not_found": "gone",
    "cannot_dm_bot": "gone",
}
WRONG_TOKEN = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"})
"""Errors of a token that Slack refuses, until an operator does something about it."""
_PASSING = WRONG_TOKEN | {
    "fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org", "team_access_not_granted",
}  # fmt: skip
"""Errors that pass, or that an operator can end: what could not be said is said then."""
MISDRAWN = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "invalid_arguments"})
"""Errors of a message that Slack does not want to look like this."""


NONSENSE = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the SDK raises over an answer that is none of Slack's."""
NO_ANSWER = "Slack's answer makes no sense."

log = logging.getLogger("careerbot.slack")


class MisdrawnError(SendError):
    """Slack refuses the blocks of a message; its text alone may go."""


class TokenWatch:
    """Tells the log that Slack refuses the token, and that it takes it again; each once."""

    def __init__(self) -> None:
        self._refused = False

    def refused(self, code: str) -> None:
        """Slack has refused the token, with the code of an error."""
        if not self._refused:
            log.warning("Slack does not take SLACK_BOT_TOKEN any more (%s). What is to be said waits until it does.", code)
        self._refused = True

    def taken(self) -> None:
        """Slack has taken the token."""
        if self._refused:
            log.info("Slack takes SLACK_BOT_TOKEN again.")
        self._refused = False


class Web:
    """Calls with one token, which is watched, over one session. Raises `SendError`, of which `MisdrawnError` is Slack's own."""

    def __init__(self, client: AsyncWebClient, observer: Observer = UNOBSERVED, watch: TokenWatch | None = None) -> None:
        self._client = client
        self._observer = observer
        self._watch = watch or TokenWatch()

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """What Slack answers to a call that does something."""
        return await called(self._observer, PLATFORM, method, self._answer_of(self._client.api_call(method, json=arguments)))

    async def ask(self, method: str, **arguments: str) -> dict[str, Any]:
        """What Slack answers to a call that only reads; those take no JSON."""
        asked = self._client.api_call(method, http_verb="GET", params=arguments)
        return await called(self._observer, PLATFORM, method, self._answer_of(asked))

    async def _answer_of(self, call: Awaitable[AsyncSlackResponse]) -> dict[str, Any]:
        try:
            answer = await call
        except SlackApiError as error:
            if (code := error_of(error)) in WRONG_TOKEN:
                self._watch.refused(code)
            raise delivery_error(error) from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            message = "Slack cannot be reached."
            raise Unreachable(message) from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            message = "Slack did not answer."
            raise Unsure(message) from None
        except NONSENSE:
            raise Unsure(NO_ANSWER) from None
        self._watch.taken()
        return dict(answer.data) if isinstance(answer.data, dict) else {}

    async def respond(self, url: str, body: Mapping[str, Any]) -> None:
        """Answer a command or a press at its own address: five times, within half an hour."""
        await called(self._observer, PLATFORM, "response_url", self._responded(url, body))

    async def _responded(self, url: str, body: Mapping[str, Any]) -> None:
        hook = AsyncWebhookClient(url, session=self._client.session, retry_handlers=[], logger=self._client.logger)
        try:
            answer = await hook.send_dict(dict(body))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            message = "Slack cannot be reached."
            raise Unreachable(message) from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            message = "Slack did not answer."
            raise Unsure(message) from None
        _check(answer.status_code, answer.headers)
        if answer.status_code != HTTPStatus.OK:
            message = "The address to answer at is no more."
            raise Refused(message, "gone")


def error_of(error: SlackApiError) -> str:
    """The code of what went wrong, empty if Slack gave none."""
    data = getattr(error.response, "data", None)
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def delivery_error(error: SlackApiError) -> Exception:
    """An error of the SDK in the words of the delivery."""
    code = error_of(error)
    response = error.response  # that of aiohttp, where its body could not be read
    try:
        _check(getattr(response, "status_code", getattr(response, "status", 0)), getattr(response, "headers", {}))
    except (Later, Unreachable) as error_of_status:
        return error_of_status
    if code in {"ratelimited", "rate_limited"}:
        return Later(PAUSE)
    if code in MISDRAWN:
        return MisdrawnError(code)
    if code in _PASSING or not code:
        return Unreachable(f"Slack says {code or 'nothing'}.")
    return Refused(f"Slack says {code}.", _WHY.get(code, ""))


def _check(status: int, headers: Mapping[str, Any]) -> None:
    """Raise what a status alone tells: to wait, or that Slack is in trouble."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        after = {name.lower(): value for name, value in headers.items()}.get("retry-after", PAUSE)
        raise Later(_seconds(after[0] if isinstance(after, list) else after))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        message = f"Slack is in trouble ({status})."
        raise Unreachable(message)


def _seconds(text: object) -> float:
    try:
        return min(LONGEST_PAUSE, max(0.0, float(str(text))))
    except ValueError:
        return PAUSE
