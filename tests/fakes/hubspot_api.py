"""The few calls the tests of the fake HubSpot make, over real HTTP."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import requests

from tests.fakes.hubspot import FakeHubSpot, Options

V3 = "/crm/v3/objects"


class Api:
    """One session, so one connection; `prefix` picks the style of the paths."""

    def __init__(self, fake: FakeHubSpot, prefix: str = V3) -> None:
        self.fake = fake
        self.prefix = prefix
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {fake.token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def call(self, method: str, path: str, body: Any = None, **query: str) -> requests.Response:
        return self.session.request(method, self.fake.base_url + path, json=body, params=query or None, timeout=10)

    def post(self, path: str, body: Any) -> requests.Response:
        return self.call("POST", self.prefix + path, body)

    def create(self, kind: str, **properties: str) -> requests.Response:
        return self.post(f"/{kind}", {"properties": properties, "associations": []})

    def made(self, kind: str, **properties: str) -> str:
        answer = self.create(kind, **properties)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def read(self, kind: str, record_id: str, **query: str) -> dict[str, Any]:
        answer = self.call("GET", f"{self.prefix}/{kind}/{record_id}", **query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def patch(self, kind: str, record_id: str, **properties: str) -> requests.Response:
        path = f"{self.prefix}/{kind}/{record_id}"
        return self.call("PATCH", path, {"properties": properties})

    def search(self, kind: str, *filters: Mapping[str, Any], **more: Any) -> requests.Response:
        groups = [{"filters": list(filters)}] if filters else []
        return self.post(f"/{kind}/search", {"filterGroups": groups, **more})

    def found(self, kind: str, *filters: Mapping[str, Any], **more: Any) -> list[str]:
        answer = self.search(kind, *filters, **more)
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["results"]]

    def upsert(self, kind: str, id_property: str, *rows: Mapping[str, str], traced: bool = False) -> requests.Response:
        """Each row holds its own key under `id_property`."""
        inputs = [
            {
                "id": row[id_property],
                "idProperty": id_property,
                "properties": dict(row),
                **({"objectWriteTraceId": f"t{place}"} if traced else {}),
            }
            for place, row in enumerate(rows)
        ]
        return self.post(f"/{kind}/batch/upsert", {"inputs": inputs})

    def define(self, kind: str, name: str, **more: Any) -> requests.Response:
        groups = {"contacts": "contactinformation", "companies": "companyinformation"}
        body = {
            "name": name,
            "label": name,
            "type": "string",
            "fieldType": "text",
            "groupName": groups.get(kind, kind.removesuffix("s")),
            **more,
        }
        return self.call("POST", f"/crm/v3/properties/{kind}", body)

    def unique(self, kind: str, name: str = "syncd_key") -> None:
        assert self.define(kind, name, hasUniqueValue=True).status_code == 201


@contextmanager
def hubspot(options: Options | None = None) -> Iterator[tuple[FakeHubSpot, Api]]:
    with FakeHubSpot(options) as fake, Api(fake) as api:
        yield fake, api
