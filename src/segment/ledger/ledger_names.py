"""Names of files, tables and columns beside the contract's: which mean nothing, and which look like a name of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable

from segment.ledger.contract import TABLES

TRIAL_FILE = "trial.toml"
_BY_THE_WAY = re.compile(r"\.|_SUCCESS$|_(committed|started)_|_(common_)?metadata$|.*\.crc$")
_LIKENESS = 0.85  # of `contact_rule` and `contact_rules`, and not of `account_types` and `accounts`


def core(name: str) -> str:
    """Letters and digits of a name, in small letters: what is left when somebody else writes it."""
    return re.sub("[^0-9a-z]", "", name.casefold())


def resembled_table(name: str) -> str | None:
    """Find the table of the contract that a file's or table's name looks like."""
    stem = core(name.lstrip("._").split(".")[0])
    tables = {core(table): table for table in TABLES}
    within = [table for plain, table in tables.items() if plain in stem]
    close = difflib.get_close_matches(stem, tables, n=1, cutoff=_LIKENESS)
    return max(within, key=len) if within else tables[close[0]] if close else None


def is_by_the_way(name: str, given: Collection[str]) -> bool:
    """Say whether a file holds no rows by its name: hidden, or written by Spark about others; `given`: Tables read."""
    if name == TRIAL_FILE:
        return True
    resembled = resembled_table(name)
    # what a file manager (`._x`) or an engine (`.x.crc`) keeps beside a file that is read
    beside = (name.endswith(".crc") or name.startswith("._")) and resembled in given
    return _BY_THE_WAY.match(name) is not None and (resembled is None or beside)


def looks_alike(column: str, names: Iterable[str]) -> str | None:
    """Find the column that another one looks like, in other letters or with other marks between the words."""
    return next((name for name in names if core(name) == core(column)), None)
