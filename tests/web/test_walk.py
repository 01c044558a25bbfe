"""Every route as every role, with a foreign branch, a foreign customer and a foreign list: nothing leaks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl
import pytest
from starlette.routing import Route

from segment.jobs.lists.upgrade_list import upgrade_list
from segment.jobs.publish.build_serving_copy import build_serving_copy
from segment.jobs.publish.list_runs import list_runs
from segment.jobs.publish.overrides import set_override
from segment.jobs.reviews.propose import propose
from segment.jobs.reviews.review_evidence import list_reviews
from segment.login import acting_as
from segment.web.application import PAGES, build_app
from segment.web.rights import ROLES
from segment.web.site import Site
from tests.conftest import AS_OF
from tests.web.conftest import Person, browser, joined

EVERYBODY = "adviser branch_manager marketing analyst protection_officer administrator"
WHO: dict[tuple[str, str], str | None] = {
    ("GET", "/sign-in"): None,
    ("POST", "/sign-in"): None,
    ("GET", "/sign-in/provider"): None,
    ("GET", "/sign-in/provider/back"): None,
    ("GET", "/sign-out/provider"): None,
    ("GET", "/join/{code}"): None,
    ("POST", "/join"): None,
    ("GET", "/language"): None,
    ("GET", "/"): EVERYBODY,
    ("POST", "/sign-out"): EVERYBODY,
    ("GET", "/tokens"): EVERYBODY,
    ("POST", "/tokens"): EVERYBODY,
    ("POST", "/tokens/end"): EVERYBODY,
    ("GET", "/people"): "administrator",
    ("POST", "/people"): "administrator",
    ("POST", "/people/close"): "administrator",
    ("GET", "/week"): "adviser branch_manager marketing",
    ("POST", "/week/outcome"): "adviser branch_manager marketing",
    ("POST", "/week/undo"): "adviser branch_manager marketing",
    ("GET", "/outcomes"): "adviser branch_manager marketing",
    ("POST", "/outcomes"): "adviser branch_manager marketing",
    ("GET", "/find"): "adviser branch_manager marketing analyst protection_officer",
    ("GET", "/customers/{customer_id}"): "adviser branch_manager marketing analyst protection_officer",
    ("GET", "/customers"): "branch_manager marketing analyst",
    ("GET", "/export/customers.csv"): "branch_manager marketing",
    ("GET", "/lists"): "branch_manager marketing analyst",
    ("POST", "/lists"): "marketing analyst",
    ("GET", "/lists/try"): "marketing analyst",
    ("GET", "/lists/work/{work}"): "marketing analyst",
    ("GET", "/effects"): "branch_manager marketing analyst",
    ("POST", "/views"): "branch_manager marketing analyst",
    ("POST", "/views/delete"): "branch_manager marketing analyst",
    ("POST", "/lists/approve"): "branch_manager marketing",
    ("POST", "/lists/download"): "branch_manager marketing",
    ("GET", "/overview"): "branch_manager marketing analyst protection_officer",
    ("GET", "/plan"): "branch_manager marketing analyst",
    ("GET", "/reviews"): "branch_manager marketing protection_officer",
    ("POST", "/reviews"): "branch_manager marketing",
    ("POST", "/reviews/decide"): "branch_manager marketing",
    ("GET", "/reviews/{review_id}"): "branch_manager marketing protection_officer",
    ("GET", "/overrides"): "branch_manager",
    ("POST", "/overrides"): "branch_manager",
    ("POST", "/overrides/withdraw"): "branch_manager",
    ("GET", "/objections"): "adviser branch_manager marketing protection_officer",
    ("POST", "/objections"): "adviser branch_manager marketing protection_officer",
    ("GET", "/runs"): "analyst protection_officer administrator",
    ("GET", "/runs/{run_id}"): "analyst protection_officer administrator",
    ("GET", "/model"): "analyst protection_officer administrator",
    ("GET", "/model/card"): "analyst protection_officer administrator",
    ("GET", "/audit"): "analyst protection_officer",
    ("GET", "/records"): "protection_officer administrator",
}
"""Who may what, written down apart from the code; None: whoever is not signed in, too."""
NAMES_ONE = ("/find", "/week/outcome", "/reviews/decide", "/overrides", "/overrides/withdraw", "/objections")
"""Where a form or an address names one customer, a review of one, or what was set for one."""
OF_A_BRANCH = ("/plan", "/reviews", "/overrides", "/objections")
SIGNED_IN = {key: who for key, who in WHO.items() if who is not None and key[1] != "/sign-out"}


@pytest.fixture(scope="module")
def listed(site: Site) -> pl.DataFrame:
    build_serving_copy(site.workspace)
    with acting_as("somebody else"):
        return upgrade_list(AS_OF, site.workspace, site.policy).to_contact


@dataclass(frozen=True)
class Named:
    """What an address or a form can name of a customer."""

    customer: str
    branch: str
    list_id: str
    review: str
    override: str
    run: str


@pytest.fixture(scope="module")
def named(site: Site, listed: pl.DataFrame) -> tuple[Named, Named]:
    """Of the first branch, and of another: a contact, a review that waits, a tier that was set by hand."""
    workspace, policy = site.workspace, site.policy
    with acting_as("somebody else"):
        propose(None, AS_OF, workspace, policy)
        run = list_runs(workspace)[0].run_id
        both = []
        reviews = list_reviews(workspace)
        for own in (pl.col("branch_id") == "B001", pl.col("branch_id") != "B001"):
            row, until = listed.filter(own).row(0, named=True), site.today() + dt.timedelta(days=30)
            customer, review = row["customer_id"], reviews.filter(own)["review_id"][0]
            record = set_override(
                workspace, policy, customer, "valuable", role="branch_manager", reason="test", expires_on=until
            )
            both.append(Named(customer, row["branch_id"], row["list_id"], review, str(record.number), run))
    return both[0], both[1]


def asked(person: Person, method: str, path: str, of: Named, **more: str) -> int:
    customer = of.customer
    place = path.replace("{customer_id}", customer).replace("{code}", "nothing")
    place = place.replace("{review_id}", of.review).replace("{run_id}", of.run)
    given = {"customer_id": customer, "id": customer, "list_id": "nothing", "capacity": "none", **more}
    given |= {"review_id": of.review, "record": of.override}
    if method == "GET":
        return int(person.get(place, params={"id": customer, **more} if path == "/find" else more).status_code)
    return int(person.post(place, given).status_code)


def test_every_route_that_is_served_is_in_the_table() -> None:
    assert {(route.method, route.path) for route in PAGES} == set(WHO)


def test_nothing_is_served_beside_the_table_and_the_api(site: Site) -> None:
    served = {route.path for route in build_app(site).routes if isinstance(route, Route)}
    others = {path for path in served if not path.startswith("/api/v1/")} - {path for _, path in WHO}
    assert others == {"/static/segment.css"}


@pytest.mark.parametrize("role", list(ROLES))
def test_a_role_reaches_what_it_may_and_nothing_else(
    role: str, named: tuple[Named, Named], people: dict[str, Person]
) -> None:
    said = {key: asked(people[role], *key, named[0]) for key in SIGNED_IN}
    assert {key for key, status in said.items() if status != 403} == {
        key for key, who in SIGNED_IN.items() if role in str(who).split()
    }
    assert set(said.values()) <= {200, 303, 403, 422}


def test_whoever_is_not_signed_in_is_sent_to_sign_in(site: Site, named: tuple[Named, Named]) -> None:
    stranger = browser(site)
    for method, path in SIGNED_IN:
        place = path.replace("{customer_id}", named[0].customer).replace("{review_id}", named[0].review)
        said = stranger.get(place) if method == "GET" else stranger.post(place, at="/sign-in")
        assert said.status_code == (303 if method == "GET" else 401), place
        assert not (method == "GET" and not said.headers["location"].startswith("/sign-in?next="))


@pytest.mark.parametrize("role", ["adviser", "branch_manager"])
def test_a_foreign_branch_is_never_shown_or_changed(
    role: str, site: Site, listed: pl.DataFrame, named: tuple[Named, Named], people: dict[str, Person]
) -> None:
    foreign, (own, other) = listed.filter(pl.col("branch_id") != "B001"), named
    for method, path in SIGNED_IN:
        if role in str(SIGNED_IN[method, path]).split():
            assert asked(people[role], method, path, own, branch=other.branch) == 403, path
        if (
            "{customer_id}" in path
            or "{review_id}" in path
            or (path in NAMES_ONE and (method == "POST" or path == "/find"))
        ):
            assert asked(people[role], method, path, other, list_id=other.list_id) == 403, path
    names = set(foreign["customer_id"])
    for path in ("/week", "/customers?limit=500", "/lists", "/overview", "/export/customers.csv", *OF_A_BRANCH):
        page = people[role].get(path).text
        assert [name for name in names if name in page] == [], path
        assert other.branch not in page, path


def test_a_foreign_part_of_a_list_is_neither_approved_nor_handed_out(
    site: Site, listed: pl.DataFrame, people: dict[str, Person]
) -> None:
    foreign = listed.filter(pl.col("branch_id") != "B001")
    form = {"list_id": foreign["list_id"][0], "branch": foreign["branch_id"][0], "format": ".csv"}
    assert people["branch_manager"].post("/lists/approve", form).status_code == 403
    assert people["branch_manager"].post("/lists/download", form).status_code == 403
    assert people["branch_manager"].post("/lists/download", {**form, "branch": ""}).status_code == 403
    assert people["branch_manager"].post("/lists/download", {**form, "branch": "B001"}).status_code == 422


def test_who_made_a_list_does_not_approve_it_and_nobody_downloads_it_before(
    site: Site, listed: pl.DataFrame, people: dict[str, Person]
) -> None:
    form = {"list_id": listed["list_id"][0], "branch": "B001", "format": ".csv"}
    maker = joined(site, "somebody else", "marketing")
    said = maker.post("/lists/approve", form)
    assert (said.status_code, "another person" in said.text) == (422, True)
    assert maker.post("/lists/download", form).status_code == 422
    assert people["branch_manager"].post("/lists/approve", form).status_code == 303
    left = maker.post("/lists/download", form)
    assert left.status_code == 200
    own = set(listed.filter(pl.col("branch_id") == "B001")["customer_id"])
    assert own == {line.split(",")[2] for line in left.text.splitlines()[1:]} & own
