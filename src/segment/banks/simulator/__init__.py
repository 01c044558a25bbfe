"""A bank with known truth: events and balances for the ledger, and what was really so in separate files."""

from segment.banks.simulator.bank import SimulationSummary, simulate_bank
from segment.banks.simulator.defects import DEFECTS

__all__ = ["DEFECTS", "SimulationSummary", "simulate_bank"]
