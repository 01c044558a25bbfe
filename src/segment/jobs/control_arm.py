"""Who is kept back: drawn once, by a secret, and kept for as long as the secret is."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import secrets

import polars as pl

from segment.policy import Policy
from segment.upgrade import draw_control, secret_number
from segment.warehouse import Workspace, write_parquet, write_whole

HOLD_OUT = "hold-out"
QUINTILES = 5
_KEPT_SCHEMA = {
    "salt": pl.String,
    "programme": pl.String,
    "customer_id": pl.String,
    "control": pl.Boolean,
    "drawn_on": pl.Date,
}


def control_salt(workspace: Workspace) -> str:
    """Return the secret that draws control arms: from the environment, else made once for the workspace.

    Parameters
    ----------
    workspace : Workspace
        Keeps a secret that it makes in `control_salt`, which only its owner can read.

    Returns
    -------
    str
    """
    given = os.environ.get("SEGMENT_CONTROL_SALT")
    if given:
        return given
    path = workspace.root / "control_salt"
    if not path.exists():
        write_whole(path, lambda beside: beside.write_text(secrets.token_hex(32), encoding="utf-8"))
    return path.read_text(encoding="utf-8")


def draw_arms(offers: pl.DataFrame, workspace: Workspace, policy: Policy, list_on: dt.date) -> pl.DataFrame:
    """Draw the control arm of each programme; who was drawn before stays where they are.

    A household is in the programme of its first member, and has one arm. New households are drawn in strata of branch,
    tier and fifth of the expected net gain. A household of the policy's hold-out is control in every programme.

    Parameters
    ----------
    offers : polars.DataFrame
        Each customer's best offer, as `segment.upgrade.best_offers` returns it, with `household`.
    workspace : Workspace
        Keeps the draws in `control.parquet`: customers, but neither names nor amounts.
    policy : Policy
        Shares.
    list_on : datetime.date
        Noted with new draws.

    Returns
    -------
    polars.DataFrame
        `customer_id`, `control`, `stratum`, `household`.
    """
    salt = control_salt(workspace)
    path = workspace.control
    kept = pl.read_parquet(path) if path.is_file() else pl.DataFrame(schema=_KEPT_SCHEMA)
    mark = hashlib.sha256(f"fingerprint|{salt}".encode()).hexdigest()[:16]
    members = _in_strata(offers)
    before = kept.filter(pl.col("salt") == mark).select("programme", "customer_id", known="control")
    known = (
        members.join(
            before, left_on=["arm_programme", "customer_id"], right_on=["programme", "customer_id"], how="left"
        )
        .group_by("household")
        .agg(pl.col("known").any().alias("control"), drawn=pl.col("known").is_not_null().any())
        .filter("drawn")
    )
    fresh = members.unique("household", keep="first", maintain_order=True).join(known, on="household", how="anti")
    drawn = [known.select("household", "control")]
    for code, programme in policy.programmes.items():
        asked = fresh.filter(pl.col("arm_programme") == code)
        lots = pl.Series([secret_number(salt, HOLD_OUT, name) for name in asked["household"]], dtype=pl.Float64)
        own = draw_control(asked.select("household", "stratum"), programme.control_share, salt, code)
        drawn.append(asked.select("household", control=own | (lots < policy.upgrade.hold_out_share)))
    arms = members.join(pl.concat(drawn), on="household", maintain_order="left")
    new = arms.select(
        salt=pl.lit(mark),
        programme="arm_programme",
        customer_id="customer_id",
        control="control",
        drawn_on=pl.lit(list_on),
    ).join(kept, on=["salt", "programme", "customer_id"], how="anti")
    if not new.is_empty():
        write_parquet(pl.concat([kept, new]), path)
    return arms.select("customer_id", "control", "stratum", "household")


def _in_strata(offers: pl.DataFrame) -> pl.DataFrame:
    """Each customer with the programme and the stratum of the household's first member."""
    ordered = offers.sort(["priority", "expected_net_gain_12m", "customer_id"], descending=[False, True, False])
    place = pl.col("expected_net_gain_12m").rank("ordinal") - 1
    fifth = (place * QUINTILES // pl.len()).over("programme", "tier").cast(pl.String)
    return ordered.select(
        "customer_id",
        "household",
        arm_programme=pl.col("programme").first().over("household"),
        stratum=pl.concat_str("branch_id", "tier", fifth, separator="|").first().over("household"),
    )
