"""Runs and models in MLflow: the only part that knows it."""
