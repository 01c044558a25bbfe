"""The control arm: drawn by a secret, the same for a household, and stable from list to list."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl


def households(customers: pl.DataFrame, holdings: pl.DataFrame) -> pl.DataFrame:
    """Group customers who share a household or own an account together."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ids = customers["customer_id"].sort()
    tied = pl.concat(
        [
            customers.select("customer_id", tie=pl.lit("h") + pl.col("household_id")).drop_nulls("tie"),
            holdings.filter(pl.col("share") > 0).select("customer_id", tie=pl.lit("a") + pl.col("account_id")),
        ]
    ).filter(pl.col("customer_id").is_in(ids.implode()))
    person = ids.search_sorted(tied["customer_id"]).to_numpy()
    tie = tied["tie"].rank("dense").to_numpy() - 1
    nodes = len(ids) + (int(tie.max()) + 1 if len(tie) else 0)
    edges = coo_array((np.ones(len(person)), (person, tie + len(ids))), shape=(nodes, nodes))
    component = connected_components(edges, directed=False)[1][: len(ids)]
    grouped = pl.DataFrame({"customer_id": ids, "component": component})
    return grouped.select("customer_id", household=pl.col("customer_id").min().over("component"))


def draw_control(households: pl.DataFrame, share: float, salt: str, programme: str) -> pl.Series:
    """Draw the control arm of a programme: every n-th household of each stratum, in an order drawn from the secret."""
    numbers = [secret_number(salt, programme, name) for name in households["household"]]
    placed = households.select("household", "stratum", number=pl.Series(numbers, dtype=pl.Float64)).with_row_index("at")
    ordered = placed.sort("stratum", "number", "household").with_row_index("place")
    reached = pl.col("place") * share + secret_number(salt, programme, "")
    return ordered.with_columns(control=(reached + share).floor() > reached.floor()).sort("at")["control"]


def secret_number(salt: str, programme: str, household: str) -> float:
    """Return a number between 0 and 1 that only the salt's holder can foresee."""
    digest = hashlib.sha256(f"{salt}|{programme}|{household}".encode()).digest()
    return float(int.from_bytes(digest[:6], "big") / 2**48)
