"""What a reviewer must see: each condition with its source, the months, the figures and the alternative."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.contribution import LINE_NAMES
from segment.features.known import next_month
from segment.features.store import month_file
from segment.jobs.reviews.known import Known, known_on
from segment.jobs.reviews.rows import all_reviews, ask, one_review
from segment.law import Stage
from segment.policy import Policy
from segment.warehouse import Workspace, published_moments, read_tiers

SHOWN_MOMENTS = 12
STATES = ("pending", "approved", "refused", "alternative", "withdrawn")
_INCOME = tuple(name for name in LINE_NAMES if name.endswith("_income") or name == "net_interest")


@dataclass(frozen=True)
class Evidence:
    """All that a decision should rest on.

    Attributes
    ----------
    review : dict
        The row.
    conditions : polars.DataFrame
        `condition`, `holds`, `says`, `source`, of the proposal's stage.
    moments : polars.DataFrame
        `as_of`, `tier`, `tier_source`, `direct_contribution_12m`, `contribution_12m`, newest first.
    lines : polars.DataFrame
        `line`, `side` (income or cost), `amount_12m`.
    """

    review: dict[str, Any]
    conditions: pl.DataFrame
    moments: pl.DataFrame
    lines: pl.DataFrame

    @property
    def holds(self) -> bool:
        """Whether every condition holds."""
        return bool(self.conditions["holds"].all())

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        tables = {name: getattr(self, name).to_dicts() for name in ("conditions", "moments", "lines")}
        return {"review": self.review, "holds": self.holds, **tables}


def list_reviews(workspace: Workspace, state: str | None = None, branch: str | None = None) -> pl.DataFrame:
    """List reviews.

    Parameters
    ----------
    workspace : Workspace
        Keeps them.
    state : {"pending", "approved", "refused", "alternative", "withdrawn"}, optional
        Only these.
    branch : str, optional
        One branch only.

    Returns
    -------
    polars.DataFrame
        With `state` after the id; oldest proposals first.
    """
    withdrawn = pl.col("withdrawn_on").is_not_null()
    said = pl.when(withdrawn).then(pl.lit("withdrawn")).otherwise(pl.col("decision").fill_null("pending"))
    found = all_reviews(workspace).with_columns(state=said).sort("proposed_on", "review_id")
    found = found if state is None else found.filter(pl.col("state") == state)
    found = found if branch is None else found.filter(pl.col("branch_id") == branch)
    return found.select("review_id", "state", pl.all().exclude("review_id", "state"))


def evidence(workspace: Workspace, policy: Policy, name: str, *, on: dt.date | None = None) -> Evidence:
    """Gather what a reviewer needs to see of one review, as known on a day.

    Parameters
    ----------
    workspace : Workspace
        Keeps reviews, tiers and customer months.
    policy : Policy
        The law in force.
    name : str
        The review's id.
    on : datetime.date, optional
        The day; today by default.

    Returns
    -------
    Evidence

    Raises
    ------
    PublishError
        Where there is no such review, figures are too old, or a source of protections is stale.
    """
    day = on or dt.date.today()
    row = one_review(workspace, name)
    known = known_on(day, max(day, row["starts_on"] or day), workspace, policy)
    rows = all_reviews(workspace).filter(pl.col("review_id") == name)
    held_to, held = ask(rows, row["action"], known, Stage.PROPOSAL, workspace, policy, day)
    told = [(one.code, held[one.code][0], one.says, one.source) for one in held_to if one.code in held.columns]
    schema = {"condition": pl.String, "holds": pl.Boolean, "says": pl.String, "source": pl.String}
    conditions = pl.DataFrame(told, schema=schema, orient="row")
    return Evidence(row, conditions, _moments(row, known, workspace), _lines(row, known, workspace))


def _moments(row: dict[str, Any], known: Known, workspace: Workspace) -> pl.DataFrame:
    columns = ("as_of", "tier", "tier_source", "direct_contribution_12m", "contribution_12m")
    last = [one for one in published_moments(workspace.tiers) if one <= known.moment][-SHOWN_MOMENTS:]
    mine = [read_tiers(workspace.tiers, one).filter(pl.col("customer_id") == row["customer_id"]) for one in last]
    return pl.concat([one.select(columns) for one in mine]).sort("as_of", descending=True)


def _lines(row: dict[str, Any], known: Known, workspace: Workspace) -> pl.DataFrame:
    paths = [month_file(workspace.customer_months, next_month(known.moment, -number)) for number in range(12)]
    months = pl.scan_parquet([path for path in paths if path.is_file()])
    sums = months.filter(pl.col("customer_id") == row["customer_id"]).select(pl.col(LINE_NAMES).sum()).collect()
    told = [(name, "income" if name in _INCOME else "cost", sums[name][0]) for name in LINE_NAMES]
    schema = {"line": pl.String, "side": pl.String, "amount_12m": pl.Float64}
    return pl.DataFrame(told, schema=schema, orient="row")
