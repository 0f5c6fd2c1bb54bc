"""A daemon with a canary in every slot of its config that holds a secret, and cases to send to each of its doors."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, urlencode

from tests.battery.canaries import WHSEC, Person, secret
from tests.battery.hostile.mutate import TEXTS, Mutator

_TALLY = (Path(__file__).parents[2] / "fixtures/tally/delivery.json").read_bytes()

CONFIG = f"""
version: 1
company: {{name: Example Ltd, domains: [shop.example.com], country: DE, zone: Europe/Berlin}}
store: {{url: "sqlite:///data/syncd.db"}}
web: {{port: 0, console_token: {secret("console")}, @web@}}
log: {{format: json, level: debug}}
people:
  eva: {{name: Eva Muster, email: eva@example.com}}
  tom: {{name: Tom Test, email: tom@example.com}}
pools:
  sales: {{members: [eva, tom]}}
sources:
  contact: {{type: form, redirects: ["https://shop.example.com/"]}}
  shop: {{type: form, token: {secret("shop-token")}, origins: ["https://shop.example.com"]}}
  demo: {{type: typeform, form_id: F1, secret: {secret("typeform")}, api_token: {secret("typeform-api")},
    base_url: "http://127.0.0.1:9", secrets: [{secret("old")}]}}
  survey: {{type: tally, secret: {secret("tally")}}}
  hook: {{type: webhook, secret: {secret("hook")}, id: id, items: rows, fields: {{email: contact.mail}},
    signature: {{header: X-Signature, prefix: "v1=", template: "{{timestamp}}.{{body}}",
      timestamp_header: X-Timestamp}}}}
  standard: {{type: webhook, scheme: standard, secret: {WHSEC}}}
  gate: {{type: webhook, header_secret: {{name: X-Token, value: {secret("header")}}},
    basic: {{user: syncd, password: {secret("basic")}}}}}
  open: {{type: webhook, unsigned: yes, id: id, time: at, test: test}}
  fair: {{type: csv, folder: inbox, quiet: 0}}
sinks:
  book: {{type: local}}
  crm: {{type: hubspot, token: {secret("hubspot")}, base_url: "http://127.0.0.1:9", patience: 0 s}}
alerts:
  team: {{type: chat, base_url: "http://127.0.0.1:9/{secret("chat")}"}}
rules:
  - name: pricing
    when: {{message: {{contains: [price, cost]}}}}
    assign: tom
  - name: patterns
    when: {{any: [{{company: {{contains: ["(z+)+$"]}}}}, {{email: {{domain_in: [canary-nest-1.com]}}}}]}}
    assign: eva
  - name: everyone else
    assign: {{pool: sales}}
"""

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
TYPES = (
    FORM, "multipart/form-data; boundary=x", JSON, "text/plain", "text/csv", "application/xml",
    "application/octet-stream", "",
)  # fmt: skip
PAGES = (
    "/", "/api/leads", "/leads/L1", "/leads/@", "/api/leads/@/done", "/login", "/static/@", "/openapi.json",
    "/healthz", "/readyz", "/metrics", "/@", "/in", "/in/", "/in/@", "/in/contact/@", "/in/shop/@",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    door: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    raw: bytes = b""  # the whole request as it goes out, where it is none of a library's

    def wire(self, host: str = "127.0.0.1") -> bytes:
        if self.raw:
            return self.raw
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items() if value)
        length = f"content-length: {len(self.body)}\r\n"
        start = f"{self.method} {self.path} HTTP/1.1\r\nhost: {host}\r\n"
        return (start + head + length + "\r\n").encode("latin-1", "replace") + self.body


def signed(source: str, body: bytes, now: float) -> dict[str, str]:
    """The headers with which the provider of this source would send these bytes."""

    def mac(slot: str, said: bytes = body) -> bytes:
        return hmac.digest(secret(slot).encode(), said, hashlib.sha256)

    stamp = str(int(now))
    if source == "demo":
        return {"typeform-signature": "sha256=" + base64.b64encode(mac("typeform")).decode()}
    if source == "survey":
        return {"tally-signature": base64.b64encode(mac("tally")).decode()}
    if source == "hook":
        return {"x-timestamp": stamp, "x-signature": "v1=" + mac("hook", f"{stamp}.".encode() + body).hex()}
    if source == "standard":
        key = base64.b64decode(WHSEC.removeprefix("whsec_"))
        proof = hmac.digest(key, f"msg_{stamp}.{stamp}.".encode() + body, hashlib.sha256)
        return {
            "webhook-id": f"msg_{stamp}", "webhook-timestamp": stamp,
            "webhook-signature": "v1," + base64.b64encode(proof).decode(),
        }  # fmt: skip
    if source == "gate":
        login = base64.b64encode(f"syncd:{secret('basic')}".encode()).decode()
        return {"x-token": secret("header"), "authorization": f"Basic {login}"}
    return {}


def fields_of(person: Person) -> list[tuple[str, str]]:
    return [
        ("name", person.name), ("email", person.email), ("phone", person.phone), ("message", person.message),
        ("company", "Nest GmbH"), ("utm_source", "newsletter"), ("_id", f"post-{person.number}"),
    ]  # fmt: skip


@lru_cache(maxsize=10_000)
def json_of(source: str, person: Person) -> bytes:
    """What the provider of a source sends of a person."""
    fields = dict(fields_of(person))
    if source == "demo":
        return _typeform(person)
    if source == "survey":
        tree = json.loads(_TALLY)
        tree["data"]["submissionId"] = f"s{person.number}"
        for one, value in zip(tree["data"]["fields"], fields.values(), strict=False):
            one["value"] = value
        return json.dumps(tree).encode()
    if source == "hook":
        return json.dumps({"rows": [{"id": person.number, "contact": {"mail": person.email}, **fields}] * 2}).encode()
    return json.dumps({"id": f"h{person.number}", "at": "2026-11-01T10:00:00Z", **fields, "more": [fields]}).encode()


def _typeform(person: Person) -> bytes:
    asked = [("name", "text", person.name), ("email", "email", person.email), ("q", "text", person.message)]
    answers = [
        {"type": kind, kind: value, "field": {"id": ref, "type": kind, "ref": ref}} for ref, kind, value in asked
    ]
    questions = [{"id": ref, "type": kind, "title": ref, "ref": ref} for ref, kind, _ in asked]
    form = {
        "form_id": "F1",
        "token": f"t{person.number}",
        "submitted_at": "2026-11-22T10:00:00Z",
        "answers": answers,
        "hidden": {"utm_source": "x"},
        "definition": {"id": "F1", "title": "Demo", "fields": questions},
    }
    event = {"event_id": f"e{person.number}", "event_type": "form_response", "form_response": form}
    return json.dumps(event).encode()


class Cases:
    """An endless row of them, the same for the same seed but for the time in the signatures."""

    SOURCES = ("contact", "shop", "demo", "survey", "hook", "standard", "gate", "open")

    def __init__(self, seed: int) -> None:
        self.mutator, self.count = Mutator(seed), 0
        self.dice = self.mutator.dice

    def next(self) -> Case:
        self.count += 1
        pick = self.dice.random()
        case = self._page() if pick < 0.1 else self._post(self.dice.choice(self.SOURCES), Person(self.count))
        if 0.1 <= pick < 0.14:
            return Case("raw", "", "", raw=self.mutator.bytes(case.wire()))
        return case

    def _post(self, source: str, person: Person) -> Case:
        body, kind = self._body(source, person)
        headers = {"content-type": kind} if kind else {}
        headers |= signed(source, body, time.time())
        if self.dice.random() < 0.3:
            headers = self.mutator.headers(headers)
        return Case(source, self._method(), self._path(source), headers, body)

    def _method(self) -> str:
        return (
            "POST"
            if self.dice.random() < 0.97
            else self.dice.choice(("GET", "PUT", "OPTIONS", "HEAD", "TRACE", "PATCH"))
        )

    def _path(self, source: str) -> str:
        path = f"/in/{source}"
        if source == "shop":
            path += self.dice.choice((f"/{secret('shop-token')}", f"?token={secret('shop-token')}", "/wrong", ""))
        if self.dice.random() < 0.05:
            path += ("&" if "?" in path else "?") + urlencode(
                [("a", self.dice.choice(TEXTS)[:900])] * self.dice.choice((1, 150))
            )
        return path

    def _body(self, source: str, person: Person) -> tuple[bytes, str]:
        pick, fields = self.dice.random(), fields_of(person)
        if source in ("demo", "survey", "hook") or pick < 0.3:
            body, kind = self.mutator.json(json_of(source, person)), JSON
        elif pick < 0.6:
            body, kind = self.mutator.form(fields), FORM
        elif pick < 0.9:
            body, kind = self.mutator.multipart(fields)
        else:
            body, kind = self.mutator.csv([[name for name, _ in fields], [value for _, value in fields]]), "text/csv"
        return body, kind if self.dice.random() < 0.95 else self.dice.choice(TYPES)

    def _page(self) -> Case:
        path = self.dice.choice(PAGES).replace("@", quote(self.dice.choice(TEXTS)[:300], safe=""))
        method = self.dice.choice(("GET", "GET", "POST", "HEAD", "DELETE", "OPTIONS"))
        body = self.mutator.form([("token", "wrong"), ("next", "/")]) if method == "POST" else b""
        headers = self.mutator.headers(
            {"content-type": FORM, "sec-fetch-site": "same-origin", "cookie": "syncd_console=1.2"}
        )
        return Case("page", method, path, headers, body)
