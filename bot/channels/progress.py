"""Training made visible on stderr: a bar on a terminal, one line elsewhere, nothing when nothing is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress

_WHAT = "Learning the knowledge (once after each change of it)"


class LearningBar:
    """Called with steps done and steps in all; appears with the first step, goes with the end of its `with` block."""

    def __init__(self) -> None:
        self._bar: Progress | None = None

    def __call__(self, done: int, total: int, /) -> None:
        """Show that `done` of `total` steps are behind us."""
        if self._bar is None:
            self._bar = _started(total)
        self._bar.update(self._bar.task_ids[0], completed=done)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()


def _started(total: int) -> Progress:
    from rich.console import Console  # noqa: PLC0415 - most starts train nothing and need none of this
    from rich.progress import Progress  # noqa: PLC0415

    console = Console(stderr=True)
    if not console.is_terminal:
        console.print(f"{_WHAT} ...")
    bar = Progress(console=console, disable=not console.is_terminal, transient=True)
    bar.add_task(_WHAT, total=total)
    bar.start()
    return bar
