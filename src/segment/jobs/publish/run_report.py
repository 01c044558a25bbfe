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

from segment.files import write_json
from segment.pages.run_page import PAGE, write_page
from segment.settings import Settings
from segment.warehouse.published_tiers import RUN_FILE, run_prefix

PACKAGES = ("segment", "scikit-learn", "numpy", "polars", "pandas", "deltalake", "mlflow", "skops", "joblib")
PUBLISHED, REFUSED, FAILED = "published", "refused", "failed"


class RunReport:
    """Gathers what a run did and writes it once it ends."""

    def __init__(self, runs: Path, as_of: dt.date) -> None:
        started = dt.datetime.now(dt.UTC)
        self._runs = runs
        self._content: dict[str, Any] = {
            "as_of": as_of.isoformat(),
            "started_at": started.isoformat(timespec="seconds"),
            "timings": {},
        }
        self.set_run_id(f"{run_prefix(as_of)}at-{started:%Y%m%dT%H%M%S%f}")

    def set_run_id(self, run_id: str) -> None:
        """Say which run it is, once its inputs are known."""
        self._content["run_id"] = self.run_id = run_id
        self.folder = self._runs / run_id

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._content["timings"][name] = round(time.perf_counter() - started, 3)

    def add(self, **sections: Any) -> None:
        """Add sections, as plain values."""
        self._content |= sections

    def write(self, status: str) -> None:
        """Write the page, in the language of the settings, then the report, each whole."""
        content = {**self._content, "packages": _packages(), "status": status}
        write_page(content, self.folder / PAGE, Settings().language)
        write_json(content, self.folder / RUN_FILE)


def _packages() -> dict[str, str]:
    versions = {name: installed_version(name) for name in PACKAGES}
    return {**versions, "python": platform.python_version()}
