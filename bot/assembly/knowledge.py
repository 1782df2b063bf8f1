"""What the bot knows: settings -> knowledge, trained model, assistant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.dialogue.assistant import Assistant
from bot.dialogue.conversations import Conversations
from bot.knowledge.loader import load
from bot.matching.matcher import Matcher
from bot.matching.model import FORMAT, Model, ModelError

if TYPE_CHECKING:
    from bot.knowledge.entry import KnowledgeBase
    from bot.matching.training import Progress
    from bot.settings import Settings

_PACKAGE = Path(__file__).parents[1]
MODELS_KEPT = 4
"""Trained models kept in the data directory; older ones are removed."""


@dataclass(slots=True)
class Bot:
    """The assembled bot. It may come to know something else while it runs."""

    base: KnowledgeBase
    matcher: Matcher
    assistant: Assistant
    conversations: Conversations

    def become(self, other: Bot) -> None:
        """Know from now on what another one knows."""
        self.base, self.matcher = other.base, other.matcher
        self.assistant, self.conversations = other.assistant, other.conversations


def shipped_faq() -> Path:
    """The knowledge file that comes with the bot: inside an installed wheel, beside the package in a checkout."""
    inside = _PACKAGE / "shipped" / "faq.yaml"
    return inside if inside.is_file() else _PACKAGE.parent / "knowledge" / "faq.yaml"


def faq_of(settings: Settings) -> Path:
    """The knowledge file that is in use."""
    return settings.faq or shipped_faq()


def assemble(settings: Settings, progress: Progress | None = None) -> Bot:
    """The bot that the settings describe; raises `KnowledgeError` when its knowledge has faults."""
    base = load(faq_of(settings))
    return bot_of(base, trained(base, settings, progress))


def bot_of(base: KnowledgeBase, model: Model) -> Bot:
    """The bot of a knowledge base and the model that was learned from it."""
    matcher = Matcher(base, model)
    assistant = Assistant(base, matcher)
    return Bot(base, matcher, assistant, Conversations(assistant))


def trained(base: KnowledgeBase, settings: Settings, progress: Progress | None = None) -> Model:
    """The model of a knowledge base: the shipped one, one kept from before, or a new one (told to `progress`), which is kept."""
    kept = settings.data_dir / "models" / f"{base.learning_key}-{FORMAT}.npz"
    for path in (_PACKAGE / "shipped" / "model.npz", kept):
        model = _usable(path, base)
        if model is not None:
            return model
    from bot.matching.training import train  # noqa: PLC0415 - start-up is faster without what only training needs

    model = train(base, progress) if progress else train(base)
    try:
        model.save(kept)
        _forget_older(kept.parent)
    except OSError:
        return model  # a read-only or full disk costs a training at the next start, nothing else
    return model


def _usable(path: Path, base: KnowledgeBase) -> Model | None:
    """The model in a file if it was learned from what this knowledge teaches."""
    if not path.is_file():
        return None
    try:
        model = Model.load(path)
    except ModelError:
        return None
    return model if model.fits(base) else None


def _forget_older(directory: Path) -> None:
    newest_first = sorted(directory.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest_first[MODELS_KEPT:]:
        path.unlink(missing_ok=True)
