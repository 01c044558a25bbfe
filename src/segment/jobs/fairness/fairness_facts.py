"""The facts of an audit as cards and audit files hold them: counts, shares, names of groups; no customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from segment.audit.measure_groups import DecisionCounts, GroupComparisons, ProxyFinding
from segment.evaluation.calibration_by_group import GroupCalibration
from segment.messages import Message
from segment.pages.audit_page import with_sentences
from segment.policy.fairness import Audit

_DOCUMENT = ("business_need", "alternatives", "documented_by")


@dataclass(frozen=True)
class FairnessFacts:
    """What groups meet with some tiers."""

    as_of: str  # ISO
    basis: str  # Of `segment.audit.kinds`: what tiers they are
    counted: DecisionCounts
    comparisons: GroupComparisons
    calibration: Sequence[GroupCalibration]
    proxies: Sequence[ProxyFinding]
    notes: Sequence[Message]
    limits: Audit

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        content = self.limits.model_dump(mode="json")
        return {
            "moment": self.as_of,
            "basis": self.basis,
            **asdict(self.counted),
            **self.comparisons.to_dict(),
            "calibration": [asdict(each) for each in self.calibration],
            "proxies": [asdict(each) for each in self.proxies],
            **with_sentences(self.notes),
            "limits": {name: value for name, value in content.items() if name not in _DOCUMENT},
            "document": {name: content[name] for name in _DOCUMENT},
        }
