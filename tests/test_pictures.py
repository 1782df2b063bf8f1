"""What was sent is drawn as it stands there: every kind of block, element and tag, and a loud mark for what is not known."""

from __future__ import annotations

import struct
import zlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from loopback.blockkit import elements_of
from loopback.telegram_text import TAGS

from benchmarks import pictures, pictures_browser
from benchmarks import pictures_slack as slack
from benchmarks import pictures_telegram as telegram
from benchmarks.pictures_html import LOUD
from benchmarks.pictures_page import Screen, listing, page
from benchmarks.pictures_png import indexed
from benchmarks.pictures_slack_stage import filled, labels, pressable
from benchmarks.pictures_slack_text import mrkdwn
from benchmarks.pictures_telegram_stage import Sent, folded

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]
NAMES = {"U1": "Ann", "C1": "general"}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def rich(*elements: Json, kind: str = "rich_text_section", **more: str) -> Json:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": [*elements], **more}]}


def text(words: str, **more: object) -> Json:
    return {"type": "text", "text": words, **more}


def button(label: str, **more: str) -> Json:
    return {"type": "button", "action_id": "a", "text": plain(label), **more}


def options(kind: str, **more: object) -> Json:
    return {"type": kind, "action_id": "m", "options": [{"text": plain("One"), "value": "1"}, {"text": plain("Two"), "value": "2"}], **more}


FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "f",
    "positive_button": {"text": plain("👍"), "value": "t"},
    "negative_button": {"text": plain("Bad"), "value": "t"},
}
BLOCKS = [
    (rich(text("a < b\nc")), "a &lt; b<br>c"),
    (rich(text("x", style={"bold": True, "italic": True})), "<i><b>x</b></i>"),
    (rich(text("x", style={"code": True})), "<code>x</code>"),
    (rich({"type": "link", "url": "https://a.b", "text": "there"}), '<span class="link">there</span>'),
    (rich({"type": "link", "url": "https://a.b"}), ">https://a.b<"),
    (rich({"type": "user", "user_id": "U1"}), "@Ann"),
    (rich({"type": "user", "user_id": "U9"}), "@U9"),
    (rich({"type": "channel", "channel_id": "C1"}), "#general"),
    (rich({"type": "broadcast", "range": "here"}), "@here"),
    (rich({"type": "emoji", "name": "wave", "unicode": "1f44b"}), "👋"),
    (rich({"type": "emoji", "name": "wave"}), ":wave:"),
    (rich(text("said"), kind="rich_text_quote"), '<div class="quote">said</div>'),
    (rich(text("x = 1"), kind="rich_text_preformatted"), '<pre class="pre">x = 1</pre>'),
    (rich({"type": "rich_text_section", "elements": [text("one")]}, kind="rich_text_list", style="ordered"), '<ol class="list"><li>'),
    ({"type": "section", "text": plain("a & b")}, "a &amp; b"),
    ({"type": "section", "fields": [plain("left"), plain("right")]}, '<div class="fields"><div class="">left</div>'),
    ({"type": "section", "text": plain("Source"), "accessory": options("overflow")}, '<span class="button overflow">⋯</span>'),
    ({"type": "section", "text": plain("t"), "accessory": options("static_select", placeholder=plain("Pick a topic"))}, "Pick a topic"),
    ({"type": "context", "elements": [plain("small"), {"type": "image", "alt_text": "cat"}]}, '<div class="small">small</div>'),
    ({"type": "header", "text": plain("Head")}, '<div class="block header">Head</div>'),
    ({"type": "divider"}, "<hr>"),
    ({"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, rich(text("b"))]]}, "<tr><td>a</td><td>"),
    ({"type": "actions", "elements": [button("Go", style="primary")]}, '<span class="button primary">Go</span>'),
    ({"type": "actions", "elements": [button("No", style="danger")]}, '<span class="button danger">No</span>'),
    ({"type": "actions", "elements": [button("There", url="https://a.b")]}, "There ↗"),
    ({"type": "actions", "elements": [button("What gives me the most leverage?")]}, "What gives me the most levera…<"),
    ({"type": "actions", "elements": [options("static_select")]}, "Choose…"),
    ({"type": "context_actions", "elements": [FEEDBACK]}, '<span class="icon">👍</span><span class="icon">👎 Bad</span>'),
    ({"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": plain("Delete")}]}, "🗑 Delete"),
    ({"type": "image", "alt_text": "a cat"}, "🖼 a cat"),
    ({"type": "input", "label": plain("Why?"), "optional": True, "element": {"type": "plain_text_input"}}, "Why?<"),
    (
        {"type": "input", "label": plain("?"), "element": {"type": "plain_text_input", "initial_value": "<x>"}},
        '<div class="field">&lt;x&gt;',
    ),
    ({"type": "input", "label": plain("?"), "element": {"type": "plain_text_input", "multiline": True}}, "field long empty"),
    ({"type": "input", "label": plain("?"), "hint": plain("Word for word"), "element": options("radio_buttons")}, "○ One"),
    ({"type": "input", "label": plain("?"), "element": options("checkboxes")}, "☐ Two"),
    (
        {"type": "input", "label": plain("?"), "element": {"type": "conversations_select", "default_to_current_conversation": True}},
        "This conv",
    ),
]


@pytest.mark.parametrize(("block", "shown"), BLOCKS)
def test_a_block_is_drawn_with_all_that_is_in_it(block: Json, shown: str) -> None:
    drawn = slack.drawn([block], NAMES)
    assert shown in drawn
    assert LOUD not in drawn


def test_every_block_and_element_that_can_be_drawn_was_looked_at() -> None:
    looked = [block for block, _ in BLOCKS]
    assert {block["type"] for block in looked} == {*slack.BLOCKS}
    pressed = {element["type"] for block in looked for element in elements_of(block)} | {"image"}
    assert {kind for kind in slack.ELEMENTS if not kind.endswith("_select")} <= pressed


@pytest.mark.parametrize(
    ("block", "named"),
    [
        ({"type": "carousel"}, "carousel"),
        ({"type": "actions", "elements": [{"type": "datepicker"}]}, "datepicker"),
        ({"type": "section", "text": plain("t"), "accessory": {"type": "timepicker"}}, "timepicker"),
        ({"type": "section", "text": {"type": "html", "text": "t"}}, "text html"),
        ({"type": "table", "rows": [[{"type": "raw_number", "value": 1}]]}, "cell raw_number"),
        (rich({"type": "color", "value": "#fff"}), "color"),
        ({"type": "rich_text", "elements": [{"type": "rich_text_table"}]}, "rich_text_table"),
    ],
)
def test_what_slack_may_send_one_day_is_drawn_loudly(block: Json, named: str) -> None:
    assert f'<span class="{LOUD}">not drawn: {named}</span>' in slack.drawn([block], NAMES)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("*bold* _light_ ~gone~ `code`", "<b>bold</b> <i>light</i> <s>gone</s> <code>code</code>"),
        ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
        ("a &lt; b &amp; c", "a &lt; b &amp; c"),
        ("<https://a.b|there> <https://c.d>", '<span class="link">there</span> <span class="link">https://c.d</span>'),
        ("<@U1> in <#C1> <!here>", "@Ann</span> in "),
        ("&gt; said\nthen", '<div class="quote"> said</div><br>then'),
    ],
)
def test_mrkdwn_is_read_as_slack_reads_it(said: str, shown: str) -> None:
    assert shown in mrkdwn(said, NAMES)


def test_a_message_without_blocks_shows_its_text_and_one_for_one_person_says_so() -> None:
    drawn = slack.message({"text": "Hello *you*", "ephemeral_to": "U1"}, NAMES)
    assert "Hello <b>you</b>" in drawn
    assert "Only visible to you" in drawn
    assert "Only visible" not in slack.message({"text": "x", "blocks": [{"type": "divider"}]}, NAMES)
    assert "&lt;hello&gt;" in slack.said("Ann", "&lt;hello&gt;", NAMES)


def test_a_modal_shows_its_button_and_what_was_typed() -> None:
    element = {"type": "plain_text_input", "action_id": "value"}
    view = {
        "title": plain("Ask"),
        "submit": plain("Send it"),
        "blocks": [{"type": "input", "block_id": "q", "label": plain("?"), "element": element}],
    }
    assert "Send it" in slack.modal_bar(view)
    assert "submit" not in slack.modal_bar({"title": plain("Ask")})
    typed = filled(view, "why?")
    assert typed["state"]["values"]["q"]["value"]["value"] == "why?"
    assert '<div class="field">why?</div>' in slack.view_body(typed, NAMES)
    assert "empty" in slack.view_body(view, NAMES)


def test_the_options_of_a_menu_come_up_from_below() -> None:
    assert slack.sheet(options("overflow")["options"], NAMES).count('class="option"') == 2


def test_things_are_pressed_by_their_labels_wherever_they_stand() -> None:
    source = {
        "blocks": [
            {"type": "section", "text": plain("t"), "accessory": options("overflow")},
            {"type": "actions", "elements": [button("Go")]},
            {"type": "context_actions", "elements": [FEEDBACK]},
        ]
    }
    assert labels(source) == ["One", "Two", "Go", "👍", "Bad"]
    assert [option["value"] for _, option, _ in pressable(source) if option] == ["1", "2"]


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<b>a</b> <strong>b</strong> <i>c</i> <u>d</u> <s>e</s>", "<b>a</b> <b>b</b> <i>c</i> <u>d</u> <s>e</s>"),
        ("<code>x</code>", "<code>x</code>"),
        ("1 &lt; 2 &amp; <b>3\n4</b>", "1 &lt; 2 &amp; <b>3<br>4</b>"),
        ('<a href="https://a.b">there</a>', '<span class="link">there</span>'),
        ("<blockquote>said</blockquote>", '<span class="quote">said</span>'),
        ("<blockquote expandable>said</blockquote>", '<span class="quote folded">said</span>'),
        ("a\n\n<pre>table</pre>\n\nb", "a<br><br><pre>table</pre><br>b"),
        ("<tg-spoiler>x</tg-spoiler>", '<span class="spoiler">x</span>'),
    ],
)
def test_html_of_telegram_is_drawn_as_it_stands(html: str, shown: str) -> None:
    assert telegram.parsed(html) == shown


def test_a_tag_of_telegram_that_is_not_drawn_is_told_of_loudly() -> None:
    for tag in TAGS:
        known = tag in telegram.TAGS or tag in telegram.LOOKS
        assert (LOUD in telegram.parsed(f"<{tag}>x</{tag}>")) is not known
    assert LOUD in telegram.parsed("x</b>")


def test_a_keyboard_is_drawn_row_by_row_with_a_sign_on_what_leads_away() -> None:
    rows = [[{"text": "<1>", "callback_data": "a"}, {"text": "Link", "url": "https://a.b"}], [{"text": "New", "does_magic": {}}]]
    drawn = telegram.message("x", rows)
    assert drawn.count('class="row"') == 2
    assert '<span class="label">&lt;1&gt;</span></span>' in drawn
    assert '<span class="sign">↗</span>' in drawn
    assert "not drawn: does_magic" in drawn
    assert "keyboard" not in telegram.message("x")


def test_who_said_what_in_telegram_is_seen() -> None:
    assert 'class="message own"' in telegram.said("hi")
    assert "Dora" in telegram.said("hi", name="Dora", answers="a\nb")
    assert '<div class="answered">a b</div>' in telegram.said("hi", name="Dora", answers="a\nb")
    assert "via @careerbot" in telegram.message("x", sharer="Ann")
    assert "Noted" in telegram.toast("Noted")


def call(number: int, **params: object) -> SimpleNamespace:
    return SimpleNamespace(ok=True, params=params, result={"message_id": number, "chat": {"id": 7}})


def test_messages_of_telegram_are_as_the_calls_left_them() -> None:
    keyboard = [[{"text": "More", "callback_data": "m"}]]
    sent = folded({}, [call(1, text="<b>a</b>", parse_mode="HTML", reply_markup={"inline_keyboard": keyboard}), call(2, text="1 < 2")])
    assert sent == {(7, 1): Sent("<b>a</b>", keyboard), (7, 2): Sent("1 &lt; 2")}
    assert folded(sent, [call(1, reply_markup={"inline_keyboard": []})])[7, 1] == Sent("<b>a</b>")
    assert [*folded(sent, [call(1, text="b", parse_mode="HTML")]).items()][-1] == ((7, 1), Sent("b"))


def test_a_page_shows_all_screens_and_the_list_all_their_pictures() -> None:
    screens = [Screen(f"slack-{n}", f"Turn {n}", "", "said") for n in range(4)] + [Screen("telegram-a", "Turn a", "", "said")]
    assert page(screens).count("<section") == 5
    assert all(f'id="{screen.name}"' in page(screens) for screen in screens)
    listed = listing(screens, "make pictures")
    assert all(f'{screen.caption}<br><img src="{screen.name}.png"' in listed for screen in screens)
    assert listed.count("<tr") == 3
    assert "make pictures" in listed
    assert not screens[0].loud
    assert Screen("slack-x", "x", "", slack.drawn([{"type": "carousel"}], {})).loud


def test_a_picture_keeps_the_colours_that_it_has() -> None:
    red, blue = b"\xff\0\0\xff", b"\0\0\xff\x80"
    png = indexed((red + blue + red) * 2, 3)
    assert struct.unpack(">IIBB", png[16:26]) == (3, 2, 8, 3)
    assert b"PLTE\xff\0\0\0\0\xff" in png
    assert b"tRNS\xff\x80" in png
    at = png.index(b"IDAT") + 4
    assert zlib.decompress(png[at : png.index(b"IEND") - 8]) == b"\0\0\1\0" * 2


def test_rare_colours_become_their_nearest_neighbours() -> None:
    shades = b"".join(bytes((n, n, n, 255)) * 2 for n in range(256))
    png = indexed(shades + b"\x07\x08\x07\xff", 1)
    at = png.index(b"IDAT") + 4
    lines = zlib.decompress(png[at : png.index(b"IEND") - 8])
    assert lines[-1] == lines[1 + 2 * 2 * 7]  # the number of the shade 7


def test_without_a_browser_it_says_so_and_ends(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    monkeypatch.setattr(pictures_browser, "installed", lambda: None)
    assert pictures.main(tmp_path) == 2
    assert capsys.readouterr().err == "There is no browser to draw with: install one of chromium, chromium-browser, google-chrome.\n"
    assert [*tmp_path.iterdir()] == []
