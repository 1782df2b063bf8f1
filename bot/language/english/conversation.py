"""What people say in a conversation besides asking: yes, no, more, why, "the second one", "and for researchers?".

Patterns are put to a text in small letters, as `bot.matching.text.normalise` leaves it; `TURNS_AWAY` is put to the raw text. A docstring
that begins with "The whole" is about a pattern that a message must match from end to end, "A beginning" about one that it begins with,
"Anywhere" about one that it holds.
"""

from __future__ import annotations

import re

# On the way to a person.

CANCELS = re.compile(
    r"(?:(?:actually|oh|ok|no|well|hm+) )?"
    r"/?(?:no|nope|cancel|stop|never ?mind|nvm|forget it|leave it|dont|do not|no thanks|no thank you|none(?: of (?:these|those))?)"
    r"(?: please)?"
)
"""The whole message keeps the question back: "no", "cancel please", "actually never mind"; but not "no sugar in it"."""
TURNS_AWAY = re.compile(
    r"(?:(?:actually|oh|ok|no|well|hm+),? )?(?:never ?mind|nvm|forget it|forget that|cancel|leave it)\b[\s,.:;-]*(?=\w)",
    re.IGNORECASE,
)
"""A beginning after which something else is asked: "Never mind, how much is it?", "ok, forget it. And tea?"; but not "Never mind."."""
AGREES_WITHOUT_NAME = re.compile(
    r"(?:yes|ok|sure|please|yeah|yep|go ahead|do it)?[\s,]*(?:anonymous(?:ly)?|without (?:my )?name|no name)?(?: please)?"
)
"""The whole message lets the question be passed on and no name with it: "yes", "ok anonymously please"; but not "yes with my name"."""
AGREES_WITH_NAME = re.compile(r"(?:yes|ok|sure)?[\s,]*(?:named|with (?:my )?name|use my name|my name is ok)(?: please)?")
"""The whole message lets the question be passed on with a name: "sure use my name", "with my name please"; but not "my name is ann"."""

# Moves: a word or two that only make sense after what was said.

AGREES = re.compile(
    r"(?:(?:yes|yeah|yep|yup|sure|ok(?:ay)?|please|y|of course|go ahead|do it|absolutely|why not)[\s,]*)+(?:that(?: one)?|do|please|pls)?"
)
"""The whole message takes what was offered: "yes", "ok go ahead", "yeah that one"; but not "yes and how much is it"."""
WANTS_MORE = re.compile(
    r"(?:(?:yes|ok|please|and|sure|tell|say|show|give|go|can you|could you|anything|what)\s+)*(?:me\s+)*(?:some\s+)?"
    r"(?:more|else|go on|continue|elaborate|expand|more details?|details?|further|deeper)"
    r"(?:\s+(?:please|pls|info|information|about (?:it|that|this)|on (?:it|that|this)|to (?:it|that|this)))*"
)
"""The whole message asks for the rest of an answer: "more", "tell me more about that", "go on please"; but not "more money"."""
ASKS_WHY = re.compile(
    r"(?:(?:but|and|ok|so|hm+)\s+)*"
    r"(?:why(?: (?:so|not|is that|is it|is it so|that|though|exactly))?|how come|what(?: i|')?s the reason|for what reason)"
)
"""The whole message asks for the reason of an answer: "why", "but why is that", "how come"; but not "why is bread cheap"."""
WANTS_EXAMPLE = re.compile(
    r"(?:(?:ok|and|do you have|have you got|got|give me|can you give me|any|an|some|a|like|for|with|real)\s+)*"
    r"(?:example|examples|instance|story|stories|case|cases)(?:\s+(?:please|pls|of (?:that|this|it)|for (?:that|this|it)|maybe))*"
)
"""The whole message asks for a story: "for instance", "can you give me an example of that"; but not "example of a loaf"."""
WANTS_ANOTHER = re.compile(
    r"(?:(?:and|ok|do you have|have you got|got|give me|tell me|any|show me)\s+)*(?:another|one more|others?|more|a different)"
    r"(?:\s+(?:one|ones|example|examples|story|stories|case|cases|please|pls))*"
)
"""The whole message asks for one more of the same: "another one", "got any other stories"; but not "another baker"."""
WANTS_TOPICS = re.compile(
    r"/?(?:topics?|browse|back|go back|start over|main menu|the topics|show (?:me )?(?:the |all )?topics|list (?:the |all )?topics)"
)
"""The whole message asks for the menu: "topics", "/browse", "show me all topics", "start over"; but not "topics of the day"."""
FORGETS_ME = re.compile(r"/?forget ?me")
"""The whole message asks that everything kept of somebody be erased: "forget me", "/forgetme"; but not "do not forget me"."""
REFUSES = re.compile(r"(?:no(?:ne)?|neither|nope|not (?:that|those|these))(?:\s+of\s+(?:these|those|them|the above))?")
"""The whole message takes none of the choices: "none of these", "neither", "not those"; but not "no sugar"."""
FILLERS_OF_CHOICES = frozenset(
    "the a one option choice number no nr answer please pls i ll ill take pick go with want that s thats its".split()  # noqa: SIM905
)
"""Words that may stand around the number of a choice: "I'll take", "option", "number ... please"."""

# What leans on the last answer, or turns to something else.

CHANGES_SUBJECT = re.compile(
    r"^(?:ok(?:ay)?|so|now|well|and|right|cool|thanks|fine|great)?[\s,.!]*"
    r"(?:different (?:topic|question|thing|subject)|new (?:topic|question|subject)|another (?:topic|question|thing|subject)|"
    r"(?:let ?s |lets )?chang(?:e|ing) (?:of )?(?:the )?(?:subject|topic)|something else|on another note|unrelated)\b[\s:,.!-]*"
)
"""A beginning after which the conversation is about something else: "ok, new topic: bread", "lets change the subject"; but not "change"."""
CORRECTS = re.compile(
    r"^(?:no|nope|nah|not that|wrong|sorry|actually|hm+|wait)?[\s,.!]*(?:i|what i) (?:really )?(?:meant?|was asking|am asking|want(?:ed)?)"
    r"(?: to (?:know|ask))?(?: about| was| is)?\b[\s:,.]*|^no[\s,.]+(?=the |about |for )|^not (?:that|the [a-z]+)[\s,]+(?:the|but)?\s*"
)
"""A beginning before what was really meant: "no, i meant the bread", "no, the bread", "not the tea, the bread"; but not "no bread"."""
LEADS_ON = re.compile(
    r"^(?:(?:ok(?:ay)?|and|but|so|then|also|or|yes|hm+|ah|oh|well|right) )*"
    r"(?:and|but|so|then|what about|how about|or|also|even|still|what if|what of|same for|for)\b"
)
"""A beginning that goes on from the last answer: "and for bakers", "ok so what about tea", "even on sundays"; but not "how much is it"."""
POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|that|this|those|these|he|she|his|her|hers|him|then|instead|same|either|neither|both|other one)\b"
)
"""Anywhere in it stands a word for something said before: "did it ship", "what do they earn"; but not "what do bakers earn"."""
FILLERS_OF_FACETS = frozenset(
    "and but so then also or what how about of same for a an the with on in as at im i am is are one ones side case role job too ok "  # noqa: SIM905
    "okay well now right people folks person it does that hm sorry no position".split()
)
"""Words around a facet that make no question of it: "and", "what about", "I am a", "for ... people"."""

# How the bot itself puts a move as a question.

WHY = "why {question}"
"""The last question, asked for the reason behind its answer."""
REASON = "reason for {answer}"
"""The same by the answer."""
