"""Whether a customer's main bank is elsewhere."""

from segment.main_bank.classifier import MainBankClassifier
from segment.main_bank.labels import Labels, labels_at, representative_weights, response_weights
from segment.main_bank.metrics import expected_calibration_error, main_bank_intervals, main_bank_metrics
from segment.main_bank.reasons import SENTENCES, Explanation

__all__ = [
    "SENTENCES",
    "Explanation",
    "Labels",
    "MainBankClassifier",
    "expected_calibration_error",
    "labels_at",
    "main_bank_intervals",
    "main_bank_metrics",
    "representative_weights",
    "response_weights",
]
