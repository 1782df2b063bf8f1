"""The log: one line an event, JSON for machines, readable on a terminal. https://www.structlog.org/en/stable/standard-library.html.

No line holds a traceback or what a library says of its own: either may quote what somebody wrote, or a token.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

OWN = "careerbot"


def set_up(level: str) -> None:
    """Log to stderr from a level on: what careerbot says, and warnings of libraries, of these the first line only."""
    terminal = sys.stderr.isatty()
    ways: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal),
        _without_trace,
    ]
    drawn = structlog.dev.ConsoleRenderer(pad_event_to=0) if terminal else structlog.processors.JSONRenderer()
    plain = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *ways, _first_line_of_others],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, drawn],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(plain)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OWN).setLevel(level.upper())
    before = [structlog.stdlib.filter_by_level, structlog.stdlib.add_logger_name, *ways]
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _without_trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """An error by its name."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple) and error[0]:
        event["error"] = error[0].__name__
    elif isinstance(error, BaseException):
        event["error"] = type(error).__name__
    return event


def _first_line_of_others(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """What a library says, without what it quotes on the lines that follow."""
    if not str(event.get("logger", "")).startswith(OWN):
        event["event"] = str(event["event"]).partition("\n")[0]
    return event
