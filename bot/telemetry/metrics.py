"""What happens, counted for Prometheus: https://prometheus.io/docs/practices/naming. One registry a process that serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.contracts.events import Depth
    from bot.contracts.outcomes import TurnRecord

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
_DECIDING = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
_WAITING = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 60.0)


class Metrics:
    """Counts as an `Observer` does; `text` gives it all, `knowledge` what is known of the knowledge."""

    def __init__(self) -> None:
        own = self._registry = CollectorRegistry()
        ProcessCollector(registry=own)
        PlatformCollector(registry=own)
        self._turns = Counter("careerbot_turns", "Turns, by what was decided.", ["platform", "act"], registry=own)
        self._scope = Histogram("careerbot_scope", "Probability that a question is covered.", registry=own, buckets=_SHARES)
        self._choice = Histogram("careerbot_choice", "Share of the best entry in that.", registry=own, buckets=_SHARES)
        self._answer = Histogram("careerbot_answer_seconds", "Deciding an answer.", registry=own, buckets=_DECIDING)
        self._wait = Histogram(
            "careerbot_turn_wait_seconds", "From an event kept to its answer decided.", ["platform"], registry=own, buckets=_WAITING
        )
        self._ack = Histogram(
            "careerbot_ack_seconds", "From an event heard of to its acknowledgement.", ["platform"], registry=own, buckets=_WAITING
        )
        self._calls = Counter("careerbot_api_calls", "Calls to platforms, by result.", ["platform", "method", "result"], registry=own)
        self._sent = Counter("careerbot_messages", "Messages, by what became of them.", ["platform", "fate"], registry=own)
        self._events = Counter(
            "careerbot_events",
            "Events that came again, were answered without being kept, were set aside after three tries, or were turned away.",
            ["platform", "what"],
            registry=own,
        )
        self._inbox = Gauge("careerbot_inbox_events", "Events in the inbox.", ["state"], registry=own)
        self._oldest = Gauge("careerbot_inbox_oldest_timestamp_seconds", "When the oldest event came that waits.", registry=own)
        self._ready = Gauge("careerbot_ready", "Whether a part is ready.", ["part"], registry=own)
        self._knowledge = Gauge("careerbot_knowledge_info", "The knowledge that answers.", ["version"], registry=own)
        self._entries = Gauge("careerbot_knowledge_entries", "Entries of it.", registry=own)
        self._loaded = Gauge("careerbot_knowledge_loaded_timestamp_seconds", "When it was loaded.", registry=own)
        self._faults = Gauge("careerbot_knowledge_faults", "Faults of the last change, which keep it from being used.", registry=own)
        self.knowledge: Mapping[str, object] = {}
        self._info = Gauge("careerbot_info", "The version of careerbot.", ["version"], registry=own)

    def turned(self, turn: TurnRecord, waited: float) -> None:
        """Count a turn."""
        self._turns.labels(turn.platform, turn.act).inc()
        self._answer.observe(turn.milliseconds / 1000)
        self._wait.labels(turn.platform).observe(waited)
        if turn.scope:  # a press is not matched
            self._scope.observe(turn.scope)
            self._choice.observe(turn.choice)

    def acknowledged(self, platform: str, seconds: float) -> None:
        """Count an acknowledgement."""
        self._ack.labels(platform).observe(seconds)

    def called(self, platform: str, method: str, result: str) -> None:
        """Count a call."""
        self._calls.labels(platform, method, result).inc()

    def sent(self, platform: str, status: str) -> None:
        """Count a message."""
        self._sent.labels(platform, status).inc()

    def counted(self, what: str, platform: str) -> None:
        """Count an event."""
        self._events.labels(platform, what).inc()

    def runs(self, version: str) -> None:
        """Tell which version of careerbot this is."""
        self._info.labels(version).set(1)

    def knows(self, version: str, entries: int, at: float) -> None:
        """Tell which knowledge answers from a time on; it has no faults."""
        self._knowledge.clear()
        self._knowledge.labels(version).set(1)
        self.knowledge = {"version": version, "entries": entries, "faults": 0}
        self._entries.set(entries)
        self._loaded.set(at)
        self._faults.set(0)

    def refused(self, faults: int) -> None:
        """Tell how many faults keep a changed knowledge from being used."""
        self.knowledge = {**self.knowledge, "faults": faults}
        self._faults.set(faults)

    def stands(self, ready: Mapping[str, bool], depth: Depth | None) -> None:
        """Tell which parts are ready, and how much waits where that can be told."""
        for part, is_ready in ready.items():
            self._ready.labels(part).set(is_ready)
        if depth is not None:
            self._inbox.labels("waiting").set(depth.waiting)
            self._inbox.labels("set_aside").set(depth.aside)
            self._oldest.set(depth.oldest)

    def text(self) -> bytes:
        """All of it, as `CONTENT_TYPE`."""
        return generate_latest(self._registry)
