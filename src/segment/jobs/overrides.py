"""Tiers that a named person set until a date."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.tiers.stability.stabilise import NO_OVERRIDES
from segment.warehouse import Workspace
from segment.warehouse.records import records

SET, WITHDRAWN = "tier_override", "tier_override_withdrawn"


def overrides_in_force(workspace: Workspace, as_of: dt.date) -> pl.DataFrame:
    """Read the overrides that hold at a moment.

    Parameters
    ----------
    workspace : Workspace
        Keeps the records.
    as_of : datetime.date
        The moment; an override holds from its first day to its last.

    Returns
    -------
    polars.DataFrame
        `customer_id`, `tier`, `role`, `expires_on`; the newest override of each customer.
    """
    taken_back = {one.content["record"] for one in records(workspace, WITHDRAWN)}
    held = {
        one.content["customer_id"]: one.content
        for one in records(workspace, SET)
        if one.number not in taken_back
        and dt.date.fromisoformat(one.content["starts_on"]) <= as_of <= dt.date.fromisoformat(one.content["expires_on"])
    }
    rows = [
        (name, one["tier"], one["role"], dt.date.fromisoformat(one["expires_on"])) for name, one in sorted(held.items())
    ]
    return pl.DataFrame(rows, schema=NO_OVERRIDES.schema, orient="row")
