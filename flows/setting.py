"""What a flow's parameters open, and what of an error may reach Prefect's states and logs."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast
from zoneinfo import ZoneInfo

import typer
from prefect.blocks.system import Secret
from prefect.client.schemas.objects import State

from segment.exceptions import LedgerError, SegmentError, SourceError
from segment.policy import Policy, load_policy
from segment.settings import Settings, policy_file
from segment.tracking import Tracking
from segment.warehouse import Workspace

TRIES = 4  # new tries where a source is away
BLOCK = "secret:"  # a ledger parameter that begins so names a Prefect block
AsOf = Annotated[dt.datetime, typer.Option("--as-of", formats=["%Y-%m-%d"], help="A month's last day.")]


@dataclass(frozen=True)
class Setting:
    """What a flow works on.

    Attributes
    ----------
    workspace : Workspace
        Where everything is built.
    policy : Policy
        Frozen figures.
    n_jobs : int
        Processes for buckets.
    """

    workspace: Workspace
    policy: Policy
    n_jobs: int

    def tracking(self) -> Tracking:
        """Open the tracking server of the settings, or the workspace's own."""
        return Tracking(self.workspace.root, Settings().mlflow_uri)


def open_setting(workspace: str | None, policy: str | None) -> Setting:
    """Open what a flow's parameters name.

    Parameters
    ----------
    workspace, policy : str or None
        Paths; None means the settings of the environment.

    Returns
    -------
    Setting
    """
    settings = Settings()
    path = policy_file(Path(policy) if policy else None)
    return Setting(Workspace(Path(workspace) if workspace else settings.workspace), load_policy(path), settings.jobs)


@contextmanager
def no_customer_data() -> Iterator[None]:
    """Let only messages written for users out of a task: any other error's text might quote a row.

    Raises
    ------
    SegmentError
        The package's own errors as they are; of any other, its type alone.
    """
    try:
        yield
    except SegmentError:
        raise
    except Exception as error:
        raise SegmentError.with_hint(
            f"A flow stopped on an error that it did not expect: {type(error).__name__}.",
            "run the same command of `segment` with SEGMENT_DEBUG=1 to see all of it",
        ) from None


def waits(first: float) -> list[float]:
    """Seconds to wait before each new try of a source that is away.

    Parameters
    ----------
    first : float
        Before the first.

    Returns
    -------
    list of float

    Examples
    --------
    >>> waits(60)
    [60, 120, 240, 480]
    """
    return [first * 2**nth for nth in range(TRIES)]


def source_is_away(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Try again only where the ledger's source did not answer: a ledger or a gate that fails would fail again.

    Parameters
    ----------
    state : State
        The failed one.

    Returns
    -------
    bool
    """
    return isinstance(state.result(raise_on_failure=False), SourceError)


def find_ledger(ledger: str | None) -> str:
    """Find the ledger that a run reads; what is secret about it never stands in a parameter.

    Parameters
    ----------
    ledger : str or None
        A folder, a URL without a password, ``secret:NAME`` for a Prefect block, or None for ``SEGMENT_LEDGER``.

    Returns
    -------
    str

    Raises
    ------
    LedgerError
        Where none is named, or the parameter is a URL with a password.

    Examples
    --------
    >>> find_ledger("bank/ledger")
    'bank/ledger'
    """
    if ledger is None:
        kept = Settings().ledger
        if kept is None:
            raise LedgerError.with_hint(
                "A run must know its ledger. None was given.", "set SEGMENT_LEDGER to a folder or a database URL"
            )
        return kept.get_secret_value()
    if ledger.startswith(BLOCK):
        try:
            return str(cast(Secret[str], Secret.load(ledger.removeprefix(BLOCK))).get())
        except ValueError:
            raise LedgerError.with_hint(
                "A ledger's secret must be a Prefect block. There is no such block.",
                "create it with `prefect block create secret`, or set SEGMENT_LEDGER",
            ) from None
    if "@" in ledger:
        raise LedgerError.with_hint(
            "A flow's parameter must not hold a password, since Prefect shows it. A URL with a user was given.",
            "set SEGMENT_LEDGER, or keep the URL in a Prefect Secret block and give secret:NAME",
        )
    return ledger


def today() -> dt.date:
    """Say which day it is where the bank is, as ``SEGMENT_TIMEZONE`` says."""
    return dt.datetime.now(ZoneInfo(Settings().timezone)).date()


def keep_out_of_parameters(ledger: str | None) -> None:
    """Hand a ledger from the command line to the run by its environment, where Prefect does not keep it.

    Parameters
    ----------
    ledger : str or None
        As given; None leaves the environment as it is.
    """
    if ledger is not None:
        os.environ["SEGMENT_LEDGER"] = ledger
