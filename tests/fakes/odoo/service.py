"""The database: its leads, users and activities, who may ask, and what each method does.

https://www.odoo.com/documentation/19.0/developer/reference/external_api.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.testing import NOON, Answer, Call, FakeServer, Fault, OrderKind, Refusal, Steering
from tests.fakes.odoo.domains import chosen
from tests.fakes.odoo.rules import checked, invalid, missing, refused

TOKEN = "api-key-canary-of-odoo"
START = NOON
Row = dict[str, Any]
_PATH = re.compile(r"/json/2/([a-z.]+)/([a-z_]+)")
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")

STAMPS = {"id": "integer", "create_date": "datetime", "write_date": "datetime"}
FIELDS: dict[str, dict[str, str]] = {
    "crm.lead": {
        **dict.fromkeys(("name", "contact_name", "partner_name", "email_from", "phone", "function", "website",
                         "street", "city"), "char"),
        "email_normalized": "computed", "description": "html", "user_id": "many2one", "team_id": "many2one",
        "stage_id": "many2one", "type": "selection", "active": "boolean", "probability": "float",
        "date_conversion": "datetime", "date_closed": "datetime",
    },
    "mail.activity": {
        "res_model_id": "many2one", "res_model": "computed", "res_id": "integer", "activity_type_id": "many2one",
        "summary": "char", "note": "html", "date_deadline": "date", "user_id": "many2one", "active": "boolean",
    },
    "mail.message": {"model": "char", "res_id": "integer", "body": "html"},
    "mail.activity.type": {"name": "char", "active": "boolean"},
    "res.users": {"name": "char", "login": "char", "email": "char", "active": "boolean", "share": "boolean"},
    "crm.stage": {"name": "char", "is_won": "boolean"},
    "ir.model": {"model": "char"},
    "ir.model.fields": {
        "name": "char", "field_description": "char", "model_id": "many2one", "ttype": "selection",
        "state": "selection", "copied": "boolean", "index": "boolean",
    },
}  # fmt: skip
NEEDED = {
    "mail.activity": ("res_model_id", "res_id", "activity_type_id", "date_deadline"),
    "ir.model.fields": ("name", "model_id", "ttype"),
}
LEADS_MODEL = 77
POINTS = {"user_id": "res.users", "activity_type_id": "mail.activity.type", "stage_id": "crm.stage"}


class FakeOdoo(FakeServer):
    """`asked_of`: the database that must be named; empty: there is one alone.

    Its clock stands still but for `advance`, or is the machine's.
    """

    def __init__(
        self, *, asked_of: str = "", users: Sequence[str] = (), port: int = 0, real_clock: bool = False
    ) -> None:
        super().__init__(port)
        self.real_clock = real_clock
        self.at, self.token, self.database = START, TOKEN, asked_of
        self.fields = {model: {**STAMPS, **fields} for model, fields in FIELDS.items()}
        self.rows: dict[str, dict[int, Row]] = {model: {} for model in FIELDS}
        self.required = {"name", "type"}  # of a lead
        self.defaults: Row = {"type": "lead"}
        self.selections = {"type": [["lead", "Lead"], ["opportunity", "Opportunity"]]}
        self.made = 0
        self.me = self.add_user("api@acme.example", "syncd")
        for email in users:
            self.add_user(email, email.partition("@")[0].title())
        self.rows["ir.model"][LEADS_MODEL] = {"id": LEADS_MODEL, "model": "crm.lead"}
        for name in ("Email", "Call", "Meeting", "To-Do"):
            self.put("mail.activity.type", name=name, active=True)
        self.new, self.won = self.put("crm.stage", name="New", is_won=False), self.put("crm.stage", is_won=True)

    # what a test does

    def put(self, model: str, /, **values: Any) -> int:
        self.made += 1
        stamps = {"id": self.made, "create_date": self.now(), "write_date": self.now()}
        self.rows[model][self.made] = {**stamps, **values}
        return self.made

    def add_user(self, email: str, name: str, *, active: bool = True) -> int:
        return self.put("res.users", name=name, login=email, email=email, active=active, share=False)

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def now(self) -> str:
        return self.at.strftime("%Y-%m-%d %H:%M:%S")

    @property
    def leads(self) -> dict[int, Row]:
        return self.rows["crm.lead"]

    @property
    def activities(self) -> dict[int, Row]:
        return self.rows["mail.activity"]

    @property
    def notes(self) -> dict[int, Row]:
        return self.rows["mail.message"]

    def count(self, kind: OrderKind) -> int:
        return len({OrderKind.RECORD: self.leads, OrderKind.TASK: self.activities}.get(kind, self.notes))

    def human_edits(self, record: int, model: str = "crm.lead", **values: Any) -> None:
        self.rows[model][record].update(values, write_date=self.now())

    def human_deletes(self, lead: int) -> None:
        self.delete("crm.lead", lead)

    def delete(self, model: str, record: int) -> None:
        """What hangs on a lead goes with it."""
        del self.rows[model][record]
        for hanging in ("mail.activity", "mail.message") if model == "crm.lead" else ():
            held = self.rows[hanging]
            self.rows[hanging] = {number: row for number, row in held.items() if row["res_id"] != record}

    # what the service does

    def steering(self) -> Steering:
        return {**super().steering(), ("GET", "state"): lambda _: self.state()}

    def state(self) -> Row:
        with self.lock:
            return {model: list(self.rows[model].values()) for model in ("crm.lead", "mail.activity", "mail.message")}

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "too_many":
            return Answer(429, {"name": "werkzeug.exceptions.TooManyRequests", "message": "too many"})
        return _denied().answer

    def answer(self, call: Call) -> Answer:
        if self.real_clock:
            self.at = datetime.now(UTC)
        found = _PATH.fullmatch(call.path)
        if found is None or call.method != "POST" or call.headers.get("x-odoo-database", "") != self.database:
            return Answer(404, {"name": "werkzeug.exceptions.NotFound", "message": "not found"})
        if call.headers.get("authorization") != f"bearer {self.token}":
            raise _denied()
        model, method = found.groups()
        if (model, method) == ("res.users", "context_get"):
            return Answer(200, {"lang": "en_US", "tz": "UTC", "uid": self.me})
        does = METHODS.get(method)
        if model not in self.fields or does is None or (method == "message_post" and model != "crm.lead"):
            return Answer(404, {"name": "werkzeug.exceptions.NotFound", "message": "no such method"})
        arguments = call.json()
        allowed = {*ARGUMENTS[method], "context"}
        if not isinstance(arguments, dict) or arguments.keys() - allowed:
            raise invalid("unexpected keyword argument")
        context = arguments.pop("context", {})
        return Answer(200, does(self, model, active_test=context.get("active_test", True), **arguments))

    def search_read(
        self, model: str, *, active_test: bool, domain: Any, fields: list[str], limit: int = 0, order: str = "id"
    ) -> list[Row]:
        known = self.fields[model]
        if strange := set(fields) - known.keys():
            raise invalid(f"Invalid field {min(strange)!r} on {model!r}")
        rows = chosen(list(self.rows[model].values()), domain, known, active_test=active_test)
        by, _, way = order.partition(" ")
        rows = sorted(rows, key=lambda row: (row[by.rstrip(",")], row["id"]), reverse=way == "desc")
        return [{"id": row["id"], **{name: self._shown(name, row) for name in fields}} for row in rows[: limit or None]]

    def create(self, model: str, *, vals_list: list[Any], **_: Any) -> list[int]:
        """All or none."""
        needed = tuple(self.required - self.defaults.keys()) if model == "crm.lead" else NEEDED.get(model, ())
        rows = [self._sound(checked(model, values, self.fields[model], needed)) for values in vals_list]
        return [self._kept(model, dict(row)) for row in rows]

    def write(self, model: str, *, ids: list[int], vals: Row, **_: Any) -> bool:
        held = self.rows[model]
        values = self._sound(checked(model, vals, self.fields[model]))
        if any(number not in held for number in ids):
            raise missing(model)
        for number in ids:
            held[number].update(values, write_date=self.now())
            _compute(model, held[number])
        return True

    def unlink(self, model: str, *, ids: list[int], **_: Any) -> bool:
        """All or none."""
        if any(number not in self.rows[model] for number in ids):
            raise missing(model)
        for number in ids:
            self.delete(model, number)
        return True

    def fields_get(self, model: str, *, attributes: list[str], **_: Any) -> Row:
        return {
            name: {part: value for part, value in self._described(model, name, kind).items() if part in attributes}
            for name, kind in self.fields[model].items()
        }

    def _described(self, model: str, name: str, kind: str) -> Row:
        computed, of_lead = kind == "computed", model == "crm.lead"
        told = {"type": "char" if computed else kind, "required": of_lead and name in self.required,
                "readonly": computed, "depends": ["email_from"] if computed else []}  # fmt: skip
        return {**told, **({"selection": self.selections.get(name, [])} if kind == "selection" else {})}

    def default_get(self, model: str, *, fields: list[str], **_: Any) -> Row:
        return {name: self.defaults[name] for name in fields if model == "crm.lead" and name in self.defaults}

    def message_post(
        self,
        model: str,
        *,
        ids: list[int],
        body: str,
        body_is_html: bool,
        message_type: str,
        subtype_xmlid: str,
        **_: Any,
    ) -> list[int]:
        if len(ids) != 1 or ids[0] not in self.leads:
            raise missing(model)
        if not body_is_html or (message_type, subtype_xmlid) != ("comment", "mail.mt_note"):
            raise invalid("a note is internal, and in HTML")
        checked("mail.message", {"body": body}, self.fields["mail.message"])
        return [self.put("mail.message", model=model, res_id=ids[0], body=body)]

    def _kept(self, model: str, values: Row) -> int:
        if model == "ir.model.fields":
            if not values["name"].startswith("x_") or values["name"] in self.fields["crm.lead"]:
                raise refused(422, "odoo.exceptions.ValidationError", "Custom fields must have a new name with 'x_'")
            self.fields["crm.lead"][values["name"]] = values["ttype"]
        defaults: dict[str, Row] = {
            "crm.lead": {"user_id": self.me, "type": "lead", "stage_id": self.new, "active": True, "probability": 10.0},
            "mail.activity": {"user_id": self.me, "active": True},
        }
        number = self.put(model, **{**defaults.get(model, {}), **values})
        _compute(model, self.rows[model][number])
        return number

    def _sound(self, values: Row) -> Row:
        """References point at something; that a user has left is nothing to Odoo."""
        for name, model in POINTS.items():
            if values.get(name) and values[name] not in self.rows[model]:
                raise refused(422, "odoo.exceptions.ValidationError", f"{name}: another model requires the record")
        for name in values.keys() & self.selections.keys():
            if values[name] and values[name] not in [key for key, _ in self.selections[name]]:
                raise refused(422, "builtins.ValueError", f"Wrong value for crm.lead.{name}: {values[name]!r}")
        return values

    def _shown(self, name: str, row: Mapping[str, Any]) -> Any:
        value = row.get(name, False)
        return [value, "a name"] if name.endswith("_id") and name != "res_id" and value else value


def _compute(model: str, row: Row) -> None:
    if model == "crm.lead":
        found = _ADDRESS.search(str(row.get("email_from") or ""))
        row["email_normalized"] = found[0].lower() if found else False
    if model == "mail.activity":
        row["res_model"] = "crm.lead" if row["res_model_id"] == LEADS_MODEL else False


def _denied() -> Refusal:
    return refused(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")


METHODS: dict[str, Callable[..., Any]] = {
    "search_read": FakeOdoo.search_read,
    "create": FakeOdoo.create,
    "write": FakeOdoo.write,
    "unlink": FakeOdoo.unlink,
    "fields_get": FakeOdoo.fields_get,
    "default_get": FakeOdoo.default_get,
    "message_post": FakeOdoo.message_post,
}
ARGUMENTS = {
    "search_read": {"domain", "fields", "limit", "offset", "order"},
    "create": {"vals_list"},
    "write": {"ids", "vals"},
    "unlink": {"ids"},
    "fields_get": {"attributes", "allfields"},
    "default_get": {"fields"},
    "message_post": {"ids", "body", "body_is_html", "message_type", "subtype_xmlid"},
}
