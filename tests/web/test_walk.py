"""Every route as every role, with a foreign branch, a foreign customer and a foreign list: nothing leaks."""

from __future__ import annotations

import polars as pl
import pytest
from starlette.routing import Route

from segment.jobs.lists.upgrade_list import upgrade_list
from segment.login import acting_as
from segment.warehouse.serving_copy import build_serving_copy
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
    ("POST", "/lists/approve"): "branch_manager marketing",
    ("POST", "/lists/download"): "branch_manager marketing",
    ("GET", "/overview"): "branch_manager marketing analyst protection_officer",
    ("GET", "/records"): "protection_officer administrator",
}
"""Who may what, written down apart from the code; None: whoever is not signed in, too."""
SIGNED_IN = {key: who for key, who in WHO.items() if who is not None and key[1] != "/sign-out"}


@pytest.fixture(scope="module")
def listed(site: Site) -> pl.DataFrame:
    build_serving_copy(site.workspace)
    with acting_as("somebody else"):
        return upgrade_list(AS_OF, site.workspace, site.policy).to_contact


def asked(person: Person, method: str, path: str, customer: str, **more: str) -> int:
    place = path.replace("{customer_id}", customer).replace("{code}", "nothing")
    given = {"customer_id": customer, "id": customer, "list_id": "nothing", "capacity": "none", **more}
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
    role: str, listed: pl.DataFrame, people: dict[str, Person]
) -> None:
    own = listed.filter(pl.col("branch_id") == "B001")["customer_id"][0]
    said = {key: asked(people[role], *key, own) for key in SIGNED_IN}
    assert {key for key, status in said.items() if status != 403} == {
        key for key, who in SIGNED_IN.items() if role in str(who).split()
    }
    assert set(said.values()) <= {200, 303, 403, 422}


def test_whoever_is_not_signed_in_is_sent_to_sign_in(site: Site, listed: pl.DataFrame) -> None:
    stranger = browser(site)
    for method, path in SIGNED_IN:
        place = path.replace("{customer_id}", listed["customer_id"][0])
        said = stranger.get(place) if method == "GET" else stranger.post(place, at="/sign-in")
        assert said.status_code == (303 if method == "GET" else 401), place
        assert not (method == "GET" and not said.headers["location"].startswith("/sign-in?next="))


@pytest.mark.parametrize("role", ["adviser", "branch_manager"])
def test_a_foreign_branch_is_never_shown_or_changed(
    role: str, site: Site, listed: pl.DataFrame, people: dict[str, Person]
) -> None:
    foreign = listed.filter(pl.col("branch_id") != "B001")
    customer, branch, list_id = foreign["customer_id"][0], foreign["branch_id"][0], foreign["list_id"][0]
    own = listed.filter(pl.col("branch_id") == "B001")["customer_id"][0]
    for method, path in SIGNED_IN:
        if role in str(SIGNED_IN[method, path]).split():
            assert asked(people[role], method, path, own, branch=branch) == 403, path
        if "{customer_id}" in path or path in ("/find", "/week/outcome"):
            assert asked(people[role], method, path, customer, list_id=list_id) == 403, path
    names = set(foreign["customer_id"])
    for path in ("/week", "/customers?limit=500", "/lists", "/overview", "/export/customers.csv"):
        page = people[role].get(path).text
        assert [name for name in names if name in page] == [], path
        assert branch not in page, path


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
