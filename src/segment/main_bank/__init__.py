"""Whether a customer's main bank is elsewhere."""

from typing import TYPE_CHECKING

from segment.lazy_names import load_when_used

if TYPE_CHECKING:
    from segment.main_bank.classifier import MainBankClassifier
    from segment.main_bank.flag_metrics import main_bank_intervals, main_bank_metrics
    from segment.main_bank.labels import Labels, labels_at, labels_by_date
    from segment.main_bank.term_reasons import Explanation

__all__ = [
    "Explanation",
    "Labels",
    "MainBankClassifier",
    "labels_at",
    "labels_by_date",
    "main_bank_intervals",
    "main_bank_metrics",
]

__getattr__, __dir__ = load_when_used(
    __name__,
    {
        "Explanation": "term_reasons",
        "Labels": "labels",
        "MainBankClassifier": "classifier",
        "labels_at": "labels",
        "labels_by_date": "labels",
        "main_bank_intervals": "flag_metrics",
        "main_bank_metrics": "flag_metrics",
    },
)
