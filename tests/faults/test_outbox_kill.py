"""kill -9 at every step of a drain, and four workers at once: no text twice, none lost."""

from __future__ import annotations

import signal
import threading
import time
from collections import defaultdict
from datetime import UTC, datetime
from multiprocessing.context import ForkServerContext

from sms.texts import render
from tests.fakes.gateways import Call, FakeAfricasTalking, Said
from tests.fixtures.outbox import Outbox, outbox_of
from tests.fixtures.outbox_child import drain_and_die, drain_until_all_left
from tests.fixtures.world import World
from trader_platform.core.clock import MovableClock


def queue_some(outbox: Outbox, point: int) -> list[int]:
    """Two answers to one phone and two equal notices."""
    first, second = (outbox.contact(f"+22030{at}{point:04d}") for at in (1, 2))
    return [
        outbox.queue("price.bare", first, f"in:{point}:1"),
        outbox.queue("more.end", first, f"in:{point}:2"),
        outbox.news(first, f"c:{point}:1"),
        outbox.news(second, f"c:{point}:2"),
    ]


def test_killed_at_every_step(world: World, processes: ForkServerContext) -> None:
    """What was not handed over is taken up by the next drain; what may have been is unknown."""
    with outbox_of(world) as outbox:
        point, ended, unknowns = 0, False, 0
        while not ended:
            point += 1
            outbox.fake.taken.clear()
            queued = queue_some(outbox, point)
            child = processes.Process(
                target=drain_and_die, args=(world.url, outbox.fake.url, world.clock.now(), point)
            )
            child.start()
            child.join()
            ended = child.exitcode == 0
            assert ended or child.exitcode == -signal.SIGKILL
            sending = {id_ for id_ in queued if outbox.row(id_)["state"] == "sending"}
            for _ in range(2):  # the leases run out; then what they held back may go
                world.clock.move(seconds=61)
                outbox.sender.drain()
            rows = [outbox.row(id_) for id_ in queued]
            unknown = {row["id"] for row in rows if row["state"] == "unknown"}
            assert {row["state"] for row in rows} <= {"accepted", "unknown"}
            assert unknown == sending
            assert len(set(outbox.fake.taken)) == len(outbox.fake.taken), "sent twice"
            assert len(queued) - len(unknown) <= len(outbox.fake.taken) <= len(queued)
            unknowns += len(unknown)
        assert point > 40, "the drain was never interrupted"
        assert 0 < unknowns < 2 * point


class OrderedGateway(FakeAfricasTalking):
    """Takes its time, and sees what is in a call for a number at once."""

    def __init__(self) -> None:
        super().__init__()
        self.in_call: dict[str, int] = defaultdict(int)
        self.most_at_once = 0
        self.most_calls = 0
        self._counts = threading.Lock()

    def accept(self, call: Call) -> Said:
        """Late, so that calls meet."""
        numbers = call.form["to"][0].split(",")
        with self._counts:
            for number in numbers:
                self.in_call[number] += 1
            self.most_at_once = max(self.most_at_once, *self.in_call.values())
            self.most_calls = max(self.most_calls, sum(self.in_call.values()))
        time.sleep(0.02)
        said = super().accept(call)
        with self._counts:
            for number in numbers:
                self.in_call[number] -= 1
        return said


KINDS = ["price.bare", "more.end", "more.nothing", "stop.all", "help.one", "call.which"]


def test_four_workers_keep_each_phones_order(world: World, processes: ForkServerContext) -> None:
    world.clock = MovableClock(datetime.now(UTC))
    fake = OrderedGateway()
    try:
        outbox = Outbox(world, fake)
        numbers = [f"+220301234{at}" for at in range(8)]
        contacts = [outbox.contact(number) for number in numbers]
        for kind in KINDS:
            for number, contact in zip(numbers, contacts, strict=True):
                outbox.queue(kind, contact, f"in:{number}:{kind}")
        workers = [
            processes.Process(target=drain_until_all_left, args=(world.url, fake.url))
            for _ in range(4)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
            assert worker.exitcode == 0
        assert {state for (state,) in outbox.rows()} == {"accepted"}
        assert len(fake.taken) == len(KINDS) * len(numbers)
        catalog = world.hops.catalogs.get(1)
        wanted = [render(kind, {}, "en", catalog) for kind in KINDS]
        for number in numbers:
            assert [words for to, words in fake.taken if to == number] == wanted
        assert fake.most_at_once == 1
        assert fake.most_calls > 1, "the workers never met"
    finally:
        fake.stop()
