"""From a spec's declared space to trials, and from the best trial to a new spec file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from segment.files import write_text
from segment.policy import ModelSpec
from segment.policy.spec import Choices, Range

WHOLE = {"max_iter", "max_leaf_nodes", "min_samples_leaf"}
Space = dict[tuple[str, str], Range | Choices]
SpecValue = int | float | list[str]
"""What a key of a spec may be set to."""


def suggest(trial: Any, space: Space) -> dict[str, int | float]:
    """Ask a trial for a value of each key."""
    values: dict[str, int | float] = {}
    for (section, key), allowed in space.items():
        name = f"{section}.{key}"
        if isinstance(allowed, Choices):
            # lists are no values to Optuna, so it chooses among places
            values[name] = trial.suggest_categorical(name, list(range(len(allowed.choices))))
        elif key in WHOLE:
            values[name] = trial.suggest_int(name, round(allowed.low), round(allowed.high), log=allowed.log)
        else:
            values[name] = trial.suggest_float(name, allowed.low, allowed.high, log=allowed.log)
    return values


def place_values(space: Space, params: Mapping[str, int | float]) -> dict[tuple[str, str], SpecValue]:
    """Turn what Optuna keeps into values by section and key, as a spec takes them."""
    values: dict[tuple[str, str], SpecValue] = {}
    for (section, key), allowed in space.items():
        chosen = params[f"{section}.{key}"]
        value = allowed.choices[int(chosen)] if isinstance(allowed, Choices) else chosen
        values[section, key] = list(value) if isinstance(value, tuple) else round(value) if key in WHOLE else value
    return values


def write_spec(spec: ModelSpec, path: Path, comments: Iterable[str]) -> None:
    """Write a spec as TOML, with comments above it."""
    content = spec.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude={"search"})
    lines = [f"# {comment}" for comment in comments]
    lines += [f"{key} = {_toml(value)}" for key, value in content.items() if not isinstance(value, dict)]
    for section, keys in content.items():
        if isinstance(keys, dict):
            lines += ["", f"[{section}]", *(f"{key} = {_toml(value)}" for key, value in keys.items())]
    text = "\n".join(lines) + "\n"
    tomllib.loads(text)
    write_text(text, path)


def _toml(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return repr(value)
