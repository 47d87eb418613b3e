"""The provider's SDK on our wire: a base URL that can be set, kept connections, status codes.

The two methods are private to africastalking 2.0.3, which is pinned; the contract tests break
where another version differs. The SDK alone opens a connection for each call, drops the status
code of a refusal, and parses JSON only under one exact content type.
"""

from __future__ import annotations

from typing import Any

from africastalking.SMS import SMSService

from sms.gateways.wire import Answer, Wire


class ConfigurableSms(SMSService):  # type: ignore[misc]
    """``send`` is the SDK's own; it returns the gateway's Answer. Safe to share between threads."""

    def __init__(self, username: str, api_key: str, base_url: str, wire: Wire) -> None:
        self._override, self._wire = base_url, wire  # before super: it calls _init_service
        super().__init__(username, api_key)

    def _init_service(self) -> None:
        super()._init_service()
        if self._override:
            self._baseUrl = self._contentUrl = self._override.rstrip("/") + "/version1"

    def _make_request(
        self, url: str, method: str, headers: dict[str, str], data: Any, params: Any, **_: Any
    ) -> Answer:
        """``callback`` and ``timeout`` are left out: the wire has time-outs of its own."""
        return self._wire.post(url, headers=headers, data=data, params=params)
