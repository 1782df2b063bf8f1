"""How the bot stands, told to admins and to the desk; and what operators may set of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from loopback.standin import DESK

from bot.contracts.events import Depth
from bot.contracts.outcomes import Outcome
from bot.delivery.status import TOLD, Status
from bot.settings import SettingsError, read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from bot.assembly import Bot

FAULTS = [f"faq.yaml:{n}:1: something is wrong with line {n}." for n in range(1, 7)]


def test_the_state_is_told_in_numbers(bakery: Bot) -> None:
    said = Status(bakery.base, DESK).report(Depth(waiting=11, oldest=5.0, aside=12), 13).plain_body
    for told in ("11", "12", "13", str(len(bakery.base.entries)), bakery.base.version[:8]):
        assert told in said
    assert "{" not in said
    assert bakery.base.version not in said


def test_the_desk_is_told_the_first_faults_and_how_many_more_there_are(bakery: Bot) -> None:
    (notice,) = Status(bakery.base, DESK).refused(FAULTS, 0.0).notices
    said = notice.message.reply.plain_body + "\n".join(map(str, getattr(notice.message.reply, "notes", ())))
    assert notice.message.address == DESK.address
    assert [fault in said for fault in FAULTS] == [True] * TOLD + [False] * (len(FAULTS) - TOLD)
    assert str(len(FAULTS) - TOLD) in said


def test_the_same_faults_make_the_same_notice_and_others_another(bakery: Bot) -> None:
    status = Status(bakery.base, DESK)
    same, again, other = (status.refused(faults, 0.0).notices[0].id for faults in (FAULTS, list(FAULTS), FAULTS[:2]))
    assert same == again != other
    assert status.accepted(0.0).notices[0].id not in {same, other}
    newer = Status(replace(bakery.base, version="f" * 64), DESK)
    assert newer.accepted(0.0).notices[0].id != status.accepted(0.0).notices[0].id


def test_where_nobody_stands_by_nobody_is_told(bakery: Bot) -> None:
    status = Status(bakery.base, None)
    assert status.refused(FAULTS, 0.0) == status.accepted(0.0) == Outcome()


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CAREERBOT_RATE")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("RATE", "0", (0,)),
        ("RATE", "20", (20,)),
        ("RATE", " 5 , 60 ", (5, 60)),
        ("ALLOW", "slack:T0A", ("slack:T0A",)),
        ("ALLOW", "slack:T0A, slack:C0B ,slack:T0A/C0D", ("slack:T0A", "slack:C0B", "slack:T0A/C0D")),
        (
            "ALLOW",
            "telegram:private,telegram:-100123,telegram:-100123:7,telegram:55",
            ("telegram:private", "telegram:-100123", "telegram:-100123:7", "telegram:55"),
        ),
        ("ADMINS", "slack:T0A/U0B, slack:T0A/W0C, telegram:123", ("slack:T0A/U0B", "slack:T0A/W0C", "telegram:123")),
        ("ADMINS", ",,", ()),
        ("LOG_LEVEL", "WARNING", "warning"),
    ],
)
def test_lists_are_written_with_commas_and_spaces_do_no_harm(monkeypatch: pytest.MonkeyPatch, name: str, value: str, meant: object) -> None:
    monkeypatch.setenv(f"CAREERBOT_{name}", value)
    assert getattr(read_settings(), name.casefold()) == meant


def test_what_is_not_set_holds_nobody_unduly() -> None:
    settings = read_settings()
    assert (settings.rate, settings.allow, settings.admins, settings.log_level) == ((20, 120), (), (), "info")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RATE", "abc"),
        ("RATE", "-1"),
        ("RATE", "1,2,3"),
        ("RATE", "1.5"),
        ("RATE", "1000000"),
        ("RATE", ","),
        ("ALLOW", "foo"),
        ("ALLOW", "slack:T0A,foo"),
        ("ALLOW", "#general"),
        ("ALLOW", "telegram:@group"),
        ("ADMINS", "U0ALICE"),
        ("ADMINS", "slack:U0ALICE"),
        ("ADMINS", "telegram:-100123"),
        ("ADMINS", "telegram:ann"),
        ("LOG_LEVEL", "loud"),
        ("METRICS_TOKEN", "short"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence_that_names_the_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"CAREERBOT_{name}", value)
    with pytest.raises(SettingsError) as error:
        read_settings()
    (line,) = str(error.value).splitlines()
    assert line.startswith(f"CAREERBOT_{name}: ")
    assert line.endswith(".")
    assert value not in line.removeprefix(f"CAREERBOT_{name}: ") or len(value) < 3  # a number may be that of the bound
