"""A journal in which nothing is kept: what events are decided with while the store is away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.contracts.events import Depth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.contracts.ports import Journal, PastQuestion
    from bot.contracts.questions import Question
    from bot.dialogue.turn import HashedKey, RawKey


class EmptyJournal:
    """A `Journal` that holds nothing. As far as it can tell everybody was greeted: nobody shall be greeted twice."""

    def question(self, id_: str) -> Question | None:  # noqa: ARG002 - as all journals
        """None."""
        return None

    def question_of_post(self, post: str) -> Question | None:  # noqa: ARG002 - as above
        """None."""
        return None

    def waiting(self, person: HashedKey) -> Sequence[Question]:  # noqa: ARG002 - as above
        """None of them."""
        return ()

    def overdue(self, before: float) -> Sequence[Question]:  # noqa: ARG002 - as above
        """None of them."""
        return ()

    def answer_to(self, source: str) -> str:  # noqa: ARG002 - as above
        """Nothing."""
        return ""

    def greeted(self, person: HashedKey) -> bool:  # noqa: ARG002 - as above
        """True."""
        return True

    def popular(self, most: int) -> Sequence[str]:  # noqa: ARG002 - as above
        """None of them."""
        return ()

    def asked_lately(self, person: RawKey) -> Sequence[PastQuestion]:  # noqa: ARG002 - as above
        """Nothing."""
        return ()

    def takes_part(self, conversation: RawKey) -> bool:  # noqa: ARG002 - as above
        """False."""
        return False

    def waits(self, notice: str) -> bool:  # noqa: ARG002 - as above
        """False."""
        return False

    def done_once(self, key: RawKey) -> bool:  # noqa: ARG002 - as above
        """False."""
        return False

    def depth(self) -> Depth:
        """None."""
        return Depth(0, 0.0, 0)


EMPTY_JOURNAL: Final[Journal] = EmptyJournal()
