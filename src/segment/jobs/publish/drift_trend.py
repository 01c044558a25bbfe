"""How drift went over the refreshes, read from what each one left."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from segment.drift.drift_report import BANK, FEATURES_MOVED, MISSING_RISE, ZERO_RISE, series_name
from segment.jobs.publish.evaluate_drift import DRIFT_FILE

TREND = {
    "as_of": pl.Date,
    "run_id": pl.String,
    "model_version": pl.String,
    "holds": pl.Boolean,
    "group": pl.String,
    "name": pl.String,
    "value": pl.Float64,
    "limit": pl.Float64,
}


def drift_trend(runs: Path, until: dt.date | None = None) -> pl.DataFrame:
    """Put the findings of all refreshes into one table, oldest date first.

    Parameters
    ----------
    runs : Path
        Folder of runs, each with its `drift.json`.
    until : datetime.date, optional
        Leaves later dates out.

    Returns
    -------
    polars.DataFrame
        `as_of`, `run_id`, `model_version`, `holds` (the gate), `group` ("" is the bank), `name`, `value`, `limit`.
        Beside scores and tier mixes, each group has the share of its features that moved, and the largest rise of
        missing figures and of zeros. A date that was judged several times shows the run that ended last.
    """
    rows = [
        (as_of, run_id, drift["model_version"], drift["gate"]["holds"], *row)
        for as_of, (run_id, drift) in newest_by_date(runs).items()
        if drift["judged"] and (until is None or as_of <= until)
        for row in _rows(drift)
    ]
    return pl.DataFrame(rows, schema=TREND, orient="row")


def newest_by_date(runs: Path) -> dict[dt.date, tuple[str, Mapping[str, Any]]]:
    """Read what each date's last run found."""
    paths = sorted(runs.glob(f"*/{DRIFT_FILE}"), key=lambda path: (path.stat().st_mtime_ns, path.parent.name))
    reports = ((path.parent.name, json.loads(path.read_text(encoding="utf-8"))) for path in paths)
    newest = {dt.date.fromisoformat(drift["as_of"]): (run_id, drift) for run_id, drift in reports}
    return dict(sorted(newest.items()))


def _rows(drift: Mapping[str, Any]) -> Iterator[tuple[str, str, float, float]]:
    for score in drift["scores"]:
        yield score["group"], series_name(score["name"], score["against"]), score["index"], score["limit"]
    limits = drift["limits"]
    for group, part in {BANK: drift, **drift["groups"]}.items():
        yield group, FEATURES_MOVED, part["moved_share"], limits["moved_share"]
        features = part["features"].values()
        missing = [feature["missing"]["now"] - feature["missing"]["then"] for feature in features]
        yield group, MISSING_RISE, max(missing, default=0.0), limits["missing_jump"]
        zeros = [feature["zeros"]["now"] - feature["zeros"]["then"] for feature in features if feature["judged"]]
        yield group, ZERO_RISE, max(zeros, default=0.0), limits["zero_jump"]
