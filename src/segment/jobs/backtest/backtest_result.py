"""What a backtest leaves behind: a folder that is whole or not there, and a run per window."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import polars as pl

from segment.evaluation.backtest_windows import Window
from segment.files import json_hash, make_folder, write_bytes, write_json, write_parquet, write_text
from segment.pages.backtest_page import Content, overviews, report_page
from segment.plots.backtest_plots import backtest_plots
from segment.plots.style import as_png, as_svg, can_draw_chinese
from segment.sentences import Language, Sentences
from segment.statistics import STANDARD_ERROR
from segment.tracking.registry import Tracking
from segment.tracking.runs import BACKTESTS, Parameters

CONTENT = "backtest.json"
TABLE = "table.parquet"


@dataclass(frozen=True)
class WindowRun:
    """A window and the run that logged it."""

    as_of: str
    moments: list[str]  # Of the snapshots learned from
    is_last: bool
    run_id: str


@dataclass(frozen=True)
class BacktestResult:
    """What a backtest found."""

    folder: Path  # Holds `table.parquet`, `table.csv`, `report.md` and `plots/`
    table: pl.DataFrame  # One row per window, model, group and metric, with a 95 % interval and a standard error
    params: Parameters  # What it was made of: dates, hashes, seed
    windows: list[WindowRun]
    language: Language = "en"  # Of the report and the plots

    @property
    def report(self) -> str:
        """The report as Markdown."""
        return (self.folder / "report.md").read_text(encoding="utf-8")

    @property
    def overviews(self) -> dict[str, Content]:
        """Forecasts and their tiers, mean of all windows, by a title."""
        return overviews(self.table, len(self.windows), int(str(self.params["horizon_months"])))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: what was run, and the figures of all customers."""
        overall = self.table.filter(pl.col("group") == "all").drop("group", "group_value")
        return {
            "folder": str(self.folder),
            **self.params,
            "windows": [asdict(window) for window in self.windows],
            "figures": overall.with_columns(pl.col("window").cast(pl.String)).to_dicts(),
        }


def folder_name(first: dt.date, last: dt.date, params: Parameters) -> str:
    """Name a backtest by its dates and all that it is made of."""
    return f"{first.isoformat()}_{last.isoformat()}-{json_hash(params)[:8]}"


def read_result(folder: Path, language: Language) -> BacktestResult | None:
    """Read a backtest that was done before; a report in another language is written again, in this one."""
    if not (folder / CONTENT).is_file():
        return None
    content = json.loads((folder / CONTENT).read_text(encoding="utf-8"))
    table, params, runs = pl.read_parquet(folder / TABLE, glob=False), content["params"], content["windows"]
    result = BacktestResult(folder, table, params, [WindowRun(**row) for row in runs], language)
    if content.get("language", "en") != language:
        windows = [
            Window(dt.date.fromisoformat(run.as_of), tuple(map(dt.date.fromisoformat, run.moments)), run.is_last)
            for run in result.windows
        ]
        _write_pages(folder, table, windows, params, language)
        _write_content(result, folder)
    return result


def write_result(
    folder: Path,
    table: pl.DataFrame,
    windows: tuple[Window, ...],
    params: Parameters,
    tracking: Tracking,
    language: Language,
) -> BacktestResult:
    """Write everything beside the folder's place, log a run with one per window below it, and put it there at once."""
    make_folder(folder.parent)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        texts = _write_pages(beside, table, windows, params, language)
        write_parquet(table, beside / TABLE)
        write_text(table.write_csv(), beside / "table.csv")
        parent = tracking.log_run(BACKTESTS, f"backtest {folder.name}", params, {}, texts)
        logged = [_log(window, table, {**params, "backtest": folder.name}, parent, tracking) for window in windows]
        result = BacktestResult(folder, table, params, logged, language)
        _write_content(result, beside)
        if folder.exists():
            shutil.rmtree(folder)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return result


def _write_content(result: BacktestResult, folder: Path) -> None:
    runs = [asdict(run) for run in result.windows]
    write_json({"params": result.params, "windows": runs, "language": result.language}, folder / CONTENT)


def _write_pages(
    folder: Path, table: pl.DataFrame, windows: Sequence[Window], params: Parameters, language: Language
) -> dict[str, str]:
    """Write the report and the plots, and return the texts among them by name."""
    currency = str(params["currency"])
    figures = backtest_plots(table, currency, Sentences(language))
    texts = {f"plots/{name}.svg": as_svg(figure) for name, figure in figures.items()}
    texts["report.md"] = report_page(table, windows, params, currency, language=language)
    for name, text in texts.items():
        write_text(text, folder / name)
    # a PNG holds its letters as dots: without a font that has Chinese, English ones are better than boxes
    drawn = figures if language == "en" or can_draw_chinese() else backtest_plots(table, currency, Sentences())
    for name, figure in drawn.items():
        write_bytes(as_png(figure), folder / "plots" / f"{name}.png")
    return texts


def _log(window: Window, table: pl.DataFrame, params: Parameters, parent: str, tracking: Tracking) -> WindowRun:
    of_window = table.filter(pl.col("window") == window.as_of)
    overall = of_window.filter(pl.col("group") == "all")
    measured = overall.filter(~pl.col("metric").str.starts_with("decile_"))
    metrics = {
        f"{model}.{metric}{end}": figure
        for model, metric, *figures in measured.select("model", "metric", "value", "standard_error").iter_rows()
        for end, figure in zip(("", STANDARD_ERROR), figures, strict=True)
        if figure is not None and isfinite(figure)
    }
    moments = [day.isoformat() for day in window.moments]
    of_its_own: Parameters = {
        "as_of": window.as_of.isoformat(),
        "moments": ",".join(moments),
        "is_last": window.is_last,
    }
    run_id = tracking.log_run(
        BACKTESTS,
        f"backtest {window.as_of.isoformat()}",
        params={**params, **of_its_own},
        metrics=metrics,
        texts={"table.csv": of_window.write_csv()},
        parent=parent,
    )
    return WindowRun(window.as_of.isoformat(), moments, window.is_last, run_id)
