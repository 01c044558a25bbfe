"""The report of one run, gathered step by step."""

from __future__ import annotations

import datetime as dt
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from segment.jobs.runs.page import PAGE, write_page
from segment.warehouse import write_json

RUN_FILE = "run.json"
PACKAGES = ("segment", "scikit-learn", "numpy", "polars", "pandas", "deltalake", "mlflow", "skops", "joblib")
PUBLISHED, REFUSED, FAILED = "published", "refused", "failed"


class RunRecord:
    """Gathers what a run did and writes it once it ends.

    Parameters
    ----------
    runs : Path
        The workspace's folder of runs.
    as_of : datetime.date
        The moment that the run is about.

    Attributes
    ----------
    folder : Path
        Of the run; named by the time it started until `named` is told.
    """

    def __init__(self, runs: Path, as_of: dt.date) -> None:
        started = dt.datetime.now(dt.UTC)
        self._runs = runs
        self._content: dict[str, Any] = {
            "as_of": as_of.isoformat(),
            "started_at": started.isoformat(timespec="seconds"),
            "timings": {},
        }
        self.named(f"refresh-{as_of.isoformat()}-at-{started:%Y%m%dT%H%M%S%f}")

    def named(self, run_id: str) -> None:
        """Say which run it is, once its inputs are known.

        Parameters
        ----------
        run_id : str
            Names its folder.
        """
        self._content["run_id"] = run_id
        self.folder = self._runs / run_id

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step.

        Parameters
        ----------
        name : str
            Such as ``"score"``.
        """
        started = time.perf_counter()
        try:
            yield
        finally:
            self._content["timings"][name] = round(time.perf_counter() - started, 3)

    def add(self, section: str, value: Any) -> None:
        """Add a section.

        Parameters
        ----------
        section : str
            Its name.
        value : dict, list or str
            Counts, shares, sums, hashes; never a customer's id, name or figure.
        """
        self._content[section] = value

    def write(self, status: str) -> None:
        """Write the page, then the report, each whole.

        Parameters
        ----------
        status : {"published", "refused", "failed"}
            How the run ended.
        """
        content = {**self._content, "packages": _packages(), "status": status}
        write_page(content, self.folder / PAGE)
        write_json(content, self.folder / RUN_FILE)


def _packages() -> dict[str, str]:
    versions = {name: installed_version(name) for name in PACKAGES}
    return {**versions, "python": platform.python_version()}
