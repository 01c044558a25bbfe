"""What a reviewer must see: each condition with its source, the months, the figures and the alternative."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.contribution import LINE_NAMES, line_names
from segment.dates import act_day, days_to_check
from segment.features.store import scan_months
from segment.jobs.reviews.review_context import SHOWN_DATES, ReviewContext, month_paths
from segment.jobs.reviews.review_rows import Review, ask, find_review
from segment.law.condition import Stage
from segment.policy import Policy
from segment.sentences import Sentences
from segment.store.row_store import read_rows
from segment.store.stored_tables import REVIEWS
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

STATES = ("pending", "approved", "refused", "alternative", "withdrawn")
_INCOME = line_names("income")


@dataclass(frozen=True)
class Evidence:
    """All that a decision should rest on."""

    review: Review
    conditions: pl.DataFrame  # `condition`, `holds`, `says`, `source`, of the proposal's stage
    # `as_of`, `tier`, `tier_source`, `direct_contribution_12m`, `contribution_12m`, newest first
    moments: pl.DataFrame
    lines: pl.DataFrame  # `line`, `side` (income or cost), `amount_12m`
    days: tuple[dt.date, ...]  # On which the conditions were asked

    @property
    def holds(self) -> bool:
        """Whether every condition holds."""
        return bool(self.conditions["holds"].all())

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        tables = {name: getattr(self, name).to_dicts() for name in ("conditions", "moments", "lines")}
        return {"review": vars(self.review), "holds": self.holds, **tables}


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
    now = pl.when(withdrawn).then(pl.lit("withdrawn")).otherwise(pl.col("decision").fill_null("pending"))
    reviews = read_rows(workspace, REVIEWS).with_columns(state=now).sort("proposed_on", "review_id")
    reviews = reviews if state is None else reviews.filter(pl.col("state") == state)
    reviews = reviews if branch is None else reviews.filter(pl.col("branch_id") == branch)
    return reviews.select("review_id", "state", pl.all().exclude("review_id", "state"))


def evidence(
    workspace: Workspace, policy: Policy, name: str, *, on: dt.date | None = None, words: Sentences | None = None
) -> Evidence:
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
        The day, few days back at most; today by default. Conditions must hold today in any case.
    words : Sentences, optional
        Says the conditions; English by default.

    Returns
    -------
    Evidence

    Raises
    ------
    ReviewError, SuppressionError
        Where there is no such review, figures are too old, or a source of protections is stale.
    """
    clock = workspace_clock(workspace).today
    days = days_to_check(act_day(on, clock, policy.law.backdated_days), clock)
    review = find_review(read_rows(workspace, REVIEWS), name)
    contexts = [ReviewContext.read(day, review.starts_on, workspace, policy, shown=SHOWN_DATES) for day in days]
    context = contexts[-1]
    context.seals.require(review.to_frame(), earlier=True)
    months = [path for path in month_paths(workspace.customer_months, context.as_of) if path.is_file()]
    own = pl.col("customer_id") == review.customer_id
    lines = scan_months(months).filter(own).select(pl.col(LINE_NAMES).sum()).collect(engine="in-memory")
    rules, answers = ask(review.to_frame(), review.action, contexts, Stage.PROPOSAL, policy)
    t = words or Sentences()
    rows = [
        (rule.code, answers[rule.code][0], t.of(rule.message), rule.source)
        for rule in rules
        if rule.code in answers.columns
    ]
    schema = {"condition": pl.String, "holds": pl.Boolean, "says": pl.String, "source": pl.String}
    conditions = pl.DataFrame(rows, schema=schema, orient="row")
    return Evidence(review, conditions, _published(review, context), _lines(lines), days)


def _published(review: Review, context: ReviewContext) -> pl.DataFrame:
    columns = ("as_of", "tier", "tier_source", "direct_contribution_12m", "contribution_12m")
    last = [context.tiers[date] for date in sorted(context.tiers)[-SHOWN_DATES:]]
    mine = [tiers.filter(pl.col("customer_id") == review.customer_id).select(columns) for tiers in last]
    return pl.concat(mine).sort("as_of", descending=True)


def _lines(sums: pl.DataFrame) -> pl.DataFrame:
    rows = [(name, "income" if name in _INCOME else "cost", sums[name][0]) for name in LINE_NAMES]
    schema = {"line": pl.String, "side": pl.String, "amount_12m": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")
