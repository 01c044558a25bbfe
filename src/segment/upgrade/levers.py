"""Levers: the changes, in lines of the accounting, that would lift a customer to the next tier."""

# Contribution adds up, so a change of one line by an amount changes the contribution by that amount. Every price comes
# from the expressions that account for a month. Minutes that are no longer used at a counter stay with the branch, so
# they count for nothing here.

from __future__ import annotations

import datetime as dt

import narwhals as nw
import polars as pl

from segment.contribution import LINE_NAMES, cost, full_contribution
from segment.contribution.cost_to_serve import (
    MANUAL_EVENTS,
    MANUAL_TRANSACTIONS,
    account_cost,
    is_manual,
    service_event_cost,
    transaction_cost,
)
from segment.dates import has_reached
from segment.policy import Policy
from segment.policy.contacts import ChannelLever, SalaryLever
from segment.upgrade.salary import salary_change

SELF_SERVICE = ("atm", "mobile", "online")
COUNTS = {"transactions": "count", "service_events": "visits"}
LEVER_COLUMNS = ("customer_id", "lever", "name", "chance", "by_unit", "units", *LINE_NAMES, "gain_12m", "cost_saved")


def lever_candidates(
    customers: pl.DataFrame, unused: pl.DataFrame, policy: Policy, as_of: dt.date, until: dt.date | None = None
) -> pl.DataFrame:
    """Price every lever that a customer may be asked for, on the day or until a later one."""
    # Returns `LEVER_COLUMNS`, a row per customer and lever that brings at least the policy's least gain. The lines hold
    # their change in twelve months, each signed as the line is: a cost that falls is negative. `by_unit`: fewer events
    # than `units` bring as much less, event by event.
    levers = policy.upgrade.levers
    last = until or as_of
    frames: list[pl.DataFrame | None] = [
        _moved(customers, code, lever, policy, last) for code, lever in levers.channels.items()
    ]
    if levers.salary is not None and levers.salary.product in policy.products:
        frames.append(_salary(customers, levers.salary, policy, as_of))
    if levers.closing is not None:
        frames.append(_closed(unused, policy))
    asked = [frame for frame in frames if frame is not None]
    if not asked:
        asked.append(_finished(customers.head(0), "", "", 0.0, {}, pl.lit(0.0), by_unit=True))
    priced = pl.concat(asked).filter(pl.col("gain_12m") >= max(levers.least_gain_12m, 1e-9))
    return priced.sort("customer_id", "lever")


def smallest_sets(candidates: pl.DataFrame, gaps: pl.DataFrame) -> pl.DataFrame:
    """Choose the fewest levers that together reach the next tier's border, and no more of the last than it takes."""
    # Progress towards the border is a lever's gain less what the border itself may move by, because a customer's
    # borders stand in proportion to their cost: it is never more than what the customer really nears the border.
    # Returns The candidates' columns for the chosen ones, `units`, lines and gain as needed, and `progress`. Customers
    # whom all levers together do not lift, or who stand above the border already, have no row.
    against = pl.when("upward").then(pl.col("cost_saved")).otherwise(-pl.col("cost_saved")).clip(lower_bound=0.0)
    whole = candidates.join(gaps, on="customer_id").with_columns(
        progress=pl.col("gain_12m") - pl.col("border_share") * against
    )
    ordered = whole.filter(pl.col("progress") > 0.0).sort(
        ["customer_id", "progress", "lever"], descending=[False, True, False]
    )
    after = pl.col("progress").cum_sum().over("customer_id")
    ordered = ordered.with_columns(
        after=after, before=after - pl.col("progress"), total=after.last().over("customer_id")
    )
    chosen = ordered.filter(_reaches("total") & ~_reaches("before"))
    per_unit = pl.col("progress") / pl.col("units")
    missing = (pl.col("gap") - pl.col("before")) / per_unit
    least = pl.when("beyond").then(missing.floor() + 1.0).otherwise(missing.ceil()).clip(lower_bound=1.0)
    trimmed = pl.when(pl.col("by_unit") & _reaches("after")).then(pl.min_horizontal(least, "units")).otherwise("units")
    part = trimmed / pl.col("units")
    scaled = ((pl.col(name) * part).alias(name) for name in (*LINE_NAMES, "gain_12m", "cost_saved", "progress"))
    return chosen.with_columns(*scaled, units=trimmed).select(*LEVER_COLUMNS, "progress")


def programme_levers(candidates: pl.DataFrame) -> pl.DataFrame:
    """Sum what programmes value of each customer's levers: work in cheaper channels, and a salary that comes here."""
    # Every channel lever can be pulled beside the others: no event is moved twice.
    kind = kind_of_lever()
    return candidates.group_by("customer_id", maintain_order=True).agg(
        lever_cost_12m=pl.col("gain_12m").filter(kind == "lever_cost").sum(),
        lever_income_12m=pl.col("gain_12m").filter(kind == "lever_income").sum(),
    )


def kind_of_lever() -> pl.Expr:
    """Say which programmes value a lever, in the policy's words."""
    return pl.col("lever").replace_strict({"salary": "lever_income", "closing": "closing"}, default="lever_cost")


def best_levers(candidates: pl.DataFrame) -> pl.DataFrame:
    """Take each customer's lever with the largest expected gain: its amount times its odds."""
    expected = candidates.with_columns(expected=pl.col("gain_12m") * pl.col("chance"))
    best = expected.sort(["expected", "lever"], descending=[True, False]).unique("customer_id", keep="first")
    return best.select("customer_id", "lever", "name", "gain_12m").sort("customer_id")


def may_use_machines(from_years: int, as_of: dt.date) -> pl.Expr:
    """Say who may be asked to use a machine instead of a person."""
    # Source: DOMAIN.md 5: nobody of 60 or older is forced to a machine.
    return ~has_reached(pl.col("birth_date"), from_years, as_of).fill_null(True)


def _salary(customers: pl.DataFrame, lever: SalaryLever, policy: Policy, as_of: dt.date) -> pl.DataFrame | None:
    """Price the salary for those with an everyday account, no salary here, and a sign of one elsewhere, if any."""
    elsewhere = pl.col("main_bank_elsewhere").fill_null(False) | (pl.col("own_in_other_bank_12m") > 0.0)
    # an extra balance on an overdrawn account pays the debt back first, which is another line
    solvent = pl.col(f"balance_{lever.product}_12m") >= 0.0
    asked = customers.filter((pl.col("holds_everyday") > 0) & solvent & (pl.col("salary_months_12m") == 0) & elsewhere)
    if asked.is_empty():
        return None
    lines = {name: pl.lit(value) for name, value in salary_change(lever, policy, as_of).items()}
    return _finished(asked, "salary", lever.name, lever.chance, lines, pl.lit(1.0), by_unit=False)


def _closed(unused: pl.DataFrame, policy: Policy) -> pl.DataFrame | None:
    if unused.is_empty():
        return None
    closing = policy.upgrade.levers.closing
    assert closing is not None  # noqa: S101 - the caller asked
    priced = nw.from_native(unused.lazy()).with_columns(fixed=account_cost(policy)).collect().to_native()
    accounts = priced.group_by("customer_id", maintain_order=True).agg(pl.col("fixed").sum(), accounts=pl.len())
    lines = {
        "account_cost": -12.0 * pl.col("fixed") / pl.col("accounts"),
        "overhead_cost": pl.lit(-12.0 * policy.costs.overhead.per_account_month),
    }
    units = pl.col("accounts").cast(pl.Float64)
    return _finished(accounts, "closing", closing.name, closing.chance, lines, units, by_unit=False)


def _moved(customers: pl.DataFrame, code: str, lever: ChannelLever, policy: Policy, on: dt.date) -> pl.DataFrame | None:
    count = pl.col(f"{COUNTS[lever.events]}_{lever.from_channel}_12m").fill_null(0.0)
    # whole events only; a joint account's are counted by share
    units = (count * lever.most_share + 1e-9).floor()
    asked = customers.filter(units >= 1.0)
    if lever.to_channel in SELF_SERVICE:
        asked = asked.filter(may_use_machines(policy.no_machines_from_years, on))
    if asked.is_empty():
        return None
    before = _priced(asked, lever, lever.from_channel, policy)
    after = _priced(asked, lever, lever.to_channel, policy)
    line = "transaction_cost" if lever.events == "transactions" else "service_event_cost"
    asked = asked.with_columns(
        unit_cost=after["unit"] - before["unit"], unit_overhead=after["overhead"] - before["overhead"]
    )
    lines = {line: pl.col("unit_cost"), "overhead_cost": pl.col("unit_overhead")}
    # meetings differ in length: their mean is exact for all of them together only
    alike = lever.from_channel != "adviser"
    return _finished(asked, code, lever.name, lever.chance, lines, units, by_unit=alike)


def _priced(asked: pl.DataFrame, lever: ChannelLever, channel: str, policy: Policy) -> pl.DataFrame:
    """Unit cost and overhead of an event in a channel, by the month's own expressions."""
    if lever.events == "transactions":
        unit, overhead = transaction_cost(policy.costs), is_manual(MANUAL_TRANSACTIONS)
        read = {"kind": pl.lit("other"), "counterparty_bank": pl.lit(None, pl.String)}
    else:
        unit, overhead = service_event_cost(policy.costs), is_manual(MANUAL_EVENTS)
        read = {"minutes": pl.col("adviser_minutes_12m") / pl.col("visits_adviser_12m")}
    events = nw.from_native(asked.select("customer_id", channel=pl.lit(channel), **read).lazy())
    head_office = overhead * policy.costs.overhead.per_manual_event
    return events.select("customer_id", unit=unit, overhead=head_office).collect().to_native()


def _finished(
    asked: pl.DataFrame,
    code: str,
    name: str,
    chance: float,
    lines: dict[str, pl.Expr],
    units: pl.Expr,
    *,
    by_unit: bool,
) -> pl.DataFrame:
    """Give the changes of a unit the columns of all levers, times the units."""
    counted = asked.with_columns(units=units.cast(pl.Float64))
    zero = pl.lit(0.0)
    said_lines = [(lines.get(line, zero).cast(pl.Float64) * pl.col("units")).alias(line) for line in LINE_NAMES]
    whole = counted.select(
        pl.col("customer_id").cast(pl.String),
        pl.lit(code).alias("lever"),
        pl.lit(name).alias("name"),
        pl.lit(chance).alias("chance"),
        pl.lit(by_unit).alias("by_unit"),
        "units",
        *said_lines,
    )
    summed = nw.from_native(whole.lazy()).with_columns(gain_12m=full_contribution(), cost_saved=nw.lit(0.0) - cost())
    return summed.collect().to_native().select(LEVER_COLUMNS)


def _reaches(column: str) -> pl.Expr:
    passes = pl.col(column) > pl.col("gap")
    return pl.when("beyond").then(passes).otherwise(pl.col(column) >= pl.col("gap"))
