"""Runs in MLflow: written once, read by name or by the version they made."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # a server that is away must not hold up a refresh
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from segment.exceptions import ModelError

EXPERIMENT = "segment"
USER_TAG = "mlflow.user"
RUN_TAG = "segment.run_id"

for noisy in ("mlflow", "alembic"):
    logging.getLogger(noisy).setLevel(logging.WARNING)
warnings.filterwarnings("ignore", module=r"mlflow\.")  # about its own type hints, not about ours


@dataclass(frozen=True)
class RunRecord:
    """A run as it was logged.

    Attributes
    ----------
    run_id, name, user : str
        Its id and name, and who ran it.
    params : dict of str to str
        As logged.
    metrics : dict of str to float
        As logged.
    """

    run_id: str
    name: str
    user: str
    params: dict[str, str]
    metrics: dict[str, float]


class Runs:
    """Runs of one workspace or server.

    Parameters
    ----------
    workspace : Path
        Its `mlflow.db` and `mlartifacts` are used where no `uri` is given.
    uri : str, optional
        A tracking server or database.
    """

    def __init__(self, workspace: Path, uri: str | None = None) -> None:
        root = workspace.resolve()
        root.mkdir(parents=True, exist_ok=True)
        self._root = root
        self._uri = uri or f"sqlite:///{root / 'mlflow.db'}"
        self._artifacts = None if uri else (root / "mlartifacts").as_uri()
        self._client = MlflowClient(self._uri)

    def log_run(
        self,
        name: str,
        params: Mapping[str, Any],
        metrics: Mapping[str, float],
        texts: Mapping[str, str],
    ) -> str:
        """Log a finished run that makes no model.

        Parameters
        ----------
        name : str
            Such as ``"refresh 2025-12-31"``.
        params, metrics : mapping
            Counts, shares, hashes, dates: never a customer's own figure.
        texts : mapping
            File name to content.

        Returns
        -------
        str
            The run's id.
        """
        with self._run(name) as run:
            self._log(run.info.run_id, params, metrics, texts)
            return str(run.info.run_id)

    def send(self, run: Mapping[str, Any]) -> bool:
        """Log a run that waited, once.

        Parameters
        ----------
        run : mapping
            `name`, `params`, `metrics`, `texts`, and our `run_id`.

        Returns
        -------
        bool
            Whether it is there now; False where the server does not answer, or does not take it.
        """
        try:
            if not self._is_logged(str(run["run_id"])):
                with self._run(str(run["name"])) as started:
                    self._log(started.info.run_id, run["params"], run["metrics"], run["texts"])
                    # last, so that a run cut short is sent again rather than taken for whole
                    self._client.set_tag(started.info.run_id, RUN_TAG, str(run["run_id"]))
        except (MlflowException, OSError):  # whatever the server says, what was published is published
            return False
        return True

    def _is_logged(self, run_id: str) -> bool:
        experiment = self._client.get_experiment_by_name(EXPERIMENT)
        if experiment is None:
            return False
        found = self._client.search_runs([experiment.experiment_id], f"tags.`{RUN_TAG}` = '{run_id}'", max_results=1)
        return len(found) > 0

    def read_run(self, run_id: str) -> RunRecord:
        """Read a run.

        Parameters
        ----------
        run_id : str
            As `log_run` returned it.

        Returns
        -------
        RunRecord

        Raises
        ------
        ModelError
            Where there is no such run.
        """
        try:
            found = self._client.get_run(run_id)
        except MlflowException:
            raise ModelError.with_hint(
                f"The run must be logged here. `{run_id}` is not.",
                "segment train --json prints version and run_id; --workspace or SEGMENT_MLFLOW_URI says where runs are",
            ) from None
        tags = found.data.tags
        return RunRecord(
            str(found.info.run_id),
            str(found.info.run_name),
            str(tags.get(USER_TAG, "")),
            dict(found.data.params),
            dict(found.data.metrics),
        )

    def read_text(self, run_id: str, file: str) -> str | None:
        """Read a text that a run logged.

        Parameters
        ----------
        run_id : str
            Of the run.
        file : str
            Such as ``"model_card.json"``.

        Returns
        -------
        str or None
            None where the run has no such file.
        """
        folder = file.rpartition("/")[0] or None
        if file not in {one.path for one in self._client.list_artifacts(run_id, folder)}:
            return None
        mlflow.set_tracking_uri(self._uri)
        return str(mlflow.artifacts.load_text(f"runs:/{run_id}/{file}"))

    def _run(self, name: str) -> mlflow.ActiveRun:
        mlflow.set_tracking_uri(self._uri)
        if self._client.get_experiment_by_name(EXPERIMENT) is None:
            self._client.create_experiment(EXPERIMENT, artifact_location=self._artifacts)
        mlflow.set_experiment(EXPERIMENT)
        return mlflow.start_run(run_name=name)

    def _log(
        self, run_id: str, params: Mapping[str, Any], metrics: Mapping[str, float], texts: Mapping[str, str]
    ) -> None:
        mlflow.log_params(dict(params))
        mlflow.log_metrics({key: float(value) for key, value in metrics.items()})
        for file, text in texts.items():
            self._client.log_text(run_id, text, file)


def is_away(fault: Exception) -> bool:
    """Whether a fault says that the server does not answer, rather than what it answered.

    Parameters
    ----------
    fault : Exception
        Of MLflow or of the network.

    Returns
    -------
    bool
    """
    return not isinstance(fault, MlflowException) or fault.error_code in ("INTERNAL_ERROR", "TEMPORARILY_UNAVAILABLE")
