"""4 Lumo: which weekly market is held on which day, and what is closed or moved. Open to all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from trader_platform.core.i18n import weekday_name
from trader_platform.market import calendar
from trader_platform.market.calendar import Change
from trader_platform.market.catalog import Place
from trader_platform.market.queries_calendar import changes_of_market, changes_of_pack
from trader_platform.market.service_calendar import DaySaid, tell_day
from ussd.context import Context
from ussd.screen import Act, Ask, End, Goto, Item, Menu, Next, Option, screen
from ussd.screens.pick_market import pick_place

ONE_DAY: Final = timedelta(days=1)


def lumos(ctx: Context) -> list[Place]:
    """The weekly markets, hers first, then in the pack's order."""
    found = [place for place in ctx.catalog.markets.values() if place.kind == "lumo"]
    return sorted(found, key=lambda place: (place.id != ctx.market_id, place.rank, place.id))


def next_lumo(ctx: Context, changes: Sequence[Change], after: date) -> tuple[Place, date] | None:
    """The weekly market that is held soonest later than ``after``; hers where several are."""
    days = ((place, calendar.next_open_day(place, changes, after)) for place in lumos(ctx))
    known = [(place, day) for place, day in days if day is not None]
    return min(known, key=lambda pair: pair[1], default=None)


def day_words(ctx: Context, state: calendar.State) -> str:
    """How a market stands, in at most 22 septets."""
    if state.kind == calendar.CLOSED and state.day:
        return ctx.say("Closed till {date}", date=ctx.date(state.day))
    if state.kind == calendar.MOVED and state.day:
        return ctx.say("Moved to {date}", date=ctx.date(state.day))
    if state.kind == calendar.OPEN:
        return ctx.say("Open today")
    return ctx.say("Not today")


def change_words(ctx: Context, change: Change) -> str:
    """A closure or move in at most 22 septets; one that is still to come says when it begins."""
    if change.moved_to is not None:
        return ctx.say("Moved to {date}", date=ctx.date(change.moved_to))
    if change.starts_on > ctx.today:
        return ctx.say("Closed from {date}", date=ctx.date(change.starts_on))
    return ctx.say("Closed till {date}", date=ctx.date(change.ends_on))


def weekday_options(ctx: Context, goto: str, saves: list[dict[str, Any]]) -> list[Option]:
    """Monday to Sunday under 1 to 7."""
    return [
        Option(str(iso), weekday_name(iso, ctx.language), goto, saves[iso - 1])
        for iso in range(1, 8)
    ]


@screen("lumo.home", edges=("lumo.day", "lumo.days", "lumo.place", "lumo.changes"))
def lumo_home(ctx: Context) -> Menu:
    """The next lumo, and the ways to another."""
    changes = changes_of_pack(ctx.read, ctx.catalog.pack_id, ctx.today)
    coming = next_lumo(ctx, changes, ctx.today - ONE_DAY)
    if coming is None:
        head = ctx.say("We know no lumo day yet.")
    else:
        place, day = coming
        head = ctx.say("Next: {market}, {date}", market=ctx.place(place.id), date=ctx.date(day))
    tomorrow = ctx.today + ONE_DAY
    options = [
        Option("1", ctx.say("Today"), "lumo.day", {"day": ctx.today.isoformat()}),
        Option("2", ctx.say("Next day"), "lumo.day", {"day": tomorrow.isoformat()}),
        Option("3", ctx.say("Pick a day"), "lumo.days"),
        Option("4", ctx.say("Pick a place"), "lumo.place"),
        Option("5", ctx.say("Closed or moved"), "lumo.changes"),
    ]
    return Menu(head, options)


@screen("lumo.day", edges=("lumo.one", "lumo.day.none"), needs={"day": "lumo.home"})
def on_day(ctx: Context) -> Menu | Goto:
    """Lumos that are held on a day."""
    day = date.fromisoformat(ctx.draft["day"])
    changes = changes_of_pack(ctx.read, ctx.catalog.pack_id, min(day, ctx.today))
    held = [place for place in lumos(ctx) if calendar.is_open(place, changes, day)]
    if not held:
        return Goto("lumo.day.none")
    items = [Item(ctx.place(place.id), "lumo.one", {"market": place.id}) for place in held]
    return Menu(ctx.date(day), items=items)


@screen("lumo.day.none", edges=("lumo.one", "lumo.days"), needs={"day": "lumo.home"})
def none_on_day(ctx: Context) -> Menu:
    """No lumo on that day; the next one after it."""
    day = date.fromisoformat(ctx.draft["day"])
    changes = changes_of_pack(ctx.read, ctx.catalog.pack_id, min(day, ctx.today))
    coming = next_lumo(ctx, changes, day)
    head = ctx.say("No lumo on {date}.", date=ctx.date(day))
    options = [Option("3", ctx.say("Pick a day"), "lumo.days")]
    if coming is not None:
        place, held_on = coming
        where = ctx.place(place.id)
        head += "\n" + ctx.say("Next: {market}, {date}", market=where, date=ctx.date(held_on))
        options.insert(0, Option("1", ctx.say("Show it"), "lumo.one", {"market": place.id}))
    return Menu(head, options)


@screen("lumo.days", edges=("lumo.day",))
def days(ctx: Context) -> Menu:
    """By weekday: the coming one, today included."""
    coming = [ctx.today + timedelta(days=(iso - ctx.today.isoweekday()) % 7) for iso in range(1, 8)]
    saves = [{"day": day.isoformat()} for day in coming]
    return Menu(ctx.say("Which day?"), weekday_options(ctx, "lumo.day", saves))


@screen("lumo.place", edges=("lumo.one", "pick.market.mean", "pick.market.none"))
def which(ctx: Context) -> Ask:
    """By place: from the list, or any word typed."""
    rows = [Item(ctx.place(place.id), "lumo.one", {"market": place.id}) for place in lumos(ctx)]

    def accept(typed: str) -> Next:
        return pick_place(ctx, typed, then="lumo.one", asked="lumo.place")

    return Ask(ctx.say("Which lumo? Press a number or type a place."), items=rows, accept=accept)


@screen("lumo.one", edges=("price.mine", "lumo.one.noday"), needs={"market": "lumo.place"})
def one(ctx: Context) -> Menu | Goto:
    """Its day, how it stands now, and the next time."""
    place = ctx.catalog.markets.get(ctx.draft["market"] or 0)
    if place is None:
        return Goto("lumo.place")
    if not calendar.weekdays(place):
        return Goto("lumo.one.noday")
    changes = changes_of_market(ctx.read, place.id, ctx.today)
    state = calendar.state_of(place, changes, ctx.today)
    lines = [_each(ctx, place), day_words(ctx, state)]
    coming = calendar.next_open_day(place, changes, ctx.today)
    if coming is not None:
        lines.append(ctx.say("Next: {date}", date=ctx.date(coming)))
    options = [Option("2", ctx.say("Prices there"), "price.mine", {"market": place.id})]
    return Menu("\n".join(lines), options)


def _each(ctx: Context, place: Place) -> str:
    held = calendar.weekdays(place)
    if held == calendar.EVERY_DAY:
        return ctx.say("{market}: each day", market=ctx.place(place.id))
    # A whole name of a day is long: with several, their short names.
    if len(held) == 1:
        named = weekday_name(held[0], ctx.language)
    else:
        monday = ctx.today - timedelta(days=ctx.today.weekday())
        named = ", ".join(ctx.date(monday + timedelta(days=x - 1)).split()[0] for x in held)
    return ctx.say("{market}: each {day}", market=ctx.place(place.id), day=named)


@screen("lumo.one.noday", edges=("lumo.tell",), needs={"market": "lumo.place"})
def one_without_day(ctx: Context) -> Menu:
    """A market whose day no source tells: perhaps the caller does."""
    head = ctx.say("We do not know the day of {market} yet.", market=ctx.place(ctx.draft["market"]))
    return Menu(head, [Option("1", ctx.say("I know it"), "lumo.tell")])


@screen(
    "lumo.tell",
    redial="R1",
    edges=("lumo.told",),
    needs={"market": "lumo.place"},
    what=lambda ctx: ctx.say("Tell a lumo day"),
)
def tell(ctx: Context) -> Menu:
    """The weekday that the caller knows."""
    saves: list[dict[str, Any]] = [{"weekday": iso} for iso in range(1, 8)]
    head = ctx.say("{market} is on", market=ctx.place(ctx.draft["market"]))
    return Menu(head, weekday_options(ctx, "lumo.told", saves))


@screen("lumo.told", redial="R2", needs={"market": "lumo.place", "weekday": "lumo.tell"})
def told(ctx: Context) -> Act:
    """Keep it for the council to check."""
    person_id = ctx.caller.person_id if ctx.caller else 0

    def do(session: Any, by: Any) -> dict[str, Any]:
        said = DaySaid(person_id, ctx.draft["market"], ctx.draft["weekday"])
        return tell_day(session, said, by)

    def show(result: dict[str, Any]) -> End:
        return End(
            ctx.say(
                "Thank you. The council checks it. {market}: {day}",
                market=ctx.place(result["market"]),
                day=weekday_name(result["weekday"], ctx.language),
            )
        )

    return Act(do=do, show=show)


@screen("lumo.changes", edges=("lumo.one", "lumo.changes.none"))
def changed(ctx: Context) -> Menu | Goto:
    """Lumos that are closed or moved, now or soon."""
    places = {place.id for place in lumos(ctx)}
    found = changes_of_pack(ctx.read, ctx.catalog.pack_id, ctx.today)
    coming = [x for x in calendar.coming_changes(found, ctx.today) if x.market_id in places]
    if not coming:
        return Goto("lumo.changes.none")
    items = [
        Item(
            f"{ctx.place(x.market_id)} {change_words(ctx, x)}", "lumo.one", {"market": x.market_id}
        )
        for x in coming
    ]
    return Menu(ctx.say("Closed or moved"), items=items)


@screen("lumo.changes.none", edges=("lumo.day",))
def nothing_changed(ctx: Context) -> Menu:
    """All lumos are held as ever."""
    tomorrow = ctx.today + ONE_DAY
    options = [
        Option("1", ctx.say("Today"), "lumo.day", {"day": ctx.today.isoformat()}),
        Option("2", ctx.say("Next day"), "lumo.day", {"day": tomorrow.isoformat()}),
    ]
    return Menu(ctx.say("No lumo is closed or moved."), options)
