"""What a flow's parameters open, and what of an error may reach Prefect's states and logs."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from prefect.blocks.system import Secret
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger

from segment.bank_calendar import OF_JURISDICTION, WEEKDAYS
from segment.dates import today as clock_today
from segment.exceptions import SegmentError, SourceError, UsageError
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.policy import Policy, load_policy
from segment.sentences import Sentences
from segment.settings import Settings, open_for_writing, policy_file
from segment.system_errors import as_refusal
from segment.tracking.registry import Tracking
from segment.warehouse.workspace_clock import write_as
from segment.working_days import WorkingDays, read_working_days
from segment.workspace import Workspace

TRIES = 4  # new tries where a source is away
BLOCK = "secret:"  # a ledger parameter that begins so names a Prefect block
AsOf = Annotated[dt.datetime, typer.Option("--as-of", formats=["%Y-%m-%d"], help="A month's last day.")]


@dataclass(frozen=True)
class Setting:
    """What a flow works on."""

    workspace: Workspace
    policy: Policy
    n_jobs: int  # Processes for buckets of customers

    def tracking(self) -> Tracking:
        """Open the tracking server of the settings, or the workspace's own."""
        return Tracking(self.workspace.root, Settings().mlflow_uri)


def open_setting(workspace: str | None, policy: str | None) -> Setting:
    """Open what a flow's parameters name."""
    settings = Settings()
    path = policy_file(Path(policy) if policy else None)
    root = Path(workspace) if workspace else settings.workspace
    open_for_writing(root)
    opened = Workspace(root)
    write_as(opened)
    return Setting(opened, load_policy(path), settings.jobs)


@contextmanager
def no_customer_data() -> Iterator[None]:
    """Let only messages written for users out of a task: any other error's text might quote a row."""
    try:
        yield
    except SegmentError:
        raise
    except Exception as error:
        raise as_refusal(error) or SegmentError.with_hint(
            f"A flow stopped on an error that it did not expect: {type(error).__name__}.",
            "run the same command of `segment` with SEGMENT_DEBUG=1 to see all of it",
        ) from None


def waits(first: float) -> list[float]:
    """Seconds to wait before each new try of a source that is away."""
    return [first * 2**nth for nth in range(TRIES)]


def source_is_away(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Try again only where the ledger's source did not answer: a ledger or a gate that fails would fail again."""
    return isinstance(state.result(raise_on_failure=False), SourceError)


def find_ledger(ledger: str | None) -> str:
    """Find the ledger that a run reads; what is secret about it never stands in a parameter."""
    if ledger is None:
        configured = Settings().ledger
        if configured is None:
            raise UsageError.with_hint(
                "A run must know its ledger. None was given.", "set SEGMENT_LEDGER to a folder or a database URL"
            )
        return configured.get_secret_value()
    if ledger.startswith(BLOCK):
        try:
            return str(cast(Secret[str], Secret.load(ledger.removeprefix(BLOCK))).get())
        except ValueError:
            raise UsageError.with_hint(
                "A ledger's secret must be a Prefect block. There is no such block.",
                "create it with `prefect block create secret`, or set SEGMENT_LEDGER",
            ) from None
    if "@" in ledger:
        raise UsageError.with_hint(
            "A flow's parameter must not hold a password, since Prefect shows it. A URL with a user was given.",
            "set SEGMENT_LEDGER, or keep the URL in a Prefect Secret block and give secret:NAME",
        )
    return ledger


def today() -> dt.date:
    """Say which day it is where the bank is, as ``SEGMENT_TIMEZONE`` says."""
    return clock_today(Settings().timezone)


def bank_days(jurisdiction: str) -> WorkingDays:
    """Say on which days the bank works: by ``SEGMENT_CALENDAR`` and ``SEGMENT_HOLIDAYS``, or as its country's banks."""
    settings = Settings()
    default = WEEKDAYS if settings.holidays else OF_JURISDICTION[jurisdiction]
    return read_working_days(settings.holidays, settings.calendar or default)


def log_result(result: MessageResult, *, warn: bool = False) -> None:
    """Say in the log of the run what came of a job: counts, never a customer."""
    log_messages(result.messages(), warn=warn)


def log_messages(messages: Iterable[Message | str], *, warn: bool = False) -> None:
    """Say findings in the log of the run, in the language of the settings."""
    logger = get_run_logger()
    for line in Sentences(Settings().language).each(messages):
        (logger.warning if warn else logger.info)(line)


def keep_out_of_parameters(ledger: str | None) -> None:
    """Hand a ledger from the command line to the run by its environment, where Prefect does not keep it."""
    if ledger is not None:
        os.environ["SEGMENT_LEDGER"] = ledger
