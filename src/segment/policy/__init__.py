"""The policy's frozen types and its loader."""

from segment.policy.loader import load_policy
from segment.policy.policy import Policy

__all__ = ["Policy", "load_policy"]
