"""Where a workspace's own runs and models lie: beside their database, wherever the workspace was moved or copied to."""

# MLflow stores whole paths. Read by them, a copy would use the original's files, or find none. So what counts is where
# the database lies that names a file (`WorkspaceArtifacts`), which holds for whoever may only read, too; and whoever
# writes brings the stored paths up to date, for other programs that open the database. A server by URL keeps its own.

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote

import sqlalchemy as sa
from mlflow import get_tracking_uri
from mlflow.store.artifact.artifact_repository_registry import _artifact_repository_registry
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

DATABASE, ARTIFACTS = "mlflow.db", "mlartifacts"
BUSY_SECONDS = 30
_DRIVER = "sqlite+pysqlite"  # Named in full: MLflow makes folders of whatever follows `sqlite:///`, quoted or not
_OWN = re.compile(rf"(?P<scheme>file://)?/(?:.*/)?{ARTIFACTS}(?P<below>/(?:models/m-)?[0-9a-f]{{32}}(?:/.*)?)?")
_COLUMNS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


def database_uri(root: Path) -> str:
    """Name a workspace's database so that no character of its path is taken for something else."""
    database = f"file:{quote(str(root / DATABASE))}"
    return sa.URL.create(_DRIVER, database=database, query={"uri": "true"}).render_as_string(hide_password=False)


def relocated(location: str, root: Path) -> str:
    """Say where what a workspace's database names lies now; any other place than a workspace's own stays as it is."""
    own = _OWN.fullmatch(location)
    if own is None:
        return location
    below = own["below"] or ""
    return (root / ARTIFACTS).as_uri() + (below if own["scheme"] else quote(below))


def bring_up_to_date(root: Path) -> None:
    """Write where artifacts lie now into the database of a workspace that was moved."""
    database = root / DATABASE
    if not database.is_file():
        return
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        moved = [change for part in _COLUMNS if part[0] in tables for change in _changes(connection, *part, root)]
        if moved:
            connection.execute("BEGIN IMMEDIATE")
            for statement, values in moved:
                connection.execute(statement, values)
            connection.execute("COMMIT")


def _changes(connection: sqlite3.Connection, table: str, column: str, root: Path) -> list[tuple[str, tuple[str, str]]]:
    stored = connection.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL")  # noqa: S608
    statement = f"UPDATE {table} SET {column} = ? WHERE {column} = ?"  # noqa: S608  names from above
    pairs = ((relocated(location, root), location) for (location,) in stored)
    return [(statement, pair) for pair in pairs if pair[0] != pair[1]]


def _root_of(tracking_uri: str) -> Path | None:
    """Find the workspace of a database that `database_uri` names."""
    url = sa.make_url(tracking_uri) if tracking_uri.startswith(f"{_DRIVER}:") else None
    if url is None or not (url.database or "").startswith("file:"):
        return None
    return Path(unquote(str(url.database).removeprefix("file:"))).parent


class WorkspaceArtifacts(LocalArtifactRepository):
    """Files of runs and models, beside the database that names them."""

    def __init__(self, artifact_uri: str, tracking_uri: str | None = None, registry_uri: str | None = None) -> None:
        root = _root_of(tracking_uri or get_tracking_uri())
        place = artifact_uri if root is None else relocated(artifact_uri, root)
        super().__init__(place, tracking_uri, registry_uri)


for scheme in ("", "file"):
    _artifact_repository_registry.register(scheme, WorkspaceArtifacts)  # type: ignore[no-untyped-call]
