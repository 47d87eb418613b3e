"""One adapter for every gateway that sends one flat JSON, form or query: names are configuration.

Gambian operators will each bring their own; a new one is a ``Shape``, not code. What differs
between gateways and is covered here: field names and their letter case, cumulative or latest
input, how a new dialogue is told (a flag, a word, or not at all), whether the first input is the
dialled string, hang-up notices, a sequence number, and the form of the reply. The shapes below
follow the providers' public documents (docs/adding-a-gateway.md says which).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from trader_platform.core.errors import BadRequest
from ussd.gateways.africastalking import MAX_TEXT, parse_form
from ussd.gateways.base import Reply, UssdRequest, dial_tail


@dataclass(frozen=True)
class Shape:
    """A wire format. Field names are compared without case; ``""`` means the gateway has none.

    ``input_style``: ``latest`` or ``cumulative``. ``new_values`` are the values of the ``new``
    field that mean a first request, ``hangup_values`` those that mean the caller is gone.
    ``reply`` maps the reply's fields to templates: ``{text}``, ``{more}`` (from ``more_words``),
    or a field of the request by its own name. With no ``reply`` the answer is plain text.
    """

    name: str
    session: str
    phone: str
    input: str
    code: str = ""
    new: str = ""
    network: str = ""
    sequence: str = ""
    tail: str = ""
    default_code: str = ""
    transport: str = "json"
    input_style: str = "latest"
    new_values: tuple[str, ...] = ("true", "1")
    hangup_values: tuple[str, ...] = ()
    dialled_first: bool = False
    reply: Mapping[str, str] = field(default_factory=dict)
    more_words: tuple[object, object] = (True, False)


HUBTEL: Final = Shape(
    name="hubtel",
    session="SessionId",
    phone="Mobile",
    input="Message",
    code="ServiceCode",
    new="Type",
    network="Operator",
    sequence="Sequence",
    new_values=("initiation",),
    hangup_values=("release", "timeout"),
    dialled_first=True,
    reply={
        "SessionId": "{SessionId}",
        "Type": "{more}",
        "Message": "{text}",
        "Label": "{label}",
        "DataType": "input",
        "FieldType": "text",
    },
    more_words=("response", "release"),
)
MOOLRE: Final = Shape(
    name="moolre",
    session="sessionid",
    phone="msisdn",
    input="message",
    code="extension",
    new="new",
    network="network",
    tail="data",
    reply={"message": "{text}", "reply": "{more}"},
)
HOLLATAGS: Final = Shape(
    name="hollatags",
    session="session_id",
    phone="session_msisdn",
    input="session_msg",
    code="session_from",
    new="session_operation",
    network="session_mno",
    transport="query",
    new_values=("begin",),
    hangup_values=("end", "abort"),
    dialled_first=True,
    reply={
        "session_operation": "{more}",
        "session_type": "{kind}",
        "session_id": "{session_id}",
        "session_msg": "{text}",
    },
    more_words=("continue", "end"),
)
SHAPES: Final = {shape.name: shape for shape in (HUBTEL, MOOLRE, HOLLATAGS)}


class Mapped:
    """The adapter for one shape; it holds no state."""

    def __init__(self, shape: Shape, service_code: str) -> None:
        self.shape = shape
        self.name = shape.name
        self._code = shape.default_code or service_code

    def parse(self, body: bytes, content_type: str, query: Mapping[str, str]) -> UssdRequest:
        """One hop; raises BadRequest."""
        shape = self.shape
        fields = _lower(self._fields(body, query))
        missing = [name for name in (shape.session, shape.phone) if not fields.get(name.lower())]
        if missing or shape.input.lower() not in fields:
            raise BadRequest(f"missing field: {', '.join(missing) or shape.input}")
        state = fields.get(shape.new.lower(), "").lower()
        first = state in shape.new_values if shape.new else None
        code = fields.get(shape.code.lower()) or self._code
        typed = fields[shape.input.lower()][:MAX_TEXT]
        if first and shape.dialled_first:
            code, typed = self._dialled(code, typed)
        elif first and shape.tail:
            typed = fields.get(shape.tail.lower(), "")
        cumulative = shape.input_style == "cumulative"
        return UssdRequest(
            gateway=self.name,
            session_id=fields[shape.session.lower()][:80],
            phone=_with_plus(fields[shape.phone.lower()]),
            service_code=_with_hash(code)[:24],
            transcript=typed if cumulative else None,
            latest="" if cumulative else typed,
            first=first,
            ended=state in shape.hangup_values,
            sequence=fields.get(shape.sequence.lower()) if shape.sequence else None,
            network=fields.get(shape.network.lower()),
        )

    def render(self, screen: str, request: UssdRequest | None) -> Reply:
        """The reply in the gateway's form; text without ``CON ``/``END `` where it has flags."""
        if not self.shape.reply:
            return Reply(screen.encode(), "text/plain; charset=utf-8")
        more = screen.startswith("CON ")
        session = request.session_id if request else ""
        values: dict[str, object] = {
            "text": screen[4:],
            "label": "menu",
            "kind": 1 if more else 2,
            "more": self.shape.more_words[0 if more else 1],
            self.shape.session: session,
        }
        answer = {name: _fill(template, values) for name, template in self.shape.reply.items()}
        return Reply(json.dumps(answer).encode(), "application/json")

    def _fields(self, body: bytes, query: Mapping[str, str]) -> Mapping[str, Any]:
        if self.shape.transport == "query":
            return query or parse_form(body)
        if self.shape.transport == "form":
            return parse_form(body)
        try:
            data = json.loads(body)
        except ValueError as error:
            raise BadRequest("not JSON") from error
        if not isinstance(data, dict):
            raise BadRequest("not a JSON object")
        return data

    def _dialled(self, code: str, typed: str) -> tuple[str, str]:
        """Code and tail of a first request whose input is the dialled string."""
        if typed.startswith("*") and not typed.startswith(_with_hash(code).rstrip("#")):
            return self._code, dial_tail(typed, self._code)
        return code, dial_tail(typed, _with_hash(code))


def _lower(fields: Mapping[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in fields.items():
        if value is None or isinstance(value, dict | list):
            continue
        if name.lower() in flat:
            raise BadRequest("a field came twice")
        flat[name.lower()] = str(value).lower() if isinstance(value, bool) else str(value)
    return flat


def _with_plus(phone: str) -> str:
    digits = phone.strip()
    return f"+{digits}" if digits.isdigit() and len(digits) > 9 else digits


def _with_hash(code: str) -> str:
    code = code.strip()
    if code and not code.startswith("*"):
        code = "*" + code
    return code if code.endswith("#") else code + "#"


def _fill(template: str, values: Mapping[str, object]) -> object:
    if template.startswith("{") and template.endswith("}"):
        return values.get(template[1:-1], "")
    return template
