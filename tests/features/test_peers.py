"""Peer groups and clipped contributions."""

from __future__ import annotations

import numpy as np
import polars as pl

from segment.contribution import LINE_NAMES, line_names
from segment.features.peers import peer_groups, with_clipped_contribution
from segment.policy.decisions import Tiers
from tests.tiers.people import POLICY

LEAST_PEERS = POLICY.tiers.winsor_least_customers


def cut_at(quantile: float, least: int = LEAST_PEERS) -> Tiers:
    return POLICY.tiers.model_copy(update={"winsor_quantile": quantile, "winsor_least_customers": least})


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
    clipped = with_clipped_contribution(frame, cut_at(0.01))["contribution_clipped"].to_numpy()
    own = np.quantile(values[:LEAST_PEERS], [0.01, 0.99])
    np.testing.assert_allclose(clipped[:LEAST_PEERS], np.clip(values[:LEAST_PEERS], *own))
    np.testing.assert_allclose(clipped[LEAST_PEERS:], np.quantile(values, [0.01, 0.99]))


def test_the_policy_says_how_many_customers_a_group_needs_for_quantiles_of_its_own() -> None:
    values = np.array([0.0, 1.0, 2.0, -1e6, 1e6])
    frame = rows(["three"] * 3 + ["two"] * 2, values)
    clipped = with_clipped_contribution(frame, cut_at(0.25, least=3))["contribution_clipped"].to_list()
    assert clipped == [0.5, 1.0, 1.5, *np.quantile(values, [0.25, 0.75])]
    of_the_bank = np.clip(values, *np.quantile(values, [0.25, 0.75])).tolist()
    assert with_clipped_contribution(frame, cut_at(0.25, least=4))["contribution_clipped"].to_list() == of_the_bank


def test_commissions_stand_outside_and_costs_inside() -> None:
    frame = rows(["all"] * 3, np.full(3, 10.0), commission_income=5.0, account_cost=4.0)
    assert with_clipped_contribution(frame, cut_at(0.0))["contribution_clipped"].to_list() == [6.0] * 3


def test_a_branch_without_a_kind_is_among_all() -> None:
    assert peer_groups(
        pl.DataFrame({"branch_id": ["a", "b"], "kind": ["city", None], "region": ["east", "east"]})
    ).rows() == [("a", "city|east"), ("b", "all")]


def test_a_contribution_is_clipped_at_the_quantiles_of_its_peers() -> None:
    rows = pl.DataFrame({"peer_group": ["all"] * 3} | {name: [0.0] * 3 for name in line_names()})
    rows = rows.with_columns(net_interest=pl.Series([0.0, 1.0, 100.0]))
    assert with_clipped_contribution(rows, cut_at(0.25))["contribution_clipped"].to_list() == [0.5, 1.0, 50.5]
