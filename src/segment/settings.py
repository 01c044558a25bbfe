"""Settings from the environment: where the workspace, the policy and the servers are."""

from __future__ import annotations

import getpass
import sysconfig
from pathlib import Path

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
    """

    model_config = SettingsConfigDict(env_prefix="SEGMENT_", extra="ignore")

    workspace: Path = Path("workspace")
    policy: Path | None = None
    mlflow_uri: str | None = None
    jobs: int = -1
    user: str | None = None


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
