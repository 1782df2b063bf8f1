"""Puts the knowledge and its trained model into the wheel, so that an installed bot answers at once."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShippedKnowledge(BuildHookInterface):  # type: ignore[type-arg]
    """Trains the shipped knowledge while the wheel is built; an editable install learns it at its first start."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add `bot/shipped/` with the knowledge files and `model.npz`."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, self.root)
        from bot.knowledge.loader import load  # noqa: PLC0415 - the package exists only as source yet
        from bot.matching.training import train  # noqa: PLC0415

        faq = root / "knowledge" / "faq.yaml"
        model = Path(tempfile.mkdtemp()) / "model.npz"
        train(load(faq)).save(model)
        shipped = {model: "bot/shipped/model.npz"}
        shipped |= {path: f"bot/shipped/{path.name}" for path in sorted(faq.parent.glob("*.yaml"))}
        build_data["force_include"].update({str(path): inside for path, inside in shipped.items()})
