"""The one place where the parts are put together: settings -> knowledge, trained model, assistant, store, delivery."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bot.dialogue import wording
from bot.dialogue.assistant import Assistant
from bot.dialogue.ports import StoreError
from bot.dialogue.session import Sessions
from bot.knowledge.loader import load
from bot.matching.matcher import Matcher
from bot.matching.model import FORMAT, Model, ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from bot.channels.slack.slack import Slack
    from bot.delivery.delivery import Delivery
    from bot.dialogue.events import Desk
    from bot.dialogue.ports import Channel
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


def delivery_of(settings: Settings, bot: Bot, store: Store, channels: Mapping[str, Channel], desk: Desk | None) -> Delivery:
    """What answers the events of channels, keeping what has to be kept in a store."""
    from bot.delivery.delivery import Delivery  # noqa: PLC0415
    from bot.dialogue.clerk import Clerk  # noqa: PLC0415

    assistant = Assistant(bot.base, bot.matcher, Sessions(), desk=desk is not None, days=settings.retention_days)
    clerk = Clerk(assistant, store, desk)
    return Delivery(store, clerk, channels, desk_hours=settings.desk_hours, retention_days=settings.retention_days)


def words_of(bot: Bot) -> Callable[..., str]:
    """The editor's wording: a key and values for its gaps -> a line."""
    return lambda key, **values: wording.line(bot.base, key, values=values)


def desk_of(settings: Settings) -> Desk | None:
    """The room where people answer what the bot cannot, if there is one."""
    from bot.dialogue.events import Desk  # noqa: PLC0415

    if settings.desk is None:
        return None
    platform, _, room = settings.desk.partition(":")
    return Desk(platform, settings.desk, {"channel": room.rpartition("/")[2]})


def slack_of(settings: Settings, bot: Bot) -> AbstractAsyncContextManager[Slack] | None:
    """The Slack channel, if its token is set. Raises `ChannelError` where something else that it needs is not."""
    if settings.slack_bot_token is None:
        return None
    from bot.channels.slack.slack import Slack, SlackSettings  # noqa: PLC0415
    from bot.dialogue.ports import ChannelError  # noqa: PLC0415

    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        message = "With SLACK_BOT_TOKEN, set SLACK_APP_TOKEN (the bot calls Slack) or SLACK_SIGNING_SECRET (Slack calls the bot)."
        raise ChannelError(message)
    desk = settings.desk or ""
    wanted = SlackSettings(
        bot_token=settings.slack_bot_token.get_secret_value(),
        app_token=settings.slack_app_token.get_secret_value() if settings.slack_app_token else "",
        signing_secret=settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else "",
        api_url=settings.slack_api_url,
        guests=settings.guests,
        desk=desk if desk.startswith("slack:") else "",
        has_desk=bool(desk),
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
