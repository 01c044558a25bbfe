"""All that is known on a day of those who may be, or are, proposed an action."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.dates import last_months
from segment.exceptions import ReviewError
from segment.features.store import month_file, scan_months
from segment.jobs.reviews.review_seals import Seals
from segment.law.facts import BY_HAND, USE, customer_facts, item_facts
from segment.messages import Message
from segment.policy import Policy
from segment.store.record_kinds import RecordKind
from segment.store.records import read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import OBJECTIONS
from segment.upgrade.protections import Protections, require_protections
from segment.warehouse.reference_tables import read_reference
from segment.warehouse.tiers_table import published_dates, read_tiers
from segment.workspace import Workspace

BENEFITS = ("pension", "benefit")
_SUMS = {
    "counter_transfers": ("counter_transfers",),
    "manual_events": ("count_counter", "count_phone", "visits_counter", "visits_phone", "visits_adviser"),
    "service_cost": ("transaction_cost", "service_event_cost"),
}
_USED = tuple(name for parts in _SUMS.values() for name in parts)
SHOWN_DATES = 12


@dataclass(frozen=True)
class ReviewContext:
    """All that is known on a day of those who may be, or are, proposed an action."""

    on: dt.date  # The day
    as_of: dt.date  # Of the newest published tiers
    tiers: Mapping[dt.date, pl.DataFrame]  # As published: the newest, those before it that were asked for
    customers: pl.DataFrame  # `segment.law.customer_facts` of everyone published
    tables: Mapping[str, pl.DataFrame]  # Small tables of the ledger
    vouched: frozenset[tuple[str, str]]  # Hash of the review and reviewer of every decision on record
    seals: Seals  # Of every step on record
    protections: Protections  # What was looked at

    @classmethod
    def read(
        cls, on: dt.date, starts_on: dt.date | None, workspace: Workspace, policy: Policy, shown: int = 0
    ) -> ReviewContext:
        """Read everything anew, and of the last `shown` publications the tiers; a rule counts up to `starts_on`."""
        dates = published_dates(workspace.tiers)
        _require_recent(dates, on, policy.law.figures_most_days)
        tables = read_reference(workspace)
        require_protections(tables, policy, on)
        objections, as_of = read_rows(workspace, OBJECTIONS), dates[-1]
        months = last_months(as_of, policy.law_in_force.fee_refreshes)
        in_reach = [date for date in dates if date.replace(day=1) in months]
        tiers = {
            date: read_tiers(workspace.tiers, date) for date in sorted({as_of, *in_reach, *dates[-shown:][:shown]})
        }
        columns = ("as_of", "customer_id", "tier", "direct_contribution_12m", f"^{BY_HAND}$")
        facts = customer_facts(
            tiers[as_of],
            pl.concat([tiers[date].select(columns) for date in in_reach], how="diagonal"),
            _free_income(month_paths(workspace.customer_months, as_of), policy),
            _use(month_paths(workspace.customer_months, as_of)),
            tables,
            objections,
            policy.law,
            on,
            max(on, starts_on or on),
        )
        decided = read_records(workspace, RecordKind.REVIEW_DECIDED)
        vouched = frozenset((record.content["review_sha256"], record.by) for record in decided)
        looked_at = Protections.of(tables, policy, on, objections)
        return cls(on, as_of, tiers, facts, tables, vouched, Seals.read(workspace), looked_at)

    def of_item(self, item_code: str | None, policy: Policy) -> dict[str, object]:
        """Say what the tariff knows of an item; see `segment.law.item_facts`."""
        named = policy.service.tariff.get(item_code or "") if policy.service else None
        item = policy.law.fee_items.get(item_code or "")
        price, service = named.price if named else None, item.service if item else None
        return item_facts(self.tables["tariff_items"], item_code or "", price, service)


def month_paths(folder: Path, as_of: dt.date) -> list[Path]:
    """Name the files of the twelve months that end with a date."""
    return [month_file(folder, month) for month in reversed(last_months(as_of, 12))]


def _require_recent(dates: Sequence[dt.date], on: dt.date, most_days: int) -> None:
    # a day before the newest figures would look away from them
    if not dates or not 0 <= (on - dates[-1]).days <= most_days:
        raise ReviewError.of(
            "errors.tiers_not_recent", on=on, most_days=most_days, newest=dates[-1] if dates else Message("errors.none")
        )


def _free_income(paths: list[Path], policy: Policy) -> pl.DataFrame | None:
    """Find who received an income in the last twelve months whose account is free, or a benefit or pension."""
    if not all(path.is_file() for path in paths):
        return None
    columns = [f"flow_{kind}" for kind in sorted({*policy.law_in_force.free_income, *BENEFITS})]
    months = scan_months(paths).filter(pl.any_horizontal(pl.col(columns) > 0.0))
    return months.select("customer_id").unique().collect()


def _use(paths: Sequence[Path]) -> pl.DataFrame:
    """Add up what each customer used of the bank's service in the last twelve months; unknown where months lack it."""
    scans = [pl.scan_parquet(path, glob=False) for path in paths if path.is_file()]
    if len(scans) < len(paths) or any(not {*_USED} <= set(scan.collect_schema()) for scan in scans):
        return pl.DataFrame(schema={"customer_id": pl.String, **USE})
    sums = {name: pl.sum_horizontal(parts).sum() for name, parts in _SUMS.items()}
    months = pl.concat([scan.select("customer_id", *_USED) for scan in scans])
    return months.group_by("customer_id", maintain_order=True).agg(**sums).collect(engine="in-memory")
