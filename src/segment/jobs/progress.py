"""How a job says how far it is."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, int, int], None]


def quiet(step: str, done: int, total: int) -> None:
    """Say nothing.

    Parameters
    ----------
    step : str
        What is being done.
    done, total : int
        How much of it.
    """
