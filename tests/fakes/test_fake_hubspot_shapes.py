"""Independent judges of the fake: HubSpot's own OpenAPI files and HubSpot's own client.

The OpenAPI files are not shipped; without them (beside the repository) that half is skipped.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import hubspot as client_library
import pytest
from hubspot.crm.contacts.exceptions import ApiException

from tests.fakes.hubspot import FakeHubSpot, Options
from tests.fakes.hubspot_api import Api
from tests.outside import SHARED, needs

SPECS = SHARED / "specs/hubspot"
FILES = (
    *("contacts_v3", "companies_v3", "tasks_v3", "notes_v3", "owners_v3", "properties_v3"),
    *("associations_v4", "account_info_v3", "oauth_v3", "contacts_2026-03"),
)
TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
# Seen in captured answers, against the letter of the specification.
LEFT_OUT_LIVE = {("StandardError", "errors"), ("StandardError", "links")}
TYPED_OTHERWISE_LIVE = {("StandardError", "subCategory"), ("AssociationSpecWithLabel", "label")}
DUE = "2026-03-02T09:00:00Z"


@cache
def operations() -> list[tuple[str, re.Pattern[str], dict[str, Any], dict[str, Any]]]:
    """Method, path, answers and schemas; literal paths before those with parameters."""
    found = []
    for name in FILES:
        spec = json.loads((SPECS / f"{name}.json").read_text("utf-8"))
        for path, methods in sorted(spec["paths"].items(), key=lambda each: each[0].count("{")):
            pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
            found += [
                (method.upper(), pattern, operation["responses"], spec["components"]["schemas"])
                for method, operation in methods.items()
            ]
    return found


def problems(schema: Mapping[str, Any], value: Any, schemas: Mapping[str, Any], at: str) -> list[str]:
    """Everything in which a value is not what the schema says."""
    name = at.rsplit(".", 1)[-1]
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return problems(schemas[name], value, schemas, f"{at}.{name}")
    if "oneOf" in schema:
        tried = [problems(each, value, schemas, at) for each in schema["oneOf"]]
        return min(tried, key=len)
    wanted = TYPES.get(schema.get("type", ""), object)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        return [f"{at}: {value!r} is no {schema['type']}"]
    if schema.get("enum") and value not in schema["enum"]:
        return [f"{at}: {value!r} is none of {schema['enum']}"]
    if isinstance(value, list):
        return [p for each in value for p in problems(schema["items"], each, schemas, f"{at}[]")]
    return member_problems(schema, value, schemas, name, at) if isinstance(value, dict) else []


def member_problems(
    schema: Mapping[str, Any], value: dict[str, Any], schemas: Mapping[str, Any], name: str, at: str
) -> list[str]:
    members = schema.get("properties", {})
    other = schema.get("additionalProperties")
    found = [
        f"{at}: {each} is missing"
        for each in schema.get("required", ())
        if each not in value and (name, each) not in LEFT_OUT_LIVE
    ]
    for each, held in value.items():
        if (name, each) in TYPED_OTHERWISE_LIVE or (held is None and other):
            continue  # an asked-for property without a value is null in live answers
        if each not in members and not other:
            found.append(f"{at}: {each} is not in the specification")
        else:
            found += problems(members.get(each, other), held, schemas, f"{at}.{each}")
    return found


class Judge(Api):
    """Checks every answer in the range of success against the specification."""

    judged = 0

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        answer = super().call(method, path, body, **query)
        assert answer.status_code < 300, answer.text
        self.check(method, path, answer.status_code, answer.json() if answer.content else None)
        return answer

    def check(self, method: str, path: str, status: int, body: Any) -> None:
        for wanted, pattern, answers, schemas in operations():
            if wanted == method and pattern.fullmatch(path):
                assert str(status) in answers, f"{method} {path}: {status} is not documented"
                content = answers[str(status)].get("content", {})
                schema = next((each["schema"] for each in content.values()), None)
                assert schema is None or not problems(schema, body, schemas, path)
                self.judged += 1
                return
        raise AssertionError(f"{method} {path} is not in the specification")


@pytest.fixture
def fake() -> Iterator[FakeHubSpot]:
    with FakeHubSpot(Options(owners=("anna@x.com", "bob@x.com"))) as fake:
        yield fake


@needs(SPECS.exists(), "HubSpot's OpenAPI files are not beside this checkout")
@pytest.mark.parametrize("prefix", ["/crm/v3/objects", "/crm/objects/2026-03"])
def test_answers_have_the_shape_of_the_specification(fake: FakeHubSpot, prefix: str) -> None:
    with Judge(fake, prefix) as judge:
        judge.unique("contacts")
        contact = judge.made("contacts", email="a@x.com")
        judge.read("contacts", contact, properties="phone", propertiesWithHistory="email")
        judge.patch("contacts", contact, city="Bonn")
        judge.search("contacts", limit=1, properties=["email"], sorts=["-createdate"])
        judge.upsert("contacts", "syncd_key", {"syncd_key": "k", "email": "b@x.com"})
        taken = {"syncd_key": "l", "email": "a@x.com"}
        judge.upsert("contacts", "syncd_key", taken, {"syncd_key": "k"}, traced=True)
        judge.post("/contacts/batch/read", {"inputs": [{"id": contact}, {"id": "9"}], "properties": []})
        judge.post("/contacts/batch/update", {"inputs": [{"id": contact, "properties": {"zip": "1"}}]})
        other = judge.made("contacts", lastname="B")
        judge.post("/contacts/merge", {"primaryObjectId": contact, "objectIdToMerge": other})
        judge.call("GET", f"{prefix}/contacts", limit="1")
        judge.call("DELETE", f"{prefix}/contacts/{contact}")

        assert judge.judged == 13


@needs(SPECS.exists(), "HubSpot's OpenAPI files are not beside this checkout")
def test_the_other_resources_have_their_shapes_too(fake: FakeHubSpot) -> None:
    with Judge(fake) as judge:
        contact = judge.made("contacts", email="a@x.com")
        company = judge.made("companies", domain="x.com")
        judge.made("tasks", hs_timestamp=DUE)
        judge.made("notes", hs_timestamp=DUE, hs_note_body="hello")
        pair = f"/crm/v4/objects/contacts/{contact}/associations"
        judge.call("PUT", f"{pair}/default/companies/{company}")
        spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}
        judge.call("PUT", f"{pair}/companies/{company}", [spec])
        judge.call("GET", f"{pair}/companies")
        ends = [{"from": {"id": contact}, "to": {"id": each}} for each in (company, "x")]
        many = "/crm/v4/associations/contacts/companies/batch"
        judge.call("POST", f"{many}/create", {"inputs": [{**each, "types": [spec]} for each in ends]})
        judge.call("POST", f"{many}/associate/default", {"inputs": ends[:1]})
        judge.call("POST", f"{many}/read", {"inputs": [{"id": contact}, {"id": "9"}]})
        owners = judge.call("GET", "/crm/v3/owners", limit="1").json()["results"]
        judge.call("GET", f"/crm/v3/owners/{owners[0]['id']}")
        for path in ("contacts", "contacts/email", "contacts/groups", "tasks", "notes"):
            judge.call("GET", f"/crm/v3/properties/{path}")
        judge.call("GET", "/account-info/v3/api-usage/daily/private-apps")
        token = judge.session.post(
            f"{fake.base_url}/oauth/v3/token",
            data={
                "grant_type": "refresh_token",
                "client_id": fake.options.client_id,
                "client_secret": fake.options.client_secret,
                "refresh_token": fake.options.refresh_token,
            },
            timeout=10,
        )
        judge.check("POST", "/oauth/v3/token", token.status_code, token.json())

        assert judge.judged == 19


def test_hubspots_own_client_understands_the_fake(fake: FakeHubSpot) -> None:
    client = client_library.HubSpot(access_token=fake.token, host=fake.base_url)
    contacts = client.crm.contacts
    row = {"id": "a@x.com", "idProperty": "email", "properties": {"firstname": "Ann"}}

    upserted = contacts.batch_api.upsert({"inputs": [row]}).results[0]
    found = contacts.search_api.do_search({"filterGroups": [], "limit": 10, "after": "0"})
    owners = client.crm.owners.owners_api.get_page(email="bob@x.com").results
    with pytest.raises(ApiException) as refused:
        contacts.basic_api.create({"properties": {"email": "A@x.com"}, "associations": []})

    assert (upserted.new, upserted.properties["email"]) == (True, "a@x.com")
    assert (found.total, found.results[0].id) == (1, upserted.id)
    assert owners[0].email == "bob@x.com"
    assert refused.value.status == 409
    assert upserted.id in refused.value.body
