"""Backtest: train and score at each past moment, and compare with what happened."""

from segment.jobs.backtest.result import Backtested
from segment.jobs.backtest.run import EVERY_MONTHS, backtest

__all__ = ["EVERY_MONTHS", "Backtested", "backtest"]
