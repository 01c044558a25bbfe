"""Peer groups and clipped contributions."""

from __future__ import annotations

import numpy as np
import polars as pl

from segment.contribution import LINE_NAMES
from segment.features.peers import LEAST_PEERS, peer_groups, with_clipped_contribution


def rows(group: list[str], net_interest: np.ndarray, **lines: float) -> pl.DataFrame:
    figures = {name: pl.repeat(lines.get(name, 0.0), len(group), eager=True) for name in LINE_NAMES}
    return pl.DataFrame({"peer_group": group} | figures).with_columns(net_interest=net_interest)


def test_branches_without_type_or_region_are_all_one_group() -> None:
    branches = pl.DataFrame({"branch_id": ["a", "b", "c"], "kind": ["city", None, "city"], "region": ["r", "r", None]})
    assert peer_groups(branches)["peer_group"].to_list() == ["city|r", "all", "all"]
    assert peer_groups(branches.select("branch_id"))["peer_group"].to_list() == ["all"] * 3


def test_a_large_group_is_clipped_at_its_own_quantiles_and_a_small_one_at_the_banks() -> None:
    values = np.concatenate([np.arange(LEAST_PEERS, dtype=float), [-1e6, 1e6]])
    frame = rows(["large"] * LEAST_PEERS + ["small"] * 2, values)
    clipped = with_clipped_contribution(frame, 0.01)["contribution_clipped"].to_numpy()
    own = np.quantile(values[:LEAST_PEERS], [0.01, 0.99])
    np.testing.assert_allclose(clipped[:LEAST_PEERS], np.clip(values[:LEAST_PEERS], *own))
    np.testing.assert_allclose(clipped[LEAST_PEERS:], np.quantile(values, [0.01, 0.99]))


def test_commissions_stand_outside_and_costs_inside() -> None:
    frame = rows(["all"] * 3, np.full(3, 10.0), commission_income=5.0, account_cost=4.0)
    assert with_clipped_contribution(frame, 0.0)["contribution_clipped"].to_list() == [6.0] * 3
