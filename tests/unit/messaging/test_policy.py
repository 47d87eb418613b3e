"""The class table of texts: hours, cap, STOP, budget, and what runs out meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from trader_platform.core.clock import MovableClock, epoch_ms
from trader_platform.messaging.kinds import Kind
from trader_platform.messaging.policy import (
    Decision,
    Drop,
    Due,
    Hours,
    Moment,
    Reader,
    Rules,
    Send,
    Wait,
    decide,
)
from trader_platform.messaging.types import MessageClass

BANJUL = "Africa/Banjul"  # UTC all year
RULES = Rules(zone=BANJUL, segment_cost_minor=25, budget_a_day_minor=1000)
ANSWER = Kind(MessageClass.ANSWER)
STOP_TEXT = Kind(MessageClass.ANSWER, always=True)
MONEY = Kind(MessageClass.TRANSACTIONAL)
SAFETY = Kind(MessageClass.TRANSACTIONAL, safety=True)
NOTICE = Kind(MessageClass.NOTICE, topic="buyers")
ASKED = Kind(MessageClass.NOTICE, topic="lumo", asked_hour=True)
CLOSED = Kind(MessageClass.NOTICE, topic="lumo", before_cap=True)
CAMPAIGN = Kind(MessageClass.CAMPAIGN, topic="council")
EVERY = {
    "answer": ANSWER,
    "stop": STOP_TEXT,
    "money": MONEY,
    "safety": SAFETY,
    "notice": NOTICE,
    "campaign": CAMPAIGN,
}


def at(clock: str, day: str = "2026-11-22", zone: str = BANJUL) -> datetime:
    local = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def ask(
    kind: Kind,
    now: datetime,
    *,
    rules: Rules = RULES,
    reader: Reader | None = None,
    act: datetime | None = None,
    expires: datetime | None = None,
    day: date | None = None,
    spent: int = 0,
) -> Decision:
    due = Due(kind, epoch_ms(act or now), None if expires is None else epoch_ms(expires), day)
    return decide(due, reader or Reader(), Moment.of(rules, now), spent_minor=spent)


def wait(until: datetime, why: str = "quiet") -> Wait:
    return Wait(epoch_ms(until), why)


OLD = timedelta(hours=1)
MORNING = at("08:00", "2026-11-23")


@pytest.mark.parametrize(
    ("clock", "opens"),
    [
        ("08:00", None),
        ("19:59:59", None),
        ("20:00", at("08:00", "2026-11-23")),
        ("23:59:59", at("08:00", "2026-11-23")),
        ("00:00", at("08:00")),
        ("07:59:59", at("08:00")),
    ],
)
@pytest.mark.parametrize("kind", [NOTICE, CAMPAIGN])
def test_notices_wait_from_eight_to_eight(kind: Kind, clock: str, opens: datetime | None) -> None:
    assert ask(kind, at(clock), act=at(clock) - OLD) == (wait(opens) if opens else Send())


@pytest.mark.parametrize("clock", ["03:00", "20:00", "23:59:59"])
@pytest.mark.parametrize("kind", [ANSWER, STOP_TEXT, SAFETY])
def test_answers_and_safety_go_at_any_hour(kind: Kind, clock: str) -> None:
    assert ask(kind, at(clock), act=at(clock) - OLD) == Send()


@pytest.mark.parametrize(
    ("age", "goes"),
    [
        (timedelta(0), True),
        (timedelta(minutes=10), True),
        (timedelta(minutes=10, seconds=1), False),
    ],
)
def test_a_text_about_her_money_goes_at_night_while_the_act_is_fresh(
    age: timedelta, goes: bool
) -> None:
    now = at("23:30")
    assert ask(MONEY, now, act=now - age) == (Send() if goes else wait(MORNING))


def test_by_day_an_old_act_is_told_at_once() -> None:
    assert ask(MONEY, at("12:00"), act=at("12:00") - OLD) == Send()


@pytest.mark.parametrize(
    ("clock", "opens"),
    [
        ("05:00", None),
        ("21:59:59", None),
        ("22:00", at("05:00", "2026-11-23")),
        ("04:59:59", at("05:00")),
        ("00:00", at("05:00")),
    ],
)
def test_wide_hours_are_for_what_was_asked_for_and_for_tomorrows_market(
    clock: str, opens: datetime | None
) -> None:
    wanted = wait(opens) if opens else Send()
    now = at(clock)
    assert ask(ASKED, now, act=now - OLD) == wanted
    assert ask(CLOSED, now, act=now - OLD, day=date(2026, 11, 23)) == wanted
    assert ask(CLOSED, now, act=now - OLD, day=date(2026, 11, 22)) == wanted


def test_a_closure_of_a_later_day_keeps_the_usual_hours() -> None:
    now = at("21:00")
    assert ask(CLOSED, now, day=date(2026, 11, 24)) == wait(MORNING)


@pytest.mark.parametrize(
    ("count", "kind", "decision"),
    [
        (2, NOTICE, Send()),
        (3, NOTICE, wait(MORNING, "cap")),
        (3, CAMPAIGN, wait(MORNING, "cap")),
        (9, ANSWER, Send()),
        (9, MONEY, Send()),
        (9, SAFETY, Send()),
        (9, CLOSED, Send()),
    ],
)
def test_the_cap_holds_back_notices_only(count: int, kind: Kind, decision: Decision) -> None:
    assert ask(kind, at("12:00"), reader=Reader(counted_today=count)) == decision


@pytest.mark.parametrize(
    ("spent", "kind", "decision"),
    [
        (975, NOTICE, Send()),
        (976, NOTICE, wait(MORNING, "budget")),
        (976, CAMPAIGN, wait(MORNING, "budget")),
        (976, CLOSED, wait(MORNING, "budget")),
        (9999, ANSWER, Send()),
        (9999, MONEY, Send()),
    ],
)
def test_the_budget_holds_back_notices_only(spent: int, kind: Kind, decision: Decision) -> None:
    assert ask(kind, at("12:00"), spent=spent) == decision
    assert ask(kind, at("12:00"), spent=spent, rules=replace(RULES, budget_a_day_minor=None)) == (
        Send()
    )


STOPPED = {
    "": set(EVERY),
    "most": {"answer", "stop", "money", "safety"},
    "all": {"stop", "safety"},
}


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("stopped", STOPPED)
def test_stop_and_stop_all(stopped: str, name: str) -> None:
    decision = ask(EVERY[name], at("12:00"), reader=Reader(stopped=stopped))
    if name in STOPPED[stopped]:
        assert decision == Send()
    else:
        assert decision == Drop({"most": "stopped", "all": "stopped_all"}[stopped], False)


@pytest.mark.parametrize("name", EVERY)
def test_after_the_gateways_own_opt_out_nothing_goes(name: str) -> None:
    assert ask(EVERY[name], at("12:00"), reader=Reader(opted_out=True)) == Drop("opted_out", False)


def test_a_stopped_topic_stops_that_topic() -> None:
    reader = Reader(stopped_topics=("buyers",))
    assert ask(NOTICE, at("12:00"), reader=reader) == Drop("stopped_topic", False)
    assert ask(ASKED, at("12:00"), reader=reader) == Send()


@pytest.mark.parametrize("kind", EVERY.values())
def test_what_ran_out_never_goes(kind: Kind) -> None:
    now = at("12:00")
    assert ask(kind, now, expires=now) == Drop("too_late", True)
    assert ask(kind, now, expires=now + timedelta(milliseconds=1)) == Send()


def test_what_runs_out_while_it_waits_ends_at_once() -> None:
    night, before, after = at("23:00"), at("07:59", "2026-11-23"), at("08:01", "2026-11-23")
    assert ask(NOTICE, night, expires=before) == Drop("quiet", True)
    assert ask(NOTICE, night, expires=after) == wait(MORNING)
    full = Reader(counted_today=3)
    assert ask(NOTICE, at("12:00"), reader=full, expires=before) == Drop("cap", True)


def test_hours_are_those_of_the_country() -> None:
    rules = Rules(zone="Asia/Kathmandu")  # UTC+05:45
    assert ask(NOTICE, at("19:59", zone="Asia/Kathmandu"), rules=rules) == Send()
    night = at("20:00", zone="Asia/Kathmandu")
    assert ask(NOTICE, night, rules=rules) == wait(at("08:00", "2026-11-23", "Asia/Kathmandu"))


def test_a_night_that_clocks_go_back_in_ends_at_eight() -> None:
    rules = Rules(zone="Europe/Paris")  # 25 October 2026: 03:00 is 02:00 again
    night = at("23:00", "2026-10-24", "Europe/Paris")
    assert ask(NOTICE, night, rules=rules) == wait(at("08:00", "2026-10-25", "Europe/Paris"))


@pytest.mark.parametrize(
    ("opens", "closes", "clock", "is_open"),
    [
        ("08:00", "20:00", "08:00", True),
        ("22:00", "02:00", "23:00", True),
        ("22:00", "02:00", "01:59", True),
        ("22:00", "02:00", "02:00", False),
        ("00:00", "00:00", "03:00", True),
    ],
)
def test_hours(opens: str, closes: str, clock: str, is_open: bool) -> None:
    hours = Hours(time.fromisoformat(opens), time.fromisoformat(closes))
    local = at(clock).astimezone(ZoneInfo(BANJUL))
    assert (hours.next_open(local) == local) is is_open


def test_a_day_of_notices_with_a_clock_that_moves() -> None:
    """Three go, the fourth waits for the morning, when the count is another day's."""
    clock, count, sent = MovableClock(at("19:50")), 0, []
    while clock.now() < at("08:00", "2026-11-23"):
        decision = ask(NOTICE, clock.now(), reader=Reader(counted_today=count))
        if isinstance(decision, Send):
            sent, count = [*sent, clock.now()], count + 1
        clock.move(minutes=3)
    assert [f"{moment:%H:%M}" for moment in sent] == ["19:50", "19:53", "19:56"]
    assert ask(NOTICE, clock.now(), reader=Reader()) == Send()


def test_rules_of_a_pack_and_of_one_loaded_before_there_were_any() -> None:
    sms = {
        "quiet_from_time": "21:00",
        "quiet_until_time": "07:00",
        "wide_from_time": "06:00",
        "wide_until_time": "23:00",
        "texts_a_day": 5,
        "segment_cost_minor": 30,
    }
    rules = Rules.of({"timezone": BANJUL, "sms": sms})
    assert rules == Rules(BANJUL, Hours(time(7), time(21)), Hours(time(6), time(23)), 5, 30, None)
    assert Rules.of({"timezone": BANJUL}) == Rules(zone=BANJUL)
