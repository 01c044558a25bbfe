"""What a run did as Prefect artifacts: totals of tiers, branches and lines, never a customer's row."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from segment.jobs.lists.draft_lists import DraftLists
from segment.jobs.publish.drift_summary import drift_table
from segment.jobs.publish.evaluate_drift import DRIFT_FILE
from segment.jobs.publish.publication_report import read_publication
from segment.jobs.publish.shadow import SHADOW_FILE
from segment.pages.drift_page import drift_summary
from segment.pages.run_page import PAGE
from segment.sentences import Sentences
from segment.settings import Settings
from segment.tiers import tier_table
from segment.tiers.table import BANK, WITHHELD_BELOW, migration_table, withhold_small, without_small_parts
from segment.warehouse.published_tiers import RUN_FILE, published_tiers
from segment.workspace import Workspace

SHADOW_COLUMNS = ("branch_id", "customers", "changed", "future_value_first", "future_value_second")


def write_artifacts(workspace: Workspace, as_of: dt.date, run_id: str, seconds: Mapping[str, float]) -> None:
    """Put a refresh's tables, its summary and the place of its page where the Prefect server shows them."""
    tiers = published_tiers(workspace, as_of)
    by_branch = pl.concat(
        [
            tier_table(tiers, by_branch=False).select(pl.lit(BANK).alias("branch_id"), pl.all()),
            tier_table(tiers),
        ],
        how="vertical_relaxed",
    )
    folder = workspace.runs / run_id
    t = Sentences(Settings().language, "md")
    about = t("run.artifact", as_of=as_of, run=run_id, least=WITHHELD_BELOW)
    _table("tier-table", withhold_small(without_small_parts(by_branch)), about)
    _table("migration-matrix", withhold_small(migration_table(tiers)), about)
    _table("reconciliation", _reconciliation(workspace, as_of), about)
    _drift(_read(folder / DRIFT_FILE), about, t)
    _shadow(_read(folder / SHADOW_FILE), about, t)
    timings = _read(folder / RUN_FILE).get("timings") or dict(seconds)
    rows = [{"step": step, "seconds": round(took, 3)} for step, took in timings.items()]
    create_table_artifact(rows, key="timings", description=about)
    _summary(folder, about, t)


def write_draft_artifact(drafts: DraftLists) -> None:
    """Show by branch how many customers a draft list would contact, and how a person releases it."""
    _table("draft-lists", withhold_small(drafts.branches), drafts.in_words(Settings().language))


def _reconciliation(workspace: Workspace, as_of: dt.date) -> pl.DataFrame:
    path = workspace.runs / f"reconciliation-{as_of.isoformat()}.csv"
    return pl.read_csv(path, schema_overrides={"branch_id": pl.String}, glob=False) if path.exists() else pl.DataFrame()


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _table(key: str, table: pl.DataFrame, about: str) -> None:
    rows: Sequence[dict[str, Any]] = table.with_columns(
        pl.selectors.float().round(4), pl.selectors.temporal().cast(pl.String), pl.selectors.enum().cast(pl.String)
    ).to_dicts()
    create_table_artifact(list(rows), key=key, description=about)


def _words(key: str, lines: Sequence[str], about: str) -> None:
    create_markdown_artifact("\n\n".join([about, *lines]) + "\n", key=key, description=about)


def _drift(report: Mapping[str, Any], about: str, t: Sentences) -> None:
    if not report.get("judged"):  # a champion from before references were kept, or a run from before drift was judged
        said = report.get("gate", {}).get("said")
        _words("drift", [said or t("run.artifact_none")], about)
        return
    largest = drift_table(report).with_columns(pl.selectors.float().round(3))
    create_markdown_artifact(drift_summary(report, largest, about, t.language), key="drift", description=about)


def _shadow(report: Mapping[str, Any], about: str, t: Sentences) -> None:
    if "branches" not in report:
        _words("shadow", [t("run.artifact_none")], about)
        return
    bank = {"branch_id": BANK, "customers": report["customers"], "changed": round(report["changed"], 4)}
    said = t("run.shadow_compared", **{name: report[name] for name in _COMPARED})
    rows = [{name: row.get(name) for name in SHADOW_COLUMNS} for row in (bank, *report["branches"])]
    create_table_artifact(rows, key="shadow", description=f"{about}\n\n{said}")


_COMPARED = ("challenger", "champion", "changed", "customers", "rank_correlation")


def _summary(folder: Path, about: str, t: Sentences) -> None:
    published = read_publication(folder)
    _words("summary", t.each(published.messages()) if published else [t("run.artifact_none")], about)
    page = folder / PAGE
    if page.exists():
        create_link_artifact(page.resolve().as_uri(), link_text=page.name, key="run-page", description=about)
