"""The one load generator that every contender shares: wrk, driven by ``hop.lua``."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.world import CALLERS, FIRST_PHONE, MARKETS, PHONE, phone_of

SCRIPT = Path(__file__).with_name("hop.lua")
DIALOGUES = 512


@dataclass(frozen=True)
class Dialogue:
    """What is typed hop by hop, cumulated as a gateway does; the last reply proves the rest."""

    name: str
    texts: tuple[str, ...]


PRICES = Dialogue("three hops: home, Prices, My market", ("", "3", "3*1"))
LANGUAGE = Dialogue(
    "five hops, the last an act: home, More, Settings, Language, English",
    ("", "5", "5*3", "5*3*1", "5*3*1*1"),
)


@dataclass(frozen=True)
class Target:
    """Where a contender listens, and the replies it owes: by hop, then by market."""

    port: int
    path: str
    expected: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Sample:
    """One run of the load."""

    rate: float
    p50_ms: float
    p99_ms: float
    answered: int = 0


class WrongReply(Exception):
    """A contender said something else than it owes: the whole run is void."""


def learn(port: int, path: str, dialogue: Dialogue, proof: Sequence[Sequence[str]]) -> Target:
    """Walk the dialogue once for each market; the last reply must hold one of its ``proof``."""
    replies: list[list[str]] = [[] for _ in dialogue.texts]
    for market in range(MARKETS):
        for hop, text in enumerate(dialogue.texts):
            form = {
                "sessionId": f"learn-{port}-{len(dialogue.texts)}-{market}",
                "phoneNumber": phone_of(market),
                "serviceCode": "*384*220#",
                "networkCode": "99999",
                "text": text,
            }
            body = urllib.parse.urlencode(form).encode()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", body, 10) as answer:
                replies[hop].append(answer.read().decode())
        if not any(each in replies[-1][-1] for each in proof[market]):
            raise WrongReply(f"{path}: none of {proof[market]} in {replies[-1][-1]!r}")
    return Target(port, path, tuple(tuple(each) for each in replies))


def press(
    target: Target,
    dialogue: Dialogue,
    *,
    connections: int,
    seconds: int,
    seed: int,
    folder: Path,
    callers: int = CALLERS,
    dialogues: int = DIALOGUES,
) -> Sample:
    """Load ``target``; raises WrongReply at the first reply that is not the expected one."""
    plan = {
        "dialogues": dialogues,
        "threads": connections,
        "callers": callers,
        "markets": MARKETS,
        "seed": seed,
        "path": target.path,
        "hops": [urllib.parse.quote_plus(text) for text in dialogue.texts],
        "expected": [list(hop) for hop in target.expected],
    }
    return run_wrk(
        SCRIPT, plan, port=target.port, connections=connections, seconds=seconds, folder=folder
    )


def run_wrk(
    script: Path,
    plan: Mapping[str, object],
    *,
    port: int,
    connections: int,
    seconds: int,
    folder: Path,
) -> Sample:
    """One run of a script with its plan; raises WrongReply at a reply that it did not expect."""
    path = folder / f"plan-{port}.lua"
    always: dict[str, object] = {"phone": PHONE, "first_phone": FIRST_PHONE}
    always["headers"] = {"Content-Type": "application/x-www-form-urlencoded"}
    path.write_text("return " + _lua({**always, **plan}))
    argv = ["wrk", f"-t{connections}", f"-c{connections}", f"-d{seconds}s", "-s", str(script)]
    run = subprocess.run(
        [*argv, f"http://127.0.0.1:{port}"],
        env={**os.environ, "BENCH_PLAN": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
    line = next((x for x in run.stdout.splitlines() if x.startswith("RESULT ")), None)
    if line is None:
        raise RuntimeError(f"wrk: {run.stdout}{run.stderr}")
    requests, micros, p50, p99, wrong, lost = (int(x) for x in line.split()[1:])
    if wrong or lost:
        example = run.stdout.partition("EXAMPLE ")[2].strip()
        raise WrongReply(f"{plan['path']}: {wrong} wrong, {lost} lost of {requests}; {example}")
    return Sample(requests / (micros / 1e6), p50 / 1000, p99 / 1000, requests)


def _lua(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"[{_lua(k)}]={_lua(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "{" + ",".join(_lua(each) for each in value) + "}"
    if isinstance(value, str):
        # JSON's escapes are Lua's, once letters stay as they are.
        return json.dumps(value, ensure_ascii=False)
    return str(value)
