"""Whether a customer's main bank is elsewhere."""

from segment.main_bank.classifier import MainBankClassifier
from segment.main_bank.flag_metrics import main_bank_intervals, main_bank_metrics
from segment.main_bank.labels import Labels, labels_at
from segment.main_bank.term_reasons import Explanation

__all__ = [
    "Explanation",
    "Labels",
    "MainBankClassifier",
    "labels_at",
    "main_bank_intervals",
    "main_bank_metrics",
]
