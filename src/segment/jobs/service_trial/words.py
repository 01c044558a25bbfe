"""The trial's findings in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segment.effects import LEAST_RATIO_P


def sentence(name: str, row: Mapping[str, Any]) -> str:
    """Say what one tier's trial found, and what it cannot say.

    Parameters
    ----------
    name : str
        Of the trial.
    row : mapping
        Of `TrialReport.effects`.

    Returns
    -------
    str
    """
    start = (
        f"Trial {name}, {row['tier']}: {row['served']:,} served as {row['served_as']}, {row['as_is']:,} as they are, "
        f"{row['months']} months."
    )
    if not row["valid"]:
        if row["ratio_p"] < LEAST_RATIO_P:
            return f"{start} Not valid: the arms are not of the sizes drawn (p {row['ratio_p']:.1e})."
        return f"{start} Too few to compare."
    lists = f"On a list meanwhile: {row['on_list_served']:.1%} against {row['on_list_as_is']:.1%}."
    said = [start, _contribution(row), _lost(row), _net(row), lists]
    if row["uneven"]:
        said.append(f"The arms differ in {', '.join(row['uneven'])}.")
    return "\n  ".join(said)


def _contribution(row: Mapping[str, Any]) -> str:
    said = f"Contribution a customer {_amounts(row, 'contribution')}."
    if row["contribution_low"] <= 0.0 <= row["contribution_high"]:
        least = f"{row['detectable_contribution']:,.0f}"
        said += f" Not shown either way: a difference below {least} cannot be."
    return said


def _lost(row: Mapping[str, Any]) -> str:
    low, middle, high = (100.0 * row[f"lost_{key}"] for key in ("low", "effect", "high"))
    said = (
        f"Lost {row['lost_served']:.1%} against {row['lost_as_is']:.1%}; effect {middle:+.1f} points "
        f"({low:+.1f} to {high:+.1f}, p {row['lost_p_holm']:.3f} for all tests)."
    )
    if low <= 0.0 <= high:
        least = f"{100.0 * row['detectable_lost']:.1f} points"
        said += f" Not shown either way: a difference below {least} cannot be."
    return said


def _net(row: Mapping[str, Any]) -> str:
    if row["cost"] is None or row["net_effect"] is None:
        return "What the service costs is not known from the plan, so whether it pays is not said."
    spends = f"costs {row['cost']:,.0f} more" if row["cost"] >= 0.0 else f"costs {-row['cost']:,.0f} less"
    better = row["served_as"] if row["way"] == "up" else row["tier"]
    answer = {None: "is not shown either way", True: "is shown: it does", False: "is shown: it does not"}[row["pays"]]
    return (
        f"That service {spends} a customer by the plan; effect less cost {_amounts(row, 'net')}. "
        f"Whether the service of {better} pays for these customers {answer}."
    )


def _amounts(row: Mapping[str, Any], name: str) -> str:
    low, middle, high, p = (row[f"{name}_{key}"] for key in ("low", "effect", "high", "p_holm"))
    return f"{middle:+,.0f} ({low:+,.0f} to {high:+,.0f}, p {p:.3f} for all tests)"
