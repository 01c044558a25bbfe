"""Registered models in MLflow: kept, found and loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from segment.tracking.runs import Runs, is_away  # sets MLflow's environment, so it stands before MLflow itself

import mlflow  # isort: skip
from mlflow.exceptions import MlflowException  # isort: skip

from segment.exceptions import ModelError
from segment.tracking.local_copy import copy_of_champion, keep_copy, keep_text, kept_text
from segment.tracking.model_files import TRUSTED_TYPES, file_hash, load_model_file
from segment.tracking.signature import signature_of

REGISTERED_NAME = "segment"
CHAMPION, CHALLENGER = "champion", "challenger"
HISTORY_TAG, HASH_TAG = "champion_history", "sha256"
MODEL_FILE = "model.skops"
COPY_TAG = "local_copy"


@dataclass(frozen=True)
class RegisteredVersion:
    """A model in the registry.

    Attributes
    ----------
    version : str
        Number in the registry.
    run_id : str
        The run that made it.
    tags : dict
        What was recorded with it: policy and feature hashes, the SHA-256 of the file.
    """

    version: str
    run_id: str
    tags: dict[str, str]


class Models(Runs):
    """Runs and registered models of one workspace or server.

    Parameters
    ----------
    workspace : Path
        Its `mlflow.db` and `mlartifacts` are used where no `uri` is given.
    uri : str, optional
        A tracking server or database.
    """

    def register(
        self,
        model: Any,
        columns: list[str],
        name: str,
        params: Mapping[str, Any],
        metrics: Mapping[str, float],
        texts: Mapping[str, str],
        tags: Mapping[str, str],
    ) -> RegisteredVersion:
        """Log a run with its model and register the model as challenger; the first becomes champion.

        Parameters
        ----------
        model : estimator
            Whose types are all in ``TRUSTED_TYPES`` or trusted by skops.
        columns : list of str
            Numeric columns that it reads: the signature.
        name : str
            Of the run.
        params, metrics, texts : mapping
            As in `log_run`.
        tags : mapping
            Recorded with the version.

        Returns
        -------
        RegisteredVersion
        """
        with self._run(name) as run:
            self._log(run.info.run_id, params, metrics, texts)
            info = mlflow.sklearn.log_model(
                model,
                name="model",
                serialization_format="skops",
                skops_trusted_types=list(TRUSTED_TYPES),
                signature=signature_of(columns),
                pip_requirements=[
                    f"{name}=={installed_version(name)}" for name in ("scikit-learn", "skops", "segment")
                ],
            )
            run_id = str(run.info.run_id)
        try:
            self._client.create_registered_model(REGISTERED_NAME)
        except MlflowException as fault:
            if fault.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        made = self._client.create_model_version(
            REGISTERED_NAME, info.model_uri, run_id, tags=dict(tags), model_id=info.model_id
        )
        recorded = file_hash(self._download(str(made.version)))
        self._client.set_model_version_tag(REGISTERED_NAME, made.version, HASH_TAG, recorded)
        self._client.set_registered_model_alias(REGISTERED_NAME, CHALLENGER, made.version)
        if self.find(CHAMPION) is None:
            self.promote(str(made.version))
        return RegisteredVersion(str(made.version), run_id, {**tags, HASH_TAG: recorded})

    def find(self, alias: str) -> RegisteredVersion | None:
        """Find the version that an alias points to.

        Parameters
        ----------
        alias : str
            ``"champion"`` or ``"challenger"``.

        Returns
        -------
        RegisteredVersion or None
        """
        try:
            found = self._client.get_model_version_by_alias(REGISTERED_NAME, alias)
        except MlflowException as fault:
            if fault.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                raise
            return None
        return RegisteredVersion(str(found.version), str(found.run_id), dict(found.tags))

    def load(self, alias: str = CHAMPION) -> tuple[Any, RegisteredVersion]:
        """Load a model from its skops file, without pickle.

        Where the server is away, the champion is the last one that was loaded here: a copy in the
        workspace, held to the same SHA-256. Its tag ``local_copy`` says so.

        Parameters
        ----------
        alias : str
            ``"champion"`` or ``"challenger"``.

        Returns
        -------
        model, RegisteredVersion

        Raises
        ------
        ModelError
            Where there is none, its file is not the one registered, or it holds a type that is not trusted.
        """
        try:
            found = self.find(alias)
            path = None if found is None else self._download(found.version)
        except (MlflowException, OSError) as fault:
            kept = copy_of_champion(self._root / "models") if alias == CHAMPION and is_away(fault) else None
            if kept is None:
                raise
            path, known = kept
            found = RegisteredVersion(known["version"], known["run_id"], {**known["tags"], COPY_TAG: "true"})
        if found is None or path is None:
            raise ModelError.with_hint(f"There must be a {alias}. No model is registered.", "segment train first")
        expected = found.tags.get(HASH_TAG)
        model = load_model_file(path, expected, found.version)
        if alias == CHAMPION and expected and COPY_TAG not in found.tags:
            keep_copy(self._root / "models", path, asdict(found), expected)
        return model, found

    def load_version(self, version: str) -> tuple[Any, RegisteredVersion]:
        """Load a model by its number, without pickle.

        Parameters
        ----------
        version : str
            Number in the registry.

        Returns
        -------
        model, RegisteredVersion

        Raises
        ------
        ModelError
            Where there is none, its file is not the one registered, or it holds a type that is not trusted.
        """
        found = self.get(version)
        return load_model_file(self._download(found.version), found.tags.get(HASH_TAG), found.version), found

    def text_of(self, version: RegisteredVersion, file: str) -> str | None:
        """Read a text that the run of a version logged; a copy stays in the workspace for when the server is away.

        Parameters
        ----------
        version : RegisteredVersion
            As `load` gave it.
        file : str
            Such as ``"drift_reference.json"``.

        Returns
        -------
        str or None
            None where the run has no such file, or the server is away and the file was never read here.
        """
        sha256 = version.tags.get(HASH_TAG)
        kept = kept_text(self._root / "models", sha256, file) if sha256 else None
        if kept is not None:
            return kept
        try:
            text = self.read_text(version.run_id, file)
        except (MlflowException, OSError) as fault:
            if not is_away(fault):
                raise
            return None
        if text is not None and sha256:
            keep_text(self._root / "models", sha256, file, text)
        return text

    def get(self, version: str) -> RegisteredVersion:
        """Find a version by its number.

        Parameters
        ----------
        version : str
            Number in the registry.

        Returns
        -------
        RegisteredVersion

        Raises
        ------
        ModelError
            Where there is no such version.
        """
        try:
            found = self._client.get_model_version(REGISTERED_NAME, version)
        except MlflowException:
            raise ModelError.with_hint(
                f"The version must be registered. `{version}` is not.", "segment train prints the version it made"
            ) from None
        return RegisteredVersion(str(found.version), str(found.run_id), dict(found.tags))

    def metrics(self, version: RegisteredVersion) -> dict[str, float]:
        """Read the figures of the run that made a version.

        Parameters
        ----------
        version : RegisteredVersion
            In the registry.

        Returns
        -------
        dict of str to float
        """
        return dict(self._client.get_run(version.run_id).data.metrics)

    def promote(self, version: str, record: Mapping[str, str] | None = None) -> None:
        """Make a version champion and remember the one before.

        Parameters
        ----------
        version : str
            Number in the registry.
        record : mapping, optional
            Kept with the version: why it was promoted.
        """
        for key, value in (record or {}).items():
            self._client.set_model_version_tag(REGISTERED_NAME, version, key, value)
        history = [known for known in self._history() if known != version]
        self._client.set_registered_model_tag(REGISTERED_NAME, HISTORY_TAG, ",".join([*history, version]))
        self._client.set_registered_model_alias(REGISTERED_NAME, CHAMPION, version)

    def _history(self) -> list[str]:
        tags = self._client.get_registered_model(REGISTERED_NAME).tags
        return [version for version in tags.get(HISTORY_TAG, "").split(",") if version]

    def _download(self, version: str) -> Path:
        mlflow.set_tracking_uri(self._uri)
        return Path(mlflow.artifacts.download_artifacts(f"models:/{REGISTERED_NAME}/{version}/{MODEL_FILE}"))
