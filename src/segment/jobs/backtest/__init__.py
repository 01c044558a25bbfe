"""Backtest: train and score at each past date, and compare with what happened."""
