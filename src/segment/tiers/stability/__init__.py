"""Tiers that change only where a change lasts, and that a named person may set until a date."""

from segment.tiers.stability.hysteresis import with_hysteresis
from segment.tiers.stability.stabilise import stabilise
from segment.tiers.stability.state import STATE, state_before

__all__ = ["STATE", "stabilise", "state_before", "with_hysteresis"]
