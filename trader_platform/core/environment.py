"""Reads one environment variable at a time and collects every problem, to tell all at once."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import time
from urllib.parse import urlsplit


class Reader:
    """Each method returns a usable value; what was wrong is in ``problems``, a line each."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        """As given, without outer blanks; an empty variable counts as absent."""
        return self._env.get(name, "").strip() or default

    def parts(self, name: str) -> list[str]:
        """A list with commas between, without blanks and empty parts."""
        return [part.strip() for part in self.text(name).split(",") if part.strip()]

    def required(self, name: str, why: str) -> str:
        """Absent is a problem."""
        value = self.text(name)
        if not value:
            self.problems.append(f"{name} is missing: {why}")
        return value

    def flag(self, name: str) -> bool:
        """1/true/yes/on or 0/false/no/off."""
        value = self.text(name, "0").lower()
        if value not in {"0", "1", "true", "false", "yes", "no", "on", "off"}:
            self.problems.append(f"{name} must be 1 or 0, not {value!r}")
        return value in {"1", "true", "yes", "on"}

    def number(self, name: str, default: int, *, lowest: int, highest: int) -> int:
        """A whole number within bounds."""
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and lowest <= int(value[:9]) <= highest:
            return int(value)
        self.problems.append(
            f"{name} must be a whole number from {lowest} to {highest}, not {value!r}"
        )
        return default

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """One of ``allowed``."""
        value = self.text(name, default)
        if value not in allowed:
            self.problems.append(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
            return default
        return value

    def matching(self, name: str, default: str, pattern: str, form: str) -> str:
        """A text of one form; ``form`` says which in the problem. Never quotes the value."""
        value = self.text(name, default)
        if value and not re.fullmatch(pattern, value, re.ASCII):
            self.problems.append(f"{name} must be {form}")
            return default
        return value

    def long_enough(self, name: str, value: str, *, least: int) -> str:
        """A secret of at least ``least`` characters."""
        if value and len(value.encode()) < least:
            self.problems.append(f"{name} is too short: give it at least {least} characters")
        return value

    def url(self, name: str, schemes: tuple[str, ...]) -> str:
        """Empty, or a URL of one of these schemes that a client could open."""
        value = self.text(name)
        if not value:
            return ""
        try:
            parts = urlsplit(value)
            _ = parts.port  # raises where it is no number
            usable = parts.scheme in schemes and bool(parts.netloc or parts.path)
        except ValueError:
            usable = False
        if not usable:
            self.problems.append(f"{name} must be a URL that starts with {' or '.join(schemes)}://")
            return ""
        return value

    def keys(self, name: str, value: str) -> dict[str, bytes]:
        """``id:base64`` of 32 bytes each, comma between them, newest first."""
        found: dict[str, bytes] = {}
        for number, part in enumerate(filter(None, re.split(r"[,\s]+", value)), 1):
            key_id, _, encoded = part.partition(":")
            secret = _decoded(encoded)
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,16}", key_id) or len(secret) != 32:
                self.problems.append(f"{name}: key {number} is not id:base64 of 32 bytes")
            elif key_id in found:
                self.problems.append(f"{name}: the id {key_id!r} is there twice")
            else:
                found[key_id] = secret
        return found

    def clock_time(self, name: str) -> time | None:
        """Empty, or HH:MM of a day."""
        value = self.text(name)
        if not value:
            return None
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
            self.problems.append(f"{name} must be a time such as 14:30, not {value!r}")
            return None
        return time(int(value[:2]), int(value[3:]))


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""
