"""The terminal phone over a real local HTTP server that answers by a script."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from click.testing import CliRunner

from trader_platform.commands.ussd import ussd
from trader_platform.core import keyfile
from ussd.simulator import terminal
from ussd.simulator.terminal import Dialled, Dialogue, NotADialString, Reply, split_dial, talk

HOME = "CON Market Line\n1 My duty\n2 Sell"


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A phone that hung up is what some tests are about."""


class Service:
    """Answers each POST with the next of ``script``: (status, body), and notes what was asked."""

    def __init__(self) -> None:
        self.script: list[tuple[int, str]] = []
        self.asked: list[tuple[str, dict[str, str], str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fields = parse_qs(body, keep_blank_values=True, strict_parsing=True)
                form = {name: values[0] for name, values in fields.items()}
                outer.asked.append((self.path, form, self.headers["Content-Type"]))
                status, answer = outer.script.pop(0)
                data = answer.encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                return

        self.server = _QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def texts(self) -> list[str]:
        return [form["text"] for _, form, _ in self.asked]


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Service]:
    for name in ("GATEWAY_TOKEN", "USSD_SERVICE_CODE", "HOST", "PORT", "DEMO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    service = Service()
    thread = threading.Thread(target=service.server.serve_forever, args=(0.05,))
    thread.start()
    yield service
    service.server.shutdown()
    thread.join()
    service.server.server_close()


def dialogue(service: Service, dialled: str = "*384*220#") -> Dialogue:
    return Dialogue(
        url=f"{service.url}/ussd/africastalking/demo",
        msisdn="+2203012345",
        dialled=split_dial(dialled),
    )


def test_the_form_is_that_of_the_gateway(gateway: Service) -> None:
    gateway.script = [(200, HOME)]
    phone = dialogue(gateway)
    assert phone.dial().is_open
    path, form, content_type = gateway.asked[0]
    assert path == "/ussd/africastalking/demo"
    assert content_type == "application/x-www-form-urlencoded"
    name = form.pop("sessionId")
    assert name == phone.session_id
    assert (name[:6], len(name)) == ("ATUid_", 38)
    assert form == {
        "phoneNumber": "+2203012345",
        "serviceCode": "*384*220#",
        "text": "",
        "networkCode": "99999",
    }


def test_two_dials_have_two_names(gateway: Service) -> None:
    assert dialogue(gateway).session_id != dialogue(gateway).session_id


def test_answers_join_by_stars_until_end(gateway: Service) -> None:
    gateway.script = [(200, HOME), (200, "CON Sell"), (200, "END Done")]
    shown: list[str] = []
    last = talk(dialogue(gateway), iter(["2", "onion", "never sent"]), shown.append)
    assert last.kind == "END"
    assert gateway.texts() == ["", "2", "2*onion"]
    assert ["Market Line" in shown[0], "Sell" in shown[1], "Done" in shown[2]] == [True] * 3


def test_a_deep_dial_begins_with_its_tail(gateway: Service) -> None:
    gateway.script = [(200, "CON Sell"), (200, "END Done")]
    shown: list[str] = []
    talk(dialogue(gateway, "*384*220*2*1#"), iter(["rice"]), shown.append)
    assert gateway.texts() == ["2*1", "2*1*rice"]
    assert gateway.asked[0][1]["serviceCode"] == "*384*220#"


@pytest.mark.parametrize("answers", [["2", "q", "3"], ["2"]], ids=["q", "end of input"])
def test_leaving_drops_the_line_without_a_word(gateway: Service, answers: list[str]) -> None:
    gateway.script = [(200, HOME), (200, "CON Sell")]
    shown: list[str] = []
    last = talk(dialogue(gateway), iter(answers), shown.append)
    assert last.is_open
    assert gateway.texts() == ["", "2"]
    assert shown[-1] == "The line is dropped."


@pytest.mark.parametrize(
    "answer",
    [(200, "oops"), (200, ""), (200, " CON x"), (404, "END not here"), (500, "CON 1 Yes")],
)
def test_what_a_gateway_refuses_is_the_operators_error(
    gateway: Service, answer: tuple[int, str]
) -> None:
    gateway.script = [answer]
    shown: list[str] = []
    assert talk(dialogue(gateway), iter([]), shown.append).kind == "ERROR"
    assert "Connection problem or invalid" in shown[0]
    assert "message of the network" in shown[0]


def test_a_service_that_is_not_there_is_an_error_not_a_crash() -> None:
    nowhere = Dialogue(
        url="http://127.0.0.1:1/ussd/africastalking/demo",
        msisdn="+2203012345",
        dialled=Dialled("*384*220#", ""),
    )
    assert nowhere.dial().kind == "ERROR"


def test_no_answer_in_time_is_said(gateway: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "ANSWER_SECONDS", 0.2)
    gate = threading.Event()

    class Slow(list[tuple[int, str]]):
        def pop(self, *_: object) -> tuple[int, str]:
            gate.wait(5)
            return (200, HOME)

    gateway.script = Slow()
    reply = dialogue(gateway).dial()
    gate.set()
    assert (reply.kind, reply.message[:9]) == ("ERROR", "No answer")


@pytest.mark.parametrize("dialled", ["", "384*220#", "*384*220", "*#", "**#", "*384*a#", "hello"])
def test_what_is_no_dial_string_is_refused(dialled: str) -> None:
    with pytest.raises(NotADialString):
        split_dial(dialled)


def test_the_box_holds_every_line_and_counts_the_septets() -> None:
    body = f"CON {'word ' * 10}\n1 Yes"
    drawn = terminal.draw(Reply("CON", body[4:], body, 0.041), 3).split("\n")
    assert {len(line) for line in drawn[:-1]} == {36}
    assert drawn[-1] == "60 of 160 septets  hop 3  41 ms"


def test_letters_that_a_phone_cannot_show_are_named() -> None:
    drawn = terminal.draw(Reply("END", "ŋaŋë", "END ŋaŋë", 0.01), 1)
    assert "not in the phone's alphabet: ŋë" in drawn


def run(*args: str, keys: str = "", env: dict[str, str] | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(ussd, ["dial", *args], input=keys, env=env)
    return result.exit_code, result.output


def test_the_command_reads_answers_from_a_pipe(gateway: Service) -> None:
    gateway.script = [(200, HOME), (200, "CON Sell"), (200, "END Done")]
    code, output = run("3012345", "--url", gateway.url, keys="1\n2\n")
    assert code == 0
    assert gateway.texts() == ["", "1", "1*2"]
    assert gateway.asked[0][1]["phoneNumber"] == "+2203012345"
    assert "> 1" in output
    assert "Done" in output


def test_the_command_dials_a_tail_and_another_code(gateway: Service) -> None:
    gateway.script = [(200, "END Prices"), (200, "END Ghana")]
    run("3012345", "--url", gateway.url, "--code", "*384*220*3#")
    run("3012345", "--url", gateway.url, "--code", "*384*233#")
    sent = [(form["serviceCode"], form["text"]) for _, form, _ in gateway.asked]
    assert sent == [("*384*220#", "3"), ("*384*233#", "")]


def test_the_command_finds_the_service_by_the_environment(gateway: Service) -> None:
    gateway.script = [(200, "END Hello")]
    host, port = gateway.url.removeprefix("http://").split(":")
    env = {"HOST": host, "PORT": port, "GATEWAY_TOKEN": "t0ken", "USSD_SERVICE_CODE": "*777#"}
    assert run("3012345", env=env)[0] == 0
    path, form, _ = gateway.asked[0]
    assert path == "/ussd/africastalking/t0ken"
    assert form["serviceCode"] == "*777#"


def test_the_command_knows_the_token_that_the_installation_made(
    gateway: Service, tmp_path: Path
) -> None:
    gateway.script = [(200, "END Hello")]
    made = keyfile.load_or_make(tmp_path, ["GATEWAY_TOKEN"])["GATEWAY_TOKEN"]
    run("3012345", "--url", gateway.url)
    assert gateway.asked[0][0] == f"/ussd/africastalking/{made}"


def test_a_whole_endpoint_is_taken_as_it_is(gateway: Service) -> None:
    gateway.script = [(200, "END Hello")]
    run("3012345", "--url", f"{gateway.url}/ussd/other/secret")
    assert gateway.asked[0][0] == "/ussd/other/secret"


def test_a_strange_number_is_sent_as_typed(gateway: Service) -> None:
    gateway.script = [(200, "END We cannot serve this number")]
    run("+99912", "--url", gateway.url)
    assert gateway.asked[0][1]["phoneNumber"] == "+99912"


@pytest.mark.parametrize(
    "args", [("--code", "384#"), ("--url", "127.0.0.1:8000"), ("--url", "file:///etc/hosts")]
)
def test_a_wrong_option_is_one_clear_line(args: tuple[str, str]) -> None:
    code, output = run("3012345", *args)
    assert code == 2
    assert f"Invalid value for {args[0]}" in output


def test_the_installed_command_talks_to_the_running_service(service: str) -> None:
    command = Path(sys.executable).with_name("trader-platform")
    spoken = subprocess.run(
        [command, "ussd", "dial", "2099001", "--url", service, "--token", "demo"],
        input="1\n2\n4\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (spoken.returncode, spoken.stderr) == (0, "")
    for words in ("1 English", "What do you want?", "1 My duty", "3 Pick a day", "hop 4"):
        assert words in spoken.stdout
    assert spoken.stdout.endswith("The line is dropped.\n")


def test_a_service_that_is_down_ends_with_one_and_a_question() -> None:
    code, output = run("3012345", "--url", "http://127.0.0.1:1")
    assert code == 1
    assert "is the service running?" in output
