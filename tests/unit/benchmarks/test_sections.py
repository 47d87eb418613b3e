"""Figures are renewed part by part; what was not measured again keeps its day."""

from __future__ import annotations

from datetime import UTC, datetime

from benchmarks.sections import merged

OLD = """Machine.

### Start

Measured on 1 May 2026.

ready 3 s

### Hops

Measured on 1 May 2026.

| a | b |
"""


def test_a_part_replaces_its_own_section_only() -> None:
    today = f"Measured on {datetime.now(UTC):%d %B %Y}, 2 × Fast."
    text = merged(OLD, "\n### Hops\n\n| c | d |\n\n### Search\n\nfast", "2 × Fast")
    assert text.startswith("Machine.\n")
    assert "ready 3 s" in text
    assert "| a | b |" not in text
    assert f"### Hops\n\n{today}\n\n| c | d |" in text
    assert text.index("### Start") < text.index("### Hops") < text.index("### Search")
    assert text.count("1 May 2026") == 1
    assert merged(text, "", "2 × Fast") == text
