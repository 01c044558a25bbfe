"""What is published of a moment, for the bank or a branch."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.exceptions import PublishError
from segment.warehouse import Workspace, published_moments, read_tiers


def published_tiers(
    workspace: Workspace, as_of: dt.date, branch: str | None = None, version: int | None = None
) -> pl.DataFrame:
    """Read the published tiers, of one branch or of all.

    Parameters
    ----------
    workspace : Workspace
        Where they are published.
    as_of : datetime.date
        The moment.
    branch : str, optional
        One branch.
    version : int, optional
        Of the published table; the newest by default.

    Returns
    -------
    polars.DataFrame
        Columns of CONTRACT.md section 3 and further ones after them.

    Raises
    ------
    PublishError
        Where nothing is published for the moment, or the branch has no customers.
    """
    tiers = read_tiers(workspace.tiers, as_of, version)
    if branch is None:
        return tiers
    found = tiers.filter(pl.col("branch_id") == branch)
    if found.is_empty():
        known = tiers["branch_id"].unique().sort()
        raise PublishError.with_hint(
            f"The branch must have customers on {as_of}. `{branch}` has none among {known.len()} branches.",
            f"known are {', '.join(known.head(8))}{' …' if known.len() > 8 else ''}",
        )
    return found


def newest_published(workspace: Workspace, version: int | None = None) -> dt.date:
    """Find the newest moment that has published tiers.

    Parameters
    ----------
    workspace : Workspace
        Where they are published.
    version : int, optional
        Of the published table; the newest by default.

    Returns
    -------
    datetime.date

    Raises
    ------
    PublishError
        Where nothing is published.
    """
    moments = published_moments(workspace.tiers, version)
    if not moments:
        raise PublishError.with_hint("Tiers must be published first. None are.", "segment refresh LEDGER --as-of DATE")
    return moments[-1]


def tiers_before(workspace: Workspace, as_of: dt.date, version: int | None = None) -> pl.DataFrame | None:
    """Read the last tiers published for an earlier moment.

    Parameters
    ----------
    workspace : Workspace
        Where they are published.
    as_of : datetime.date
        The moment.
    version : int, optional
        Of the published table; the newest by default.

    Returns
    -------
    polars.DataFrame or None
        None where this is the first.
    """
    earlier = [moment for moment in published_moments(workspace.tiers, version) if moment < as_of]
    return read_tiers(workspace.tiers, earlier[-1], version) if earlier else None
