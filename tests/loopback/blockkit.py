"""Messages, views and prompts held against the limits of Block Kit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from loopback import blockkit_limits as limits

if TYPE_CHECKING:
    from loopback.blockkit_limits import Rule, Rules

Json = dict[str, Any]


class Problem(NamedTuple):
    """What is wrong, and where. An "error" is refused by Slack; "advice" it takes, but a reader or a later call suffers."""

    severity: str
    where: str
    what: str


def elements_of(block: Json) -> list[Json]:
    """The interactive elements of a block, wherever the block keeps them."""
    inner = block.get("elements") or [] if block.get("type") in ("actions", "context_actions") else []
    return [element for element in [*inner, block.get("accessory"), block.get("element")] if isinstance(element, dict)]


def check_message(args: Json) -> list[Problem]:
    """The problems of the arguments of a call that posts or changes a message."""
    check, text, blocks, markdown = _Check(), args.get("text"), args.get("blocks"), args.get("markdown_text")
    if not (text or blocks or args.get("attachments") or markdown):
        check.error("text", "no_text: neither text, blocks, attachments nor markdown_text")
    if blocks and not text:
        check.advise("text", "blocks without top-level text: nothing for notifications and screen readers")
    check.fields(args, {"text": limits.TEXT, "markdown_text": limits.MARKDOWN}, "")
    if isinstance(text, str) and len(text) > limits.LONGEST_UPDATE:
        check.advise("text", f"{len(text)} characters; chat.update fails with msg_too_long above {limits.LONGEST_UPDATE}")
    if markdown and (text or blocks):
        check.error("markdown_text", "markdown_text_conflict: not together with text or blocks")
    if blocks:
        check.blocks(blocks, "blocks", limits.MOST_BLOCKS)
        check.whole([block for block in blocks if isinstance(block, dict)], "blocks")
    if (metadata := args.get("metadata")) and not (metadata.get("event_type") and "event_payload" in metadata):
        check.error("metadata", "needs event_type and event_payload")
    return check.problems


def check_view(view: Json) -> list[Problem]:
    """The problems of a modal or a home tab."""
    check, kind = _Check(), view.get("type")
    if kind not in ("modal", "home"):
        check.error("view/type", f"unknown view type {kind!r}")
    if kind == "modal":
        check.fields(view, limits.MODAL, "view")
        if not view.get("submit") and any(block.get("type") == "input" for block in view.get("blocks") or []):
            check.error("view/submit", "a modal with input blocks needs submit")
    check.fields(view, limits.VIEW, "view")
    check.blocks(view.get("blocks"), "view/blocks", limits.MOST_VIEW_BLOCKS, forbidden=limits.MESSAGE_ONLY)
    return check.problems


def check_prompts(args: Json, *, agent_view: bool) -> list[Problem]:
    """The problems of suggested prompts, under agent_view or the older assistant_view."""
    check = _Check()
    for number, prompt in enumerate(check.items(args.get("prompts"), "prompts", limits.MOST_PROMPTS)):
        check.fields(prompt, {"title": limits.PROMPT, "message": limits.PROMPT}, f"prompts/{number}")
    if agent_view and args.get("thread_ts"):
        check.advise("thread_ts", "under agent_view a call with thread_ts fails silently: the prompts are never shown")
    return check.problems


class _Check:
    """Walks through a message or view and gathers its problems."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.actions: dict[str, str] = {}  # action_id -> the block that has it

    def error(self, where: str, what: str) -> None:
        self.problems.append(Problem("error", where, what))

    def advise(self, where: str, what: str) -> None:
        self.problems.append(Problem("advice", where, what))

    def fields(self, holder: Json, rules: Rules, where: str) -> None:
        for name, rule in rules.items():
            self.field(holder.get(name), rule, f"{where}/{name}")

    def field(self, value: object, rule: Rule, where: str) -> None:
        if value is None:
            if rule.required:
                self.error(where, "missing")
            return
        if rule.types:
            if not isinstance(value, dict) or value.get("type") not in rule.types:
                self.error(where, f"must be a text object of type {'/'.join(rule.types)}")
                return
            value = value.get("text")
        shortest = 1 if rule.types or rule.required else 0
        if not isinstance(value, str) or not shortest <= len(value) <= rule.longest:
            self.error(where, f"must be a string of {shortest}..{rule.longest} characters, is {_size(value)}")
        if isinstance(value, str) and (hit := limits.BROADCAST.search(value)):
            self.advise(where, f"mass mention {hit.group(0)}")

    def items(self, found: object, where: str, most: int, least: int = 1) -> list[Json]:
        if not isinstance(found, list) or not least <= len(found) <= most:
            self.error(where, f"must be a list of {least}..{most} items, has {_size(found)}")
        return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []

    def blocks(self, blocks: object, where: str, most: int, forbidden: frozenset[str] = frozenset()) -> None:
        names: set[str] = set()
        for number, block in enumerate(self.items(blocks, where, most, least=0)):
            path, kind = f"{where}/{number}", block.get("type")
            if kind not in limits.BLOCKS or kind in forbidden:
                self.error(path, f"block type {kind!r} is unknown or not allowed here")
                continue
            if name := block.get("block_id"):
                if name in names:
                    self.error(path, f"block_id {name!r} used twice")
                names.add(name)
            self.block(block, kind, path)

    def block(self, block: Json, kind: str, path: str) -> None:
        self.fields(block, {"block_id": limits.NAME, **limits.BLOCKS[kind]}, path)
        name, longest = limits.LISTS.get(kind, ("", 0))
        if name and (name in block or name != "fields"):
            self.items(block.get(name), f"{path}/{name}", longest)
        for number, part in enumerate(block.get(name) or [] if kind in ("section", "context") else []):
            if part.get("type") != "image":
                self.field(part, limits.PART, f"{path}/{number}/text")
        if kind == "section" and not block.get("text") and not block.get("fields"):
            self.error(path, "a section needs text or fields")
        here: set[str] = set()
        for element in elements_of(block):
            if action := element.get("action_id"):
                self.action(action, path, here)
            self.element(element, f"{path}/{element.get('type')}:{action}", kind)

    def action(self, action: str, path: str, here: set[str]) -> None:
        if action in here:
            self.error(path, f"action_id {action!r} used twice in one block")
        elif action in self.actions:
            self.advise(path, f"action_id {action!r} is also in {self.actions[action]}")
        here.add(action)
        self.actions[action] = path

    def element(self, element: Json, path: str, block: str) -> None:
        kind = str(element.get("type"))
        if kind not in limits.HOLDS.get(block, {kind}):
            self.error(path, f"{block} does not take {kind}")
        if kind == "button" and not element.get("action_id") and not element.get("url"):
            self.advise(path, "no action_id")
        self.fields(element, {"action_id": limits.NAME, **limits.ELEMENTS.get(kind, {})}, path)
        for side in ("positive_button", "negative_button") if kind == "feedback_buttons" else ():
            self.fields(element.get(side) or {}, limits.FEEDBACK_SIDE, f"{path}/{side}")
        if (style := element.get("style")) not in (None, "primary", "danger"):
            self.error(path, f"unknown style {style!r}")
        self.options(element, kind, path)
        if confirm := element.get("confirm"):
            self.fields(confirm, limits.CONFIRM, f"{path}/confirm")

    def options(self, element: Json, kind: str, path: str) -> None:
        if "options" not in element and (kind not in {*limits.OPTIONS, *limits.GROUPED} or "option_groups" in element):
            return
        values: set[str] = set()
        for option in self.items(element.get("options"), f"{path}/options", limits.OPTIONS.get(kind, limits.OPTIONS_ELSE)):
            self.fields(option, limits.RICH_OPTION if kind in limits.RICH_OPTIONS else limits.OPTION, f"{path}/option")
            if (value := str(option.get("value"))) in values:
                self.advise(path, f"two options have the value {value!r}")
            values.add(value)

    def whole(self, blocks: list[Json], where: str) -> None:
        """Slack also counts what all blocks of a message hold together."""
        texts = [block.get("text") or "" for block in blocks if block.get("type") in limits.BLOCKS]
        size = sum(len(str(text.get("text") if isinstance(text, dict) else text)) for text in texts)
        if size > limits.LONGEST_BLOCKS:
            self.error(where, f"msg_blocks_too_long: {size} characters in all blocks, {limits.LONGEST_BLOCKS} are taken")


def _size(value: object) -> str:
    return str(len(value)) if isinstance(value, (str, list)) else repr(value)
