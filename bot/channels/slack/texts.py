"""Texts as Slack writes them, and as a person reads them. https://docs.slack.dev/messaging/formatting-message-text#parsing."""

from __future__ import annotations

import html
import re

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_LINK = re.compile(r"<(?:https?://|mailto:|tel:)[^<>|]*(?:\|([^<>]*))?>")
_CHANNEL = re.compile(r"<#[A-Z0-9]+(?:\|([^<>]*))?>")
_GAP = re.compile(r"[ \t]{2,}")
_DATE = re.compile(r"<!date\^[^<>|]*\|([^<>]*)>")
_SPECIAL = re.compile(r"<![^<>]*>")


def mentions(text: str) -> list[str]:
    """The ids of the people that a text of Slack mentions."""
    return _MENTION.findall(text)


def readable(text: str) -> str:
    """A text of Slack as a person reads it: without mentions, links as their words, unescaped."""
    text = _SPECIAL.sub(" ", _DATE.sub(r"\1", _MENTION.sub(" ", text)))
    text = _LINK.sub(lambda found: found[1] or " ", text)
    text = _CHANNEL.sub(lambda found: f"#{found[1]}" if found[1] else " ", text)
    return _GAP.sub(" ", html.unescape(text)).strip()
