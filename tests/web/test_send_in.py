"""`trader-platform sms send-in`: a text from a terminal, answered by the real service."""

from __future__ import annotations

from click.testing import CliRunner, Result

from tests.fixtures.served import free_port
from trader_platform.commands.sms import sms


def send_in(*arguments: str) -> Result:
    return CliRunner().invoke(sms, ["send-in", *arguments])


def test_the_answer_is_printed_when_it_comes(service: str) -> None:
    told = ("--url", service, "--token", "demo", "--wait", "60")
    asked = send_in("3099123", "oniyon brikama", *told)
    assert asked.exit_code == 0, asked.output
    assert asked.output.startswith("onion")
    assert "1 Brikama" in asked.output
    again = send_in("+2203099123", "HELP", *told)
    assert again.output.startswith("Text: onion brikama = who sells.")


def test_a_text_that_gets_no_answer_says_so(service: str) -> None:
    told = ("--url", service, "--token", "demo", "--wait", "0.5")
    asked = send_in("3099124", "Auto reply: I am at the market", *told)
    assert asked.exit_code == 1
    assert asked.output == "No answer within 0.5 seconds.\n"


def test_a_wrong_token_and_a_service_that_is_not_there(service: str) -> None:
    refused = send_in("3099123", "onion", "--url", service, "--token", "another")
    assert refused.exit_code == 1
    assert "it answered 404" in refused.output
    nobody = send_in("3099123", "onion", "--url", f"http://127.0.0.1:{free_port()}")
    assert nobody.exit_code == 1
    assert "is the service running?" in nobody.output
