"""Structured logs that carry neither names, phone numbers nor secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

_PHONE: Final = re.compile(r"\+?\b\d{7,15}\b")
_SECRET_PATH: Final = re.compile(r"(/(?:ussd|sms|payments)/[^/\s]+/)[^/\s]+")
_PRIVATE: Final = frozenset(
    {"name", "phone", "msisdn", "text", "token", "draft", "reply", "latest"}
)


def configure(level: int = logging.INFO) -> None:
    """One JSON line an event on standard error. Safe to call again."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Asked for at each line: whoever replaced standard error since then gets it there.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


Event = MutableMapping[str, Any]


def redact(_logger: Any, _method: str, event: Event) -> Event:
    """Blank private keys, numbers that could be phones, and tokens in paths."""
    for key, value in event.items():
        if key in _PRIVATE:
            event[key] = "[redacted]"
        elif isinstance(value, str) and key not in {"timestamp", "level"}:
            event[key] = _SECRET_PATH.sub(r"\1[redacted]", _PHONE.sub("[number]", value))
    return event
