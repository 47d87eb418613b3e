"""One table of figures, renewed part by part: each says when it was measured, and on what."""

from __future__ import annotations

from datetime import UTC, datetime

HEADING = "### "


def dated(text: str, processors: str) -> str:
    """``text`` with the day and the processors under each heading."""
    day = f"Measured on {datetime.now(UTC):%d %B %Y}, {processors}."
    lines = []
    for line in text.splitlines():
        lines.append(line)
        if line.startswith(HEADING):
            lines += ["", day]
    return "\n".join(lines)


def merged(old: str, new: str, processors: str) -> str:
    """``old`` with the sections of ``new`` in their places; new ones come last."""
    kept, found = _sections(old), _sections(dated(new, processors))
    del found[""]
    return "\n".join(part.strip("\n") + "\n" for part in {**kept, **found}.values())


def _sections(text: str) -> dict[str, str]:
    """Heading to section; what stands before the first heading is under an empty one."""
    found: dict[str, list[str]] = {"": []}
    heading = ""
    for line in text.splitlines():
        if line.startswith(HEADING):
            heading = line
        found.setdefault(heading, []).append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}
