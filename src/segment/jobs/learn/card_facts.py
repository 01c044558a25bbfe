"""The facts of a model card: counts, shares, hashes and metrics of many customers, never of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import polars as pl

from segment.drift.psi import feature_indices, population_stability_index
from segment.evaluation.alternatives import ForecastComparison, alternatives
from segment.evaluation.holdout import LEAST_CUSTOMERS, Holdout
from segment.evaluation.importance import ForecastExplanation, ReasonAgreement, agreement_with_reasons, explain_forecast
from segment.evaluation.sensitivity import SensitivityScenario, sensitivity
from segment.evaluation.subgroups import SubgroupMetrics, metrics_by_subgroup
from segment.features import catalogue
from segment.features.families import family_of
from segment.jobs.fairness.fairness_facts import FairnessFacts
from segment.jobs.learn.training_data import TrainingData
from segment.messages import Message
from segment.metrics import decile_calibration
from segment.model import SegmentationModel
from segment.policy import ModelSpec, Policy
from segment.tracking.runs import Parameters


@dataclass(frozen=True)
class ChampionRun:
    """The champion when a model was trained."""

    version: str
    params: Mapping[str, str]


@dataclass(frozen=True)
class ModelTraining:
    """What a training holds when its card is written."""

    model: SegmentationModel  # Fitted on everything
    params: Parameters  # params, metrics: Of its run.
    metrics: Mapping[str, float]
    hashes: Mapping[str, str]  # Of the ledger's tables
    policy: Policy  # That it was trained by
    spec: ModelSpec  # What was tried
    holdout: Holdout | None  # What a model of the past made of the newest outcomes
    data: TrainingData
    scored: pl.DataFrame  # Customers of the newest date, by the model
    fairness: FairnessFacts
    champion: ChampionRun | None
    unproven: Sequence[str] = ()  # Gates that it does not pass, where it becomes the first champion
    curve: Mapping[float, float] = field(default_factory=dict)  # Error by share of a sample's customers

    @property
    def limits(self) -> list[Message]:
        """What was learned or could be judged from few data, or from a part of them."""
        judged = [] if self.holdout is not None else [Message("limits.not_judged", {"customers": LEAST_CUSTOMERS})]
        return [*self.model.limits(), *judged, *self._sampled()]

    def _sampled(self) -> list[Message]:
        if self.data.sample is None:
            return []
        figures = {"customers": len(self.data.sample.customer_ids), "of": self.data.sample.of}
        if not self.curve:
            return [Message("limits.sampled", figures)]
        errors = {f"error_{share * 100:.0f}": error for share, error in self.curve.items()}
        return [Message("limits.sampled_with_curve", {**figures, **errors})]


@dataclass(frozen=True)
class FeaturesRead:
    """What the model reads."""

    count: int
    families: Mapping[str, int]  # Features by family, the most first
    listed: list[list[str]]  # Name, unit, meaning and source of each


@dataclass(frozen=True)
class Method:
    """How the model works."""

    learners: Mapping[str, float]  # Weights
    main_bank_labels: int  # That it learned the main bank from
    wallets: list[str]
    clusters: int


@dataclass(frozen=True)
class HoldoutFacts:
    """How well a model of the past forecast the newest outcomes."""

    as_of: str
    learned_from: list[str]  # Dates
    out_of_time: bool
    customers: int
    alternatives: Sequence[ForecastComparison]
    performance: Sequence[SubgroupMetrics]
    deciles: Mapping[str, list[float]]  # Means, predicted and actual
    explanations: ForecastExplanation

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        judged = {"learned_from": self.learned_from, "out_of_time": self.out_of_time, "customers": self.customers}
        return {
            "judged": {"moment": self.as_of, **judged},
            "alternatives": [each.to_dict() for each in self.alternatives],
            "performance": [each.to_dict() for each in self.performance],
            "deciles": self.deciles,
            "explanations": asdict(self.explanations),
        }


@dataclass(frozen=True)
class FeatureShift:
    """How far the newest customers are from those that were learned from, by population stability index."""

    forecast: float
    look: int  # Features from 0.10 on
    significant: int  # Features from 0.25 on
    most: Mapping[str, float]  # The ten that moved most


@dataclass(frozen=True)
class ChangesSinceChampion:
    """Parameters that differ from the champion's run."""

    champion: str  # Version
    params: Mapping[str, list[str | None]]  # Then and now


@dataclass(frozen=True)
class CardFacts:
    """Everything that a card says (DOMAIN.md 4.3)."""

    training: ModelTraining
    features: FeaturesRead
    method: Method
    holdout: HoldoutFacts | None
    agreement: Sequence[ReasonAgreement]
    sensitivity: Sequence[SensitivityScenario]
    drift: FeatureShift
    changes: ChangesSinceChampion | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as `model_card.json` holds them."""
        training, policy = self.training, self.training.policy
        return {
            "name": training.spec.name,
            "description": training.spec.description,
            "owner": policy.owner,
            "currency": policy.currency,
            "params": dict(training.params),
            "metrics": dict(training.metrics),
            "hashes": dict(training.hashes),
            "new_below_months": policy.tiers.new_below_months,
            "features": asdict(self.features),
            "method": asdict(self.method),
            "limits": [limit.to_dict() for limit in training.limits],
            **({"judged": None} if self.holdout is None else self.holdout.to_dict()),
            "agreement": [asdict(each) for each in self.agreement],
            "sensitivity": [asdict(each) for each in self.sensitivity],
            "drift": asdict(self.drift),
            "fairness": training.fairness.to_dict(),
            "unproven": list(training.unproven),
            "changes": None if self.changes is None else asdict(self.changes),
        }


def card_facts(training: ModelTraining) -> CardFacts:
    """Take everything that a card says."""
    model, current = training.model, training.data.current
    return CardFacts(
        training,
        features=_features(training),
        method=_method(model),
        holdout=None if training.holdout is None else _holdout(training.holdout, training.spec.train.seed),
        agreement=agreement_with_reasons(model, current, training.scored["reasons"]),
        sensitivity=sensitivity(model, current, training.policy),
        drift=_drift(training),
        changes=None if training.champion is None else _changes(training.champion, training.params),
    )


def _features(training: ModelTraining) -> FeaturesRead:
    read = set(training.model.features_)
    listed = [feature for feature in catalogue(training.policy) if feature.name in read]
    families = Counter(family_of(feature.name) for feature in listed)
    rows = [[feature.name, feature.unit, feature.meaning, feature.source] for feature in listed]
    return FeaturesRead(len(listed), dict(families.most_common()), rows)


def _method(model: SegmentationModel) -> Method:
    return Method(
        learners={name: float(weight) for name, weight in model.future_value_.weights_.items()},
        main_bank_labels=int(model.main_bank_.n_labels_) if model.main_bank_.learned_ else 0,
        wallets=sorted(model.wallets_),
        clusters=len(model.clustering_.cluster_numbers_),
    )


def _holdout(holdout: Holdout, seed: int) -> HoldoutFacts:
    deciles = decile_calibration(holdout.actual, holdout.predicted[:, 0])
    return HoldoutFacts(
        as_of=str(holdout.as_of),
        learned_from=[str(day) for day in holdout.train["as_of"].unique().sort()],
        out_of_time=holdout.out_of_time,
        customers=holdout.frame.height,
        alternatives=alternatives(holdout),
        performance=metrics_by_subgroup(holdout, seed),
        deciles={"predicted": deciles.predicted.tolist(), "actual": deciles.actual.tolist()},
        explanations=explain_forecast(holdout.model, holdout.frame, holdout.actual, seed),
    )


def _drift(training: ModelTraining) -> FeatureShift:
    model, train = training.model, training.data.train
    indices = feature_indices(train, training.data.current, model.features_)
    before, values = model.predict_future_value(train)[:, 0], np.array(list(indices.values()))
    return FeatureShift(
        forecast=population_stability_index(before, training.scored["future_value_12m"].to_numpy()),
        look=int((values >= 0.10).sum()),
        significant=int((values >= 0.25).sum()),
        most=dict(list(indices.items())[:10]),
    )


def _changes(champion: ChampionRun, params: Parameters) -> ChangesSinceChampion:
    before, now = champion.params, {key: str(value) for key, value in params.items()}
    differ = {
        key: [before.get(key), now.get(key)] for key in sorted({*before, *now}) if before.get(key) != now.get(key)
    }
    return ChangesSinceChampion(champion.version, differ)
