"""What a run did as Prefect artifacts: totals of tiers, branches and lines, never a customer's row."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from segment.jobs.publish.drift_summary import drift_table
from segment.jobs.publish.evaluate_drift import DRIFT_FILE
from segment.jobs.publish.shadow import SHADOW_FILE
from segment.pages.drift_page import drift_summary
from segment.pages.sentences import Sentences
from segment.settings import Settings
from segment.tiers import tier_table
from segment.tiers.table import BANK, WITHHELD_BELOW, migration_table, withhold_small, without_small_parts
from segment.warehouse.published_tiers import published_tiers
from segment.workspace import Workspace


def write_artifacts(workspace: Workspace, as_of: dt.date, run_id: str, seconds: Mapping[str, float]) -> None:
    """Put a refresh's tables where the Prefect server shows them."""
    tiers = published_tiers(workspace, as_of)
    by_branch = pl.concat(
        [
            tier_table(tiers, by_branch=False).select(pl.lit(BANK).alias("branch_id"), pl.all()),
            tier_table(tiers),
        ],
        how="vertical_relaxed",
    )
    folder = workspace.runs / run_id
    t = Sentences(Settings().language)
    about = t("run.artifact", as_of=as_of, run=run_id, least=WITHHELD_BELOW)
    _table("tier-table", withhold_small(without_small_parts(by_branch)), about)
    _table("migration-matrix", withhold_small(migration_table(tiers)), about)
    _table("reconciliation", _reconciliation(workspace, as_of), about)
    _drift(_read(folder / DRIFT_FILE), about, t)
    _document("shadow", _read(folder / SHADOW_FILE), about, t)
    timings = _read(folder / "run.json").get("timings") or dict(seconds)
    _document("timings", {"seconds": timings}, about, t)


def _reconciliation(workspace: Workspace, as_of: dt.date) -> pl.DataFrame:
    path = workspace.runs / f"reconciliation-{as_of.isoformat()}.csv"
    return pl.read_csv(path, schema_overrides={"branch_id": pl.String}, glob=False) if path.exists() else pl.DataFrame()


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text())) if path.exists() else {}


def _table(key: str, table: pl.DataFrame, about: str) -> None:
    rows: Sequence[dict[str, Any]] = table.with_columns(
        pl.selectors.float().round(4), pl.selectors.temporal().cast(pl.String), pl.selectors.enum().cast(pl.String)
    ).to_dicts()
    create_table_artifact(list(rows), key=key, description=about)


def _drift(report: Mapping[str, Any], about: str, t: Sentences) -> None:
    if not report.get("judged"):  # a champion from before references were kept, or a run from before drift was judged
        _document("drift", report.get("gate", {}), about, t)
        return
    largest = drift_table(report).with_columns(pl.selectors.float().round(3))
    create_markdown_artifact(drift_summary(report, largest, about, t.language), key="drift", description=about)


def _document(key: str, content: Mapping[str, Any], about: str, t: Sentences) -> None:
    shown = json.dumps(content, indent=1, default=str) if content else t("run.artifact_none")
    create_markdown_artifact(f"{about}\n\n```json\n{shown}\n```\n", key=key, description=about)
