"""Reads policy and spec files."""

from __future__ import annotations

from pathlib import Path

from segment.messages import Message
from segment.model_folder import named_file
from segment.policy.policy import Policy
from segment.policy.spec import ModelSpec
from segment.policy.toml import read_toml, validated


def load_policy(path: str | Path) -> Policy:
    """Read and check a policy.

    Parameters
    ----------
    path : str or Path
        A TOML file, or the bare name of one that comes with the package, such as "retail".

    Returns
    -------
    Policy
        Frozen and typed.

    Raises
    ------
    PolicyError
        Where the file cannot be read, is a model spec, holds an unknown key, or a value is missing or out of range.
        Every fault is listed with its place.
    """
    path = named_file(path)
    hint = Message("errors.hint.policy_keys")
    return validated(Policy, read_toml(path, "policy"), Message("errors.file.policy", {"name": path.name}), hint)


def load_spec(path: str | Path) -> ModelSpec:
    """Read and check a model spec.

    Parameters
    ----------
    path : str or Path
        A TOML file, or the bare name of one that comes with the package, such as "retail-default".

    Returns
    -------
    ModelSpec
        Frozen and typed.

    Raises
    ------
    PolicyError
        Where the file cannot be read, is a policy, holds an unknown key, or a value is out of range. Every fault is
        listed with its place.

    Examples
    --------
    >>> load_spec("models/retail-default.toml").train.horizon_months
    12
    """
    path = named_file(path)
    hint = Message("errors.hint.spec_keys")
    return validated(ModelSpec, read_toml(path, "spec"), Message("errors.file.spec", {"name": path.name}), hint)
