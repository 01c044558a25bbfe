"""Drift of one moment: features, scores and tiers, of the bank and by group of branches."""

from __future__ import annotations

from fnmatch import fnmatchcase

import numpy as np
import polars as pl

from segment.jobs.drift.binned import Binned
from segment.jobs.drift.critical import critical_index, critical_rise
from segment.jobs.drift.features import Feature, Features, Rate, by_moved
from segment.jobs.drift.found import LAST_PUBLICATION, TIER_MIX, TRAINING, Drift, Score
from segment.jobs.drift.psi import index_of_shares
from segment.jobs.drift.reference import DriftReference, by_group, split, tier_counts
from segment.policy.drift import DriftLimits


def drift_of(
    scored: pl.DataFrame,
    snapshot: pl.DataFrame,
    reference: DriftReference,
    limits: DriftLimits,
    before: pl.DataFrame | None = None,
) -> Drift:
    """Hold a moment against what the champion learned from, and its tiers against the last publication too.

    Parameters
    ----------
    scored : polars.DataFrame
        What the champion says of the moment. Where it has `proposed_tier`, that is held against the training, which
        knew no tier before; `tier` is held against the last publication.
    snapshot : polars.DataFrame
        The moment's features.
    reference : DriftReference
        Of the champion's training.
    limits : DriftLimits
        The policy's.
    before : polars.DataFrame, optional
        The tiers of the last publication.

    Returns
    -------
    Drift
        A feature that the snapshot lacks counts as missing for everybody. Few customers get the limit that chance
        alone stays below, where it is the higher one. Groups that the reference does not hold are not judged.
    """
    parts = {
        group: part
        for group, part in split(snapshot, reference.by, limits.least_group).items()
        if group in reference.features
    }
    groups = {group: _features(part, reference.features[group], limits, len(parts)) for group, part in parts.items()}
    said = by_group(scored, snapshot, reference.by, limits.least_group)
    earlier = {} if before is None else _tiers_before(before, snapshot, reference.by, limits.least_group)
    known = {group: part for group, part in said.items() if group in reference.scores}
    tests = sum(len(reference.scores[group]) + 1 for group in known) + len(earlier)
    scores = [one for group, part in known.items() for one in _scores(group, part, reference, limits, tests)]
    scores += [
        _mix(group, earlier[group], tier_counts(part), LAST_PUBLICATION, limits, tests)
        for group, part in known.items()
        if group in earlier
    ]
    return Drift(snapshot.height, limits, scores, groups)


def _features(part: pl.DataFrame, then: dict[str, Binned], limits: DriftLimits, groups: int) -> Features:
    tests = (groups, groups * len(then))
    return Features(
        part.height, by_moved({name: _feature(name, part, one, limits, tests) for name, one in then.items()})
    )


def _feature(name: str, part: pl.DataFrame, then: Binned, limits: DriftLimits, tests: tuple[int, int]) -> Feature:
    absent = pl.Series(name, [None] * part.height, dtype=pl.Float64)
    now = then.again(part[name] if name in part.columns else absent)
    chance = critical_index(then.customers, now.customers, then.bins, limits.confidence, tests[0])
    grows = any(fnmatchcase(name, pattern) for pattern in limits.not_judged)

    def rate(before: float, after: float, most: float) -> Rate:
        rise = critical_rise((before, after), then.customers, now.customers, limits.confidence, tests[1])
        return Rate(before, after, max(most, rise))

    return Feature(
        then.index(now), max(limits.significant, chance), judged=not grows,
        missing=rate(then.missing, now.missing, limits.missing_jump),
        zeros=rate(then.zeros, now.zeros, limits.zero_jump),
    )  # fmt: skip


def _scores(group: str, part: pl.DataFrame, reference: DriftReference, limits: DriftLimits, tests: int) -> list[Score]:
    found = []
    for name, then in reference.scores[group].items():
        chance = critical_index(then.customers, part.height, then.bins, limits.confidence, tests)
        index = then.index(then.again(part[name]))
        found.append(Score(group, name, index, max(limits.significant, chance), part.height))
    proposed = tier_counts(part, "proposed_tier" if "proposed_tier" in part.columns else "tier")
    return [*found, _mix(group, reference.tiers[group], proposed, TRAINING, limits, tests)]


def _mix(
    group: str, before: dict[str, int], now: dict[str, int], against: str, limits: DriftLimits, tests: int
) -> Score:
    tiers = sorted({*before, *now})
    then, after = (np.array([one.get(t, 0) for t in tiers]) / max(sum(one.values()), 1) for one in (before, now))
    customers = sum(before.values()), sum(now.values())
    index = index_of_shares(then, after, min(customers))
    chance = critical_index(*customers, len(tiers), limits.confidence, tests)
    return Score(group, TIER_MIX, index, max(limits.significant, chance), customers[1], against)


def _tiers_before(before: pl.DataFrame, snapshot: pl.DataFrame, by: str, least: int) -> dict[str, dict[str, int]]:
    """Count the last publication's tiers by the groups that branches belong to now."""
    known = snapshot.select(pl.col("branch_id"), pl.col(by).alias("group")).drop_nulls()
    branches = known.unique("branch_id", keep="first", maintain_order=True)
    joined = before.select("branch_id", "tier").join(branches, on="branch_id", how="left", maintain_order="left")
    return {group: tier_counts(part) for group, part in split(joined, "group", least).items()}
