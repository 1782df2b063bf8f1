"""How a question is put: the courtesy around it, the joints between two of them, the words that add nothing.

Docstrings begin as those of `conversation` do: "The whole", "A beginning" or "Anywhere".
"""

from __future__ import annotations

import re

OPENS_POLITELY = re.compile(
    r"^(?:(?:hey|hi|hello|so|ok|okay|um|well|sorry)[\s,!.]+)*"
    r"(?:(?:sorry )?(?:if )?(?:this|it|that)?(?:s| is| might be| may be)? ?(?:probably )?a? ?"
    r"(?:dumb|stupid|silly|basic|newbie|noob|weird|random|quick|naive|simple|serious|honest|genuine) "
    r"(?:question|one|q)(?: but| here| for you)?"
    r"|(?:i was |i am |im )?just (?:wondering|curious)(?: if)?|i was wondering(?: if)?|(?:can|could) you tell me)[\s,:.!-]+"
)
"""A beginning that asks nothing yet: "sorry, dumb question but how", "hi, could you tell me when"; but not "how dumb a question is it"."""
WORDS_BEFORE = frozenset(
    "hey hi hello yo hiya heya um uh hmm well ok okay so quick question q please pls btw anyway guys team there".split()  # noqa: SIM905
)
"""Words in front of a question that are none of it: "hello", "quick question", "btw"."""
WORDS_AFTER = frozenset("please pls thanks thx ty cheers lol haha".split())  # noqa: SIM905
"""Words behind a question that are none of it: "please", "thx"."""
FILLERS = frozenset(
    "a an the what how about on of for tell me info information please pls hi hey ask question questions want know i to".split()  # noqa: SIM905
)
"""Words that leave a word or two as bare as they are: "what about the", "tell me", "info on"."""
_ASKING = r"(?:what|who|whom|whose|how|why|when|where|which|do|does|did|is|are|can|could|should|will|would|whats|hows)"
JOINS = re.compile(rf"[,;]?\s+(?:and|also|plus|and also|or)\s+(?={_ASKING}\b)|\?\s+(?=\S)", re.IGNORECASE)
"""Anywhere in it ends one question and begins the next: "Is it open and how late?", "Is it open? Till when?"; but not "bread and tea"."""
