"""What a backtest leaves behind: a folder that is whole or not there, and a run per window."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from segment.jobs.backtest.report import SHOWN, SHOWN_OF_TIERS, overview, report_text
from segment.jobs.backtest.windows import Window
from segment.plots.backtest import backtest_plots
from segment.plots.style import as_png, as_svg
from segment.policy import Policy
from segment.tracking import Tracking

CONTENT = "backtest.json"
TABLE = "table.parquet"


@dataclass(frozen=True)
class Backtested:
    """What a backtest found.

    Attributes
    ----------
    folder : Path
        Holds `table.parquet`, `table.csv`, `report.md` and `plots/`.
    table : polars.DataFrame
        One row per window, model, group and metric, with a 95 % interval.
    params : dict
        What it was made of: moments, hashes, seed.
    windows : list of dict
        Per window `as_of`, the `moments` learned from, `is_last`, and the `run_id`.
    """

    folder: Path
    table: pl.DataFrame
    params: dict[str, Any]
    windows: list[dict[str, Any]]

    @property
    def report(self) -> str:
        """The report as Markdown."""
        return (self.folder / "report.md").read_text(encoding="utf-8")

    @property
    def overviews(self) -> dict[str, pl.DataFrame]:
        """Forecasts and their tiers, mean of all windows, by a title."""
        many = f"mean of {len(self.windows)} windows" if len(self.windows) > 1 else "one window"
        return {
            f"Forecasts of the next twelve months, {many}": overview(self.table, SHOWN),
            f"Tiers against the tiers of what came, {many}": overview(self.table, SHOWN_OF_TIERS),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: what was run, and the figures of all customers."""
        overall = self.table.filter(pl.col("group") == "all").drop("group", "group_value")
        return {
            "folder": str(self.folder),
            **self.params,
            "windows": self.windows,
            "figures": overall.with_columns(pl.col("window").cast(pl.String)).to_dicts(),
        }


def folder_name(first: dt.date, last: dt.date, params: dict[str, Any]) -> str:
    """Name a backtest by its moments and all that it is made of.

    Parameters
    ----------
    first, last : datetime.date
        As asked for.
    params : dict
        Hashes and settings.

    Returns
    -------
    str

    Examples
    --------
    >>> folder_name(dt.date(2024, 12, 31), dt.date(2025, 3, 31), {"seed": 0})
    '2024-12-31_2025-03-31-...'
    """
    digest = hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
    return f"{first.isoformat()}_{last.isoformat()}-{digest[:8]}"


def read_result(folder: Path) -> Backtested | None:
    """Read a backtest that was done before.

    Parameters
    ----------
    folder : Path
        Its folder.

    Returns
    -------
    Backtested or None
    """
    if not (folder / CONTENT).is_file():
        return None
    content = json.loads((folder / CONTENT).read_text(encoding="utf-8"))
    return Backtested(folder, pl.read_parquet(folder / TABLE), content["params"], content["windows"])


def write_result(
    folder: Path,
    table: pl.DataFrame,
    windows: tuple[Window, ...],
    params: dict[str, Any],
    policy: Policy,
    tracking: Tracking,
) -> Backtested:
    """Write everything beside the folder's place, log a run per window, and put the folder there at once.

    Parameters
    ----------
    folder : Path
        Where; whatever lies there is replaced.
    table : polars.DataFrame
        Every figure.
    windows : tuple of Window
        What was scored.
    params : dict
        What it was made of.
    policy : Policy
        Gives the currency.
    tracking : Tracking
        Gets the runs.

    Returns
    -------
    Backtested
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        figures = backtest_plots(table, policy.currency)
        texts = {f"plots/{name}.svg": as_svg(figure) for name, figure in figures.items()}
        texts["report.md"] = report_text(table, windows, params, policy.currency)
        (beside / "plots").mkdir()
        for name, text in texts.items():
            (beside / name).write_text(text, encoding="utf-8")
        for name, figure in figures.items():
            (beside / "plots" / f"{name}.png").write_bytes(as_png(figure))
        table.write_parquet(beside / TABLE)
        table.write_csv(beside / "table.csv")
        logged = [_log(window, table, params, texts, folder.name, tracking) for window in windows]
        content = json.dumps({"params": params, "windows": logged}, indent=2, sort_keys=True)
        (beside / CONTENT).write_text(content + "\n", encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Backtested(folder, table, params, logged)


def _log(
    window: Window, table: pl.DataFrame, params: dict[str, Any], texts: dict[str, str], name: str, tracking: Tracking
) -> dict[str, Any]:
    of_window = table.filter(pl.col("window") == window.as_of)
    overall = of_window.filter(pl.col("group") == "all")
    metrics = {
        f"{model}.{metric}": value
        for model, metric, value in overall.select("model", "metric", "value").iter_rows()
        if not metric.startswith("decile_")
    }
    moments = [moment.isoformat() for moment in window.moments]
    run_id = tracking.log_run(
        f"backtest {window.as_of.isoformat()}",
        params={**params, "backtest": name, "as_of": window.as_of.isoformat(), "moments": ",".join(moments),
                "is_last": window.is_last},
        metrics=metrics,
        texts={**texts, "table.csv": of_window.write_csv()},
    )  # fmt: skip
    return {"as_of": window.as_of.isoformat(), "moments": moments, "is_last": window.is_last, "run_id": run_id}
