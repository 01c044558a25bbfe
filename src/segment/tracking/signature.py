"""What goes into a model and what comes out, for the registry."""

from __future__ import annotations

from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema


def signature_of(columns: list[str]) -> ModelSignature:
    """Describe a model's columns without an example: an example would be a customer's row.

    Parameters
    ----------
    columns : list of str
        Numeric columns that it reads.

    Returns
    -------
    ModelSignature
    """
    return ModelSignature(
        inputs=Schema([ColSpec(DataType.double, column, required=False) for column in columns]),
        outputs=Schema([ColSpec(DataType.string)]),
    )
