"""The one list of scikit-learn's estimator checks that do not hold for a public estimator, and why."""

# The tests take their expected failures from here, and strictly: a check that stands here and passes fails the tests.
# `docs/reference/estimator-checks.md` is written from it.

from __future__ import annotations

from typing import Final

_NEEDS_A_SNAPSHOT: Final = (
    "it feeds an array of random numbers; this model reads a snapshot's named columns by a policy"
)
_WEIGHT_IS_NO_REPETITION: Final = (
    "customers are held out in turn: one customer of weight two is held out whole, two like ones apart, so that the "
    "models and the shift differ"
)
_FEED_ARRAYS: Final = (
    "check_array_api_input",
    "check_complex_data",
    "check_dict_unchanged",
    "check_dont_overwrite_parameters",
    "check_dtype_object",
    "check_estimator_sparse_array",
    "check_estimator_sparse_matrix",
    "check_estimator_sparse_tag",
    "check_estimators_dtypes",
    "check_estimators_empty_data_messages",
    "check_estimators_fit_returns_self",
    "check_estimators_nan_inf",
    "check_estimators_overwrite_params",
    "check_estimators_pickle",
    "check_f_contiguous_array_estimator",
    "check_fit1d",
    "check_fit2d_1feature",
    "check_fit2d_1sample",
    "check_fit2d_predict1d",
    "check_fit_check_is_fitted",
    "check_fit_idempotent",
    "check_fit_score_takes_y",
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
    "check_n_features_in",
    "check_n_features_in_after_fitting",
    "check_pipeline_consistency",
    "check_positive_only_tag_during_fit",
    "check_readonly_memmap_input",
)

NOT_HELD: Final[dict[str, dict[str, str]]] = {
    "DepartureHazards": {"check_sample_weight_equivalence_on_dense_data": _WEIGHT_IS_NO_REPETITION},
    "FutureValueRegressor": {"check_sample_weight_equivalence_on_dense_data": _WEIGHT_IS_NO_REPETITION},
    "MainBankClassifier": {},
    "TierClustering": {},
    "WalletRegressor": {"check_sample_weight_equivalence_on_dense_data": _WEIGHT_IS_NO_REPETITION},
    "RunRateRegressor": {"check_sample_weight_equivalence_on_dense_data": _WEIGHT_IS_NO_REPETITION},
    "SegmentationModel": dict.fromkeys(_FEED_ARRAYS, _NEEDS_A_SNAPSHOT),
}
"""By estimator: check and reason."""
