"""What was decided about each customer, as columns of booleans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from segment.audit.rates import Kind
from segment.exceptions import SegmentError
from segment.jobs.levers import customer_levers
from segment.jobs.reference import read_reference
from segment.policy import Policy
from segment.service.segments import with_service_state
from segment.upgrade import suppressed
from segment.upgrade.levers import SELF_SERVICE, may_use_machines
from segment.warehouse import Workspace, published_moments
from segment.warehouse.kept import REVIEWS, read_kept

KINDS: dict[str, Kind] = {
    "high_value": "benefit",
    "on_list": "benefit",
    "fast_lane": "benefit",
    "loss_making": "harm",
    "fee_proposed": "harm",
    "to_machine": "harm",
    "high_fees": "harm",
    "missed_high_value": "error",
}
SAID = {
    "high_value": "high-value tier",
    "on_list": "on the list to be contacted",
    "fast_lane": "fast lane in the service plan",
    "loss_making": "loss-making tier",
    "fee_proposed": "fee proposed or approved",
    "to_machine": "to be asked to use a machine or the app",
    "high_fees": "fees in the bank's top fifth",
    "missed_high_value": "high-value, and not found by the forecast",
}
STANDING = ("pending", "approved")
TOP_FEES = 0.80


@dataclass(frozen=True)
class Decisions:
    """Decisions of a moment.

    Attributes
    ----------
    table : polars.DataFrame
        A column of booleans per decision, in the order of the customers; null where a rule of law decides.
    notes : tuple of str
        What could not be looked at, in plain words.
    """

    table: pl.DataFrame
    notes: tuple[str, ...]


def tier_decisions(tiers: pl.Series) -> pl.DataFrame:
    """Say who is in the best tier and who in the worst.

    Parameters
    ----------
    tiers : polars.Series of str
        Published or forecast.

    Returns
    -------
    polars.DataFrame

    Examples
    --------
    >>> tier_decisions(pl.Series(["high_value", "loss_making"])).rows()
    [(True, False), (False, True)]
    """
    return pl.DataFrame({"high_value": tiers == "high_value", "loss_making": tiers == "loss_making"})


def published_decisions(
    tiers: pl.DataFrame, born: pl.Series | None, as_of: dt.date, workspace: Workspace, policy: Policy
) -> Decisions:
    """Collect what followed for the customers of a publication.

    Parameters
    ----------
    tiers : polars.DataFrame
        As published; nobody who is excluded.
    born : polars.Series or None
        Dates of birth, in the same order; None where they are not to be read.
    as_of : datetime.date
        The moment.
    workspace : Workspace
        Holds lists, reviews, the snapshot and the small tables.
    policy : Policy
        Service plan, levers and rules of contacts.

    Returns
    -------
    Decisions
    """
    sources: tuple[Callable[[], pl.Series | str], ...] = (
        lambda: _on_list(tiers, as_of, workspace, policy),
        lambda: _fast_lane(tiers, policy),
        lambda: _fee_proposed(tiers, as_of, workspace),
        lambda: _to_machine(tiers, born, as_of, workspace, policy),
        lambda: _high_fees(tiers, as_of, workspace),
    )
    found = [source() for source in sources]
    columns = [one for one in found if isinstance(one, pl.Series)]
    return Decisions(
        tier_decisions(tiers["tier"]).with_columns(columns), tuple(one for one in found if isinstance(one, str))
    )


def _on_list(tiers: pl.DataFrame, as_of: dt.date, workspace: Workspace, policy: Policy) -> pl.Series | str:
    """Of those whom no rule keeps out; the control arm is kept back by lot, and not contacted."""
    later = [moment for moment in published_moments(workspace.tiers) if moment > as_of]
    until = later[0] if later else dt.date.max
    made = [pl.read_parquet(path, columns=["customer_id", "arm", "list_on"]) for path in _lists(workspace)]
    rows = pl.concat(made) if made else pl.DataFrame(schema={"customer_id": pl.String, "arm": pl.String})
    if made:
        rows = rows.filter(pl.col("list_on").is_between(as_of, until, closed="left"))
    if rows.is_empty():
        return "No upgrade list of this moment was made."
    kept_out = suppressed(read_reference(workspace), policy.upgrade, rows["list_on"].to_list()[0])
    closed = kept_out.filter(pl.col("channel").is_null())["customer_id"]
    contacted = rows.filter(pl.col("arm") == "contact")["customer_id"]
    return tiers.select(
        on_list=pl.when(~pl.col("customer_id").is_in(closed.implode())).then(
            pl.col("customer_id").is_in(contacted.implode())
        )
    ).to_series()


def _lists(workspace: Workspace) -> list[str]:
    found = sorted(workspace.lists.glob("*.parquet"))
    return [str(path) for path in found if {"arm", "list_on"} <= set(pl.read_parquet_schema(path))]


def _fast_lane(tiers: pl.DataFrame, policy: Policy) -> pl.Series | str:
    service = policy.service
    if service is None:
        return "The policy has no service plan."
    states = with_service_state(tiers, policy.tiers).select("customer_id", "tier", "service_state")
    fast = [
        service.plans[tier].of(state).fast_lane for tier, state in states.select("tier", "service_state").iter_rows()
    ]
    known = states.select("customer_id", fast_lane=pl.Series(fast, dtype=pl.Boolean))
    return tiers.select("customer_id").join(known, on="customer_id", how="left", maintain_order="left")["fast_lane"]


def _fee_proposed(tiers: pl.DataFrame, as_of: dt.date, workspace: Workspace) -> pl.Series | str:
    fees = read_kept(workspace, REVIEWS).filter((pl.col("as_of") == as_of) & pl.col("item_code").is_not_null())
    kept = pl.col("withdrawn_on").is_null()
    standing = fees.filter(kept & (pl.col("decision").is_null() | pl.col("decision").is_in(STANDING)))
    if standing.is_empty():
        return "No fee was proposed or approved."
    return tiers.select(fee_proposed=pl.col("customer_id").is_in(standing["customer_id"].implode())).to_series()


def _to_machine(
    tiers: pl.DataFrame, born: pl.Series | None, as_of: dt.date, workspace: Workspace, policy: Policy
) -> pl.Series | str:
    """Of those who may be asked at all: that the law protects older customers is no difference to find fault with."""
    levers = policy.upgrade.levers
    codes = [code for code, lever in levers.channels.items() if lever.to_channel in SELF_SERVICE]
    try:
        candidates = customer_levers(as_of, tiers, workspace, policy).candidates
    except SegmentError as fault:
        return f"Who would be asked to use a machine is not known: {str(fault).splitlines()[0]}"
    asked = candidates.filter(pl.col("lever").is_in(codes))["customer_id"]
    if asked.is_empty():
        return "Nobody would be asked to use a machine or the app."
    told = tiers.select(to_machine=pl.col("customer_id").is_in(asked.implode()))
    if born is None:
        return told.to_series()
    may = may_use_machines(levers.no_machines_from_years, as_of)
    return told.with_columns(birth_date=born).select(to_machine=pl.when(may).then("to_machine")).to_series()


def _high_fees(tiers: pl.DataFrame, as_of: dt.date, workspace: Workspace) -> pl.Series | str:
    path = workspace.snapshot(as_of)
    if not path.is_file():
        return "What fees customers pay is not known: the snapshot of the moment is gone."
    paid = pl.read_parquet(path, columns=["customer_id", "fee_income_12m"])
    fees = tiers.select("customer_id").join(paid, on="customer_id", how="left", maintain_order="left")
    top = fees["fee_income_12m"].quantile(TOP_FEES)
    if top is None or fees["fee_income_12m"].fill_null(0.0).max() == 0:
        return "Nobody paid a fee."
    known = pl.col("fee_income_12m").fill_null(0.0)
    return fees.select(high_fees=(known > top) & (known > 0)).to_series()
