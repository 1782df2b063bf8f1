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
from bot.channels.slack import addresses, drawing, limits, presses, views
from bot.channels.slack.names import Names
from bot.channels.slack.payload import at, first, text_at
from bot.contracts.errors import Refused, SendError, StoreError
from bot.dialogue.targets import TopicTarget, read_target
from bot.dialogue.turn import Browse, Command, Occasion, Selection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.channels.slack.identity import Introduction
    from bot.channels.slack.people import People, Person
    from bot.channels.slack.reader import Kind, Reader
    from bot.channels.slack.web import Web
    from bot.contracts.events import InboundEvent
    from bot.contracts.ports import Gateway, Observer, Words
    from bot.dialogue.turn import UserAct

    Body = dict[str, Any]
    AsyncNext = Callable[[], Awaitable[None]]

T = TypeVar("T")

GREETED = 10_000
"""People who were greeted, remembered so that nothing is kept each time they open their conversation."""
KNOWN_WITHIN = 0.8
"""Seconds that an acknowledgement waits for what Slack says of somebody; Slack wants it within 3, and keeping may take 2."""
_BESIDE = {"response_type": "ephemeral", "replace_original": False}
_FAILURES = (SendError, StoreError)
_ANY = re.compile(".*", re.DOTALL)
_HELD_BACK = "app_rate_limited"

log = logging.getLogger("careerbot.slack")


class Listener:
    """Listens to one app, whose `bot` has been introduced, and brings what it hears to `gateway`."""

    def __init__(
        self, gateway: Gateway, reader: Reader, bot: Introduction, web: Web, people: People, words: Words, observer: Observer
    ) -> None:
        self._gateway = gateway
        self._reader = reader
        self._bot = bot
        self._web = web
        self._people = people
        self._names = Names(web, people)
        self._words = words
        self._observer = observer
        self._aside = BackgroundTasks(log, "A page or a window of Slack could not be shown", _FAILURES)
        self._greeted: LRUCache[str, bool] = LRUCache(GREETED)
        self._prompts = True

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
        """A button."""
        name = text_at(first(body, "actions"), "action_id")
        kind = name.partition(":")[0]
        if kind == drawing.SHARE:
            self._aside.do(self._open_share(body))
        elif kind.startswith(drawing.HOME):
            self._aside.do(self._turn_page(body, name))
        if name == views.FORGET or not kind.startswith(drawing.HOME):
            await self._bring("press", body)
        await ack()

    async def commanded(self, ack: AsyncAck, body: Body) -> None:
        """A slash command."""
        await self._bring("command", body)
        await ack()

    async def shortcut(self, ack: AsyncAck, body: Body) -> None:
        """A shortcut: on somebody's message, or the one that opens the modal to ask in."""
        if text_at(body, "callback_id") == presses.TO_ASK:
            self._aside.do(self._web.call("views.open", trigger_id=text_at(body, "trigger_id"), view=views.ask(self._words)))
        else:
            await self._bring("shortcut", body)
        await ack()

    async def submitted(self, ack: AsyncAck, body: Body) -> None:
        """A modal that was sent off."""
        view = at(body, "view")
        if text_at(view, "callback_id") == views.ASK:
            if not presses.field(view, views.QUESTION):
                await ack(response_action="errors", errors={views.QUESTION: self._words("ask_empty")})
                return
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
        accepted = await self._gateway.accept(self._reader.introduced(event, who.standing, who.name, names))
        self._observer.acknowledged(addresses.PLATFORM, time.monotonic() - begun)
        if kind == "press" and accepted == "again" and event.twin:
            self._aside.do(self._web.respond(text_at(body, "response_url"), {"text": self._words("shared_before"), **_BESIDE}))

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
            self._aside.do(self._show_home(user, Browse(), top=True, lately=True))
            return
        if self._prompts:
            self._aside.do(self._set_prompts(text_at(event, "channel")))
        if user not in self._greeted:
            await self._bring("event", body)
            self._greeted[user] = True

    async def _set_prompts(self, channel: str) -> None:
        """The prompts of an agent's conversation; an app that is none is told so once and leaves it.

        Without `thread_ts`: https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts.
        """
        greeting = await self._gateway.look(Occasion("greeting"))
        asked = [choice.label for choice in greeting.follow_ups if not isinstance(choice.target, TopicTarget)][: limits.PROMPTS]
        prompts = [{"title": limits.fitted(question, limits.BUTTON), "message": question} for question in asked]
        try:
            await self._web.call("assistant.threads.setSuggestedPrompts", channel_id=channel, prompts=prompts)
        except Refused:
            self._prompts = False

    async def _open_share(self, body: Body) -> None:
        """The modal to share in, which a trigger opens within 3 seconds; guests are told that they may not."""
        back, user = presses.back_of(body), text_at(body, "user", "id")
        entry = text_at(first(body, "actions"), "value")
        standing = (await self._people.look_up(user, self._home)).standing
        if self._reader.guests != "allow" and standing != "member":
            thread = {"thread_ts": back.thread} if back.thread else {}
            await self._web.call("chat.postEphemeral", channel=back.channel, user=user, **thread, text=self._words("no_sharing"))
            return
        await self._web.call("views.open", trigger_id=text_at(body, "trigger_id"), view=views.share(entry, back, self._words))

    async def _turn_page(self, body: Body, name: str) -> None:
        """Another page of the home page."""
        user = text_at(body, "user", "id")
        target = text_at(first(body, "actions"), "value")
        if name == views.PRIVACY:
            await self._show_home(user, Command("privacy"))
        elif name in {views.TOPICS, views.FORGET}:
            await self._show_home(user, Browse(), top=True, lately=name == views.TOPICS)
        else:
            await self._show_home(user, Selection(read_target(target)))

    async def _show_home(self, user: str, act: UserAct, *, top: bool = False, lately: bool = False) -> None:
        """The home page with the reply to an act: https://docs.slack.dev/reference/methods/views.publish."""
        person = addresses.person(self._home, user)
        standing = (await self._people.look_up(user, self._home)).standing if self._reader.guests == "deny" else "member"
        if standing != "member":
            act, top, lately = Occasion("guest" if standing == "guest" else "unknown"), True, False
        if not self._gateway.admits(addresses.names(self._home, ""), person):
            act, top, lately = Occasion("not_here"), True, False
        asked = await self._gateway.asked_lately(person) if lately else ()
        view = views.home(await self._gateway.look(act), asked, self._words, top=top)
        await self._web.call("views.publish", user_id=user, view=view)


async def _soon(work: Awaitable[T], otherwise: T) -> T:
    """What comes of some work, or something else where it takes too long to wait for."""
    try:
        return await asyncio.wait_for(work, KNOWN_WITHIN)
    except TimeoutError:
        return otherwise
