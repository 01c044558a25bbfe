"""From a policy and a model spec to a model that is not fitted yet."""

from __future__ import annotations

import inspect

from segment.exceptions import PolicyError
from segment.features.families import choose_features
from segment.model import SegmentationModel, baseline_name, forecast_columns
from segment.policy import ModelSpec, Policy
from segment.value import FutureValueRegressor


def new_model(policy: Policy, spec: ModelSpec) -> SegmentationModel:
    """Build the model that a spec asks for.

    Parameters
    ----------
    policy : Policy
        Frozen figures; the spec's own stand in place of some.
    spec : ModelSpec
        What is tried.

    Returns
    -------
    SegmentationModel
        Not fitted.

    Raises
    ------
    PolicyError
        Where the spec names features that are not there, leaves out the naive forecast, or a learner that is none.

    Examples
    --------
    >>> from segment.policy import load_policy
    >>> spec = ModelSpec(features={"leave_out": ["signal_*"]})
    >>> len(new_model(load_policy("models/retail.toml"), spec).features) > 100
    True
    """
    columns = forecast_columns(policy)
    features = choose_features(columns, spec.features.only, spec.features.leave_out)
    baseline = baseline_name(spec.train.horizon_months)
    if baseline not in features:
        raise PolicyError.with_hint(
            f"[features] must keep `{baseline}`, the forecast that the model corrects. It is left out.",
            f'add "{baseline}" to `only`, or take its pattern out of `leave_out`',
        )
    known = inspect.signature(FutureValueRegressor).parameters
    unknown = [name for name in spec.future_value.parameters if name not in known]
    if unknown:
        raise PolicyError.with_hint(
            f"[future_value] must hold parameters of the forecast. Unknown: {', '.join(unknown)}.", "leave them out"
        )
    return SegmentationModel.from_policy(
        spec.applied_to(policy),
        horizon_months=spec.train.horizon_months,
        future_value_parameters=spec.future_value.parameters or None,
        features=None if features == columns else features,
        random_state=spec.train.seed,
    )
