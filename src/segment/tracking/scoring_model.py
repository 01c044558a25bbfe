"""The model as MLflow's own users load and serve it: `mlflow.pyfunc.load_model("models:/segment@champion")`.

MLflow finds this module by its name in the model's folder, and calls `save_model` and `_load_pyfunc`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import polars as pl

from segment.files import file_hash
from segment.model.model_columns import as_frame
from segment.tracking.model_files import TRUSTED_TYPES, load_model_file
from segment.tracking.runs import Runs  # noqa: F401  sets MLflow's environment, so it stands before MLflow itself

import mlflow.sklearn  # isort: skip
from mlflow.models import Model, ModelSignature  # isort: skip
from mlflow.types import ColSpec, DataType, Schema  # isort: skip
from mlflow.types.schema import Array  # isort: skip

if TYPE_CHECKING:
    import pandas as pd

MODEL_FILE, DESCRIPTION_FILE = "model.skops", "MLmodel"
HASH: Final = "sha256"
FILLED_IN_BY_PUBLICATION = ("previous_tier", "model_version", "run_id")
OPTIONAL = ("household_id", "deceased", "branch_managers")
"""Columns of a snapshot that a bank may lack."""
LEAST_GROUP = 10
"""Customers whose mean may stand in an example."""

_TYPES: Final = {
    pl.Boolean: DataType.boolean,
    pl.Date: DataType.datetime,
    pl.Float64: DataType.double,
    pl.Int64: DataType.long,
    pl.String: DataType.string,
}


@dataclass(frozen=True)
class ModelInterface:
    """What a model reads and gives, by column."""

    signature: ModelSignature
    example: pd.DataFrame | None = None  # Invented customers

    @classmethod
    def of(cls, snapshot: pl.DataFrame, scored: pl.DataFrame | None = None) -> Self:
        """Describe a model by a snapshot that it read, and by what it gave."""
        schema = dict(snapshot.schema) | {name: kind for name, kind in _OPTIONAL_TYPES.items() if scored is not None}
        inputs = Schema([ColSpec(_TYPES[_base(kind)], name, name not in OPTIONAL) for name, kind in schema.items()])
        if scored is None:
            return cls(ModelSignature(inputs, Schema([ColSpec(DataType.double)])))
        given = scored.drop(FILLED_IN_BY_PUBLICATION)
        # no column given is required: that of a bank without forecasts of departures is null
        outputs = Schema([ColSpec(_given_type(kind), name, required=False) for name, kind in given.schema.items()])
        return cls(ModelSignature(inputs, outputs), invented_customers(snapshot, list(schema)))


_OPTIONAL_TYPES: Final = dict(zip(OPTIONAL, (pl.String(), pl.Boolean(), pl.Float64()), strict=True))


def _base(kind: pl.DataType) -> type[pl.DataType]:
    return type(kind)


def _given_type(kind: pl.DataType) -> DataType | Array:
    return Array(DataType.string) if isinstance(kind, pl.List) else _TYPES[_base(kind)]


def invented_customers(snapshot: pl.DataFrame, columns: list[str]) -> pd.DataFrame | None:
    """Make an example of two customers whom nobody is: means of those above and below the middle contribution."""
    if snapshot.height < 2 * LEAST_GROUP:
        return None
    ordered = snapshot.sort("contribution_12m", nulls_last=True)
    halves = ordered.with_columns(half=pl.int_range(ordered.height) >= ordered.height // 2)
    means = halves.group_by("half", maintain_order=True).agg(pl.col(pl.Float64).mean().round_sig_figs(2))
    named = means.drop("half").with_columns(
        *(pl.lit(snapshot[name].mode(maintain_order=True).first()).alias(name) for name in ("as_of", "peer_group")),
        customer_id=pl.format("example-{}", pl.int_range(1, means.height + 1)),
        branch_id=pl.lit("example"),
    )
    schema = {**snapshot.schema, **_OPTIONAL_TYPES}
    return named.select(
        pl.col(name) if name in named.columns else pl.lit(None, dtype=schema[name]).alias(name) for name in columns
    ).to_pandas()


def save_model(
    path: str, mlflow_model: Model, model: Any, interface: ModelInterface, pip_requirements: list[str], **_: Any
) -> None:
    """Write a model's folder as MLflow does, with a loader that trusts no list of the folder's own."""
    mlflow.sklearn.save_model(
        model,
        path,
        mlflow_model=mlflow_model,
        serialization_format="skops",
        skops_trusted_types=list(TRUSTED_TYPES),
        signature=interface.signature,
        input_example=interface.example,
        pip_requirements=pip_requirements,
    )
    folder = Path(path)
    mlflow_model.flavors["python_function"]["loader_module"] = __name__
    mlflow_model.metadata = {HASH: file_hash(folder / MODEL_FILE)}
    mlflow_model.save(str(folder / DESCRIPTION_FILE))


def _load_pyfunc(path: str) -> ScoringModel:
    described = Model.load(str(Path(path) / DESCRIPTION_FILE))
    expected = (described.metadata or {}).get(HASH)
    return ScoringModel(load_model_file(Path(path) / MODEL_FILE, expected, "of this folder"))


class ScoringModel:
    """What `mlflow.pyfunc` calls: a snapshot in, the published columns out."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def predict(self, model_input: pd.DataFrame, params: Mapping[str, object] | None = None) -> pd.DataFrame:
        """Give what is published of each customer, but for what only a publication knows."""
        # `model_input`: a snapshot of one date with every customer, as `segment.open(...).snapshot` gives it
        scored: pl.DataFrame = self.model.score_customers(as_frame(model_input))
        return scored.drop(FILLED_IN_BY_PUBLICATION).to_pandas()
