"""What Prometheus may ask: durations and outcomes, never who."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram, generate_latest

HOP_SECONDS: Final = Histogram(
    "ussd_hop_seconds",
    "Time to answer one USSD request, by how it ended.",
    ["outcome"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3),
)
OUTCOMES: Final = {
    name: HOP_SECONDS.labels(name) for name in ("con", "end", "refused", "away", "error")
}
TEXTS_HEARD: Final = Counter(
    "sms_callbacks_total",
    "What SMS gateways told us, by how it was taken.",
    ["gateway", "what", "outcome"],
)
TEXTS: Final = Gauge(
    "sms_texts", "Texts that should have left, that are in a call, and that are unknown.", ["state"]
)
OLDEST_DUE_SECONDS: Final = Gauge(
    "sms_oldest_due_seconds", "For how long the oldest text that should have left is due."
)


def page() -> bytes:
    """All metrics of this process in Prometheus' text format."""
    return generate_latest()
