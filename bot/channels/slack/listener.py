"""What Slack tells is brought to the gateway, or answered on the spot where it would be worthless later. A thin loop.

Whatever is kept is kept before it is acknowledged; everything is acknowledged, also what nobody listens to, because Slack
delivers that again: https://docs.slack.dev/apis/events-api#retries.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from typing import TYPE_CHECKING, Any, TypeVar

from cachetools import LRUCache
from slack_bolt.response import BoltResponse

from bot.channels.background import BackgroundTasks
from bot.channels.slack import addresses, desk_window, presses, views
from bot.channels.slack.payload import at, text_at
from bot.channels.slack.pressed import HOME, SHARE, read_pressed
from bot.contracts.errors import SendError, StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.channels.slack.identity import Introduction
    from bot.channels.slack.names import Names
    from bot.channels.slack.pages import Pages
    from bot.channels.slack.people import People, Person
    from bot.channels.slack.reader import Kind, Reader
    from bot.contracts.events import InboundEvent
    from bot.contracts.ports import Gateway, Observer

    Body = dict[str, Any]
    AsyncNext = Callable[[], Awaitable[None]]

T = TypeVar("T")

GREETED = 10_000
"""People who were greeted, remembered so that nothing is kept each time they open their conversation."""
KNOWN_WITHIN = 0.8
"""Seconds that an acknowledgement waits for what Slack says of somebody; Slack wants it within 3, and keeping may take 2."""
_FAILURES = (SendError, StoreError)
_FIELDS = {views.ASK: (views.QUESTION, "ask_empty"), desk_window.ANSWER: (desk_window.ANSWER, "desk_answer_empty")}
"""The field of each window that must not be empty, and the key of what is said if it is."""
_ANY = re.compile(".*", re.DOTALL)
_HELD_BACK = "app_rate_limited"

log = logging.getLogger("careerbot.slack")


class Listener:
    """Listens to one app, whose `bot` has been introduced, and brings what it hears to `gateway`; what is only shown, `pages` show."""

    def __init__(
        self, gateway: Gateway, reader: Reader, bot: Introduction, people: People, names: Names, pages: Pages, observer: Observer
    ) -> None:
        self._gateway = gateway
        self._reader = reader
        self._bot = bot
        self._people = people
        self._names = names
        self._pages = pages
        self._observer = observer
        self._aside = BackgroundTasks(log, "Somebody in Slack could not be looked up", _FAILURES)
        self._greeted: LRUCache[str, bool] = LRUCache(GREETED)

    def listen(self, app: AsyncApp) -> None:
        """Take all that an app hears: one listener for each kind, which leaves nothing unheard."""
        app.event(_ANY)(self.happened)
        app.action(_ANY)(self.pressed)
        app.command(_ANY)(self.commanded)
        app.shortcut(_ANY)(self.shortcut)
        app.view_submission(_ANY)(self.submitted)
        app.view_closed(_ANY)(self.closed)
        app.middleware(self.limited)
        app.error(self.failed)

    async def settled(self) -> None:
        """Return once nothing is done on the side."""
        await self._aside.settled()
        await self._pages.settled()
        await self._names.stop()
        await self._people.stop()

    async def happened(self, body: Body) -> None:
        """An event. Acknowledged by the app once this returns."""
        event = at(body, "event") or {}
        kind = text_at(event, "type")
        if kind == "app_home_opened":
            await self._opened(body, event)
        elif kind == _HELD_BACK:
            self._held_back()
        elif kind in {"app_uninstalled", "tokens_revoked"}:
            log.warning("Slack has taken the app's permission away (%s).", kind)
        else:
            await self._bring("event", body)

    async def limited(self, body: Body, ack: AsyncAck, next: AsyncNext) -> BoltResponse | None:  # noqa: A002 - as the SDK calls it
        """Whatever comes; word that Slack holds events back is no event itself: https://docs.slack.dev/reference/events/app_rate_limited."""
        if text_at(body, "type") != _HELD_BACK:
            await next()
            return None
        self._held_back()
        return await ack()

    async def pressed(self, ack: AsyncAck, body: Body) -> None:
        """A button, a thumb, or what was chosen from a menu."""
        pressed = read_pressed(body)
        if pressed.kind == SHARE:
            self._pages.share(body, pressed.value)
        elif pressed.kind.startswith(HOME):
            self._pages.turn(text_at(body, "user", "id"), pressed)
        else:
            self._pages.answer(body)
        if pressed.name == views.FORGET or not pressed.kind.startswith(HOME):
            await self._bring("press", body)
        await ack()

    async def commanded(self, ack: AsyncAck, body: Body) -> None:
        """A slash command."""
        await self._bring("command", body)
        await ack()

    async def shortcut(self, ack: AsyncAck, body: Body) -> None:
        """A shortcut: on somebody's message, or the one that opens the modal to ask in."""
        if text_at(body, "callback_id") == presses.TO_ASK:
            self._pages.ask(body)
        else:
            await self._bring("shortcut", body)
        await ack()

    async def submitted(self, ack: AsyncAck, body: Body) -> None:
        """A modal that was sent off."""
        view = at(body, "view")
        field, empty = _FIELDS.get(text_at(view, "callback_id"), ("", ""))
        if field and not views.typed(view, field):
            await ack(response_action="errors", errors={field: self._pages.word(empty)})
            return
        if field == views.QUESTION:
            body = {**body, "direct": await _soon(self._people.direct(text_at(body, "user", "id")), "")}
        await self._bring("submission", body)
        await ack()

    async def closed(self, ack: AsyncAck) -> None:
        """A modal that was closed."""
        await ack()

    async def failed(self, error: Exception) -> BoltResponse:
        """Something went wrong before it was kept: it is not acknowledged, so that Slack delivers it again.

        What cannot be kept now gets 503; what breaks the bot is none of Slack's, and gets 400.
        """
        log.warning("Something from Slack could not be taken in (%s).", error if isinstance(error, StoreError) else type(error).__name__)
        return BoltResponse(status=503 if isinstance(error, StoreError) else 400)

    async def _bring(self, kind: Kind, body: Body) -> None:
        """Bring a payload to the gateway if it is for the bot, with what is known of the person."""
        begun = time.monotonic()
        event = self._reader.event(kind, body, me=self._bot.me.user, team=self._home)
        if event is None:
            return
        if (event.overheard or event.edited) and not await self._takes_part(event):
            return  # said among people; taken in, it would make the bot one of them
        who, names = await self._learned(event)
        await self._gateway.accept(self._reader.introduced(event, who.standing, who.name, names))
        self._observer.acknowledged(addresses.PLATFORM, time.monotonic() - begun)

    async def _takes_part(self, event: InboundEvent) -> bool:
        """Whether the bot takes part in a conversation: also one that is held beneath a message of its own."""
        return self._reader.beneath_bot(event) or await self._gateway.takes_part(event.conversation)

    async def _learned(self, event: InboundEvent) -> tuple[Person, dict[str, str]]:
        """Who caused an event, and the names of whom and what it names by ids, as far as that is known soon enough."""
        user, ids = addresses.read_person(event.person)[1], self._reader.unnamed(event)
        awaited: list[Coroutine[Any, Any, object]] = [self._names.learn(ids, self._home)] if ids else []
        if user and self._people.known(user, self._home).standing == "unknown":
            asking = self._people.look_up(user, self._home)
            if self._reader.must_know(event):
                awaited.append(asking)
            else:
                self._aside.do(asking)  # a name is needed only if a question is passed on, later
        if awaited:
            await _soon(asyncio.gather(*awaited), None)
        return self._people.known(user, self._home), self._names.known(ids, self._home)

    @property
    def _home(self) -> str:
        """The workspace that the app is installed in."""
        return self._bot.me.team

    def _held_back(self) -> None:
        log.warning("Slack holds events back: more than it delivers in an hour have come. Some questions may never arrive.")
        self._observer.counted("held_back", addresses.PLATFORM)

    async def _opened(self, body: Body, event: Body) -> None:
        user = text_at(event, "user")
        if text_at(event, "tab") != "messages":
            self._pages.show_home(user)
            return
        self._pages.set_prompts(text_at(event, "channel"))
        if user not in self._greeted:
            await self._bring("event", body)
            self._greeted[user] = True


async def _soon(work: Awaitable[T], otherwise: T) -> T:
    """What comes of some work, or something else where it takes too long to wait for."""
    try:
        return await asyncio.wait_for(work, KNOWN_WITHIN)
    except TimeoutError:
        return otherwise
