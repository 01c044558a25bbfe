"""Options that several commands share, and what they open."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from segment.dates import FIRST_DAY, LAST_DAY, is_bank_day, month_end, next_month
from segment.exceptions import PolicyError, UsageError
from segment.settings import Settings, open_for_writing, policy_file

if TYPE_CHECKING:
    import polars as pl

    from segment.policy import ModelSpec, Policy
    from segment.tracking.registry import Tracking
    from segment.workspace import Workspace


RETAIL = "retail.toml"  # The default policy


def date_option(flag: str, help: str) -> Any:
    """Make an option that takes an ISO day."""
    return typer.Option(flag, formats=["%Y-%m-%d"], help=help, callback=_require_bank_day)


def _ignore(context: typer.Context, names: list[str] | None) -> list[str] | None:
    """Let the settings name these too while the command runs: a ledger is opened far below, by many jobs."""
    if names:
        context.with_resource(_setting("SEGMENT_IGNORE", json.dumps([*Settings().ignore, *names])))
    return names


@contextmanager
def _setting(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


def _require_bank_day(given: dt.datetime | None) -> dt.datetime | None:
    if given is not None and not is_bank_day(given.date()):
        raise typer.BadParameter(f"a day must lie in {FIRST_DAY} to {LAST_DAY}. Got {given.date()}.")
    return given


def _configured_ledger() -> str:
    """Take the ledger of the settings where a command names none."""
    configured = Settings().ledger
    if configured is None:
        raise UsageError.of("errors.no_ledger_named")
    return configured.get_secret_value()


WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", help="Folder of everything that is built [env: SEGMENT_WORKSPACE; default: workspace]"),
]
UnreadWorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", help="Accepted by every command; this one reads and builds nothing there."),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", help="Policy file [env: SEGMENT_POLICY; default: models/retail.toml]"),
]
SpecOption = Annotated[
    Path | None,
    typer.Option("--spec", help="Model spec: an experiment as a file, such as models/deeper-trees.toml."),
]
HorizonOption = Annotated[
    int | None, typer.Option(min=1, max=12, help="Months ahead; the spec's, or 12, unless given.")
]
SeedOption = Annotated[int | None, typer.Option(help="The same seed gives the same result; the spec's, or 0.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
LanguageOption = Annotated[
    Literal["en", "zh"],
    typer.Option("--language", envvar="SEGMENT_LANGUAGE", show_envvar=False,
                 help="Language of the page [env: SEGMENT_LANGUAGE; default: en]", show_default=False),
]  # fmt: skip
DirectoryOption = Annotated[
    Path | None,
    typer.Option("--directory", help="Names and phones to stand on an XLSX sheet: CSV, Parquet or XLSX with "
                 "customer_id, name, phone. Kept nowhere."),
]  # fmt: skip
BomOption = Annotated[
    bool | None,
    typer.Option("--bom/--no-bom", help="Begin CSV with a byte-order mark, by which spreadsheets know UTF-8; "
                 "on for Chinese.", show_default=False),
]  # fmt: skip
OutOption = Annotated[Path | None, typer.Option("--out", help="Write to a .csv, .parquet or .xlsx file.")]
BranchOption = Annotated[str | None, typer.Option("--branch", help="One branch only.")]
LedgerArgument = Annotated[
    str,
    typer.Argument(
        default_factory=_configured_ledger,
        show_default=False,
        help="A folder of tables, a database URL, or s3://bucket/path; the project's, or SEGMENT_LEDGER, by default.",
    ),
]
ExtractedLedgerArgument = Annotated[
    str | None,
    typer.Argument(help="A folder of tables, a database URL, or s3://bucket/path; without it, the last one extracted."),
]
MasterOption = Annotated[
    str | None,
    typer.Option(
        "--master", help="The cluster of --engine spark, as spark://HOST:7077; by default this machine's cores."
    ),
]
IgnoreOption = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore",
        callback=_ignore,
        help="A file or table beside the ledger's own that need not be read; may be given several times "
        "[env: SEGMENT_IGNORE, a JSON list]",
    ),
]
AsOfOption = Annotated[
    dt.datetime | None,
    date_option("--as-of", "A month's last day: what is known on it; the ledger's newest by default."),
]
PublishedOption = Annotated[
    dt.datetime | None, date_option("--as-of", "A month's last day; the newest published by default.")
]


def require_ending(out: Path | None, *endings: str) -> None:
    """Refuse a page's file before any work where its ending is not one of these."""
    if out is not None and out.suffix not in endings:
        raise typer.BadParameter(f"--out must end in {', '.join(endings)}. Got {out.suffix or 'no ending'}.")


def open_directory(given: Path | None, out: Path | None) -> pl.DataFrame | None:
    """Read names and phones, which an XLSX file alone has a place for."""
    if given is None:
        return None
    if out is None or out.suffix != ".xlsx":
        raise typer.BadParameter("--directory goes with --out FILE.xlsx: names and phones stand on a sheet alone.")
    from segment.ledger.directory import read_directory

    return read_directory(given)


def as_date(given: dt.datetime | None) -> dt.date | None:
    """Take the day of what an option gave, if it was given."""
    return given.date() if given else None


def require_month_end(as_of: dt.datetime) -> dt.date:
    """Hold a day to a month's last."""
    day = as_of.date()
    if day == month_end(day):
        return day
    before = month_end(next_month(day, -1))
    raise UsageError.of("errors.as_of_month_end", day=day, before=before)


def newest_date(as_of: dt.datetime | None, ledger: str | None, workspace: Workspace, policy: Policy) -> dt.date:
    """Take the day that was given, or else the newest month's end of the ledger, or of the last extract."""
    if as_of is not None:
        return require_month_end(as_of)
    if ledger is None:
        from segment.features import months_written

        written = months_written(workspace.customer_months)
        newest = month_end(written[-1]) if written else None
    else:
        from segment.ledger.newest_month import newest_balances
        from segment.ledger.sources import open_source

        with open_source(ledger, reading=policy.reading) as source:
            newest = newest_balances(source)
    if newest is None:
        raise UsageError.of("errors.no_newest_month")
    return newest


def published_date(as_of: dt.datetime | None, workspace: Workspace) -> dt.date:
    """Take the day that was given, or else the newest that is published."""
    from segment.warehouse.published_tiers import newest_published

    return require_month_end(as_of) if as_of else newest_published(workspace)


def open_workspace(given: Path | None, *, writes: bool) -> Workspace:
    """Find the workspace: the option, the environment, or ``workspace``; one that is only read is left as it is."""
    from segment.warehouse.workspace_clock import write_as
    from segment.workspace import Workspace

    root = given or Settings().workspace
    if writes:
        open_for_writing(root)
    workspace = Workspace(root, writable=writes)
    write_as(workspace)
    return workspace


def open_master(engine: str, given: str | None) -> str:
    """Name the cluster; a master without Spark would change nothing, in silence."""
    if given is not None and engine != "spark":
        raise UsageError.of("errors.master_without_spark", engine=engine)
    return given or "local[*]"


def may_write(given: Path | None) -> bool:
    """Say whether whoever runs this may write into the workspace, or may make it."""
    root = given or Settings().workspace
    return os.access(root, os.W_OK) if root.exists() else True


def open_policy(given: Path | None, default: str = RETAIL) -> Policy:
    """Load the policy: the option, the environment, or the default."""
    from segment.policy import load_policy

    policy, jurisdiction = load_policy(policy_file(given, default)), Settings().jurisdiction
    if given is None and default == RETAIL and jurisdiction not in (None, policy.jurisdiction):
        raise PolicyError.of(
            "errors.policy_of_other_jurisdiction", jurisdiction=jurisdiction, other=policy.jurisdiction
        )
    return policy


def open_spec(given: Path | None) -> ModelSpec:
    """Load a model spec: the option, or one that changes nothing."""
    from segment.policy import ModelSpec, load_spec

    return load_spec(given) if given else ModelSpec()


def open_tracking(workspace: Workspace) -> Tracking:
    """Open the tracking server of the settings, or the workspace's own."""
    from segment.tracking.registry import Tracking

    return Tracking(workspace.root, Settings().mlflow_uri, writable=workspace.writable)
