"""The API: the same rights as the page, cursors of one version, writes that are done once."""

from __future__ import annotations

import io
import json

import polars as pl
import pytest
from starlette.testclient import TestClient

from segment.dates import utc_in
from segment.jobs.lists.upgrade_list import upgrade_list
from segment.jobs.publish.build_serving_copy import build_serving_copy
from segment.login import acting_as
from segment.store.row_store import read_rows
from segment.store.stored_tables import OUTCOMES
from segment.store.web_sessions import ApiToken, add_token
from segment.store.web_users import close_user
from segment.tiers import tier_table
from segment.warehouse.published_tiers import published_tiers
from segment.web.access_pages import SCOPES
from segment.web.application import build_app
from segment.web.passwords import key_of
from segment.web.site import Site
from tests.conftest import AS_OF
from tests.web.conftest import Person, joined


def client_of(site: Site, name: str, *scopes: str, hours: int = 1) -> TestClient:
    secret = f"token of {name} for {scopes} {hours}"
    add_token(site.workspace, ApiToken(key_of(secret), name, "test", scopes, utc_in(hours=hours)))
    headers = {"authorization": f"Bearer {secret}"}
    return TestClient(build_app(site), base_url=site.origin, headers=headers, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def listed(site: Site) -> pl.DataFrame:
    build_serving_copy(site.workspace)
    with acting_as("somebody else"):
        return upgrade_list(AS_OF, site.workspace, site.policy).to_contact


@pytest.fixture(scope="module")
def marketing(site: Site, people: dict[str, Person], listed: pl.DataFrame) -> TestClient:
    return client_of(site, "marketing one", *(scope.value for scope in SCOPES))


@pytest.fixture(scope="module")
def manager(site: Site, people: dict[str, Person], listed: pl.DataFrame) -> TestClient:
    return client_of(site, "branch_manager one", *(scope.value for scope in SCOPES))


def test_pages_hold_every_customer_once_in_the_order_asked_for(site: Site, marketing: TestClient) -> None:
    seen, cursor = [], ""
    while True:
        page = marketing.get("/api/v1/customers", params={"limit": 97, **({"cursor": cursor} if cursor else {})}).json()
        seen += page["customers"]
        cursor = page["next"]
        if not cursor:
            break
    truth = published_tiers(site.workspace, AS_OF).sort(["contribution_12m", "customer_id"], descending=[True, False])
    assert [row["customer_id"] for row in seen] == truth["customer_id"].to_list()


def test_a_cursor_of_another_version_is_refused(marketing: TestClient) -> None:
    cursor = marketing.get("/api/v1/customers?limit=5").json()["next"]
    version, rest = cursor.split("~", 1)
    said = marketing.get("/api/v1/customers", params={"cursor": f"{int(version) + 1}~{rest}"})
    assert (said.status_code, said.headers["content-type"]) == (422, "application/problem+json")
    assert "version" in said.json()["detail"]


def test_what_is_published_is_told_again_only_when_it_changed(marketing: TestClient) -> None:
    first = marketing.get("/api/v1/published")
    assert first.json()["as_of"] == AS_OF.isoformat()
    again = marketing.get("/api/v1/published", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("scopes", "hours", "status"), [((), 1, 403), (("overview",), 1, 403), (("customers",), -1, 401)]
)
def test_a_token_holds_for_its_scopes_and_its_time(
    site: Site, marketing: TestClient, scopes: tuple[str, ...], hours: int, status: int
) -> None:
    said = client_of(site, "marketing one", *scopes, hours=hours).get("/api/v1/customers")
    assert (said.status_code, said.headers["content-type"]) == (status, "application/problem+json")


def test_a_token_never_reaches_further_than_its_owner(
    site: Site, people: dict[str, Person], listed: pl.DataFrame
) -> None:
    joined(site, "leaver", "analyst")
    client = client_of(site, "leaver", "customers", "outcomes", "export")
    assert client.get("/api/v1/customers").status_code == 200
    assert client.get("/api/v1/export").status_code == 403
    close_user(site.workspace, "leaver", by="test")
    assert client.get("/api/v1/customers").status_code == 401


def test_a_manager_gets_the_own_branch_alone(manager: TestClient, listed: pl.DataFrame) -> None:
    foreign = listed.filter(pl.col("branch_id") != "B001").row(0, named=True)
    branch = foreign["branch_id"]
    for path in ("/api/v1/customers", "/api/v1/tiers", "/api/v1/contacts", "/api/v1/export"):
        assert manager.get(path, params={"branch": branch}).status_code == 403, path
    assert manager.get(f"/api/v1/customers/{foreign['customer_id']}").status_code == 403
    for path in ("/api/v1/customers?limit=500", "/api/v1/tiers", "/api/v1/lists", "/api/v1/export"):
        assert branch not in manager.get(path).text, path
    row = {"list_id": foreign["list_id"], "customer_id": foreign["customer_id"], "response": "no_answer"}
    said = manager.post("/api/v1/outcomes", json={"outcomes": [row]}, headers={"idempotency-key": "12345678"})
    assert said.status_code == 403


def test_sums_of_tiers_are_those_that_the_command_shows(site: Site, marketing: TestClient) -> None:
    sums: dict[str | None, int] = {}
    for row in marketing.get("/api/v1/tiers").json()["tiers"]:
        sums[row["tier"]] = sums.get(row["tier"], 0) + row["customers"]
    shown = tier_table(published_tiers(site.workspace, AS_OF), by_branch=False)
    truth = {tier or "excluded": count for tier, standing, count in shown.select("tier", "standing", "customers").rows()
             if standing in ("all", "excluded") and count}  # fmt: skip
    assert sums == truth


def test_an_export_is_the_published_rows_in_both_formats(site: Site, marketing: TestClient) -> None:
    truth = published_tiers(site.workspace, AS_OF)
    text = pl.read_csv(io.BytesIO(marketing.get("/api/v1/export").content))
    arrow = pl.read_ipc_stream(io.BytesIO(marketing.get("/api/v1/export?format=arrow").content))
    for frame in (text, arrow):
        assert set(frame["customer_id"]) == set(truth["customer_id"])
        assert frame["contribution_12m"].sum() == pytest.approx(truth["contribution_12m"].sum())


def test_outcomes_are_taken_once_whatever_comes_of_the_connection(
    site: Site, marketing: TestClient, listed: pl.DataFrame
) -> None:
    row = listed.row(0, named=True)
    said = {"list_id": row["list_id"], "customer_id": row["customer_id"], "response": "interested",
            "contacted_on": AS_OF.isoformat(), "responded_on": AS_OF.isoformat()}  # fmt: skip
    unknown = {**said, "customer_id": "C-nobody"}
    body, key = {"outcomes": [said, unknown]}, {"idempotency-key": "key-of-this-write"}
    first = marketing.post("/api/v1/outcomes", json=body, headers=key)
    assert first.json() == {"added": 1, "changed": 0, "same": 0, "older": 0, "refused": {"unknown customer": 1}}
    assert marketing.post("/api/v1/outcomes", json=body, headers=key).json() == first.json()
    assert marketing.post("/api/v1/outcomes", json={"outcomes": [said]}, headers=key).status_code == 422
    assert read_rows(site.workspace, OUTCOMES).height == 1


def test_what_was_sent_is_never_said_back(marketing: TestClient) -> None:
    body = {"outcomes": [{"list_id": "L", "customer_id": "C-secret", "response": "S3CRET"}]}
    said = marketing.post("/api/v1/outcomes", json=body, headers={"idempotency-key": "12345678"})
    assert said.status_code == 422
    assert "S3CRET" not in said.text
    assert "C-secret" not in said.text
    assert json.loads(said.text)["status"] == 422
