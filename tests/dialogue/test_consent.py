"""The way to a person: nothing is passed on before whoever asked has seen it and said yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.dialogue.assistant import Assistant
from bot.dialogue.consent import chosen, heard, wished
from bot.dialogue.conversations import Conversations
from bot.dialogue.session import Session
from bot.dialogue.targets import ConsentTarget, EntryTarget, NoneOfThese, PersonTarget, TopicTarget
from bot.dialogue.turn import Answer, Clarify, Command, Context, Forget, HandOff, HashedKey, Selection, UserAct, Utterance

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.assembly import Bot
    from bot.dialogue.assistant import Turn
    from bot.dialogue.targets import Target

    Hold = Callable[..., Turn]

BREAD = "how much is a loaf of bread"
WISH = "talk to a human"
WEDDING = "Do you bake for weddings?"
NAMED, ANONYMOUS, OTHER = ConsentTarget("named"), ConsentTarget("anonymous"), ConsentTarget("other")
NONE, PERSON = NoneOfThese(), PersonTarget()
CONSENT = [
    (NAMED, "Yes, with my name"),
    (ANONYMOUS, "Yes, without my name"),
    (OTHER, "Ask something else"),
    (NONE, "No, keep it here"),
]


@pytest.fixture
def hold(bakery: Bot) -> Hold:
    """Hold a new conversation and get its last turn; `desk` tells whether somebody stands by."""

    def held(*acts: str | UserAct, desk: bool = True) -> Turn:
        conversations = Conversations(Assistant(bakery.base, bakery.matcher, desk=desk))
        return [conversations.respond(Utterance(act) if isinstance(act, str) else act) for act in acts][-1]

    return held


def tap(target: Target) -> Selection:
    return Selection(target)


@pytest.mark.parametrize("wish", [WISH, tap(PERSON), Command("person")])
def test_a_wish_for_a_person_shows_the_last_question_and_asks_for_consent(hold: Hold, wish: str | UserAct) -> None:
    turn = hold(BREAD, wish)
    assert isinstance(turn.act, HandOff)
    assert (turn.act.step, turn.act.question) == ("consent", BREAD)
    assert (turn.reply.act, turn.reply.quote) == ("handoff", BREAD)
    assert turn.reply.text.startswith("May I pass this on")
    assert [(choice.target, choice.label) for choice in turn.reply.choices] == CONSENT


def test_a_wish_without_a_question_asks_for_one_in_the_words_of_the_editor(hold: Hold) -> None:
    turn = hold(WISH)
    assert isinstance(turn.act, HandOff)
    assert (turn.act.step, turn.act.group) == ("question", "person")
    assert (turn.reply.text, turn.reply.choices) == ("I can ask the baker.", ())


@pytest.mark.parametrize("question", [WEDDING, "when are you open", "hello", "1", "I want to speak to a person", "no sugar in it?"])
def test_whatever_is_said_then_is_the_question_that_is_shown_for_consent(hold: Hold, question: str) -> None:
    turn = hold(WISH, question)
    assert turn.act == HandOff("consent", question=question)
    assert turn.reply.quote == question
    assert hold(WISH, question, "yes").act == HandOff("passed", question=question)


@pytest.mark.parametrize(
    ("agreement", "named"),
    [
        ("1", True),
        ("the first one", True),
        ("Yes, with my name", True),
        ("with my name please", True),
        ("sure, use my name", True),
        ("my name is ok", True),
        (tap(NAMED), True),
        ("2", False),
        ("option 2", False),
        ("Yes, without my name!", False),
        ("yes", False),
        ("Yes please.", False),
        ("ok", False),
        ("go ahead", False),
        ("anonymously, please", False),
        ("no name", False),
        (tap(ANONYMOUS), False),
    ],
)
def test_a_yes_passes_the_question_on_and_only_a_word_of_it_tells_the_name(hold: Hold, agreement: str | Selection, named: bool) -> None:  # noqa: FBT001
    turn = hold(BREAD, WISH, agreement)
    assert turn.act == HandOff("passed", question=BREAD, named=named)
    assert turn.reply.text.startswith("Your question is on its way")
    assert (turn.session.handing, turn.session.to_desk, turn.session.offered) == ("", "", ())


@pytest.mark.parametrize(
    "refusal", ["4", "no", "No.", "cancel", "/cancel", "never mind", "forget it", "no, keep it here", "no thanks", tap(NONE)]
)
def test_a_no_keeps_the_question_back(hold: Hold, refusal: str | Selection) -> None:
    turn = hold(BREAD, WISH, refusal)
    assert turn.act == HandOff("kept")
    assert turn.reply.text == "All right, nothing was passed on."
    assert (turn.session.handing, turn.session.to_desk) == ("", "")


@pytest.mark.parametrize("refusal", ["cancel", "no", "Never mind!", "stop please", "cancel please"])
def test_the_question_need_not_be_told(hold: Hold, refusal: str) -> None:
    assert hold(WISH, refusal).act == HandOff("kept")


@pytest.mark.parametrize("refusal", ["no, never mind", "actually, never mind", "ok, cancel"])
@pytest.mark.parametrize("before", [(WISH,), (BREAD, WISH)])
def test_a_no_may_have_a_word_in_front(hold: Hold, before: tuple[str, ...], refusal: str) -> None:
    assert hold(*before, refusal).act == HandOff("kept")


@pytest.mark.parametrize("other", ["3", "ask something else", "the third one", tap(OTHER)])
def test_another_question_takes_the_place_of_the_last_one(hold: Hold, other: str | Selection) -> None:
    turn = hold(BREAD, WISH, other)
    assert turn.act == HandOff("question")
    assert turn.reply.text.startswith("What shall I ask for you?")
    assert hold(BREAD, WISH, other, WEDDING, "1").act == HandOff("passed", question=WEDDING, named=True)


@pytest.mark.parametrize("before", [(WISH,), (BREAD, WISH)])
@pytest.mark.parametrize(
    ("said", "entry"),
    [
        ("never mind, how much is bread?", "bread-price"),
        ("Never mind: how much is a cake?", "cake-price"),
        ("forget it, what do you bake?", "sorts"),
        ("no, never mind. When are you open?", "hours"),
    ],
)
def test_who_turns_away_and_asks_is_answered_again(hold: Hold, before: tuple[str, ...], said: str, entry: str) -> None:
    turn = hold(*before, said)
    assert isinstance(turn.act, Answer | Clarify)
    assert entry in (turn.act.entries if isinstance(turn.act, Answer) else turn.act.choices)
    assert (turn.session.handing, turn.session.to_desk) == ("", "")


@pytest.mark.parametrize(
    "said",
    [
        "maybe",
        "yes or no?",
        "who reads that?",
        "is my name told?",
        ",",
        "?",
        "🎂",
        "",
        "what do you bake",
        "👍",
        "never mind, thanks",
        "topics",
    ],
)
@pytest.mark.parametrize("then", ["", "yes", "with my name"])
def test_nothing_but_a_yes_to_what_is_shown_passes_it_on(hold: Hold, said: str, then: str) -> None:
    assert not _passed(hold(BREAD, WISH, said))
    assert not _passed(hold(BREAD, WISH, said, then))


def _passed(turn: Turn) -> bool:
    return isinstance(turn.act, HandOff) and turn.act.step == "passed"


@pytest.mark.parametrize("between", ["9", "12", "thanks", "hello"])
@pytest.mark.parametrize(("agreement", "named"), [("1", True), (tap(NAMED), True), ("yes", False)])
def test_a_wrong_number_or_small_talk_leaves_the_consent_open(hold: Hold, between: str, agreement: str | Selection, named: bool) -> None:  # noqa: FBT001
    assert hold(BREAD, WISH, between, agreement).act == HandOff("passed", question=BREAD, named=named)


@pytest.mark.parametrize("button", [NAMED, ANONYMOUS])
@pytest.mark.parametrize("before", [(), (BREAD,), (BREAD, WISH, "yes"), (BREAD, WISH, "no"), (BREAD, WISH, "what do you bake")])
def test_an_old_button_with_nothing_to_pass_on_asks_for_the_question(hold: Hold, before: tuple[str, ...], button: Target) -> None:
    turn = hold(*before, tap(button))
    assert turn.act == HandOff("question")
    assert turn.session.handing == "question"


def test_forget_me_is_heard_at_every_step(hold: Hold) -> None:
    assert hold(BREAD, WISH, "forget me").act == Forget()
    assert hold(WISH, "forget me").act == Forget()


@pytest.mark.parametrize("wish", [WISH, tap(PERSON), tap(OTHER), Command("person")])
@pytest.mark.parametrize("before", [(), (BREAD,)])
def test_a_wish_where_nobody_stands_by_is_told_so(hold: Hold, before: tuple[str, ...], wish: str | UserAct) -> None:
    turn = hold(*before, wish, desk=False)
    assert isinstance(turn.act, HandOff)
    assert turn.act.step == "nobody"
    assert "Nobody stands by" in turn.reply.text
    assert (turn.session.handing, turn.reply.choices) == ("", ())


@pytest.mark.parametrize("button", [NAMED, ANONYMOUS])
def test_an_old_button_where_nobody_stands_by_any_more_says_so(bakery: Bot, button: Target) -> None:
    nobody = Assistant(bakery.base, bakery.matcher, desk=False)
    for session in (Session(), Session(handing="consent", to_desk=BREAD)):
        assert nobody.turn(tap(button), session, Context(HashedKey(""))).act == HandOff("nobody")


def test_a_wish_is_taken_by_what_there_is_to_ask_and_who_stands_by() -> None:
    wish = HandOff("wished", 0.9, "person", 3)
    assert wished(wish, Session(question=BREAD), desk=False) == HandOff("nobody", 0.9, "person", 3)
    assert wished(wish, Session(), desk=True) == HandOff("question", 0.9, "person", 3)
    assert wished(wish, Session(question=BREAD), desk=True) == HandOff("consent", 0.9, question=BREAD)


@pytest.mark.parametrize("text", ["yes", "cancel", "with my name", WEDDING])
def test_words_mean_nothing_of_it_while_nothing_is_awaited(text: str) -> None:
    assert heard(text, Session(question=BREAD, to_desk=WEDDING)) is None


@pytest.mark.parametrize("target", [NONE, EntryTarget("cake-price"), TopicTarget("bread"), EntryTarget("")])
def test_other_targets_have_nothing_to_do_with_it(target: Target) -> None:
    assert chosen(target, Session(), desk=True) is None
