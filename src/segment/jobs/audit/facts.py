"""The fairness part of a training's facts: of the newest outcomes, or of the newest customers where none are known."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl

from segment.jobs.audit.calibration import calibration_by_group, missed_high_value
from segment.jobs.audit.decisions import tier_decisions
from segment.jobs.audit.measure import INCOME, counted, proxies_of, rates_of
from segment.jobs.audit.people import people_at
from segment.jobs.evaluation import Judged
from segment.model import SegmentationModel, with_forecast_tier
from segment.policy import Policy
from segment.policy.audit import Audit
from segment.warehouse import Workspace

FORECAST, SCORED, PUBLISHED = "forecast", "scored", "published"
"""What tiers an audit is about: those that follow from a forecast of the past, those of a new model, or published."""


def training_facts(
    judged: Judged | None,
    model: SegmentationModel,
    newest: pl.DataFrame,
    workspace: Workspace,
    policy: Policy,
    seed: int,
) -> dict[str, Any]:
    """Audit a model as it is trained.

    Parameters
    ----------
    judged : Judged or None
        What a model of the past made of the newest outcomes.
    model : SegmentationModel
        Fitted on everything.
    newest : polars.DataFrame
        Snapshot of the newest moment, audited by selection and proxies alone where nothing was judged.
    workspace : Workspace
        Holds the protected columns.
    policy : Policy
        Its `[audit]`.
    seed : int
        Of resamples, folds and shuffles.

    Returns
    -------
    dict
        Counts, shares and names of groups; no customer.
    """
    limits = policy.audit
    frame = newest if judged is None else judged.frame
    scored = model.score_customers(newest) if judged is None else with_forecast_tier(judged.model, frame)
    audited = scored["standing"].ne_missing("excluded")
    frame, tiers = frame.filter(audited), scored["tier"].filter(audited)
    as_of: dt.date = frame["as_of"].to_list()[0]
    people = people_at(frame["customer_id"], as_of, workspace, limits)
    decisions = tier_decisions(tiers)
    kept = np.asarray(audited.to_numpy(), dtype=np.bool_)
    errors = None if judged is None else missed_high_value(judged).filter(audited)
    calibration = []
    if judged is not None:
        calibration = calibration_by_group(people.attributes, judged.actual[kept], judged.predicted[kept], limits, seed)
    read = model.features_ if judged is None else judged.model.features_
    return {
        "moment": as_of.isoformat(),
        "basis": SCORED if judged is None else FORECAST,
        **counted(people, decisions),
        **rates_of(people, decisions, frame[INCOME], limits, errors),
        "calibration": calibration,
        "proxies": proxies_of(frame, list(read), people, limits, seed),
        "notes": ["No outcome is known yet: neither calibration nor missed customers."] if judged is None else [],
        **terms(limits),
    }


def terms(limits: Audit) -> dict[str, Any]:
    """Take what an audit was made by.

    Parameters
    ----------
    limits : Audit
        Of the policy.

    Returns
    -------
    dict
        `limits`, and under `document` what a named person wrote.
    """
    written = ("business_need", "alternatives", "documented_by")
    content = limits.model_dump(mode="json")
    return {
        "limits": {name: value for name, value in content.items() if name not in written},
        "document": {name: content[name] for name in written},
    }
