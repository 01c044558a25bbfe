"""Judge a moment before it is published, and keep what was found with the run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from segment.jobs.drift.found import Drift, not_judged
from segment.jobs.drift.moment import drift_of
from segment.jobs.drift.reference import REFERENCE, DriftReference
from segment.jobs.gates.gate import Gate
from segment.policy import Policy
from segment.tracking import RegisteredVersion, Tracking
from segment.warehouse import write_json

DRIFT_FILE = "drift.json"
NO_REFERENCE = (
    "the champion was trained before references were kept, or its reference is on a tracking server that is away; "
    "segment train makes a model with one"
)


@dataclass(frozen=True)
class Judged:
    """Drift of a moment, or that nothing could be judged.

    Attributes
    ----------
    as_of : datetime.date
    model_version : str
        The champion that the moment is held against.
    last_publication : datetime.date or None
        The one that the tier mix is held against too.
    drift : Drift or None
        None where the champion has no reference.
    """

    as_of: dt.date
    model_version: str
    last_publication: dt.date | None
    drift: Drift | None

    def gate(self) -> Gate:
        """Say whether tiers may be published.

        Returns
        -------
        Gate
        """
        return not_judged(NO_REFERENCE) if self.drift is None else self.drift.gate()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        found = {"gate": self.gate().to_dict()} if self.drift is None else self.drift.to_dict()
        return {
            "as_of": self.as_of.isoformat(),
            "model_version": self.model_version,
            "last_publication": None if self.last_publication is None else self.last_publication.isoformat(),
            "judged": self.drift is not None,
            **found,
        }

    def write(self, folder: Path) -> None:
        """Write into a run's folder.

        Parameters
        ----------
        folder : Path
        """
        folder.mkdir(parents=True, exist_ok=True)
        write_json(self.to_dict(), folder / DRIFT_FILE)


def judge_drift(
    scored: pl.DataFrame,
    snapshot: pl.DataFrame,
    before: pl.DataFrame | None,
    version: RegisteredVersion,
    tracking: Tracking,
    policy: Policy,
) -> Judged:
    """Hold a moment against the champion's training and the last publication.

    Parameters
    ----------
    scored, snapshot : polars.DataFrame
        Of the moment.
    before : polars.DataFrame, optional
        The tiers of the last publication before it.
    version : RegisteredVersion
        The champion, as it was loaded.
    tracking : Tracking
        Keeps its reference.
    policy : Policy
        Holds the limits.

    Returns
    -------
    Judged
    """
    reference = reference_for(version, tracking)
    earlier = None if before is None or before.is_empty() else before
    drift = None if reference is None else drift_of(scored, snapshot, reference, policy.drift, earlier)
    return Judged(scored["as_of"][0], version.version, None if earlier is None else earlier["as_of"][0], drift)


def reference_for(version: RegisteredVersion, tracking: Tracking) -> DriftReference | None:
    """Find what a model's training left: here, else at the tracking server.

    Parameters
    ----------
    version : RegisteredVersion
        As it was loaded.
    tracking : Tracking

    Returns
    -------
    DriftReference or None
    """
    text = tracking.text_of(version, REFERENCE)
    return None if text is None else DriftReference.from_json(text)
