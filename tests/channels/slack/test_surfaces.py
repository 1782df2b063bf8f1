"""Every surface of Slack as people use it, over a socket and over HTTP: something is done there, and what comes back is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from loopback.running_slack import DESK, OTHER, House, buttons, labels, play, written
from loopback.slack_state import GENERAL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.assembly import Bot

    Scene = Callable[[House], Awaitable[None]]
    Play = Callable[..., None]

CAKE, BREAD, OPEN = "A cake is 20 euros.", "A loaf is 4 euros.", "We are open from 7 to 18"


@pytest.fixture(params=["socket", "http"])
def scene(request: pytest.FixtureRequest, bakery: Bot, tmp_path: Path) -> Play:
    def played(acts: Scene, **more: object) -> None:
        play(bakery, tmp_path, request.param, acts, **more)

    return played


def test_a_direct_message_is_answered_with_what_one_can_do_next(scene: Play) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(house.slack.dm("when are you open?"))
        assert answer["text"].startswith(OPEN)
        assert (answer["unfurl_links"], answer["unfurl_media"], "thread_ts" in answer) == (False, False, False)
        offered = ["How much is a loaf of bread?", "And what do you bake?", "How much is a cake?"]
        assert labels(answer) == ["More", "Share…", "Ask a person", *offered, "👍", "👎"]
        assert buttons(answer) == offered
        assert "On Sundays" in (await house.one(house.slack.press(answer, label="More")))["text"]
        bread = await house.one(house.slack.press(answer, label="How much is a loaf of bread?"))
        assert bread["text"].startswith(BREAD)
        assert (await house.one(house.slack.dm("and a cake?")))["text"].startswith(CAKE)

    scene(acts)


def test_a_thumb_is_thanked_for_privately_and_a_reason_takes_the_place_of_the_question(scene: Play) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(house.slack.mention("how much is a cake?"))
        assert (await house.one(house.slack.press(answer, label="👍")))["ephemeral_to"] == "U0ALICE"
        asked = await house.one(house.slack.press(answer, label="👎"))
        assert (asked["ephemeral_to"], asked["thread_ts"]) == ("U0ALICE", answer["thread_ts"])
        assert labels(asked) == ["It is wrong", "Not what I asked", "Hard to understand", "Out of date", "Ask a person"]
        assert await house.after(house.slack.press(asked, label="Out of date")) == []
        assert house.slack.messages[asked["channel"], asked["ts"]]["text"].startswith("Thank you, that is noted")

    scene(acts)


def test_a_question_goes_to_the_desk_and_the_answer_comes_back(scene: Play) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(house.slack.dm("do you deliver to my house?"))
        consent = await house.one(house.slack.press(answer, label="Ask a person"))
        assert "do you deliver to my house?" in consent["text"]
        passed, post = await house.after(house.slack.press(consent, label="Yes, with my name"))
        assert passed["text"].startswith("Your question is on its way")
        assert post["channel"] == DESK
        assert "Asked by" in post["text"]
        taken = await house.after(house.slack.press(post, label="I take it", user="U0DORA"))
        assert {(message["channel"], message.get("thread_ts")) for message in taken} == {(DESK, post["ts"]), ("D0ALICE", None)}
        said = await house.answered(post, "On Fridays, yes.")
        back = next(message for message in said if message["channel"] == "D0ALICE")
        assert "On Fridays, yes." in back["text"]
        told = next(message for message in said if message["channel"] == DESK)
        assert (await house.one(house.slack.press(told, label="Keep as draft", user="U0DORA")))["text"].startswith("Kept as a draft")
        assert await house.after(house.slack.say(DESK, "nice weather", user="U0DORA")) == []
        assert await house.after(house.slack.say(DESK, "indeed", user="U0DORA", thread_ts="1.000001")) == []

    scene(acts)


def test_somebody_new_is_greeted_once(scene: Play) -> None:
    async def acts(house: House) -> None:
        greeting = await house.one(house.slack.open_home(tab="messages"))
        assert labels(greeting) == ["When are you open?", "How much is a loaf of bread?", "Visit us", "Bread and cake"]
        prompts = await house.slack.wait_call("assistant.threads.setSuggestedPrompts")
        assert [prompt["message"] for prompt in prompts.args["prompts"]] == ["When are you open?", "How much is a loaf of bread?"]
        assert "thread_ts" not in prompts.args
        assert await house.after(house.slack.open_home(tab="messages")) == []
        assert len(await house.after(house.slack.open_home(tab="messages", user="U0BOB"))) == 1

    scene(acts)


def test_an_app_that_may_not_suggest_prompts_is_told_so_once(scene: Play) -> None:
    async def acts(house: House) -> None:
        house.slack.fail("assistant.threads.setSuggestedPrompts", error="not_allowed")
        for user in ("U0ALICE", "U0BOB", "U0ALICE"):
            await house.after(house.slack.open_home(user, tab="messages"))
            await house.slack.wait_call("assistant.threads.setSuggestedPrompts")
            await house.one(house.slack.dm("how much is a cake?"))
        assert len(house.shown("assistant.threads.setSuggestedPrompts")) == 1

    scene(acts)


def test_a_mention_is_answered_once_in_its_thread_also_where_slack_tells_it_twice(scene: Play) -> None:
    async def acts(house: House) -> None:
        answers = await house.after(house.slack.mention("how much is a cake?", twin=True))
        await house.slack.deliveries[0].done()
        await house.gateway.settled()
        (answer,) = [*answers, *house.new()]
        assert answer["thread_ts"] == house.slack.deliveries[0].payload["event"]["ts"]

    scene(acts)


def test_a_bare_mention_gets_help_and_one_in_a_thread_is_answered_there(scene: Play) -> None:
    async def acts(house: House) -> None:
        helped = await house.one(house.slack.mention(""))
        assert labels(helped) == ["Visit us", "Bread and cake"]
        answer = await house.one(house.slack.mention("how much is a cake?", thread_ts="1700000000.000100"))
        assert answer["thread_ts"] == "1700000000.000100"

    scene(acts)


def test_a_thread_with_the_bot_goes_on_without_a_mention_and_nobody_else_is_answered(scene: Play) -> None:
    async def acts(house: House) -> None:
        slack = house.slack
        answer = await house.one(slack.mention("how much is a loaf of bread?"))
        thread = answer["thread_ts"]
        assert (await house.one(slack.say(GENERAL, "and a cake?", user="U0BOB", thread_ts=thread)))["text"].startswith(CAKE)
        for quiet in (
            slack.say(GENERAL, "thanks, see you at lunch", thread_ts=thread),
            slack.say(GENERAL, "<@U0BOB> how much is a cake?", thread_ts=thread),
            slack.say(GENERAL, "how much is a cake?"),
            slack.say(GENERAL, "how much is a cake?", thread_ts="1700000000.000200"),
            slack.say(GENERAL, "how much is a cake?", thread_ts=thread, bot_id="B0OTHER"),
            slack.say(GENERAL, "", thread_ts=thread, subtype="file_share"),
            slack.dm("how much is a cake?", subtype="channel_join"),
            slack.dm("how much is a cake?", user="USLACKBOT"),
            slack.edit(slack.messages[answer["channel"], answer["ts"]], "how much is a cake?"),
        ):
            assert await house.after(quiet) == []

    scene(acts)


def test_a_channel_that_the_bot_was_added_to_hears_one_line(scene: Play) -> None:
    async def acts(house: House) -> None:
        assert (await house.one(house.slack.joined(OTHER)))["text"].startswith("Hello! Mention me")
        assert await house.after(house.slack.joined(OTHER, user="U0BOB")) == []

    scene(acts)


def test_the_command_answers_whoever_gave_it_and_shares_there(scene: Play) -> None:
    async def acts(house: House) -> None:
        slack = house.slack
        answer = await house.one(slack.slash("/career", "is cake dearer than bread?"))
        assert answer["ephemeral_to"] == "U0ALICE"
        assert "You asked: is cake dearer than bread?" in written(answer["blocks"])
        card, told = await house.after(slack.press(answer, label="Share here"))
        assert card["text"].startswith("Shared by <@U0ALICE>\nWhich is dearer, bread or cake?")
        assert "ephemeral_to" not in card
        assert told["ephemeral_to"] == "U0ALICE"
        assert labels(await house.one(slack.slash("/career"))) == ["Visit us", "Bread and cake"]
        assert labels(await house.one(slack.slash("/career", "topics"))) == ["Visit us", "Bread and cake"]
        assert "is kept for 90 days" in (await house.one(slack.slash("/career", "privacy")))["text"]

    scene(acts)


def test_somebodys_message_is_answered_privately_and_shared_in_its_thread(scene: Play) -> None:
    async def acts(house: House) -> None:
        message = house.slack.user_message(GENERAL, "when are you open?", user="U0BOB")
        answer = await house.one(house.slack.shortcut("answer_message", message))
        assert answer["ephemeral_to"] == "U0ALICE"
        card = (await house.after(house.slack.press(answer, label="Share in the thread")))[0]
        assert card["thread_ts"] == message["ts"]
        assert (await house.one(house.slack.press(card, label="And what do you bake?", user="U0BOB")))["thread_ts"] == message["ts"]

    scene(acts)


def test_a_message_that_was_asked_about_privately_does_not_draw_the_bot_into_its_thread(scene: Play) -> None:
    async def acts(house: House) -> None:
        slack = house.slack
        message = slack.user_message(GENERAL, "do you deliver to my house?", user="U0BOB")
        answer = await house.one(slack.shortcut("answer_message", message))
        assert await house.after(slack.say(GENERAL, "how much is a cake?", user="U0BOB", thread_ts=message["ts"])) == []
        assert "what would you like to ask" not in (await house.one(slack.press(answer, label="Ask a person")))["text"].casefold()
        more = slack.user_message(GENERAL, "yes", user="U0BOB", thread_ts=message["ts"])
        assert not (await house.one(slack.shortcut("answer_message", more, user="U0BOB")))["text"].startswith("Your question is on its way")

    scene(acts)


def test_a_window_to_ask_in_answers_by_direct_message(scene: Play) -> None:
    async def acts(house: House) -> None:
        window = await house.view(house.slack.shortcut("ask_question"))
        refused = await (await house.slack.submit(window, {"question": {"value": {"value": " "}}})).done()
        assert refused.response["errors"] == {"question": "Write a question first."}
        answer = await house.one(house.slack.submit(window, {"question": {"value": {"value": "how much is a loaf?"}}}))
        assert (answer["channel"], answer["text"].startswith(BREAD)) == ("D0ALICE", True)
        assert (await house.one(house.slack.dm("and a cake?")))["text"].startswith(CAKE)
        assert await house.after(house.slack.submit(window, close=True)) == []

    scene(acts)


def test_an_edited_question_gets_its_answer_edited(scene: Play) -> None:
    async def acts(house: House) -> None:
        question = house.slack.user_message("D0ALICE", "how much is a cake?")
        answer = await house.one(house.slack.event(question))
        assert await house.after(house.slack.edit(question, "how much is a loaf of bread?")) == []
        assert house.slack.messages["D0ALICE", answer["ts"]]["text"].startswith(BREAD)
        assert len(house.shown("chat.update")) == 1

    scene(acts)


def test_a_preview_or_the_end_of_a_question_changes_no_answer(scene: Play) -> None:
    async def acts(house: House) -> None:
        question = house.slack.user_message("D0ALICE", "how much is a cake?")
        await house.one(house.slack.event(question))
        for quiet in (question["text"], None):
            assert await house.after(house.slack.edit(question, quiet)) == []
        assert house.shown("chat.update") == []

    scene(acts)


def test_an_edit_among_people_draws_the_bot_into_nothing(scene: Play) -> None:
    async def acts(house: House) -> None:
        slack, thread = house.slack, "1700000000.000300"
        said = slack.user_message(GENERAL, "bread is dear", thread_ts=thread)
        assert await house.after(slack.event(said)) == []
        assert await house.after(slack.edit(said, "bread is dear here")) == []
        assert await house.after(slack.say(GENERAL, "how much is a cake?", thread_ts=thread)) == []

    scene(acts)


def test_a_file_gets_one_line_and_a_caption_counts(scene: Play) -> None:
    async def acts(house: House) -> None:
        assert (await house.one(house.slack.dm("", subtype="file_share")))["text"].startswith("I can only read text.")
        assert (await house.one(house.slack.dm("how much is a cake?", subtype="file_share")))["text"].startswith(CAKE)

    scene(acts)
