"""How the bot is reached: settings -> channels, and the gateway that answers what they hear."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol

from bot.contracts.errors import ChannelError
from bot.contracts.ports import UNOBSERVED, Channel
from bot.dialogue import wording
from bot.dialogue.assistant import Assistant
from bot.dialogue.turn import RawKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SecretStr

    from bot.assembly.knowledge import Bot
    from bot.channels.http.channel import Http
    from bot.channels.slack.channel import Slack
    from bot.channels.telegram.channel import Telegram
    from bot.contracts.addresses import Room
    from bot.contracts.ports import Endpoint, Gateway, Mailbox, Observer, Store, Supervisor, Words
    from bot.delivery.access import AccessRules
    from bot.delivery.gateway import EventGateway
    from bot.delivery.handler import EventHandler
    from bot.settings import Settings


def gateway_of(
    settings: Settings,
    bot: Bot,
    store: Store,
    channels: Mapping[str, Channel],
    desk: Room | None,
    team: Room | None = None,
    observer: Observer = UNOBSERVED,
) -> EventGateway:
    """What answers the events of channels, keeping what has to be kept in a store; `team` is the room that is shared with."""
    from bot.delivery.access import Access  # noqa: PLC0415
    from bot.delivery.gateway import EventGateway  # noqa: PLC0415
    from bot.delivery.upkeep import Periods  # noqa: PLC0415

    periods = Periods(settings.desk_hours, settings.retention_days)
    handler = handler_of(settings, bot, store, desk, team)
    return EventGateway(store, handler, channels, periods=periods, access=Access(_rules_of(settings)), observer=observer)


def handler_of(settings: Settings, bot: Bot, store: Store, desk: Room | None, team: Room | None) -> EventHandler:
    """Who answers events from what the bot knows now."""
    from bot.delivery.handler import EventHandler  # noqa: PLC0415

    assistant = Assistant(bot.base, bot.matcher, desk=desk is not None, days=settings.retention_days)
    return EventHandler(assistant, desk, team, admins=frozenset(store.hashed(RawKey(admin)) for admin in settings.admins))


def _rules_of(settings: Settings) -> AccessRules:
    """Who comes in. The desk and the team's room always do: the operator has named them."""
    from bot.delivery.access import AccessRules  # noqa: PLC0415

    person, room = (*settings.rate, 0)[:2]
    named = frozenset(filter(None, (settings.desk, settings.team_room)))
    return AccessRules(frozenset(settings.allow), named, frozenset(settings.admins), person, room)


def words_of(bot: Bot) -> Words:
    """The editor's wording, as it is when it is asked for: a key and values for its gaps -> a line."""
    return lambda key, **values: wording.line(bot.base, key, values=values)


def room_of(named: str | None) -> Room | None:
    """A room that an operator named, slack:C0123 or telegram:-100123:7; None if they named none."""
    from bot.contracts.addresses import Room  # noqa: PLC0415

    if named is None:
        return None
    from bot.channels.slack import addresses as in_slack  # noqa: PLC0415
    from bot.channels.telegram import addresses as in_telegram  # noqa: PLC0415

    where = in_slack if named.startswith(f"{in_slack.PLATFORM}:") else in_telegram
    return Room(RawKey(named), where.read_room(named))


def unserved_rooms(settings: Settings) -> list[str]:
    """A sentence for each room that an operator named on a platform without a token: nothing would ever arrive there."""
    served, named = platforms_of(settings), {"CAREERBOT_DESK": settings.desk, "CAREERBOT_TEAM_ROOM": settings.team_room}
    return [
        f"{variable} names a room in {platform.title()}, but {platform.upper()}_BOT_TOKEN is not set: "
        "set it, or name a room of a platform whose token is set."
        for variable, room in named.items()
        if room and (platform := room.partition(":")[0]) not in served
    ]


class Served(Channel, Protocol):
    """A channel that `careerbot serve` runs."""

    @property
    def ready(self) -> bool:
        """Whether it listens now."""

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Where it is called over HTTP."""

    def listening(self, gateway: Gateway, supervisor: Supervisor) -> AbstractAsyncContextManager[None]:
        """Listen while the block runs."""

    async def check(self) -> str:
        """How it stands, in a sentence; raises `ChannelError`."""


Opened = AbstractAsyncContextManager[Served]


def channel_of(platform: str, settings: Settings, bot: Bot, mailbox: Mailbox, observer: Observer = UNOBSERVED) -> Opened:
    """The channel of a platform whose token is set, to be opened. Raises `ChannelError` where something else that it needs is not."""
    match platform:
        case "slack":
            return slack_of(settings, bot, observer)
        case "telegram":
            return telegram_of(settings, bot, observer)
        case "http":
            return http_of(settings, mailbox, observer)
        case _:
            message = f"There is no channel {platform!r}."
            raise ChannelError(message)


def platforms_of(settings: Settings) -> list[str]:
    """The names of the channels whose tokens are set."""
    tokens = {"slack": settings.slack_bot_token, "telegram": settings.telegram_bot_token, "http": settings.http_token}
    return [name for name, token in tokens.items() if token is not None]


def http_of(settings: Settings, mailbox: Mailbox, observer: Observer = UNOBSERVED) -> AbstractAsyncContextManager[Http]:
    """The channel for programs."""
    from bot.channels.http.channel import Http  # noqa: PLC0415

    return nullcontext(Http(_secret(settings.http_token), mailbox, observer))


def telegram_of(settings: Settings, bot: Bot, observer: Observer = UNOBSERVED) -> AbstractAsyncContextManager[Telegram]:
    """The Telegram channel."""
    from bot.channels.telegram.channel import Telegram, TelegramSettings  # noqa: PLC0415

    wanted = TelegramSettings(
        token=_secret(settings.telegram_bot_token),
        api_url=settings.telegram_api_url,
        webhook_url=settings.telegram_webhook_url or "",
        webhook_secret=_secret(settings.telegram_webhook_secret),
        title=bot.base.title,
        desk=_within(settings.desk, "telegram"),
        has_desk=bool(settings.desk),
        has_team=bool(_within(settings.team_room, "telegram")),
    )
    return Telegram.opened(wanted, words_of(bot), observer)


def slack_of(settings: Settings, bot: Bot, observer: Observer = UNOBSERVED) -> AbstractAsyncContextManager[Slack]:
    """The Slack channel. Raises `ChannelError` where something that it needs besides its token is not set."""
    from bot.channels.slack.channel import Slack, SlackSettings  # noqa: PLC0415

    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        message = "With SLACK_BOT_TOKEN, set SLACK_APP_TOKEN (the bot calls Slack) or SLACK_SIGNING_SECRET (Slack calls the bot)."
        raise ChannelError(message)
    wanted = SlackSettings(
        bot_token=_secret(settings.slack_bot_token),
        app_token=_secret(settings.slack_app_token),
        signing_secret=_secret(settings.slack_signing_secret),
        api_url=settings.slack_api_url,
        guests=settings.guests,
        desk=_within(settings.desk, "slack"),
        has_desk=bool(settings.desk),
        has_team=bool(settings.team_room),
    )
    return Slack.opened(wanted, words_of(bot), observer)


def _secret(held: SecretStr | None) -> str:
    return held.get_secret_value() if held else ""


def _within(room: str | None, platform: str) -> str:
    """The key of a room if it is on a platform, else nothing."""
    return room if room and room.startswith(f"{platform}:") else ""
