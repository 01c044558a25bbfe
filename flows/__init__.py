"""Prefect flows: each calls use cases of the package with paths, dates and ids, and keeps no customer's data.

Run one with ``python -m flows.refresh LEDGER --as-of 2025-12-31``.
"""

import os

import segment  # noqa: F401  # before Prefect is imported: it gives whoever has no home one

# Before any learner is loaded: threads that wait must not spin, or two runs on one machine starve each other.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# Before Prefect is imported: nothing is sent anywhere.
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")
