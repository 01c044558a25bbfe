"""A moment that did not move may be published; one that did may not, and the gate says what moved."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from segment.drift.compare_snapshots import measure_drift
from segment.drift.drift_reference import DriftReference, build_reference
from segment.drift.drift_report import DriftReport
from segment.drift.psi import population_stability_index, rise_threshold, significance_threshold
from segment.gate import Gate
from segment.jobs.publish.evaluate_drift import drift_gate
from segment.policy.drift import DriftLimits

LIMITS = DriftLimits()
FEATURES = tuple(f"figure_{number}" for number in range(8))
COLUMNS = (*FEATURES, "months_observed")
TIERS = np.array(["break_even", "high_value", "loss_making", "valuable"])


def _moment(seed: int, customers: int = 3000) -> tuple[pl.DataFrame, pl.DataFrame]:
    rng = np.random.default_rng(seed)
    ids = [f"c{number}" for number in range(customers)]
    figures = {name: rng.lognormal(5, 1, customers).round(2) for name in COLUMNS}
    groups = rng.choice(["rural", "urban"], customers)
    snapshot = pl.DataFrame({"customer_id": ids, "branch_id": groups, "peer_group": groups, **figures})
    scored = pl.DataFrame({
        "customer_id": ids, "tier": rng.choice(TIERS, customers), "future_value_12m": rng.normal(100, 50, customers),
        "main_bank_elsewhere_probability": rng.beta(2, 5, customers),
    })  # fmt: skip
    return snapshot, scored


def _reference(customers: int = 3000) -> DriftReference:
    snapshot, scored = _moment(0, customers)
    return build_reference(snapshot, snapshot, scored, COLUMNS, LIMITS.least_group)


def _drift(snapshot: pl.DataFrame, scored: pl.DataFrame, reference: DriftReference | None = None) -> DriftReport:
    return measure_drift(scored, snapshot.lazy(), reference or _reference(), LIMITS)


def _gate(snapshot: pl.DataFrame, scored: pl.DataFrame, reference: DriftReference | None = None) -> Gate:
    return drift_gate(_drift(snapshot, scored, reference))


def _fourfold(*names: str) -> list[pl.Expr]:
    return [pl.col(name) * 4 for name in names]


def test_a_moment_like_the_one_learned_from_may_be_published() -> None:
    gate = _gate(*_moment(1))
    assert gate.holds, gate.message
    assert gate.name == "drift"


@pytest.mark.slow
@pytest.mark.parametrize("customers", [80, 200])
def test_a_small_bank_that_did_not_move_is_rarely_stopped(customers: int) -> None:
    stopped = 0
    for seed in range(100):
        snapshot, scored = _moment(10_000 + seed, customers)
        reference = build_reference(snapshot, snapshot, scored, COLUMNS, LIMITS.least_group)
        stopped += not _gate(*_moment(seed, customers), reference).holds
    assert stopped <= 12  # 5 of 100 are promised; more than 12 has a chance below 1 in 100 then


def test_a_forecast_that_moved_stops_publishing_and_is_named() -> None:
    snapshot, scored = _moment(1)
    gate = _gate(snapshot, scored.with_columns(pl.col("future_value_12m") + 50))
    assert not gate.holds
    assert "future_value_12m moved against the training: the bank has index" in gate.message


@pytest.mark.parametrize("moved", [False, True])
def test_groups_of_too_few_customers_are_not_passed_in_silence(moved: bool) -> None:
    snapshot, scored = _moment(1)
    few = LIMITS.least_group - 1
    snapshot = snapshot.with_columns(
        peer_group=pl.when(pl.int_range(pl.len()) < few).then(pl.lit("island")).otherwise("peer_group")
    )
    found = scored.with_columns(pl.col("future_value_12m") + 50) if moved else scored
    report = _drift(snapshot, found)
    assert (report.small.groups, report.small.customers) == (1, few)
    gate = drift_gate(report)
    assert gate.holds != moved
    assert f"1 groups of branches with {few} customers are judged with the bank alone (a group needs 30" in gate.message
    assert report.to_dict()["small"] == {"groups": 1, "customers": few}
    assert "judged with the bank alone" not in _gate(*_moment(1)).message


def test_a_shift_within_one_group_of_branches_is_found_there() -> None:
    snapshot, scored = _moment(1)
    rural = snapshot["peer_group"] == "rural"
    probability = (
        pl.when(rural).then(1 - pl.col("main_bank_elsewhere_probability")).otherwise("main_bank_elsewhere_probability")
    )
    moved = _drift(snapshot, scored.with_columns(probability.alias("main_bank_elsewhere_probability"))).moved
    assert "rural" in {one.group for one in moved}
    assert "urban" not in {one.group for one in moved}


def test_a_tier_mix_that_moved_stops_publishing() -> None:
    snapshot, scored = _moment(1)
    kept = pl.when(pl.col("tier") == "high_value").then(pl.lit("loss_making")).otherwise("tier")
    gate = _gate(snapshot, scored.with_columns(kept.alias("tier")))
    assert "tier mix moved against the training: the bank has index" in gate.message


def test_features_stop_publishing_beyond_their_share_only() -> None:
    snapshot, scored = _moment(1)
    assert _gate(snapshot.with_columns(_fourfold(FEATURES[0])), scored).holds
    assert not _gate(snapshot.with_columns(_fourfold(*FEATURES[:2])), scored).holds


def test_a_feature_that_grows_by_construction_is_shown_and_never_stops() -> None:
    snapshot, scored = _moment(1)
    report = _drift(snapshot.with_columns(_fourfold("months_observed")), scored)
    assert report.bank.features["months_observed"].index > LIMITS.significant
    assert report.bank.moved_share == 0.0


@pytest.mark.parametrize(("share", "holds"), [(0.04, True), (0.08, False)])
def test_a_missing_rate_that_jumped_stops_publishing(share: float, holds: bool) -> None:
    snapshot, scored = _moment(1)
    first = pl.int_range(pl.len()) < share * snapshot.height
    blank = pl.when(~first).then(pl.col(FEATURES[0])).alias(FEATURES[0])
    assert _gate(snapshot.with_columns(blank), scored).holds is holds


def test_a_feature_whose_index_never_counts_still_stops_publishing_where_it_goes_missing() -> None:
    snapshot, scored = _moment(1)
    blank = pl.when(pl.int_range(pl.len()) >= 600).then(pl.col("months_observed")).alias("months_observed")
    gate = _gate(snapshot.with_columns(blank), scored)
    assert "months_observed is missing for 20% more customers of the bank" in gate.message


def test_features_that_moved_in_one_group_of_branches_stop_publishing() -> None:
    snapshot, scored = _moment(1)
    few = pl.when(pl.int_range(pl.len()) < 200).then(pl.lit("mountain")).otherwise("peer_group").alias("peer_group")
    snapshot = snapshot.with_columns(few)
    reference = build_reference(snapshot, snapshot, scored, COLUMNS, LIMITS.least_group)
    moved = [pl.when(pl.col("peer_group") == "mountain").then(pl.col(n) * 6).otherwise(n).alias(n) for n in FEATURES]
    report = _drift(snapshot.with_columns(moved), scored, reference)
    assert report.bank.moved_share == 0.0
    assert "100% of the features of branches mountain moved (limit 20%)" in drift_gate(report).message
    assert report.groups["rural"].moved_share == 0.0


def test_where_the_ledger_names_no_kinds_of_branches_each_branch_is_a_group() -> None:
    snapshot, scored = _moment(1)
    snapshot = snapshot.with_columns(pl.col("peer_group").alias("branch_id"), pl.lit("all").alias("peer_group"))
    reference = build_reference(snapshot, snapshot, scored, COLUMNS, LIMITS.least_group)
    assert set(reference.scores) == {"", "rural", "urban"}
    rural = pl.col("branch_id") == "rural"
    report = _drift(
        snapshot.with_columns(pl.when(~rural).then(pl.col(FEATURES[0])).alias(FEATURES[0])), scored, reference
    )
    assert report.groups["rural"].jumped == {FEATURES[0]: 1.0}
    assert report.groups["urban"].jumped == {}


def test_a_source_that_fails_one_group_of_branches_is_named() -> None:
    snapshot, scored = _moment(1)
    rural = pl.col("peer_group") == "rural"
    lost = rural & (pl.int_range(pl.len()) < 250)
    report = _drift(snapshot.with_columns(pl.when(~lost).then(pl.col(FEATURES[3])).alias(FEATURES[3])), scored)
    assert report.bank.jumped == {}  # 8% of the group are 4% of the bank
    assert set(report.groups["rural"].jumped) == {FEATURES[3]}
    assert f"{FEATURES[3]} is missing for" in drift_gate(report).message
    assert "more customers of branches rural" in drift_gate(report).message


def test_a_tier_mix_far_from_the_last_publications_stops_publishing() -> None:
    snapshot, scored = _moment(1)
    branches = pl.Series("branch_id", [f"{group}-1" for group in snapshot["peer_group"]])
    snapshot, before = snapshot.with_columns(branches), scored.with_columns(branches)
    assert drift_gate(measure_drift(scored, snapshot.lazy(), _reference(), LIMITS, before)).holds
    other = before.with_columns(pl.lit("break_even").alias("tier"))
    report = measure_drift(scored, snapshot.lazy(), _reference(), LIMITS, other)
    assert {score.against for score in report.moved} == {"last publication"}
    assert {score.group for score in report.moved} == {"", "rural", "urban"}


def test_tiers_that_were_held_back_are_judged_by_what_the_model_said() -> None:
    """A change held back for a month would hide from a comparison with the training, which held none."""
    snapshot, scored = _moment(1)
    proposed = scored.with_columns(pl.lit("loss_making").alias("proposed_tier"))
    assert "tier mix moved against the training: the bank has index" in _gate(snapshot, proposed).message


@pytest.mark.parametrize(("share", "holds"), [(0.10, True), (0.20, False)])
def test_a_feed_that_left_zeros_stops_publishing(share: float, holds: bool) -> None:
    snapshot, scored = _moment(1)
    lost = pl.int_range(pl.len()) < share * snapshot.height
    report = _drift(snapshot.with_columns(pl.when(~lost).then(FEATURES[0]).otherwise(0.0).alias(FEATURES[0])), scored)
    assert drift_gate(report).holds is holds
    assert holds or "figure_0 is zero for 20% more customers of the bank (limit 15%)" in drift_gate(report).message


def test_zeros_of_what_a_bank_books_by_the_quarter_or_year_do_not_count() -> None:
    snapshot, scored = _moment(1)
    seen = snapshot.with_columns(pl.col(FEATURES[0]).alias("run_rate_fees_3m"))
    reference = build_reference(seen, seen, scored, ["run_rate_fees_3m"], LIMITS.least_group)
    assert _gate(seen.with_columns(run_rate_fees_3m=pl.lit(0.0)), scored, reference).holds


def test_a_feature_that_is_gone_counts_as_missing_for_everybody() -> None:
    snapshot, scored = _moment(1)
    assert _drift(snapshot.drop(FEATURES[0]), scored).bank.jumped == {FEATURES[0]: 1.0}


def test_the_reference_holds_no_customer_and_no_amount_of_one() -> None:
    snapshot, scored = _moment(0)
    text = _reference().to_json()
    assert "c17" not in text
    amounts = {str(amount) for amount in snapshot[FEATURES[0]] if amount > 1000}
    assert amounts
    assert not [amount for amount in amounts if amount in text]


def test_the_reference_reads_back_as_it_was_written() -> None:
    assert DriftReference.from_json(_reference().to_json()) == _reference()


def test_groups_under_the_least_size_are_not_told() -> None:
    snapshot, scored = _moment(1)
    few = pl.when(pl.int_range(pl.len()) < LIMITS.least_group - 1).then(pl.lit("alone")).otherwise("peer_group")
    snapshot = snapshot.with_columns(few.alias("peer_group"))
    reference = build_reference(snapshot, snapshot, scored, COLUMNS, LIMITS.least_group)
    assert set(reference.scores) == {"", "rural", "urban"}


def test_the_threshold_of_a_rise_is_what_chance_makes() -> None:
    rng = np.random.default_rng(4)
    rates = rng.binomial(300, 0.2, (2000, 2)) / 300
    beyond = [now - then > rise_threshold((then, now), 300, 300) for then, now in rates]
    assert 0.03 < np.mean(beyond) < 0.07
    assert rise_threshold((0.0, 1.0), 0, 10) == float("inf")


def test_the_threshold_of_an_index_is_what_chance_makes() -> None:
    rng = np.random.default_rng(3)
    draws = [population_stability_index(rng.normal(size=400), rng.normal(size=400)) for _ in range(400)]
    beyond = np.mean(np.array(draws) > significance_threshold(400, 400, 10))
    assert 0.01 < beyond < 0.10
    assert significance_threshold(0, 10, 5) == float("inf")
    assert significance_threshold(10, 10, 1) == 0.0
