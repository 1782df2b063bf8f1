"""What version 0.1 has kept is taken over: what waited is answered as 0.1 would have, conversations go on, old buttons still work."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from loopback.slack import FakeSlack
from loopback.slack_people import to_press
from loopback.slack_state import BOT, Responder
from loopback.standin import until
from loopback.telegram import FakeTelegram

from bot import assembly
from bot.channels.slack import addresses as in_slack
from bot.channels.slack import views
from bot.channels.slack.reader import Reader as SlackReader
from bot.channels.telegram import keys
from bot.channels.telegram.reader import Reader as TelegramReader
from bot.contracts.events import DeskReply
from bot.dialogue.assistant import Assistant
from bot.dialogue.targets import EntryTarget, read_target, written
from bot.dialogue.turn import Context, HashedKey, RawKey, Selection, Utterance, turn_id
from bot.language.english.wording import TEXTS
from bot.serve.supervisor import Supervisor
from bot.settings import Settings
from bot.store.codec import read_session
from bot.store.migrate import HEAD
from bot.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loopback.slack_state import Call as SlackCall
    from loopback.telegram_state import Call as TelegramCall

    from bot.assembly import Bot
    from bot.store.store import Store

    Json = dict[str, Any]

KEPT = Path(__file__).parent / "data" / "version_0_1"
MADE: Json = json.loads((KEPT / "made.json").read_text("utf-8"))
DRAWN: Json = json.loads((KEPT / "buttons.json").read_text("utf-8"))
SAYS = {
    "slack": frozenset({"chat.postMessage", "chat.postEphemeral", "chat.update", "response_url"}),
    "telegram": frozenset({"sendMessage", "editMessageText", "editMessageReplyMarkup"}),
}
REWORDED = {
    "Done: it is there for all to see, and they can go on asking.": "shared",
    "Hello! Mention me with a question and I answer in the thread; nothing else here concerns me.": "joined",
    "Hello! Ask me with /ask and your question, or reply to what I say; nothing else here concerns me.": "joined_group",
    "Passed on. You hear from me here as soon as somebody takes it or answers.": "handoff_passed",
    "A question for you. Your reply to this message goes back to whoever asked it.": "desk_question",
}
"""What version 0.1 said in words that have changed since, and the keys of those."""
DIFFERS = ("answers (version", "Passed on to whoever asked.", TEXTS["desk_answered"][0], TEXTS["desk_delivered"][0])
"""What an admin hears of what waits, which differs from run to run, and the desk of its answers, which now wait for a moment."""

pytestmark = pytest.mark.usefixtures("unhurried")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A copy of what version 0.1 has left in its data directory."""
    for name in ("careerbot.db", "secret"):
        shutil.copy(KEPT / name, tmp_path)
    return tmp_path


@pytest.fixture
def old(directory: Path) -> Iterator[Store]:
    with assembly.opened_store(Settings(data_dir=directory)) as store:
        yield store


def expected(platform: str) -> list[Json]:
    """The calls that version 0.1 itself made for what waited."""
    events = [event for event in MADE["inbox"] if event["state"] != "aside"]
    calls = [call for event in [*events, *MADE["further"].values()] for call in event.get("expected", event).get("calls", [])]
    return [call for call in calls if call["method"] in SAYS[platform] and "inline_message_id" not in call]  # shared cards stay as they are


async def a_slack() -> FakeSlack:
    """A Slack in which the messages stand that 0.1 had sent."""
    slack, there = FakeSlack(), MADE["platforms"]["slack"]
    await slack.start(there["port"])
    everybody = set(re.findall(r'"(U0[A-Z0-9]+)"', json.dumps(MADE)))  # 0.1 did not ask who is in a channel
    for channel in ("C0GENERAL", "C0OTHER", "C0NEWER", "C0TEAM"):
        slack.channels.setdefault(channel, {})["members"] = sorted(everybody)
    for name, where in there["response_urls"].items():
        slack._responders[name] = Responder(*where)
    for call in expected("slack"):
        if call["method"] == "chat.update":
            held = {"channel": call["channel"], "ts": call["ts"], "bot_id": BOT, "text": ""}
            slack.messages[call["channel"], call["ts"]] = held
    return slack


async def a_telegram() -> FakeTelegram:
    """The same in Telegram."""
    tg = FakeTelegram(rate="off")
    await tg.start()
    people: dict[int, Json] = {}
    for chat in MADE["platforms"]["telegram"]["chats"]:
        tg.chats[chat["id"]] = {**chat, "_members": people, "_admins": set()}
    for call in expected("telegram"):
        chat = int(call["chat_id"])
        if chat > 0:
            people[chat] = tg.user("Ann", user_id=chat)
            tg.private(people[chat])
        if call["method"].startswith("edit"):
            number = int(call["message_id"])
            tg.messages[chat, number] = {"message_id": number, "chat": {"id": chat}, "from": tg.me, "text": "x", "date": 1}
    return tg


async def worked_off(platform: str, fake: FakeSlack | FakeTelegram, directory: Path) -> None:
    """Work off all that waits for one platform, as a start of the bot does."""
    there = MADE["platforms"][platform]
    rooms = {"desk": there["desk"], "team_room": there["team_room"], "admins": there.get("admins", ())}
    tokens = (
        {"slack_bot_token": fake.bot_token, "slack_app_token": fake.app_token, "slack_api_url": fake.api_url}
        if platform == "slack"
        else {"telegram_bot_token": fake.token, "telegram_api_url": fake.root_url}
    )
    settings = Settings(faq=KEPT / "knowledge" / "faq.yaml", data_dir=directory, rate=(0,), **rooms, **tokens)
    bot, supervisor = assembly.assemble(settings), Supervisor()
    made = assembly.slack_of if platform == "slack" else assembly.telegram_of
    with assembly.opened_store(settings, [platform]) as store:
        async with made(settings, bot) as channel:
            gateway = assembly.gateway_of(
                settings, bot, store, {platform: channel}, assembly.room_of(settings.desk), assembly.room_of(settings.team_room)
            )
            async with channel.listening(gateway, supervisor):
                await until(lambda: channel.ready)
                async with gateway.working(supervisor):
                    await until(lambda: not waiting(store, platform), seconds=60)
    supervisor.check()


def waiting(store: Store, platform: str) -> bool:
    """Whether anything waits for a platform."""
    return bool(
        store.read(lambda c: c.exec_driver_sql("SELECT 1 FROM inbox WHERE NOT aside AND platform = ? LIMIT 1", (platform,)).first())
    )


@pytest.mark.parametrize("platform", ["slack", "telegram"])
def test_what_waited_is_answered_as_version_0_1_would_have(directory: Path, platform: str) -> None:
    async def main() -> None:
        fake = await (a_slack() if platform == "slack" else a_telegram())
        try:
            await worked_off(platform, fake, directory)
        finally:
            await fake.stop()
        calls = [call for call in fake.calls if call.method in SAYS[platform]]
        said = Counter((call.method, today(told(call))) for call in calls)  # what 0.1 had decided is sent in its words
        wanted = Counter((call["method"], today(unlabelled(call["text"]))) for call in expected(platform))
        for counter in (said, wanted):
            for key in [key for key in counter if any(part in key[1] for part in DIFFERS)]:
                del counter[key]
        assert said == wanted
        assert [call for call in calls if not (call.reply.get("ok") if platform == "slack" else call.ok)] == []

    asyncio.run(main())


def today(text: str) -> str:
    """A text of version 0.1 in the words of today."""
    for before, key in REWORDED.items():
        text = text.replace(before, TEXTS[key][0])
    return text


def told(call: SlackCall | TelegramCall) -> str:
    """The text of a call on either platform, without how the desk answers, which version 0.1 told in the text itself."""
    arguments: Json = call.args if hasattr(call, "args") else call.params
    text = arguments.get("text", "").replace(f"\n\n<i>{TEXTS['desk_by_reply'][0]}</i>", "")
    return unlabelled(text, [part["text"]["text"] for _, _, part in to_press(arguments)])


def unlabelled(text: str, labels: Sequence[str] = ()) -> str:
    """A text without the lines that repeat the labels of buttons: version 0.1 told only those of choices, and before the source."""
    lines = (line for line in text.split("\n") if " · " not in line and line.removeprefix("Next: ") not in labels)
    return "\n".join(lines)


@pytest.mark.parametrize("name", [*MADE["sessions"]])
def test_a_conversation_goes_on_where_it_was(old: Store, bakery: Bot, name: str) -> None:
    held, assistant = MADE["sessions"][name], Assistant(bakery.base, bakery.matcher, desk=True)
    conversation = old.hashed(RawKey(held["conversation"]))
    kept = old.read(lambda c: c.exec_driver_sql("SELECT state FROM sessions WHERE conversation = ?", (conversation,)).scalar())
    session = read_session(kept)
    assert session is not None
    for said, then in held["then"].items():
        context = Context(conversation, HashedKey(held["state"].get("asker", "")), at=held["state"]["at"])
        turn = assistant.turn(Utterance(said), session, context)
        assert type(turn.act).__name__.replace("Rating", "Rated") == then["act"], said
        assert turn.reply.plain_body == today(then["text"]), said
        assert [written(choice.target) for choice in turn.reply.choices] == then["choices"] or not turn.reply.choices, said


def test_questions_at_the_desk_are_still_known(old: Store) -> None:
    for kept in MADE["questions"]:
        question = old.question(kept["id"])
        assert question is not None
        assert (question.state, question.text, question.answer, question.post) == (
            kept["state"],
            kept["text"],
            kept["answer"],
            kept["post"],
        )
        assert question.desk.platform == kept["desk_platform"]
        assert question.asker is None or question.asker.address.platform == kept["platform"]
        assert kept["state"] == "withdrawn" or question.asker is not None
        if kept["post"]:
            assert old.question_of_post(kept["post"]) == question


def test_what_was_answered_can_still_be_edited(old: Store) -> None:
    assert {source: old.answer_to(source) for source in MADE["answers"]} == MADE["answers"]


def test_the_tables_are_brought_up_to_date_and_nothing_of_them_is_lost(old: Store) -> None:
    def count(table: str) -> int:
        return int(old.read(lambda c: c.execute(sa.select(sa.func.count()).select_from(metadata.tables[table])).scalar_one()))

    assert old.read(lambda c: c.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()) == HEAD
    assert {table: count(table) for table in MADE["counted"]} == MADE["counted"]


def buttons(message: Json) -> list[str]:
    """What the buttons of a message in Slack carry."""
    return [e["value"] for block in message.get("blocks", []) if block["type"] == "actions" for e in block["elements"] if "value" in e]


@pytest.mark.parametrize("name", [*DRAWN["slack"]["messages"]])
def test_buttons_in_slack_lead_where_they_led(name: str) -> None:
    message = DRAWN["slack"]["messages"][name]
    pressed = [(e, block) for block in message["blocks"] if block["type"] == "actions" for e in block["elements"]]
    for element, _ in pressed:
        body = {
            "type": "block_actions",
            "team": {"id": "T0FAKE"},
            "user": {"id": "U0ANN"},
            "trigger_id": "1.1",
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": message["channel"]},
            "actions": [{"action_id": element["action_id"], "value": element.get("value", "")}],
        }
        event = SlackReader("slack:C0DESK").event("press", body)
        if element["action_id"].startswith("pick"):
            assert event is not None
            assert isinstance(event.act, Selection)
            assert written(event.act.target) == element["value"]
        else:
            assert (event is None) == (element["action_id"] == "share")


@pytest.mark.parametrize("name", [*DRAWN["telegram"]["messages"]])
def test_buttons_in_telegram_lead_where_they_led(name: str) -> None:
    message = DRAWN["telegram"]["messages"][name]
    markup = message.get("reply_markup", {})
    data = [b["callback_data"] for row in markup.get("inline_keyboard", []) for b in row if "callback_data" in b]
    for number, one in enumerate(data):
        action, key = keys.read_data(one)
        update = {"update_id": number, "callback_query": {"id": "1", "from": {"id": 5, "is_bot": False}, "data": one, "message": message}}
        event = TelegramReader().event(update, {"id": 123456})
        assert action is not None
        assert event is not None
        assert not isinstance(event.act, DeskReply)
        if isinstance(event.act, Selection):
            assert written(event.act.target) == key
            assert event.edits == (f"telegram:{message['chat']['id']}/{message['message_id']}" if event.edits else "")


def test_a_window_to_share_in_that_is_still_open_shares() -> None:
    view = next(view for view in DRAWN["slack"]["views"].values() if view["callback_id"] == views.SHARE)
    typed = {views.WHERE: {"value": {"selected_conversation": "C0OTHER"}}, views.REMARK: {"value": {"value": "Look"}}}
    body = {"team": {"id": "T0FAKE"}, "user": {"id": "U0ANN"}, "view": {**view, "id": "V1", "hash": "1", "state": {"values": typed}}}
    event = SlackReader().event("submission", body)
    assert event is not None
    assert event.share_into is not None
    assert in_slack.unpacked(event.share_into.place).channel == "C0OTHER"
    assert event.address is not None
    assert in_slack.unpacked(event.address.place).channel == json.loads(view["private_metadata"])["back"]["channel"]


def test_a_rating_names_the_turn_that_it_named(old: Store) -> None:
    rated = MADE["ratings"][0]["turn"]
    assert old.read(lambda c: c.exec_driver_sql("SELECT 1 FROM turns WHERE id = ?", (rated,)).scalar()) == 1
    assert len(turn_id("slack:Ev1")) == len(rated)
    assert read_target("hours") == EntryTarget("hours")
