"""Where a ledger may lie."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from segment.exceptions import LedgerError
from segment.ledger.folder import FolderSource
from segment.ledger.mapped_parts import require_known
from segment.ledger.parts import Source
from segment.object_storage import is_in_object_storage
from segment.policy.ledger_mapping import Reading
from segment.settings import Settings

_AS_IT_IS = Reading()

_URL_AS_PATH = re.compile(r"^(sqlite|postgres|postgresql|mysql|mariadb|oracle|mssql|duckdb)(\+\w+)?:/")


@contextmanager
def open_source(location: str | Path, ignored: Collection[str] = (), reading: Reading = _AS_IT_IS) -> Iterator[Source]:
    """Open a ledger, and let go of it afterwards.

    Parameters
    ----------
    location : str or pathlib.Path
        A folder, a database URL as SQLAlchemy takes it, or ``s3://bucket/path``.
    ignored : collection of str
        Files or tables there that are not of the ledger, beside those of the setting ``SEGMENT_IGNORE``.
    reading : Reading, optional
        The bank's time zone, and its own names, codes and signs; by default the contract's.

    Yields
    ------
    Source
        Finds tables.

    Raises
    ------
    LedgerError
        If there is no ledger. The message never holds a URL's user or password.
    """
    require_known(reading.mapping)
    text, ignored = str(location), {*ignored, *Settings().ignore}
    if isinstance(location, str) and is_in_object_storage(text):
        from segment.ledger.stored_objects import ObjectSource

        with closing(ObjectSource(text, ignored, reading)) as objects:
            yield objects
    elif "://" in text:
        from segment.ledger.database import DatabaseSource

        with closing(DatabaseSource(text, ignored, reading)) as database:
            yield database
    elif _URL_AS_PATH.match(text):
        raise LedgerError.of("errors.url_as_path")
    else:
        yield FolderSource(Path(location).expanduser(), ignored, reading)
