"""The one form in which the service sends and receives texts, whatever a gateway calls its fields.

An adapter parses, maps and classifies; it decides nothing and keeps nothing. What it cannot know
(a time-out, a broken answer) it reports as unknown, never as failed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Recipient:
    """``id`` is our message's id, ``phone`` its E.164 number."""

    id: int
    phone: str


class Verdict(StrEnum):
    """What a gateway said of one recipient of a call it answered."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # certainly not taken, and never will be: another gateway may
    RETRY = "retry"  # certainly not taken now: later, or another gateway
    UNKNOWN = "unknown"  # may have been taken


@dataclass(frozen=True, slots=True)
class SendResult:
    """``cost`` is the gateway's own words (``GMD 0.2500``), empty where it says none."""

    id: int
    verdict: Verdict
    provider_id: str | None = None
    reason: str = ""
    cost: str = ""


@dataclass(frozen=True, slots=True)
class InboundSms:
    """A text as it came; without ``provider_id`` a hash stands in."""

    gateway: str
    provider_id: str | None
    sender: str
    texted: str
    words: str
    network: str | None = None


class ReportStatus(StrEnum):
    """What delivery reports come down to."""

    ACCEPTED = "accepted"  # on its way: sent, submitted, buffered
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report. ``message_id`` is ours, where the gateway carries it; else its own id."""

    gateway: str
    status: ReportStatus
    provider_id: str | None = None
    message_id: int | None = None
    phone: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OptOut:
    """The gateway took this phone off: nothing may be sent to it any more."""

    gateway: str
    phone: str


@dataclass(frozen=True, slots=True)
class Request:
    """What came in over HTTP, as an adapter reads it.

    ``query`` is raw: a gateway may percent-encode bytes of another charset than UTF-8. Names of
    ``headers`` are compared without case by whoever fills them in.
    """

    body: bytes = b""
    content_type: str = ""
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ack:
    """What the gateway must be answered so that it does not send again."""

    status: int = 200
    body: str = "OK"
    content_type: str = "text/plain"


class SmsGateway(Protocol):
    """Both directions of one provider. ``most_recipients`` is how many one call may carry.

    ``can_be_answered`` is False where the sender is a name: texts then say dial strings.
    """

    name: str
    most_recipients: int
    can_be_answered: bool

    def send(self, words: str, to: Sequence[Recipient]) -> list[SendResult]:
        """Hand one text for several recipients over, in one call; a result for each of them.

        Raises Throttled, Retryable, Permanent or BadConfig where the whole call was certainly not
        taken, UnknownOutcome where it may have been. Never blocks longer than its time-outs.
        """
        ...

    def parse_inbound(self, request: Request) -> InboundSms:
        """Raises BadRequest on another form than documented, Forbidden on a bad signature."""
        ...

    def parse_report(self, request: Request) -> Report | None:
        """None for a report that says nothing of a text. Raises as ``parse_inbound``."""
        ...

    def parse_optout(self, request: Request) -> OptOut | None:
        """None where the gateway has no such notice. Raises as ``parse_inbound``."""
        ...

    @property
    def ack(self) -> Ack:
        """The answer to each of the three."""
        ...
