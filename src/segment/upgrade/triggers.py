"""Dated events of the bank's own books that set a contact off: what happened, when, and until when it counts."""

# Source: DOMAIN.md 3.6. An event is known from what the books held on the day of the tiers, and must still be good some
# days after the list's own: a month's figures are known at its end, a deposit's last day ahead of it. A tariff's
# anniversary is not among them: no ledger says which tariff a customer took, and when.

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from segment.policy import Policy
from segment.policy.trigger_rules import Triggers

FOUND = {
    "customer_id": pl.String,
    "trigger": pl.String,  # Event of `segment.policy.trigger_rules`
    "trigger_on": pl.Date,  # Its day; of an event of a month, the month's last
    "trigger_until": pl.Date,  # Last day on which it counts
    "trigger_amount": pl.Float64,  # In book currency; null: not known, or none
}
_WHO = "customer_id"


def months_needed(rules: Triggers) -> int:
    """Count the months, up to the newest, that the events of months are found in."""
    before = max(
        rules.missed_pay_days + rules.regular_pay_months - 1,
        rules.usual_months,
        rules.falling_months,
        rules.regular_pay_months,
    )
    return before + 1 + rules.good_for_days // 28


def find_triggers(
    months: pl.DataFrame, tables: Mapping[str, pl.DataFrame], policy: Policy, as_of: dt.date, list_on: dt.date
) -> pl.DataFrame:
    """Find every event that is known on a date and good on the list's own: columns of `FOUND`."""
    # `months`: `customer_id`, `month`, `salary`, `inflow`, `deposits` (mean balance of deposits and wealth), and
    # `balance_PRODUCT` of each of their products, up to the month of `as_of`.
    rules = policy.upgrade.triggers
    known = months.filter(pl.col("month") <= as_of).sort(_WHO, "month")
    accounts = _owned(tables, as_of)
    parts = [
        _matures(accounts, known, policy, as_of, list_on),
        _salary_stopped(known, rules),
        _salary_began(known, rules),
        _large_inflow(known, rules),
        _paid_off(accounts, rules, as_of),
        _balance_falling(known, rules),
        _complaint_closed(tables["contact_rules"], rules, as_of, list_on),
    ]
    found = pl.concat([part.select(list(FOUND)).cast(FOUND) for part in parts])  # type: ignore[arg-type]
    last = list_on + dt.timedelta(days=rules.least_days_left)
    # the newest of a kind, so that nobody's event counts twice
    newest = found.filter(pl.col("trigger_until") >= last).sort(_WHO, "trigger", "trigger_on", "trigger_amount")
    return newest.unique([_WHO, "trigger"], keep="last", maintain_order=True)


def with_triggers(candidates: pl.DataFrame, found: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Add to customers of programmes the leading event of those that count there, and what all say of the chance."""
    # `trigger_evidence`: log-odds of all of them together, at most as many as the policy lets them add; they all count
    # until the first of them ends.
    rules, weights = policy.upgrade.triggers, _weights(policy)
    counted = candidates.select(_WHO, "programme").join(found, on=_WHO).join(weights, on=["programme", "trigger"])
    leading = ["log_odds", "trigger_until", "trigger"]
    evidence = (
        counted.sort([_WHO, "programme", *leading], descending=[False, False, True, False, False])
        .group_by(_WHO, "programme", maintain_order=True)
        .agg(
            pl.col("trigger", "trigger_on", "trigger_amount").first(),
            pl.col("trigger_until").min(),
            trigger_evidence=pl.col("log_odds").sum().clip(upper_bound=rules.most_log_odds),
        )
    )
    joined = candidates.join(evidence, on=[_WHO, "programme"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("trigger_evidence").fill_null(0.0))


def _weights(policy: Policy) -> pl.DataFrame:
    rows = [
        (code, event, says.log_odds)
        for code, programme in policy.programmes.items()
        for event, says in policy.upgrade.triggers.evidence.items()
        if programme.moved_when in says.moves
    ]
    schema = {"programme": pl.String, "trigger": pl.String, "log_odds": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _owned(tables: Mapping[str, pl.DataFrame], as_of: dt.date) -> pl.DataFrame:
    """Accounts that were open by a date and their owners; what closed later is still open."""
    closed = pl.when(pl.col("closed_on") <= as_of).then("closed_on")
    accounts = tables["accounts"].filter(pl.col("opened_on") <= as_of).with_columns(closed_on=closed)
    owners = tables["holdings"].filter(pl.col("share") > 0.0).select("account_id", _WHO)
    return owners.join(accounts, on="account_id")


def _matures(
    accounts: pl.DataFrame, months: pl.DataFrame, policy: Policy, as_of: dt.date, list_on: dt.date
) -> pl.DataFrame:
    """Find deposits whose last day is near, with the month's mean balance where it is of one account alone."""
    rules, ends = policy.upgrade.triggers, pl.col("matures_on")
    products = policy.products_of("deposit", "wealth")
    here = accounts.filter(pl.col("closed_on").is_null() & pl.col("product").cast(pl.String).is_in(products))
    here = here.with_columns(pl.col("product").cast(pl.String), alone=pl.len().over(_WHO, "product") == 1)
    near = here.filter(ends.is_between(list_on, list_on + dt.timedelta(days=rules.matures_within_days)))
    whole_month = pl.col("opened_on") < as_of.replace(day=1)
    balances = (
        months.filter(pl.col("month") == as_of.replace(day=1))
        .unpivot([f"balance_{name}" for name in products], index=_WHO, variable_name="product", value_name="balance")
        .with_columns(pl.col("product").str.strip_prefix("balance_"))
    )
    dated = near.join(balances, on=[_WHO, "product"], how="left").with_columns(
        trigger_amount=pl.when(pl.col("alone") & whole_month).then("balance")
    )
    large = pl.col("trigger_amount").is_null() | (pl.col("trigger_amount") >= rules.least_amount)
    return _event(dated.filter(large), "deposit_matures", on=ends, until=ends, amount=pl.col("trigger_amount"))


def _salary_stopped(months: pl.DataFrame, rules: Triggers) -> pl.DataFrame:
    missed, regular = rules.missed_pay_days, rules.regular_pay_months
    paid = pl.col("salary") > 0.0
    before = [_back(paid, ago) for ago in range(missed, missed + regular)]
    unpaid = [~_back(paid, ago) for ago in range(1, missed)]
    none_since = paid.cum_sum(reverse=True).over(_WHO) == 0
    rows = months.filter(_whole(missed + regular - 1) & none_since & pl.all_horizontal(*before, *unpaid))
    # the first month in which as many pay-days were missed; the day is that of the last month that was paid
    return _of_month(rows, "salary_stopped", rules, day=_last_day(-missed))


def _salary_began(months: pl.DataFrame, rules: Triggers) -> pl.DataFrame:
    paid = pl.col("salary") > 0.0
    never = [~_back(paid, ago) for ago in range(1, rules.regular_pay_months + 1)]
    ever_since = paid.not_().cum_sum(reverse=True).over(_WHO) == 0
    rows = months.filter(_whole(rules.regular_pay_months) & ever_since & pl.all_horizontal(never))
    return _of_month(rows, "salary_began", rules, amount=pl.col("salary"))


def _large_inflow(months: pl.DataFrame, rules: Triggers) -> pl.DataFrame:
    inflow = pl.col("inflow")
    before = pl.concat_list([_back(inflow, ago) for ago in range(1, rules.usual_months + 1)])
    usual = before.list.median()
    large = (usual > 0.0) & (inflow >= rules.inflow_times * usual) & (inflow >= rules.least_amount)
    return _of_month(months.filter(_whole(rules.usual_months) & large), "large_inflow", rules, amount=inflow)


def _balance_falling(months: pl.DataFrame, rules: Triggers) -> pl.DataFrame:
    held, left = pl.col("deposits"), 1.0 - rules.falling_share
    falls = [_back(held, ago) <= left * _back(held, ago + 1) for ago in range(rules.falling_months)]
    first = _back(held, rules.falling_months)
    # a balance that came back since has not fallen
    gone = held.last().over(_WHO) <= left * _back(held, 1)
    rows = months.filter(_whole(rules.falling_months) & pl.all_horizontal(falls) & (first >= rules.least_amount) & gone)
    fallen = months.select(_WHO, "month", fallen=first - held)
    return _of_month(rows.join(fallen, on=[_WHO, "month"]), "balance_falling", rules, amount=pl.col("fallen"))


def _paid_off(accounts: pl.DataFrame, rules: Triggers, as_of: dt.date) -> pl.DataFrame:
    loans = accounts.filter((pl.col("family") == "loan") & (pl.col("closed_on") <= as_of))
    return _event(loans, "loan_paid_off", on=pl.col("closed_on"), until=_after("closed_on", rules.good_for_days))


def _complaint_closed(rules_of: pl.DataFrame, rules: Triggers, as_of: dt.date, list_on: dt.date) -> pl.DataFrame:
    first, last = rules.complaint_closed_days
    ended = rules_of.filter((pl.col("rule").cast(pl.String) == "complaint") & (pl.col("ends_on") <= as_of))
    rested = ended.filter(_after("ends_on", first) <= list_on)
    return _event(rested, "complaint_closed", on=pl.col("ends_on"), until=_after("ends_on", last))


def _of_month(
    rows: pl.DataFrame,
    event: str,
    rules: Triggers,
    *,
    day: pl.Expr | None = None,
    amount: pl.Expr | None = None,
) -> pl.DataFrame:
    """An event of a month, which is known on the month's last day."""
    until = _last_day(0) + pl.duration(days=rules.good_for_days)
    return _event(rows, event, on=_last_day(0) if day is None else day, until=until, amount=amount)


def _event(
    rows: pl.DataFrame, event: str, *, on: pl.Expr, until: pl.Expr, amount: pl.Expr | None = None
) -> pl.DataFrame:
    value = pl.lit(None, pl.Float64) if amount is None else amount
    return rows.select(_WHO, trigger=pl.lit(event), trigger_on=on, trigger_until=until, trigger_amount=value)


def _back(value: pl.Expr, months: int) -> pl.Expr:
    return value.shift(months).over(_WHO)


def _whole(months: int) -> pl.Expr:
    """Whether so many months before are there, without a gap."""
    return _back(pl.col("month"), months) == pl.col("month").dt.offset_by(f"-{months}mo")


def _last_day(months: int) -> pl.Expr:
    return pl.col("month").dt.offset_by(f"{months}mo").dt.month_end()


def _after(column: str, days: int) -> pl.Expr:
    return pl.col(column) + pl.duration(days=days)
