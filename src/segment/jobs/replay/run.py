"""Replay a changed policy over the past months beside the one in force."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from segment.exceptions import HistoryError, PolicyError
from segment.features import months_written, snapshot, target_name
from segment.features.known import month_end
from segment.jobs.backtest.history import build_months, read_ledger
from segment.jobs.progress import Report, quiet
from segment.jobs.reference import managers_by_branch, read_reference
from segment.jobs.replay import figures
from segment.jobs.replay.groups import GROUPS, with_groups
from segment.jobs.replay.keep import NOTES, recorded
from segment.jobs.replay.then import HORIZON_MONTHS, NO_MISS_KNOWN, lasting, misses_of, tiers_then
from segment.policy import Policy
from segment.tiers import realised_tiers
from segment.warehouse import Workspace
from segment.warehouse.tombstones import Erased

MONEY = ("currency", "jurisdiction", "ledger", "assumptions", "ftp", "products", "fees", "costs", "risk", "capital")
"""Sections that customer months are made by: where they differ, months are built again from the ledger."""

Moments = dict[dt.date, pl.DataFrame]


@dataclass(frozen=True)
class Replay:
    """What a changed policy would have done.

    Attributes
    ----------
    policy, against : dict of str to str
        Name, version and hash of the changed policy and of the one in force.
    as_of : str
        The last day replayed, ISO.
    months : int
        Days replayed, a month apart.
    months_judged : int
        Those whose next twelve months are known.
    customers : int
        Of the last day.
    migrations, last_day, groups : list of dict
        See `segment.jobs.replay.figures`; `last_day` are the migrations of the last day alone.
    sides : dict of str to dict
        Under `before` and `after`: `service_cost`, `under_served`, `moves`.
    notes : list of str
        What must be known to read it.
    file : str
        Where it lies in the workspace; a page of the same name ends in `.html`.
    """

    policy: dict[str, str]
    against: dict[str, str]
    as_of: str
    months: int
    months_judged: int
    customers: int
    migrations: list[dict[str, Any]]
    last_day: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    sides: dict[str, dict[str, Any]]
    notes: list[str]
    file: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def __str__(self) -> str:
        """Say the figures that matter most."""
        moved = sum(row["customers"] for row in self.migrations if row["before"] != row["after"])
        total = sum(row["customers"] for row in self.migrations)
        cost, missed = (
            [self.sides[side][name] for side in ("before", "after")] for name in ("service_cost", "under_served")
        )
        values = [one["value_missed"] for one in missed]
        said = "not known yet" if None in values else f"{values[0]:,.0f} → {values[1]:,.0f} a year"
        return (
            f"Replayed {self.policy['name']} {self.policy['version']} over {self.months} months up to {self.as_of}: "
            f"{moved / max(total, 1):.1%} of customers in another tier; assumed cost of service {cost[0]:,.0f} → "
            f"{cost[1]:,.0f} a year; value of customers served too low {said}.\nSee {self.file} and the page beside it."
        )


def replay(
    changed: Policy,
    in_force: Policy,
    workspace: Workspace,
    *,
    months: int = 24,
    as_of: dt.date | None = None,
    ledger: str | None = None,
    n_jobs: int = -1,
    progress: Report = quiet,
) -> Replay:
    """Tier the customers of past months by two policies and compare, each month from what was known then.

    Parameters
    ----------
    changed, in_force : Policy
        The one to try, and the one to compare with.
    workspace : Workspace
        Holds customer months built by `in_force`; gets the replay and its record.
    months : int
        Most days to replay; the first has a year of months behind it.
    as_of : datetime.date, optional
        Last day; by default that of the newest month built.
    ledger : str, optional
        Needed where the changed policy makes other contributions of the same bookings.
    n_jobs : int
        Processes for buckets of customers.
    progress : callable
        Told how far it is.

    Returns
    -------
    Replay

    Raises
    ------
    HistoryError
        Where fewer than twelve months are built.
    PolicyError
        Where the changed policy needs a ledger and none is given.
    """
    days = _days(workspace, as_of, months)
    before = _moments(workspace, workspace.customer_months, in_force, days, n_jobs, progress)
    if _same(changed, in_force, MONEY):
        after = (
            before
            if _same(changed, in_force, ("tiers", "main_bank", "service_cost"), loosely=True)
            else _moments(workspace, workspace.customer_months, changed, days, n_jobs, progress)
        )
    else:
        after = _built_again(ledger, workspace, changed, days, n_jobs, progress)
    both = pl.concat(_all_compared(days, before, after, in_force, changed, workspace))
    both = with_groups(both, workspace, in_force)
    return recorded(_summary(both, days, changed, in_force), workspace, changed)


def _days(workspace: Workspace, as_of: dt.date | None, months: int) -> list[dt.date]:
    built = months_written(workspace.customer_months, as_of)
    days = [month_end(month) for month in built][HORIZON_MONTHS - 1 :][-months:]
    if not days or (as_of is not None and days[-1] != as_of):
        raise HistoryError.with_hint(
            f"A replay needs twelve months built up to its last day. {len(built)} are.", "segment extract LEDGER first"
        )
    return days


def _same(one: Policy, other: Policy, sections: tuple[str, ...], *, loosely: bool = False) -> bool:
    """Whether sections agree; loosely: those figures of them that no snapshot is made by may differ."""
    if loosely:
        return one.main_bank == other.main_bank and one.tiers.winsor_quantile == other.tiers.winsor_quantile
    return all(getattr(one, name) == getattr(other, name) for name in sections)


def _moments(
    workspace: Workspace, folder: Path, policy: Policy, days: list[dt.date], n_jobs: int, progress: Report
) -> Moments:
    reference = read_reference(workspace)
    return snapshot(
        reference,
        folder,
        policy,
        days,
        known_until=days[-1],
        horizon_months=HORIZON_MONTHS,
        n_jobs=n_jobs,
        progress=progress,
    )


def _built_again(
    location: str | None, workspace: Workspace, policy: Policy, days: list[dt.date], n_jobs: int, progress: Report
) -> Moments:
    if location is None:
        raise PolicyError.with_hint(
            "A policy that counts income or cost otherwise needs the ledger to be replayed. None was given.",
            "--ledger LEDGER",
        )
    with tempfile.TemporaryDirectory(prefix="replay-", dir=workspace.root) as folder:
        beside = Workspace(Path(folder))
        read, _ = read_ledger(location, policy, days[-1])
        build_months(read, days[-1], beside, policy, progress, Erased.of(workspace))
        return _moments(workspace, beside.customer_months, policy, days, n_jobs, progress)


def _all_compared(
    days: list[dt.date],
    before: Moments,
    after: Moments,
    in_force: Policy,
    changed: Policy,
    workspace: Workspace,
) -> list[pl.DataFrame]:
    """Compare day by day; each side's tiers last from one day to the next."""
    found: list[pl.DataFrame] = []
    held: list[pl.DataFrame | None] = [None, None]
    for day in days:
        proposed = _proposed(day, before, after, in_force, changed, workspace)
        sides = [
            lasting(side, known, day, policy)
            for side, known, policy in zip(proposed, held, (in_force, changed), strict=True)
        ]
        found.append(_compared(day, sides, before, in_force))
        held = list(sides)
    return found


def _proposed(
    day: dt.date, before: Moments, after: Moments, in_force: Policy, changed: Policy, workspace: Workspace
) -> list[pl.DataFrame]:
    reference = read_reference(workspace)
    managers = managers_by_branch(reference["relationship_managers"])
    a_year_before = _a_year_before(day, before)
    rules = reference["contact_rules"]
    sides = []
    for moments, policy in ((before, in_force), (after, changed)):
        misses = misses_of(moments[a_year_before]) if a_year_before else NO_MISS_KNOWN
        sides.append(tiers_then(moments[day], misses, rules, day, policy, managers))
    return sides


def _compared(day: dt.date, sides: list[pl.DataFrame], before: Moments, in_force: Policy) -> pl.DataFrame:
    came = target_name(HORIZON_MONTHS)
    first = sides[0]
    known = came in first.columns
    judged = realised_tiers(before[day], in_force) if known else pl.lit(None, dtype=pl.String)
    columns = ("as_of", "customer_id", "branch_id", "peer_group", "tenure_months", "contribution_12m", "mean_cost")
    kept = (
        before[day]
        .select("customer_id")
        .with_columns(
            (judged.alias("realised_tier")),
            before[day][came].alias(came) if known else pl.lit(None, pl.Float64).alias(came),
        )
    )
    base = first.select(*columns, before="tier").join(kept, on="customer_id", how="left", validate="1:1")
    return base.join(sides[1].select("customer_id", after="tier"), on="customer_id", how="inner", validate="1:1")


def _a_year_before(day: dt.date, moments: Moments) -> dt.date | None:
    earlier = [one for one in moments if (one.year, one.month) == (day.year - 1, day.month)]
    return earlier[0] if earlier else None


def _summary(both: pl.DataFrame, days: list[dt.date], changed: Policy, in_force: Policy) -> Replay:
    last = both.filter(pl.col("as_of") == both["as_of"].max())
    sides = {
        side: {
            "service_cost": figures.service_cost(both, side, policy),
            "under_served": figures.under_served(both, side, in_force),
            "moves": figures.moves(both, side),
        }
        for side, policy in (("before", in_force), ("after", changed))
    }
    judged = both.filter(pl.col("realised_tier").is_not_null())["as_of"].n_unique()
    return Replay(
        policy=_named(changed),
        against=_named(in_force),
        as_of=days[-1].isoformat(),
        months=len(days),
        months_judged=judged,
        customers=last.height,
        migrations=figures.migrations(both),
        last_day=figures.migrations(last),
        groups=figures.by_group(both, tuple(name for name in GROUPS if name in both.columns)),
        sides=sides,
        notes=list(NOTES),
        file=f"runs/replay-{changed.hash[:12]}-{days[-1].isoformat()}.json",
    )


def _named(policy: Policy) -> dict[str, str]:
    return {"name": policy.name, "version": policy.version, "owner": policy.owner, "hash": policy.hash}
