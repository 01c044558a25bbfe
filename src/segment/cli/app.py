"""The app, and what a user sees of an error."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from typer.rich_utils import rich_format_error

from segment.cli import audit_commands as audit
from segment.cli import backtest_commands as backtest
from segment.cli import backup_commands as backup
from segment.cli import clusters_commands as clusters
from segment.cli import drift_commands as drift
from segment.cli import experiments_commands as experiments
from segment.cli import init_commands
from segment.cli import law_commands as law
from segment.cli import ledger_commands as ledger
from segment.cli import levers_commands as levers
from segment.cli import lists_commands as lists
from segment.cli import models_commands as models
from segment.cli import outcomes_commands as outcomes
from segment.cli import overrides_commands as overrides
from segment.cli import policy_commands as policy
from segment.cli import records_commands as records
from segment.cli import reviews_commands as reviews
from segment.cli import rights_commands as rights
from segment.cli import run_commands as run_all
from segment.cli import runs_commands as runs
from segment.cli import schedule_commands as schedule
from segment.cli import serve_commands as serve
from segment.cli import service_commands as service
from segment.cli import tiers_commands as tiers
from segment.cli import verify_list_commands as verify_list
from segment.cli.project_file import project_settings
from segment.cli.show import printable, say
from segment.exceptions import SegmentError
from segment.private import private_umask
from segment.spelling import spelt_for_terminal
from segment.system_errors import as_refusal
from segment.warehouse.workspace_clock import write_as

if TYPE_CHECKING:
    from segment.sentences import Language


def _say_version(asked: bool) -> None:
    if asked:
        say(f"segment {installed_version('segment')}")
        raise typer.Exit


app = typer.Typer(
    name="segment",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
GROUPS: dict[str, tuple[Callable[..., None], ...]] = {
    "To begin": (init_commands.init,),
    "Each month": (
        run_all.run,
        ledger.check,
        ledger.extract,
        tiers.refresh,
        tiers.tiers,
        lists.upgrade_list,
        lists.lists,
        lists.approve_list,
        verify_list.verify_list,
        outcomes.outcomes,
    ),
    "Models": (
        models.train,
        models.promote,
        models.rollback,
        experiments.card,
        experiments.compare,
        experiments.search,
        backtest.backtest,
        clusters.clusters,
        drift.drift,
        audit.audit,
        ledger.features,
    ),
    "Service": (service.service_plan, service.service_trial, levers.levers),
    "Decisions on customers": (
        overrides.override,
        overrides.overrides,
        reviews.propose_fee,
        reviews.propose_self_service,
        reviews.reviews,
        reviews.review,
        reviews.review_notices,
        reviews.review_export,
        reviews.review_withdraw,
    ),
    "Rights of customers": (rights.explain, rights.object_, rights.objections, rights.erase, rights.retain),
    "Policy and law": (policy.replay, policy.approve_policy, law.law, law.impact_assessment),
    "Operation": (
        serve.serve,
        schedule.schedule,
        runs.runs,
        runs.verify,
        records.records,
        backup.backup,
        backup.restore,
    ),
    "Banks to try things on": (ledger.simulate, ledger.import_berka),
}
"""Commands as `segment --help` shows them."""
for panel, commands in GROUPS.items():
    for command in commands:
        name = {rights.object_: "object"}.get(command)
        app.command(name, rich_help_panel=panel)(command)


app.add_typer(policy.policy_app, rich_help_panel="Policy and law")


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    """Customer tiers and upgrade-potential lists from a bank's ledger."""


# What click says of arguments: typer may carry a click of its own, whose base class it does not name.
_UsageError: Any = typer.BadParameter.__mro__[2]


def main() -> None:
    """Run the command line.

    An error that the user can act on is one message and exit code 2. Any other is exit code 1 and says where it arose
    but not its text, which might quote a customer's data; ``SEGMENT_DEBUG=1`` shows all of it.
    """
    private_umask(None)
    write_as(None)
    sys.unraisablehook = _keep_refusal_apart
    with spelt_for_terminal():
        _run()


def _run() -> None:
    try:
        with project_settings(Path.cwd()):
            _run_command()
    except SegmentError as error:
        _stop(error)


def _run_command() -> None:
    """Run what was typed, while the project's file says in which language its errors are told."""
    try:
        sys.exit(app(standalone_mode=False))
    except SegmentError as error:
        _stop(error)
    except _UsageError as error:
        error.message = printable(error.message)
        rich_format_error(error)
        sys.exit(error.exit_code)
    except typer.Abort:
        sys.exit(1)
    except Exception as error:
        if (refusal := as_refusal(error)) is not None:
            _stop(refusal)
        if os.environ.get("SEGMENT_DEBUG"):
            raise
        from segment.sentences import Sentences

        place = traceback.extract_tb(error.__traceback__)[-1]
        at = f"{os.path.basename(place.filename)}:{place.lineno}"
        say(
            Sentences(_language())("errors.unexpected", error=type(error).__name__, function=place.name, at=at),
            err=True,
        )
        sys.exit(1)


def _keep_refusal_apart(unraisable: sys.UnraisableHookArgs) -> None:
    """Leave out what an object that could not write met again when it was cleared away: it is told once."""
    if unraisable.exc_value is None or as_refusal(unraisable.exc_value) is None:
        sys.__unraisablehook__(unraisable)


def _language() -> Language:
    """The language that the environment or the project asks for; the settings themselves may be what is wrong."""
    return "zh" if os.environ.get("SEGMENT_LANGUAGE") == "zh" else "en"


def _stop(error: SegmentError) -> NoReturn:
    console = Console(stderr=True, soft_wrap=True)
    console.print(printable(error.in_words(_language())), style="bold red", highlight=False, markup=False)
    sys.exit(2)
