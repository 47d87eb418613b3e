"""The terminal phone: one USSD dialogue with the running service, spoken exactly as a gateway does.

Wire: the Africa's Talking form POST in, `CON `/`END ` text out. Knows nothing of the engine.
"""

from __future__ import annotations

import http.client
import re
import secrets
import textwrap
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from trader_platform.core import gsm

ANSWER_SECONDS: Final = 10.0
NETWORK_CODE: Final = "99999"
_WIDTH: Final = 32
_TIMEOUT: Final = "No answer from the service. Please try again later."
_ERROR: Final = "Connection problem or invalid MMI code."


class NotADialString(ValueError):
    """What was given as a code does not begin with `*` and end with `#`."""


@dataclass(frozen=True)
class Reply:
    """One answer as the phone shows it; `kind` is CON, END or, from the operator, ERROR."""

    kind: str
    message: str
    body: str
    seconds: float

    @property
    def is_open(self) -> bool:
        """Whether the dialogue waits for an answer."""
        return self.kind == "CON"


@dataclass(frozen=True)
class Dialled:
    """A dial string cut into the service code and the first text of the dialogue."""

    code: str
    text: str


def split_dial(dialled: str, code_groups: int = 2) -> Dialled:
    """`*384*220*2*1#` is the code `*384*220#` and the text `2*1`.

    `code_groups` is how many groups between stars a service code has. Raises NotADialString.
    """
    if not re.fullmatch(r"\*[0-9][0-9*]*#", dialled):
        raise NotADialString(dialled)
    groups = dialled[1:-1].split("*")
    code = f"*{'*'.join(groups[:code_groups])}#"
    return Dialled(code=code, text="*".join(groups[code_groups:]))


@dataclass
class Dialogue:
    """One dial: its session id is new, its text grows with every answer.

    `url` is the service's USSD address with its token. Not safe to share between threads.
    """

    url: str
    msisdn: str
    dialled: Dialled
    session_id: str = field(default_factory=lambda: f"ATUid_{secrets.token_hex(16)}")
    hops: int = 0
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.text = self.dialled.text

    def dial(self) -> Reply:
        """The first hop. Safe to repeat: the same body gets the same answer."""
        return self._post()

    def answer(self, typed: str) -> Reply:
        """The next hop: what was typed joins the history by a star."""
        self.text = f"{self.text}*{typed}" if self.text else typed
        return self._post()

    def _post(self) -> Reply:
        self.hops += 1
        started = time.monotonic()
        try:
            status, body = _exchange(self.url, self._form())
        except (OSError, http.client.HTTPException) as error:
            late = isinstance(error, TimeoutError) or "timed out" in str(error)
            return Reply("ERROR", _TIMEOUT if late else _ERROR, "", time.monotonic() - started)
        seconds = time.monotonic() - started
        if status == 200 and body.startswith(("CON ", "END ")):
            return Reply(body[:3], body[4:], body, seconds)
        return Reply("ERROR", _ERROR, body, seconds)

    def _form(self) -> bytes:
        fields = {
            "phoneNumber": self.msisdn,
            "serviceCode": self.dialled.code,
            "text": self.text,
            "sessionId": self.session_id,
            "networkCode": NETWORK_CODE,
        }
        return urllib.parse.urlencode(fields).encode("ascii")


def _exchange(url: str, form: bytes) -> tuple[int, str]:
    """Status and body of one POST, past any proxy: the service is on this machine or named so."""
    request = urllib.request.Request(url, data=form)  # noqa: S310 - the command checks the scheme
    request.add_header("Content-Type", "application/x-www-form-urlencoded")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=ANSWER_SECONDS) as response:
            return response.status, response.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


def talk(dialogue: Dialogue, answers: Iterator[str], show: Callable[[str], None]) -> Reply:
    """Dials, shows each screen and sends the answers until the dialogue or the answers end.

    An answer `q` drops the line, as does the end of `answers`: nothing more is sent. Returns the
    last reply, so that the caller knows whether it ended by END, in the middle, or by an error.
    """
    reply = dialogue.dial()
    show(draw(reply, dialogue.hops))
    while reply.is_open:
        typed = next(answers, "q")
        if typed == "q":
            show("The line is dropped.")
            break
        reply = dialogue.answer(typed)
        show(draw(reply, dialogue.hops))
    return reply


def draw(reply: Reply, hops: int, *, width: int = _WIDTH) -> str:
    """The screen in a box, with what it costs of the 160 septets beneath."""
    lines = [
        part
        for line in reply.message.split("\n")
        for part in textwrap.wrap(line, width, break_on_hyphens=False) or [""]
    ]
    edge = f"+{'-' * (width + 2)}+"
    rows = [f"| {line.ljust(width)} |" for line in lines]
    return "\n".join([edge, *rows, edge, _footer(reply, hops)])


def _footer(reply: Reply, hops: int) -> str:
    facts = [f"hop {hops}", f"{reply.seconds * 1000:.0f} ms"]
    if reply.kind == "ERROR":
        return "  ".join(["message of the network", *facts])
    used = gsm.septets(reply.body)
    if used is None:
        odd = "".join(dict.fromkeys(c for c in reply.body if gsm.septets(c) is None))
        return "  ".join([f"not in the phone's alphabet: {odd}", *facts])
    return "  ".join([f"{used} of {gsm.SCREEN_SEPTETS} septets", *facts])
