"""What the Bot API takes in keyboards, inline results and commands. Each check raises ApiError, as the server refuses."""

from __future__ import annotations

import re
from typing import Any

from loopback.telegram_text import Json, refuse, text_of

MOST_BUTTONS, WIDEST_ROW = 100, 8
LONGEST_DATA = 64  # bytes; of callback data, of the id of an inline result, of an offset
LONGEST_COPY = 256
MOST_RESULTS, MOST_COMMANDS, LONGEST_DESCRIPTION = 50, 100, 256
BUTTON_KINDS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
STYLES = (None, "danger", "success", "primary")
ACTIONS = frozenset(
    {
        "choose_sticker",
        "find_location",
        "record_video",
        "record_video_note",
        "record_voice",
        "typing",
        "upload_document",
        "upload_photo",
        "upload_video",
        "upload_video_note",
        "upload_voice",
    }
)
EMOJI = frozenset(
    "👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾🤷😡❤"
)
PROFILE = {"description": 512, "short_description": 120, "name": 64}  # longest, in characters
LINK = re.compile(r"(https?|tg|tonsite)://\S+\Z|[\w.-]+\.\w+(/\S*)?\Z")
START = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")  # the payload of a deep link
UNREADABLE = "can't parse inline keyboard button:"


def markup_of(params: Json, chat: Json | None = None) -> Json | None:
    """The inline keyboard of a message, if it has one. Keyboards of other kinds are not looked at."""
    markup = params.get("reply_markup")
    if not markup:
        return None
    if not isinstance(markup, dict):
        refuse("object expected as reply markup")
    rows = markup.get("inline_keyboard")
    if rows is None:
        return None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        refuse('field "inline_keyboard" must be an Array of Arrays')
    if sum(map(len, rows)) > MOST_BUTTONS or any(len(row) > WIDEST_ROW for row in rows):
        refuse("reply markup is too long")
    for row in rows:
        for button in row:
            _check_button(button, chat)
    return markup


def _check_button(button: object, chat: Json | None) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        refuse(f'{UNREADABLE} Can\'t find field "text"')
    kinds = [kind for kind in BUTTON_KINDS if button.get(kind) is not None]
    if not button["text"].strip():
        refuse("BUTTON_TEXT_INVALID" if kinds else "text buttons are unallowed in the inline keyboard")
    if not kinds:
        refuse(f"{UNREADABLE} Text buttons are unallowed in the inline keyboard")
    if len(kinds) > 1:
        refuse("button must have exactly one action")
    _check_action(kinds[0], button[kinds[0]], chat)
    if button.get("style") not in STYLES:
        refuse(f"{UNREADABLE} Invalid button style specified")


def _check_action(kind: str, value: Any, chat: Json | None) -> None:  # noqa: ANN401 - what the bot has sent
    match kind:
        case "callback_data" if not 1 <= len(str(value).encode()) <= LONGEST_DATA:
            refuse("BUTTON_DATA_INVALID")
        case "url" if not LINK.match(str(value)):
            refuse(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
        case "copy_text" if not 1 <= len(value.get("text", "")) <= LONGEST_COPY:
            refuse("BUTTON_COPY_TEXT_INVALID")
        case "web_app" if chat and chat["type"] != "private":
            refuse("BUTTON_TYPE_INVALID")


def check_inline_result(result: Any) -> None:  # noqa: ANN401 - what the bot has sent
    """One result of an inline query, or of a guest query."""
    if not isinstance(result, dict) or not 1 <= len(str(result.get("id", "")).encode()) <= LONGEST_DATA:
        refuse("RESULT_ID_INVALID")
    content = result.get("input_message_content")
    if result.get("type") == "article":
        if not result.get("title"):
            refuse("can't parse inline query result: Can't find field \"title\"")
        if not content:
            refuse("can't parse inline query result: Input message content is not specified")
    if content and "message_text" in content:
        text_of(content, "message_text")
    markup_of(result)


def check_inline_answer(params: Json) -> None:
    """All that answerInlineQuery is given, but for the query."""
    results = params.get("results")
    if not isinstance(results, list):
        refuse("expected an Array of inline query results")
    if len(results) > MOST_RESULTS:
        refuse("too many inline query results specified")
    for result in results:
        check_inline_result(result)
    if len({result["id"] for result in results}) != len(results):
        refuse("RESULT_ID_DUPLICATE")
    if len(str(params.get("next_offset") or "").encode()) > LONGEST_DATA:
        refuse("NEXT_OFFSET_INVALID")
    if button := params.get("button"):
        if not button.get("text") or ("start_parameter" in button) == ("web_app" in button):
            refuse("InlineQueryResultsButton must have exactly one optional field")
        if "start_parameter" in button and not START.match(button["start_parameter"]):
            refuse("START_PARAM_INVALID")


def check_commands(commands: list[Json]) -> None:
    """The commands of a menu."""
    if len(commands) > MOST_COMMANDS:
        refuse("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command.get("command", "")):
            refuse("BOT_COMMAND_INVALID")
        if not 1 <= len(command.get("description", "")) <= LONGEST_DESCRIPTION:
            refuse("BOT_COMMAND_DESCRIPTION_INVALID")


def check_reaction(reaction: list[Json]) -> None:
    """The reaction of a bot: none, or one emoji of those that Telegram offers."""
    if len(reaction) > 1:
        refuse("REACTIONS_TOO_MANY")
    if any(one.get("type") == "emoji" and one.get("emoji", "").rstrip("\ufe0f") not in EMOJI for one in reaction):
        refuse("REACTION_INVALID")
