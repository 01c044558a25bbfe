from __future__ import annotations

from segment.evaluation.experiment import new_model
from segment.policy import ModelSpec, load_policy
from tests.conftest import RETAIL


def test_a_spec_leaves_features_out_by_pattern() -> None:
    features = new_model(load_policy(RETAIL), ModelSpec(features={"leave_out": ["signal_*"]})).features
    assert features is not None
    assert len(features) > 100
    assert not [name for name in features if name.startswith("signal_")]
