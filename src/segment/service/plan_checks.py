"""A service plan with what came of its checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from segment.service.contacts_in_arrears import CollectionCheck
from segment.service.promises import Promise
from segment.service.staffing import MonthTask, Staffing


@dataclass(frozen=True)
class BranchPlan:
    """Whether a branch can keep its plan, who is asked for it, and what each person does this month."""

    branch_id: str
    name: str
    promises: list[Promise]
    staffing: Staffing
    tasks: list[MonthTask]
    collections: list[CollectionCheck] = field(default_factory=list)


@dataclass(frozen=True)
class ServicePlan:
    """The plan of a date, without a customer in it."""

    # What each tier and sub-state of each branch gets; those who object to profiling are `generic`, served alike
    table: pl.DataFrame
    branches: list[BranchPlan]
    followed: pl.DataFrame  # Contacts of the last months against those promised
    names: Mapping[str, str]  # What people call tariff items

    def with_verdicts(self) -> pl.DataFrame:
        """Lay names and the verdict of every promise beside the table."""
        rows = [
            (branch.branch_id, promise.tier, promise.sub_state, promise.promise, str(promise.verdict))
            for branch in self.branches
            for promise in branch.promises
        ]
        keys = ["branch_id", "tier", "sub_state"]
        verdicts = pl.DataFrame(rows, schema=[*keys, "promise", "verdict"], orient="row")
        wide = verdicts.pivot("promise", index=keys, values="verdict", maintain_order=True)
        names = pl.DataFrame(
            [(branch.branch_id, branch.name) for branch in self.branches],
            schema={"branch_id": pl.String, "branch_name": pl.String}, orient="row",
        )  # fmt: skip
        named = self.table.join(names, on="branch_id", how="left", maintain_order="left")
        wide = wide.rename({kind: f"{kind}_verdict" for kind in wide.columns if kind not in keys})
        return named.join(wide, on=keys, how="left", maintain_order="left")
