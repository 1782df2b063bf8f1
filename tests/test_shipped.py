"""The shipped knowledge: every heading and number of the article is carried, and any message gets a sensible reply at once."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from bot.assembly import shipped_faq
from bot.authoring.lint import lint
from bot.authoring.scoring import entries_of, evaluate
from bot.dialogue.targets import EntryTarget
from bot.dialogue.turn import Utterance
from bot.knowledge.loader import load_all
from bot.knowledge.markup import plain

if TYPE_CHECKING:
    from bot.assembly import Bot

NUMBERS = {
    "AI PM vs AI Researcher: What’s the Difference?": ["Valenx Press", "11-minute"],
    "TL;DR": ["outcomes", "breakthroughs", "stakeholders", "projects fail"],
    "Who This Is For": ["technical people", "think like a PM", "innovation", "adoption"],
    "What does an AI PM actually do all day?": ["25 minutes", "generative design tool", "three weeks", "18%", "GPT-5", "F1", "SLA", "drift", "ambiguity"],
    "What does an AI Researcher actually do all day?": ["12%", "ablations", "NeurIPS", "six weeks", "Microsoft Research", "stable", "70%", "three follow-up papers"],
    "How do AI PMs and AI Researchers differ in skills and mindset?": [
        "90%", "95%", "96%", "two data centers", "Level 5", "bullet points", "token burn", "loss curve", "ROI", "short-term thinking", "over-engineering",
    ],
    "Who makes more money — AI PM or AI Researcher?": [
        "$450K–$700K", "$480K–$750K", "15–20%", "10–15%", "65–75%", "$50K–$100K", "L5/L6", "L7", "$300K", "by millions", "optionality", "volatile",
    ],
    "How do hiring managers evaluate AI PMs differently from AI Researchers?": [
        "backpropagation", "churn", "I trust the research team's evaluation metrics", "MRR", "AUC", "convex", "API", "playbook", "gradients vanish",
    ],
    "How do AI PMs and AI Researchers work together — or fail to?": ["99%", "76%", "six months ago", "quantization", "vending machine", "co-creation", "roadmap"],
    "Preparation Checklist": ["portfolio", "killed a project", "Adobe", "PM Interview Playbook", "limitations", "latency budgets"],
    "Mistakes to Avoid": ["transformers", "phased rollout", "loss functions", "build, buy, or skip"],
    "Can an AI Researcher become an AI PM?": ["depth to scope", "imperfect", "elegant"],
    "Do AI PMs need to code or train models?": ["PyTorch", "actionable", "A/B test"],
    "Which role has more career longevity?": ["funding cycles", "downturns", "pivoting", "outputs"],
    "What are the most common interview mistakes?": ["Three", "framework", "specific examples"],
    "Any tips for salary negotiation?": ["competing offers", "market rates", "RSU"],
    "Ready to build a real interview prep system?": ["PM Interview Prep System", "Kindle"],
}  # fmt: skip


def test_every_heading_carries_its_numbers_and_claims(shipped: Bot) -> None:
    assert set(NUMBERS) == set(shipped.base.sources[0].headings)
    for heading, wanted in NUMBERS.items():
        entries = [entry for entry in shipped.base.entries.values() if entry.heading == heading]
        cells = [cell for entry in entries for row in entry.rows for cell in (row.label, *row.cells.values())]
        said = " ".join([*(entry.answer for entry in entries), *cells])
        missing = [number for number in wanted if number.casefold() not in said.casefold()]
        assert not missing, f"{heading}: {missing}"


def test_no_number_is_said_that_the_list_does_not_know(shipped: Bot) -> None:
    known = set(re.findall(r"\d+", " ".join(number for numbers in NUMBERS.values() for number in numbers))) | {"2023", "3", "2"}
    for entry in shipped.base.entries.values():
        assert set(re.findall(r"\d+", f"{entry.answer} {entry.more}")) <= known, entry.id


def test_the_shipped_knowledge_has_no_fault_and_no_warning() -> None:
    assert lint(shipped_faq()) == []


def test_nobody_is_told_to_mention_the_bot_where_mentions_do_not_arrive(shipped: Bot) -> None:
    said = [reply for group in shipped.base.social.values() for reply in group.replies if "mention" in reply]
    assert all("in Slack" in reply and "/ask in Telegram" in reply for reply in said)
    assert not any("ention" in line for line in shipped.base.texts["joined_group"])


def test_every_entry_can_be_found_from_another_or_from_the_menu(shipped: Bot) -> None:
    topics = {topic.id for topic in shipped.base.topics}
    for entry in shipped.base.entries.values():
        assert entry.topic in topics
        assert 1 <= len(entry.follow_ups) <= 3
        assert len(plain(entry.answer)) <= 300


def test_most_held_out_questions_are_answered_and_what_is_not_covered_is_refused(shipped: Bot) -> None:
    _, loaded = load_all(shipped_faq())
    shares = evaluate(loaded.tests, shipped.assistant).shares()
    assert shares["all"]["right"] >= 0.74
    assert shares["all"]["right"] + shares["all"]["one tap"] >= 0.91
    assert shares["all"].get("wrong", 0) <= 0.05
    assert shares["not covered"].get("false answer", 0) <= 0.12
    assert shares["conversations"]["right"] >= 0.72


MESSAGES = {
    "empty": "",
    "spaces": " \n\t ",
    "very long": "how much does a staff AI PM earn " * 3200,
    "one long word": "x" * 100_000,
    "emoji": "🤖🤖🤖",
    "control characters": "how much\x00 does a\x07 PM \x1b[31mearn",
    "zero width": "how\u200bmuch does a st\u200daff PM e\ufeffarn",
    "right to left": "\u202ehow much does a staff PM earn\u202c",
    "homoglyphs": "hоw much dоes a stаff РM еarn",
    "full width": "ｈｏｗ ｍｕｃｈ ｄｏｅｓ ａ ｓｔａｆｆ ＰＭ ｅａｒｎ",
    "russian": "сколько зарабатывает менеджер продукта",
    "chinese": "产品经理赚多少钱",
    "arabic": "كم يكسب مدير المنتج",
    "lone surrogate": "how much \ud800 does a PM earn",
    "markup": "<script>alert(1)</script> **PM** {pay-staff-pm}",
    "many sentences": "Why? " * 400,
    "numbers": "1 2 3 4 5 6 7 8 9",
    "null words": "null NaN undefined None",
}


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES.keys())
def test_any_message_gets_a_sensible_reply_and_none_takes_very_long(shipped: Bot, message: str) -> None:
    begin = time.perf_counter()
    for attempt in range(20):
        shipped.conversations.respond(Utterance(f"does a PM need zzyzx {attempt}"), "warm")
    usual = (time.perf_counter() - begin) / 20
    times = []
    for attempt in range(3):
        begin = time.perf_counter()
        reply = shipped.conversations.respond(Utterance(message), f"{message[:20]!r} {attempt}").reply
        times.append(time.perf_counter() - begin)
    assert reply.plain_body
    assert min(times) < 250 * usual  # 125 ms where a short question takes half of one
    if message in {"", " \n\t "}:
        assert reply.kind == "empty"


@pytest.mark.parametrize("name", ["homoglyphs", "full width", "right to left", "lone surrogate"])
def test_disguised_letters_are_read_like_plain_ones(shipped: Bot, name: str) -> None:
    turn = shipped.conversations.respond(Utterance(MESSAGES[name]), f"disguised {name}")
    assert turn.match is not None
    assert turn.match.entries[0].id.startswith("pay-")


def ask(bot: Bot, text: str) -> tuple[str, ...]:
    return entries_of(bot.conversations.respond(Utterance(text), f"ask {text}").act)


def test_the_asking_part_of_a_long_message_is_found(shipped: Bot) -> None:
    text = (
        "Hi all, hope everyone had a good weekend. I joined the company three months ago from a bank where I did Java for eight "
        "years, and my manager thinks I should apply for the product role that opens in spring. I am flattered but nervous. "
        "Does an AI PM have to write code? Thanks so much in advance, and sorry for the long mail."
    )
    assert ask(shipped, text) == ("faq-code-no",)


def test_two_things_asked_at_once_get_two_short_answers(shipped: Bot) -> None:
    assert set(ask(shipped, "can a researcher become a PM, and how long are training runs?")) == {"faq-researcher-to-pm", "res-six-weeks"}


def test_a_situation_gets_the_advice_that_fits(shipped: Bot) -> None:
    text = "our scientist told the client it can go live tomorrow although every call costs a fortune and there is no plan B"
    assert ask(shipped, text) == ("mistake-researcher-ready",)


@pytest.mark.parametrize("text", ["salary", "interview", "bonus?", "portfolio", "what about the pay?"])
def test_a_word_that_leaves_open_what_is_meant_gets_the_question_that_decides(shipped: Bot, text: str) -> None:
    reply = shipped.conversations.respond(Utterance(text), f"open {text}").reply
    assert reply.act == "clarify"
    assert reply.text.endswith("?")
    assert 2 <= len([choice for choice in reply.choices if choice.target in {EntryTarget(id_) for id_ in shipped.base.entries}]) <= 3


@pytest.mark.parametrize(
    "text", ["what does a staff data scientist earn", "how much does an AI PM make in Munich", "AI PM salary at Nvidia"]
)
def test_a_role_a_country_or_a_company_that_is_not_covered_is_refused_with_what_is_near(shipped: Bot, text: str) -> None:
    reply = shipped.conversations.respond(Utterance(text), f"other {text}").reply
    assert reply.act == "out_of_scope"
    assert reply.follow_ups


@pytest.mark.parametrize(
    "text", ["what does a researcher earn at staff level", "how big is the researcher's bonus", "what does a researcher do all day"]
)
def test_a_question_about_the_researcher_is_not_answered_with_an_entry_about_the_pm(shipped: Bot, text: str) -> None:
    answered = ask(shipped, text)
    assert answered
    assert all(shipped.base.entries[id_].about.get("role") != "pm" for id_ in answered)
