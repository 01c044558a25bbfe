"""The facts of a model card: counts, shares, hashes and figures of many customers, never of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from segment.features import catalogue
from segment.features.families import family_of
from segment.jobs.card.alternatives import alternatives
from segment.jobs.drift import drift, population_stability_index
from segment.jobs.evaluation import Judged
from segment.jobs.explanations import agreement_with_reasons, explain_forecast
from segment.jobs.groups import by_group
from segment.jobs.sensitivity import sensitivity
from segment.model import SegmentationModel
from segment.policy import ModelSpec, Policy
from segment.tracking import CHAMPION, Tracking
from segment.value import metrics as measures


@dataclass(frozen=True)
class Material:
    """What a training holds when its card is written.

    Attributes
    ----------
    model : SegmentationModel
        Fitted on everything.
    params, metrics : mapping
        Of its run.
    hashes : dict of str to str
        Of the ledger's tables.
    policy : Policy
        That it was trained by.
    spec : ModelSpec
        What was tried.
    judged : Judged or None
        What a model of the past made of the newest outcomes.
    frame : polars.DataFrame
        Stacked snapshots; the newest moment has no outcome yet.
    fairness : mapping
        From `segment.jobs.audit.facts.training_facts`.
    """

    model: SegmentationModel
    params: Mapping[str, Any]
    metrics: Mapping[str, float]
    hashes: dict[str, str]
    policy: Policy
    spec: ModelSpec
    judged: Judged | None
    frame: pl.DataFrame
    fairness: Mapping[str, Any]


def gather(made: Material, tracking: Tracking) -> dict[str, Any]:
    """Take everything that a card says.

    Parameters
    ----------
    made : Material
        Of the training.
    tracking : Tracking
        Knows the champion, whose parameters the change log compares with.

    Returns
    -------
    dict
        Plain values, ready for JSON.

    References
    ----------
    DOMAIN.md 4.3, the contents of a card.
    """
    newest = made.frame.filter(pl.col("as_of") == pl.col("as_of").max())
    return {
        "name": made.spec.name,
        "description": made.spec.description,
        "owner": made.policy.owner,
        "currency": made.policy.currency,
        "params": dict(made.params),
        "metrics": dict(made.metrics),
        "hashes": made.hashes,
        "new_below_months": made.policy.tiers.new_below_months,
        "features": _features(made),
        "method": _method(made.model),
        **_judged(made.judged, made.spec.train.seed),
        **_now(made, newest),
        "fairness": dict(made.fairness),
        "changes": _changes(made.params, tracking),
    }


def _features(made: Material) -> dict[str, Any]:
    read = set(made.model.features_)
    listed = [feature for feature in catalogue(made.policy) if feature.name in read]
    return {
        "count": len(listed),
        "families": dict(Counter(family_of(feature.name) for feature in listed).most_common()),
        "listed": [[feature.name, feature.unit, feature.meaning, feature.source] for feature in listed],
    }


def _method(model: SegmentationModel) -> dict[str, Any]:
    return {
        "learners": {name: float(weight) for name, weight in model.future_value_.weights_.items()},
        "main_bank_labels": int(model.main_bank_.n_labels_) if model.main_bank_.learned_ else 0,
        "wallets": sorted(model.wallets_),
        "clusters": len(model.clustering_.cluster_numbers_),
    }


def _judged(judged: Judged | None, seed: int) -> dict[str, Any]:
    if judged is None:
        return {"judged": None}
    deciles = measures.decile_calibration(judged.actual, judged.predicted[:, 0])
    return {
        "judged": {
            "moment": str(judged.frame["as_of"].max()),
            "learned_from": [str(moment) for moment in judged.learned["as_of"].unique().sort()],
            "out_of_time": judged.out_of_time,
            "customers": judged.frame.height,
        },
        "alternatives": alternatives(judged),
        "performance": by_group(judged, seed),
        "deciles": {"predicted": deciles.predicted.tolist(), "actual": deciles.actual.tolist()},
        "explanations": explain_forecast(judged.model, judged.frame, judged.actual, seed),
    }


def _now(made: Material, newest: pl.DataFrame) -> dict[str, Any]:
    learned = made.frame.filter(pl.col("as_of") < pl.col("as_of").max())
    scored = made.model.score_customers(newest)
    moved = drift(learned, newest, made.model.features_)
    before = made.model.predict_future_value(learned)[:, 0]
    forecast = population_stability_index(before, scored["future_value_12m"].to_numpy())
    values = np.array(list(moved.values()))
    return {
        "agreement": agreement_with_reasons(made.model, newest, scored["reasons"]),
        "sensitivity": sensitivity(made.model, newest, made.policy),
        "drift": {
            "forecast": forecast,
            "look": int((values >= 0.10).sum()),
            "significant": int((values >= 0.25).sum()),
            "most": dict(list(moved.items())[:10]),
        },
    }


def _changes(params: Mapping[str, Any], tracking: Tracking) -> dict[str, Any] | None:
    champion = tracking.find(CHAMPION)
    if champion is None:
        return None
    before, now = tracking.read_run(champion.run_id).params, {key: str(value) for key, value in params.items()}
    differ = {
        key: [before.get(key), now.get(key)] for key in sorted({*before, *now}) if before.get(key) != now.get(key)
    }
    return {"champion": champion.version, "params": differ}
