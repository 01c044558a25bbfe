"""Which figures of a policy are still expert knowledge, those that decide most first."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from segment.contribution import LINE_NAMES
from segment.dates import last_months
from segment.exceptions import PolicyError
from segment.features.store import month_file, scan_months
from segment.input_files import read_input_text
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.policy.marked_figures import MarkedFigure, marked_figures
from segment.warehouse.tiers_table import published_dates
from segment.workspace import Workspace

MOVED: Final = 0.10  # A figure is moved by so much to say what hangs on it
CONTRIBUTION, TIERS, FLAG, LISTS, SERVICE, CHECKS = "contribution", "tiers", "flag", "lists", "service", "checks"
DECIDES: Final = (CONTRIBUTION, TIERS, FLAG, LISTS, SERVICE, CHECKS)
"""What figures decide, those first that every customer's tier follows from."""
_LOSS, _FEES = ("expected_loss",), ("fee_income", "interchange_income", "trail_fee_income", "commission_income")
_COSTS = ("transaction_cost", "service_event_cost", "complaint_cost", "account_cost", "overhead_cost")
_FEEDS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    (r"products\..*(default_probability|loss_given_default)", CONTRIBUTION, _LOSS),
    (r"products\..*risk_weight", CONTRIBUTION, ("capital_cost",)),
    (r"products\..*fixed_cost", CONTRIBUTION, ("account_cost",)),
    (r"products\..*trail_fee", CONTRIBUTION, ("trail_fee_income",)),
    (r"products|ftp|assumptions", CONTRIBUTION, ("net_interest",)),
    (r"fees\.interchange", CONTRIBUTION, ("interchange_income",)),
    (r"fees\.commission", CONTRIBUTION, ("commission_income",)),
    (r"fees", CONTRIBUTION, _FEES),
    (r"costs\.transaction", CONTRIBUTION, ("transaction_cost",)),
    (r"costs\.service_event", CONTRIBUTION, ("service_event_cost",)),
    (r"costs\.complaint", CONTRIBUTION, ("complaint_cost",)),
    (r"costs\.overhead", CONTRIBUTION, ("overhead_cost",)),
    (r"costs", CONTRIBUTION, _COSTS),
    (r"risk", CONTRIBUTION, (*_LOSS, "write_offs")),
    (r"capital", CONTRIBUTION, ("capital_cost",)),
    (r"tiers|clustering", TIERS, ()),
    (r"main_bank|wallet", FLAG, ()),
    (r"upgrade|programmes|outcomes", LISTS, ()),
    (r"service|trial|asset_grades", SERVICE, ()),
)
"""Which lines of the accounting a part of the policy feeds; the first that fits a key counts."""


@dataclass(frozen=True)
class MissingFigures(MessageResult):
    """Figures that a bank must still replace with its own."""

    policy: str  # The file's name
    as_of: dt.date | None  # Last day of the year that the amounts are of; None: nothing is published yet
    # `key`, `value`, `decides`, `moves_12m` (a tenth of the lines that it feeds), `line` of the file, `note`
    figures: pl.DataFrame

    def messages(self) -> Iterator[Message]:
        """Say how many there are and what they decide."""
        counts = dict(self.figures.group_by("decides", maintain_order=True).len().iter_rows())
        by_kind = [
            Message("results.counted", {"name": Message(f"schedule.decides.{kind}"), "count": counts[kind]})
            for kind in DECIDES
            if kind in counts
        ]
        if not by_kind:
            yield Message("schedule.missing.none", {"policy": self.policy})
            return
        yield Message("schedule.missing.counts", {"policy": self.policy, "count": len(self.figures), "kinds": by_kind})
        if self.as_of is None:
            yield Message("schedule.missing.no_amounts")
        else:
            yield Message("schedule.missing.amounts", {"as_of": self.as_of, "share": MOVED})

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"policy": self.policy, "as_of": self.as_of, "figures": self.figures.to_dicts()}


def missing_figures(file: Path, workspace: Workspace) -> MissingFigures:
    """List a policy's figures that are still marked [K], by what they decide and by the amounts that hang on them.

    Parameters
    ----------
    file : Path
        The policy.
    workspace : Workspace
        Where a year of customer months is published, amounts are measured on it.

    Returns
    -------
    MissingFigures

    Raises
    ------
    PolicyError
        Where the file cannot be read.
    """
    text = read_input_text(file, Message("errors.what.policy"), PolicyError, Message("errors.hint.policy_path"))
    dates = published_dates(workspace.tiers)
    as_of = dates[-1] if dates else None
    amounts: Mapping[str, float] = {}
    if as_of is not None:
        files = (month_file(workspace.customer_months, month) for month in last_months(as_of, 12))
        months = [path for path in files if path.is_file()]
        summed = scan_months(months).select(pl.col(LINE_NAMES).abs().sum()) if months else None
        amounts = summed.collect(engine="in-memory").row(0, named=True) if summed is not None else {}
    return MissingFigures(file.name, as_of if amounts else None, _ranked(marked_figures(text), amounts))


def _ranked(marked: list[MarkedFigure], amounts: Mapping[str, float]) -> pl.DataFrame:
    rows = []
    for figure in marked:
        decides, lines = next((fed[1:] for fed in _FEEDS if re.match(fed[0], figure.key)), (CHECKS, ()))
        moves = round(MOVED * sum(amounts[name] for name in lines), 2) if amounts and lines else None
        rows.append((figure.key, figure.value, decides, moves, figure.line, figure.note))
    schema = {"key": pl.String, "value": pl.String, "decides": pl.String, "moves_12m": pl.Float64, "line": pl.Int64,
              "note": pl.String}  # fmt: skip
    table = pl.DataFrame(rows, schema=schema, orient="row")
    place = pl.col("decides").replace_strict(
        {kind: number for number, kind in enumerate(DECIDES)}, return_dtype=pl.Int8
    )
    return table.sort(place, "moves_12m", "line", descending=[False, True, False], nulls_last=True)
