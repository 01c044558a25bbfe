"""Every parameter of every page is given what attackers send: nothing is run, read, shown as markup, or answers 500."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import pytest

from segment.web.application import PAGES
from segment.web.customer_rows import RANGES
from segment.web.site import PageRoute
from tests.web.conftest import Person
from tests.web.test_walk import WHO, Named, listed, named  # noqa: F401  fixtures

HOSTILE = (
    "' OR '1'='1' --",
    '"; DROP TABLE customers; SELECT load_extension(\'x\'); --',
    "{{7*9731}}{% for a in [1] %}${7*9731}<%= 7*9731 %>#{7*9731}",
    "<script>alert(9731)</script>\"'><img src=x onerror=alert(9731)>",
    "../../../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd\x00.html",
    "next\r\nset-cookie: stolen=9731\r\n\r\n<html>",
    "=cmd|' /C calc'!A1\t@SUM(1)",
    "//evil.example/\\evil.example",
    "nan", "-1e999", "９７３１", "9" * 5000, "\u202e\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
)  # fmt: skip
_ASKED = re.compile(r'(?:\btext|\.get|_number|_day)\((?:visit, )?"([a-z_]+)"')
_SHOWN = ("<script>alert(9731)", "<img src=x", str(7 * 9731), "root:x:0", "Traceback", "sqlite3.", "no such column")


def parameters(route: PageRoute) -> list[str]:
    """What a page reads of an address or a form, by its own code and what that calls in its module."""
    module = inspect.getmodule(route.answer)
    known = dict(inspect.getmembers(module, inspect.isfunction))
    todo, found, done = [route.answer.__name__], {"branch"}, set()
    while todo:
        name = todo.pop()
        if name in done or name not in known:
            continue
        done.add(name)
        source = inspect.getsource(known[name])
        found |= set(_ASKED.findall(source))
        if "Filters.of" in source:
            found |= {"tier", "sub_state", "flag", "programme", "cluster", "sort", f"least_{RANGES[0]}"}
        todo += re.findall(r"\b(_?[a-z_]+)\(", source)
    return sorted(found)


def requests(route: PageRoute, of: Named) -> Iterator[tuple[str, dict[str, str]]]:
    """Addresses and fields, each with one hostile part."""
    valid = {
        "customer_id": of.customer, "id": of.customer, "list_id": of.list_id, "review_id": of.review,
        "record": of.override, "run_id": of.run, "code": "nothing", "work": "nothing",
    }  # fmt: skip
    in_path = re.findall(r"{(\w+)}", route.path)
    for value in HOSTILE:
        for name in {*parameters(route), *in_path}:
            given = {**valid, name: value}
            path = route.path
            for part in in_path:
                path = path.replace(f"{{{part}}}", "".join(f"%{byte:02X}" for byte in given[part].encode()))
            yield path, {key: text for key, text in given.items() if key not in in_path}


ROUTES = [route for route in PAGES if route.path != "/sign-out"]


@pytest.mark.slow
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_no_parameter_runs_reads_or_shows_anything(
    route: PageRoute,
    people: dict[str, Person],
    named: tuple[Named, Named],  # noqa: F811
) -> None:
    roles = (WHO[route.method, route.path] or "marketing").split()
    person = people[roles[0]]
    token = person.token("/tokens")
    for path, given in requests(route, named[0]):
        if route.method == "GET":
            answer = person.get(path, params=given)
        else:
            answer = person.client.post(path, data={"form_token": token, **given}, follow_redirects=False)
        assert answer.status_code in (200, 303, 400, 401, 403, 404, 422, 429, 503), (path, given, answer.status_code)
        assert not [sign for sign in _SHOWN if sign in answer.text], (path, given)
        assert "stolen" not in answer.headers.get("set-cookie", "")
        place = answer.headers.get("location", "/")
        assert place.startswith("/"), place
        assert not place.startswith(("//", "/\\")), place
    assert person.get("/tokens").status_code == 200, "whoever sent it is still signed in, and the page still there"


@pytest.mark.parametrize("value", [text for text in HOSTILE if text.isascii() and text.isprintable()])
@pytest.mark.parametrize(
    "header", ["accept-language", "cookie", "origin", "referer", "if-none-match", "x-forwarded-host"]
)
def test_no_header_runs_reads_or_shows_anything(
    people: dict[str, Person],
    listed: object,  # noqa: F811
    header: str,
    value: str,
) -> None:
    given = f"segment_language={value}; segment_form={value}" if header == "cookie" else value
    for path in ("/sign-in", "/overview", "/api/v1/published"):
        answer = people["marketing"].get(path, headers={header: given})
        assert answer.status_code in (200, 303, 400, 401, 403, 404, 422)
        assert not [sign for sign in _SHOWN if sign in answer.text]
