"""All gateways of an installation, and which of them carries texts to a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sms.gateways.africastalking import AfricasTalking
from sms.gateways.base import SmsGateway
from sms.gateways.kannel import Kannel, KannelAccount
from sms.gateways.simulator import Simulator
from sms.gateways.smsgate import SmsGate, SmsGateAccount
from sms.gateways.wire import Wire
from sms.simulator.centre import Centre
from trader_platform.core import phone as phones
from trader_platform.core.clock import Clock
from trader_platform.core.config import Settings


class Gateways(Mapping[str, SmsGateway]):
    """Adapters by name. All can read callbacks; those that routes name can send as well."""

    def __init__(
        self,
        adapters: Sequence[SmsGateway],
        *,
        default: str,
        routes: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._adapters = {adapter.name: adapter for adapter in adapters}
        self._routes = {prefix: list(names) for prefix, names in (routes or {}).items()}
        self._default = [default]

    def route(self, phone: str) -> list[str]:
        """Names of the gateways for an E.164 number: first the one, then the one that stands in.

        The longest prefix wins; a Gambian number is matched in its old and its new form.
        """
        forms = {phone, phones.fold(phone)}
        fitting = [p for p in self._routes if any(form.startswith(p) for form in forms)]
        return self._routes[max(fitting, key=len)] if fitting else self._default

    def __getitem__(self, name: str) -> SmsGateway:
        return self._adapters[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._adapters)

    def __len__(self) -> int:
        return len(self._adapters)


def build_gateways(settings: Settings, *, clock: Clock) -> Gateways:
    """The adapters by the settings; opens no connection."""
    centre = Centre(settings.data_dir, clock) if settings.demo else None
    adapters: list[SmsGateway] = [_africastalking(settings), _kannel(settings)]
    return Gateways(
        [*adapters, _smsgate(settings, clock), Simulator(centre)],
        default=settings.sms_gateway,
        routes=settings.sms_routes,
    )


def own_senders(settings: Settings) -> list[str]:
    """What we send from: a text from one of them is our own, come back."""
    return [each for each in (settings.africastalking_sender_id, settings.kannel_sender_id) if each]


def _wire(settings: Settings) -> Wire:
    return Wire(connections=settings.sms_parallel)


def _africastalking(settings: Settings) -> AfricasTalking:
    return AfricasTalking(
        username=settings.africastalking_username,
        api_key=settings.africastalking_api_key,
        sender_id=settings.africastalking_sender_id,
        base_url=settings.africastalking_base_url,
        most_recipients=settings.sms_chunk,
        wire=_wire(settings),
    )


def _kannel(settings: Settings) -> Kannel:
    here = settings.kannel_callback_url or f"http://127.0.0.1:{settings.port}"
    account = KannelAccount(
        sendsms_url=settings.kannel_sendsms_url,
        username=settings.kannel_username,
        password=settings.kannel_password,
        report_url=f"{here.rstrip('/')}/sms/kannel/{settings.gateway_token}/delivery",
        sender_id=settings.kannel_sender_id,
    )
    return Kannel(account, wire=_wire(settings))


def _smsgate(settings: Settings, clock: Clock) -> SmsGate:
    account = SmsGateAccount(
        messages_url=settings.smsgate_messages_url,
        username=settings.smsgate_username,
        password=settings.smsgate_password,
        signing_key=settings.smsgate_signing_key,
    )
    return SmsGate(account, clock=clock, wire=_wire(settings))
