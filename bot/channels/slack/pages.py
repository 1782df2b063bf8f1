"""Pages and windows of Slack: shown at once and worthless later, so they are not kept. Who waits for a window that fails hears it.

https://docs.slack.dev/surfaces/app-home, https://docs.slack.dev/surfaces/modals. A trigger opens a window for three seconds.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bot.channels.background import BackgroundTasks
from bot.channels.slack import addresses, desk_window, limits, presses, views
from bot.channels.slack.payload import text_at
from bot.contracts.errors import Refused, SendError, StoreError
from bot.dialogue.targets import TopicTarget, read_target
from bot.dialogue.turn import Command, Occasion, Selection

if TYPE_CHECKING:
    from bot.channels.slack.identity import Introduction
    from bot.channels.slack.people import People
    from bot.channels.slack.pressed import Pressed
    from bot.channels.slack.reader import Reader
    from bot.channels.slack.web import Web
    from bot.contracts.ports import Gateway, Words
    from bot.contracts.questions import Question
    from bot.dialogue.targets import DeskTarget
    from bot.dialogue.turn import UserAct

    Body = dict[str, Any]

QUESTION_WITHIN = 0.8
"""Seconds that a window waits for the question that it is about; a trigger lives for three."""
_FAILURES = (SendError, StoreError)
_WELCOME = Occasion("greeting")
"""What the home page replies to, and what tells the prompts."""

log = logging.getLogger("careerbot.slack")


class Pages:
    """Shows pages and windows of one app, whose `bot` has been introduced, with what `gateway` looks up.

    `reader` knows what guests may do and where the desk is, `desk` tells whether people stand by anywhere.
    """

    def __init__(self, gateway: Gateway, reader: Reader, bot: Introduction, web: Web, people: People, words: Words, *, desk: bool) -> None:
        self._gateway = gateway
        self._reader = reader
        self._bot = bot
        self._web = web
        self._people = people
        self._words = words
        self._desk = desk
        self._aside = BackgroundTasks(log, "A page or a window of Slack could not be shown", _FAILURES)
        self._prompts = True

    async def settled(self) -> None:
        """Return once nothing is being shown."""
        await self._aside.settled()

    def show_home(self, user: str) -> None:
        """Show the home page."""
        self._aside.do(self._show_home(user, _WELCOME))

    def turn(self, user: str, pressed: Pressed) -> None:
        """Show what was pressed on the home page."""
        if pressed.name == views.PRIVACY:
            self._aside.do(self._show_home(user, Command("privacy")))
        elif pressed.name in {views.TOPICS, views.FORGET}:
            self._aside.do(self._show_home(user, _WELCOME, lately=pressed.name == views.TOPICS))
        else:
            self._aside.do(self._show_home(user, Selection(read_target(pressed.value))))

    def set_prompts(self, channel: str) -> None:
        """Set the prompts of an agent's conversation; an app that is none is told so once and leaves it."""
        if self._prompts:
            self._aside.do(self._set_prompts(channel))

    def ask(self, body: Body) -> None:
        """Open the window to ask in."""
        self._aside.do(self._opened(body, views.ask(self._words)))

    def share(self, body: Body, entry: str) -> None:
        """Open the window to share an entry in."""
        self._aside.do(self._open_share(body, entry))

    def answer(self, body: Body) -> None:
        """Open the window to answer a question of the desk in, if that was pressed."""
        if target := desk_window.wanted(body, self._home, self._reader.desk):
            self._aside.do(self._open_answer(body, target))

    def word(self, key: str) -> str:
        """What a window says, such as that a field must not be empty."""
        return self._words(key)

    @property
    def _home(self) -> str:
        """The workspace that the app is installed in."""
        return self._bot.me.team

    async def _set_prompts(self, channel: str) -> None:
        """Without `thread_ts`: https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts."""
        greeting = await self._gateway.look(_WELCOME)
        asked = [choice.label for choice in greeting.follow_ups if not isinstance(choice.target, TopicTarget)][: limits.PROMPTS]
        prompts = [{"title": limits.fitted(question, limits.BUTTON), "message": question} for question in asked]
        try:
            await self._web.call("assistant.threads.setSuggestedPrompts", channel_id=channel, prompts=prompts)
        except Refused:
            self._prompts = False

    async def _open_share(self, body: Body, entry: str) -> None:
        """Guests are told that they may not share."""
        standing = (await self._people.look_up(text_at(body, "user", "id"), self._home)).standing
        if self._reader.guests != "allow" and standing != "member":
            await self._told(body, "no_sharing")
        else:
            await self._opened(body, views.share(entry, presses.back_of(body), self._words))

    async def _open_answer(self, body: Body, target: DeskTarget) -> None:
        """Without the question, if that is not told soon."""
        question: Question | None = None
        try:
            question = await asyncio.wait_for(self._gateway.question(target.question), QUESTION_WITHIN)
        except TimeoutError:
            log.warning("The window to answer in is opened without the question, which is not read soon enough.")
        await self._opened(body, desk_window.window(target, question, body, self._words))

    async def _opened(self, body: Body, view: dict[str, Any]) -> None:
        """A window opened, or word to whoever pressed that it cannot be: https://docs.slack.dev/reference/methods/views.open."""
        try:
            await self._web.call("views.open", trigger_id=text_at(body, "trigger_id"), view=view)
        except SendError:
            await self._told(body, "window_failed")
            raise

    async def _told(self, body: Body, key: str) -> None:
        """A word to whoever pressed something, which nobody else sees: there, or in a direct message where the bot cannot write there."""
        back, user, text = presses.back_of(body), text_at(body, "user", "id"), self._words(key)
        if back.channel != user:
            thread = {"thread_ts": back.thread} if back.thread else {}
            with suppress(Refused):
                await self._web.call("chat.postEphemeral", channel=back.channel, user=user, **thread, text=text)
                return
        await self._web.call("chat.postMessage", channel=user, text=text)

    async def _show_home(self, user: str, act: UserAct, *, lately: bool = True) -> None:
        """The home page, or another in its place with the reply to an act: https://docs.slack.dev/reference/methods/views.publish.

        The home page tells what somebody asked `lately` unless that is just being erased.
        """
        barrier = await self._barrier(user)
        reply = await self._gateway.look(barrier or act)
        if barrier is None and act == _WELCOME:
            often = views.popular(await self._gateway.search("", limits.POPULAR))
            asked = await self._gateway.asked_lately(addresses.person(self._home, user)) if lately else ()
            view = views.home(reply, often, asked, self._words, desk=self._desk)
        else:
            view = views.page(reply, self._words, back=barrier is None)
        await self._web.call("views.publish", user_id=user, view=view)

    async def _barrier(self, user: str) -> Occasion | None:
        """Why somebody gets no page; None if they do."""
        standing = (await self._people.look_up(user, self._home)).standing if self._reader.guests == "deny" else "member"
        if not self._gateway.admits(addresses.names(self._home, ""), addresses.person(self._home, user)):
            return Occasion("not_here")
        if standing == "member":
            return None
        return Occasion("guest" if standing == "guest" else "unknown")
