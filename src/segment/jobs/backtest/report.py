"""The report of a backtest, for a person to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from segment.jobs.backtest.windows import Window

SHOWN = {
    "spearman": "Spearman",
    "normalised_gini": "Gini",
    "top_decile_capture": "top-decile capture",
    "bottom_decile_loss_capture": "loss capture",
    "mae": "MAE",
    "mae_skill": "skill",
    "total_predicted_over_actual": "predicted / actual",
    "coverage_p10_p90": "coverage",
}
"""Figures of a forecast, and how they are headed."""

SHOWN_OF_TIERS = {
    "tier_accuracy": "accuracy",
    "tier_macro_f1": "macro-F1",
    "tier_weighted_kappa": "weighted kappa",
    "tier_cost": "cost of errors",
}
GROUPS = {"all": "all", "branch_size": "branch", "tenure": "tenure", "tier": "tier"}


def overview(table: pl.DataFrame, shown: dict[str, str]) -> pl.DataFrame:
    """Mean over the windows of some figures of all customers, a row per forecast.

    Parameters
    ----------
    table : polars.DataFrame
        A backtest's.
    shown : dict of str to str
        Metrics and their headings.

    Returns
    -------
    polars.DataFrame
        `forecast` and a column per heading, the model first; null where a forecast has no such figure.
    """
    overall = table.filter((pl.col("group") == "all") & pl.col("metric").is_in(list(shown)))
    means = overall.group_by("model", "metric", maintain_order=True).agg(pl.col("value").mean())
    wide = means.pivot(on="metric", index="model", values="value")
    missing = [pl.lit(None, dtype=pl.Float64).alias(name) for name in shown if name not in wide.columns]
    wide = wide.with_columns(missing)
    return wide.select(pl.col("model").alias("forecast"), *(pl.col(name).alias(head) for name, head in shown.items()))


def report_text(table: pl.DataFrame, windows: Sequence[Window], params: dict[str, Any], currency: str) -> str:
    """Write the report.

    Parameters
    ----------
    table : polars.DataFrame
        Every figure.
    windows : sequence of Window
        Oldest first.
    params : dict
        What the backtest was made of.
    currency : str
        Of amounts.

    Returns
    -------
    str
        Markdown.
    """
    last = table.filter(pl.col("is_last"))
    parts = [
        f"# Backtest {windows[0].as_of} to {windows[-1].as_of}\n",
        _how(table, windows, params, currency),
        "## Forecasts, mean of all windows\n",
        _frame(overview(table, SHOWN)),
        "\n## Each window, with 95 % intervals\n",
        _each_window(table, windows),
        "\n## The last window by group: the model\n",
        _by_group(last),
        "\n## The last window by decile of the forecast: the model\n",
        _by_decile(last),
        "\n## Tiers against the tiers of what came, mean of all windows\n",
        _frame(overview(table, SHOWN_OF_TIERS)),
        "\n`model` is the published tier; the simpler forecasts are placed between the same borders by their amounts "
        "alone. The cost is that of the policy's matrix, a customer a year, in relative units: less is better.\n",
        _main_bank(table),
        "## Plots\n",
        "`plots/` holds each of them as SVG and PNG: skill and ranking by window, calibration by decile, predicted and "
        "actual by tier, coverage by group, and what wrong tiers cost.\n",
    ]
    return "\n".join(part for part in parts if part)


def _how(table: pl.DataFrame, windows: Sequence[Window], params: dict[str, Any], currency: str) -> str:
    horizon = params["horizon_months"]
    customers = table.filter((pl.col("group") == "all") & (pl.col("model") == "persistence"))["n"].to_list()
    lines = [
        f"{len(windows)} windows, {min(customers):,} to {max(customers):,} customers. At each, everything was trained "
        f"on snapshots whose {horizon} months had ended by then, scored, and compared with the {horizon} months that "
        f"followed. Amounts are {currency} a year.\n",
        f"**The last window, {windows[-1].as_of}, is the one to look at once.** Choose features, specs and policies by "
        "the earlier windows; what is tuned on the last one is no longer proven by it.\n",
    ]
    if params.get("left_out"):
        lines.append(f"Not possible, for want of history before or outcomes after: {params['left_out']}.\n")
    rows = [(w.as_of, ", ".join(str(m) for m in w.moments), "last" if w.is_last else "") for w in windows]
    lines.append(_table(("window", "learned from", ""), rows))
    return "\n".join(lines)


def _each_window(table: pl.DataFrame, windows: Sequence[Window]) -> str:
    shown = {name: SHOWN[name] for name in ("spearman", "normalised_gini", "mae_skill", "total_predicted_over_actual")}
    shown |= {"coverage_p10_p90": "coverage", "tier_cost": "cost of errors"}
    rows = []
    for window in windows:
        here = table.filter((pl.col("window") == window.as_of) & (pl.col("group") == "all"))
        name = f"{window.as_of}{' (last)' if window.is_last else ''}"
        for model in here["model"].unique(maintain_order=True):
            rows.append((name, model, *(_ranged(here, model, metric) for metric in shown)))
    return _table(("window", "forecast", *shown.values()), rows)


def _by_group(last: pl.DataFrame) -> str:
    shown = ("spearman", "mae_skill", "total_predicted_over_actual", "coverage_p10_p90", "tier_cost")
    heads = (*(SHOWN.get(name, SHOWN_OF_TIERS.get(name, name)) for name in shown), "persistence's cost of errors")
    rows = []
    for group, value in last.select("group", "group_value").unique(maintain_order=True).iter_rows():
        here = last.filter((pl.col("group") == group) & (pl.col("group_value") == value))
        figures = (*(_ranged(here, "model", metric) for metric in shown), _ranged(here, "persistence", "tier_cost"))
        rows.append((GROUPS[group], value.replace("_", " "), f"{here['n'][0]:,}", *figures))
    return _table(("group", "", "customers", *heads), rows)


def _by_decile(last: pl.DataFrame) -> str:
    here = last.filter(pl.col("group") == "all")
    rows = []
    for number in range(1, 11):
        name = f"decile_{number:02d}"
        rows.append((number, *(_ranged(here, "model", f"{name}_{end}") for end in ("predicted", "actual", "ratio"))))
    return _table(("decile", "predicted", "actual", "predicted / actual"), rows)


def _main_bank(table: pl.DataFrame) -> str:
    found = table.filter(pl.col("metric").str.starts_with("main_bank_"))
    if found.is_empty():
        return ""
    rows = [
        (
            f"{window}{' (last)' if is_last else ''}",
            n,
            *(_ranged(found.filter(pl.col("window") == window), "model", f"main_bank_{end}")
              for end in ("roc_auc", "calibration_error")),
        )
        for window, n, is_last in found.select("window", "n", "is_last").unique(maintain_order=True).iter_rows()
    ]  # fmt: skip
    heading = "## Main bank elsewhere, against labels observed in the twelve months after\n"
    return f"{heading}\n{_table(('window', 'labels', 'ROC AUC', 'calibration error'), rows)}"


def _ranged(rows: pl.DataFrame, model: str, metric: str) -> str:
    found = rows.filter((pl.col("model") == model) & (pl.col("metric") == metric))
    if found.is_empty():
        return "–"
    value, low, high = found.select("value", "low", "high").row(0)
    return f"{_number(value)} ({_number(low)} to {_number(high)})"


def _frame(frame: pl.DataFrame) -> str:
    return _table(frame.columns, ((_number(cell) for cell in row) for row in frame.iter_rows()))


def _number(cell: Any) -> str:
    if cell is None:
        return "–"
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3f}"


def _table(heads: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    lines = [list(heads), ["---"] * len(heads), *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
