"""Reads the TOML files of models/: policies and specs, told apart by what they hold."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from segment.exceptions import PolicyError, count_faults
from segment.input_files import read_input_text
from segment.messages import Message
from segment.value_faults import value_faults

Kind = Literal["policy", "spec"]
T = TypeVar("T", bound=BaseModel)

_OTHER: dict[Kind, tuple[Message, Message]] = {
    "policy": (Message("errors.what.a_spec"), Message("errors.hint.spec")),
    "spec": (Message("errors.what.a_policy"), Message("errors.hint.policy")),
}


def kind_of(content: dict[str, Any]) -> Kind | None:
    """Tell a policy from a model spec.

    Parameters
    ----------
    content : dict
        Of a file of models/.

    Returns
    -------
    {"policy", "spec"} or None
        None where nothing in it is a key of one of them alone.

    Examples
    --------
    >>> kind_of({"name": "deeper-trees", "future_value": {"max_leaf_nodes": 63}})
    'spec'
    """
    if {"currency", "products", "tiers", "ftp", "owner", "effective_on"} & set(content):
        return "policy"
    return "spec" if {"description", "train", "features", "future_value", "search"} & set(content) else None


def read_toml(path: Path, kind: Kind) -> dict[str, Any]:
    """Read a file of one kind.

    Parameters
    ----------
    path : Path
        A TOML file.
    kind : {"policy", "spec"}
        What it must be.

    Returns
    -------
    dict

    Raises
    ------
    PolicyError
        Where it is no file, no TOML, or of the other kind.
    """
    name = Message(f"errors.name.{kind}")
    example = {"policy": "retail", "spec": "retail-default"}[kind]
    hint = Message("errors.hint.toml_path", {"kind": kind, "example": example})
    text = read_input_text(path, Message(f"errors.what.{kind}"), PolicyError, hint)
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as fault:
        reason = Message("errors.nested_tables") if isinstance(fault, RecursionError) else fault
        raise PolicyError.of("errors.not_toml", name=name, file=path.name, reason=reason) from None
    if kind_of(content) not in (kind, None):
        other, hint = _OTHER[kind]
        raise PolicyError.of("errors.other_kind", file=path.name, name=name, other=other, hint=hint)
    return content


def validated(kind: type[T], content: dict[str, Any], subject: Message, hint: Message) -> T:
    """Check content against its type.

    Parameters
    ----------
    kind : type
        A pydantic model.
    content : dict
        Of a file.
    subject : Message
        What the file is, such as "policy `retail.toml`".
    hint : Message
        What to do about a fault.

    Returns
    -------
    object of that type

    Raises
    ------
    PolicyError
        Every fault listed with its place.
    """
    try:
        return kind.model_validate(content)
    except ValidationError as fault:
        faults = value_faults(fault.errors(include_url=False))
        raise PolicyError.of(
            "errors.does_not_hold", subject=subject, count=count_faults(len(faults)), faults=faults, hint=hint
        ) from None
