"""The control arm: drawn once, by a secret, and the same for as long as the secret is."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.files import read_secret
from segment.policy import Policy
from segment.upgrade.control import draw_control, secret_number

HOLD_OUT = "hold-out"
QUINTILES = 5


@dataclass(frozen=True)
class ArmDraw:
    """The arms of a list's customers, and the draws that are new."""

    arms: pl.DataFrame  # `customer_id`, `control`, `stratum`, `household`
    new: pl.DataFrame  # Of everybody in the households, offered something or not


def control_salt(file: Path) -> str:
    """Return the secret that draws control arms: from the environment, else made once for the workspace."""
    return os.environ.get("SEGMENT_CONTROL_SALT") or read_secret(file)


def draw_arms(
    offers: pl.DataFrame, homes: pl.DataFrame, draws: pl.DataFrame, salt: str, policy: Policy, list_on: dt.date
) -> ArmDraw:
    """Draw the control arm of each programme; a household that was drawn before stays where it is.

    `homes` has `customer_id` and `household` of every customer, `draws` what was drawn so far.
    """
    # A household is in the programme of its first member, and has one arm, whoever of it comes up on a later list: all
    # of its members are drawn with it. One that is control of a programme is contacted in none, or the programme's
    # effect could not be told from the other's. New households are drawn in strata of branch, tier and fifth of the
    # expected net gain. A household of the policy's hold-out is control in every programme.
    mark = hashlib.sha256(f"fingerprint|{salt}".encode()).hexdigest()[:16]
    offered = _in_strata(offers)
    programmes = offered.unique("household").select("household", "arm_programme")
    everyone = pl.concat([offered.select("customer_id", "household"), homes.select("customer_id", "household")])
    members = everyone.unique("customer_id", keep="first", maintain_order=True).join(programmes, on="household")
    before = members.join(draws.filter(pl.col("salt") == mark), on="customer_id")
    placed = (
        before.group_by("household", maintain_order=True)
        .agg(pl.col("control").any(), here=(pl.col("programme") == pl.col("arm_programme")).any())
        .filter(pl.col("here") | pl.col("control"))
        .select("household", "control")
    )
    fresh = offered.unique("household", keep="first", maintain_order=True).join(placed, on="household", how="anti")
    drawn = [placed]
    for code, programme in policy.programmes.items():
        asked = fresh.filter(pl.col("arm_programme") == code)
        lots = pl.Series([secret_number(salt, HOLD_OUT, name) for name in asked["household"]], dtype=pl.Float64)
        own = draw_control(asked.select("household", "stratum"), programme.control_share, salt, code)
        drawn.append(asked.select("household", control=own | (lots < policy.upgrade.hold_out_share)))
    arms = pl.concat(drawn)
    new = (
        members.join(arms, on="household", maintain_order="left")
        .select(
            pl.lit(mark).alias("salt"), "customer_id", "control", programme="arm_programme", drawn_on=pl.lit(list_on)
        )
        .join(draws, on=["salt", "programme", "customer_id"], how="anti")
    )
    listed = offered.join(arms, on="household", maintain_order="left")
    return ArmDraw(listed.select("customer_id", "control", "stratum", "household"), new)


def _in_strata(offers: pl.DataFrame) -> pl.DataFrame:
    """Each customer with the programme and the stratum of the household's first member."""
    ordered = offers.sort(["expected_net_value", "priority", "customer_id"], descending=[True, False, False])
    place = pl.col("expected_net_value").rank("ordinal") - 1
    fifth = (place * QUINTILES // pl.len()).over("programme", "tier").cast(pl.String)
    return ordered.select(
        "customer_id",
        "household",
        arm_programme=pl.col("programme").first().over("household"),
        stratum=pl.concat_str("branch_id", "tier", fifth, separator="|").first().over("household"),
    )
