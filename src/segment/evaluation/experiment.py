"""From a policy and a model spec to a model that is not fitted yet."""

from __future__ import annotations

import inspect

from segment.exceptions import PolicyError
from segment.features.families import choose_features
from segment.model import SegmentationModel
from segment.model.model_columns import baseline_name, forecast_columns
from segment.policy import ModelSpec, Policy
from segment.value import FutureValueRegressor


def new_model(policy: Policy, spec: ModelSpec) -> SegmentationModel:
    """Build the model that a spec asks for."""
    columns = forecast_columns(policy)
    features = choose_features(columns, spec.features.only, spec.features.leave_out)
    baseline = baseline_name(spec.train.horizon_months)
    if baseline not in features:
        raise PolicyError.of("errors.baseline_left_out", baseline=baseline)
    parameters = inspect.signature(FutureValueRegressor).parameters
    unknown = [name for name in spec.future_value.parameters if name not in parameters]
    if unknown:
        raise PolicyError.of("errors.unknown_forecast_parameters", unknown=unknown)
    return SegmentationModel.from_policy(
        spec.applied_to(policy),
        horizon_months=spec.train.horizon_months,
        future_value_parameters=spec.future_value.parameters or None,
        features=None if features == columns else features,
        random_state=spec.train.seed,
    )
