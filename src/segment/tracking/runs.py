"""Runs in MLflow: written once, read by name or by the version they made."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # a server that is away must not hold up a refresh
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
os.environ.setdefault("MLFLOW_TRUNCATE_LONG_VALUES", "false")  # refused rather than cut

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from segment.exceptions import ModelError, RunError
from segment.files import make_folder, read_only_uri
from segment.settings import current_user
from segment.tracking.locations import ARTIFACTS, DATABASE, bring_up_to_date, database_uri

EXPERIMENT = "segment"
USER_TAG = "mlflow.user"
RUN_TAG = "segment.run_id"

for noisy in ("mlflow", "alembic"):
    logging.getLogger(noisy).setLevel(logging.WARNING)
warnings.filterwarnings("ignore", module=r"mlflow\.")  # about its own type hints, not about ours


@dataclass(frozen=True)
class LoggedRun:
    """A run as it was logged."""

    run_id: str  # run_id, name, user: Its id and name, and who ran it.
    name: str
    user: str
    params: dict[str, str]  # As logged
    metrics: dict[str, float]  # As logged


Parameters = Mapping[str, str | int | float | list[str] | None]
"""Of a run, by name; logged as text."""


@dataclass(frozen=True)
class FinishedRun:
    """A run that waits to be logged."""

    name: str
    params: Parameters
    metrics: Mapping[str, float]
    texts: Mapping[str, str]  # Files, by name
    run_id: str  # By which it is logged once


class Runs:
    """Runs of one workspace or server."""

    def __init__(self, workspace: Path, uri: str | None = None, *, writable: bool = True) -> None:
        root = workspace.resolve()
        if writable:
            make_folder(root)
        self._root, self._writable = root, writable
        self._artifacts = None if uri else (root / ARTIFACTS).as_uri()
        self._database = None if uri else root / DATABASE
        self._uri = uri or database_uri(root)

    @cached_property
    def _client(self) -> MlflowClient:
        if self._database is not None and not self._writable:
            if not self._database.is_file():
                raise ModelError.with_hint(
                    "There must be runs and models to read. The workspace has none.", "segment train first"
                )
            # by the driver's name: what begins `sqlite:///` MLflow makes folders for
            self._uri = f"sqlite+pysqlite:///{read_only_uri(self._database)}&uri=true"
        return MlflowClient(self._uri)

    def log_run(
        self,
        name: str,
        params: Parameters,
        metrics: Mapping[str, float],
        texts: Mapping[str, str],
    ) -> str:
        """Log a finished run that makes no model."""
        with self._run(name) as run:
            self._log(run.info.run_id, params, metrics, texts)
            return str(run.info.run_id)

    def send(self, run: FinishedRun) -> bool:
        """Log a run that waited, once."""
        try:
            if not self._is_logged(run.run_id):
                with self._run(run.name) as started:
                    self._log(started.info.run_id, run.params, run.metrics, run.texts)
                    # last, so that a run cut short is sent again rather than taken for whole
                    self._client.set_tag(started.info.run_id, RUN_TAG, run.run_id)
        except (MlflowException, OSError):  # whatever the server says, what was published is published
            return False
        return True

    def _is_logged(self, run_id: str) -> bool:
        experiment = self._client.get_experiment_by_name(EXPERIMENT)
        if experiment is None:
            return False
        runs = self._client.search_runs([experiment.experiment_id], f"tags.`{RUN_TAG}` = '{run_id}'", max_results=1)
        return len(runs) > 0

    def read_run(self, run_id: str) -> LoggedRun:
        """Read a run."""
        try:
            run = self._client.get_run(run_id)
        except MlflowException:
            raise RunError.with_hint(
                f"The run must be logged here. `{run_id}` is not.",
                "segment train --json prints version and run_id; --workspace or SEGMENT_MLFLOW_URI says where runs are",
            ) from None
        tags = run.data.tags
        return LoggedRun(
            str(run.info.run_id),
            str(run.info.run_name),
            str(tags.get(USER_TAG, "")),
            dict(run.data.params),
            dict(run.data.metrics),
        )

    def read_text(self, run_id: str, file: str) -> str | None:
        """Read a text that a run logged."""
        folder = file.rpartition("/")[0] or None
        if file not in {artifact.path for artifact in self._client.list_artifacts(run_id, folder)}:
            return None
        mlflow.set_tracking_uri(self._uri)
        return str(mlflow.artifacts.load_text(f"runs:/{run_id}/{file}"))

    def _run(self, name: str) -> mlflow.ActiveRun:
        if self._artifacts is not None:
            bring_up_to_date(self._root)
        mlflow.set_tracking_uri(self._uri)
        if self._client.get_experiment_by_name(EXPERIMENT) is None:
            self._client.create_experiment(EXPERIMENT, artifact_location=self._artifacts)
        mlflow.set_experiment(EXPERIMENT)
        return mlflow.start_run(run_name=name, tags={USER_TAG: current_user()})

    def _log(self, run_id: str, params: Parameters, metrics: Mapping[str, float], texts: Mapping[str, str]) -> None:
        mlflow.log_params(dict(params))
        mlflow.log_metrics({key: float(value) for key, value in metrics.items()})
        for file, text in texts.items():
            self._client.log_text(run_id, text, file)


def is_away(fault: Exception) -> bool:
    """Whether a fault says that the server does not answer, rather than what it answered."""
    return not isinstance(fault, MlflowException) or fault.error_code in ("INTERNAL_ERROR", "TEMPORARILY_UNAVAILABLE")
