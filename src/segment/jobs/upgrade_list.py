"""The upgrade-potential list of one moment."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import secrets
from dataclasses import dataclass

import polars as pl

from segment.exceptions import PublishError
from segment.jobs.levers import customer_levers
from segment.jobs.published import published_tiers
from segment.jobs.reasons import plain_sentences
from segment.jobs.reference import read_reference
from segment.policy import Policy
from segment.upgrade import (
    LIST_COLUMNS,
    Limits,
    best_offers,
    draw_control,
    households,
    rank_list,
    require_fresh_sources,
    suppressed,
)
from segment.warehouse import Workspace, write_parquet, write_whole

PROGRAMME = "upgrade"
REASONS = 3


@dataclass(frozen=True)
class UpgradeList:
    """A list and what was left out of it.

    Attributes
    ----------
    list_id : str
        The same for the same tiers, policy, date and limits.
    to_contact : polars.DataFrame
        Columns of CONTRACT.md section 4; only customers to contact.
    funnel : dict of str to int
        Customers left after each step.
    """

    list_id: str
    to_contact: pl.DataFrame
    funnel: dict[str, int]

    def __str__(self) -> str:
        """Say how the list came about."""
        steps = "  >  ".join(f"{step} {count:,}" for step, count in self.funnel.items())
        gain = self.to_contact["expected_net_gain_12m"].sum()
        return (
            f"{steps}\nExpected net gain {gain:,.0f} a year. List {self.list_id}; the workspace keeps its control arm."
        )


def upgrade_list(
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    *,
    branch: str | None = None,
    limits: Limits | None = None,
    list_on: dt.date | None = None,
) -> UpgradeList:
    """Make the list and keep its analytics copy, control arm included, in the workspace.

    Parameters
    ----------
    as_of : datetime.date
        Moment of the published tiers.
    workspace : Workspace
        Holds the tiers and the contact rules of the last extract.
    policy : Policy
        Bundles, odds, costs, rules.
    branch : str, optional
        One branch.
    limits : Limits, optional
        Capacity and budget.
    list_on : datetime.date, optional
        The list's date, `as_of` by default; it counts for contact rules and expiry.

    Returns
    -------
    UpgradeList

    Raises
    ------
    PublishError
        Where nothing is published for the moment, a suppression source is stale, or nobody is left to contact.
    """
    dated = list_on or as_of
    if dated < as_of:
        raise PublishError.with_hint(
            f"A list must not be dated before its tiers. Got {dated} for tiers of {as_of}.", "leave --list-on out"
        )
    tables = read_reference(workspace)
    require_fresh_sources(tables["suppression_sources"], policy.upgrade, dated)
    tiers = published_tiers(workspace, as_of, branch)
    candidates = _candidates(tiers, tables, as_of)
    kept_out = suppressed(tables, policy.upgrade, dated)
    allowed = candidates.join(kept_out.filter(pl.col("channel").is_null()), on="customer_id", how="anti")
    offers = best_offers(allowed, kept_out, policy.upgrade)
    grouped = offers.join(households(tables["customers"], tables["holdings"]), on="customer_id", how="left")
    grouped = grouped.with_columns(pl.col("household").fill_null(pl.col("customer_id")))
    control = draw_control(grouped["household"], policy.upgrade.control_share, _salt(workspace), PROGRAMME)
    limits = limits or Limits()
    ranked = rank_list(grouped, control, limits, policy.upgrade, dated)
    list_id = _list_id(tiers, policy, branch, limits, dated)
    levers = customer_levers(as_of, tiers, workspace, policy).best
    ranked = ranked.join(levers, on="customer_id", how="left", maintain_order="left")
    whole = _with_reasons(ranked).with_columns(list_id=pl.lit(list_id)).select(LIST_COLUMNS)
    to_contact = whole.filter(pl.col("arm") == "contact").with_columns(rank=pl.int_range(1, pl.len() + 1))
    funnel = {
        "customers": tiers.height,
        "with a tier to rise to": candidates.height,
        "may be contacted": allowed.height,
        "worth an offer": offers.height,
        "kept back as control": int(control.sum()),
        "to contact": to_contact.height,
    }
    if to_contact.is_empty():
        counts = ", ".join(f"{step}: {count}" for step, count in funnel.items())
        raise PublishError.with_hint(
            f"A list must hold someone to contact. Nobody is left. {counts}.", "see the policy"
        )
    write_parquet(whole, workspace.lists / f"{list_id}.parquet")
    return UpgradeList(list_id, to_contact, funnel)


def _candidates(tiers: pl.DataFrame, tables: dict[str, pl.DataFrame], as_of: dt.date) -> pl.DataFrame:
    """Customers with a tier above them, and the product families that they hold."""
    open_accounts = tables["accounts"].filter(
        (pl.col("opened_on") <= as_of) & (pl.col("closed_on").is_null() | (pl.col("closed_on") > as_of))
    )
    held = (
        tables["holdings"]
        .filter(pl.col("share") > 0)
        .join(open_accounts.select("account_id", "family"), on="account_id")
        .group_by("customer_id")
        .agg(families=pl.col("family").unique().sort())
    )
    rising = tiers.filter(pl.col("tier").is_in(["break_even", "valuable"]) & (pl.col("upgrade_potential_12m") > 0))
    joined = rising.join(held, on="customer_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col("families").fill_null(pl.lit([], dtype=pl.List(pl.String))))


def _with_reasons(ranked: pl.DataFrame) -> pl.DataFrame:
    sentences = [plain_sentences(codes)[:REASONS] for codes in ranked["reasons"].to_list()]
    columns = {
        f"reason_{place + 1}": [said[place] if place < len(said) else None for said in sentences]
        for place in range(REASONS)
    }
    return ranked.with_columns(pl.Series(name, values, dtype=pl.String) for name, values in columns.items())


def _list_id(tiers: pl.DataFrame, policy: Policy, branch: str | None, limits: Limits, dated: dt.date) -> str:
    parts = (*tiers["run_id"].unique().sort(), policy.hash, branch, limits.capacity, limits.budget, dated)
    return f"{dated.isoformat()}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:10]}"


def _salt(workspace: Workspace) -> str:
    """The secret that draws the control arm: from the environment, else made once for the workspace."""
    given = os.environ.get("SEGMENT_CONTROL_SALT")
    if given:
        return given
    path = workspace.root / "control_salt"
    if not path.exists():
        write_whole(path, lambda beside: beside.write_text(secrets.token_hex(32), encoding="utf-8"))
    return path.read_text(encoding="utf-8")
