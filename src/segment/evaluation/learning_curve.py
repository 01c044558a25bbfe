"""Whether more customers would teach a forecast more: the same test, learned from a part of them."""

from __future__ import annotations

from segment import metrics
from segment.evaluation.experiment import new_model
from segment.evaluation.holdout import Holdout
from segment.policy import ModelSpec, Policy

SHARES = (0.25, 0.5)


def error_by_share(holdout: Holdout, policy: Policy, spec: ModelSpec) -> dict[float, float]:
    """Mean absolute error of a year by the share of the customers who were learned from; 1: all of them."""
    of_year = holdout.model.horizon_months / 12
    order = holdout.train["customer_id"].rank("dense").to_numpy() % 4
    found = {}
    for share in SHARES:
        taken = order < 4 * share
        model = new_model(policy, spec)
        model.fit_future_value(holdout.train.filter(taken), holdout.train_outcome[taken] * of_year)
        predicted = model.predict_future_value(holdout.frame)[:, 0]
        found[share] = float(metrics.mean_absolute_error(holdout.actual, predicted))
    return found | {1.0: float(metrics.mean_absolute_error(holdout.actual, holdout.predicted[:, 0]))}
