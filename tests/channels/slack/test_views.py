"""The home page and the windows: calm, complete, and what Slack takes."""

from __future__ import annotations

from loopback.running_slack import buttons, labels, written
from loopback.slack_people import to_press

from bot.channels.slack import views
from bot.channels.slack.addresses import SlackAddress
from bot.contracts.ports import PastQuestion
from bot.dialogue.reply import Choice, Reply, Table
from bot.dialogue.targets import EntryTarget, TopicTarget
from bot.language.english.wording import TEXTS

HOURS = Choice(EntryTarget("hours"), "When are you open?")
TOPICS = (Choice(TopicTarget("pay"), "Pay"), Choice(TopicTarget("work"), "Work"))
GREETING = Reply("social", "Hello!", "greeting", follow_ups=(Choice(EntryTarget("prompt"), "Prompt?"), *TOPICS))


def words(key: str, **values: str) -> str:
    return TEXTS[key][0].format_map(values)


def test_the_home_page_has_what_is_popular_the_topics_and_what_was_asked_lately_and_is_calm() -> None:
    lately = [PastQuestion("When?", "when"), PastQuestion("when", "when"), PastQuestion("zxqv?", "")]
    page = views.home(GREETING, [HOURS], lately, words, desk=False)
    assert buttons(page) == ["When are you open?", "What is kept of me", "Forget me"]
    menus = {element["action_id"]: labels({"blocks": [{"type": "actions", "elements": [element]}]}) for _, element, _ in to_press(page)}
    assert (menus["home:topics"], menus["home:asked"]) == (["Pay", "Work"], ["When?"])
    assert "zxqv?" in written(page["blocks"])


def test_the_home_page_says_how_to_ask_and_promises_people_only_where_they_are() -> None:
    for desk in (True, False):
        told = written(views.home(GREETING, [HOURS], (), words, desk=desk)["blocks"])
        assert told.startswith("Hello!")
        assert words("home_how") in told
        assert (words("home_desk") in told) is desk


def test_what_is_popular_is_told_by_the_question_of_its_card() -> None:
    assert views.popular([("hours", Reply("answer", "**When are you open?**\nFrom 7."))]) == [HOURS]


def test_another_page_leads_on_and_back_unless_there_is_no_way_back() -> None:
    answer = Reply("answer", "From 7.", sources=("Hours",), follow_ups=(HOURS,) * 9, more=True, entries=("hours",))
    assert buttons(views.page(answer, words)) == [HOURS.label] * 3 + ["More", "All topics"]
    assert buttons(views.page(Reply("social", "Not here."), words, back=False)) == ["What is kept of me", "Forget me"]


def test_a_comparison_on_the_home_page_has_its_cells_side_by_side() -> None:
    table = Table(("PM", "Researcher"), (("Pay", ("1", "2")), ("Pull", ("3", "4"))))
    drawn = views.page(Reply("answer", "See:", table=table, entries=("a",)), words)["blocks"]
    assert [block["type"] for block in drawn] == ["rich_text", *["rich_text", "section"] * 2, "actions"]
    assert [field["text"] for field in drawn[4]["fields"]] == ["PM\n3", "Researcher\n4"]


def test_what_a_window_sends_is_said_on_its_button() -> None:
    assert [view["submit"]["text"] for view in (views.ask(words), views.share("a", SlackAddress(channel="C1"), words))] == [
        "Ask",
        "Share it",
    ]
