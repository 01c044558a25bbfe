"""The audit of a training: of the newest outcomes, or of the newest customers where none are known."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from segment.audit.customer_groups import GroupRecords, groups_at
from segment.audit.kinds import FORECAST, SCORED, tier_decisions
from segment.audit.measure_groups import INCOME, compare_groups, count_decisions, find_proxies
from segment.evaluation.calibration_by_group import calibration_by_group, missed_high_value
from segment.evaluation.holdout import Holdout
from segment.jobs.fairness.fairness_facts import FairnessFacts
from segment.messages import Message
from segment.model import SegmentationModel
from segment.model.quality import with_forecast_tier
from segment.policy.fairness import Audit


def audit_training(
    holdout: Holdout | None,
    model: SegmentationModel,
    current: pl.DataFrame,
    records: GroupRecords,
    limits: Audit,
    seed: int,
) -> FairnessFacts:
    """Audit a model as it is trained."""
    if holdout is None:
        frame, scored, read = current, model.score_customers(current), model.features_
    else:
        frame, read = holdout.frame, holdout.model.features_
        scored = with_forecast_tier(holdout.model, frame)
    audited = scored["standing"].ne_missing("excluded")
    frame, tiers = frame.filter(audited), scored["tier"].filter(audited)
    as_of: dt.date = frame["as_of"].to_list()[0]
    groups = groups_at(frame["customer_id"], as_of, records, limits)
    errors, calibration = None, []
    if holdout is not None:
        rows = np.asarray(audited.to_numpy(), dtype=np.bool_)
        errors = missed_high_value(holdout).filter(audited)
        calibration = calibration_by_group(
            groups.attributes, holdout.actual[rows], holdout.predicted[rows], limits, seed
        )
    decisions = tier_decisions(tiers)
    return FairnessFacts(
        as_of=as_of.isoformat(),
        basis=SCORED if holdout is None else FORECAST,
        counted=count_decisions(groups, decisions),
        comparisons=compare_groups(groups, decisions, frame[INCOME], limits, errors),
        calibration=calibration,
        proxies=find_proxies(frame, list(read), groups, limits, seed),
        limits=limits,
        notes=[Message("audit.note.no_outcome")] if holdout is None else [],
    )
