"""1 My duty where the council charges: what is owed, each line and why. It is 22 November."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from tests.fixtures.fees import (
    TODAY,
    Council,
    by,
    charge_here,
    make_council,
    phone_of,
    raise_day,
    take,
)
from tests.fixtures.stalls import add_stall
from tests.fixtures.world import World
from trader_platform.fees.models import Tariff
from trader_platform.fees.models_charges import Charge, FeeAccount
from trader_platform.fees.queries_why import why_charged
from trader_platform.market.calendar import Change
from trader_platform.market.models import Stall
from trader_platform.market.models_stalls import Occupancy
from trader_platform.market.service_calendar import announce_change, closure
from trader_platform.market.service_join import claim_stall
from trader_platform.traders.models import Person


def charging(world: World, *, accrues: str = "held", days: int = 0) -> Council:
    """A council that charges, with the duty of so many days before today raised."""
    council = make_council(world, accrues=accrues)
    charge_here(world, council)
    for ago in range(days, 0, -1):
        raise_day(world, council, TODAY - timedelta(days=ago))
    return council


def speak_french(world: World) -> None:
    with world.db.transaction() as session:
        session.execute(update(Person).values(language="fr"))


def close_today(world: World, council: Council) -> None:
    change: Change = closure(council.market, TODAY, TODAY)
    with world.db.transaction() as session:
        announce_change(session, change, by("closed"))


def test_today_and_old_and_all_of_it(world: World) -> None:
    council = charging(world, days=2)
    raise_day(world, council, TODAY)
    phone_of(world).dial("1").reads(
        """CON Sun 22 Nov: today D10, old D20
        You owe D30
        1 Pay
        2 Paid this month
        3 My tickets
        4 Something wrong
        5 In parts or ahead
        0 Back"""
    )
    speak_french(world)
    phone_of(world).dial("1").reads(
        """CON dim 22 nov: jour D10, avant D20
        Vous devez D30
        1 Payer
        2 Payé ce mois
        3 Mes tickets
        4 Un souci
        5 En parts, avance
        0 Retour"""
    )


def test_what_is_held_is_owed_before_the_job_has_raised_it(world: World) -> None:
    charging(world)
    phone_of(world).dial("1").sees("today D10, old D0", "You owe D10")


def test_each_line_says_what_it_is_for_and_why(world: World) -> None:
    council = charging(world, days=2)
    raise_day(world, council, TODAY)
    take(world, council, "part", 400)
    phone = (
        phone_of(world)
        .dial("1*1")
        .reads(
            """CON You owe D26
        3 Pay cash
        4 What it is for
        0 Back"""
        )
    )
    phone.press("4").reads(
        """CON You owe for
        1 Sun 22 Nov D6
        2 Sat 21 Nov D10
        3 Fri 20 Nov D10
        0 Back"""
    )
    phone.press("1").reads(
        """CON Duty, Sun 22 Nov: D10
        Right duty since 1 Jan 2026
        Paid D4, to pay D6
        4 Something wrong
        0 Back"""
    )
    speak_french(world)
    phone_of(world).dial("1*1*4").sees("CON Vous devez pour\n1 dim 22 nov D6\n")
    phone_of(world).dial("1*1*4*1").reads(
        """CON Taxe, dim 22 nov: D10
        Le bon tarif depuis 1 jan 2026
        Payé D4, reste D6
        4 Un souci
        0 Retour"""
    )


def test_the_by_law_of_a_fee_is_shown_where_it_is_known(world: World) -> None:
    charging(world, days=1)
    with world.db.transaction() as session:
        session.execute(update(Tariff).values(bylaw="Market by-laws 2011, schedule 4, row 12"))
    phone_of(world).dial("1*1*4*1").reads(
        """CON Duty, Sat 21 Nov: D10
        Right duty since 1 Jan 2026
        Paid D0, to pay D10
        By-law: Market by-laws 2011, sch
        4 Something wrong
        0 Back"""
    )
    speak_french(world)
    phone_of(world).dial("1*1*4*1").sees("Règlement: Market by-laws 2011, sch")


def test_a_line_is_only_for_who_owes_it(world: World) -> None:
    council = charging(world, days=1)
    with world.db.reading() as connection:
        charge, trader = connection.execute(
            select(Charge.id, FeeAccount.trader_id).join(
                FeeAccount, FeeAccount.id == Charge.account_id
            )
        ).all()[0]
        other = next(x for x in council.traders if x != trader)
        assert why_charged(connection, trader, charge) is not None
        assert why_charged(connection, other, charge) is None


def test_cash_goes_to_who_shows_a_badge(world: World) -> None:
    charging(world, days=1)
    phone_of(world).dial("1*1*3").reads(
        """CON Pay the collector. See the badge first. Get a ticket: we text it too.
        You owe D20
        1 Check a badge
        0 Back"""
    ).press("1").sees("Type the badge number that you see.")


def test_all_is_paid(world: World) -> None:
    council = charging(world)
    take(world, council, "t1", 1000)
    phone_of(world).dial("1").reads(
        """CON Sun 22 Nov: all is paid. You owe nothing.
        2 Paid this month
        3 My tickets
        4 Something wrong
        5 Pay ahead
        0 Back"""
    )
    phone_of(world).dial("1*1").sees("You owe nothing.")
    speak_french(world)
    phone_of(world).dial("1").sees("CON dim 22 nov: tout est payé. Vous ne devez rien.")


def test_where_duty_comes_by_trading_nothing_is_owed_before(world: World) -> None:
    council = charging(world, accrues="traded")
    phone_of(world).dial("1").sees("Sun 22 Nov: you owe nothing. If you sell today: D10\n2 Paid")
    take(world, council, "part", 600)
    phone_of(world).dial("1").sees("today D4, old D0", "You owe D4")
    world.clock.move(days=1)
    phone_of(world).dial("1").sees("Mon 23 Nov: a day D10, old D4", "You owe D4")


def test_a_closed_market_takes_no_duty_and_old_duty_stays(world: World) -> None:
    council = charging(world, days=1)
    close_today(world, council)
    phone_of(world).dial("1").reads(
        """CON Latrikunda is closed: no duty today.
        You owe D10
        1 Pay
        2 Paid this month
        3 My tickets
        4 Something wrong
        5 In parts or ahead
        0 Back"""
    )
    take(world, council, "old", 1000, today=False, open_today=False)
    phone_of(world).dial("1").reads(
        """CON Latrikunda is closed: no duty today.
        You owe nothing.
        2 Paid this month
        3 My tickets
        4 Something wrong
        5 Pay ahead
        0 Back"""
    )
    speak_french(world)
    phone_of(world).dial("1").sees("CON Latrikunda est fermé: pas de taxe ce jour.")


def test_old_duty_of_a_stall_she_left_is_still_hers(world: World) -> None:
    council = charging(world, days=2)
    with world.db.transaction() as session:
        session.execute(
            update(Occupancy)
            .where(Occupancy.trader_id == council.traders[0])
            .values(ends_on=TODAY - timedelta(days=1))
        )
    phone_of(world).dial("1").sees("old D20", "You owe D20")


def test_no_stall_and_a_card_that_makes_a_vacant_one_hers(world: World) -> None:
    council = charging(world)
    card = add_stall(world, market="latrikunda", number="L7")
    phone = world.phone("+2203029999").dial().press("1", "1", "1", "1", "latrikunda", "1", "Awa")
    phone.press("1").reads(
        """CON No stall is in your name yet, so no duty shows here.
        1 Add my stall card
        4 Something wrong
        0 Back"""
    )
    phone.press("1", card).sees("Saved: Stall L7")
    world.phone("+2203029999").dial("1").sees("today D10, old D0", "You owe D10")
    other = world.phone("+2203029998").dial().press("1", "1", "1", card, "2")
    assert other.screen != phone.screen
    with world.db.reading() as connection:
        held = connection.execute(
            select(Occupancy.starts_on, Occupancy.ends_on, Occupancy.council_id)
            .join(Stall, Stall.id == Occupancy.stall_id)
            .where(Stall.number == "L7")
        ).all()
    assert [tuple(row) for row in held] == [(TODAY, None, council.id)]


def test_a_stall_that_somebody_holds_stays_his(world: World) -> None:
    council = charging(world)
    with world.db.transaction() as session:
        person = session.query(Person.id).filter_by(name="Test-1").scalar()
        claimed = claim_stall(session, person, council.stalls[0], by=by("claims"))
    assert claimed["contested"] is True
    with world.db.reading() as connection:
        holders = connection.execute(
            select(Occupancy.trader_id).where(Occupancy.stall_id == council.stalls[0])
        ).scalars()
        assert list(holders) == [council.traders[0]]


def test_this_month_and_by_text(world: World) -> None:
    council = charging(world, days=3)
    take(world, council, "t1", 2000)
    phone = (
        phone_of(world)
        .dial("1*2")
        .reads(
            """CON November: 2 days paid, 2 days not.
        Paid D20
        1 Send it by text
        2 Days to pay
        0 Back"""
        )
    )
    phone.press("1").reads("END We send it by text now. November: you paid D20")
    speak_french(world)
    phone_of(world).dial("1*2").reads(
        """CON novembre: 2 jours payés, 2 non.
        Payé D20
        1 L'avoir par SMS
        2 Jours à payer
        0 Retour"""
    )
