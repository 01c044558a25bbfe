"""The list for advisers: a sheet to call by and to hand back, a summary, and what each column means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import polars as pl

from segment.ledger.vocabulary import RESPONSES
from segment.pages.trigger_words import dated_reason
from segment.policy import Policy
from segment.sentences import LANGUAGES, Sentences, catalogue
from segment.warehouse.printed_sheet import Cell, PrintedSheet, SheetColumn, SheetSection
from segment.warehouse.reference_tables import names_of

ROW_MARK: Final = "call_sheet_row"
"""Hidden name of the first column, by which a call sheet is known when it is handed back."""
_REASONS: Final = ("reason_1", "reason_2", "reason_3")
_FILLED_IN: Final = ("contacted_on", "response", "do_not_contact")


def call_sheets(
    rows: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    policy: Policy,
    t: Sentences,
    directory: pl.DataFrame | None = None,
) -> tuple[PrintedSheet, PrintedSheet]:
    """Lay a list out by branch and adviser; names and phones stand on it where a directory is given."""
    groups = _grouped(rows, tables, t)
    last: dt.date = rows["expires_on"].max()  # type: ignore[assignment]
    return _Calls(policy, t, directory, last).sheet(rows, groups), _summary(groups, directory is not None, t)


def answers_as_codes(given: pl.DataFrame) -> pl.DataFrame:
    """Choose the rows of a call sheet that an adviser filled in, and read the answers in either language."""
    titles = [catalogue("sheet", language)["sheet.customer_id"] for language in LANGUAGES]
    codes = {catalogue("sheet", spoken)[f"sheet.response.{code}"]: code for spoken in LANGUAGES for code in RESPONSES}
    of_customer = pl.col("customer_id").is_not_null() & ~pl.col("customer_id").is_in(titles)
    filled = pl.any_horizontal(pl.col(_FILLED_IN).is_not_null())
    return given.filter(of_customer & filled).with_columns(pl.col("response").replace(codes))


def own_language(part: str, english: str | None, t: Sentences) -> str | None:
    """Say a sentence that was stored in English in the reader's language, where the catalogue has it."""
    key = _keys(part).get(english or "")
    return t(key) if key else english


@lru_cache
def _keys(part: str) -> Mapping[str, str]:
    return {text: key for key, text in catalogue(part, "en").items()}


@dataclass(frozen=True)
class _Group:
    """The customers of one adviser, or of a branch's team."""

    branch: str
    owner: str
    rows: pl.DataFrame

    @property
    def net_value(self) -> float:
        return float(self.rows["expected_net_value"].sum())


@dataclass(frozen=True)
class _Calls:
    """The sheet to call by."""

    policy: Policy
    t: Sentences
    directory: pl.DataFrame | None
    last_day: dt.date  # Of the list; a row whose event ends before says its own

    def sheet(self, rows: pl.DataFrame, groups: list[_Group]) -> PrintedSheet:
        """Lay it out, a page or more for each adviser."""
        figures = {"list_id": rows["list_id"][0], "expires_on": self.last_day}
        return PrintedSheet(
            self.t("sheet.calls"),
            self.t("sheet.calls_title", **figures),
            (self.t("sheet.hand_back"),),
            self._columns,
            tuple(self._section(group) for group in groups),
            first_day=rows["list_on"].min() if "list_on" in rows.columns else None,  # type: ignore[arg-type]
            breaks=True,
        )

    @cached_property
    def _called(self) -> dict[str, str]:
        """Names and phones as a cell shows them."""
        known = () if self.directory is None else self.directory.select("customer_id", "name", "phone").iter_rows()
        return {customer: "\n".join(filter(None, (name, phone))) for customer, name, phone in known}

    @property
    def _columns(self) -> tuple[SheetColumn, ...]:
        t = self.t
        named = () if self.directory is None else (SheetColumn(t("sheet.name"), 18),)
        answers = tuple(t(f"sheet.response.{code}") for code in RESPONSES)
        return (
            SheetColumn(t("sheet.rank"), 5, "count", ROW_MARK),
            SheetColumn(t("sheet.customer_id"), 13, "text", "customer_id"),
            *named,
            SheetColumn(t("sheet.offer"), 28),
            SheetColumn(t("sheet.why"), 38 if named else 52),
            SheetColumn(t("sheet.net_value"), 10, "money"),
            SheetColumn(t("sheet.contacted_on"), 12, "day", "contacted_on"),
            SheetColumn(t("sheet.outcome"), 14, "choice", "response", answers),
            SheetColumn(t("sheet.no_contact"), 9, "choice", "do_not_contact", (t("words.yes"),)),
            *(SheetColumn(name, 10, "text", name, hidden=True) for name in ("list_id", "responded_on")),
        )

    def _section(self, group: _Group) -> SheetSection:
        t, columns = self.t, self._columns
        programmes = group.rows.unique("programme", keep="first", maintain_order=True).to_dicts()
        total: list[Cell] = [t("sheet.total"), t("sheet.customers", customers=group.rows.height)]
        sums = {t("sheet.net_value"): group.net_value}
        return SheetSection(
            t("sheet.heading", branch=group.branch, owner=group.owner),
            tuple(map(self._talk, programmes)),
            [self._cells(row) for row in group.rows.to_dicts()],
            [*total, *(sums.get(column.title) for column in columns[2:])],
        )

    def _talk(self, row: Mapping[str, Any]) -> str:
        """What to say to the customers of a programme, and what never, as the list has it; the same for all of them."""
        code, t = row["programme"], self.t
        name = self.policy.programmes[code].name if code in self.policy.programmes else code
        return t(
            "sheet.talk",
            programme=t.own_or_quoted(f"sheet.programme.{code}", name),
            say=t.own_or_quoted(f"sheet.say.{code}", row["say"]),
            never=t.own_or_quoted(f"sheet.never.{code}", row["do_not_say"]),
        )

    def _cells(self, row: Mapping[str, Any]) -> list[Cell]:
        t, customer = self.t, row["customer_id"]
        named: tuple[Cell, ...] = () if self.directory is None else (self._called.get(customer),)
        bundle = t.own_or_quoted(f"sheet.bundle.{row['bundle']}", row["bundle_name"] or row["bundle"])
        reasons = [own_language("reasons", row[name], t) for name in _REASONS if row[name]]
        event = dated_reason(row, Sentences())
        if reasons and event is not None and reasons[0] == event:  # its figures stand in no catalogue
            reasons[0] = dated_reason(row, t)
        if row["expires_on"] < self.last_day:
            reasons.append(t("sheet.until", day=row["expires_on"]))
        return [
            *(row["rank"], customer, *named),
            t("sheet.offer_by", bundle=bundle, channel=t.word("sheet.channel.", row["channel"])),
            "\n".join(filter(None, reasons)),
            *(row["expected_net_value"], None, None, None, row["list_id"], None),
        ]


def _grouped(rows: pl.DataFrame, tables: Mapping[str, pl.DataFrame], t: Sentences) -> list[_Group]:
    """The list by branch and whose customers they are; what belongs to nobody is the branch team's."""
    branches, managers = names_of(tables["branches"]), names_of(tables["relationship_managers"])
    whose = next((pl.col(name) for name in ("owner", "rm_id") if name in rows.columns), pl.lit(None, pl.String))
    if "rm_id" in rows.columns:  # a pool's name is stored in English: the sheet says it in the reader's language
        whose = pl.when(pl.col("rm_id").is_not_null()).then(whose)
    parts = rows.with_columns(_whose=whose).sort("branch_id", "_whose", "rank", nulls_last=True)
    return [
        _Group(
            branches.get(branch, branch),
            t("sheet.team") if owner is None else managers.get(owner, owner),
            part.drop("_whose"),
        )
        for (branch, owner), part in parts.group_by("branch_id", "_whose", maintain_order=True)
    ]


def _summary(groups: list[_Group], with_names: bool, t: Sentences) -> PrintedSheet:
    """Totals by branch and adviser, and what each column of the sheet to call by means."""
    columns = (
        SheetColumn(t("sheet.branch"), 34),
        SheetColumn(t("sheet.owner"), 34),
        SheetColumn(t("sheet.to_call"), 12, "count"),
        SheetColumn(t("sheet.net_value"), 14, "money"),
    )
    rows = [(group.branch, group.owner, group.rows.height, group.net_value) for group in groups]
    total = (t("sheet.total"), None, sum(row[2] for row in rows), sum(row[3] for row in rows))
    horizons = pl.concat([group.rows["value_horizon_months"] for group in groups])
    told = ["rank", "customer_id", *(["name"] if with_names else []), "offer", "why"]
    meanings = [
        t("sheet.means", column=t(f"sheet.{name}"), meaning=t(f"sheet.{name}_means"))
        for name in (*told, "contacted_on", "outcome", "no_contact")
    ]
    value = t("sheet.net_value_means", months=horizons.max())
    meanings.insert(len(told), t("sheet.means", column=t("sheet.net_value"), meaning=value))
    sections = (SheetSection(rows=rows, total=total), SheetSection(t("sheet.columns"), tuple(meanings)))
    return PrintedSheet(t("sheet.summary"), t("sheet.summary_title"), (), columns, sections, is_portrait=True)
