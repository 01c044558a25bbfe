"""The app, and what a user sees of an error."""

from __future__ import annotations

import errno
import os
import sys
import traceback

import typer
from rich.console import Console

from segment.cli import (
    audit,
    backtest,
    clusters,
    drift,
    experiments,
    law,
    ledger,
    levers,
    lists,
    models,
    outcomes,
    overrides,
    policy,
    reviews,
    rights,
    runs,
    schedule,
    service,
    tiers,
    verify_list,
)
from segment.exceptions import SegmentError

app = typer.Typer(
    name="segment",
    help="Customer tiers and upgrade-potential lists from a bank's ledger.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for commands in (
    ledger,
    models,
    experiments,
    backtest,
    tiers,
    drift,
    clusters,
    lists,
    levers,
    outcomes,
    service,
    schedule,
    policy,
    runs,
    overrides,
    verify_list,
    law,
    reviews,
    audit,
    rights,
):
    commands.register(app)


def main() -> None:
    """Run the command line.

    An error that the user can act on is one message and exit code 2. Any other is exit code 1 and says where it arose
    but not its text, which might quote a customer's data; ``SEGMENT_DEBUG=1`` shows all of it.
    """
    try:
        app()
    except SegmentError as error:
        Console(stderr=True, soft_wrap=True).print(str(error), style="bold red", highlight=False, markup=False)
        sys.exit(2)
    except Exception as error:
        if _is_full(error):
            typer.echo(
                "The disk must have room for what is built. It is full. What was published stays.\n"
                "Hint: free some, or point --workspace at another disk, and run again: it goes on from here.",
                err=True,
            )
            sys.exit(2)
        if os.environ.get("SEGMENT_DEBUG"):
            raise
        place = traceback.extract_tb(error.__traceback__)[-1]
        typer.echo(
            f"segment stopped on an error it did not expect: {type(error).__name__} in {place.name} "
            f"({os.path.basename(place.filename)}:{place.lineno}). Nothing was published.\n"
            "Hint: SEGMENT_DEBUG=1 shows the whole error; it may quote data of customers.",
            err=True,
        )
        sys.exit(1)


def _is_full(error: BaseException | None) -> bool:
    """Tell a full disk, whichever library met it: some only say so in words."""
    while error is not None:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return True
        if any(said in str(error).casefold() for said in ("no space left", "disk is full", "file too large")):
            return True
        error = error.__cause__ or error.__context__
    return False
