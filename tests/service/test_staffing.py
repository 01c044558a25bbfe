"""Hours, skills and the month's work by hand."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from segment.policy import load_policy
from segment.policy.service import PlanChange
from segment.service.branch_means import BranchMeans, Manager, managers_of
from segment.service.followed import follow
from segment.service.promises import Promised
from segment.service.staffing import MonthTask, staffing, tasks
from tests.conftest import RETAIL

SERVICE = load_policy(RETAIL).service
assert SERVICE is not None
PLAN = PlanChange(
    tracked_by="team", contact_every_days=14, customers_per_adviser=200, skills=("Lending", "wealth planning")
)
GROUP = Promised("high_value", "standard", 30, PLAN)
ANN = Manager("Ann", 20, 38.0, frozenset({"lending"}))
BOB = Manager("Bob", 10, 20.0, frozenset({"payroll"}))


def test_hours_and_skills_asked_against_those_at_hand() -> None:
    # 15 contacts a week of 40 minutes are 10 hours; 0.6 of 58 are at hand
    found = staffing([GROUP], BranchMeans("North", managers=(ANN, BOB), meeting_minutes=40.0), SERVICE.waiting)
    assert (found.hours_asked, found.hours_at_hand, found.hours_lacking) == (10.0, 34.8, 0.0)
    assert found.skills_lacking == ["wealth planning"]
    alone = staffing([GROUP], BranchMeans("North", managers=(Manager("C", 9),)), SERVICE.waiting)
    assert (alone.hours_asked, alone.hours_at_hand, alone.skills_lacking) == (7.5, None, None)
    short = staffing([GROUP], BranchMeans("N", managers=(Manager("C", 9, 10.0),)), SERVICE.waiting)
    assert short.hours_lacking == 1.5


def test_the_months_work_is_shared_by_what_each_person_can_make_and_adds_up() -> None:
    team = Promised("break_even", "new", 7, PlanChange(tracked_by="welcome team", contact_every_days=30))
    found = tasks([GROUP, team], BranchMeans("North", managers=(ANN, BOB)))
    assert found == [
        MonthTask("Ann", "high_value", "standard", 20, 43),
        MonthTask("Bob", "high_value", "standard", 10, 22),
        MonthTask("welcome team", "break_even", "new", 7, 7),
    ]
    assert [task.person for task in tasks([GROUP], BranchMeans("North"))] == ["team"]


def test_managers_are_read_with_names_hours_and_skills_and_without() -> None:
    columns = {"rm_id": ["m1", "m2"], "branch_id": ["b", "b"], "weekly_contacts": [20, 5], "portfolio_limit": [1, 1]}
    full = pl.DataFrame(
        {**columns, "name": ["Ann", None], "hours_week": [38.5, None], "skills": ["Lending； payroll,x", None]}
    )
    assert managers_of(full)["b"] == (
        Manager("Ann", 20, 38.5, frozenset({"lending", "payroll", "x"})),
        Manager("m2", 5),
    )
    assert managers_of(pl.DataFrame(columns))["b"] == (Manager("m1", 20), Manager("m2", 5))


MONTHS = [dt.date(2025, month, 1) for month in range(7, 13)]


def test_contacts_are_followed_month_by_month_by_hand() -> None:
    rows = [("a", month, 1.0 if month.month in (8, 12) else 0.0) for month in MONTHS]
    rows += [("b", MONTHS[-1], 2.0), ("other", MONTHS[-1], 9.0)]
    contacts = pl.DataFrame(rows, schema=["customer_id", "month", "meetings"], orient="row").with_columns(
        tier=pl.lit("valuable"),
        service_state=pl.when(pl.col("customer_id") == "other").then(pl.lit("x")).otherwise(pl.lit("growth")),
    )
    group = Promised("valuable", "growth", 2, PlanChange(contact_every_days=60))
    found = follow("b1", [group], contacts, MONTHS, SERVICE)
    # every 60 days is within two months, so the first is August
    reached = dict(found.select("month", "customers_reached").rows())
    assert [reached[month] for month in MONTHS[1:]] == [1, 1, 0, 0, 2]
    assert found["kept"].to_list() == [False, False, False, False, True]
    assert found.filter(month=MONTHS[-1]).select("contacts_due", "contacts_made").row(0) == (pytest.approx(1.0), 3)
