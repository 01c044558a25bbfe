"""Simpler forecasts of a customer's value, to stand beside the model in every comparison."""
