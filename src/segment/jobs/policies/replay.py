"""Replay a changed policy over the past months beside the one in force."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from segment.audit.groups import REPLAY_GROUPS, with_group_columns
from segment.dates import month_end
from segment.evaluation import replay_metrics as metrics
from segment.evaluation.past_tiers import HORIZON_MONTHS, NO_MISS_KNOWN, misses_of, past_tiers, with_lasting_tiers
from segment.exceptions import HistoryError, UsageError
from segment.features import months_written, snapshot, target_name
from segment.files import file_hash, write_json
from segment.jobs.backtest.backtest_history import build_months, read_ledger
from segment.jobs.fairness.protected_groups import read_protected
from segment.messages import Message
from segment.pages.audit_page import with_sentences
from segment.pages.message_result import MessageResult
from segment.pages.replay_page import NOTES, write_page
from segment.policy import Policy
from segment.progress import ProgressCallback, no_progress
from segment.sentences import Language
from segment.settings import current_user
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.store.tombstones import Erased
from segment.tiers import realised_tiers
from segment.warehouse.reference_tables import managers_by_branch, read_reference
from segment.workspace import Workspace

MONEY = ("currency", "jurisdiction", "ledger", "assumptions", "ftp", "products", "fees", "costs", "risk", "capital")
"""Sections that customer months are made by: where they differ, months are built again from the ledger."""

Snapshots = dict[dt.date, pl.DataFrame]


@dataclass(frozen=True)
class ReplaySide:
    """What one policy would have done."""

    service_cost: float | None  # By the plan's budgets
    under_served: metrics.UnderServed
    moves: metrics.Moves


@dataclass(frozen=True)
class Replay(MessageResult):
    """What a changed policy would have done."""

    policy: dict[str, str]  # policy, against: Name, version and hash of the changed policy and of the one in force.
    against: dict[str, str]
    as_of: str  # The last day replayed, ISO
    months: int  # Days replayed, a month apart
    months_judged: int  # Those whose next twelve months are known
    customers: int  # Of the last day
    migrations: list[metrics.Migration]  # migrations, last_day: Of all days, and of the last day alone.
    last_day: list[metrics.Migration]
    groups: list[metrics.GroupEffect]
    sides: dict[str, ReplaySide]  # Under `before` and `after`
    file: str  # Where it lies in the workspace; a page of the same name ends in `.html`

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {"groups": [effect.to_dict() for effect in self.groups]} | with_sentences(NOTES)

    def messages(self) -> list[Message]:
        """Say the figures that matter most."""
        moved = sum(row.customers for row in self.migrations if row.before != row.after)
        total = sum(row.customers for row in self.migrations)
        sides = (self.sides["before"], self.sides["after"])
        cost, values = ([side.service_cost for side in sides], [side.under_served.value_missed for side in sides])
        unknown = None in values
        figures = {} if unknown else dict(zip(("before", "after"), values, strict=True))
        cost_figures = {} if None in cost else dict(zip(("before", "after"), cost, strict=True))
        summary = {
            **{name: self.policy[name] for name in ("name", "version")}, "months": self.months, "as_of": self.as_of,
            "moved": moved / max(total, 1),
            "cost": Message(f"replay.cost.{'no_plan' if None in cost else 'planned'}", cost_figures),
            "missed": Message(f"replay.missed.{'not_known' if unknown else 'known'}", figures),
        }  # fmt: skip
        return [Message("replay.summary", summary), Message("replay.see", {"file": self.file})]


def replay(
    changed: Policy,
    in_force: Policy,
    workspace: Workspace,
    *,
    months: int = 24,
    as_of: dt.date | None = None,
    ledger: str | None = None,
    language: Language = "en",
    n_jobs: int = -1,
    progress: ProgressCallback = no_progress,
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
    language : {"en", "zh"}
        Of the page.
    n_jobs, progress : as `extract` takes them

    Returns
    -------
    Replay

    Raises
    ------
    HistoryError
        Where fewer than twelve months are built.
    UsageError
        Where the changed policy needs a ledger and none is given.
    """
    reference, erased = read_reference(workspace), Erased.of(workspace)
    days = _days(months_written(workspace.customer_months, as_of), as_of, months)
    snapshots = partial(
        snapshot, reference, as_of=days, known_until=days[-1], horizon_months=HORIZON_MONTHS, n_jobs=n_jobs,
        progress=progress,
    )  # fmt: skip
    before = after = snapshots(folder=workspace.customer_months, policy=in_force)
    if not _same_months(changed, in_force):
        if ledger is None:
            raise UsageError.of("errors.replay_needs_ledger")
        with tempfile.TemporaryDirectory(prefix="replay-", dir=workspace.root) as place:
            source, _ = read_ledger(ledger, changed, days[-1])
            build_months(source, days[-1], changed, Path(place), erased, progress)
            after = snapshots(folder=Path(place), policy=changed)
    elif changed.main_bank != in_force.main_bank:
        after = snapshots(folder=workspace.customer_months, policy=changed)
    both = pl.concat(_compare_days(days, before, after, in_force, changed, reference))
    both = with_group_columns(both, read_protected(workspace), in_force.audit.age_bands)
    made = _summary(both, days, changed, in_force)
    path = workspace.root / made.file
    write_json(made.to_dict(), path)
    write_page(made.to_dict(), path.with_suffix(".html"), language)
    content = {
        "policy_hash": changed.hash,
        "against_hash": in_force.hash,
        "as_of": made.as_of,
        "months": made.months,
        "file": made.file,
        "file_sha256": file_hash(path),
    }
    append_record(
        workspace,
        RecordKind.POLICY_REPLAYED,
        by=current_user(),
        why=f"replay of {changed.name} {changed.version}",
        content=content,
    )
    return made


def _days(built: Sequence[dt.date], as_of: dt.date | None, months: int) -> list[dt.date]:
    days = [month_end(month) for month in built][HORIZON_MONTHS - 1 :][-months:]
    if not days or (as_of is not None and days[-1] != as_of):
        raise HistoryError.of("errors.replay_months", built=len(built))
    return days


def _same_months(first: Policy, second: Policy) -> bool:
    """Whether the figures agree that customer months are made by."""
    return (
        all(getattr(first, section) == getattr(second, section) for section in MONEY)
        and all(
            getattr(first.tiers, name) == getattr(second.tiers, name)
            for name in ("winsor_quantile", "winsor_least_customers")
        )
        and all(
            getattr(first.main_bank, name) == getattr(second.main_bank, name) for name in ("round_amount", "signals")
        )
    )


def _compare_days(
    days: list[dt.date],
    before: Snapshots,
    after: Snapshots,
    in_force: Policy,
    changed: Policy,
    reference: Mapping[str, pl.DataFrame],
) -> list[pl.DataFrame]:
    """Compare day by day; each side's tiers last from one day to the next."""
    managers = managers_by_branch(reference["relationship_managers"])
    compared: list[pl.DataFrame] = []
    last: Sequence[pl.DataFrame | None] = (None, None)
    for day in days:
        year_before = next((past for past in before if (past.year, past.month) == (day.year - 1, day.month)), None)
        sides: list[pl.DataFrame] = []
        for snapshots, policy, earlier in ((before, in_force, last[0]), (after, changed, last[1])):
            misses = misses_of(snapshots[year_before]) if year_before else NO_MISS_KNOWN
            proposed = past_tiers(snapshots[day], misses, reference, day, policy, managers)
            sides.append(with_lasting_tiers(proposed, earlier, day, policy))
        compared.append(_compared(sides, before[day], in_force))
        last = sides
    return compared


def _compared(sides: list[pl.DataFrame], current: pl.DataFrame, in_force: Policy) -> pl.DataFrame:
    outcome = target_name(HORIZON_MONTHS)
    first, second = sides
    has_passed = outcome in first.columns
    columns = ("as_of", "customer_id", "branch_id", "peer_group", "tenure_months", "contribution_12m")
    realised = current.select(
        "customer_id",
        (realised_tiers(current, in_force) if has_passed else pl.lit(None, dtype=pl.String)).alias("realised_tier"),
        pl.col(outcome) if has_passed else pl.lit(None, pl.Float64).alias(outcome),
    )
    base = first.select(*columns, before="tier").join(realised, on="customer_id", how="left", validate="1:1")
    return base.join(second.select("customer_id", after="tier"), on="customer_id", how="inner", validate="1:1")


def _summary(both: pl.DataFrame, days: list[dt.date], changed: Policy, in_force: Policy) -> Replay:
    last = both.filter(pl.col("as_of") == both["as_of"].max())
    sides = {
        side: ReplaySide(
            metrics.service_cost(both, side, policy),
            metrics.under_served(both, side, in_force),
            metrics.moves(both, side),
        )
        for side, policy in (("before", in_force), ("after", changed))
    }
    return Replay(
        policy=_named(changed),
        against=_named(in_force),
        as_of=days[-1].isoformat(),
        months=len(days),
        months_judged=both.filter(pl.col("realised_tier").is_not_null())["as_of"].n_unique(),
        customers=last.height,
        migrations=metrics.migrations(both),
        last_day=metrics.migrations(last),
        groups=metrics.effects_by_group(both, tuple(name for name in REPLAY_GROUPS if name in both.columns)),
        sides=sides,
        file=f"runs/replay-{changed.hash[:12]}-{days[-1].isoformat()}.json",
    )


def _named(policy: Policy) -> dict[str, str]:
    return {"name": policy.name, "version": policy.version, "owner": policy.owner, "hash": policy.hash}
