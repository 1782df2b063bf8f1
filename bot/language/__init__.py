"""The language that people write and the bot answers in, and the one way to it. English is in use, and the only one there is.

German would stand beside it: a package `german` with the same modules and the same names in them, whose docstrings tell by example what
each has to recognise. The import below would then name it, and mypy whatever it lacks.

What editors and operators are told (faults of the knowledge, logs, the command line) is written where it is told.
"""

from bot.language.english import conversation, numbers, questions, vocabulary, wording

__all__ = ["conversation", "numbers", "questions", "vocabulary", "wording"]
