"""What the workspace knows of each branch's means and traffic."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from segment.dates import has_reached
from segment.features.store import month_file, newest_months
from segment.policy.service import IN_ARREARS
from segment.service.branch_means import WEEKS_A_MONTH, BranchMeans, managers_of
from segment.service.contacts_in_arrears import ContactsInArrears
from segment.service.traffic import MONTHS, TRAFFIC, Traffic, contacts, traffic_of
from segment.service.trial_exclusions import in_force

AGES = {"customers": ("customer_id", "birth_date")}
"""What `called_first` asks of the customers' table."""


def read_traffic(customer_months: Path, as_of: dt.date) -> Traffic:
    """Read what customers asked of all branches; a workspace without customer months has none."""
    months = newest_months(customer_months, as_of, MONTHS)
    read = [traffic_of(pl.scan_parquet(month_file(customer_months, month), glob=False), month) for month in months]
    return Traffic.of(months, pl.concat([pl.LazyFrame(schema=TRAFFIC), *read]).collect(engine="in-memory"))


def means_of_branches(
    customers: pl.DataFrame,
    traffic: pl.DataFrame,
    months: int,
    tables: Mapping[str, pl.DataFrame],
    hours: pl.DataFrame,
    first: pl.DataFrame,
) -> dict[str, BranchMeans]:
    """Say what each branch has, and what the groups of its plan ask of it."""
    # `customers`: With `branch_id`, `tier`, `service_state`; `traffic` with those of the customer; `first`: as
    # `called_first` finds it.
    managers, found = managers_of(tables["relationship_managers"]), {}
    named = {row["branch_id"]: row for row in tables["branches"].iter_rows(named=True)}
    complaints = _complaints_a_week(customers, tables["contact_rules"])
    for branch in customers["branch_id"].unique().sort():
        own, row = traffic.filter(pl.col("branch_id") == branch), named.get(branch, {})
        called = customers.filter(pl.col("branch_id") == branch).join(first, on="customer_id")
        before_others = own.join(called.filter("first"), on="customer_id", how="semi")
        met, minutes = (float(own[name].sum()) for name in ("meetings", "adviser_minutes"))
        visits = _visits_a_week(own, months)
        found[branch] = BranchMeans(
            name=row.get("name") or branch,
            counters=row.get("counters"),
            opening_hours_week=row.get("opening_hours_week"),
            managers=managers.get(branch, ()) if managers else None,
            visits=visits or None,
            # where no age is known, nobody can say who is old
            first=_visits_a_week(before_others, months) if called["known"].any() else None,
            hours=dict(hours.filter(pl.col("branch_id") == branch).select("hour", "visits").iter_rows()),
            meeting_minutes=minutes / met if met else None,
            complaints_week=complaints.get(branch, 0.0),
        )  # fmt: skip
    return found


def called_first(tables: Mapping[str, pl.DataFrame], years: int, on: dt.date) -> pl.DataFrame:
    """Who is called first at a counter whatever their tier (`first`), and whose age is `known`."""
    # Source: DOMAIN.md 3.9: older people and those with a disability, whom the ledger has as vulnerable.
    vulnerable = in_force(tables["contact_rules"], ("vulnerable",), on)["customer_id"]
    older = has_reached(pl.col("birth_date"), years, on).fill_null(value=False)
    return (
        tables["customers"]
        .select("customer_id", first=older | pl.col("customer_id").is_in(vulnerable.implode()), known="birth_date")
        .with_columns(pl.col("known").is_not_null())
    )


def _visits_a_week(own: pl.DataFrame, months: int) -> dict[tuple[str, str], float]:
    summed = own.group_by("tier", "service_state", maintain_order=True).agg(pl.col("visits").sum())
    return {(tier, state): number / months / WEEKS_A_MONTH for tier, state, number in summed.iter_rows()}


def contacts_in_arrears(own: pl.DataFrame, traffic: Traffic) -> ContactsInArrears | None:
    """Most calls and meetings of one customer in arrears; none where the ledger tells of no call and no meeting."""
    # `own`: The traffic of a branch's customers, with their `service_state`.
    if not traffic.months or not traffic.contacts:
        return None
    late = own.filter(pl.col("service_state") == IN_ARREARS)
    last = late.filter(pl.col("month") == traffic.months[-1]).select(contacts().max()).item()
    two = late.filter(pl.col("month").is_in(list(traffic.months[-2:])))
    both = two.group_by("customer_id", maintain_order=True).agg(contacts().sum().alias("contacts"))["contacts"].max()
    return ContactsInArrears(int(last or 0), int(both or 0))  # type: ignore[arg-type]


def _complaints_a_week(customers: pl.DataFrame, rules: pl.DataFrame) -> dict[str, float]:
    """Complaints that began in the last year, a week."""
    as_of: dt.date = customers["as_of"].max()  # type: ignore[assignment]
    year = pl.col("starts_on").is_between(as_of - dt.timedelta(days=364), as_of)
    began = rules.filter((pl.col("rule").cast(pl.String) == "complaint") & year)
    of_branch = began.join(customers.select("customer_id", "branch_id"), on="customer_id")
    counted = of_branch.group_by("branch_id", maintain_order=True).len()
    return {branch: number / 52.0 for branch, number in counted.iter_rows()}
