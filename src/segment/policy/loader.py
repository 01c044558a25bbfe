"""Reads a policy file."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

from segment.exceptions import PolicyError
from segment.policy.policy import Policy


def load_policy(path: str | Path) -> Policy:
    """Read and check a policy.

    Parameters
    ----------
    path : str or Path
        A TOML file such as ``models/retail.toml``.

    Returns
    -------
    Policy
        Frozen and typed.

    Raises
    ------
    PolicyError
        Where the file cannot be read, holds an unknown key, or a value is missing or out of range. Every fault is
        listed with its place.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PolicyError.with_hint(
            f"The policy `{path.name}` must be a file. None was found at {path}.",
            "give --policy the path of a TOML file such as models/retail.toml",
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise PolicyError.with_hint(
            f"The policy `{path.name}` must be TOML in UTF-8. Got: {fault}", "check the line it names"
        ) from None
    try:
        return Policy.model_validate(content)
    except ValidationError as fault:
        raise PolicyError.with_hint(_listed(path, fault), "docs/reference/policy.md lists every key") from None


def _listed(path: Path, fault: ValidationError) -> str:
    lines = [
        f"  - {'.'.join(str(part) for part in error['loc'])}: {error['msg']}"
        for error in fault.errors(include_url=False, include_context=False)
    ]
    count = f"{len(lines)} fault{'s' if len(lines) != 1 else ''}"
    return f"The policy `{path.name}` does not hold. {count}:\n" + "\n".join(lines)
