"""Runs in MLflow: written once, read by name or by the version they made."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # a server that is away must not hold up a refresh
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
os.environ.setdefault("MLFLOW_TRUNCATE_LONG_VALUES", "false")  # refused rather than cut

import mlflow
from mlflow import MlflowClient
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.meta_dataset import MetaDataset
from mlflow.exceptions import MlflowException

from segment.exceptions import ModelError, RunError
from segment.files import make_folder, read_only_uri
from segment.settings import current_user
from segment.tracking.locations import ARTIFACTS, DATABASE, bring_up_to_date, database_uri

TRAINING, REFRESHES, BACKTESTS, SEARCHES = "segment/train", "segment/refresh", "segment/backtest", "segment/search"
"""Experiments, one for each kind of run."""
EARLIER_EXPERIMENT = "segment"
"""Of all runs, before each kind had its own."""
PARENT_TAG = "mlflow.parentRunId"
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


@dataclass(frozen=True)
class Dataset:
    """What a run read, known by its hash; no row of it is logged."""

    name: str
    sha256: str
    context: str  # What it was read for

    def logged(self) -> tuple[MetaDataset, str]:
        """Return what MLflow logs: the digest has 36 characters at most, so the whole hash is the source's."""
        source = CodeDatasetSource({"sha256": self.sha256})
        return MetaDataset(source, self.name, self.sha256[:36]), self.context  # type: ignore[abstract]


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
                raise ModelError.of("errors.no_runs")
            # by the driver's name: what begins `sqlite:///` MLflow makes folders for
            self._uri = f"sqlite+pysqlite:///{read_only_uri(self._database)}&uri=true"
        return MlflowClient(self._uri)

    def log_run(
        self,
        experiment: str,
        name: str,
        params: Parameters,
        metrics: Mapping[str, float],
        texts: Mapping[str, str],
        parent: str | None = None,
    ) -> str:
        """Log a finished run that makes no model, below another where it is part of it."""
        with self._run(experiment, name, {PARENT_TAG: parent} if parent else {}) as run:
            self._log(run.info.run_id, params, metrics, texts)
            return str(run.info.run_id)

    def send(self, run: FinishedRun) -> bool:
        """Log a run that waited, once."""
        try:
            if not self._is_logged(run.run_id):
                with self._run(REFRESHES, run.name) as started:
                    self._log(started.info.run_id, run.params, run.metrics, run.texts)
                    # last, so that a run cut short is sent again rather than taken for whole
                    self._client.set_tag(started.info.run_id, RUN_TAG, run.run_id)
        except (MlflowException, OSError):  # whatever the server says, what was published is published
            return False
        return True

    def _is_logged(self, run_id: str) -> bool:
        experiments = [self._client.get_experiment_by_name(name) for name in (REFRESHES, EARLIER_EXPERIMENT)]
        known = [experiment.experiment_id for experiment in experiments if experiment is not None]
        return bool(known and self._client.search_runs(known, f"tags.`{RUN_TAG}` = '{run_id}'", max_results=1))

    def read_run(self, run_id: str) -> LoggedRun:
        """Read a run."""
        try:
            run = self._client.get_run(run_id)
        except MlflowException:
            raise RunError.of("errors.no_such_run", run_id=run_id) from None
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

    def _run(self, experiment: str, name: str, tags: Mapping[str, str] = MappingProxyType({})) -> mlflow.ActiveRun:
        if self._artifacts is not None:
            bring_up_to_date(self._root)
        mlflow.set_tracking_uri(self._uri)
        if self._client.get_experiment_by_name(experiment) is None:
            self._client.create_experiment(experiment, artifact_location=self._artifacts)
        mlflow.set_experiment(experiment)
        return mlflow.start_run(run_name=name, tags={**tags, USER_TAG: current_user()})

    def _log(self, run_id: str, params: Parameters, metrics: Mapping[str, float], texts: Mapping[str, str]) -> None:
        mlflow.log_params(dict(params))
        mlflow.log_metrics({key: float(value) for key, value in metrics.items()})
        for file, text in texts.items():
            self._client.log_text(run_id, text, file)


def is_away(fault: Exception) -> bool:
    """Whether a fault says that the server does not answer, rather than what it answered."""
    return not isinstance(fault, MlflowException) or fault.error_code in ("INTERNAL_ERROR", "TEMPORARILY_UNAVAILABLE")
