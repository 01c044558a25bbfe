"""Settings from the environment: where the workspace, the policy and the servers are."""

from __future__ import annotations

import getpass
import sysconfig
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from segment.exceptions import PolicyError


class Settings(BaseSettings):
    """Where things are. Each may be set as ``SEGMENT_<NAME>``.

    Attributes
    ----------
    workspace : Path
        Folder of everything that is built: customer months, snapshots, published tiers, models, lists.
    policy : Path or None
        Policy file; None means ``models/retail.toml``.
    mlflow_uri : str or None
        Tracking server or database; None keeps runs in the workspace.
    jobs : int
        Processes that work on buckets at the same time; -1 means every core.
    user : str or None
        Who decides, for the records; None means the login name.
    ledger : SecretStr or None
        Folder or database URL that scheduled runs read; a URL may hold a password, so it is never shown.
    holidays : Path or None
        File with a date per line on which the bank does not work; None means that every weekday is a working day.
    timezone : str
        In which schedules and due dates are read.
    refresh_schedule, retrain_schedule : str or None
        Recurrence rules (RFC 5545) in place of the ones that `segment schedule` has.
    notify_block : str or None
        Prefect notification block that a failed flow tells, such as ``slack-webhook/operations``.
    source_backoff : float
        Seconds before the first new try where a ledger's source is away; each further wait is twice as long.
    """

    model_config = SettingsConfigDict(env_prefix="SEGMENT_", extra="ignore")

    workspace: Path = Path("workspace")
    policy: Path | None = None
    mlflow_uri: str | None = None
    jobs: int = -1
    user: str | None = None
    ledger: SecretStr | None = None
    holidays: Path | None = None
    timezone: str = "UTC"
    refresh_schedule: str | None = None
    retrain_schedule: str | None = None
    notify_block: str | None = None
    source_backoff: float = 60.0


def who() -> str:
    """Name of the person who runs this, for the records.

    Returns
    -------
    str

    Examples
    --------
    >>> bool(who())
    True
    """
    return Settings().user or getpass.getuser()


def find_model_file(name: str) -> Path:
    """Find a file of ``models/``: in the working folder, beside the source, or where the package was installed.

    Parameters
    ----------
    name : str
        Such as ``"retail.toml"``.

    Returns
    -------
    Path

    Raises
    ------
    PolicyError
        Where none of the places holds it.

    Examples
    --------
    >>> find_model_file("retail.toml").name
    'retail.toml'
    """
    source = Path(__file__).resolve().parents[2] / "models"
    installed = Path(sysconfig.get_path("data")) / "share" / "segment" / "models"
    for folder in (Path("models"), source, installed):
        if (folder / name).is_file():
            return folder / name
    raise PolicyError.with_hint(
        f"`models/{name}` must be in the working folder or beside the package. It is in neither.",
        "give its path with --policy, or set SEGMENT_POLICY",
    )


def policy_file(given: Path | None, default: str = "retail.toml") -> Path:
    """Find the policy: the one given, the environment's, or the default.

    Parameters
    ----------
    given : Path or None
        From whoever asks.
    default : str
        File of ``models/`` to use where nothing is given.

    Returns
    -------
    Path
    """
    return given or Settings().policy or find_model_file(default)
