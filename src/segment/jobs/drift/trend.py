"""How drift went over the refreshes, read from what each one left."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from segment.jobs.drift.found import FEATURES_MOVED, MISSING_RISE, ZERO_RISE, series_name
from segment.jobs.drift.judge import DRIFT_FILE

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
    """Put the findings of all refreshes into one table, oldest moment first.

    Parameters
    ----------
    runs : Path
        Folder of runs, each with its `drift.json`.
    until : datetime.date, optional
        Leaves later moments out.

    Returns
    -------
    polars.DataFrame
        `as_of`, `run_id`, `model_version`, `holds` (the gate), `group` ("" is the bank), `name`, `value`, `limit`.
        Beside scores and tier mixes, each group has the share of its features that moved, and the largest rise of
        missing figures and of zeros. A moment that was judged several times shows the run that ended last.
    """
    found = newest_by_moment(runs)
    rows = [
        (as_of, run_id, content["model_version"], content["gate"]["holds"], *row)
        for as_of, (run_id, content) in found.items()
        if content["judged"] and (until is None or as_of <= until)
        for row in _rows(content)
    ]
    return pl.DataFrame(rows, schema=TREND, orient="row")


def newest_by_moment(runs: Path) -> dict[dt.date, tuple[str, dict[str, Any]]]:
    """Read what each moment's last run found.

    Parameters
    ----------
    runs : Path
        Folder of runs.

    Returns
    -------
    dict of datetime.date to (str, dict)
        The run's id and the content of its `drift.json`, oldest moment first.
    """
    paths = sorted(runs.glob(f"*/{DRIFT_FILE}"), key=lambda path: (path.stat().st_mtime_ns, path.parent.name))
    read = ((path.parent.name, json.loads(path.read_text(encoding="utf-8"))) for path in paths)
    found = {dt.date.fromisoformat(content["as_of"]): (run_id, content) for run_id, content in read}
    return dict(sorted(found.items()))


def _rows(content: Mapping[str, Any]) -> Iterator[tuple[str, str, float, float]]:
    for one in content["scores"]:
        yield one["group"], series_name(one["name"], one["against"]), one["index"], one["limit"]
    limits = content["limits"]
    for group, told in {"": content, **content["groups"]}.items():
        yield group, FEATURES_MOVED, told["moved_share"], limits["moved_share"]
        features = told["features"].values()
        missing = [one["missing"]["now"] - one["missing"]["then"] for one in features]
        yield group, MISSING_RISE, max(missing, default=0.0), limits["missing_jump"]
        zeros = [one["zeros"]["now"] - one["zeros"]["then"] for one in features if one["judged"]]
        yield group, ZERO_RISE, max(zeros, default=0.0), limits["zero_jump"]
