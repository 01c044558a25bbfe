"""Registered models in MLflow: stored, found and loaded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from segment.messages import Message
from segment.tracking.runs import (
    TRAINING,
    Dataset,
    Parameters,
    Runs,
    is_away,
)  # sets MLflow's environment, so it stands before MLflow itself

import mlflow  # isort: skip
from mlflow.entities.model_registry import ModelVersion  # isort: skip
from mlflow.exceptions import MlflowException  # isort: skip
from mlflow.models import Model  # isort: skip

from segment.exceptions import ModelError
from segment.files import file_hash
from segment.tracking import scoring_model
from segment.tracking.local_copy import store_champion, store_text, stored_champion, stored_text
from segment.tracking.model_files import load_model_file
from segment.tracking.scoring_model import MODEL_FILE, ModelInterface

REGISTERED_NAME = "segment"
ABOUT = (
    "Tiers of a bank outlet's customers. Takes a snapshot of one date with every customer, as "
    "`segment.open(workspace).snapshot(as_of)` gives it, and returns the published columns; `tier` is the candidate "
    "before hysteresis, and `previous_tier`, `model_version` and `run_id` come with a publication."
)
CHAMPION, CHALLENGER = "champion", "challenger"
HISTORY_TAG, HASH_TAG, AS_OF_TAG = "champion_history", "sha256", "as_of"
COPY_TAG = "local_copy"
UNPROVEN_TAG = "unproven"
"""Names the gates that a champion did not pass, by commas; empty where it passed all."""
CARD_FACTS = "model_card.json"
"""What a run's model card is written from."""


@dataclass(frozen=True)
class RegisteredVersion:
    """A model in the registry."""

    version: str  # Number in the registry
    run_id: str  # The run that made it
    tags: dict[str, str]  # What was recorded with it: policy and feature hashes, the SHA-256 of the file

    @property
    def unproven(self) -> list[str]:
        """Gates that it did not pass when it became champion."""
        return [name for name in self.tags.get(UNPROVEN_TAG, "").split(",") if name]

    @classmethod
    def of(cls, version: ModelVersion) -> RegisteredVersion:
        """Take it from what MLflow hands out."""
        return cls(str(version.version), str(version.run_id), dict(version.tags))


class Models(Runs):
    """Runs and registered models of one workspace or server."""

    def register(
        self,
        model: Any,
        interface: ModelInterface,
        name: str,
        params: Parameters,
        metrics: Mapping[str, float],
        texts: Mapping[str, str],
        tags: Mapping[str, str],
        datasets: Iterable[Dataset] = (),
    ) -> RegisteredVersion:
        """Log a run with its model and register the model as challenger; the first becomes champion."""
        with self._run(TRAINING, name, tags) as run:
            self._log(run.info.run_id, params, metrics, texts)
            for dataset in datasets:
                mlflow.log_input(*dataset.logged())
            info = Model.log(
                artifact_path=None,
                name="model",
                flavor=scoring_model,
                run_id=run.info.run_id,
                tags=dict(tags),
                validate_serving_input=False,  # the registry's file is loaded once it is registered
                model=model,
                interface=interface,
                pip_requirements=[
                    f"{name}=={installed_version(name)}" for name in ("scikit-learn", "skops", "segment")
                ],
            )
            run_id = str(run.info.run_id)
        try:
            self._client.create_registered_model(REGISTERED_NAME, description=ABOUT)
        except MlflowException as fault:
            if fault.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        created = self._client.create_model_version(
            REGISTERED_NAME, info.model_uri, run_id, tags=dict(tags), description=name, model_id=info.model_id
        )
        recorded = file_hash(self._download(str(created.version)))
        self._client.set_model_version_tag(REGISTERED_NAME, created.version, HASH_TAG, recorded)
        self._client.set_registered_model_alias(REGISTERED_NAME, CHALLENGER, created.version)
        if self.find(CHAMPION) is None:
            self.promote(str(created.version))
        return RegisteredVersion(str(created.version), run_id, {**tags, HASH_TAG: recorded})

    def find(self, alias: str) -> RegisteredVersion | None:
        """Find the version that an alias points to."""
        try:
            version = self._client.get_model_version_by_alias(REGISTERED_NAME, alias)
        except MlflowException as fault:
            if fault.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                raise
            return None
        return RegisteredVersion.of(version)

    def load(self, alias: str = CHAMPION) -> tuple[Any, RegisteredVersion]:
        """Load a model from its skops file, without pickle."""
        # Where the server is away, the champion is the last one that was loaded here: a copy in the workspace, held to
        # the same SHA-256. Its tag ``local_copy`` says so.
        try:
            registered = self.find(alias)
            path = None if registered is None else self._download(registered.version)
        except (MlflowException, OSError) as fault:
            copy = stored_champion(self._root / "models") if alias == CHAMPION and is_away(fault) else None
            if copy is None:
                raise
            path, champion = copy
            tags = {**champion["tags"], COPY_TAG: "true"}
            registered = RegisteredVersion(champion["version"], champion["run_id"], tags)
        if registered is None or path is None:
            raise ModelError.of("errors.no_model", alias=Message(f"errors.alias.{alias}"))
        expected = registered.tags.get(HASH_TAG)
        model = load_model_file(path, expected, registered.version)
        if self._writable and alias == CHAMPION and expected and COPY_TAG not in registered.tags:
            store_champion(self._root / "models", path, asdict(registered), expected)
        return model, registered

    def load_version(self, version: str) -> tuple[Any, RegisteredVersion]:
        """Load a model by its number, without pickle."""
        registered = self.get(version)
        path = self._download(registered.version)
        return load_model_file(path, registered.tags.get(HASH_TAG), registered.version), registered

    def text_of(self, version: RegisteredVersion, file: str) -> str | None:
        """Read a text that the run of a version logged; a copy stays in the workspace for when the server is away."""
        sha256 = version.tags.get(HASH_TAG)
        copy = stored_text(self._root / "models", sha256, file) if sha256 else None
        if copy is not None:
            return copy
        try:
            text = self.read_text(version.run_id, file)
        except (MlflowException, OSError) as fault:
            if not is_away(fault):
                raise
            return None
        if self._writable and text is not None and sha256:
            store_text(self._root / "models", sha256, file, text)
        return text

    def get(self, version: str) -> RegisteredVersion:
        """Find a version by its number."""
        try:
            registered = self._client.get_model_version(REGISTERED_NAME, version)
        except MlflowException:
            raise ModelError.of("errors.no_such_version", version=version) from None
        return RegisteredVersion.of(registered)

    def trained_dates(self) -> list[dt.date]:
        """List the dates as of which the registered versions were trained, oldest first."""
        found = self._client.search_model_versions(f"name = '{REGISTERED_NAME}'")
        return sorted({dt.date.fromisoformat(one.tags[AS_OF_TAG]) for one in found if AS_OF_TAG in one.tags})

    def metrics(self, version: RegisteredVersion) -> dict[str, float]:
        """Read the figures of the run that made a version."""
        return dict(self._client.get_run(version.run_id).data.metrics)

    def promote(self, version: str, record: Mapping[str, str] | None = None) -> None:
        """Make a version champion and record the one before."""
        for key, value in (record or {}).items():
            self._client.set_model_version_tag(REGISTERED_NAME, version, key, value)
        # what a promotion that was killed wrote beyond its champion was never one
        champion, written = self.find(CHAMPION), self._history()
        known = written[: written.index(champion.version) + 1] if champion and champion.version in written else written
        history = [earlier for earlier in known if earlier != version]
        self._client.set_registered_model_tag(REGISTERED_NAME, HISTORY_TAG, ",".join([*history, version]))
        self._client.set_registered_model_alias(REGISTERED_NAME, CHAMPION, version)

    def _history(self) -> list[str]:
        tags = self._client.get_registered_model(REGISTERED_NAME).tags
        return [version for version in tags.get(HISTORY_TAG, "").split(",") if version]

    def _download(self, version: str) -> Path:
        mlflow.set_tracking_uri(self._uri)
        return Path(mlflow.artifacts.download_artifacts(f"models:/{REGISTERED_NAME}/{version}/{MODEL_FILE}"))
