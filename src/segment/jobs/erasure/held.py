"""What the law keeps from being erased, and until when."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.exceptions import PublishError
from segment.jobs.reference import read_reference
from segment.policy import Policy
from segment.warehouse import Workspace
from segment.warehouse.kept import REVIEWS, read_kept

REVIEW, FEE, REFUND = "open review", "fee that can be taken back", "refund of a fee"


def holds(workspace: Workspace, policy: Policy, customer_id: str, on: dt.date) -> dict[str, dt.date | None]:
    """Say what stops the erasure of a customer on a day.

    Parameters
    ----------
    workspace : Workspace
        Holds contact rules and reviews.
    policy : Policy
        Names the rules that stop it.
    customer_id : str
        Whose.
    on : datetime.date
        The day.

    Returns
    -------
    dict of str to datetime.date or None
        Last day by name; None where nobody knows it.

    References
    ----------
    GDPR art. 17(3)(b) and (e): legal obligations, legal claims. PIPL art. 47(2): while a law's period of keeping runs,
    the data are only stored. PIPL art. 24, GDPR art. 22(3): a review that was asked for is brought to its end.
    """
    rules = read_reference(workspace)["contact_rules"]
    rule = pl.col("rule").cast(pl.String)
    begun = pl.col("starts_on").is_null() | (pl.col("starts_on") <= on)
    running = pl.col("ends_on").is_null() | (pl.col("ends_on") >= on)
    found = rules.filter(
        (pl.col("customer_id") == customer_id) & rule.is_in(policy.retention.erasure_held_by) & begun & running
    )
    held: dict[str, dt.date | None] = {}
    for name, ends_on in found.select(rule, "ends_on").iter_rows():
        known = held.get(name, ends_on)
        held[name] = None if ends_on is None or known is None else max(ends_on, known)
    return held | _by_reviews(read_kept(workspace, REVIEWS).filter(pl.col("customer_id") == customer_id), on)


def _by_reviews(mine: pl.DataFrame, on: dt.date) -> dict[str, dt.date | None]:
    standing = mine.filter(pl.col("withdrawn_on").is_null())
    charged = pl.col("item_code").is_not_null() & pl.col("handed_over_on").is_not_null()
    held: dict[str, dt.date | None] = {}
    if standing.filter(pl.col("decision").is_null()).height:
        held[REVIEW] = None
    running = standing.filter(charged & (pl.col("reversible_until") >= on))
    if running.height:
        held[FEE] = max(running["reversible_until"].to_list())
    if mine.filter(charged & pl.col("withdrawn_on").is_not_null() & pl.col("refunded_on").is_null()).height:
        held[REFUND] = None
    return held


def require_free(held: dict[str, dt.date | None]) -> None:
    """Refuse an erasure that something stops.

    Parameters
    ----------
    held : dict of str to datetime.date or None
        What `holds` returns.

    Raises
    ------
    PublishError
        Says what stops it and until when.
    """
    if held:
        listed = ", ".join(f"{name} until {day or 'it ends; no day is known'}" for name, day in sorted(held.items()))
        raise PublishError.with_hint(
            f"An erasure must wait while the law asks that data be kept (GDPR art. 17(3), PIPL art. 47). In force: "
            f"{listed}. Nothing was erased.",
            "segment object CUSTOMER --against profiling keeps the data from being used meanwhile",
        )
