"""The bot's own wording. An editor changes any of it under `texts` in the knowledge file; several lines take turns."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "fallback": (
        "I did not get that. Try it in other words, or pick a topic.",
        "I am not sure what you mean. Could you put it another way? Or pick a topic.",
    ),
    "clarify": ("Did you mean one of these?", "I see more than one answer. Which of these do you mean?"),
    "none_of_these": ("None of these",),
    "out_of_scope": ("That is not covered here, so I would rather not guess.",),
    "out_of_scope_facet": ("I have nothing on {what}, so I would rather not guess.",),
    "no_more": ("That is all there is on this. You could ask one of these:",),
    "no_example": ("I have no other story on that.",),
    "all_said": ("That is all there is on this.",),
    "nothing_before": ("Tell me first what you would like to know.",),
    "not_a_choice": ("There is no choice {number} here. Pick one of these, or ask in your own words.",),
    "none_picked": ("All right. Try it in other words, or pick a topic.",),
    "picked_nothing_left": ("All right. What would you like to know?",),
    "topics": ("These are the topics. Which one?",),
    "topic": ("{topic}: what would you like to know?",),
    "empty": ("I can only read text. Ask me a question in your own words.",),
    "too_long": ("That was long: I have read the first {limit} characters.",),
    "offer_person": ("Shall I pass your question to a person? Say “talk to a person”.",),
    "handoff": ("You would like a person. Nobody stands by here yet, so I cannot pass your question on; sorry.",),
    "gone": ("That answer has changed since. Ask again in your own words.",),
}
