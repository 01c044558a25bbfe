"""Sets bad rows aside, each under the name of the first rule it breaks, and keeps them in files of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from segment.files import make_folder, write_parquet
from segment.ledger.contract import TABLES
from segment.ledger.parsing import ROW
from segment.ledger.parts import TableInput
from segment.ledger.reading import read_as_text
from segment.ledger.rules import ROW_RULES, STAGES, Rule, RuleContext
from segment.ledger.schema import Table

RULE = "rule"
_NONE_BROKEN = pl.DataFrame(schema={ROW: pl.get_index_type(), RULE: pl.String})


@dataclass(frozen=True)
class Sifted:
    """A table's rows, told apart."""

    clean: pl.DataFrame  # Rows that break no rule
    bad: pl.DataFrame  # Numbers of the others, ascending, and the `rule` that each breaks first


def as_given(source: TableInput, bad: pl.DataFrame) -> pl.DataFrame:
    """Bad rows as they came in: the row's number, the cells as text, and the rule that it breaks first."""
    if bad.is_empty():
        return pl.DataFrame(
            schema={ROW: bad.schema[ROW], **dict.fromkeys(source.table.schema, pl.String()), **bad.schema}
        )
    cells = read_as_text(source, bad[ROW]).rename({RULE: f"{RULE}_as_given"}, strict=False)
    return cells.join(bad, on=ROW, how="left", maintain_order="left")


def sift(
    table: Table,
    rows: pl.DataFrame,
    context: RuleContext,
    keys: pl.DataFrame | None = None,
    suspects: pl.Series | None = None,
) -> Sifted:
    """Tell a table's bad rows from the good ones; `keys`: those that break a rule of keys, where parts share some."""
    # `suspects`: Numbers of the rows that alone may break a rule of references, where that is known.
    # What is kept breaks no rule, so sifting it again sets nothing aside.
    bad = [_NONE_BROKEN]
    for stage in STAGES:
        rules = [rule for rule in ROW_RULES[table.name] if rule.stage == stage]
        if stage == "reference" and suspects is not None:
            few = rows.filter(pl.col(ROW).is_in(suspects.implode()))
            broken = _broken(few, rules, context_of(table, few, context)) if few.height else _NONE_BROKEN
        elif stage != "key":
            broken = _broken(rows, rules, context)
        else:
            broken = broken_keys(table, rows, context) if keys is None else keys
        if broken.height:
            rows = rows.filter(~pl.col(ROW).is_in(broken[ROW].implode()))
            bad.append(broken)
    return Sifted(rows, pl.concat(bad).sort(ROW))


def context_of(table: Table, few: pl.DataFrame, context: RuleContext) -> RuleContext:
    """What the rules of references ask, for a few rows: the ids that these name, and not those of the whole bank."""
    given, clean = dict(context.given), dict(context.clean)
    for column in (column for column in table.columns if column.references in given):
        named = few[column.name].unique().implode()
        for ids in (given, clean):
            parents = ids[str(column.references)]
            ids[str(column.references)] = parents.filter(parents.is_in(named))
    return replace(context, given=given, clean=clean)


def _broken(rows: pl.DataFrame, rules: list[Rule], context: RuleContext) -> pl.DataFrame:
    if not rules:
        return _NONE_BROKEN
    masks = [rule.broken(context).fill_null(False).alias(rule.name) for rule in rules]
    first = pl.coalesce(pl.when(pl.col(rule.name)).then(pl.lit(rule.name)) for rule in rules)
    marked = rows.select(pl.col(ROW), *masks)
    return marked.filter(pl.any_horizontal(pl.exclude(ROW))).select(ROW, first.alias(RULE))


def broken_keys(table: Table, rows: pl.DataFrame, context: RuleContext) -> pl.DataFrame:
    """The same for keys, asked of the few rows that share one: comparing long tables cell by cell is slow."""
    rules = [rule for rule in ROW_RULES[table.name] if rule.stage == "key"]
    distinct = rows.lazy().select(table.key).unique().select(pl.len()).collect().item() if table.key else rows.height
    if distinct == rows.height:
        return _NONE_BROKEN
    suspects, broken = rows.filter(pl.struct(table.key).is_duplicated()), []
    for rule in rules:  # the second rule must not see the copies that the first takes away
        by_rule = _broken(suspects, [rule], context)
        suspects = suspects.filter(~pl.col(ROW).is_in(by_rule[ROW].implode()))
        broken.append(by_rule)
    return pl.concat(broken)


def write_quarantine(quarantine: Mapping[str, pl.DataFrame], folder: str | Path) -> list[Path]:
    """Write every table's bad rows to `<folder>/<table>.parquet`, each file at once or not at all.

    Parameters
    ----------
    quarantine : mapping of str to polars.DataFrame
        Bad rows by table, as `Ledger.quarantine` holds them.
    folder : str or pathlib.Path
        The quarantine's folder; made if it is not there. A file of an earlier run whose table is now clean is removed.

    Returns
    -------
    list of pathlib.Path
        The files written. They hold customers' rows, so only their owner may read them.

    Examples
    --------
    >>> import tempfile
    >>> bad = {"branches": pl.DataFrame({"branch_id": ["B1"], "rule": ["name_null"]})}
    >>> [path.name for path in write_quarantine(bad, tempfile.mkdtemp())]
    ['branches.parquet']
    """
    folder = Path(folder)
    make_folder(folder)
    written = []
    for table in TABLES:
        path = folder / f"{table}.parquet"
        rows = quarantine.get(table)
        if rows is None or rows.is_empty():
            path.unlink(missing_ok=True)
            continue
        write_parquet(rows, path)
        written.append(path)
    return written
