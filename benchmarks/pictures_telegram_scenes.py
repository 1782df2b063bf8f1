"""What is played in Telegram for the pictures, one scene after the other: each gives the screen on which it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import pictures_telegram as look
from benchmarks.pictures_html import did

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from benchmarks.pictures_page import Screen
    from benchmarks.pictures_telegram_stage import Stage

ANSWER = "The article has no figures on them. Our own ladder puts them beside the L5 researchers; people operations has the bands."
"""What Dora at the desk knows."""


async def greeting(stage: Stage) -> Screen:
    """Somebody is new."""
    drawn = await stage.after(lambda: stage.tg.command(stage.house.chat, stage.house.ann, "start"))
    return stage.shown("greeting", "Somebody new presses Start", look.said("/start"), *drawn)


async def answer(stage: Stage) -> Screen:
    """A question that is covered."""
    return stage.shown("answer", "An answer, its source, and what to ask next", *await stage.asked("can a researcher become a PM?"))


async def unfolded(stage: Stage) -> Screen | None:
    """The rest of the keyboard; None where it is not folded."""
    label = stage.words("button_menu")
    if not any(button["text"] == label for row in stage.messages[stage.newest()].keyboard for button in row):
        return None
    return stage.shown("unfolded", "Its menu unfolded", *await stage.pressed(label))


async def more(stage: Stage) -> Screen:
    """The rest of an answer, in its place."""
    return stage.shown("more", "The rest of the answer, in its place", *await stage.pressed(stage.words("button_more")))


async def comparison(stage: Stage) -> Screen:
    """Two roles are compared."""
    return stage.shown("comparison", "A comparison", *await stage.asked("who earns more, the PM or the researcher?"))


async def question_back(stage: Stage) -> Screen:
    """A question that could mean several things, and one of them picked."""
    drawn = await stage.asked("salary")
    first = stage.messages[stage.newest()].keyboard[0][0]["text"]
    return stage.shown("question-back", "A question back, and a choice picked", *drawn, *await stage.pressed(first))


async def refusal(stage: Stage) -> Screen:
    """A question that is understood and not covered."""
    return stage.shown("refusal", "Understood, but not covered: no guess", *await stage.asked("how much does a PM earn in London?"))


async def not_understood(stage: Stage) -> Screen:
    """Nothing that means anything."""
    return stage.shown("not-understood", "Not understood", *await stage.asked("asdf qwer zxcv"))


async def thumbs_down(stage: Stage) -> Screen:
    """An answer did not help, and why."""
    await stage.asked("what are the most common interview mistakes?")
    drawn = await stage.pressed(stage.words("button_down"))
    reason = await stage.pressed(stage.words("reason_other"))
    toasts = [piece for piece in reason if "toast" in piece or "did" in piece]
    return stage.shown("thumbs-down", "An answer that did not help, and why", *drawn, *toasts)


async def desk(stage: Stage) -> Screen:
    """A question passed on to the desk and answered there."""
    house = stage.house
    await stage.asked("what does a data scientist earn?")
    await stage.asked("/human")
    drawn = await stage.pressed(stage.words("handoff_named"))
    post = stage.newest(house.desk)
    await stage.after(lambda: stage.tg.send(house.desk, house.dora, ANSWER, reply_to=stage.tg.messages[post]))
    return stage.shown("desk", "Passed on with consent, and answered by a person", *drawn, *await stage.until(ANSWER))


async def desk_side(stage: Stage) -> Screen:
    """What the desk sees of that."""
    at_desk = [message.drawn for (chat, _), message in stage.messages.items() if chat == stage.house.desk["id"]]
    post = stage.tg.sent(stage.house.desk)[0]
    at_desk.insert(1, look.said(ANSWER, name="Dora", answers=post["text"]))
    return stage.shown("desk-side", "The same at the desk, which answers by a reply", *at_desk, bar=look.bar("Desk", "2 members"))


async def group(stage: Stage) -> Screen:
    """A question in a group."""
    team = stage.house.team
    asked = "/ask do AI PMs need to code?"
    drawn = await stage.after(lambda: stage.tg.command(team, stage.house.ann, "ask", asked.removeprefix("/ask ")), team)
    return stage.shown("group", "Asked in a group", look.said(asked), *drawn, bar=look.bar("Team", "3 members"))


async def card(stage: Stage) -> Screen:
    """An answer shared into a chat where the bot is not."""
    query = stage.tg.inline_query(stage.house.ann, "who earns more")
    call = await stage.tg.wait_call("answerInlineQuery", where=lambda params: params["inline_query_id"] == query)
    result = call.params["results"][0]
    keyboard = result.get("reply_markup", {}).get("inline_keyboard", [])
    shown = look.message(result["input_message_content"]["message_text"], keyboard, sharer="Ann")
    bar = look.bar("Bob", "last seen recently")
    return stage.shown(
        "card", "Shared by inline mode, in any chat", did("Ann types “@careerbot who earns more” and picks a card"), shown, bar=bar
    )


SCENES: tuple[Callable[[Stage], Awaitable[Screen | None]], ...] = (
    greeting, answer, unfolded, more, comparison, question_back, refusal, not_understood, thumbs_down, desk, desk_side, group, card,
)  # fmt: skip
