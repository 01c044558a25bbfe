"""What a run did as Prefect artifacts: totals of tiers, branches and lines, never a customer's row."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from segment.jobs.card.blocks import Block, Table, Text, as_markdown
from segment.jobs.drift import DRIFT_FILE
from segment.jobs.drift.show import summary
from segment.jobs.promotion.shadow import SHADOW_FILE
from segment.jobs.published import published_tiers
from segment.tiers import BANK, WITHHELD_BELOW, migration_table, tier_table, withhold_small
from segment.warehouse import Workspace


def write_artifacts(workspace: Workspace, as_of: dt.date, run_id: str, seconds: Mapping[str, float]) -> None:
    """Put a refresh's tables where the Prefect server shows them.

    Parameters
    ----------
    workspace : Workspace
        Where the refresh published.
    as_of : datetime.date
        The moment.
    run_id : str
        Of the refresh; names the folder of its report.
    seconds : mapping of str to float
        How long each step took, for a run whose report does not say.
    """
    tiers = published_tiers(workspace, as_of)
    by_branch = pl.concat(
        [
            tier_table(tiers, by_branch=False).select(pl.lit(BANK).alias("branch_id"), pl.all()),
            tier_table(tiers),
        ],
        how="vertical_relaxed",
    )
    folder = workspace.runs / run_id
    about = f"As of {as_of.isoformat()}, run {run_id}. Groups under {WITHHELD_BELOW} customers are withheld."
    _table("tier-table", withhold_small(by_branch), about)
    _table("migration-matrix", withhold_small(migration_table(tiers)), about)
    _table("reconciliation", _reconciliation(workspace, as_of), about)
    _drift(_read(folder / DRIFT_FILE), about)
    _document("shadow", _read(folder / SHADOW_FILE), about)
    timings = _read(folder / "run.json").get("timings") or dict(seconds)
    _document("timings", {"seconds": timings}, about)


def _reconciliation(workspace: Workspace, as_of: dt.date) -> pl.DataFrame:
    path = workspace.runs / f"reconciliation-{as_of.isoformat()}.csv"
    return pl.read_csv(path, schema_overrides={"branch_id": pl.String}) if path.exists() else pl.DataFrame()


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text())) if path.exists() else {}


def _table(key: str, table: pl.DataFrame, about: str) -> None:
    rows: Sequence[dict[str, Any]] = table.with_columns(
        pl.selectors.float().round(4), pl.selectors.temporal().cast(pl.String), pl.selectors.enum().cast(pl.String)
    ).to_dicts()
    create_table_artifact(list(rows), key=key, description=about)


def _drift(found: Mapping[str, Any], about: str) -> None:
    if not found.get("judged"):  # a champion from before references were kept, or a run from before drift was judged
        _document("drift", found.get("gate", {}), about)
        return
    moved = summary(found).with_columns(pl.selectors.float().round(3))
    verdict = "Within the limits" if found["gate"]["holds"] else "Beyond the limits"
    blocks: list[Block] = [
        Text(about),
        Text(f"**{verdict}.** {found['gate']['said']}."),
        Table(moved.columns, moved.rows()),
    ]
    create_markdown_artifact(as_markdown(blocks), key="drift", description=about)


def _document(key: str, content: Mapping[str, Any], about: str) -> None:
    shown = json.dumps(content, indent=1, default=str) if content else "This run measured none."
    create_markdown_artifact(f"{about}\n\n```json\n{shown}\n```\n", key=key, description=about)
