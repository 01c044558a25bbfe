"""The frozen types of policies and model specs, and their loader."""

from segment.policy.loader import load_policy, load_spec
from segment.policy.policy import Policy
from segment.policy.spec import ModelSpec

__all__ = ["ModelSpec", "Policy", "load_policy", "load_spec"]
