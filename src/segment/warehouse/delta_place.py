"""Where delta-rs finds a table whose folder's path it would misread."""

# delta-rs takes `%20` in a path for a space, and writes beside the workspace; `[x]` ends the process. It follows no
# link to the folder, so such a table is opened in a folder of its own: the log copied, the data linked, and what was
# written brought back, the commit last and only where nobody else has made it meanwhile.

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from segment.exceptions import BusyError
from segment.files import make_folder

LOG = "_delta_log"
_PLAIN = re.compile(r"[\w/. +=,@~:-]*")


@contextmanager
def delta_address(table: Path) -> Iterator[str]:
    """Give the address by which delta-rs opens a table; what it writes there is in the table afterwards."""
    if _PLAIN.fullmatch(str(table.absolute())):
        yield str(table.absolute())
        return
    with tempfile.TemporaryDirectory(prefix="segment-delta-") as folder:
        place = Path(folder) / table.name
        make_folder(place)
        for child in table.iterdir() if table.is_dir() else ():
            if child.name != LOG:
                (place / child.name).symlink_to(child.absolute(), target_is_directory=child.is_dir())
        if (table / LOG).is_dir():
            shutil.copytree(table / LOG, place / LOG)
        before = {path.name for path in (place / LOG).glob("*")}
        yield str(place)
        _bring_back(place, table, before)


@contextmanager
def opened_table(table: Path, version: int | None = None) -> Iterator[DeltaTable]:
    """Open a table, at its newest version unless another is asked for."""
    with delta_address(table) as address:
        yield DeltaTable(address, version=version)


def is_table(table: Path) -> bool:
    """Say whether a folder holds a table."""
    with delta_address(table) as address:
        return bool(DeltaTable.is_deltatable(address))


def log_files(table: Path) -> list[Path]:
    """List a table's commits and checkpoints, oldest first."""
    files = [*(table / LOG).glob("[0-9]*.json"), *(table / LOG).glob("[0-9]*.checkpoint*.parquet")]
    return sorted(path for path in files if path.name[:20].isdigit())


def oldest_version(table: Path) -> int:
    """Say from which version on the log of a table stands."""
    return min((int(path.name[:20]) for path in log_files(table)), default=0)


def files_of(opened: DeltaTable) -> list[str]:
    """Name the files of a version's rows, as they stand below the table's folder."""
    return sorted(unquote(place) for place in pl.DataFrame(opened.get_add_actions(flatten=True))["path"])


def _bring_back(place: Path, table: Path, before: set[str]) -> None:
    for child in place.iterdir():
        if child.name != LOG and not child.is_symlink():
            shutil.copytree(child, table / child.name, dirs_exist_ok=True)
    # commits by number, then checkpoints, then the file that points to one
    for file in sorted((place / LOG).glob("*"), key=lambda path: (path.suffix != ".json", path.name)):
        name = table / LOG / file.name
        if file.name.startswith("_"):
            if not name.exists() or file.read_bytes() != name.read_bytes():
                shutil.copyfile(file, name)
        elif file.name not in before:
            make_folder(name.parent)
            _create(file, name)


def _create(file: Path, name: Path) -> None:
    """Copy a file to a name that must be free."""
    beside = name.with_name(f".{name.name}.{os.getpid()}")
    shutil.copyfile(file, beside)
    try:
        os.link(beside, name)
    except FileExistsError:
        raise BusyError.of("errors.other_commit") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()
