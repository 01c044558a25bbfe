"""Drift of a date before it is published, as it stays with the run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.drift.compare_snapshots import measure_drift
from segment.drift.drift_reference import REFERENCE, DriftReference
from segment.drift.drift_report import DriftReport
from segment.drift.drift_verdict import NOT_JUDGED, drift_verdict
from segment.gate import Gate
from segment.pages.gate_sentences import gate
from segment.policy.drift import DriftLimits
from segment.tracking.models import RegisteredVersion
from segment.tracking.registry import Tracking

DRIFT_FILE = "drift.json"


@dataclass(frozen=True)
class DriftEvaluation:
    """Drift of a date, or that nothing could be judged."""

    as_of: dt.date
    model_version: str  # The champion that the date is held against
    last_publication: dt.date | None  # The one that the tier mix is held against too
    report: DriftReport | None  # None where the champion has no reference

    def gate(self) -> Gate:
        """Say whether tiers may be published."""
        return drift_gate(self.report)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "as_of": self.as_of.isoformat(),
            "model_version": self.model_version,
            "last_publication": None if self.last_publication is None else self.last_publication.isoformat(),
            "judged": self.report is not None,
            "gate": self.gate().to_dict(),
            **({} if self.report is None else self.report.to_dict()),
        }


def drift_gate(report: DriftReport | None) -> Gate:
    """Say whether tiers may be published; None: The champion has no reference."""
    verdict = NOT_JUDGED if report is None else drift_verdict(report)
    return gate("drift", verdict.holds, verdict.finding, verdict.figures)


def evaluate_drift(
    scored: pl.DataFrame,
    snapshot: pl.LazyFrame,
    previous: pl.DataFrame | None,
    model_version: str,
    reference: DriftReference | None,
    limits: DriftLimits,
) -> DriftEvaluation:
    """Hold a date against the champion's training and the last publication."""
    earlier = None if previous is None or previous.is_empty() else previous
    report = None if reference is None else measure_drift(scored, snapshot, reference, limits, earlier)
    return DriftEvaluation(scored["as_of"][0], model_version, None if earlier is None else earlier["as_of"][0], report)


def reference_for(version: RegisteredVersion, tracking: Tracking) -> DriftReference | None:
    """Find what a model's training left: here, else at the tracking server."""
    text = tracking.text_of(version, REFERENCE)
    return None if text is None else DriftReference.from_json(text)
