"""The desk of the bakery: by itself, and with the bot around it at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from loopback.asked import ROOM
from loopback.house import House
from loopback.standin import DESK

from bot.delivery.handler import EventHandler
from bot.desk.desk import Desk
from bot.dialogue.assistant import Assistant

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from bot.assembly import Bot
    from bot.store.store import Store


@pytest.fixture
def desk(bakery: Bot) -> Desk:
    return Desk(bakery.base, ROOM)


@pytest.fixture
def here(
    request: pytest.FixtureRequest, bakery: Bot, store: Store, rows: Callable[[str], list[sa.Row[Any]]], monkeypatch: pytest.MonkeyPatch
) -> House:
    monkeypatch.setattr("bot.delivery.worker.POLL", 0.02)
    monkeypatch.setattr("bot.desk.answering.TAKE_BACK_WITHIN", 10.0)
    desk = getattr(request, "param", DESK)
    return House(store, EventHandler(Assistant(bakery.base, bakery.matcher, desk=desk is not None), desk), rows)
