"""From a spec's declared space to trials, and from the best trial to a new spec file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from segment.policy import ModelSpec
from segment.policy.spec import Choices, Range

WHOLE = {"max_iter", "max_leaf_nodes", "min_samples_leaf"}
Space = dict[tuple[str, str], Range | Choices]


def suggested(trial: Any, space: Space) -> dict[str, Any]:
    """Ask a trial for a value of each key.

    Parameters
    ----------
    trial : optuna.Trial
        Running.
    space : dict
        Ranges and choices by section and key.

    Returns
    -------
    dict of str to object
        As Optuna keeps them: places in place of choices.
    """
    found: dict[str, Any] = {}
    for (section, key), allowed in space.items():
        name = f"{section}.{key}"
        if isinstance(allowed, Choices):
            # lists are no values to Optuna, so it chooses among places
            found[name] = trial.suggest_categorical(name, list(range(len(allowed.choices))))
        elif key in WHOLE:
            found[name] = trial.suggest_int(name, round(allowed.low), round(allowed.high), log=allowed.log)
        else:
            found[name] = trial.suggest_float(name, allowed.low, allowed.high, log=allowed.log)
    return found


def placed(space: Space, params: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Turn what Optuna keeps into values by section and key, as a spec takes them.

    Parameters
    ----------
    space : dict
        Ranges and choices by section and key.
    params : dict
        What `suggested` returned.

    Returns
    -------
    dict

    Examples
    --------
    >>> placed({("future_value", "max_iter"): Choices(choices=(50, 100))}, {"future_value.max_iter": 1})
    {('future_value', 'max_iter'): 100}
    """
    found: dict[tuple[str, str], Any] = {}
    for (section, key), allowed in space.items():
        value: Any = params[f"{section}.{key}"]
        value = allowed.choices[value] if isinstance(allowed, Choices) else value
        value = list(value) if isinstance(value, tuple) else value
        found[section, key] = round(value) if key in WHOLE else value
    return found


def write_spec(spec: ModelSpec, path: Path, comments: Iterable[str]) -> None:
    """Write a spec as TOML, with comments above it.

    Parameters
    ----------
    spec : ModelSpec
        To write; its search space is left out.
    path : Path
        File.
    comments : iterable of str
        What found it.
    """
    content = spec.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude={"search"})
    lines = [f"# {comment}" for comment in comments]
    lines += [f"{key} = {_toml(value)}" for key, value in content.items() if not isinstance(value, dict)]
    for section, keys in content.items():
        if isinstance(keys, dict):
            lines += ["", f"[{section}]", *(f"{key} = {_toml(value)}" for key, value in keys.items())]
    text = "\n".join(lines) + "\n"
    tomllib.loads(text)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _toml(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return repr(value)
