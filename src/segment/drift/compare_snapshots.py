"""Drift of one date: features, scores and tiers, of the bank and by group of branches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
import polars as pl

from segment.drift.drift_reference import DriftReference, by_group, split, tier_counts
from segment.drift.drift_report import (
    LAST_PUBLICATION,
    TIER_MIX,
    TRAINING,
    DriftReport,
    FeatureDrift,
    GroupDrift,
    ScoreDrift,
    ShareRise,
    SmallGroups,
)
from segment.drift.histogram import Histogram
from segment.drift.psi import index_of_shares, rise_threshold, significance_threshold
from segment.policy.drift import DriftLimits

_ROW = "row"
_COLUMNS_AT_A_TIME = 16


def measure_drift(
    scored: pl.DataFrame,
    stored: pl.LazyFrame,
    reference: DriftReference,
    limits: DriftLimits,
    previous: pl.DataFrame | None = None,
) -> DriftReport:
    """Hold a date against what the champion learned from, and its tiers against the last publication too."""
    snapshot = stored.select(*dict.fromkeys(("customer_id", "branch_id", reference.by))).collect()
    numbered = snapshot.with_row_index(_ROW)
    rows = {
        group: part[_ROW]
        for group, part in split(numbered, reference.by, limits.least_group).items()
        if group in reference.features
    }
    groups = _features_of_groups(stored, rows, reference, limits)
    predicted = {
        group: part
        for group, part in by_group(scored, snapshot, reference.by, limits.least_group).items()
        if group in reference.scores
    }
    earlier = {} if previous is None else _earlier_tiers(previous, snapshot, reference.by, limits.least_group)
    tests = sum(len(reference.scores[group]) + 1 for group in predicted) + len(earlier)
    comparison = _ScoreComparison(reference, limits, tests)
    scores = [score for group, part in predicted.items() for score in comparison.with_training(group, part)]
    scores += [
        comparison.tier_mix(group, earlier[group], tier_counts(part), LAST_PUBLICATION)
        for group, part in predicted.items()
        if group in earlier
    ]
    return DriftReport(snapshot.height, limits, scores, groups, _small_groups(snapshot, reference.by, groups))


def _small_groups(snapshot: pl.DataFrame, by: str, judged: Mapping[str, GroupDrift]) -> SmallGroups:
    """Count the groups of branches that are not judged by themselves; none where the bank is one group."""
    counted = snapshot.drop_nulls(by).group_by(pl.col(by).cast(pl.String), maintain_order=True).len()
    rest = counted.filter(~pl.col(by).is_in(list(judged)))
    return SmallGroups(rest.height, int(rest["len"].sum())) if counted.height > 1 else SmallGroups()


def _features_of_groups(
    stored: pl.LazyFrame, rows: Mapping[str, pl.Series], reference: DriftReference, limits: DriftLimits
) -> dict[str, GroupDrift]:
    """Hold each group's features against the training; a few columns of the snapshot are in memory at a time."""
    found: dict[str, dict[str, FeatureDrift]] = {group: {} for group in rows}
    known = set(stored.collect_schema().names())
    asked = list(dict.fromkeys(name for group in rows for name in reference.features[group]))
    for start in range(0, len(asked), _COLUMNS_AT_A_TIME):
        names = asked[start : start + _COLUMNS_AT_A_TIME]
        columns = stored.select(name for name in names if name in known).collect()
        for group, places in rows.items():
            reference_of, absent = reference.features[group], pl.Series([None] * len(places), dtype=pl.Float64)
            tests = (len(rows), len(rows) * len(reference_of))
            for name in (name for name in names if name in reference_of):
                values = columns[name].gather(places) if name in known else absent
                found[group][name] = _feature(name, values, reference_of[name], limits, tests)
    return {
        group: GroupDrift(len(rows[group]), dict(sorted(features.items(), key=lambda item: (-item[1].index, item[0]))))
        for group, features in found.items()
    }


def _feature(
    name: str, values: pl.Series, then: Histogram, limits: DriftLimits, tests: tuple[int, int]
) -> FeatureDrift:
    now = then.same_bins(values)
    chance = significance_threshold(then.customers, now.customers, then.bins, limits.confidence, tests[0])
    grows = any(fnmatchcase(name, pattern) for pattern in limits.not_judged)

    def share(before: float, after: float, most: float) -> ShareRise:
        rise = rise_threshold((before, after), then.customers, now.customers, limits.confidence, tests[1])
        return ShareRise(before, after, max(most, rise))

    return FeatureDrift(
        then.index(now), max(limits.significant, chance), judged=not grows,
        missing=share(then.missing, now.missing, limits.missing_jump),
        zeros=share(then.zeros, now.zeros, limits.zero_jump),
    )  # fmt: skip


@dataclass(frozen=True)
class _ScoreComparison:
    """Compares scores and tier mixes, all with the limits of as many tests."""

    reference: DriftReference
    limits: DriftLimits
    tests: int

    def with_training(self, group: str, part: pl.DataFrame) -> Iterator[ScoreDrift]:
        """Every score of a group, then its tier mix."""
        for name, then in self.reference.scores[group].items():
            index, limit = then.index(then.same_bins(part[name])), self._limit(then.customers, part.height, then.bins)
            yield ScoreDrift(group, name, index, limit, part.height)
        proposed = tier_counts(part, "proposed_tier" if "proposed_tier" in part.columns else "tier")
        yield self.tier_mix(group, self.reference.tiers[group], proposed, TRAINING)

    def tier_mix(self, group: str, before: dict[str, int], now: dict[str, int], against: str) -> ScoreDrift:
        """Index of two counts of customers by tier."""
        tiers, customers = sorted({*before, *now}), (sum(before.values()), sum(now.values()))
        then, after = (
            np.array([counts.get(tier, 0) for tier in tiers]) / max(total, 1)
            for counts, total in zip((before, now), customers, strict=True)
        )
        index = index_of_shares(then, after, min(customers))
        return ScoreDrift(group, TIER_MIX, index, self._limit(*customers, len(tiers)), customers[1], against)

    def _limit(self, then: int, now: int, bins: int) -> float:
        chance = significance_threshold(then, now, bins, self.limits.confidence, self.tests)
        return max(self.limits.significant, chance)


def _earlier_tiers(previous: pl.DataFrame, snapshot: pl.DataFrame, by: str, least: int) -> dict[str, dict[str, int]]:
    """Count the last publication's tiers by the groups that branches belong to now."""
    groups = snapshot.select(pl.col("branch_id"), pl.col(by).alias("group")).drop_nulls()
    branches = groups.unique("branch_id", keep="first", maintain_order=True)
    joined = previous.select("branch_id", "tier").join(branches, on="branch_id", how="left", maintain_order="left")
    return {group: tier_counts(part) for group, part in split(joined, "group", least).items()}
