"""A ledger in object storage: each table is copied to a private folder when it is asked for, and read there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.fs as pafs

from segment.exceptions import LedgerError, SourceError
from segment.files import make_folder
from segment.ledger.faults import Fault
from segment.ledger.folder import FolderSource
from segment.ledger.ledger_names import TRIAL_FILE
from segment.ledger.parts import TableInput
from segment.ledger.schema import Table
from segment.object_storage import bucket_path, object_store
from segment.policy.ledger_mapping import Reading

_CHUNK = 1 << 22


class ObjectSource:
    """A path in a bucket with one object or one path per table, as a folder has files and folders."""

    def __init__(self, address: str, ignored: Collection[str] = (), reading: Reading | None = None) -> None:
        self.description = f"s3://{bucket_path(address)}"
        self._copies = tempfile.TemporaryDirectory(prefix="segment-")
        try:
            self._store, self._objects = self._list(bucket_path(address))
            self._lay_out_names()
            self._copy([name for name in self._objects if name == TRIAL_FILE])
            self._folder = FolderSource(Path(self._copies.name), ignored, reading, called=self.description)
        except BaseException:
            self.close()
            raise

    @property
    def folder(self) -> Path:
        """Where its objects are copied to."""
        return self._folder.folder

    def find(self, table: Table) -> TableInput:
        """Copy a table's objects and open them."""
        ways = {way.name for way in self._folder.ways(table)}
        self._copy([name for name in self._objects if PurePosixPath(name).parts[0] in ways])
        return self._folder.find(table)

    def strays(self) -> tuple[Fault, ...]:
        """Find what lies there and is read for no table."""
        return self._folder.strays()

    def close(self) -> None:
        """Take the copies away."""
        self._copies.cleanup()

    def _place(self, name: str) -> Path:
        return Path(self._copies.name) / name

    def _list(self, path: str) -> tuple[pafs.FileSystem, dict[str, str]]:
        try:
            store = object_store()
            listed = store.get_file_info(pafs.FileSelector(path, recursive=True))
        except (OSError, pa.ArrowException):  # what the store says may hold who asked
            raise self._unanswered() from None
        below = {
            found.path: found.path.removeprefix(f"{path}/") for found in listed if found.type == pafs.FileType.File
        }
        return store, {name: path for path, name in below.items()}

    def _lay_out_names(self) -> None:
        """Make every object's file, without its bytes: names say what is a table, and what is not read."""
        try:
            for name in self._objects:
                if {"..", "."} & set(name.split("/")) or name.startswith("/"):
                    raise FileExistsError
                make_folder(self._place(name).parent)
                self._place(name).touch()
        except OSError:
            raise LedgerError.of("errors.object_names", description=self.description) from None

    def _copy(self, names: list[str]) -> None:
        try:
            for name in names:
                if not self._place(name).stat().st_size:
                    with (
                        self._store.open_input_stream(self._objects[name]) as given,
                        self._place(name).open("wb") as to,
                    ):
                        shutil.copyfileobj(given, to, _CHUNK)
        except pa.ArrowException:
            raise self._unanswered() from None
        except OSError as error:
            raise (self._no_room() if error.errno else self._unanswered()) from None

    def _no_room(self) -> SourceError:
        return SourceError.of("errors.no_room_for_copy", description=self.description)

    def _unanswered(self) -> SourceError:
        return SourceError.of("errors.object_storage_away", description=self.description)
