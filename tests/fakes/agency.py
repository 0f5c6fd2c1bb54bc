"""An agency's own lead service as a real HTTP server: strict JSON, and a form address beside it.

How sure a repeat can be is for the test to say: `keyed` (it knows an Idempotency-Key again), `unique` (it refuses an
external id that it has with 409 and the id), `searches` (what was made can be looked up).
"""

import json
from typing import Any
from urllib.parse import parse_qs

from syncd.testing import Answer, Call, FakeServer, OrderKind, Refusal, Steering
from tests.fakes.process import arguments, serve

KEY = "key-canary-of-the-agency"
FORM_KEY = "form-canary-of-the-agency"
TEXTS = {"external_id", "email", "first_name", "last_name", "company", "phone", "question", "owner", "answer_by"}
TASK_TEXTS = {"external_id", "subject", "body", "due", "owner", "priority"}

Row = dict[str, Any]


class FakeAgency(FakeServer):
    """What it holds, by id. The link between a key and its answer is kept for ever."""

    def __init__(self, *, keyed: bool = True, unique: bool = False, searches: bool = True, port: int = 0) -> None:
        super().__init__(port)
        self.keyed, self.unique, self.searches = keyed, unique, searches
        self.made = 0
        self.leads: dict[str, Row] = {}
        self.tasks: dict[str, Row] = {}
        self.notes: dict[str, Row] = {}
        self.forms: list[dict[str, str]] = []
        self._answered: dict[str, Answer] = {}

    def count(self, kind: OrderKind) -> int:
        return len({OrderKind.RECORD: self.leads, OrderKind.TASK: self.tasks, OrderKind.NOTE: self.notes}[kind])

    def steering(self) -> Steering:
        return {**super().steering(), ("GET", "state"): lambda _: self.state()}

    def state(self) -> Row:
        with self.lock:
            return {name: list(getattr(self, name).values()) for name in ("leads", "tasks", "notes")}

    def refusal(self, fault: Any) -> Answer:
        if fault.kind == "too_many":
            return Answer(429, {"ok": False, "error": {"code": "slow_down"}}, {"Retry-After": "7"})
        return _refused(401, "bad_key")

    def answer(self, call: Call) -> Answer:
        if call.path == f"/incoming/{FORM_KEY}":
            return self._incoming(call)
        if call.headers.get("x-api-key") != KEY:
            return _refused(401, "bad_key")
        again = call.headers.get("idempotency-key", "") if self.keyed else ""
        if again and again in self._answered:
            return self._answered[again]
        answer = self._answer(call)
        if again and answer.status < 300:
            self._answered[again] = answer
        return answer

    def _answer(self, call: Call) -> Answer:
        parts = call.path.strip("/").split("/")
        match call.method, parts:
            case "GET", ["v1", "me"]:
                return Answer(200, {"ok": True, "name": "Agency"})
            case "GET", ["v1", kind] if kind in ("leads", "tasks", "notes") and self.searches:
                return self._search(self._held(kind), call)
            case "GET", ["v1", "leads", lead] if lead in self.leads and self.searches:
                return _told(self.leads[lead])
            case "POST", ["v1", "leads"]:
                return self._make(self.leads, "l", _texts(call, TEXTS, needed="external_id"))
            case "PUT", ["v1", "leads", external]:
                return self._put(external, _texts(call, TEXTS, needed=""))
            case "PATCH", ["v1", "leads", lead] if lead in self.leads:
                self.leads[lead].update(_texts(call, TEXTS, needed=""))
                return _told(self.leads[lead])
            case "POST", ["v1", "leads", lead, kind] if lead in self.leads and kind in ("tasks", "notes"):
                made = _texts(call, TASK_TEXTS, needed="external_id")
                return self._make(self._held(kind), kind[0], {**made, "lead": lead})
            case "PATCH", ["v1", "tasks", task] if task in self.tasks:
                self.tasks[task].update(_texts(call, TASK_TEXTS, needed=""))
                return _told(self.tasks[task])
        return _refused(404, "not_found")

    def _held(self, kind: str) -> dict[str, Row]:
        return {"leads": self.leads, "tasks": self.tasks, "notes": self.notes}[kind]

    def _make(self, held: dict[str, Row], letter: str, row: Row) -> Answer:
        there = next((own for own in held.values() if own["external_id"] == row["external_id"]), None)
        if there and self.unique:
            return Answer(409, {"ok": False, "error": {"code": "exists"}, "data": {"id": there["id"]}})
        self.made += 1
        made = {**row, "id": f"{letter}{self.made}"}
        held[made["id"]] = made
        return _told(made, 201)

    def _put(self, external: str, row: Row) -> Answer:
        there = next((own for own in self.leads.values() if own["external_id"] == external), None)
        if there is None:
            return self._make(self.leads, "l", {**row, "external_id": external})
        there.update(row)
        return _told(there)

    def _search(self, held: dict[str, Row], call: Call) -> Answer:
        """As many searches do: everything that begins alike."""
        wanted = {name: values[-1].lower() for name, values in call.query.items()}
        if not wanted:
            raise Refusal(_refused(400, "no_question"))
        found = [
            row
            for row in held.values()
            if all(str(row.get(name, "")).lower().startswith(text[:5]) for name, text in wanted.items())
        ]
        return Answer(200, {"ok": True, "data": {"items": found}})

    def _incoming(self, call: Call) -> Answer:
        if not call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return Answer(415, b"ERROR: not a form")
        values = parse_qs(call.body.decode(), keep_blank_values=True, strict_parsing=True)
        fields = {name: each[-1] for name, each in values.items()}
        if not fields.get("Phone"):
            return Answer(200, b"ERROR: Phone is required")
        self.forms.append(fields)
        return Answer(200, b"OK")


def _told(row: Row, status: int = 200) -> Answer:
    return Answer(status, {"ok": True, "data": dict(row)})


def _refused(status: int, code: str) -> Answer:
    return Answer(status, {"ok": False, "error": {"code": code, "message": "told in words that may quote values"}})


def _texts(call: Call, names: set[str], needed: str) -> Row:
    """A JSON object with these names alone, each a text."""
    if not call.headers.get("content-type", "").startswith("application/json"):
        raise Refusal(_refused(415, "not_json"))
    body = call.json()
    if not isinstance(body, dict) or body.keys() - names or (needed and not body.get(needed)):
        raise Refusal(_refused(422, "bad_fields"))
    if not all(isinstance(value, str) for value in body.values()):
        raise Refusal(_refused(422, "not_a_text"))
    if "email" in body and "@" not in body["email"]:
        raise Refusal(_refused(422, "bad_email"))
    json.dumps(body, ensure_ascii=False).encode()
    return body


def main() -> None:
    parser = arguments("agency")
    parser.add_argument("--keyless", action="store_true", help="knows no idempotency key again")
    given = parser.parse_args()
    serve(FakeAgency(keyed=not given.keyless, port=given.port))


if __name__ == "__main__":
    main()
