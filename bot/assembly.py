"""The one place where the parts are put together: settings -> knowledge, trained model, assistant, store, delivery."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

from bot.dialogue import wording
from bot.dialogue.assistant import Assistant
from bot.dialogue.ports import Channel, StoreError
from bot.dialogue.session import Sessions
from bot.knowledge.loader import load
from bot.matching.matcher import Matcher
from bot.matching.model import FORMAT, Model, ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from starlette.requests import Request
    from starlette.responses import Response

    from bot.channels.slack.slack import Slack
    from bot.channels.telegram.telegram import Telegram
    from bot.delivery.delivery import Delivery
    from bot.dialogue.events import Desk
    from bot.dialogue.ports import Door, Words
    from bot.knowledge.entry import KnowledgeBase
    from bot.matching.training import Progress
    from bot.settings import Settings
    from bot.store.store import Store

_PACKAGE = Path(__file__).parent
MODELS_KEPT = 4
"""Trained models kept in the data directory; older ones are removed."""


@dataclass(frozen=True, slots=True)
class Bot:
    """The assembled bot."""

    base: KnowledgeBase
    matcher: Matcher
    assistant: Assistant


def shipped_faq() -> Path:
    """The knowledge file that comes with the bot: inside an installed wheel, beside the package in a checkout."""
    inside = _PACKAGE / "shipped" / "faq.yaml"
    return inside if inside.is_file() else _PACKAGE.parent / "knowledge" / "faq.yaml"


def faq_of(settings: Settings) -> Path:
    """The knowledge file that is in use."""
    return settings.faq or shipped_faq()


def assemble(settings: Settings, progress: Progress | None = None) -> Bot:
    """The bot that the settings describe; raises `KnowledgeError` when its knowledge has faults."""
    base = load(faq_of(settings))
    matcher = Matcher(base, trained(base, settings, progress))
    return Bot(base, matcher, Assistant(base, matcher, Sessions()))


@contextmanager
def opened_store(settings: Settings, platforms: Sequence[str] = ()) -> Iterator[Store]:
    """The store that the settings name. With `platforms` to work on the inbox of, which on SQLite only one process may do.

    Raises `StoreError` when it cannot be opened.
    """
    from bot.store.database import sqlite_url  # noqa: PLC0415 - most commands keep nothing
    from bot.store.lock import only_one  # noqa: PLC0415
    from bot.store.store import Store  # noqa: PLC0415

    with ExitStack() as stack:
        if settings.database_url is None:
            directory = _made(settings.data_dir)
            if platforms:
                stack.enter_context(only_one(directory))
            store = Store(sqlite_url(directory), _secret_of(settings), platforms=platforms, alone=bool(platforms))
        else:
            store = Store(settings.database_url.get_secret_value(), _secret_of(settings), platforms=platforms, alone=False)
        stack.callback(store.close)
        yield store


@contextmanager
def store_or_none_kept(settings: Settings, platforms: Sequence[str]) -> Iterator[tuple[Store, str]]:
    """The store that the settings name; where it cannot be opened one that is gone afterwards, and why in a sentence."""
    with ExitStack() as stack:
        why = ""
        try:
            store = stack.enter_context(opened_store(settings, platforms))
        except StoreError as error:
            why = str(error)
            directory = Path(stack.enter_context(TemporaryDirectory(prefix="careerbot-")))
            aside = settings.model_copy(update={"data_dir": directory, "database_url": None})
            store = stack.enter_context(opened_store(aside, platforms))
        yield store, why


def delivery_of(
    settings: Settings, bot: Bot, store: Store, channels: Mapping[str, Channel], desk: Desk | None, team: Desk | None = None
) -> Delivery:
    """What answers the events of channels, keeping what has to be kept in a store; `team` is the room that is shared with."""
    from bot.delivery.delivery import Delivery  # noqa: PLC0415
    from bot.dialogue.clerk import Clerk  # noqa: PLC0415

    assistant = Assistant(bot.base, bot.matcher, Sessions(), desk=desk is not None, days=settings.retention_days)
    clerk = Clerk(assistant, store, desk, team)
    return Delivery(store, clerk, channels, desk_hours=settings.desk_hours, retention_days=settings.retention_days)


def words_of(bot: Bot) -> Words:
    """The editor's wording: a key and values for its gaps -> a line."""
    return lambda key, **values: wording.line(bot.base, key, values=values)


def room_of(named: str | None) -> Desk | None:
    """A room that an operator named, slack:C0123 or telegram:-100123:7; None if they named none."""
    from bot.dialogue.events import Desk  # noqa: PLC0415

    if named is None:
        return None
    from bot.channels.slack import places as in_slack  # noqa: PLC0415
    from bot.channels.telegram import places as in_telegram  # noqa: PLC0415

    where = in_slack if named.startswith(f"{in_slack.PLATFORM}:") else in_telegram
    return Desk(where.PLATFORM, named, where.read_room(named))


class Served(Channel, Protocol):
    """A channel that `careerbot serve` runs. `path` is where its platform calls the bot, empty if it does not."""

    @property
    def ready(self) -> bool:
        """Whether it listens now."""

    @property
    def path(self) -> str:
        """Where its platform calls the bot."""

    async def webhook(self, request: Request) -> Response:
        """What the platform calls."""

    def listening(self, door: Door) -> AbstractAsyncContextManager[None]:
        """Listen while the block runs."""


def channels_of(settings: Settings, bot: Bot) -> list[AbstractAsyncContextManager[Served]]:
    """The channels whose tokens are set, to be opened. Raises `ChannelError` where something else that one needs is not."""
    return [channel for channel in (slack_of(settings, bot), telegram_of(settings, bot)) if channel is not None]


def telegram_of(settings: Settings, bot: Bot) -> AbstractAsyncContextManager[Telegram] | None:
    """The Telegram channel, if its token is set."""
    if settings.telegram_bot_token is None:
        return None
    from bot.channels.telegram.telegram import Telegram, TelegramSettings  # noqa: PLC0415

    wanted = TelegramSettings(
        token=settings.telegram_bot_token.get_secret_value(),
        api_url=settings.telegram_api_url,
        webhook_url=settings.telegram_webhook_url or "",
        webhook_secret=settings.telegram_webhook_secret.get_secret_value() if settings.telegram_webhook_secret else "",
        title=bot.base.title,
        desk=_within(settings.desk, "telegram"),
        has_desk=bool(settings.desk),
        has_team=bool(settings.team_room),
    )
    return Telegram.opened(wanted, words_of(bot))


def _within(room: str | None, platform: str) -> str:
    """The key of a room if it is on a platform, else nothing."""
    return room if room and room.startswith(f"{platform}:") else ""


def slack_of(settings: Settings, bot: Bot) -> AbstractAsyncContextManager[Slack] | None:
    """The Slack channel, if its token is set. Raises `ChannelError` where something else that it needs is not."""
    if settings.slack_bot_token is None:
        return None
    from bot.channels.slack.slack import Slack, SlackSettings  # noqa: PLC0415
    from bot.dialogue.ports import ChannelError  # noqa: PLC0415

    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        message = "With SLACK_BOT_TOKEN, set SLACK_APP_TOKEN (the bot calls Slack) or SLACK_SIGNING_SECRET (Slack calls the bot)."
        raise ChannelError(message)
    wanted = SlackSettings(
        bot_token=settings.slack_bot_token.get_secret_value(),
        app_token=settings.slack_app_token.get_secret_value() if settings.slack_app_token else "",
        signing_secret=settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else "",
        api_url=settings.slack_api_url,
        guests=settings.guests,
        desk=_within(settings.desk, "slack"),
        has_desk=bool(settings.desk),
        has_team=bool(settings.team_room),
    )
    return Slack.opened(wanted, words_of(bot))


def forget(settings: Settings, person: str) -> tuple[int, int]:
    """How many turns of a person were kept and how many of their questions waited at the desk; all of it is erased now."""
    from bot.dialogue.deskside import DeskSide  # noqa: PLC0415
    from bot.store import tools  # noqa: PLC0415

    with opened_store(settings) as store:
        key = store.keys.hashed(person)
        turns, questions = store.read(partial(tools.turns_of, person=key)), store.waiting(key)
        store.keep_now(DeskSide(load(faq_of(settings))).forgotten(key, questions))
    return turns, len(questions)


def trained(base: KnowledgeBase, settings: Settings, progress: Progress | None = None) -> Model:
    """The model of a knowledge base: the shipped one, one kept from before, or a new one (told to `progress`), which is kept."""
    kept = settings.data_dir / "models" / f"{base.fingerprint}-{FORMAT}.npz"
    for path in (_PACKAGE / "shipped" / "model.npz", kept):
        model = _usable(path, base)
        if model is not None:
            return model
    from bot.matching.training import train  # noqa: PLC0415 - start-up is faster without what only training needs

    model = train(base, progress) if progress else train(base)
    try:
        model.save(kept)
        _forget_older(kept.parent)
    except OSError:
        return model  # a read-only or full disk costs a training at the next start, nothing else
    return model


def _usable(path: Path, base: KnowledgeBase) -> Model | None:
    """The model in a file if it was trained on this very knowledge."""
    if not path.is_file():
        return None
    try:
        model = Model.load(path)
    except ModelError:
        return None
    return model if model.fingerprint == base.fingerprint else None


def _forget_older(directory: Path) -> None:
    newest_first = sorted(directory.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest_first[MODELS_KEPT:]:
        path.unlink(missing_ok=True)


def _made(directory: Path) -> Path:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        message = f"The directory {directory} cannot be made; set CAREERBOT_DATA_DIR to one that can."
        raise StoreError(message) from None
    return directory


def _secret_of(settings: Settings) -> Callable[[bool], str]:
    """How a store gets its secret: from the settings, else from the data directory, where the first start makes one."""

    def secret(may_make: bool) -> str:  # noqa: FBT001 - the one thing that the store has to say
        from bot.store.keys import FILE, LOST, made_secret  # noqa: PLC0415

        if settings.secret is not None:
            return settings.secret.get_secret_value()
        if settings.database_url is not None:
            message = "With DATABASE_URL, CAREERBOT_SECRET must be set too: any long random text, the same at every start."
            raise StoreError(message)
        if not may_make and not (settings.data_dir / FILE).exists():
            raise StoreError(LOST)
        try:
            return made_secret(settings.data_dir)
        except (OSError, ValueError):
            message = f"The secret in {settings.data_dir} can be neither read nor made."
            raise StoreError(message) from None

    return secret
