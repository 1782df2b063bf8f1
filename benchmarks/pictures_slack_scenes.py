"""What is played in Slack for the pictures, one scene after the other: each gives the screen on which it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopback.running_slack import DESK
from loopback.slack import GENERAL

from benchmarks import pictures_slack as look
from benchmarks.pictures_html import did
from benchmarks.pictures_slack_stage import BOB, DORA, NAMES, Stage, filled, labels

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from benchmarks.pictures_page import Screen

ANSWER = "The article has no figures on them. Our own ladder puts them beside the L5 researchers; people operations has the bands."
"""What Dora at the desk knows."""


async def greeting(stage: Stage) -> Screen:
    """Somebody is new."""
    return stage.shown("greeting", "Somebody new opens the chat", *await stage.after(stage.slack.open_home(tab="messages")))


async def answer(stage: Stage) -> Screen:
    """A question that is covered."""
    return stage.shown("answer", "An answer, its source, and what to ask next", *await stage.asked("can a researcher become a PM?"))


async def menu(stage: Stage) -> Screen | None:
    """The menu of an answer is opened; None where there is none."""
    newest = stage.newest()
    menus = [block["accessory"]["options"] for block in newest["blocks"] if "options" in block.get("accessory", {})]
    drawn = look.message(newest, NAMES)
    return stage.shown("menu", "The menu beside the source", drawn, look.sheet(menus[0], NAMES)) if menus else None


async def more(stage: Stage) -> Screen:
    """The rest of an answer."""
    return stage.shown("more", "The rest of an answer", *await stage.pressed(stage.words("button_more")))


async def comparison(stage: Stage) -> Screen:
    """Two roles are compared."""
    return stage.shown("comparison", "A comparison", *await stage.asked("who earns more, the PM or the researcher?"))


async def question_back(stage: Stage) -> Screen:
    """A question that could mean several things."""
    return stage.shown("question-back", "A question back, where one word could mean several things", *await stage.asked("salary"))


async def picked(stage: Stage) -> Screen:
    """One of them is picked."""
    drawn = await stage.pressed(labels(stage.newest())[0])
    return stage.shown("picked", "A choice picked, and on in half a sentence", *drawn, *await stage.asked("and for researchers?"))


async def refusal(stage: Stage) -> Screen:
    """A question that is understood and not covered."""
    return stage.shown("refusal", "Understood, but not covered: no guess", *await stage.asked("how much does a PM earn in London?"))


async def not_understood(stage: Stage) -> Screen:
    """Nothing that means anything."""
    return stage.shown("not-understood", "Not understood", *await stage.asked("asdf qwer zxcv"))


async def topic(stage: Stage) -> Screen:
    """A topic is picked from the menu."""
    drawn = await stage.asked("topics")
    return stage.shown("topics", "The menu of topics, and one picked", *drawn, *await stage.pressed("Pay"))


async def small_talk(stage: Stage) -> Screen:
    """What is no question, and one about the bot."""
    drawn = [*await stage.asked("are you a robot?"), *await stage.asked("thanks, that helped!")]
    return stage.shown("small-talk", "Small talk", *drawn)


async def thumbs_down(stage: Stage) -> Screen:
    """An answer did not help, and why."""
    drawn = await stage.asked("what are the most common interview mistakes?")
    drawn += await stage.pressed(stage.words("button_down"))
    asks, reason = stage.newest(), stage.words("reason_other")
    drawn += await stage.pressed(reason)
    changed = look.message(asks, NAMES) if "versions" in asks else ""  # the thanks may stand where the question stood
    return stage.shown("thumbs-down", "An answer that did not help, and why", *drawn, changed)


async def consent(stage: Stage) -> Screen:
    """A person is wanted."""
    drawn = await stage.asked("what does a data scientist earn?")
    return stage.shown("desk-1-consent", "A person is asked only with consent", *drawn, *await stage.pressed(stage.words("button_person")))


async def passed_on(stage: Stage) -> Screen:
    """The question is passed on, and somebody takes it."""
    drawn = await stage.pressed(stage.words("handoff_named"))
    await stage.pressed(stage.words("desk_claim"), room=DESK, user=DORA)
    return stage.shown("desk-2-passed-on", "Passed on, and taken by somebody", *drawn, look.message(stage.newest(), NAMES))


async def desk_post(stage: Stage) -> Screen:
    """What the desk sees of that."""
    drawn = [look.message(message, NAMES) for message in stage.said[DESK]]
    drawn.insert(1, did(f"Dora presses “{stage.words('desk_claim')}”"))
    return stage.shown("desk-3-post", "The desk: a question, and somebody who takes it", *drawn, bar=look.channel(NAMES[DESK], thread=True))


async def desk_window(stage: Stage) -> Screen | None:
    """The modal that the desk answers in; None where it answers in the thread."""
    label = stage.words("desk_answer")
    source = next((message for message in stage.said[DESK] if label in labels(message)), None)
    if source is None:
        return None
    stage.window = filled(await stage.house.view(stage.press(source, label, DORA)), ANSWER)
    return stage.shown(
        "desk-4-answer", "The desk answers in a window", look.view_body(stage.window, NAMES), bar=look.modal_bar(stage.window)
    )


async def desk_answered(stage: Stage) -> Screen:
    """What the desk sees once it has answered."""
    post = stage.said[DESK][0]
    if stage.window:
        drawn = await stage.after(stage.slack.submit(stage.window, stage.window["state"]["values"], user=DORA), DESK)
    else:
        telling = stage.slack.say(DESK, ANSWER, user=DORA, thread_ts=post["ts"])
        drawn = [look.said("Dora", ANSWER, NAMES), *await stage.after(telling, DESK)]
    bar = look.channel(NAMES[DESK], thread=True)
    return stage.shown("desk-5-answered", "The desk: what was answered", look.message(post, NAMES), *drawn, bar=bar)


async def asker_reads(stage: Stage) -> Screen:
    """What the asker reads in the end."""
    await stage.until(ANSWER)
    arrived = [message for message in stage.said[stage.chat] if ANSWER in message["text"]][-1]
    return stage.shown("desk-6-back", "What the asker reads", look.message(arrived, NAMES))


async def thread(stage: Stage) -> Screen:
    """A mention in a channel, and somebody else who goes on in its thread."""
    drawn = [look.said("Alice", "@careerbot do AI PMs need to code?", NAMES)]
    drawn += await stage.after(stage.slack.mention("do AI PMs need to code?"), GENERAL)
    more = "what does a Staff PM earn?"
    telling = stage.slack.say(GENERAL, more, user=BOB, thread_ts=stage.newest(GENERAL)["thread_ts"])
    drawn += [look.said("Bob", more, NAMES), *await stage.after(telling, GENERAL)]
    bar = look.channel(NAMES[GENERAL], thread=True)
    return stage.shown("thread", "A mention is answered in its thread, where others go on", *drawn, bar=bar)


async def command(stage: Stage) -> Screen:
    """The command, whose answer nobody else sees."""
    asked = "what does an AI PM do all day?"
    drawn = await stage.after(stage.slack.slash("/career", asked), GENERAL)
    bar = look.channel(NAMES[GENERAL])
    return stage.shown("command", "/career: an answer that only the asker sees", did(f"Alice types “/career {asked}”"), *drawn, bar=bar)


async def card(stage: Stage) -> Screen:
    """That answer, shared."""
    drawn = await stage.pressed(stage.words("button_share_here"), room=GENERAL)
    return stage.shown("card", "That answer shared as a card", *drawn, bar=look.channel(NAMES[GENERAL]))


async def home(stage: Stage) -> Screen:
    """The home page."""
    view = await stage.house.view(stage.slack.open_home(tab="home"), "views.publish")
    return stage.shown("home", "The home page", look.view_body(view, NAMES), bar=look.home_bar())


async def ask_window(stage: Stage) -> Screen:
    """The modal to ask in."""
    view = filled(await stage.house.view(stage.slack.shortcut("ask_question")), "Which role has more career longevity?")
    return stage.shown("ask", "A question asked from anywhere in Slack", look.view_body(view, NAMES), bar=look.modal_bar(view))


async def share_window(stage: Stage) -> Screen:
    """The modal to share in."""
    await stage.asked("can a researcher become a PM?")
    view = await stage.house.view(stage.press(stage.newest(), stage.words("button_share")))
    shown = look.view_body(filled(view, "This came up at lunch."), NAMES)
    return stage.shown("share", "An answer on its way into a channel", shown, bar=look.modal_bar(view))


SCENES: tuple[Callable[[Stage], Awaitable[Screen | None]], ...] = (
    greeting, answer, menu, more, comparison, question_back, picked, refusal, not_understood, topic, small_talk, thumbs_down,
    consent, passed_on, desk_post, desk_window, desk_answered, asker_reads, thread, command, card, home, ask_window, share_window,
)  # fmt: skip
