"""What the page asks the serving copy, in the scope of who asks: nobody reads it past this."""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from segment.exceptions import UsageError
from segment.tiers.tier_columns import TIERS
from segment.warehouse.serving_copy import NO_TIER, SORTS, ServingCopy
from segment.web.given_numbers import finite_number, whole_number
from segment.web.rights import NotAllowed, Scope

ALL_TIERS: Final = (*TIERS, NO_TIER)
RANGES: Final = ("contribution_12m", "future_value_12m", "wallet_elsewhere_12m", "upgrade_potential_12m")
AT_ONCE: Final = 50
MOST_EXPORTED: Final = 100_000
SHOWN: Final = (
    "customer_id", "branch_id", "tier", "sub_state", "contribution_12m", "future_value_12m", "chance_of_lower_tier",
    "main_bank_elsewhere", "wallet_elsewhere_12m", "upgrade_potential_12m", "previous_tier", "tier_since",
)  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """Which customers are asked for, as an address says it."""

    branch: str = ""
    tier: str = ""
    sub_state: str = ""
    flag: bool = False  # Main bank probably elsewhere
    programme: str = ""  # On a list of it that has not expired
    cluster: str = ""
    ranges: Mapping[str, float] = field(default_factory=dict)  # `least_NAME` and `most_NAME`
    sort: str = SORTS[0]

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Filters:
        """Read an address; what is no filter or no value is refused, never left out in silence."""
        names = {f"{end}_{name}": name for end in ("least", "most") for name in RANGES}
        asked = {key: finite_number(given[key]) for key in names if given.get(key)}
        ranges = {key: number for key, number in asked.items() if number is not None}
        if len(ranges) < len(asked):
            raise UsageError.of("errors.range_not_number")
        found = cls(
            given.get("branch", ""), given.get("tier", ""), given.get("sub_state", ""),
            given.get("flag", "") == "1", given.get("programme", ""), given.get("cluster", ""), ranges,
            given.get("sort") or SORTS[0],
        )  # fmt: skip
        if found.tier not in ("", *ALL_TIERS) or found.sort not in SORTS:
            raise UsageError.of("errors.unknown_tier_or_sort", sorts=SORTS[0])
        if found.cluster and whole_number(found.cluster) is None:
            raise UsageError.of("errors.cluster_not_number")
        return found

    def address(self) -> dict[str, str]:
        """What an address needs to say it again; nothing of what is as usual."""
        said = {"branch": self.branch, "tier": self.tier, "sub_state": self.sub_state, "flag": "1" if self.flag else ""}
        said |= {"programme": self.programme, "cluster": self.cluster}
        said |= {name: repr(value).removesuffix(".0") for name, value in self.ranges.items()}
        said |= {"sort": "" if self.sort == SORTS[0] else self.sort}
        return {name: value for name, value in said.items() if value}

    @property
    def is_narrow(self) -> bool:
        """Whether more is asked than branch and tier: such a filter runs inside a branch alone."""
        return bool(self.sub_state or self.flag or self.programme or self.cluster or self.ranges)


@dataclass(frozen=True)
class CustomerPage:
    """A page of customers; places are of the version that they were read from."""

    rows: list[sqlite3.Row]
    after: str  # Where the next page begins; empty: this is the last
    before: str  # Where the page before ends; empty: this is the first


@dataclass(frozen=True)
class CustomerRows:
    """The copy, as somebody may see it."""

    copy: ServingCopy
    scope: Scope
    # Customers on a programme's lists that hold today, by the programme
    listed: Callable[[str], list[str]] = lambda _: []

    def branches(self) -> list[str]:
        """Branches of which somebody sees rows."""
        found = self.copy.rows("SELECT DISTINCT branch_id FROM overview ORDER BY branch_id")
        return self.scope.chosen(str(row[0]) for row in found)

    def person(self, customer_id: str) -> Mapping[str, Any]:
        """Read one customer; one of another branch is as unknown as one that is not there."""
        rows = self.copy.rows("SELECT * FROM customers WHERE customer_id = ?", [customer_id])
        if not rows or not self.scope.holds(rows[0]["branch_id"]):
            raise NotAllowed
        return {**dict(rows[0]), "reasons": json.loads(rows[0]["reasons"])}

    def household(self, person: Mapping[str, Any]) -> list[sqlite3.Row]:
        """Read the others of a household whom somebody may see."""
        if not person["household_id"]:
            return []
        rows = self.copy.rows(
            "SELECT customer_id, branch_id, tier, contribution_12m FROM customers "
            "WHERE household_id = ? AND customer_id <> ? ORDER BY customer_id LIMIT 50",
            [person["household_id"], person["customer_id"]],
        )
        return [row for row in rows if self.scope.holds(row["branch_id"])]

    def reasons(self, customers: Iterable[str]) -> dict[str, list[str]]:
        """Read the codes of reasons of some customers."""
        asked = list(customers)
        found: dict[str, list[str]] = {}
        for start in range(0, len(asked), 500):
            part = asked[start : start + 500]
            query = f"SELECT customer_id, branch_id, reasons FROM customers WHERE customer_id IN ({_marks(part)})"  # noqa: S608
            rows = self.copy.rows(query, part)
            found |= {row[0]: json.loads(row["reasons"]) for row in rows if self.scope.holds(row["branch_id"])}
        return found

    def own(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Keep the rows of customers whom somebody may see."""
        return rows.filter(pl.col("customer_id").is_in(list(self.reasons(rows["customer_id"]))))

    def overview(self) -> list[sqlite3.Row]:
        """Read the sums by branch, tier and the tier before."""
        return [row for row in self.copy.rows("SELECT * FROM overview") if self.scope.holds(row["branch_id"])]

    def page(self, filters: Filters, *, after: str = "", before: str = "", size: int = AT_ONCE) -> CustomerPage:
        """Read a page: the top of each tier, merged, so that every part is read in the order of an index."""
        back = bool(before)
        place = self._place(before or after)
        rows = self._merged(filters, place, size + 1, back=back)
        more, rows = len(rows) > size, rows[:size]
        if back:
            rows.reverse()
        first, last = (self._named(rows[0], filters), self._named(rows[-1], filters)) if rows else ("", "")
        return CustomerPage(
            rows, after=last if more or back else "", before=first if (more if back else bool(after)) else ""
        )

    def all(self, filters: Filters) -> list[sqlite3.Row]:
        """Read everything that is filtered, or nothing where that is too much."""
        rows = self._merged(filters, None, MOST_EXPORTED + 1, back=False)
        if len(rows) > MOST_EXPORTED:
            raise UsageError.of("errors.too_many_to_export", most_exported=MOST_EXPORTED)
        return rows

    def exported(self, filters: Filters) -> tuple[pl.DataFrame, dict[str, object]]:
        """Read what leaves as a file, whole, and what its record says of it."""
        rows = [tuple(row) for row in self.all(filters)]
        frame = pl.DataFrame(rows, schema=list(SHOWN), orient="row", infer_schema_length=None)
        return frame, {"filter": filters.address(), "rows": frame.height, "version": self.copy.version}

    def _merged(self, filters: Filters, place: tuple[float, str] | None, size: int, *, back: bool) -> list[sqlite3.Row]:
        tiers = [filters.tier] if filters.tier else list(ALL_TIERS)
        narrowed = _narrowed(filters, self.listed)
        parts = [
            self._part(filters, narrowed, tier, branch, place, size, back=back)
            for tier in tiers
            for branch in self._of(filters)
        ]
        key = filters.sort

        def order(row: sqlite3.Row) -> tuple[float, str]:
            return (-row[key], row["customer_id"])

        if back:
            return heapq.nlargest(size, (row for part in parts for row in part), key=order)
        return heapq.nsmallest(size, (row for part in parts for row in part), key=order)

    def _of(self, filters: Filters) -> list[str | None]:
        """Branches that are asked one by one; none: the bank at once."""
        if filters.branch:
            return [self.scope.require(filters.branch)]
        if self.scope.branches is not None:
            return [*sorted(self.scope.branches)]
        if filters.is_narrow:
            return [*self.branches()]
        return [None]

    def _part(
        self,
        filters: Filters,
        narrowed: Mapping[str, Sequence[Any]],
        tier: str,
        branch: str | None,
        place: tuple[float, str] | None,
        size: int,
        *,
        back: bool,
    ) -> list[sqlite3.Row]:
        sort = filters.sort  # one of `SORTS`, held to by `Filters.of`
        where, values = ["tier = ?"], [tier]
        given: list[Any] = values
        if branch is not None:
            where.append("branch_id = ?")
            given.append(branch)
        if place is not None:
            than, other = (">", "<") if back else ("<", ">")
            where.append(f"({sort} {than} ? OR ({sort} = ? AND customer_id {other} ?))")
            given += [place[0], place[0], place[1]]
        for condition, asked in narrowed.items():
            where.append(condition)
            given += asked
        ways = ("ASC", "DESC") if back else ("DESC", "ASC")
        index = f"{'bank' if branch is None else 'branch'}_{sort}"
        query = (
            f"SELECT {', '.join(SHOWN)} FROM customers INDEXED BY {index} WHERE {' AND '.join(where)} "  # noqa: S608
            f"ORDER BY {sort} {ways[0]}, customer_id {ways[1]} LIMIT ?"
        )
        return self.copy.rows(query, [*given, size])

    def _named(self, row: sqlite3.Row, filters: Filters) -> str:
        return f"{self.copy.version}~{row[filters.sort]!r}~{row['customer_id']}"

    def _place(self, named: str) -> tuple[float, str] | None:
        """A place in the order; one of another version would show rows twice or never."""
        if not named:
            return None
        parts = named.split("~", 2)
        try:
            version, value, customer = int(parts[0]), float(parts[1]), parts[2]
        except (ValueError, IndexError):
            raise UsageError.of("errors.bad_place") from None
        if version != self.copy.version:
            raise UsageError.of("errors.place_of_other_version", version=version, current=self.copy.version)
        return value, customer


def _narrowed(filters: Filters, listed: Callable[[str], list[str]]) -> dict[str, Sequence[Any]]:
    """What a filter asks beside branch and tier: conditions, and the values in them."""
    asked: dict[str, Sequence[Any]] = {}
    if filters.sub_state:
        asked["sub_state = ?"] = [filters.sub_state]
    if filters.flag:
        asked["main_bank_elsewhere = 1"] = []
    if filters.cluster:
        asked["cluster = ?"] = [int(filters.cluster)]
    if filters.programme:
        asked["customer_id IN (SELECT value FROM json_each(?))"] = [json.dumps(listed(filters.programme))]
    for name, value in filters.ranges.items():
        end, column = name.split("_", 1)
        asked[f"{column} {'>=' if end == 'least' else '<='} ?"] = [value]
    return asked


def _marks(values: list[str]) -> str:
    return ", ".join("?" for _ in values)
