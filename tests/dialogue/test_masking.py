"""What nobody should find in a journal is blotted out, and nothing else is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.assembly import shipped_faq
from bot.dialogue.masking import masked
from bot.knowledge.loader import load, load_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.knowledge.entry import KnowledgeBase

TELEGRAM = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "address",
    [
        "ann@example.org",
        "Ann.Lee+jobs@mail.example.co.uk",
        "ANN_LEE@EXAMPLE.ORG",
        "o'neil@example.org",
        "ann%lee@example.org",
        "ann[at]example.org",
        "ann (at) example.org",
        "ann@münchen.de",
        "анна@пример.рф",
        "a-b@x-y.example",
    ],
)
def test_an_email_address_is_blotted_out(address: str) -> None:
    assert masked(f"Please write to {address}, or call.") == "Please write to [e-mail], or call."
    assert masked(address) == "[e-mail]"
    assert masked(f"<{address}>") == "<[e-mail]>"


@pytest.mark.parametrize(
    "number",
    [
        "+49 170 1234567",
        "+49-170-1234567",
        "+49 (0) 170 1234567",
        "+1 (415) 555-2671",
        "+1.415.555.2671",
        "+14155552671",
        "+44 20 7946 0958",
        "+7 (912) 345-67-89",
        "0049 170 1234567",
        "(415) 555-2671",
        "415-555-2671",
        "415.555.2671",
        "4155552671",
        "020 7946 0958",
        "030/1234567",
        "06 12 34 56 78",
    ],
)
def test_a_phone_number_is_blotted_out(number: str) -> None:
    assert masked(f"Call me: {number}, please.") == "Call me: [phone], please."
    assert masked(number) == "[phone]"


@pytest.mark.parametrize("between", [", ", " or ", "; ", " / ", " "])
@pytest.mark.parametrize("numbers", [("415-555-2671", "415-555-2672"), ("0170 1234567", "0170 7654321")])
def test_two_phone_numbers_in_a_row_are_both_blotted_out(numbers: tuple[str, str], between: str) -> None:
    left = masked(f"Call {between.join(numbers)}")
    assert not any(c.isdigit() for c in left), left


@pytest.mark.parametrize(
    "card",
    [
        "4111 1111 1111 1111",
        "4111111111111111",
        "4111-1111-1111-1111",
        "5500005555555559",
        "3782 822463 10005",
        "6011000990139424",
        "4222222222222",
    ],
)
def test_a_card_number_with_its_check_digit_is_blotted_out(card: str) -> None:
    assert masked(f"My card is {card}.") == "My card is [card]."


@pytest.mark.parametrize("after", [" 12/27", " 123", " 12/27 123", ", 12/27", " exp 12/27"])
@pytest.mark.parametrize("card", ["4111 1111 1111 1111", "4111111111111111"])
def test_a_card_number_is_blotted_out_before_its_date_and_code(card: str, after: str) -> None:
    assert card not in masked(f"My card is {card}{after}")


@pytest.mark.parametrize("number", ["4111 1111 1111 1112", "4111111111111112"])
def test_as_many_digits_without_a_check_digit_are_no_card(number: str) -> None:
    assert "[card]" not in masked(number)


@pytest.mark.parametrize(
    "token",
    [
        "xoxb-123456789012-abcdefGHIJ",
        "xoxp-12-34-ab",
        "xapp-1-A0B1-12-abcdef",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "github_pat_11ABCDEFG_abcdefgh",
        "glpat-abc_DEF-123",
        "sk-abcdefghijklmnopqrstuvwx",
        "sk-proj-abcdef_ghijkl-mnopqrst",
        "AKIAIOSFODNN7EXAMPLE",
        JWT,
        TELEGRAM,
    ],
)
def test_a_token_is_blotted_out(token: str) -> None:
    assert masked(f"It says {token} is wrong.") == "It says [token] is wrong."
    assert masked(f"token={token}") == "token=[token]"


def test_the_secret_of_a_telegram_token_is_blotted_out_within_its_address() -> None:
    assert TELEGRAM.partition(":")[2] not in masked(f"https://api.telegram.org/bot{TELEGRAM}/getMe")


@pytest.mark.parametrize(
    "text",
    [
        "$450K–$700K",
        "450,000 - 700,000",
        "450.000 - 700.000",
        "450 000 - 700 000",
        "450000-700000",
        "$450,000-$700,000",
        "€450.000",
        "between 450000 and 700000",
        "1,200,000",
        "2019-2024",
        "2019 - 2024",
        "2019/2020",
        "in 2019, 2020 and 2021",
        "L5/L6",
        "65–75%",
        "15-20%",
        "90%, 95%, 96%",
        "100000",
        "GPT-4 and GPT-5",
        "5-10 years",
        "Is $450K–$700K usual at L7 in 2024-2025?",
        "How do AI PMs and AI Researchers differ?",
        "I earn 180,000 at L5/L6, is 15-20% more realistic?",
        "It happened @ work, at 9.30 on a Monday.",
        "option 2, then 3; 24/7",
        "",
        " \n\t",
        "🎂",
    ],
)
def test_what_people_ask_about_stays(text: str) -> None:
    assert masked(text) == text


def test_nothing_of_the_shipped_knowledge_is_blotted_out() -> None:
    spoilt = {text: masked(text) for text in _said(load(shipped_faq())) if masked(text) != text}
    assert spoilt == {}
    _, loaded = load_all(shipped_faq())
    figures = [figure.text for figure in loaded.main.figures.values()]
    assert figures
    assert [masked(figure) for figure in figures] == figures


def _said(base: KnowledgeBase) -> Iterator[str]:
    """All that the bot says and all that people are known to ask."""
    for entry in base.entries.values():
        yield from (entry.question, entry.title, entry.answer, entry.more, *entry.phrasings)
        yield from (cell for row in entry.rows for cell in (row.label, *row.cells.values()))
    for subject in base.subjects.values():
        yield from (subject.reply, *subject.phrasings)
    for group in base.social.values():
        yield from (*group.replies, *group.phrasings)
    for lines in base.texts.values():
        yield from lines


@pytest.mark.parametrize(("text", "left"), [("a\0b", "a b"), ("a\ud800b", "a?b"), ("\udfff", "?"), ("ann@example.org\0", "[e-mail] ")])
def test_characters_that_no_database_takes_are_replaced(text: str, left: str) -> None:
    assert masked(text) == left


PIECES = st.sampled_from(
    [
        "ann@example.org",
        "0170 1234567",
        "+49",
        "4111 1111 1111 1111",
        "450,000",
        "2019",
        "xoxb-1",
        "sk-",
        JWT,
        TELEGRAM,
        "1",
        "23",
        *" /-.,%@(x",
        "[at]",
    ]
)
ANYTHING = st.text(st.characters(exclude_categories=[])) | st.lists(PIECES, max_size=12).map("".join)


@given(ANYTHING)
def test_any_text_can_be_kept_once_it_is_masked(text: str) -> None:
    left = masked(text)
    assert "\0" not in left
    assert left.encode("utf-8").decode("utf-8") == left


@given(ANYTHING)
@example("4111111111111111xoxb-1")
def test_masking_twice_is_masking_once(text: str) -> None:
    assert masked(masked(text)) == masked(text)


@given(st.emails())
def test_any_email_address_within_a_sentence_is_gone(address: str) -> None:
    assert address not in masked(f"Please write to {address} about it.")


@pytest.mark.parametrize("piece", ["a", "a.", "a-", "1-", "eyJ", "a@", "1 ", " "])
def test_a_very_long_message_is_masked_in_no_time(piece: str) -> None:
    begun = time.perf_counter()
    masked(piece * (12_000 // len(piece)))
    assert time.perf_counter() - begun < 0.5
