"""The one tree of domain errors: edges (USSD, SMS, form, API) word them, nothing below does."""

from __future__ import annotations


class DomainError(Exception):
    """Something a person asked for that the rules refuse.

    ``code`` is permanent (tests and mappers rely on it); ``params`` hold ids and numbers, never a
    name or a phone number, because errors are logged.
    """

    code = "refused"

    def __init__(self, **params: object) -> None:
        super().__init__(self.code, params)
        self.params = params


class NotFound(DomainError):
    """The row does not exist, or is not this person's to see."""

    code = "not_found"


class IdempotencyConflict(DomainError):
    """The key was used before with other content: the first act stands."""

    code = "done_before"


class Busy(DomainError):
    """The database is locked, full or away; nothing was done by this call."""

    code = "busy"


class GatewayError(Exception):
    """What a gateway sent or answered cannot be used."""


class BadRequest(GatewayError):
    """The request is not of the gateway's documented form."""


class Forbidden(GatewayError):
    """The request is not from the gateway: its signature is missing or wrong."""


class Retryable(GatewayError):
    """The gateway certainly did not take the call; the same call may work later."""


class Throttled(Retryable):
    """The gateway wants fewer calls; ``after_seconds`` where it says when."""

    def __init__(self, message: str = "", *, after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.after_seconds = after_seconds


class Permanent(GatewayError):
    """The gateway certainly did not take the call and never will."""


class BadConfig(Permanent):
    """Our account, key or sender is refused: a person must mend the settings."""


class UnknownOutcome(GatewayError):
    """The gateway may or may not have taken the call (a time-out, a broken answer)."""
