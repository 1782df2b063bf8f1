"""Every surface of Telegram as people use it, by polling and by webhook: something is done there, and what comes back is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from loopback.running_telegram import WAYS, House, labels, play

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.assembly import Bot

    Play = Callable[..., None]

CAKE, BREAD, OPEN = "A cake is 20 euros.", "A loaf is 4 euros.", "We are open from 7 to 18"


pytestmark = pytest.mark.usefixtures("unhurried")


@pytest.fixture(params=WAYS)
def scene(request: pytest.FixtureRequest, bakery: Bot, tmp_path: Path) -> Play:
    def played(acts: Callable, **more: object) -> None:
        play(bakery, tmp_path, request.param, acts, **more)

    return played


def test_a_question_in_private_is_answered_with_what_one_can_do_next(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg = house.tg
        answer = await house.one(lambda: tg.send(house.chat, house.ann, "when are you open?"))
        assert answer["text"].startswith(OPEN)
        assert "reply_to_message" not in answer
        offered = ["How much is a loaf of bread?", "And what do you bake?", "How much is a cake?"]
        assert labels(answer) == [*offered, "👍", "👎", "⋯"]
        opened = await house.unfolded(answer)
        assert labels(opened) == [*offered, "👍", "👎", "‹", "More", "Share…", "Share with the team", "Ask a person"]
        folded = await house.one(lambda: tg.press(opened, "‹", house.ann), "editMessageReplyMarkup")
        assert labels(folded) == [*offered, "👍", "👎", "⋯"]
        bread = await house.one(lambda: tg.press(answer, "loaf of bread", house.ann))
        assert bread["text"].startswith(BREAD)
        assert (await house.one(lambda: tg.send(house.chat, house.ann, "and a cake?")))["text"].startswith(CAKE)

    scene(acts)


def test_the_rest_of_an_answer_comes_in_its_place(scene: Play) -> None:
    async def acts(house: House) -> None:
        answer = await house.one(lambda: house.tg.send(house.chat, house.ann, "when are you open?"))
        opened = await house.unfolded(answer)
        whole = await house.one(lambda: house.tg.press(opened, "More", house.ann), "editMessageText")
        assert whole["message_id"] == answer["message_id"]
        assert OPEN in whole["text"]
        assert "On Sundays" in whole["text"]
        assert "More" not in labels(await house.unfolded(whole))
        await house.after(lambda: house.tg.press(whole, "‹", house.ann))
        assert [call.method for call in await house.after(lambda: house.tg.press_data(whole, "v1:s:full:hours", house.ann))] == [
            "editMessageText"
        ]
        house.tg.violations.clear()  # "message is not modified" is what Telegram says to a second tap

    scene(acts)


def test_thumbs_go_once_pressed_and_a_reason_may_be_given(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg = house.tg
        answer = await house.one(lambda: tg.send(house.chat, house.ann, "how much is a cake?"))
        asked = await house.one(lambda: tg.press(answer, "👎", house.ann), "editMessageReplyMarkup")
        assert "👍" not in labels(asked)
        assert labels(asked)[-4:] == ["It is wrong", "Not what I asked", "Hard to understand", "Out of date"]
        done = await house.one(lambda: tg.press(asked, "Out of date", house.ann), "editMessageReplyMarkup")
        assert "Out of date" not in labels(done)
        toasts = [call.params.get("text") for call in tg.calls if call.method == "answerCallbackQuery"]
        assert toasts == [None, "Thank you, that is noted for the editor."]

    scene(acts)


def test_a_rating_in_a_group_is_kept_and_thanked_and_nothing_of_what_is_everybodys_changes(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg = house.tg
        answer = await house.one(lambda: tg.command(house.team, house.ann, "ask", "how much is a cake?"))
        assert await house.after(lambda: tg.press(answer, "👎", house.bob)) == []
        assert await house.after(lambda: tg.press(answer, "👍", house.ann)) == []
        assert labels(answer) == ["👍", "👎", "⋯"]
        toasts = [call.params.get("text") for call in tg.calls if call.method == "answerCallbackQuery"]
        assert toasts == ["Thank you, that is noted for the editor.", "Glad that it helped."]
        kept = house.store.read(lambda connection: connection.exec_driver_sql("SELECT up FROM ratings").scalars().all())
        assert sorted(map(bool, kept)) == [False, True]

    scene(acts)


def test_commands_in_private(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg = house.tg

        async def command(name: str, rest: str = "") -> dict:
            return await house.one(lambda: tg.command(house.chat, house.ann, name, rest))

        for _ in range(2):  # whoever says /start is greeted again
            assert labels(await command("start")) == ["When are you open?", "How much is a loaf of bread?", "All topics"]
        assert labels(await command("help")) == ["Visit us", "Bread and cake"]  # this knowledge has no words of its own for help
        menu = await command("topics")
        topic = await house.one(lambda: tg.press(menu, "Bread and cake", house.ann), "editMessageText")
        assert labels(topic)[-1] == "All topics"
        back = await house.one(lambda: tg.press(topic, "All topics", house.ann), "editMessageText")
        assert labels(back) == ["Visit us", "Bread and cake"]
        assert "Cake, by far." in (await command("compare", "bread and cake"))["text"]
        assert "for 90 days" in (await command("privacy"))["text"]
        assert (await command("human"))["text"].startswith(("May I pass", "What shall I ask"))
        assert (await command("forget"))["text"].startswith("Done. What you wrote")
        assert labels(await command("whatever")) == ["Visit us", "Bread and cake"]

    scene(acts)


def test_links_lead_to_an_entry_or_carry_a_question(scene: Play) -> None:
    async def acts(house: House) -> None:
        from bot.channels.telegram.keys import query_link

        for payload, said in (
            ("q_cake-price", CAKE),
            (query_link("how much is a loaf?"), BREAD),
            ("nonsense", "Hello!"),
            ("q_gone", "That answer has changed"),
        ):
            assert (await house.one(lambda payload=payload: house.tg.deep_link(house.ann, payload)))["text"].startswith(said)

    scene(acts)


def test_what_holds_no_text_gets_one_line_and_a_caption_counts(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg, picture = house.tg, [{"file_id": "1"}]
        for extra in ({"photo": picture}, {"voice": {"file_id": "2"}}, {"story": {"id": 3}}, {"dice": {"emoji": "🎲", "value": 3}}):
            assert (await house.one(lambda extra=extra: tg.send(house.chat, house.ann, "", **extra)))["text"].startswith(
                "I can only read text."
            )
        captioned = await house.one(lambda: tg.send(house.chat, house.ann, "", photo=picture, caption="how much is a cake?"))
        assert captioned["text"].startswith(CAKE)

    scene(acts)


def test_in_a_group_only_what_is_addressed_is_answered_as_a_reply(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg, team = house.tg, house.team
        asked = []
        answer = await house.one(lambda: asked.append(tg.command(team, house.ann, "ask", "how much is a loaf of bread?")))
        assert answer["reply_to_message"]["message_id"] == asked[0]["message_id"]
        assert (await house.one(lambda: tg.send(team, house.ann, "and a cake?", reply_to=answer)))["text"].startswith(CAKE)
        said = tg.send(team, house.bob, "when are you open?")
        assert (await house.one(lambda: tg.command(team, house.ann, "ask", reply_to=said)))["text"].startswith(OPEN)
        for quiet in (
            lambda: tg.send(team, house.bob, "how much is a cake?"),
            lambda: tg.send(team, house.bob, "how much is a cake?", reply_to=said),
            lambda: tg.send(team, house.bob, "/ask@other_bot how much is a cake?"),
            lambda: tg.edit(said, "how much is a cake?"),
        ):
            assert await house.after(quiet) == []

    scene(acts)


def test_people_in_a_group_have_talks_of_their_own(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg = house.tg
        await house.one(lambda: tg.command(house.team, house.ann, "ask", "how much is a loaf of bread?"))
        other = await house.one(lambda: tg.command(house.team, house.bob, "ask", "more"))
        assert other["text"].startswith("Tell me first")

    scene(acts)


def test_answers_stay_in_the_topic(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg = house.tg
        forum = tg.group("Forum", members=[house.ann], forum=True)
        topic = tg.topic(forum, "Bread")
        answer = await house.one(lambda: tg.command(forum, house.ann, "ask", "how much is a loaf of bread?", thread=topic))
        assert answer["message_thread_id"] == topic
        onward = await house.one(lambda: tg.press(answer, "How much is a cake?", house.ann))
        assert onward["message_thread_id"] == topic
        assert "message_thread_id" not in await house.one(lambda: tg.command(house.team, house.ann, "ask", "how much is a cake?"))

    scene(acts)


def test_a_mention_is_answered_where_it_arrives(scene: Play) -> None:
    async def acts(house: House) -> None:
        house.tg.mentions_reach_bot = True
        assert (await house.one(lambda: house.tg.send(house.team, house.ann, "how much is a cake?", mention=True)))["text"].startswith(CAKE)
        assert labels(await house.one(lambda: house.tg.send(house.team, house.ann, "", mention=True))) == ["Visit us", "Bread and cake"]

    scene(acts)


def test_a_group_that_the_bot_was_added_to_hears_one_line(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg = house.tg
        assert (await house.one(lambda: tg.bot_membership(house.team, house.ann, "left", "member")))["text"].startswith(
            "Hello! Ask me with /ask"
        )
        assert await house.after(lambda: tg.bot_membership(house.team, house.ann, "member", "administrator")) == []
        assert await house.after(lambda: tg.bot_membership(house.chat, house.ann, "member", "kicked")) == []

    scene(acts)


def test_what_the_desk_hides_behind_words_arrives_and_what_it_edits_is_heard_again(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg = house.tg
        await house.one(lambda: tg.send(house.chat, house.ann, "do you deliver to my house?"))
        consent = await house.one(lambda: tg.command(house.chat, house.ann, "human"))
        _, post = [call.result for call in await house.after(lambda: tg.press(consent, "with my name", house.ann))]
        events = []
        accept = house.gateway.accept
        house.channel._listener._gateway.accept = lambda event: events.append(event) or accept(event)
        link = {"type": "text_link", "offset": 4, "length": 3, "url": "https://bakery.example/map"}
        reply = []
        await house.after(lambda: reply.append(tg.send(house.desk, house.dora, "See map", reply_to=post, entities=[link])))
        await house.after(lambda: tg.edit(reply[0], "See the plan"))
        await house.after(lambda: tg.send(house.desk, house.dora, "", reply_to=post, sticker={"file_id": "1"}))
        key = f"telegram:{house.desk['id']}/{reply[0]['message_id']}"
        assert [(event.act.text, event.edited) for event in events] == [
            ("See map (https://bakery.example/map)", False),
            ("See the plan", True),
            ("", False),
        ]
        assert events[0].source == events[1].source == key

    scene(acts)


def test_a_question_goes_to_the_desk_and_the_answer_comes_back(scene: Play) -> None:
    async def acts(house: House) -> None:
        tg = house.tg
        await house.one(lambda: tg.send(house.chat, house.ann, "do you deliver to my house?"))
        consent = await house.one(lambda: tg.command(house.chat, house.ann, "human"))
        _, post = [call.result for call in await house.after(lambda: tg.press(consent, "with my name", house.ann))]
        assert post["chat"]["id"] == house.desk["id"]
        assert "Asked by Ann." in post["text"]
        said = [call.result for call in await house.after(lambda: tg.send(house.desk, house.dora, "On <Fridays> & later", reply_to=post))]
        back = next(message for message in said if message["chat"]["id"] == house.ann["id"])
        assert "On <Fridays> & later" in back["text"]
        told = next(message for message in said if message["chat"]["id"] == house.desk["id"])
        assert (await house.one(lambda: tg.press(told, "Keep as draft", house.dora)))["text"].startswith("Kept as a draft")
        assert await house.after(lambda: tg.send(house.desk, house.dora, "nice weather")) == []

    scene(acts)
