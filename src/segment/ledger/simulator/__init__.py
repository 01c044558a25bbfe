"""A bank with known truth: events and balances for the ledger, and what was really so in separate files."""

from segment.ledger.simulator.bank import SimulationSummary, simulate_bank
from segment.ledger.simulator.defects import DEFECTS
from segment.ledger.simulator.parameters import SETTINGS

__all__ = ["DEFECTS", "SETTINGS", "SimulationSummary", "simulate_bank"]
