"""Whom no list may reach, by everything that is known now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from segment.jobs.reference import read_reference
from segment.policy import Policy
from segment.upgrade import require_fresh_sources, suppressed
from segment.upgrade.contacts_made import contacts_made, recently_offered
from segment.upgrade.suppression import HARDEST_FIRST
from segment.warehouse import Workspace
from segment.warehouse.kept import OBJECTIONS, OUTCOMES, read_kept

_LISTED = {"list_id": pl.String, "customer_id": pl.String, "channel": pl.String, "bundle": pl.String}


@dataclass(frozen=True)
class WhoNot:
    """Everyone whom a rule keeps out.

    Attributes
    ----------
    people : polars.DataFrame
        From `segment.upgrade.suppressed`: `customer_id`, `channel` (null: every channel), `code`.
    bundles : polars.DataFrame
        `customer_id`, `bundle`: not to be offered again yet.
    known : polars.DataFrame
        `customer_id` of every customer of whom the ledger knows; nobody else may be contacted.
    """

    people: pl.DataFrame
    bundles: pl.DataFrame
    known: pl.DataFrame

    def codes_of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Say which rows of a list must go, and why.

        Parameters
        ----------
        rows : polars.DataFrame
            `customer_id`, `channel`, `bundle`; a row without a channel must be free on all of them.

        Returns
        -------
        polars.DataFrame
            `customer_id`, `code`: one row per customer, the hardest code of those that hold.
        """
        asked = rows.select("customer_id", pl.col("channel").cast(pl.String), pl.col("bundle").cast(pl.String))
        closed = pl.col("channel_right").is_null() | pl.col("channel").is_null()
        by_rule = asked.join(self.people, on="customer_id").filter(
            closed | (pl.col("channel") == pl.col("channel_right"))
        )
        again = asked.join(self.bundles, on=["customer_id", "bundle"], how="semi")
        strange = asked.join(self.known, on="customer_id", how="anti")
        found = pl.concat(
            [
                by_rule.select("customer_id", "code"),
                again.select("customer_id", code=pl.lit("same_bundle")),
                strange.select("customer_id", code=pl.lit("unknown_customer")),
            ]
        )
        place = pl.col("code").replace_strict(
            {code: number for number, code in enumerate(HARDEST_FIRST)}, default=len(HARDEST_FIRST)
        )
        return found.sort(place, "customer_id", "code").unique("customer_id", keep="first", maintain_order=True)


def who_not(workspace: Workspace, policy: Policy, on: dt.date, expires_on: dt.date | None = None) -> WhoNot:
    """Read the sources of suppressions anew; a missing or stale one stops.

    Parameters
    ----------
    workspace : Workspace
        Holds the small tables of the last extract, the outcomes and objections handed in since, and past lists.
    policy : Policy
        The rules.
    on : datetime.date
        The day of which this is asked.
    expires_on : datetime.date, optional
        Last day of the list; by default as long after `on` as the policy lets a list live.

    Returns
    -------
    WhoNot

    Raises
    ------
    PublishError
        Where a source is not there or is older than the policy allows.
    """
    tables = read_reference(workspace)
    require_fresh_sources(tables["suppression_sources"], policy.upgrade, on)
    handed_in = read_kept(workspace, OUTCOMES)
    past = past_lists(workspace, [*tables["campaign_outcomes"]["list_id"], *handed_in["list_id"]])
    people = suppressed(
        tables,
        policy.upgrade,
        on,
        expires_on=expires_on,
        kept_outcomes=handed_in,
        objections=read_kept(workspace, OBJECTIONS),
        past_lists=past,
    )
    made = contacts_made(tables["campaign_outcomes"], handed_in, past)
    known = tables["customers"].select("customer_id")
    return WhoNot(people, recently_offered(made, policy.upgrade, on), known)


def past_lists(workspace: Workspace, list_ids: Iterable[str]) -> pl.DataFrame:
    """Read what some lists offered to whom.

    Parameters
    ----------
    workspace : Workspace
        Keeps the analytics copies.
    list_ids : iterable of str
        Lists that outcomes name; those that the workspace does not keep are left out.

    Returns
    -------
    polars.DataFrame
        `list_id`, `customer_id`, `channel`, `bundle`.
    """
    wanted = set(list_ids)
    files = sorted(path for path in workspace.lists.glob("*.parquet") if path.stem in wanted)
    parts = [pl.read_parquet(path, columns=list(_LISTED)).select(list(_LISTED)).cast(_LISTED) for path in files]  # type: ignore[arg-type]
    return pl.concat(parts) if parts else pl.DataFrame(schema=_LISTED)
